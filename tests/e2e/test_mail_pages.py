"""Every mail as a browser shows it: nothing sticks out sideways, and no word is broken that fits in a line."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.model.values import Locale
from support.chromium import chromium
from support.mails import LONG_READER, LONGEST, ORDINARY, ORDINARY_READER, SHORTEST, rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.mailing.outbox import RenderedMail
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# Words that stand on more than one line, those with a hyphen after their first letter too. Not addresses, nor what is
# longer than a line, and has to break.
BROKEN_WORDS = r"""() => {
  const broken = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.getClientRects().length) continue;
    for (const word of node.data.matchAll(/(?<!\p{L})\p{L}-\p{L}+|[\p{L}\p{N}]+/gu)) {
      const around = node.data.slice(0, word.index).match(/\S*$/)[0] + node.data.slice(word.index).match(/^\S*/)[0];
      if (word[0].length > 28 || around.includes("://") || around.includes("@")) continue;
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].filter((box) => box.width).map((box) => Math.round(box.top)));
      if (lines.size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""
STICKS_OUT = """() => {
  const wide = [...document.querySelectorAll("body *")].filter((each) => each.scrollWidth > each.clientWidth + 1
    && each.clientWidth && getComputedStyle(each).display !== "inline");
  return [document.documentElement.scrollWidth > innerWidth, wide.map((each) => each.className)];
}"""
# WCAG: 4.5 to 1 for text, computed for what is seen: the text's colour on the nearest ground that has one.
CONTRASTS = r"""() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).map((each) => each / 255)
      .map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (each) => {
    const colour = getComputedStyle(each).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && each.parentElement ? ground(each.parentElement) : colour;
  };
  const faint = [];
  for (const each of document.querySelectorAll("h1, h2, p, li, td, a, span, div")) {
    const own = [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!own || !each.getClientRects().length) continue;
    const [one, other] = [light(getComputedStyle(each).color), light(ground(each))].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) faint.push(each.textContent.slice(0, 40));
  }
  return faint;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, once for all mails."""
    with chromium() as started:
        yield started


def mails() -> Iterator[tuple[str, RenderedMail]]:
    """Every kind, in both languages: as on any day, and at both extremes."""
    samples = {
        "ordinary": (ORDINARY, ORDINARY_READER),
        "shortest": (SHORTEST, ORDINARY_READER),
        "longest": (LONGEST, LONG_READER),
    }
    for (name, (contents, reader)), locale in product(samples.items(), Locale):
        for kind, content in contents.items():
            yield f"{kind}, {name}, {locale}", rendered(content, locale, reader)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mails_fit_a_telephone_and_can_be_read(browser: Browser, scheme: Any) -> None:
    """At 375 pixels: no scrolling sideways, no broken word, contrast as WCAG asks; and nothing is loaded."""
    page = browser.new_page(viewport={"width": 375, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    found = {name: faults for name, mail in mails() if (faults := faults_of(page, mail))}
    page.close()
    assert found == {}
    assert asked == []


def faults_of(page: Page, mail: RenderedMail) -> list[str]:
    """What is wrong with how a mail looks."""
    page.set_content(mail.html)
    scrolls, wide = page.evaluate(STICKS_OUT)
    faults = ["scrolls sideways"] if scrolls else []
    faults += [f"wider than its place: {each}" for each in wide]
    faults += [f"broken: {word}" for word in page.evaluate(BROKEN_WORDS)]
    return faults + [f"faint: {text}" for text in page.evaluate(CONTRASTS)]

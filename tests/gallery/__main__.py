"""Write every mail in both languages into a folder, with a page that shows them all, and take pictures of each.

Pictures are taken in light and in dark, as wide as a telephone and as a desk, where Chromium is installed.
"""

from __future__ import annotations

import sys
from html import escape
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from collaboration.domain.model.values import Locale
from support.chromium import chromium, installed
from support.mails import LONG_READER, LONGEST, ORDINARY, ORDINARY_READER, READER, SHORTEST, rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.mailing.outbox import RenderedMail
    from playwright.sync_api import Browser

SAMPLES = {
    "ordinary": (ORDINARY, ORDINARY_READER),
    "shortest": (SHORTEST, READER),
    "longest": (LONGEST, LONG_READER),
}
WIDTHS = (375, 1200)
SCHEMES = ("light", "dark")


def main(folder: Path) -> None:
    """Write the gallery into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    mails = {
        (sample, kind, locale): rendered(content, locale, reader)
        for sample, (contents, reader) in SAMPLES.items()
        for kind, content in contents.items()
        for locale in Locale
    }
    for (sample, kind, locale), mail in mails.items():
        path(folder, sample, kind, locale, ".html").write_text(mail.html, encoding="utf-8")
        path(folder, sample, kind, locale, ".txt").write_text(mail.text, encoding="utf-8")
    pictures = installed()
    (folder / "index.html").write_text("".join(page(mails, pictures=pictures is not None)), encoding="utf-8")
    if pictures:
        with chromium() as browser:
            take_pictures(browser, folder, [name for name in mails if name[0] != "shortest"])
    else:
        print("Chromium is not installed: no pictures are taken.")
    print(f"{len(mails)} mails: {folder / 'index.html'}")


def path(folder: Path, sample: str, kind: str, locale: str, ending: str) -> Path:
    """Where a mail's file is."""
    return folder / f"{sample}-{kind}-{locale}{ending}"


def take_pictures(browser: Browser, folder: Path, names: list[tuple[str, str, Locale]]) -> None:
    """A picture of each of these mails, at each width and in each scheme."""
    for width, scheme in product(WIDTHS, SCHEMES):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        for sample, kind, locale in names:
            page.goto(path(folder, sample, kind, locale, ".html").resolve().as_uri())
            picture = path(folder, sample, kind, locale, f"-{width}-{scheme}.png")
            page.screenshot(path=picture, full_page=True)
        page.close()


def page(mails: dict[tuple[str, str, Locale], RenderedMail], *, pictures: bool) -> Iterator[str]:
    """The page that shows all of them."""
    yield (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        "<title>Mails</title><style>body{font:15px/1.5 system-ui;margin:2rem}h2{margin:3rem 0 0}"
        "img{height:26rem;vertical-align:top;margin:.25rem;border:1px solid gray}</style><h1>Mails</h1>"
    )
    for (sample, kind, locale), mail in mails.items():
        stem = f"{sample}-{kind}-{locale}"
        yield (
            f"<h2>{kind} <small>{sample}, {locale}</small></h2>"
            f"<p>{escape(mail.sender_name)}: <b>{escape(mail.subject)}</b><br>"
            f'<a href="{stem}.html">HTML</a>, <a href="{stem}.txt">text</a></p>'
        )
        if pictures and sample != "shortest":
            yield from (
                f'<a href="{stem}-{width}-{scheme}.png"><img loading="lazy" src="{stem}-{width}-{scheme}.png" '
                f'alt="{width} px, {scheme}"></a>'
                for width, scheme in product(WIDTHS, SCHEMES)
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

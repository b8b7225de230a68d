"""`make shots`: pictures of the pages, from a stack of its own: four for the README, all of them to look at.

The four replace those in `tests/e2e/shots/`; every page, in both languages, narrow and dark too, goes to
`.local/shots/`.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from stack import demonstration
from stack.client import Client
from stack.demonstration import ALMBERG, ANNA, BJORK
from stack.emulator import Emulator
from stack.laptop import bring_up
from stack.narration import say
from stack.walk import walk
from support.chromium import chromium

from e2e.conftest import PATIENCE_MILLISECONDS, PROJECT
from e2e.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

KEPT = Path(__file__).parent / "shots"
LOOKED_AT = PROJECT / ".local" / "shots"
# Language, width, colours.
VIEWS = (("sv", 1200, "light"), ("en", 1200, "dark"), ("en", 375, "light"), ("sv", 375, "dark"))


class Camera:
    """Opens pages for one kind of reader, and keeps pictures of them."""

    def __init__(self, browser: Browser, client: Client, view: tuple[str, int, Any], folder: Path) -> None:
        """`folder` is made where it is not there."""
        self._browser, self._client, self._view, self._folder = browser, client, view, folder
        folder.mkdir(parents=True, exist_ok=True)

    def open(self, where: str, email: str | None = None) -> Seen:
        """A page, opened by nobody in particular or by somebody who signs in."""
        language, width, scheme = self._view
        context = self._browser.new_context(
            locale={"sv": "sv-SE", "en": "en-GB"}[language],
            viewport={"width": width, "height": 760},
            color_scheme=scheme,
        )
        context.add_init_script(f"localStorage.setItem('language', '{language}')")
        seen = Seen(context.new_page(), self._client.stack["apiUrl"], language)
        if email:
            return seen.sign_in(where, email)
        seen.page.goto(where if "://" in where else f"{seen.api_url}/{where}")
        return seen

    def take(self, seen: Seen, name: str, *, whole: bool = True) -> None:
        """Keep a picture, once nothing loads any more: of the whole page, or of what the window shows."""
        expect(seen.page.get_by_role("status", name=seen.t("loading"))).to_have_count(0)
        expect(seen.page.locator("[aria-busy=true]")).to_have_count(0)
        seen.page.wait_for_load_state("networkidle")
        seen.page.screenshot(path=self._folder / f"{name}.png", full_page=whole, animations="disabled", caret="hide")


def four(browser: Browser, client: Client, link: str) -> None:
    """The pictures of the README: the office twice, the mailed link, and the company."""
    wide = Camera(browser, client, ("en", 1200, "light"), KEPT)
    office = wide.open("console", ANNA.email)
    office.page.get_by_role("link", name=BJORK.name).last.click()
    office.says("access.side.office")
    wide.take(office, "collaborations", whole=False)
    office.go(f"#/customers/{ALMBERG.id}?start=smart-office")
    office.field("setup.invoiceRecipient").select_option(label=ALMBERG.name)
    office.says("preview.access")
    wide.take(office, "customer", whole=False)
    phone = Camera(browser, client, ("en", 375, "light"), KEPT)
    phone.take(phone.open(f"{link}?lang=en"), "request", whole=False)
    dark = Camera(browser, client, ("en", 375, "dark"), KEPT)
    company = dark.open("my", BJORK.contact.email)
    card = company.page.get_by_role("article").last
    card.get_by_text(company.t("access.title")).click()
    expect(card.get_by_text(company.t("access.side.customer"))).to_be_visible()
    card.evaluate("card => card.scrollIntoView()")
    dark.take(company, "company", whole=False)


def everything(camera: Camera, link: str) -> None:
    """Every page, one picture each."""
    camera.take(camera.open(""), "01-front")
    camera.take(camera.open("console"), "02-sign-in")
    office = camera.open("console", ANNA.email)
    camera.take(office, "03-collaborations")
    office.page.get_by_role("link", name=BJORK.name).last.click()
    office.says("access.side.office")
    camera.take(office, "04-collaboration")
    for name, button in (("05-edit", "do.edit"), ("06-end", "do.end")):
        office.button(button).click()
        camera.take(office, name)
        office.button("cancel").click()
    office.go("#/collaborations?linked=false")
    office.page.get_by_role("link", name=BJORK.name).first.click()
    office.button("do.link").click()
    camera.take(office, "07-link")
    for name, place in (
        ("08-customers", "#/customers"),
        ("09-customer", f"#/customers/{ALMBERG.id}"),
        ("10-proposal", f"#/customers/{ALMBERG.id}?start=smart-office"),
        ("11-requests", "#/requests"),
        ("12-many", "#/requests/new"),
    ):
        office.go(place)
        camera.take(office, name)
    office.go("#/requests")
    office.page.get_by_role("link", name=ALMBERG.name).click()
    office.says("recipients.title")
    camera.take(office, "13-request")
    camera.take(camera.open("my", ALMBERG.contact.email), "14-my-waiting")
    company = camera.open("my", BJORK.contact.email)
    company.page.get_by_text(company.t("access.title")).first.click()
    camera.take(company, "15-my")
    camera.take(camera.open(link), "16-link")


def quietly(does: Callable[[], Any]) -> Any:
    """What something gives, without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return does()


def main() -> int:
    """Start a stack, walk the main job on it, and take the pictures."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with Emulator(PROJECT / ".local") as emulator, chromium() as browser:
        client = Client(bring_up(PROJECT, emulator))
        demonstration.feed(client.sign_in(demonstration.PLATFORM.username))
        link = quietly(lambda: walk(client))["link"]
        four(browser, client, link)
        for view in VIEWS:
            folder = LOOKED_AT / "-".join(map(str, view))
            everything(Camera(browser, client, view, folder), link)
            say(f"  {folder.relative_to(PROJECT)}")
    say(f"The README's pictures are in {KEPT.relative_to(PROJECT)}/.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

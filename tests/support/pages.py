"""What a browser asks for to show a page of the console."""

from __future__ import annotations

import re

from support.template import PROJECT

PAGES = PROJECT / "functions" / "console" / "pages"
CONFIGURATION = "config.json"


def page_files(page: str) -> set[str]:
    """The files below `/console/` that a page loads: what it links to, and the pool's names that signing in asks for.

    `page`: its own file, such as `console.html`. Every module is linked to (`modulepreload`), which tests hold.
    """
    linked = re.findall(r'(?:href|src)="console/([\w.-]+)"', (PAGES / page).read_text(encoding="utf-8"))
    assert len(set(linked)) == len(linked)
    return {*linked, CONFIGURATION}

"""The colours that all pages share can be told apart, in light and in dark; a page is whole, and quiet, by itself."""

from __future__ import annotations

import re

import pytest
from collaboration.http.pages import PAGE_HEADERS, TOKENS, Markup, bullets, facts, paragraph

LIGHT, DARK = (dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", part)) for part in TOKENS.split("@media"))
TEXT, RING = 4.5, 3.0

# What stands on what: words and links, buttons, notices, edges of fields, and the ring around what has the focus.
PAIRS = [
    *((name, ground, TEXT) for name in ("text", "muted", "accent", "bad") for ground in ("surface", "ground")),
    ("accent", "raised", TEXT),
    ("muted", "raised", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-bad", "bad", TEXT),
    *((name, f"{kind}-ground", TEXT) for kind in ("good", "warn", "bad") for name in (kind, "text")),
    *((name, ground, RING) for name in ("focus", "edge") for ground in ("surface", "ground")),
    ("focus", "raised", RING),
    *(("focus", f"{kind}-ground", RING) for kind in ("good", "warn", "bad")),
]


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How far apart two colours are, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_both_schemes_have_the_same_colours() -> None:
    """None is left as it is in the other."""
    assert set(LIGHT) == set(DARK)
    assert len(LIGHT) > 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("one", "other", "least"), PAIRS)
def test_what_stands_on_what_can_be_seen(scheme: str, one: str, other: str, least: float) -> None:
    """Words at 4.5 to 1, rings and edges at 3 to 1."""
    colours = {"light": LIGHT, "dark": DARK}[scheme]
    assert contrast(colours[one], colours[other]) >= least


def test_nothing_of_a_persons_is_markup() -> None:
    """Escaped wherever it stands, unless it is markup of ours."""
    nasty = '<script>"&'
    for html in (paragraph(nasty), bullets([nasty]), facts([(nasty, nasty)])):
        assert "<script>" not in html
        assert "&lt;script&gt;&quot;&amp;" in html
    assert paragraph(Markup("<b>ja</b>")) == "<p><b>ja</b></p>"


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    """No script or style in the page but the one of the hash, nothing from another origin, no frame."""
    policy = dict(part.split(" ", 1) for part in PAGE_HEADERS["Content-Security-Policy"].split("; "))
    assert policy.pop("style-src").startswith("'sha256-")
    none = {"default-src", "base-uri", "frame-ancestors"}
    assert policy == {
        **dict.fromkeys(none, "'none'"),
        **dict.fromkeys(("script-src", "img-src", "form-action"), "'self'"),
    }

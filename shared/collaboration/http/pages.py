"""The frame of the pages that are whole without a script, a fault as a page, and a problem explained.

Everything of a person's is escaped. The style stands in the page and is allowed by its hash: a page that is opened from
a mail needs one request to be read.
"""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from pathlib import Path

from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.values import Locale
from collaboration.http import problems
from collaboration.http.request import Request
from collaboration.http.response import Response
from collaboration.wording import text

_FOLDER = Path(__file__).parent / "style"

# The colours that all pages share; also served as a file, for the pages that load theirs.
TOKENS = (_FOLDER / "tokens.css").read_text(encoding="utf-8")

_STYLE = TOKENS + (_FOLDER / "pages.css").read_text(encoding="utf-8")

_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

# The form goes back to where it came from, scripts and the icon come from there too; nothing else is allowed, a frame
# around the page least of all.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
}

_HTML = "text/html; charset=utf-8"

Section = Iterable[str]


def page(
    status: int,
    title: str,
    locale: Locale,
    *sections: Section,
    language_switch: str | None = None,
    files: str | None = None,
    footer: Section = (),
    tab: str | None = None,
) -> Response:
    """A page.

    Args:
        status: of the answer.
        title: its heading, as plain text.
        locale: its language.
        sections: what stands below the heading, as HTML; each becomes a card, the first with the heading.
        language_switch: what leads to the page in the other language, as HTML, where that is not its own address.
        files: the folder of the icon and of the script, relative to the page; None leaves both out.
        footer: what stands below the cards, as HTML.
        tab: the title of the browser's tab, where it is not the heading.
    """
    switch = language_link("", locale) if language_switch is None else language_switch
    linked = (
        f'<link rel="icon" href="{files}icon.svg" type="image/svg+xml">\n'
        f'<script type="module" src="{files}recipient.js"></script>\n'
        if files
        else ""
    )
    first, *others = sections
    cards = [[f"<h1>{escape(title)}</h1>", *first], *others]
    html = (
        f'<!doctype html>\n<html lang="{locale}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(tab or title)}</title>\n{linked}<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<header><span class="brand">{escape(text(locale, "page.brand"))}</span>{switch}'
        "</header>\n<main>\n"
        + "\n".join('<section class="card">\n' + "\n".join(card) + "\n</section>" for card in cards)
        + "\n</main>\n"
        + (f"<footer>\n{chr(10).join(footer)}\n</footer>\n" if footer else "")
        + "</body>\n</html>\n"
    )
    return Response(status, html, {**PAGE_HEADERS, "Content-Language": locale}, _HTML)


def other_language(locale: Locale) -> Locale:
    """The language that a page in `locale` offers beside its own."""
    return Locale.EN if locale is Locale.SV else Locale.SV


def language_link(address: str, locale: Locale) -> str:
    """The link to the page at `address`, without a query, in the other language."""
    other = other_language(locale)
    words = escape(text(locale, "page.language"))
    return f'<a href="{escape(address)}?lang={other}" hreflang="{other}" lang="{other}">{words}</a>'


def fault_page(fault: Fault, request: Request) -> Response:
    """Why something was refused, for a person: what happened, and the way back."""
    locale = request.language or Locale.SV
    body = [paragraph(problems.detail(fault, locale))]
    if fault.fields:
        body.append(bullets(problems.field_problem(field, locale).detail for field in fault.fields))
    if fault.slug is not Slug.NOT_FOUND:
        body.append(f'<p><a href="?lang={locale}">{escape(text(locale, "page.back"))}</a></p>')
    return page(problems.STATUS[fault.slug], text(locale, f"problem.{fault.slug}.title"), locale, body)


def problem_page(slug: Slug, locale: Locale) -> Response:
    """What a problem means, and what to do about it."""
    status = text(locale, "page.problem.status", status=str(problems.STATUS[slug]))
    body = [
        f'<p class="note"><code>{slug}</code> · {escape(status)}</p>',
        heading(text(locale, "page.problem.meaning")),
        paragraph(text(locale, f"problem.{slug}.meaning")),
        heading(text(locale, "page.problem.what-to-do")),
        paragraph(text(locale, f"problem.{slug}.what-to-do")),
    ]
    return page(200, text(locale, f"problem.{slug}.title"), locale, body)


class Markup(str):
    """Text that is HTML already: not escaped again."""

    __slots__ = ()


def markup(words: str) -> str:
    """A text as HTML."""
    return words if isinstance(words, Markup) else escape(words)


def paragraph(words: str, kind: str | None = None) -> str:
    """A paragraph; `kind` is its class."""
    return f'<p class="{kind}">{markup(words)}</p>' if kind else f"<p>{markup(words)}</p>"


def heading(words: str) -> str:
    """A heading below the page's own."""
    return f"<h2>{escape(words)}</h2>"


def bullets(items: Iterable[str], kind: str | None = None) -> str:
    """A list; `kind` is its class."""
    opening = f'<ul class="{kind}">' if kind else "<ul>"
    return opening + "".join(f"<li>{markup(item)}</li>" for item in items) + "</ul>"


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Names with their values; nothing where there are none."""
    found = "".join(f"<div><dt>{escape(name)}</dt><dd>{markup(value)}</dd></div>" for name, value in rows)
    return f'<dl class="facts">{found}</dl>' if found else ""


def notice(kind: str, *pieces: str) -> str:
    """Something that has to be seen first. `kind`: `fault`, `warning` or `notice`; the pieces are HTML."""
    role = ' role="alert" tabindex="-1"' if kind == "fault" else ""
    return f'<div class="{kind}"{role}>{"".join(pieces)}</div>'

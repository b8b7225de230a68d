"""The pages: a request and its decision, a fault, a problem explained.

Plain HTML that works without a script. Everything of a person's is escaped; the only style is the one of this file, by
its hash, and nothing is loaded from anywhere.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from html import escape

from collaboration.domain.contexts.invitation import RecipientContext
from collaboration.domain.model.faults import Fault, Slug
from collaboration.domain.model.invitation import Action, InvitationState
from collaboration.domain.model.values import Locale
from collaboration.http import problems
from collaboration.http.contract.recipients import RecipientInvitationResponse
from collaboration.http.request import Request
from collaboration.http.response import Response
from collaboration.wording import text
from collaboration.wording.particulars import agreed, moment, solution_name

_STYLE = """
:root{color-scheme:light}
body{margin:0;background:#f4f5f7;color:#1c1c1c;font:1.0625rem/1.55 "Segoe UI",system-ui,Helvetica,Arial,sans-serif}
main{max-width:42rem;margin:0 auto;padding:2rem 1.25rem 4rem}
header{display:flex;justify-content:space-between;align-items:baseline;margin-bottom:2rem}
header strong{letter-spacing:.02em}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
section{background:#fff;border-radius:.5rem;padding:1.5rem;box-shadow:0 1px 2px rgba(0,0,0,.12)}
blockquote{margin:.5rem 0;padding:.5rem 1rem;border-left:.25rem solid #b8c4d6;white-space:pre-wrap}
blockquote,dd,li{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:.5rem 0}
dd{margin:0}
label{display:block;font-weight:600;margin-top:1rem}
input,textarea{font:inherit;padding:.5rem;border:1px solid #767676;border-radius:.25rem;box-sizing:border-box}
input{width:7rem;letter-spacing:.2em}
textarea{width:100%}
small,.note{color:#555;font-size:.9375rem}
.answers{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
button{font:inherit;font-weight:600;padding:.65rem 1.75rem;border-radius:.25rem;border:2px solid #0a4fa3;cursor:pointer}
button.yes{background:#0a4fa3;color:#fff}
button.no{background:#fff;color:#0a4fa3}
:focus-visible{outline:3px solid #ffb000;outline-offset:2px}
a{color:#0a4fa3}
"""

_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()

# The form goes back to where it came from; nothing else is allowed, a frame around the page least of all.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}

_HTML = "text/html; charset=utf-8"


def page(status: int, title: str, locale: Locale, body: Iterable[str], *, readable_again: bool = True) -> Response:
    """A page; `body` is HTML. One that answers a POST and cannot be opened again offers no other language."""
    other = Locale.EN if locale is Locale.SV else Locale.SV
    switch = f'<a href="?lang={other}" hreflang="{other}" lang="{other}">{escape(text(locale, "page.language"))}</a>'
    html = (
        f'<!doctype html>\n<html lang="{locale}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<header><strong>{escape(text(locale, 'page.brand'))}</strong>{switch if readable_again else ''}</header>\n"
        f"<section>\n<h1>{escape(title)}</h1>\n" + "\n".join(body) + "\n</section>\n</main>\n</body>\n</html>\n"
    )
    return Response(status, html, {**PAGE_HEADERS, "Content-Language": locale}, _HTML)


def invitation_page(context: RecipientContext, locale: Locale, now: datetime, token: str) -> Response:
    """The request, and the form to answer it with while that can be done; else what became of it."""
    view = RecipientInvitationResponse.of(context, locale, now)
    names = _names(context, locale)
    if view.status is InvitationState.PENDING:
        title = text(locale, "page.request.title", **names)
        return page(200, title, locale, _pending(context, view, locale, names))
    at = view.decision.at if view.decision else view.expires_at
    lead = text(locale, f"page.{view.status}.lead", **names, date=moment(locale, at))
    body = [_paragraph(lead)]
    if view.status is InvitationState.ACCEPTED:
        body.append(_paragraph(text(locale, "page.accepted.next", **names)))
    if Action.ASK_AGAIN in view.actions:
        # Relative to the token, which is the last part of this page's address.
        action = f"{escape(token)}/ask-again?lang={locale}"
        button = f'<button class="yes">{escape(text(locale, "page.ask-again"))}</button>'
        body.append(f'<form method="post" action="{action}"><div class="answers">{button}</div></form>')
    return page(200, text(locale, f"page.{view.status}.title", **names), locale, body)


def asked_again_page(locale: Locale) -> Response:
    """The one answer to whoever asks for a new invitation."""
    body = [_paragraph(text(locale, "page.ask-again.sent"))]
    return page(202, text(locale, "page.ask-again"), locale, body, readable_again=False)


def _names(context: RecipientContext, locale: Locale) -> dict[str, str]:
    return {
        "office": context.office.name,
        "company": context.invitation.account_name,
        "solution": solution_name(locale, context.invitation.solution),
        "sender": context.invitation.sent_by.name,
    }


def _pending(
    context: RecipientContext, view: RecipientInvitationResponse, locale: Locale, names: dict[str, str]
) -> Iterator[str]:
    owned = context.subscription is not None and context.subscription.terms.customer_owned

    def say(key: str, **more: str) -> str:
        return text(locale, f"page.request.{key}", **names, **more)

    yield _paragraph(say("lead.owned" if owned else "lead"))
    if view.message:
        yield f"{_paragraph(say('message'))}<blockquote>{escape(view.message)}</blockquote>"
    yield _heading(say("setup"))
    terms = agreed(locale, view.solution, context.setup, office=view.office_name, company=view.company_name)
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in terms)
    yield f"<dl>{rows}</dl>" if rows else _paragraph(say("setup.owned" if owned else "setup.none"))
    yield _heading(say("access"))
    yield _list(view.access) if view.access else _paragraph(say("access.nobody"))
    if view.other_office:
        yield _paragraph(say("other-office"))
    yield _heading(say("terms"))
    yield _list(view.terms.text)
    yield _paragraph(say("until", date=moment(locale, view.expires_at)))
    fault = context.link_fault
    if fault:
        yield f"<p><strong>{escape(problems.detail(fault, locale))}</strong></p>"
    if Action.ACCEPT in view.actions:
        yield from _form(locale, names)


def _form(locale: Locale, names: dict[str, str]) -> Iterator[str]:
    def say(key: str) -> str:
        return escape(text(locale, f"page.request.{key}", **names))

    # What comes back names no decision unless a person pressed one of the two, and no digits unless one typed them.
    yield f"""<h2>{say("answer")}</h2>
<form method="post">
<label for="digits">{say("digits")}</label>
<input id="digits" name="organisationNumberEnding" inputmode="numeric" pattern="[0-9]{{4}}" maxlength="4"
 autocomplete="off" required aria-describedby="digits-why">
<p class="note" id="digits-why">{say("digits.why")}</p>
<label for="message">{say("own-message")}</label>
<textarea id="message" name="message" rows="3" maxlength="2000"></textarea>
<div class="answers">
<button class="yes" name="decision" value="accept">{say("accept")}</button>
<button class="no" name="decision" value="decline">{say("decline")}</button>
</div>
</form>"""


def fault_page(fault: Fault, request: Request) -> Response:
    """Why something was refused, for a person: what happened, and the way back."""
    locale = request.language or Locale.SV
    body = [_paragraph(problems.detail(fault, locale))]
    if fault.fields:
        body.append(_list(problems.field_problem(field, locale).detail for field in fault.fields))
    if fault.slug is not Slug.NOT_FOUND:
        body.append(f'<p><a href="?lang={locale}">{escape(text(locale, "page.back"))}</a></p>')
    return page(problems.STATUS[fault.slug], text(locale, f"problem.{fault.slug}.title"), locale, body)


def problem_page(slug: Slug, locale: Locale) -> Response:
    """What a problem means, and what to do about it."""
    status = text(locale, "page.problem.status", status=str(problems.STATUS[slug]))
    body = [
        f'<p class="note"><code>{slug}</code> · {escape(status)}</p>',
        _heading(text(locale, "page.problem.meaning")),
        _paragraph(text(locale, f"problem.{slug}.meaning")),
        _heading(text(locale, "page.problem.what-to-do")),
        _paragraph(text(locale, f"problem.{slug}.what-to-do")),
    ]
    return page(200, text(locale, f"problem.{slug}.title"), locale, body)


def _paragraph(words: str) -> str:
    return f"<p>{escape(words)}</p>"


def _heading(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"

"""What the pages of links may hold, by what the link is and what became of its request; and all of these pages.

A page is searched for everything private, but for what stands here. Whoever holds a link of a request that has lapsed
is shown which office it was and how to write to it: neither the company nor a person is named. The token of the link
that was opened may stand in the address of a form or a link of the page, and what was typed in the fields where it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from collaboration.domain.model.invitation import ViewerState, viewer_state
from collaboration.domain.model.values import AgreementId
from collaboration.link_tokens import TokenClaims
from collaboration.storage import items, keys
from collaboration.storage.unreadable import UNREADABLE
from stack.demonstration import EMPLOYEES, OFFICE
from support.people import BJORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from collaboration.composition import Signer
    from collaboration.domain.model.invitation import Invitation
    from support.app import App

    from proof.valid_requests import Story

LAPSED = frozenset({ViewerState.EXPIRED, ViewerState.ERASED, ViewerState.REVOKED})
DECIDED_BY_ANOTHER = frozenset({ViewerState.ACCEPTED, ViewerState.DECLINED})

WITHOUT_REQUEST = "page of a link without its request"
OF_LAPSED = "page of a request that has lapsed"
OF_ANOTHERS = "page of what another has decided"
FOR_HOLDER = "page of a request for its holder"

# What each of them may hold, in words.
MAY_HOLD = {
    WITHOUT_REQUEST: "nothing private",
    OF_LAPSED: "the office's name and mail address",
    OF_ANOTHERS: "the office's name and mail address, the company's name",
    FOR_HOLDER: "who the office is and who works there, the company's and the holder's name, the messages of both",
}


@dataclass(frozen=True)
class Opened:
    """What a link led to when it was opened: the kind of its page, and which private texts stand there."""

    kind: str
    allowed: tuple[str, ...] = ()


def opened(token: str, signer: Signer, stored: Mapping[tuple[str, str], Any], now: datetime) -> Opened:
    """What a link leads to, of what is stored."""
    claims = signer.read(token)
    invitation = _stored(claims, stored) if claims else None
    if claims is None or invitation is None:
        return Opened(WITHOUT_REQUEST)
    office = OFFICE["name"], OFFICE["email"]
    companies = invitation.customer_name, invitation.account_name
    state = viewer_state(invitation, now, claims.recipient)
    if state in LAPSED:
        return Opened(OF_LAPSED, office)
    if state in DECIDED_BY_ANOTHER:
        return Opened(OF_ANOTHERS, (*office, *companies))
    number, names = OFFICE["organisationNumber"], [person.name for person in EMPLOYEES]
    own = invitation.recipients[claims.recipient].name if claims.recipient in invitation.recipients else ""
    answer = invitation.decision.message if invitation.decision else None
    shown = OFFICE["phone"], f"{number[:6]}-{number[6:]}", *names, own, invitation.message or "", answer or ""
    return Opened(FOR_HOLDER, (*office, *companies, *filter(None, shown)))


def _stored(claims: TokenClaims, stored: Mapping[tuple[str, str], Any]) -> Invitation | None:
    """The invitation of a link that is good; None where it cannot be read either."""
    place = keys.invitation(claims.agreement)
    try:
        invitation = items.invitation(stored[place.pk, place.sk])
    except UNREADABLE:
        return None
    person = invitation.recipients.get(claims.recipient)
    erased = invitation.erased_at is not None and invitation.erased_links.get(claims.recipient) == claims.version
    good = person is not None and not person.removed and person.version == claims.version
    return invitation if erased or good else None


def without_allowed(page: str, link: Opened, token: str, event: Mapping[str, Any]) -> str:
    """A page without what it may hold: what is left is searched."""
    page = re.sub(rf'(action|href)="(?:\.\./)+accept/{re.escape(escape(token))}(?=[/?"])', r'\1="(this link)', page)
    for name, value in _typed(event):
        typed = escape(value)
        page = page.replace(f'value="{typed}"', 'value="(typed)"')
        if name == "message":
            page = page.replace(f"\n{typed}</textarea>", "\n(typed)</textarea>")
            page = page.replace(f"<blockquote>{typed}</blockquote>", "<blockquote>(typed)</blockquote>")
            page = page.replace(f"<dd>{typed}</dd>", "<dd>(typed)</dd>")
    for text in map(escape, link.allowed):
        page = page.replace(text, "(allowed)")
    return page


def _typed(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was typed into the fields of a form, with their names, where they were not left empty."""
    if event["headers"].get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        yield from parse_qsl(event["body"] or "")


# All of these pages

DIGITS, WRONG = BJORK.organisation_number[-4:], "9137"
STRANGER = "nosy.parker@elsewhere.example"
MESSAGE = "Hälsa Greta att kvittona ligger i den blå pärmen"


# How many visits only open a link; they are the first ones.
OPENINGS = 3


def bad_links(app: App, token: str) -> Iterator[str]:
    """Links that open nothing, made of one that is good: of another version, another recipient, another request."""
    good = app.signer.read(token)
    assert good is not None
    for claims in (
        TokenClaims(good.agreement, good.recipient, good.version + 1),
        TokenClaims(good.agreement, "r9", good.version),
        TokenClaims(AgreementId("zz99999zzzzzz"), good.recipient, good.version),
    ):
        yield app.signer.token(claims)
    yield token[:-1]
    yield f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}"


def visits(story: Story, email: str) -> Iterator[Callable[[str], object]]:
    """All that a browser does with a link, in both languages: opens it, takes each step of its forms, leaves one."""
    forms = [
        ("", {"decision": decision, "organisationNumberEnding": digits, "message": MESSAGE})
        for decision in ("review", "change", "accept", "decline")
        for digits in (DIGITS, WRONG)
    ]
    forms += [("/ask-again", {}), *(("/not-me", {"email": address}) for address in (email, STRANGER))]

    def visit(link: str, below: str, form: dict[str, str] | None = None) -> object:
        method = "GET" if form is None else "POST"
        return story.app.call(method, f"/accept/{link}{below}", form=form, headers={"Accept": "text/html"})

    for language in ("sv", "en"):
        for below in ("", "/ask-again", "/not-me"):
            yield partial(visit, below=f"{below}?lang={language}")
        for below, form in forms:
            yield partial(visit, below=f"{below}?lang={language}", form=form)


def visit_links(story: Story, links: Iterable[tuple[str, str]], most: int | None = None) -> None:
    """Make every visit of these links, by address, or so many: each as if it were the first."""
    kept = story.snapshot()
    for email, link in links:
        for visit in islice(visits(story, email), most):
            story.restore(kept)
            visit(link)
    story.app.new_messages()
    story.app.pending_messages.clear()
    story.restore(kept)

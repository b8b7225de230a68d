"""Every mail in both languages: text and HTML agree, nothing is hidden, nothing is given away."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.invitation import Choice
from collaboration.domain.model.mail import (
    AskedAgainContent,
    DecisionContent,
    DigestContent,
    DigestLine,
    DigestReason,
    EndedContent,
    EndFailedContent,
    InformationContent,
    InvitationContent,
    LoginBouncedContent,
    LoginContent,
    MailContent,
    MailRecipient,
)
from collaboration.domain.model.values import Email, InvitationId, Kind, Locale, Outcome, Scenario, Side
from collaboration.mailing.rendering import headers, render, sender_name

LINK = "https://api.example/v1/accept/v1.inv-x.r1.1.mac"
NASTY = "Björk <b>&</b> Brown"
READER = MailRecipient(key="r1", email=Email("birgitta@bjork.example"), name="Birgitta <i>", recipient="r1", version=1)
OFFICE: dict[str, Any] = {
    "office_name": "Ek & Lind",
    "office_email": Email("kontakt@ek-lind.example"),
    "company_name": NASTY,
}
COMMON: dict[str, Any] = {"company_name": NASTY, "solution": "scanner"}


def invitation(**changes: object) -> InvitationContent:
    """An invitation's letter."""
    fields = {
        **OFFICE,
        "solution": "bookkeeping-invoicing",
        "scenario": Scenario.WITHOUT_SOLUTION,
        "setup": SetUp.model_validate({"variant": "bookkeeping", "periodMonths": 3, "invoiceRecipient": "office"}),
        "customer_owned": False,
        "sender_name": "Anna Ek",
        "access": ("Bo Lind",),
        "expires_at": datetime(2026, 12, 8, 9, 0, tzinfo=UTC),
        "message": "Hej!\n<script>",
    }
    return InvitationContent.model_validate({**fields, **changes})


LETTERS: dict[str, MailContent] = {
    "invitation": invitation(),
    "invitation, has it": invitation(scenario=Scenario.HAS_SOLUTION, message=None, access=()),
    "invitation, owned": invitation(scenario=Scenario.HAS_SOLUTION, customer_owned=True),
    "reminder": invitation(reminder=True),
    "login": LoginContent(**OFFICE, solution="scanner", solution_kind=Kind.SHARED, access=("Bo Lind",)),
    "login, tool": LoginContent(**OFFICE, solution="scanner", solution_kind=Kind.OFFICE_TOOL, access=()),
    "information": InformationContent(
        **OFFICE,
        solution="scanner",
        solution_kind=Kind.SHARED,
        scenario=Scenario.WITHOUT_SOLUTION,
        setup=SetUp(),
        access=("Bo Lind",),
        decided_by="Birgitta",
    ),
    "accepted": DecisionContent(**COMMON, choice=Choice.ACCEPT, decided_by="Birgitta", message="Ja <u>"),
    "accepted, unlinked": DecisionContent(**COMMON, choice=Choice.ACCEPT, decided_by="Birgitta", linked=False),
    "declined": DecisionContent(**COMMON, choice=Choice.DECLINE, decided_by="Birgitta"),
    "asked again": AskedAgainContent(**COMMON, asked_by="Birgitta"),
    "ended by the office": EndedContent(
        **OFFICE,
        solution="scanner",
        to=Side.CUSTOMER,
        ended_by="Anna Ek",
        outcome=Outcome.CONTINUE,
        pays_from=date(2027, 1, 1),
    ),
    "ended by the customer": EndedContent(
        **OFFICE, solution="scanner", to=Side.OFFICE, ended_by="Birgitta", outcome=Outcome.CLOSE
    ),
    "login bounced": LoginBouncedContent(**COMMON),
    "digest": DigestContent(
        day=date(2026, 11, 24),
        lines=tuple(
            DigestLine(
                reason=reason,
                invitation_id=InvitationId("inv-x"),
                customer_name=NASTY,
                solution="scanner",
                at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
                recipients=("r1",),
            )
            for reason in DigestReason
        ),
        more=3,
    ),
    "end failed": EndFailedContent(**COMMON, on=date(2027, 1, 1), problem=Slug.MAIN_CONTACT_MISSING),
}


def spoken(html: str) -> list[str]:
    """The words of an HTML mail, in order."""
    body = html.partition("<body")[2].partition(">")[2]
    return re.findall(r"[\w@]+", unescape(re.sub(r"<[^>]*>", " ", body)))


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("name", LETTERS)
def test_text_and_html_say_the_same(name: str, locale: Locale) -> None:
    """Word for word, but for the link, which HTML hides behind its button."""
    mail = render(LETTERS[name], READER, locale, LINK)
    assert re.findall(r"[\w@]+", mail.text.replace(LINK, "")) == spoken(mail.html)
    assert "\n" not in mail.subject
    assert "{" not in mail.text + mail.subject


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("name", LETTERS)
def test_what_people_wrote_is_never_markup(name: str, locale: Locale) -> None:
    """Names and messages are escaped, whatever they hold."""
    html = render(LETTERS[name], READER, locale, LINK).html
    assert not re.search(r"<(b|i|u|script)>", html)


@pytest.mark.parametrize("name", LETTERS)
def test_one_link_in_a_request_and_none_elsewhere(name: str) -> None:
    """Exactly one, the same in text and HTML; no picture, no style from elsewhere, no other address to click."""
    mail = render(LETTERS[name], READER, Locale.EN, LINK)
    wanted = [LINK] if name.startswith(("invitation", "reminder")) else []
    assert re.findall(r"https?://\S+", mail.text) == wanted
    assert re.findall(r'(?:href|src)="([^"]*)"', mail.html) == wanted


@pytest.mark.parametrize("locale", Locale)
def test_the_first_mail_says_where_the_address_is_from(locale: Locale) -> None:
    """Who supplied it, why, how long it is kept, how to object."""
    mail = render(invitation(), READER, locale, LINK).text.replace("\n", " ")
    for words in ("Spiris", "30", "kontakt@ek-lind.example", "Ek & Lind"):
        assert words in mail
    login = render(LETTERS["login"], READER, locale, None).text
    assert "kontakt@ek-lind.example" in login


def test_a_digest_holds_what_concerns_its_reader() -> None:
    """Each reader gets the lines that name them, grouped by reason; the subject counts theirs alone."""
    line = DigestLine(
        reason=DigestReason.EXPIRED,
        invitation_id=InvitationId("inv-x"),
        customer_name="Ceder",
        solution="scanner",
        at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        recipients=("r1", "r2"),
    )
    others = line.replace(customer_name="Dahl", recipients=("r2",))
    content = DigestContent(day=date(2026, 11, 24), lines=(line, others))
    mine = render(content, READER, Locale.EN, None)
    theirs = render(content, READER.replace(key="r2"), Locale.EN, None)
    assert mine.subject == "1 request needs your attention"
    assert "Ceder: Scanner" in mine.text
    assert "Dahl" not in mine.text + mine.html
    assert theirs.subject == "2 requests need your attention"
    assert theirs.text.index("Ceder") < theirs.text.index("Dahl")


def test_an_invitation_needs_its_link() -> None:
    """Without one it is no invitation."""
    with pytest.raises(ValueError, match="link"):
        render(invitation(), READER, Locale.EN, None)


def test_the_set_up_is_told_where_it_is_new() -> None:
    """Variant, period and who pays; of what the company has already, nothing is repeated."""
    fresh = render(invitation(), READER, Locale.EN, LINK).text
    assert "Variant: Bookkeeping" in fresh
    assert "Period: 3 months" in fresh
    assert "Pays the subscription: Ek & Lind" in fresh
    assert "Variant" not in render(LETTERS["invitation, has it"], READER, Locale.EN, LINK).text


def test_lines_are_short_but_a_link_is_whole() -> None:
    """A terminal and an old mail program show them as they are."""
    lines = render(invitation(), READER, Locale.EN, LINK).text.splitlines()
    assert max(len(line) for line in lines if line != LINK) <= 76
    assert LINK in lines


def test_senders_are_recognised() -> None:
    """The office by its name where it speaks, the service where it does not; machines are told not to answer."""
    assert sender_name(invitation(), Locale.EN) == "Ek & Lind via Spiris"
    assert sender_name(LETTERS["declined"], Locale.SV) == "Spiris"
    assert headers() == {"Auto-Submitted": "auto-generated"}

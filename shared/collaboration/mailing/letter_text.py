"""Letters worded: one sequence of blocks, written as plain text and as HTML, so that the two never differ.

A mail holds no picture, no style from elsewhere and no address but the one link: whoever distrusts mails finds nothing
to distrust, and whoever reads plain text misses nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import assert_never

from collaboration.domain.faults import Slug
from collaboration.domain.letters import (
    AskedAgainLetter,
    DecisionLetter,
    EndedLetter,
    EndFailedLetter,
    InformationLetter,
    InvitationLetter,
    Letter,
    LoginBouncedLetter,
    LoginLetter,
    Reader,
    mail_kind,
)
from collaboration.domain.values import Kind, Locale, Scenario, Side
from collaboration.wording import text
from collaboration.wording.particulars import agreed, day, moment, solution_name

_WIDTH = 76
# Letters that the service writes to the office, about a company.
_TO_THE_OFFICE = (DecisionLetter, AskedAgainLetter, EndFailedLetter, LoginBouncedLetter)
_FONT = "font-family:Segoe UI,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1c1c1c"


@dataclass(frozen=True, slots=True)
class Written:
    """A mail as it is sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What the next blocks are about."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a person wrote, as they wrote it: never read as anything but text."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """The way to the page."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Footnote:
    """Why somebody gets the mail."""

    text: str


Block = Paragraph | Heading | Items | Quote | Link | Footnote


def written(letter: Letter, reader: Reader, locale: Locale, link: str | None) -> Written:
    """A letter to one reader. `link` is that reader's own, of an invitation.

    Raises:
        ValueError: an invitation without a link.
    """
    subject = text(locale, f"mail.{mail_kind(letter)}.subject", **_names(letter, locale))
    sequence = (Paragraph(text(locale, "mail.greeting", name=reader.name)), *_blocks(letter, reader, locale, link))
    return Written(subject, as_text(sequence), as_html(subject, locale, sequence))


def _blocks(letter: Letter, reader: Reader, locale: Locale, link: str | None) -> Iterator[Block]:
    match letter:
        case InvitationLetter():
            if link is None:
                raise ValueError("an invitation needs its reader's link")
            blocks = _invitation(letter, locale, link)
        case LoginLetter():
            blocks = _login(letter, reader, locale)
        case InformationLetter():
            blocks = _information(letter, locale)
        case DecisionLetter():
            blocks = _decision(letter, locale)
        case AskedAgainLetter():
            blocks = _asked_again(letter, locale)
        case EndedLetter():
            blocks = _ended(letter, locale)
        case EndFailedLetter():
            blocks = _end_failed(letter, locale)
        case LoginBouncedLetter():
            blocks = _login_bounced(letter, locale)
        case _:
            assert_never(letter)
    return blocks


def sender_name(letter: Letter, locale: Locale) -> str:
    """Whom a mail is from, as a mail program shows it."""
    if isinstance(letter, _TO_THE_OFFICE):
        return text(locale, "page.brand")
    return text(locale, "mail.sender", office=letter.office_name)


def headers() -> dict[str, str]:
    """What keeps machines from answering (RFC 3834)."""
    return {"Auto-Submitted": "auto-generated"}


def _names(letter: Letter, locale: Locale) -> dict[str, str]:
    names = {"company": letter.company_name, "solution": solution_name(locale, letter.solution)}
    if not isinstance(letter, _TO_THE_OFFICE):
        names["office"] = letter.office_name
    return names


def _invitation(letter: InvitationLetter, locale: Locale, link: str) -> Iterator[Block]:
    names = {**_names(letter, locale), "sender": letter.sender_name}
    owned = letter.customer_owned

    def say(key: str, **more: str) -> str:
        return text(locale, f"mail.invitation.{key}", **names, **more)

    if letter.reminder:
        yield Paragraph(text(locale, "mail.reminder.lead", **names))
    yield Paragraph(say("lead.owned" if owned else "lead"))
    if letter.message:
        yield Heading(text(locale, "mail.message.title", **names))
        yield Quote(letter.message)
    yield Heading(say("means.title"))
    means = [say("means.owned" if owned else f"means.{letter.scenario}")]
    means += [f"{label}: {value}" for label, value in _agreed(letter, locale)]
    means.append(say("means.access", names=", ".join(letter.access)) if letter.access else say("means.nobody"))
    yield Items((*means, say("means.told")))
    yield Link(say("button"), link)
    yield Paragraph(say("until", date=moment(locale, letter.expires_at)))
    yield Paragraph(say("safety"))
    yield Paragraph(text(locale, "mail.regards", **names))
    yield Footnote(say("why", email=letter.office_email))


def _login(letter: LoginLetter, reader: Reader, locale: Locale) -> Iterator[Block]:
    names = _names(letter, locale)

    def say(key: str, **more: str) -> str:
        return text(locale, f"mail.login-instructions.{key}", **names, **more)

    yield Paragraph(say("lead"))
    yield Paragraph(say(letter.solution_kind))
    yield Heading(say("how.title"))
    yield Items((say("how.1"), say("how.2", address=reader.email), say("how.3")))
    yield from _who(letter.access, names, locale)
    yield Paragraph(text(locale, "mail.regards", **names))
    yield Footnote(say("why", email=letter.office_email))


def _information(letter: InformationLetter, locale: Locale) -> Iterator[Block]:
    names = _names(letter, locale)

    def say(key: str, **more: str) -> str:
        return text(locale, f"mail.information.{key}", **names, **more)

    shared = letter.solution_kind is Kind.SHARED
    yield Paragraph(say(f"lead.{letter.scenario}" if shared else "lead.office-tool"))
    if letter.decided_by:
        yield Paragraph(say("decided", person=letter.decided_by))
    terms = tuple(f"{label}: {value}" for label, value in _agreed(letter, locale))
    if terms:
        yield Heading(text(locale, "mail.setup.title"))
        yield Items(terms)
    yield from _who(letter.access, names, locale)
    yield Paragraph(text(locale, "mail.regards", **names))
    yield Footnote(say("why", email=letter.office_email))


def _decision(letter: DecisionLetter, locale: Locale) -> Iterator[Block]:
    names = {**_names(letter, locale), "person": letter.decided_by}
    yield Paragraph(text(locale, f"mail.{letter.mail_kind}.{'lead' if letter.linked else 'unlinked'}", **names))
    if letter.message:
        yield Heading(text(locale, "mail.decision.message", **names))
        yield Quote(letter.message)
    yield Footnote(text(locale, "mail.decision.why"))


def _asked_again(letter: AskedAgainLetter, locale: Locale) -> Iterator[Block]:
    names = {**_names(letter, locale), "person": letter.asked_by}
    yield Paragraph(text(locale, "mail.new-invitation-asked-for.lead", **names))
    yield Footnote(text(locale, "mail.decision.why"))


def _ended(letter: EndedLetter, locale: Locale) -> Iterator[Block]:
    names = {**_names(letter, locale), "person": letter.ended_by}

    def say(key: str, **more: str) -> str:
        return text(locale, f"mail.ended.{key}", **names, **more)

    yield Paragraph(say("lead.by-office" if letter.to is Side.CUSTOMER else "lead.by-customer"))
    yield Paragraph(say(letter.outcome))
    if letter.pays_from:
        yield Paragraph(say("pays", date=day(locale, letter.pays_from)))
    if letter.to is Side.CUSTOMER:
        yield Paragraph(text(locale, "mail.regards", **names))
        yield Footnote(say("why", email=letter.office_email))
    else:
        yield Footnote(text(locale, "mail.task.why"))


def _end_failed(letter: EndFailedLetter, locale: Locale) -> Iterator[Block]:
    names = _names(letter, locale)
    yield Paragraph(text(locale, "mail.end-failed.lead", **names, date=day(locale, letter.on)))
    key = "outcome" if letter.problem is Slug.VALIDATION_FAILED else letter.problem
    yield Paragraph(text(locale, f"mail.end-failed.{key}", **names))
    yield Footnote(text(locale, "mail.task.why"))


def _login_bounced(letter: LoginBouncedLetter, locale: Locale) -> Iterator[Block]:
    yield Paragraph(text(locale, "mail.login-bounced.lead", **_names(letter, locale)))
    yield Footnote(text(locale, "mail.login-bounced.why"))


def _agreed(letter: InvitationLetter | InformationLetter, locale: Locale) -> Iterable[tuple[str, str]]:
    # Inherited terms are the company's own and known to it; what is new has to be said.
    if letter.scenario is Scenario.HAS_SOLUTION:
        return ()
    return agreed(locale, letter.solution, letter.setup, office=letter.office_name, company=letter.company_name)


def _who(access: tuple[str, ...], names: dict[str, str], locale: Locale) -> Iterator[Block]:
    yield Heading(text(locale, "mail.access.title", **names))
    yield Items(access) if access else Paragraph(text(locale, "mail.access.nobody", **names))


def as_text(blocks: Iterable[Block]) -> str:
    """Blocks as plain text, in lines that a terminal shows whole; a link stands alone in its line."""
    return "\n\n".join("\n".join(_text_lines(block)) for block in blocks) + "\n"


def _text_lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield from _wrapped(block.text)
        case Heading():
            yield from _wrapped(block.text)
            yield "-" * min(len(block.text), _WIDTH)
        case Items():
            for item in block.items:
                yield from _wrapped(item, "* ", "  ")
        case Quote():
            for line in block.text.splitlines():
                yield from _wrapped(line, "> ", "> ") or [">"]
        case Link():
            yield f"{block.text}:"
            yield block.href
        case Footnote():
            yield "--"
            yield from _wrapped(block.text)


def _wrapped(line: str, first: str = "", rest: str = "") -> list[str]:
    return wrap(
        line, _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def as_html(subject: str, locale: Locale, blocks: Iterable[Block]) -> str:
    """Blocks as an HTML page of its own, styles inline as mail programs want them."""
    body = "\n".join(_html(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{locale}">\n'
        f'<head><meta charset="utf-8"><title>{escape(subject)}</title></head>\n'
        f'<body style="margin:0;padding:24px;background:#ffffff;{_FONT}">\n'
        f'<div style="max-width:600px;margin:0 auto">\n{body}\n</div>\n</body>\n</html>\n'
    )


def _html(block: Block) -> str:
    match block:
        case Paragraph():
            return f"<p>{escape(block.text)}</p>"
        case Heading():
            return f'<h2 style="font-size:18px;margin:24px 0 8px">{escape(block.text)}</h2>'
        case Items():
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
        case Quote():
            quoted = escape(block.text).replace("\n", "<br>")
            return (
                f'<blockquote style="margin:8px 0;padding:8px 16px;border-left:4px solid #b8c4d6">{quoted}</blockquote>'
            )
        case Link():
            style = "display:inline-block;padding:12px 24px;background:#0a4fa3;color:#ffffff;border-radius:4px"
            return f'<p><a href="{escape(block.href)}" style="{style}">{escape(block.text)}</a></p>'
        case Footnote():
            style = "margin-top:32px;padding-top:12px;border-top:1px solid #d5d5d5;font-size:14px;color:#555555"
            return f'<p style="{style}">{escape(block.text)}</p>'

"""Mails rendered: one sequence of blocks, written as plain text and as HTML, so that the two never differ.

A mail holds no picture, no style from elsewhere and no address but the one link: whoever distrusts mails finds nothing
to distrust, and whoever reads plain text misses nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import assert_never

from collaboration.domain.model.faults import Slug
from collaboration.domain.model.mail import (
    AskedAgainContent,
    DecisionContent,
    DigestContent,
    DigestLine,
    EndedContent,
    EndFailedContent,
    InformationContent,
    InvitationContent,
    LoginBouncedContent,
    LoginContent,
    MailContent,
    MailRecipient,
    mail_kind,
)
from collaboration.domain.model.values import Kind, Locale, Scenario, Side
from collaboration.wording import text
from collaboration.wording.particulars import agreed, day, moment, solution_name

_WIDTH = 76

# How much of an office's name fits before the brand in a header that mail programs and providers take whole.
_SENDER = 60

# What a mail program, or a hurried reader, might take for the way to the page where an invitation is accepted: an
# address with that path, however it is encoded, or a token. Only the mail's own link leads there.
_LOOKS_LIKE_A_LINK = re.compile(r"\S*(?:[/\\]|%2f|%5c)+accept(?![\w-])\S*|\S*\bv\d+\.inv-\S*", re.IGNORECASE)


# Mails that the service writes to the office.
_TO_THE_OFFICE = (DecisionContent, AskedAgainContent, EndFailedContent, LoginBouncedContent, DigestContent)


# Every mail but a digest is about one company and one solution.
_AboutACompany = (
    InvitationContent
    | LoginContent
    | InformationContent
    | DecisionContent
    | AskedAgainContent
    | EndedContent
    | EndFailedContent
    | LoginBouncedContent
)


_FONT = "font-family:Segoe UI,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1c1c1c"


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail as it is sent. `sender_name`: whom it is from, as a mail program shows it."""

    sender_name: str
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
    """What a person wrote, as they wrote it: never read as anything but text, and nothing in it leads anywhere."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """The way to the page."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Footnote:
    """Why the recipient gets the mail."""

    text: str


Block = Paragraph | Heading | Items | Quote | Link | Footnote


def render(content: MailContent, recipient: MailRecipient, locale: Locale, link: str | None) -> RenderedMail:
    """A mail to one recipient.

    Args:
        content: what the mail says.
        recipient: to whom.
        locale: the language.
        link: the recipient's own link, for an invitation.

    Raises:
        ValueError: an invitation without a link.
    """
    subject = _subject(content, recipient, locale)
    sequence = (
        Paragraph(text(locale, "mail.greeting", name=recipient.name)),
        *_blocks(content, recipient, locale, link),
    )
    return RenderedMail(sender_name(content, locale), subject, as_text(sequence), as_html(subject, locale, sequence))


def _blocks(  # noqa: C901 - one case per kind of mail
    content: MailContent, recipient: MailRecipient, locale: Locale, link: str | None
) -> Iterator[Block]:
    match content:
        case InvitationContent():
            if link is None:
                raise ValueError("an invitation needs its recipient's link")
            blocks = _invitation(content, locale, link)
        case LoginContent():
            blocks = _login(content, recipient, locale)
        case InformationContent():
            blocks = _information(content, locale)
        case DecisionContent():
            blocks = _decision(content, locale)
        case AskedAgainContent():
            blocks = _asked_again(content, locale)
        case EndedContent():
            blocks = _ended(content, locale)
        case EndFailedContent():
            blocks = _end_failed(content, locale)
        case LoginBouncedContent():
            blocks = _login_bounced(content, locale)
        case DigestContent():
            blocks = _digest(content, recipient, locale)
        case _:
            assert_never(content)
    return blocks


def sender_name(content: MailContent, locale: Locale) -> str:
    """Whom a mail is from, as a mail program shows it. A long office name is cut, so that the brand is seen."""
    if isinstance(content, _TO_THE_OFFICE):
        return text(locale, "page.brand")
    office = content.office_name
    return text(locale, "mail.sender", office=office if len(office) <= _SENDER else f"{office[: _SENDER - 1]}…")


def headers() -> dict[str, str]:
    """What keeps machines from answering (RFC 3834)."""
    return {"Auto-Submitted": "auto-generated"}


def _subject(content: MailContent, recipient: MailRecipient, locale: Locale) -> str:
    if not isinstance(content, DigestContent):
        return text(locale, f"mail.{mail_kind(content)}.subject", **_names(content, locale))
    count = sum(len(lines) for lines in content.lines_for(recipient).values())
    return text(locale, f"mail.digest.subject.{'one' if count == 1 else 'many'}", count=str(count))


def _names(content: _AboutACompany, locale: Locale) -> dict[str, str]:
    names = {"company": content.company_name, "solution": solution_name(locale, content.solution)}
    if not isinstance(content, _TO_THE_OFFICE):
        names["office"] = content.office_name
    return names


def _invitation(content: InvitationContent, locale: Locale, link: str) -> Iterator[Block]:
    names = {**_names(content, locale), "sender": content.sender_name}
    owned = content.customer_owned

    def say(key: str, **more: str) -> str:
        return text(locale, f"mail.invitation.{key}", **names, **more)

    if content.reminder:
        yield Paragraph(text(locale, "mail.reminder.lead", **names))
    yield Paragraph(say("lead.owned" if owned else "lead"))
    if content.message:
        yield Heading(text(locale, "mail.message.title", **names))
        yield Quote(content.message)
    yield Heading(say("means.title"))
    means = [say("means.owned" if owned else f"means.{content.scenario}")]
    means += [f"{label}: {value}" for label, value in _agreed(content, locale)]
    means.append(say("means.access", names=", ".join(content.access)) if content.access else say("means.nobody"))
    yield Items((*means, say("means.told")))
    yield Link(say("button"), link)
    yield Paragraph(say("until", date=moment(locale, content.expires_at)))
    yield Paragraph(say("safety"))
    yield Paragraph(text(locale, "mail.regards", **names))
    yield Footnote(say("why", email=content.office_email))


def _login(content: LoginContent, recipient: MailRecipient, locale: Locale) -> Iterator[Block]:
    names = _names(content, locale)

    def say(key: str, **more: str) -> str:
        return text(locale, f"mail.login-instructions.{key}", **names, **more)

    yield Paragraph(say("lead"))
    yield Paragraph(say(content.solution_kind))
    yield Heading(say("how.title"))
    yield Items((say("how.1"), say("how.2", address=recipient.email), say("how.3")))
    yield from _who(content.access, names, locale)
    yield Paragraph(text(locale, "mail.regards", **names))
    yield Footnote(say("why", email=content.office_email))


def _information(content: InformationContent, locale: Locale) -> Iterator[Block]:
    names = _names(content, locale)

    def say(key: str, **more: str) -> str:
        return text(locale, f"mail.information.{key}", **names, **more)

    shared = content.solution_kind is Kind.SHARED
    yield Paragraph(say(f"lead.{content.scenario}" if shared else "lead.office-tool"))
    if content.decided_by:
        yield Paragraph(say("decided", person=content.decided_by))
    terms = tuple(f"{label}: {value}" for label, value in _agreed(content, locale))
    if terms:
        yield Heading(text(locale, "mail.setup.title"))
        yield Items(terms)
    yield from _who(content.access, names, locale)
    yield Paragraph(text(locale, "mail.regards", **names))
    yield Footnote(say("why", email=content.office_email))


def _decision(content: DecisionContent, locale: Locale) -> Iterator[Block]:
    names = {**_names(content, locale), "person": content.decided_by}
    yield Paragraph(text(locale, f"mail.{content.mail_kind}.{'lead' if content.linked else 'unlinked'}", **names))
    if content.message:
        yield Heading(text(locale, "mail.decision.message", **names))
        yield Quote(content.message)
    yield Footnote(text(locale, "mail.decision.why"))


def _asked_again(content: AskedAgainContent, locale: Locale) -> Iterator[Block]:
    names = {**_names(content, locale), "person": content.asked_by}
    yield Paragraph(text(locale, "mail.new-invitation-asked-for.lead", **names))
    yield Footnote(text(locale, "mail.decision.why"))


def _ended(content: EndedContent, locale: Locale) -> Iterator[Block]:
    names = {**_names(content, locale), "person": content.ended_by}

    def say(key: str, **more: str) -> str:
        return text(locale, f"mail.ended.{key}", **names, **more)

    yield Paragraph(say("lead.by-office" if content.to is Side.CUSTOMER else "lead.by-customer"))
    yield Paragraph(say(content.outcome))
    if content.pays_from:
        yield Paragraph(say("pays", date=day(locale, content.pays_from)))
    if content.to is Side.CUSTOMER:
        yield Paragraph(text(locale, "mail.regards", **names))
        yield Footnote(say("why", email=content.office_email))
    else:
        yield Footnote(text(locale, "mail.task.why"))


def _end_failed(content: EndFailedContent, locale: Locale) -> Iterator[Block]:
    names = _names(content, locale)
    yield Paragraph(text(locale, "mail.end-failed.lead", **names, date=day(locale, content.on)))
    key = "outcome" if content.problem is Slug.VALIDATION_FAILED else content.problem
    yield Paragraph(text(locale, f"mail.end-failed.{key}", **names))
    yield Footnote(text(locale, "mail.task.why"))


def _login_bounced(content: LoginBouncedContent, locale: Locale) -> Iterator[Block]:
    yield Paragraph(text(locale, "mail.login-bounced.lead", **_names(content, locale)))
    yield Footnote(text(locale, "mail.login-bounced.why"))


def _digest(content: DigestContent, recipient: MailRecipient, locale: Locale) -> Iterator[Block]:
    yield Paragraph(text(locale, "mail.digest.lead", date=day(locale, content.day)))
    for reason, lines in content.lines_for(recipient).items():
        yield Heading(text(locale, f"mail.digest.{reason}.title"))
        yield Items(tuple(_digest_line(line, locale) for line in lines))
        yield Paragraph(text(locale, f"mail.digest.{reason}.next"))
    if content.more:
        yield Paragraph(text(locale, "mail.digest.more", count=str(content.more)))
    yield Footnote(text(locale, "mail.digest.why"))


def _digest_line(line: DigestLine, locale: Locale) -> str:
    return text(
        locale,
        f"mail.digest.{line.reason}.line",
        customer=line.customer_name,
        solution=solution_name(locale, line.solution),
        date=moment(locale, line.at),
    )


def _agreed(content: InvitationContent | InformationContent, locale: Locale) -> Iterable[tuple[str, str]]:
    # Inherited terms are the company's own and known to it; what is new has to be said.
    if content.scenario is Scenario.HAS_SOLUTION:
        return ()
    return agreed(locale, content.solution, content.setup, office=content.office_name, company=content.company_name)


def _who(access: tuple[str, ...], names: dict[str, str], locale: Locale) -> Iterator[Block]:
    yield Heading(text(locale, "mail.access.title", **names))
    yield Items(access) if access else Paragraph(text(locale, "mail.access.nobody", **names))


def defused(message: str) -> str:
    """A text in which nothing leads to where an invitation is accepted: such addresses stay readable, but are none."""

    def spelled(found: re.Match[str]) -> str:
        return re.sub("http", "hxxp", found.group(), flags=re.IGNORECASE).replace(":", "[:]").replace(".", "[.]")

    return _LOOKS_LIKE_A_LINK.sub(spelled, message)


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
            for line in defused(block.text).splitlines():
                yield from _wrapped(line, "> ", "> ") or [">"]
        case Link():
            yield f"{block.text}:"
            yield block.href
        case Footnote():
            yield "--"
            yield from _wrapped(block.text)


def _wrapped(line: str, first: str = "", use: str = "") -> list[str]:
    return wrap(
        line, _WIDTH, initial_indent=first, subsequent_indent=use, break_long_words=False, break_on_hyphens=False
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
            quoted = escape(defused(block.text)).replace("\n", "<br>")
            return (
                f'<blockquote style="margin:8px 0;padding:8px 16px;border-left:4px solid #b8c4d6">{quoted}</blockquote>'
            )
        case Link():
            style = "display:inline-block;padding:12px 24px;background:#0a4fa3;color:#ffffff;border-radius:4px"
            return f'<p><a href="{escape(block.href)}" style="{style}">{escape(block.text)}</a></p>'
        case Footnote():
            style = "margin-top:32px;padding-top:12px;border-top:1px solid #d5d5d5;font-size:14px;color:#555555"
            return f'<p style="{style}">{escape(block.text)}</p>'

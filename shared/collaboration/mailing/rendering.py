"""Mails rendered: one template per kind of content, written as plain text and as HTML, so that the two never differ.

A template in `templates/` is named after the `kind` of its content. It says what stands in the mail and in which order,
in words from `wording/`, and is rendered twice: with `shell.txt.j2` and `parts.txt.j2`, and with their HTML twins. A
mail loads nothing from elsewhere, and to the same recipient the same mail is rendered the same whenever it is asked.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from textwrap import wrap

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.mail import (
    MOST_NAMES,
    EndedContent,
    InformationContent,
    InvitationContent,
    LoginContent,
    Mail,
    MailContent,
    mail_kind,
)
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import CollaborationId, InvitationId, Locale, Scenario, Side, local_date
from collaboration.frozen import dataclass
from collaboration.link_tokens import TokenClaims
from collaboration.mailing.outbox import RenderedMail
from collaboration.wording import text, wording
from collaboration.wording.particulars import agreed, coming_setup, day, moment, solution_name

_WIDTH = 76

# How much of an office's name fits before the brand in a header that mail programs and providers take whole.
_SENDER = 60

# Keeps machines from answering: RFC 3834, and what Exchange heeds instead.
_HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}

# What a mail program, or a hurried reader, might take for the way to the page where an invitation is accepted: an
# address with that path, however it is encoded, or a token. Only the mail's own link leads there.
_LOOKS_LIKE_A_LINK = re.compile(r"(?:[/\\]|%2f|%5c)accept(?![\w-])|\bv\d+\.inv-", re.IGNORECASE)

# The attributes of contents that are names, and what wordings call them.
_NAMES = {
    "company_name": "company",
    "office_name": "office",
    "sender_name": "sender",
    "decided_by": "person",
    "asked_by": "person",
    "reported_by": "person",
    "ended_by": "person",
}

# First strong isolate, pop directional isolate: what stands between them does not turn around what stands beside them.
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Non-joiner and joiner where a message may have them.
_JOINED = re.compile("(?<=[^\\x00-\\x7f])([\u200c\u200d])(?=[^\\x00-\\x7f])")

# Begins each part of a plain text, so that indentation and empty lines of a template are not taken for its text. No
# value holds one: it is a control character.
_PART = "\f"


_ForOffice = InvitationContent | LoginContent | InformationContent | EndedContent


@dataclass(frozen=True)
class Addresses:
    """Where the links of mails lead: absolute, and from the configuration alone.

    `public_url`: the API's address, stage included, which the pages are below; `token`: the token of a link.
    """

    public_url: str
    token: Callable[[TokenClaims], str]

    def accept(self, mail: Mail, recipient: MailRecipient) -> str:
        """The recipient's own link of an invitation.

        Raises:
            ValueError: they have none.
        """
        if recipient.recipient is None or recipient.version is None:
            raise ValueError("an invitation needs its recipient's link")
        claims = TokenClaims(mail.agreement, recipient.recipient, recipient.version)
        return f"{self.public_url}/accept/{self.token(claims)}"

    def invitation(self, invitation_id: InvitationId) -> str:
        """The console, with an invitation opened."""
        return f"{self.public_url}/console/requests/{invitation_id}"

    def collaboration(self, collaboration_id: CollaborationId) -> str:
        """The console, with a collaboration opened."""
        return f"{self.public_url}/console/collaborations/{collaboration_id}"

    def invitations(self) -> str:
        """The console, with the list of invitations."""
        return f"{self.public_url}/console#/requests"

    def my(self) -> str:
        """My Spiris."""
        return f"{self.public_url}/my"


def render(mail: Mail, recipient: MailRecipient, *, addresses: Addresses) -> RenderedMail:
    """A mail as one of its recipients gets it.

    Args:
        mail: what it says, and in which language.
        recipient: to whom.
        addresses: where its links lead.

    Raises:
        ValueError: an invitation to a recipient without a link.
    """
    subject, plain = _TEXT.write(mail, recipient, addresses)
    _, html = _HTML.write(mail, recipient, addresses)
    return RenderedMail(
        kind=mail_kind(mail.content),
        sender_name=sender_name(mail.content, mail.locale),
        subject=subject,
        text="\n\n".join(part.strip() for part in plain.split(_PART)[1:]) + "\n",
        html=html,
        reply_to=office.office_email if (office := _speaking_for_office(mail.content)) else None,
        headers={**_HEADERS, "Content-Language": str(mail.locale)},
    )


def sender_name(content: MailContent, locale: Locale) -> str:
    """Whom a mail is from, as a mail program shows it: the office where it speaks, else the service alone.

    A long office name is cut, so that the brand is seen.
    """
    speaking = _speaking_for_office(content)
    if speaking is None:
        return text(locale, "page.brand")
    office = cleaned(speaking.office_name)
    return text(
        locale, "mail.sender", office=isolated(office if len(office) <= _SENDER else f"{office[: _SENDER - 1]}…")
    )


def _speaking_for_office(content: MailContent) -> _ForOffice | None:
    """The content, if the mail is to the customer's people: the service sends it on behalf of the office."""
    if isinstance(content, EndedContent):
        return content if content.to is Side.CUSTOMER else None
    return content if isinstance(content, InvitationContent | LoginContent | InformationContent) else None


# Names and other values


def cleaned(name: str) -> str:
    """A name in one line, without anything unseen: contents may be older than the check that refuses such names."""
    return " ".join("".join(" " if unicodedata.category(char) in _UNSEEN else char for char in name).split())


def isolated(name: str) -> str:
    """A name in plain text; between marks that isolate it, if any of it is written from right to left."""
    shown = cleaned(name)
    turns = any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in shown)
    return f"{_ISOLATE}{shown}{_END_ISOLATE}" if turns else shown


def _isolated_html(name: str) -> str:
    return Markup("<bdi>{}</bdi>").format(cleaned(name))


def defused(message: str) -> str:
    """A text in which nothing leads to where an invitation is accepted: such addresses stay readable, but are none."""

    def spelled(found: re.Match[str]) -> str:
        word = found.group()
        if not _LOOKS_LIKE_A_LINK.search(word):
            return word
        return re.sub("http", "hxxp", word, flags=re.IGNORECASE).replace(":", "[:]").replace(".", "[.]")

    # Word by word: one pattern with any text before it would begin at each letter, and go through all that follows.
    return re.sub(r"\S+", spelled, message)


def _quoted(message: str) -> list[str]:
    """What a person wrote, line by line: never read as anything but text, and nothing in it leads anywhere."""
    return [_cleaned_line(line) for line in defused(message).splitlines()]


def _cleaned_line(line: str) -> str:
    """A line as `cleaned`, but for joiners within what is written in other scripts, and within emoji."""
    return "".join(part if place % 2 else cleaned(part) for place, part in enumerate(_JOINED.split(line)))


def _terms(content: InvitationContent | InformationContent, locale: Locale) -> list[tuple[str, str]]:
    """What is agreed beside the solution, in words by label; of terms that the company has already, who pays."""
    setup = content.setup
    if content.scenario is Scenario.HAS_SOLUTION:
        payers = {str(field): value for field, value in setup.given().items() if field.is_invoice_recipient}
        setup = SetUp.model_validate(payers)
    office, company = cleaned(content.office_name), cleaned(content.company_name)
    another = content.paid_by_another
    return list(agreed(locale, content.solution, setup, office=office, company=company, paid_by_another=another))


def _coming(content: InvitationContent | InformationContent, locale: Locale) -> str | None:
    """What changes when the subscription renews, in words; None for nothing."""
    if content.coming is None:
        return None
    office, company = cleaned(content.office_name), cleaned(content.company_name)
    return coming_setup(locale, content.solution, content.coming, office=office, company=company)


def _days_left(content: InvitationContent, at: datetime) -> int:
    """How many days there are to answer after the day of the mail, by the calendar of Sweden."""
    return (local_date(content.expires_at) - local_date(at)).days


# The two formats


class _Format:
    """A way of writing a mail: plain text or HTML.

    Args:
        name: what the file names of its templates have before `.j2`.
        isolate: a name, so that nothing in it affects what stands beside it.
        word: a wording with values put in.
    """

    def __init__(self, name: str, isolate: Callable[[str], str], word: Callable[[str, Mapping[str, str]], str]) -> None:
        self._isolate = isolate
        self._word = word
        self._shell = f"shell.{name}.j2"
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=name == "html",  # noqa: S701 - in plain text nothing is markup
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {"wrapped": _wrapped, "quoted": _quoted, "isolated": isolate}
        self._environment.globals["part"] = _PART
        parts = self._environment.get_template(f"parts.{name}.j2").module
        self._environment.globals |= {"parts": parts}

    def write(self, mail: Mail, recipient: MailRecipient, addresses: Addresses) -> tuple[str, str]:
        """The subject and the body of a mail to one recipient."""
        content, locale = mail.content, mail.locale
        names = {word: self._isolate(found) for name, word in _NAMES.items() if (found := getattr(content, name, None))}
        # Of a collaboration from the older program nobody may have noted the solution.
        solution = getattr(content, "solution", None)
        names["solution"] = solution_name(locale, solution) if solution else text(locale, "mail.solution.unknown")

        def say(key: str, **values: object) -> str:
            shown = {name: value if isinstance(value, str) else str(value) for name, value in values.items()}
            return self._word(wording(locale, f"mail.{key}"), {**names, **shown})

        module = self._environment.get_template(f"{content.kind}.j2").make_module(
            {
                "shell": self._shell,
                "locale": locale,
                "mail": mail,
                "content": content,
                "recipient": recipient,
                "addresses": addresses,
                "invitation_id": InvitationId.of(mail.agreement),
                "collaboration_id": CollaborationId.of(mail.agreement),
                "say": say,
                "isolate": self._isolate,
                "names": partial(self._names, locale),
                "moment": partial(moment, locale),
                "day": partial(day, locale),
                "local_date": local_date,
                "days_left": _days_left,
                "terms": partial(_terms, locale=locale),
                "coming": partial(_coming, locale=locale),
                "solution_name": partial(solution_name, locale),
                "brand": text(locale, "page.brand"),
            }
        )
        return str(vars(module)["subject"]), str(module)

    def _names(self, locale: Locale, content: InvitationContent | InformationContent | LoginContent) -> list[str]:
        """Each name isolated; of many the first, and how many more there are."""
        shown = [self._isolate(name) for name in content.access[:MOST_NAMES]]
        if more := content.access_more + len(content.access) - len(shown):
            shown.append(text(locale, "mail.names.more", count=str(more)))
        return shown


def _wrapped(line: str, first: str = "", following: str = "") -> str:
    """A text in lines that a terminal shows whole; what is longer than a line stays whole."""
    lines = wrap(
        line,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines) or first.rstrip()


def _worded_html(words: str, values: Mapping[str, str]) -> str:
    return escape(words).format_map(values)


_TEXT = _Format("txt", isolated, str.format_map)
_HTML = _Format("html", _isolated_html, _worded_html)

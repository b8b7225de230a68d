"""Basic values: validated when they are made, at the edge, and trusted from there on."""

import re
import unicodedata
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Self
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class Value(BaseModel):
    """A frozen value: `snake_case` in Python, `camelCase` in JSON, no unknown fields."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="forbid",
        defer_build=True,
        # What could not be read may be anybody's address: an error says where, and never what.
        hide_input_in_errors=True,
    )

    def replace(self, **changes: object) -> Self:
        """A copy with `changes`, validated as a new value is.

        Raises:
            ValueError: a field is unknown, or its new value is not valid.
        """
        return type(self)(**{**dict(self), **changes})

    def with_parts(self, **parts: object) -> Self:
        """A copy with `parts`, which have been validated: as `replace`, without validating anything again.

        For what is stored in parts and read many times a request. A name that is no field would go unnoticed.
        """
        return self.model_copy(update=parts)


class ParsedText(str):
    """A text that has been checked and brought to its one spelling. A wrong one cannot be made: `ValueError`."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, object]] = {}

    def __new__(cls, text: str) -> Self:
        """The text in its one spelling; `ValueError` when it is none."""
        return super().__new__(cls, cls.normalised(text))

    @classmethod
    def normalised(cls, text: str) -> str:
        """The one spelling of `text`.

        Raises:
            ValueError: the text is not one of these values.
        """
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(strict=True))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: object) -> dict[str, object]:
        return {"type": "string", **cls.json_schema}


class OrganisationNumber(ParsedText):
    """The number that identifies a company in Sweden: ten digits, the last a check digit (Luhn).

    Read as `5560000001`, `556000-0001` or with the century in front, stored as ten digits. A sole trader's is a
    personal identity number, so it never goes into a log, a URL or an event.
    """

    __slots__ = ()
    json_schema: ClassVar[dict[str, object]] = {
        "pattern": r"^(16|19|20)?[0-9]{6}[-+]?[0-9]{4}$",
        "examples": ["5560000001", "556000-0001"],
        "description": "Ten digits with a valid check digit; given back as ten digits.",
    }
    _SPELLING = re.compile(r"(?:16|19|20)?([0-9]{6})[-+]?([0-9]{4})", re.ASCII)

    @classmethod
    def normalised(cls, text: str) -> str:
        """Ten digits."""
        match = cls._SPELLING.fullmatch(text)
        digits = "".join(match.groups()) if match else ""
        if not digits or _luhn_sum(digits) % 10:
            raise ValueError("organisation number")
        return digits

    @property
    def ending(self) -> str:
        """The last four digits, which a person types to prove that they know the company."""
        return self[-4:]

    def hidden_in(self, text: str) -> str:
        """A text without the last four digits, where they stand by themselves or at the end of this number.

        However they are grouped, and in digits of whichever script. Who is asked for them must not read them in what
        asks: `digits-prove-the-person`.
        """
        plain = "".join(str(unicodedata.decimal(character, character)) for character in text)
        stem, ending = _GAP.join(self[:6]), _GAP.join(self.ending)
        whole = f"(?:(?:16|19|20){_GAP})?{stem}{_GAP}(?P<whole>{ending})(?=(?:01)?(?![0-9]))"
        shown, done = "", 0
        for found in re.finditer(f"(?<![0-9])(?:{whole}|(?P<alone>{ending})(?![0-9]))", plain):
            start, end = found.span(found.lastgroup or 0)
            shown, done = f"{shown}{text[done:start]}{_HIDDEN}", end
        return shown + text[done:]

    @property
    def hyphenated(self) -> str:
        """The number as people write it, with a hyphen before the last four digits."""
        return f"{self[:6]}-{self[6:]}"

    @property
    def is_personal(self) -> bool:
        """Whether it is a personal identity number: a month stands where a company's number has 20 or more."""
        return self[2] in "01"


# What may stand between two digits of a number.
_GAP = r"[\W_]{0,3}"


# In the place of digits that are not shown.
_HIDDEN = "\N{BULLET}" * 4


# Every other digit counts twice; where that makes two digits, their sum.
_DOUBLED = str.maketrans("0123456789", "0246813579")


def _luhn_sum(digits: str) -> int:
    return sum(map(int, digits[::2].translate(_DOUBLED) + digits[1::2]))


def folded(text: str) -> str:
    """A name as it is searched: without case and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


class Email(ParsedText):
    """An address that SES can send to: ASCII, one `@`, a domain with a dot. Kept as written, compared without case."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, object]] = {"format": "email", "maxLength": 254, "examples": ["anna@example.se"]}
    _SPELLING = re.compile(
        r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
        r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2}[A-Za-z0-9-]{0,61}"
    )

    @classmethod
    def normalised(cls, text: str) -> str:
        """The address as it was written."""
        if len(text) > 254 or text.find("@") > 64 or not cls._SPELLING.fullmatch(text):  # noqa: PLR2004 - RFC 5321
            raise ValueError("e-mail address")
        return text

    @property
    def folded(self) -> str:
        """The spelling to compare by."""
        return self.lower()


class Identifier(ParsedText):
    """An id as it stands in a path: 1 to 64 of `A-Z a-z 0-9 . _ -`."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, object]] = {"pattern": r"^[A-Za-z0-9._-]{1,64}$"}
    _SPELLING = re.compile(r"[A-Za-z0-9._-]{1,64}")

    @classmethod
    def normalised(cls, text: str) -> str:
        """The id as it was written."""
        if not cls._SPELLING.fullmatch(text):
            raise ValueError("id")
        return text


class OfficeId(Identifier):
    """Names an office."""

    __slots__ = ()


class EmployeeId(Identifier):
    """Names an employee within an office."""

    __slots__ = ()


class CustomerId(Identifier):
    """Names a customer within an office."""

    __slots__ = ()


class TaskId(Identifier):
    """Names a task within a customer."""

    __slots__ = ()


class AccountId(Identifier):
    """Names an account."""

    __slots__ = ()


class AgreementId(Identifier):
    """Names an invitation and the collaboration that came of it: one timeline, one partition of the table."""

    __slots__ = ()


def digests_of(office_id: OfficeId) -> AgreementId:
    """What stands for the agreement in the mails of an office's digests, which belong to none.

    A hash: an office's id may be as long as an id can be.
    """
    return AgreementId(f"digest-{sha256(office_id.encode()).hexdigest()[:40]}")


class InvitationId(Identifier):
    """Names an invitation: `inv-` and its agreement."""

    __slots__ = ()
    _PREFIX = "inv-"

    @classmethod
    def of(cls, agreement: AgreementId) -> Self:
        """The id of the invitation that opens `agreement`."""
        return cls(cls._PREFIX + agreement)

    @property
    def agreement(self) -> AgreementId | None:
        """The agreement it opens; None when this is no id of an invitation."""
        return _agreement(self, self._PREFIX)


class CollaborationId(Identifier):
    """Names a collaboration: `col-` and its agreement."""

    __slots__ = ()
    _PREFIX = "col-"

    @classmethod
    def of(cls, agreement: AgreementId) -> Self:
        """The id of the collaboration of `agreement`."""
        return cls(cls._PREFIX + agreement)

    @property
    def agreement(self) -> AgreementId | None:
        """The agreement it came from; None when this is no id of a collaboration."""
        return _agreement(self, self._PREFIX)


def _agreement(text: str, prefix: str) -> AgreementId | None:
    found, _, use = text.partition(prefix)
    return AgreementId(use) if not found and use else None


class Locale(StrEnum):
    """The languages the product speaks."""

    SV = "sv"
    EN = "en"


class Scenario(StrEnum):
    """The three situations of a customer (A, B, C), decided by organisation number against the account register."""

    HAS_SOLUTION = "has-solution"
    WITHOUT_SOLUTION = "without-solution"
    NOT_A_CUSTOMER = "not-a-customer"


class Route(StrEnum):
    """The way into a collaboration: with the customer's approval, or without."""

    INVITE = "invite"
    ACTIVATE = "activate"


class Kind(StrEnum):
    """Whether the customer works in the solution too and must approve, or the office runs it for the customer."""

    SHARED = "shared"
    OFFICE_TOOL = "office-tool"


class Side(StrEnum):
    """Who acts, or whose access it is."""

    OFFICE = "office"
    CUSTOMER = "customer"
    PLATFORM = "platform"
    SYSTEM = "system"


class InvoiceRecipient(StrEnum):
    """Who gets an invoice."""

    OFFICE = "office"
    CUSTOMER = "customer"


class ReportRecipient(StrEnum):
    """Where travel and expense reports go."""

    BOOKKEEPING = "bookkeeping-invoicing"
    PAYROLL = "payroll"


class AccountRole(StrEnum):
    """What a person is in an account."""

    ADMINISTRATOR = "administrator"
    USER = "user"
    AUDITOR = "auditor"


class CompanyType(StrEnum):
    """The legal form of a customer."""

    LIMITED_COMPANY = "limited-company"
    SOLE_TRADER = "sole-trader"
    PRIVATE_INDIVIDUAL = "private-individual"
    OTHER = "other"


class Outcome(StrEnum):
    """What becomes of the subscription when a collaboration ends."""

    CONTINUE = "continue"
    CLOSE = "close"
    DELETE = "delete"


class Delivery(StrEnum):
    """What became of a mail."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as outside:
        raise ValueError("a time outside the calendar") from outside


def written_time(moment: datetime) -> str:
    """`moment` as answers write it: ISO 8601 in UTC, whole seconds, `2026-11-23T09:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_calendar(day: date) -> bool:
    """Whether a date that somebody names can be meant: a renewal, or midnight in Sweden, stays computable."""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def _in_calendar(day: date) -> date:
    if not in_calendar(day):
        raise ValueError("a date outside the calendar")
    return day


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _only_a_date(value: object) -> object:
    # Left to itself, pydantic takes a midnight for a date, and a number for seconds since 1970.
    if isinstance(value, date) or (isinstance(value, str) and _DATE.fullmatch(value)):
        return value
    raise ValueError("no date")


# Sort keys hold a time in 13 digits, which end in 2286.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
PlainDate = Annotated[date, BeforeValidator(_only_a_date)]
"""A date, whether or not it can be meant."""

Day = Annotated[PlainDate, AfterValidator(_in_calendar)]


# Stored and read with milliseconds, so that what happened in one second keeps its order.
Moment = Annotated[datetime, AfterValidator(_in_utc)]


# Written in answers.
Timestamp = Annotated[datetime, AfterValidator(_in_utc), PlainSerializer(written_time, return_type=str)]


def _unseen(text: str, allowed: str = "") -> bool:
    """Whether `text` holds control characters, bidirectional marks, zero-width characters or lone surrogates."""
    # Most texts can be printed as they are, and then none of these is in them: asked of the whole, it costs next to
    # nothing.
    return not text.isprintable() and any(
        category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in allowed for char in text
    )


def _name(text: str) -> str:
    if _unseen(text):
        raise ValueError("an invisible character in a name")
    return text


# Between letters of Persian or of scripts of India, or within an emoji, they belong to what is written. Beside ASCII
# they would only tell apart what looks alike, or hide an address from whoever looks for one.
_JOINERS = "\u200c\u200d"
_STRAY_JOINER = re.compile(f"(?:^|[\\x00-\\x7f{_JOINERS}])[{_JOINERS}]|[{_JOINERS}](?:$|[\\x00-\\x7f])")


def _message(text: str) -> str:
    if _unseen(text, allowed=f"\t\n\r{_JOINERS}") or _STRAY_JOINER.search(text):
        raise ValueError("an invisible character in a message")
    return text


def _composed(text: object) -> object:
    """A text in its one spelling (NFC), before its length is judged: some characters become two or three by it."""
    return normalize("NFC", text) if isinstance(text, str) else text


# Given to pydantic where a value is read that was stored before.
STORED: Final = MappingProxyType({"stored": True})

_NAME_LENGTH = 200


def _composed_name(text: object, info: ValidationInfo) -> object:
    """As `_composed`. Of a stored name the beginning that is no longer than a name may be.

    Version 0.1.0 judged the length first. One name too long would make all that stands beside it unreadable.
    """
    spelled = _composed(text)
    return spelled[:_NAME_LENGTH] if isinstance(spelled, str) and info.context is STORED else spelled


_NAME_PATTERN = r"^[^\x00-\x1f]*$"

# What stands after the constraints and runs before them leaves their order to pydantic: white space goes before a
# length is judged. The other way round a name of spaces would be long enough, and then be stored as an empty one.

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=_NAME_LENGTH, strip_whitespace=True, pattern=_NAME_PATTERN),
    BeforeValidator(_composed_name),
    AfterValidator(_name),
]

OptionalName = Annotated[
    str,
    StringConstraints(max_length=_NAME_LENGTH, strip_whitespace=True, pattern=_NAME_PATTERN),
    BeforeValidator(_composed_name),
    AfterValidator(_name),
]
"""A name, or part of an address, that may still be missing: empty."""

Key = Annotated[str, StringConstraints(max_length=100)]
"""Names a solution or a variant of the catalogue, or something of a kind; whether there is one is not said."""

Message = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, strip_whitespace=True),
    BeforeValidator(_composed),
    AfterValidator(_message),
]


def local_date(moment: datetime) -> date:
    """The date in Sweden at `moment`."""
    return moment.astimezone(STOCKHOLM).date()


def local_midnight(day: date) -> datetime:
    """The moment at which `day` starts in Sweden, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM).astimezone(UTC)

"""Query parameters that several operations share."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.values import Locale, Moment, Value


def _in_digits(limit: str) -> str:
    # Left to itself, pydantic takes `5.0`, `+5` and `0_5` for five.
    if not (limit.isascii() and limit.isdecimal()):
        raise ValueError("no whole number in digits")
    return limit


Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_in_digits)]

# A name as a sort key holds it has 800 bytes, and an id beside it 64; four characters of a cursor are three bytes.
_LONGEST_CURSOR = 1200


def _as_long_as_ours(cursor: str) -> str:
    # As any other cursor that no list gave: the field is right, and what it holds cannot be read.
    if len(cursor) > _LONGEST_CURSOR:
        raise refused(Slug.MALFORMED_REQUEST, hint="cursor")
    return cursor


Cursor = Annotated[str, Field(json_schema_extra={"maxLength": _LONGEST_CURSOR}), AfterValidator(_as_long_as_ours)]


def _no_number(moment: str) -> str:
    # Left to itself, pydantic takes a number for seconds since 1970.
    if moment.replace(".", "", 1).lstrip("+-").isdecimal():
        raise ValueError("a number, not a time")
    return moment


QueryMoment = Annotated[Moment, BeforeValidator(_no_number)]
"""A time as a query says it, with its zone."""


def _in_catalogue(key: str) -> str:
    if catalogue().solution(key) is None:
        raise ValueError("no solution of the catalogue")
    return key


SolutionFilter = Annotated[str, AfterValidator(_in_catalogue)]


Flag = Literal["true", "false"]
"""Yes or no, as a query says it."""


def is_true(flag: Flag | None) -> bool | None:
    """What a flag says; None where it was not given."""
    return None if flag is None else flag == "true"


class PageQuery(Value):
    """Which part of a list."""

    limit: Limit = 25
    cursor: Cursor | None = None


class LanguageQuery(Value):
    """The language of a page."""

    lang: Locale | None = None

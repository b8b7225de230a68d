"""Query parameters that several operations share."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.values import Locale, Value

Limit = Annotated[int, Field(ge=1, le=100)]
Cursor = Annotated[str, StringConstraints(max_length=1000)]


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

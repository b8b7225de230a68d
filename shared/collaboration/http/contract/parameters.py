"""Query parameters that several operations share."""

from typing import Annotated

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


class PageQuery(Value):
    """Which part of a list."""

    limit: Limit = 25
    cursor: Cursor | None = None


class LanguageQuery(Value):
    """The language of a page."""

    lang: Locale | None = None

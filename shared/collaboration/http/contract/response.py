"""What all responses have in common."""

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from collaboration.domain.model.values import Value

Row = TypeVar("Row", bound=Value)
Content = TypeVar("Content")


def _is_none(value: object) -> bool:
    return value is None


Omissible = Annotated[Content | None, Field(exclude_if=_is_none)]
"""A field of an answer that is left out when there is nothing to say; any other says null."""


class Page(Value, Generic[Row]):
    """Part of a list; `next` is the cursor of the next part, null at the end. With filters a part may be empty."""

    items: tuple[Row, ...]
    next: str | None = None

"""What all responses have in common."""

from typing import Any, ClassVar, Generic, TypeVar

from pydantic import SerializerFunctionWrapHandler, model_serializer

from collaboration.domain.model.values import Value

Row = TypeVar("Row", bound=Value)


class ResponseModel(Value):
    """An answer. A field of `optional` is left out when there is nothing to say; any other says null."""

    optional: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _without_empty_options(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        return {name: value for name, value in fields.items() if value is not None or name not in self.optional}


class Page(Value, Generic[Row]):
    """Part of a list; `next` is the cursor of the next part, null at the end. With filters a part may be empty."""

    items: tuple[Row, ...]
    next: str | None = None

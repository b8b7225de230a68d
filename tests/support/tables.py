"""Make the template's table in an engine: in memory, in moto, or in DynamoDB Local."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from support.memory import MemoryClient
from support.template import indexes, table_properties

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE_NAME = "collaboration"


def memory_client() -> MemoryClient:
    """An empty table in memory, with the template's indexes."""
    return MemoryClient(indexes())


def make_table(client: Any, name: str = TABLE_NAME) -> str:
    """Create the template's table, with its stream, and return its name."""
    properties = table_properties()
    kept = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    client.create_table(
        TableName=name,
        StreamSpecification={"StreamEnabled": True, **properties["StreamSpecification"]},
        **{key: properties[key] for key in kept},
    )
    return name


def one_at_a_time(client: Any) -> None:
    """Let a client make one call after another: moto keeps tables in dictionaries that threads must not share."""
    lock = threading.Lock()

    def guarded(write: Callable[..., Any]) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            with lock:
                return write(**arguments)

        return call

    for name in ("batch_get_item", "query", "transact_write_items", "update_item"):
        setattr(client, name, guarded(getattr(client, name)))

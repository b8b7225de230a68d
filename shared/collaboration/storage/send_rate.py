"""How many mails leave in a second, counted in one item for all functions that send at the same time."""

from datetime import datetime

from collaboration.storage import items, keys
from collaboration.storage.table import ConflictError, Table


def take_turn(table: Table, per_second: int, now: datetime) -> bool:
    """Count one mail to the second of `now`, and tell whether it may leave in it.

    Args:
        table: the table.
        per_second: how many may leave in a second.
        now: the time (UTC). A clock that is behind those of others finds no room: never is one second counted twice.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    second = int(now.timestamp())
    return _count(table, second, per_second) or _begin(table, second) or _count(table, second, per_second)


def _count(table: Table, second: int, per_second: int) -> bool:
    return _updated(
        table,
        "SET #taken = #taken + :one",
        "#second = :second AND #taken < :most",
        {":second": items.number(second), ":one": items.number(1), ":most": items.number(per_second)},
    )


def _begin(table: Table, second: int) -> bool:
    return _updated(
        table,
        "SET #second = :second, #taken = :one",
        "attribute_not_exists(#second) OR #second < :second",
        {":second": items.number(second), ":one": items.number(1)},
    )


def _updated(table: Table, expression: str, condition: str, values: dict[str, items.Attribute]) -> bool:
    names = {"#second": "second", "#taken": "taken"}
    try:
        table.update(keys.send_rate(), expression, names, values, condition)
    except ConflictError:
        return False
    return True

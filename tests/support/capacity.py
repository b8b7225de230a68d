"""Count what calls of the table in memory cost: capacity units as AWS documents them, from the sizes of items.

Reads: one unit per 4 KB of an item that is asked for by key, or of all items of a page together; half of it where the
read is not consistent. Writes: one unit per KB of the larger of an item before and after, twice that in a transaction,
and one per KB in each index that the item is in, where it changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from support.items import size

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.memory import MemoryClient

# What the index of due work holds of an item.
DUE_KEYS = ("pk", "sk", "duePk", "dueSk")
INDEX_KEYS = ("listPk", "accountPk", "duePk")


@dataclass
class Spent:
    """Capacity units and calls."""

    read: float = 0.0
    write: float = 0.0
    calls: int = 0


class Meter:
    """Counts the calls of a client from now on: `spent` is what they have cost since it was last taken."""

    def __init__(self, client: MemoryClient) -> None:
        """Watch `client`."""
        self._client = client
        self._spent = Spent()
        self._watch("batch_get_item", self._batch_get)
        self._watch("query", self._query)
        self._watch("transact_write_items", None)
        self._watch("update_item", None)

    def take(self) -> Spent:
        """What was spent since this was last asked."""
        spent, self._spent = self._spent, Spent()
        return spent

    def _watch(self, name: str, read: Callable[[dict[str, Any], dict[str, Any]], float] | None) -> None:
        call = getattr(self._client, name)
        factor = 2 if name == "transact_write_items" else 1

        def counted(**arguments: Any) -> Any:
            first = len(self._client.records)
            answer = call(**arguments)
            self._spent.calls += 1
            if read:
                self._spent.read += read(arguments, answer)
            self._spent.write += sum(self._written(record, factor) for record in self._client.records[first:])
            return answer

        setattr(self._client, name, counted)

    @staticmethod
    def _batch_get(arguments: dict[str, Any], answer: dict[str, Any]) -> float:
        [request] = arguments["RequestItems"].values()
        [found] = answer["Responses"].values()
        missing = len(request["Keys"]) - len(found)
        return missing + sum(max(1, ceil(size(item) / 4096)) for item in found)

    @staticmethod
    def _query(arguments: dict[str, Any], answer: dict[str, Any]) -> float:
        due = arguments.get("IndexName") == "due"
        rows = [{name: item[name] for name in DUE_KEYS} if due else item for item in answer["Items"]]
        units = max(1, ceil(sum(map(size, rows)) / 4096))
        return units if arguments.get("ConsistentRead") else units / 2

    @staticmethod
    def _written(record: dict[str, Any], factor: int) -> int:
        images = [record["dynamodb"].get(name, {}) for name in ("OldImage", "NewImage")]
        units = max(1, *(ceil(size(image) / 1024) for image in images))
        return units * (factor + sum(any(name in image for image in images) for name in INDEX_KEYS))

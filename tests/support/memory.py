"""DynamoDB in memory, as much of it as this house uses: for tests that need thousands of writes.

A double, and so held to the same contract as the engines: `test_storage.py` runs the same cases against this one and
the others. Expressions are read, not guessed: one that the grammar below does not know raises.
"""

from __future__ import annotations

import copy
import re
import threading
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]

_TOKEN = re.compile(
    r"\s*(attribute_exists|attribute_not_exists|if_not_exists|begins_with|AND|OR|<=|>=|=|<|>|\(|\)|,|[#:.\w]+)"
)


class CancelledError(ClientError):
    """A transaction of which nothing was written."""


class FailedError(ClientError):
    """A condition that did not hold."""


class TransactionConflictError(ClientError):
    """Two at once; never here, since everything happens one after another."""


class Exceptions:
    """The client's exceptions."""

    TransactionCanceledException = CancelledError
    ConditionalCheckFailedException = FailedError
    TransactionConflictException = TransactionConflictError


class MemoryClient:
    """The client's calls, over a dictionary. `records` is the stream."""

    exceptions = Exceptions

    def __init__(self, indexes: dict[str, tuple[str, str]]) -> None:
        """`indexes`: name -> its partition and sort attributes."""
        self.items: dict[tuple[str, str], Item] = {}
        self.records: list[dict[str, Any]] = []
        self._indexes = indexes
        self._lock = threading.Lock()
        self._sequence = count(1)

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Items by key."""
        [(name, asked)] = RequestItems.items()
        with self._lock:
            found = [self.items.get(_place(key)) for key in asked["Keys"]]
            return {"Responses": {name: [copy.deepcopy(item) for item in found if item]}, "UnprocessedKeys": {}}

    def query(self, **asked: Any) -> dict[str, Any]:
        """Items of a partition, of the table or of an index, in the order of their sort keys."""
        names, values = asked["ExpressionAttributeNames"], asked["ExpressionAttributeValues"]
        partition, sort = self._indexes.get(asked.get("IndexName", ""), ("pk", "sk"))
        condition = _Expression(asked["KeyConditionExpression"], names, values)
        with self._lock:
            rows = [item for item in self.items.values() if partition in item and condition.holds(item)]
        rows.sort(key=lambda item: (item[sort]["S"], _place(item)), reverse=not asked.get("ScanIndexForward", True))
        if start := asked.get("ExclusiveStartKey"):
            after = (start[sort]["S"], _place(start))
            backwards = not asked.get("ScanIndexForward", True)
            rows = [
                row
                for row in rows
                if ((row[sort]["S"], _place(row)) < after if backwards else (row[sort]["S"], _place(row)) > after)
            ]
        limit = asked.get("Limit")
        shown = rows[:limit] if limit else rows
        answer: dict[str, Any] = {"Items": copy.deepcopy(shown)}
        if len(shown) < len(rows):
            last = shown[-1]
            answer["LastEvaluatedKey"] = {name: last[name] for name in dict.fromkeys(("pk", "sk", partition, sort))}
        return answer

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        """All of it, or nothing."""
        if len(TransactItems) > 100:
            raise ClientError({"Error": {"Code": "ValidationException"}}, "TransactWriteItems")
        places = [_place(parts.get("Key") or parts["Item"]) for [(_, parts)] in map(dict.items, TransactItems)]
        if len(set(places)) < len(places):
            raise ClientError({"Error": {"Code": "ValidationException"}}, "TransactWriteItems")
        with self._lock:
            reasons = [
                {"Code": "None" if self._holds(parts, place) else "ConditionalCheckFailed"}
                for [(_, parts)], place in zip(map(dict.items, TransactItems), places, strict=True)
            ]
            if any(reason["Code"] != "None" for reason in reasons):
                raise CancelledError({"CancellationReasons": reasons}, "TransactWriteItems")  # type: ignore[typeddict-item]
            for [(verb, parts)], place in zip(map(dict.items, TransactItems), places, strict=True):
                self._do(verb, parts, place)
        return {}

    def update_item(self, **parts: Any) -> dict[str, Any]:
        """One item."""
        place = _place(parts["Key"])
        with self._lock:
            if not self._holds(parts, place):
                raise FailedError({"Error": {"Code": "ConditionalCheckFailedException"}}, "UpdateItem")
            self._do("Update", parts, place)
        return {}

    def _holds(self, parts: dict[str, Any], place: tuple[str, str]) -> bool:
        if "ConditionExpression" not in parts:
            return True
        return _expression(parts, "ConditionExpression").holds(self.items.get(place, {}))

    def _do(self, verb: str, parts: dict[str, Any], place: tuple[str, str]) -> None:
        before = self.items.get(place)
        if verb == "Put":
            self.items[place] = copy.deepcopy(parts["Item"])
        elif verb == "Delete":
            self.items.pop(place, None)
        elif verb == "Update":
            item = copy.deepcopy(before) if before else copy.deepcopy(parts["Key"])
            _expression(parts, "UpdateExpression").update(item)
            self.items[place] = item
        self._record(place, before, self.items.get(place))

    def _record(self, place: tuple[str, str], before: Item | None, after: Item | None) -> None:
        if before == after:
            return
        images = {"OldImage": before} if before else {}
        images |= {"NewImage": after} if after else {}
        self.records.append(
            {
                "eventName": "REMOVE" if after is None else "MODIFY" if before else "INSERT",
                "dynamodb": {
                    "Keys": {"pk": {"S": place[0]}, "sk": {"S": place[1]}},
                    "SequenceNumber": f"{next(self._sequence):020d}",
                    **copy.deepcopy(images),
                },
            }
        )


def _place(key: Item) -> tuple[str, str]:
    return key["pk"]["S"], key["sk"]["S"]


def _expression(parts: dict[str, Any], which: str) -> _Expression:
    names, values = parts.get("ExpressionAttributeNames", {}), parts.get("ExpressionAttributeValues", {})
    return _Expression(parts[which], names, values)


def _plain(attribute: dict[str, Any]) -> Any:
    [(kind, value)] = attribute.items()
    return int(value) if kind == "N" else value


class _Expression:
    """One expression, read from left to right. AND binds before OR."""

    def __init__(self, text: str, names: dict[str, str], values: dict[str, Any]) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s", "", text):
            raise ValueError(text)
        self._names, self._values = names, values

    def holds(self, item: Item) -> bool:
        tokens = iter(self._tokens)
        either, both = False, True
        for token in tokens:
            if token == "OR":
                either, both = either or both, True
            elif token != "AND":
                both = self._term(token, tokens, item) and both
        return either or both

    def _term(self, token: str, tokens: Any, item: Item) -> bool:
        if token in {"attribute_exists", "attribute_not_exists"}:
            next(tokens)
            found = self._at(next(tokens), item) is not None
            next(tokens)
            return found == (token == "attribute_exists")
        if token == "begins_with":
            next(tokens)
            left = self._at(next(tokens), item)
            next(tokens)
            prefix = self._values[next(tokens)]["S"]
            next(tokens)
            return left is not None and left["S"].startswith(prefix)
        left, comparison, right = self._at(token, item), next(tokens), self._values[next(tokens)]
        if left is None:
            return False
        one, other = _plain(left), _plain(right)
        match comparison:
            case "=":
                return bool(one == other)
            case "<=":
                return bool(one <= other)
            case ">":
                return bool(one > other)
        raise ValueError(comparison)

    def _path(self, token: str) -> list[str]:
        return [self._names[part] if part.startswith("#") else part for part in token.split(".")]

    def _at(self, token: str, item: Item) -> Any:
        found: Any = {"M": item}
        for name in self._path(token):
            found = found.get("M", {}).get(name)
            if found is None:
                return None
        return found

    def update(self, item: Item) -> None:
        sets, _, removes = " ".join(self._tokens).partition("REMOVE")
        for part in re.findall(r"(\S+) = (if_not_exists \( \S+ , (:\w+) \)|:\w+)", sets.removeprefix("SET")):
            target, value, default = part
            if default and self._at(target, item) is not None:
                continue
            *way, last = self._path(target)
            inside = item
            for name in way:
                inside = inside[name]["M"]
            inside[last] = copy.deepcopy(self._values[default or value])
        for token in removes.replace(",", " ").split():
            item.pop(self._names[token], None)

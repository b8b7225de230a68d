"""One DynamoDB table in memory, with expressions, limits and refusals, for tests that need thousands of calls.

A double, and so held to the same contract as the engines: `test_storage.py` runs the same cases against this one, moto
and DynamoDB Local. Where Local is more lenient than AWS documents, this follows AWS. What it does not know it refuses:
an unknown parameter is a TypeError. `faults` makes it fail, hang or lose a response when a test says so.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from support.expressions import PATH_MISSING, Expressions, InvalidError, Item, PathError
from support.faults import Faults, Plan
from support.items import check_item, check_key, check_key_value, copied, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_ACTIONS = 100
MAX_KEYS = 100
MAX_BATCH_WRITES = 25
MAX_PAGE = 1024**2
MAX_PARTITION = 1024**2
MAX_BATCH = 16 * 1024**2
MAX_TRANSACTION = 4 * 1024**2
MAX_TOKEN = 36

_EXPRESSIONS = {"ExpressionAttributeNames", "ExpressionAttributeValues"}
_PARAMETERS = {
    "Put": {"TableName", "Item", "ConditionExpression", "ReturnValuesOnConditionCheckFailure", *_EXPRESSIONS},
    "Delete": {"TableName", "Key", "ConditionExpression", "ReturnValuesOnConditionCheckFailure", *_EXPRESSIONS},
    "ConditionCheck": {"TableName", "Key", "ConditionExpression", "ReturnValuesOnConditionCheckFailure", *_EXPRESSIONS},
    "Update": {
        *("TableName", "Key", "UpdateExpression", "ConditionExpression", "ReturnValuesOnConditionCheckFailure"),
        *_EXPRESSIONS,
    },
    "Query": {
        *("TableName", "IndexName", "KeyConditionExpression", "ScanIndexForward", "Limit", "ExclusiveStartKey"),
        *("ConsistentRead", "Select"),
        *_EXPRESSIONS,
    },
}

Place = tuple[str, str]


class CancelledError(ClientError):
    """TransactionCanceledException: nothing of it was written."""


class FailedError(ClientError):
    """ConditionalCheckFailedException: a condition did not hold."""


class TransactionConflictError(ClientError):
    """TransactionConflictException: another transaction writes the item; only when a test plans it."""


class IdempotentParameterMismatchError(ClientError):
    """IdempotentParameterMismatchException: the same token, and another transaction."""


class Exceptions:
    """The client's exceptions."""

    TransactionCanceledException = CancelledError
    ConditionalCheckFailedException = FailedError
    TransactionConflictException = TransactionConflictError
    IdempotentParameterMismatchException = IdempotentParameterMismatchError


class MemoryClient:
    """A DynamoDB client over dictionaries.

    `items` is what is stored, `records` the table's stream, `faults` what the test has planned.
    """

    exceptions = Exceptions

    def __init__(self, indexes: dict[str, tuple[str, str]]) -> None:
        """Make an empty table. `indexes`: name -> names of its partition key and sort key."""
        self.items: dict[Place, Item] = {}
        self.records: list[dict[str, Any]] = []
        self.faults = Faults()
        self._indexes = {"": ("pk", "sk"), **indexes}
        self._partitions: dict[tuple[str, str], set[Place]] = defaultdict(set)
        self._sizes: dict[Place, int] = {}
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()
        self._sequence = count(1)

    # Reading

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Items by key, in no order that anybody could rely on; what is too much comes back as unprocessed."""
        return self._run("batch_get_item", lambda plan: self._batch_get(RequestItems, plan))

    def _batch_get(self, wanted: dict[str, Any], plan: Plan | None) -> dict[str, Any]:
        [(name, request)] = wanted.items()
        keys: list[Item] = request["Keys"]
        if not 1 <= len(keys) <= MAX_KEYS:
            raise InvalidError(f"Member must have length less than or equal to {MAX_KEYS}, and at least 1")
        for key in keys:
            check_key(key)
        places = [_place(key) for key in keys]
        if len(set(places)) < len(places):
            raise InvalidError("Provided list of item keys contains duplicates")
        left = list(plan.unprocessed(keys)) if plan and plan.unprocessed else []
        answered: list[Item] = []
        sizes: dict[str, int] = defaultdict(int)
        for key, place in zip(keys, places, strict=True):
            if key in left or (item := self.items.get(place)) is None:
                continue
            bytes_ = self._size(place, item)
            if sum(sizes.values()) + bytes_ > MAX_BATCH or sizes[place[0]] + bytes_ > MAX_PARTITION:
                left.append(key)
                continue
            sizes[place[0]] += bytes_
            answered.append(copied(item))
        unprocessed = {name: {**request, "Keys": copied(left)}} if left else {}
        return {"Responses": {name: answered[::-1]}, "UnprocessedKeys": unprocessed}

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:  # noqa: N803
        """One item."""

        def read(_: Plan | None) -> dict[str, Any]:
            check_key(Key)
            found = self.items.get(_place(Key))
            return {"Item": copied(found)} if found else {}

        return self._run("get_item", read)

    def query(self, **request: Any) -> dict[str, Any]:
        """A page of a partition, of the table or of an index, in the order of its sort keys."""
        _check_parameters("Query", request)
        return self._run("query", lambda _: self._query(request))

    def _query(self, request: dict[str, Any]) -> dict[str, Any]:
        index = request.get("IndexName", "")
        if index not in self._indexes:
            raise InvalidError(f"The table does not have the specified index: {index}")
        if index and request.get("ConsistentRead"):
            raise InvalidError("Consistent reads are not supported on global secondary indexes")
        limit = request.get("Limit")
        if limit is not None and limit < 1:
            raise InvalidError("Value at 'limit' failed to satisfy constraint: greater than or equal to 1")
        partition, sort = self._indexes[index]
        condition = Expressions(request, "KeyConditionExpression")
        pk = _partition_value(condition.key_condition(), partition, sort)
        backwards = not request.get("ScanIndexForward", True)
        rows = [self.items[place] for place in self._partitions[index, pk]]
        rows = [row for row in rows if condition.holds(row, "KeyConditionExpression")]
        rows.sort(key=lambda row: _order(row, sort), reverse=backwards)
        if (start := request.get("ExclusiveStartKey")) is not None:
            self._check_start(start, (partition, sort), pk)
            after = _order(start, sort)
            rows = [row for row in rows if (_order(row, sort) < after if backwards else _order(row, sort) > after)]
        page: list[Item] = []
        read = 0
        more = False
        for row in rows:
            page.append(copied(row))
            read += self._size(_place(row), row)
            # The item that fills a page ends it, and what fills it may have been the last one.
            more = read >= MAX_PAGE or len(page) == limit
            if more:
                break
        answer: dict[str, Any] = {"Items": page, "Count": len(page), "ScannedCount": len(page)}
        if more:
            answer["LastEvaluatedKey"] = {name: page[-1][name] for name in {"pk", "sk", partition, sort}}
        return answer

    def _size(self, place: Place, item: Item) -> int:
        """The size of a stored item, which is computed once for each."""
        if place not in self._sizes:
            self._sizes[place] = size(item)
        return self._sizes[place]

    def _check_start(self, start: Item, keys: tuple[str, str], pk: str) -> None:
        if start.keys() != {"pk", "sk", *keys}:
            raise InvalidError("The provided starting key is invalid: it must hold the keys of table and index")
        for name in start:
            check_key_value(name, start[name])
        if start[keys[0]]["S"] != pk:
            raise InvalidError("The provided starting key is outside query boundaries based on provided conditions")

    # Writing

    def transact_write_items(
        self,
        *,
        TransactItems: list[dict[str, Any]],  # noqa: N803
        ClientRequestToken: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """All of it, or nothing."""
        return self._run("transact_write_items", lambda plan: self._transact(TransactItems, ClientRequestToken, plan))

    def _transact(self, actions: list[dict[str, Any]], token: str | None, plan: Plan | None) -> dict[str, Any]:
        if not 1 <= len(actions) <= MAX_ACTIONS:
            raise InvalidError(
                "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_ACTIONS}"
            )
        prepared = [self._prepare(verb, request) for [(verb, request)] in map(dict.items, actions)]
        if len({action.place for action in prepared}) < len(prepared):
            raise InvalidError("Transaction request cannot include multiple operations on one item")
        if plan and plan.conflict:
            raise _cancelled(["TransactionConflict", *["None"] * (len(prepared) - 1)])
        if token is not None and self._is_repeated(token, actions):
            return {}
        codes = ["None" if action.holds(self.items) else "ConditionalCheckFailed" for action in prepared]
        if any(code != "None" for code in codes):
            raise _cancelled(codes)
        results = self._results(prepared)
        for action, result in zip(prepared, results, strict=True):
            self._store(action, result)
        if token is not None:
            self._tokens[token] = json.dumps(actions, sort_keys=True)
        return {}

    def _results(self, actions: Sequence[_Action]) -> list[Item | None]:
        """What each action leaves; all are checked before anything is stored."""
        results: list[Item | None] = []
        codes: list[str] = []
        for action in actions:
            try:
                results.append(action.result(self.items))
                codes.append("None")
            except (PathError, InvalidError):
                codes.append("ValidationError")
        if "ValidationError" in codes:
            raise _cancelled(codes)
        touched = [after or self.items.get(action.place, {}) for action, after in zip(actions, results, strict=True)]
        if sum(map(size, touched)) > MAX_TRANSACTION:
            raise InvalidError("Transaction request size exceeds the maximum of 4 MB")
        return results

    def _is_repeated(self, token: str, actions: list[dict[str, Any]]) -> bool:
        """Whether the same transaction was written under this token. AWS forgets a token after ten minutes."""
        if not 1 <= len(token) <= MAX_TOKEN:
            raise InvalidError(f"clientRequestToken: Member must have length less than or equal to {MAX_TOKEN}")
        stored = self._tokens.get(token)
        if stored is not None and stored != json.dumps(actions, sort_keys=True):
            code = "IdempotentParameterMismatchException"
            raise IdempotentParameterMismatchError({"Error": {"Code": code, "Message": code}}, "TransactWriteItems")
        return stored is not None

    def update_item(self, **request: Any) -> dict[str, Any]:
        """Change one item."""
        return self._run("update_item", lambda plan: self._write("Update", request, plan))

    def put_item(self, **request: Any) -> dict[str, Any]:
        """Put one item."""
        return self._run("put_item", lambda plan: self._write("Put", request, plan))

    def delete_item(self, **request: Any) -> dict[str, Any]:
        """Delete one item."""
        return self._run("delete_item", lambda plan: self._write("Delete", request, plan))

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Put and delete up to 25 items, each on its own."""

        def write(_: Plan | None) -> dict[str, Any]:
            [requests] = RequestItems.values()
            if not 1 <= len(requests) <= MAX_BATCH_WRITES:
                raise InvalidError(f"Member must have length less than or equal to {MAX_BATCH_WRITES}")
            verbs = {"PutRequest": "Put", "DeleteRequest": "Delete"}
            prepared = [self._prepare(verbs[verb], request) for [(verb, request)] in map(dict.items, requests)]
            if len({action.place for action in prepared}) < len(prepared):
                raise InvalidError("Provided list of item keys contains duplicates")
            for action in prepared:
                self._store(action, action.result(self.items))
            return {"UnprocessedItems": {}}

        return self._run("batch_write_item", write)

    def _write(self, verb: str, request: dict[str, Any], plan: Plan | None) -> dict[str, Any]:
        action = self._prepare(verb, request)
        if plan and plan.conflict:
            code = "TransactionConflictException"
            message = "Transaction is ongoing for the item"
            raise TransactionConflictError({"Error": {"Code": code, "Message": message}}, f"{verb}Item")
        if not action.holds(self.items):
            code = "ConditionalCheckFailedException"
            raise FailedError({"Error": {"Code": code, "Message": "The conditional request failed"}}, f"{verb}Item")
        self._store(action, action.result(self.items))
        return {}

    def holds(self, verb: str, request: dict[str, Any]) -> bool:
        """Whether the condition of a write holds now; none always does. Nothing is written."""
        return self._prepare(verb, request).holds(self.items)

    # What every call does

    def _run(self, call: str, do: Callable[[Plan | None], dict[str, Any]]) -> dict[str, Any]:
        plan = self.faults.next(call)
        if plan and plan.action and not plan.after:
            plan.action()
        if plan and plan.error and not plan.after:
            raise plan.error
        try:
            with self._lock:
                answer = do(plan)
        except (InvalidError, PathError) as invalid:
            raise ClientError(
                {"Error": {"Code": "ValidationException", "Message": str(invalid)}},
                "".join(word.title() for word in call.split("_")),
            ) from invalid
        if plan and plan.action and plan.after:
            plan.action()
        if plan and plan.error:
            raise plan.error
        return answer

    def _prepare(self, verb: str, request: dict[str, Any]) -> _Action:
        _check_parameters(verb, request)
        return _Action(verb, request, {name for keys in self._indexes.values() for name in keys})

    def _store(self, action: _Action, after: Item | None) -> None:
        if action.verb == "ConditionCheck":
            return
        place = action.place
        before = self.items.get(place)
        self._replace(place, before, after)
        self._record(place, before, after)

    def restore(self, items: Mapping[Place, Item], records: int) -> None:
        """Go back to an earlier moment: what was stored then (a copy of `items`), and how many records there were.

        Only what the records since then name is put back: the cost grows with what has changed.
        """
        for place in {_place(record["dynamodb"]["Keys"]) for record in self.records[records:]}:
            self._replace(place, self.items.get(place), items.get(place))
        del self.records[records:]
        self._tokens.clear()

    def replay(self, records: Sequence[dict[str, Any]]) -> None:
        """Write once more what these records of the stream say, where the table is as it was when they were written."""
        for record in records:
            place = _place(record["dynamodb"]["Keys"])
            self._replace(place, self.items.get(place), record["dynamodb"].get("NewImage"))
        self.records += records

    @contextmanager
    def as_of(self, records: int) -> Iterator[None]:
        """Within it the table is as it was when there were so many records: for a read of an index that is behind."""
        before: dict[Place, Item | None] = {}
        for record in self.records[records:]:
            before.setdefault(_place(record["dynamodb"]["Keys"]), record["dynamodb"].get("OldImage"))
        now = {place: self.items.get(place) for place in before}
        for place, item in before.items():
            self._replace(place, now[place], item)
        try:
            yield
        finally:
            for place, item in now.items():
                self._replace(place, before[place], item)

    def _replace(self, place: Place, before: Item | None, after: Item | None) -> None:
        self._sizes.pop(place, None)
        for name, (partition, _) in self._indexes.items():
            self._partitions[name, _string(before, partition)].discard(place)
        if after is None:
            self.items.pop(place, None)
        else:
            self.items[place] = after
            for name, (partition, sort) in self._indexes.items():
                # Sparse: an item without an index's keys is not in it.
                if partition in after and sort in after:
                    self._partitions[name, _string(after, partition)].add(place)

    def _record(self, place: Place, before: Item | None, after: Item | None) -> None:
        # A write that changes nothing leaves no record.
        if before == after:
            return
        images = {"OldImage": copied(before)} if before else {}
        images |= {"NewImage": copied(after)} if after else {}
        self.records.append(
            {
                "eventName": "REMOVE" if after is None else "MODIFY" if before else "INSERT",
                "dynamodb": {
                    "Keys": {"pk": {"S": place[0]}, "sk": {"S": place[1]}},
                    "SequenceNumber": f"{next(self._sequence):020d}",
                    **images,
                },
            }
        )


class _Action:
    """One write, checked as far as that is possible without the item."""

    def __init__(self, verb: str, request: dict[str, Any], keys: set[str]) -> None:
        self.verb = verb
        self._request = request
        self._keys = keys
        key: Item = request["Item"] if verb == "Put" else request["Key"]
        if verb == "Put":
            check_item(key, keys)
        else:
            check_key(key)
        self.place = _place(key)
        if verb == "ConditionCheck" and "ConditionExpression" not in request:
            raise InvalidError("The expression can not be empty;")
        self._expressions = Expressions(request, "ConditionExpression", "UpdateExpression")
        if verb == "Update":
            for path in self._expressions.targets():
                if path[0] in {"pk", "sk"}:
                    raise InvalidError(f"Cannot update attribute {path[0]}. This attribute is part of the key")

    def holds(self, items: dict[Place, Item]) -> bool:
        """Whether the condition holds; none always does."""
        return self._expressions.holds(items.get(self.place, {}))

    def result(self, items: dict[Place, Item]) -> Item | None:
        """The item afterwards; None when there is none.

        Raises:
            PathError: the update does not fit the item.
            InvalidError: the item is too large then, or has an index key that cannot be one.
        """
        if self.verb == "Delete":
            return None
        if self.verb == "Put":
            item: Item = copied(self._request["Item"])
            return item
        present = items.get(self.place)
        if self.verb == "ConditionCheck":
            return present
        after: Item = copied(present or self._request["Key"])
        self._expressions.update(after)
        check_item(after, self._keys)
        return after


def _cancelled(codes: Sequence[str]) -> CancelledError:
    messages = {
        "None": {},
        "ConditionalCheckFailed": {"Message": "The conditional request failed"},
        "TransactionConflict": {"Message": "Transaction is ongoing for the item"},
        "ValidationError": {"Message": PATH_MISSING},
    }
    response: Any = {
        "Error": {
            "Code": "TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
            f"[{', '.join(codes)}]",
        },
        "CancellationReasons": [{"Code": code, **messages[code]} for code in codes],
    }
    return CancelledError(response, "TransactWriteItems")


def _check_parameters(verb: str, request: dict[str, Any]) -> None:
    if unknown := request.keys() - _PARAMETERS[verb]:
        raise TypeError(f"{verb} in memory does not know {sorted(unknown)}")


def _partition_value(parts: list[tuple[str, str, list[Item]]], partition: str, sort: str) -> str:
    """The partition that a key condition names; it must name one, and perhaps a range of sort keys."""
    names = [name for name, _, _ in parts]
    if names.count(partition) != 1 or set(names) - {partition, sort}:
        raise InvalidError(f"Query condition missed key schema element: {partition}")
    if len(names) != len(set(names)):
        raise InvalidError("KeyConditionExpressions must only contain one condition per key")
    for name, _, values in parts:
        for value in values:
            check_key_value(name, value)
    [(operator, value)] = [(operator, values[0]) for name, operator, values in parts if name == partition]
    if operator != "=":
        raise InvalidError("Query key condition not supported")
    return str(value["S"])


def _order(item: Item, sort: str) -> tuple[bytes, Place]:
    return str(item[sort]["S"]).encode(), _place(item)


def _string(item: Item | None, name: str) -> str:
    return str((item or {}).get(name, {}).get("S", ""))


def _place(key: Item) -> Place:
    return key["pk"]["S"], key["sk"]["S"]

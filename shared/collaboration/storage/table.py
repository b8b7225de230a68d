"""The table: reads of several items at once, one conditional transaction per change, and single updates."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar, overload
from uuid import uuid4

from collaboration.storage import keys
from collaboration.storage.actions import Action
from collaboration.storage.items import Attribute, Item
from collaboration.storage.keys import Key
from collaboration.storage.patience import Backoff

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_A = TypeVar("_A")


_B = TypeVar("_B")


_C = TypeVar("_C")


_D = TypeVar("_D")
_E = TypeVar("_E")


# What BatchGetItem takes at most, and TransactWriteItems.
_BATCH = 100
_TRANSACTION = 100

# How often a call is made that the table does not answer. The SDK does not repeat it: it knows of no deadline.
_ATTEMPTS = 3

# How often a call is made that the table throttles: a partition that many write to at once has room a second later.
_THROTTLED_ATTEMPTS = 9

# How often keys that were left unprocessed are asked for again.
_UNPROCESSED = 8


class ConflictError(Exception):
    """A condition of the transaction did not hold, since somebody else was faster; nothing was written."""


class ItemBusyError(ConflictError):
    """A transaction is writing the item right now: the same write may succeed a moment later."""


class TableUnavailableError(Exception):
    """The table does not answer, or not in time."""


class Table:
    """One DynamoDB table.

    Args:
        client: a DynamoDB client; safe to use from several threads.
        name: the table's name.
        backoff: pauses before a call is repeated, within the request's deadline.
    """

    def __init__(self, client: "DynamoDBClient", name: str, backoff: Backoff | None = None) -> None:
        self._client = client
        self._name = name
        self._backoff = backoff or Backoff()
        self._threads: ThreadPoolExecutor | None = None

    def get(self, *wanted: Key) -> dict[Key, Item]:
        """The items with these keys, read consistently; those that are not there are left out.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        found: dict[Key, Item] = {}
        waiting = list(dict.fromkeys(wanted))
        unprocessed = 0
        while waiting:
            batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
            asked = [{"pk": {"S": item_key.pk}, "sk": {"S": item_key.sk}} for item_key in batch]
            answer = self._call(
                self._client.batch_get_item, RequestItems={self._name: {"Keys": asked, "ConsistentRead": True}}
            )
            for item in answer["Responses"].get(self._name, ()):
                found[Key(item["pk"]["S"], item["sk"]["S"])] = item
            left = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", ())
            if left:
                # Throttled, or more than 16 MB: what was left out is asked for again, and not at once.
                if unprocessed >= _UNPROCESSED or not self._backoff.pause(unprocessed):
                    raise TableUnavailableError("UnprocessedKeys")
                unprocessed += 1
                waiting += [Key(key["pk"]["S"], key["sk"]["S"]) for key in left]
        return found

    def partition(self, pk: str, prefix: str = "") -> list[Item]:
        """All items of a partition whose sort key starts with `prefix`, read consistently.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        condition, values = "#pk = :pk", {":pk": {"S": pk}}
        names = {"#pk": "pk"}
        if prefix:
            condition, names["#sk"], values[":sk"] = f"{condition} AND begins_with(#sk, :sk)", "sk", {"S": prefix}
        items: list[Item] = []
        start: Mapping[str, Any] = {}
        while True:
            answer = self._call(
                self._client.query,
                TableName=self._name,
                KeyConditionExpression=condition,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
                ConsistentRead=True,
                **start,
            )
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return items
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def page(
        self,
        pk: str,
        *,
        index: str | None = None,
        prefix: str = "",
        min_key: str | None = None,
        max_key: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
        after: Mapping[str, Attribute] | None = None,
    ) -> tuple[list[Item], Mapping[str, Attribute] | None]:
        """One query: up to `limit` items, or as many as a megabyte holds, and where to go on (None at the end).

        Args:
            pk: the partition, of the table or of `index`.
            index: the index to ask, eventually consistent; None asks the table.
            prefix: what the sort key starts with.
            min_key: the least sort key; only together with `max_key`.
            max_key: the greatest sort key.
            newest_first: the greatest sort key first.
            limit: how many items to read.
            after: where the page before ended.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        stem = keys.STEMS.get(index or "")
        names = {"#pk": f"{stem}Pk" if stem else "pk"}
        condition, values = "#pk = :pk", {":pk": {"S": pk}}
        if prefix or max_key is not None:
            names["#sk"] = f"{stem}Sk" if stem else "sk"
        if prefix:
            condition, values[":sk"] = f"{condition} AND begins_with(#sk, :sk)", {"S": prefix}
        elif min_key is not None and max_key is not None:
            condition = f"{condition} AND #sk BETWEEN :from AND :upto"
            values |= {":from": {"S": min_key}, ":upto": {"S": max_key}}
        elif max_key is not None:
            condition, values[":upto"] = f"{condition} AND #sk <= :upto", {"S": max_key}
        optional: dict[str, Any] = {"IndexName": index} if index else {"ConsistentRead": True}
        if limit is not None:
            optional["Limit"] = limit
        if after:
            optional["ExclusiveStartKey"] = after
        answer = self._call(
            self._client.query,
            TableName=self._name,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            ScanIndexForward=not newest_first,
            **optional,
        )
        return answer["Items"], answer.get("LastEvaluatedKey")

    def all_pages(
        self,
        pk: str,
        *,
        index: str,
        prefix: str = "",
        min_key: str | None = None,
        max_key: str | None = None,
    ) -> Iterator[Item]:
        """The items of a partition of an index as `page` gives them, as many queries as it takes.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        after: Mapping[str, Attribute] | None = None
        while True:
            found, after = self.page(pk, index=index, prefix=prefix, min_key=min_key, max_key=max_key, after=after)
            yield from found
            if after is None:
                return

    def count(self, pk: str, *, index: str, min_key: str, max_key: str, limit: int) -> int:
        """How many items of a partition of an index have a sort key from `min_key` to `max_key`, at most `limit`.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        stem = keys.STEMS[index]
        counted = 0
        start: Mapping[str, Any] = {}
        while True:
            answer = self._call(
                self._client.query,
                TableName=self._name,
                IndexName=index,
                Select="COUNT",
                KeyConditionExpression="#pk = :pk AND #sk BETWEEN :from AND :upto",
                ExpressionAttributeNames={"#pk": f"{stem}Pk", "#sk": f"{stem}Sk"},
                ExpressionAttributeValues={":pk": {"S": pk}, ":from": {"S": min_key}, ":upto": {"S": max_key}},
                Limit=limit - counted,
                **start,
            )
            counted += int(answer["Count"])
            if counted >= limit or "LastEvaluatedKey" not in answer:
                return counted
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    @overload
    def gather(self, first: Callable[[], _A], second: Callable[[], _B], /) -> tuple[_A, _B]: ...

    @overload
    def gather(
        self, first: Callable[[], _A], second: Callable[[], _B], third: Callable[[], _C], /
    ) -> tuple[_A, _B, _C]: ...

    @overload
    def gather(
        self, first: Callable[[], _A], second: Callable[[], _B], third: Callable[[], _C], fourth: Callable[[], _D], /
    ) -> tuple[_A, _B, _C, _D]: ...

    @overload
    def gather(
        self,
        first: Callable[[], _A],
        second: Callable[[], _B],
        third: Callable[[], _C],
        fourth: Callable[[], _D],
        fifth: Callable[[], _E],
        /,
    ) -> tuple[_A, _B, _C, _D, _E]: ...

    def gather(self, first: Callable[[], Any], *others: Callable[[], Any]) -> tuple[Any, ...]:
        """Make several reads at the same time, each a function, and return their results in the same order.

        It takes as long as the slowest. Raises what the first of them that failed raised.
        """
        if self._threads is None:
            self._threads = ThreadPoolExecutor(max_workers=4)
        pending = [self._threads.submit(read) for read in others]
        return (first(), *(future.result() for future in pending))

    def pause(self, attempt: int) -> bool:
        """Wait before repeating a write that lost, and tell whether there is time: as `Backoff.pause`."""
        return self._backoff.pause(attempt)

    def write(self, actions: Sequence[Action]) -> None:
        """All of `actions`, or none.

        Raises:
            ConflictError: a condition did not hold, or another transaction is writing the same items.
            TableUnavailableError: the table does not answer.
        """
        try:
            self._call(
                self._client.transact_write_items,
                TransactItems=[self._named(action) for action in actions],
                # One token for all attempts: a transaction whose answer was lost is not done twice.
                ClientRequestToken=str(uuid4()),
            )
        except self._client.exceptions.TransactionCanceledException as cancelled:
            codes = {reason.get("Code") for reason in cancelled.response.get("CancellationReasons", ())}
            if codes <= {"None", "ConditionalCheckFailed", "TransactionConflict"}:
                raise ConflictError from cancelled
            raise TableUnavailableError from cancelled

    def write_in_parts(self, actions: Sequence[Action], *, checks: Sequence[Action] = ()) -> None:
        """Write actions that need not be written together, as many transactions as it takes.

        Args:
            actions: what is written.
            checks: what must hold whenever any of it is written.

        Raises:
            ConflictError: a condition did not hold, or somebody is writing the same items; some may be written.
            TableUnavailableError: the table does not answer.
        """
        at_once = _TRANSACTION - len(checks)
        for start in range(0, len(actions), at_once):
            self.write([*checks, *actions[start : start + at_once]])

    def _named(self, action: Action) -> Any:
        return {verb: {"TableName": self._name, **parts} for verb, parts in action.items()}

    def update(
        self,
        item_key: Key,
        expression: str,
        names: Mapping[str, str],
        values: Mapping[str, Attribute],
        condition: str | None = None,
    ) -> None:
        """One item, on a condition.

        Raises:
            ConflictError: the condition did not hold.
            ItemBusyError: a transaction is writing the item.
            TableUnavailableError: the table does not answer.
        """
        optional: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
        if values:
            optional["ExpressionAttributeValues"] = values
        try:
            self._call(
                self._client.update_item,
                TableName=self._name,
                Key={"pk": {"S": item_key.pk}, "sk": {"S": item_key.sk}},
                UpdateExpression=expression,
                ExpressionAttributeNames=names,
                **optional,
            )
        except self._client.exceptions.ConditionalCheckFailedException as lost:
            raise ConflictError from lost
        except self._client.exceptions.TransactionConflictException as busy:
            raise ItemBusyError from busy

    def _call(self, call: Callable[..., Any], **arguments: Any) -> Any:
        # Imported here: only who has a client pays for it.
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError  # noqa: PLC0415

        cause: Exception
        for attempt in count():
            if self._backoff.deadline.left <= 0:
                raise TableUnavailableError("DeadlinePassed")
            try:
                return call(**arguments)
            except ClientError as error:
                code = _code_of(error.response)
                if code not in _TRANSIENT | _THROTTLED:
                    raise
                reason, cause = code, error
            except HTTPClientError as error:
                reason, cause = type(error).__name__, error
            except BotoCoreError as error:
                raise TableUnavailableError(type(error).__name__) from error
            attempts = _THROTTLED_ATTEMPTS if reason in _THROTTLED else _ATTEMPTS
            if attempt + 1 >= attempts or not self._backoff.pause(attempt):
                raise TableUnavailableError(reason) from cause
        raise AssertionError("unreachable")


def _code_of(response: Mapping[str, Any]) -> str:
    """The code of an error; of a transaction that was cancelled for nothing but throttling, that of throttling."""
    reasons = {reason.get("Code", "None") for reason in response.get("CancellationReasons", ())} - {"None"}
    if reasons and reasons <= _THROTTLING_REASONS:
        return "ThrottlingException"
    code: str = response.get("Error", {}).get("Code", "")
    return code


_TRANSIENT = frozenset({"InternalServerError", "ServiceUnavailable", "TransactionInProgressException"})
_THROTTLED = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"})
# What a cancelled transaction says of it.
_THROTTLING_REASONS = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})

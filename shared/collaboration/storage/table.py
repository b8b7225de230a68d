"""The table as this house uses it: several reads at once, one conditional transaction per change, nothing else."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar, cast

from collaboration.storage.items import Attribute, Item
from collaboration.storage.keys import Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Action


_A = TypeVar("_A")


_B = TypeVar("_B")


_C = TypeVar("_C")


# What BatchGetItem takes at most.
_BATCH = 100


class ConflictError(Exception):  # noqa: N818 - an outcome of a race, not an error
    """Somebody else was first: a condition of the transaction did not hold, and nothing was written."""


class TableUnavailableError(Exception):  # noqa: N818 - a state of the world, not an error of ours
    """The table does not answer, or not in time."""


class Table:
    """One DynamoDB table.

    Args:
        client: a DynamoDB client; safe to use from several threads.
        name: the table's name.
    """

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client = client
        self._name = name
        self._threads: ThreadPoolExecutor | None = None

    def get(self, *places: Key) -> dict[Key, Item]:
        """The items at `places`, read consistently; those that are not there are left out.

        Raises:
            Unavailable: the table does not answer.
        """
        found: dict[Key, Item] = {}
        wanted = list(dict.fromkeys(places))
        while wanted:
            batch, wanted = wanted[:_BATCH], wanted[_BATCH:]
            keys = [{"pk": {"S": place.pk}, "sk": {"S": place.sk}} for place in batch]
            answer = self._ask(
                self._client.batch_get_item, RequestItems={self._name: {"Keys": keys, "ConsistentRead": True}}
            )
            for item in answer["Responses"].get(self._name, ()):
                found[Key(item["pk"]["S"], item["sk"]["S"])] = item
            left = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", ())
            wanted += [Key(key["pk"]["S"], key["sk"]["S"]) for key in left]
        return found

    def partition(self, pk: str, prefix: str = "") -> list[Item]:
        """All items of a partition whose sort key starts with `prefix`, read consistently.

        Raises:
            Unavailable: the table does not answer.
        """
        condition, values = "#pk = :pk", {":pk": {"S": pk}}
        names = {"#pk": "pk"}
        if prefix:
            condition, names["#sk"], values[":sk"] = f"{condition} AND begins_with(#sk, :sk)", "sk", {"S": prefix}
        items: list[Item] = []
        start: Mapping[str, Any] = {}
        while True:
            answer = self._ask(
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
            upto: the greatest sort key.
            newest_first: the greatest sort key first.
            limit: how many items to read.
            after: where the page before ended.

        Raises:
            Unavailable: the table does not answer.
        """
        stem = {"lists": "list", "accounts": "account", "due": "due"}.get(index or "")
        names = {"#pk": f"{stem}Pk" if stem else "pk"}
        condition, values = "#pk = :pk", {":pk": {"S": pk}}
        if prefix or max_key is not None:
            names["#sk"] = f"{stem}Sk" if stem else "sk"
        if prefix:
            condition, values[":sk"] = f"{condition} AND begins_with(#sk, :sk)", {"S": prefix}
        elif max_key is not None:
            condition, values[":upto"] = f"{condition} AND #sk <= :upto", {"S": max_key}
        optional: dict[str, Any] = {"IndexName": index} if index else {"ConsistentRead": True}
        if limit is not None:
            optional["Limit"] = limit
        if after:
            optional["ExclusiveStartKey"] = after
        answer = self._ask(
            self._client.query,
            TableName=self._name,
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            ScanIndexForward=not newest_first,
            **optional,
        )
        return answer["Items"], answer.get("LastEvaluatedKey")

    def gather(self, first: Callable[[], _A], second: Callable[[], _B], third: Callable[[], _C]) -> tuple[_A, _B, _C]:
        """Three questions asked at once: one round trip, however long the longest takes."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(max_workers=4)
        later = self._threads.submit(second), self._threads.submit(third)
        return first(), later[0].result(), later[1].result()

    def write(self, actions: Sequence["Action"]) -> None:
        """All of `actions`, or none.

        Raises:
            Lost: a condition did not hold, or somebody writes the same items right now.
            Unavailable: the table does not answer.
        """
        try:
            self._ask(self._client.transact_write_items, TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as cancelled:
            codes = {reason.get("Code") for reason in cancelled.response.get("CancellationReasons", ())}
            if codes <= {"None", "ConditionalCheckFailed", "TransactionConflict"}:
                raise ConflictError from cancelled
            raise TableUnavailableError from cancelled

    def update(
        self,
        place: Key,
        expression: str,
        names: Mapping[str, str],
        values: Mapping[str, Attribute],
        condition: str | None = None,
    ) -> None:
        """One item, on a condition.

        Raises:
            Lost: the condition did not hold.
            Unavailable: the table does not answer.
        """
        optional: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
        if values:
            optional["ExpressionAttributeValues"] = values
        try:
            self._ask(
                self._client.update_item,
                TableName=self._name,
                Key={"pk": {"S": place.pk}, "sk": {"S": place.sk}},
                UpdateExpression=expression,
                ExpressionAttributeNames=names,
                **optional,
            )
        except (
            self._client.exceptions.ConditionalCheckFailedException,
            self._client.exceptions.TransactionConflictException,
        ) as lost:
            raise ConflictError from lost

    def _ask(self, call: Callable[..., Any], **arguments: Any) -> Any:
        # Imported here: only who has a client pays for it.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            return call(**arguments)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _TRANSIENT:
                raise TableUnavailableError(code) from error
            raise
        except BotoCoreError as error:
            raise TableUnavailableError(type(error).__name__) from error

    # What a transaction is made of.

    def put(self, item: Item, condition: str | None = None, **values: Attribute) -> "Action":
        """Put `item`. A condition names attributes as `#name` and values as `:name`."""
        return self._action("Put", {"Item": item}, condition, values)

    def delete(self, place: Key, condition: str | None = None, **values: Attribute) -> "Action":
        """Delete the item at `place`."""
        return self._action("Delete", {"Key": _key(place)}, condition, values)

    def check(self, place: Key, condition: str, **values: Attribute) -> "Action":
        """Only let the transaction through while `condition` holds."""
        return self._action("ConditionCheck", {"Key": _key(place)}, condition, values)

    def set(
        self,
        place: Key,
        attributes: Mapping[str, Attribute],
        condition: str,
        *,
        inside: Mapping[str, Mapping[str, Attribute]] | None = None,
        remove: Iterable[str] = (),
        **values: Attribute,
    ) -> "Action":
        """Set some attributes of the item at `place`, and remove others; what is not named stays as it is.

        `inside`: a map attribute of the item, and what is set in it beside what others write there.
        """
        within = [(name, key, new) for name, entries in (inside or {}).items() for key, new in entries.items()]
        sets = [f"#{name} = :new_{name}" for name in attributes]
        sets += [f"#{name}.#in_{nth} = :in_{nth}" for nth, (name, _, _) in enumerate(within)]
        expression = "SET " + ", ".join(sets)
        gone = tuple(remove)
        if gone:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in gone)
        new = {f"new_{name}": attribute for name, attribute in attributes.items()}
        new |= {f"in_{nth}": attribute for nth, (_, _, attribute) in enumerate(within)}
        parts = {"Key": _key(place), "UpdateExpression": expression}
        names = {name: name for name in (*attributes, *gone, *(name for name, _, _ in within))}
        names |= {f"in_{nth}": key for nth, (_, key, _) in enumerate(within)}
        return self._action("Update", parts, condition, {**values, **new}, names)

    def _action(
        self,
        verb: str,
        parts: dict[str, Any],
        condition: str | None,
        values: Mapping[str, Attribute],
        names: Mapping[str, str] | None = None,
    ) -> "Action":
        action: Any = {verb: {"TableName": self._name, **parts, **_conditional(condition, values, names)}}
        return cast("Action", action)

    def assign(self, place: Key, path: Sequence[str], value: Attribute) -> "Action":
        """Set one value inside a map of the item at `place`, which must be there with everything around the value."""
        names = {f"#part{level}": name for level, name in enumerate(path)}
        return {
            "Update": {
                "TableName": self._name,
                "Key": _key(place),
                "UpdateExpression": f"SET {'.'.join(names)} = :value",
                "ConditionExpression": f"attribute_exists({'.'.join(names)})",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": {":value": value},
            }
        }


_TRANSIENT = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
    }
)


_PLACEHOLDER = re.compile(r"#(\w+)")


def _key(place: Key) -> dict[str, Attribute]:
    return {"pk": {"S": place.pk}, "sk": {"S": place.sk}}


def _conditional(
    condition: str | None, values: Mapping[str, Attribute], names: Mapping[str, str] | None
) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    placeholders = {f"#{name}": name for name in _PLACEHOLDER.findall(condition or "")}
    placeholders |= {f"#{name}": meant for name, meant in (names or {}).items()}
    if condition:
        parts["ConditionExpression"] = condition
    if placeholders:
        parts["ExpressionAttributeNames"] = placeholders
    if values:
        parts["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    return parts

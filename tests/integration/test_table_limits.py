"""DynamoDB's limits and refusals, the same on every engine: what one of them lets through would fail on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from collaboration.storage.keys import Key
from support.engines import MOTO, Engine

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = {"pk": {"S": "P"}, "sk": {"S": "S"}}
MANY = 16 * 1024**2 // (400 * 1024) + 1


def key(number: int, pk: str = "P") -> dict[str, Any]:
    """One of many keys."""
    return {"pk": {"S": pk}, "sk": {"S": f"{number:04d}"}}


def code_of(error: ClientError) -> str:
    """What DynamoDB calls a refusal."""
    return str(error.response["Error"]["Code"])


class Raw:
    """The engine's client, for this table."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.client = engine.client

    def put(self, item: Mapping[str, Any]) -> None:
        """Store an item."""
        self.write({"Put": {"Item": item}})

    def write(self, *actions: Mapping[str, Mapping[str, Any]], token: str | None = None) -> None:
        """One transaction."""
        named = [
            {verb: {"TableName": self.engine.table_name, **parts}} for [(verb, parts)] in (a.items() for a in actions)
        ]
        more = {"ClientRequestToken": token} if token else {}
        self.client.transact_write_items(TransactItems=named, **more)

    def update(self, expression: str, at: Mapping[str, Any] = KEY, **placeholders: Any) -> None:
        """One update; placeholders of names begin with `n_`, those of values do not."""
        self.client.update_item(
            TableName=self.engine.table_name, Key=at, UpdateExpression=expression, **_placed(placeholders)
        )

    def item(self, at: Mapping[str, Any] = KEY) -> dict[str, Any] | None:
        """What is stored."""
        wanted = {self.engine.table_name: {"Keys": [at], "ConsistentRead": True}}
        found = self.client.batch_get_item(RequestItems=wanted)["Responses"][self.engine.table_name]
        return dict(found[0]) if found else None

    def get(self, keys: list[dict[str, Any]]) -> dict[str, Any]:
        """One BatchGetItem."""
        answer: dict[str, Any] = self.client.batch_get_item(RequestItems={self.engine.table_name: {"Keys": keys}})
        return answer

    def query(self, condition: str = "pk = :pk", *, values: Mapping[str, Any] | None = None, **how: Any) -> Any:
        """One Query."""
        return self.client.query(
            TableName=self.engine.table_name,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values or {":pk": {"S": "P"}},
            **how,
        )


def _placed(placeholders: Mapping[str, Any]) -> dict[str, Any]:
    names = {f"#{name[2:]}": meant for name, meant in placeholders.items() if name.startswith("n_")}
    values = {f":{name}": value for name, value in placeholders.items() if not name.startswith("n_")}
    parts = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    return {name: part for name, part in parts.items() if part}


@pytest.fixture
def raw(engine: Engine) -> Raw:
    """The engine without the application's table around it."""
    return Raw(engine)


@pytest.fixture
def strict(raw: Raw) -> Raw:
    """Memory and DynamoDB Local: moto does not hold this limit."""
    if raw.engine.kind == MOTO:
        pytest.skip("moto lets this through")
    return raw


def refused(code: str, call: Any, *arguments: Any, **named: Any) -> ClientError:
    """The refusal of a call, of that code."""
    with pytest.raises(ClientError) as error:
        call(*arguments, **named)
    assert code_of(error.value) == code, error.value
    return error.value


INVALID = "ValidationException"
N1 = {"N": "1"}


# Transactions


def test_a_transaction_takes_a_hundred_actions(raw: Raw) -> None:
    """And not one more."""
    raw.write(*({"Put": {"Item": key(number)}} for number in range(100)))
    error = refused(INVALID, raw.write, *({"Put": {"Item": key(number, "Q")}} for number in range(101)))
    assert "less than or equal to 100" in str(error)
    assert raw.item(key(0, "Q")) is None


def test_a_transaction_has_one_action_per_item(raw: Raw) -> None:
    """Not even a check beside a write."""
    raw.put(key(1))
    check = {"ConditionCheck": {"Key": key(1), "ConditionExpression": "attribute_exists(pk)"}}
    error = refused(INVALID, raw.write, {"Put": {"Item": KEY}}, {"Put": {"Item": {**key(1), "n": N1}}}, check)
    assert "multiple operations on one item" in str(error)
    assert (raw.item(), raw.item(key(1))) == (None, key(1))


def test_a_transaction_tells_which_condition_failed(raw: Raw) -> None:
    """One reason per action, in their order."""
    check = {"ConditionCheck": {"Key": KEY, "ConditionExpression": "attribute_exists(pk)"}}
    error = refused("TransactionCanceledException", raw.write, {"Put": {"Item": key(1)}}, check)
    reasons = error.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert isinstance(error, raw.client.exceptions.TransactionCanceledException)


def test_a_transaction_under_the_same_token_is_written_once(raw: Raw) -> None:
    """Sent again it changes nothing; another transaction under the token is refused."""
    first = {"Update": {"Key": KEY, "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": N1}}}
    raw.write(first, token="a-token")
    if raw.engine.kind != MOTO:
        raw.write(first, token="a-token")
        assert raw.item() == {**KEY, "n": N1}
        refused("IdempotentParameterMismatchException", raw.write, {"Put": {"Item": key(2)}}, token="a-token")
    assert raw.item() == {**KEY, "n": N1}


def test_a_transaction_writes_four_megabytes(strict: Raw) -> None:
    """Together, not each."""
    large = {"S": "x" * 390_000}
    with pytest.raises(ClientError):
        strict.write(*({"Put": {"Item": {**key(number), "text": large}}} for number in range(11)))
    assert strict.item(key(0)) is None
    strict.write(*({"Put": {"Item": {**key(number), "text": large}}} for number in range(10)))


def test_an_update_that_makes_an_item_too_large_stops_its_transaction(strict: Raw) -> None:
    """It is the reason of a cancelled transaction, not a condition that failed."""
    strict.put({**KEY, "text": {"S": "x" * 300_000}})
    grow = {"Key": KEY, "UpdateExpression": "SET more = :more"}
    update = {"Update": {**grow, "ExpressionAttributeValues": {":more": {"S": "x" * 200_000}}}}
    error = refused("TransactionCanceledException", strict.write, {"Put": {"Item": key(1)}}, update)
    reasons = error.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ValidationError"]
    assert strict.item(key(1)) is None


# Items

SIZES = {
    "text": ({"S": "x" * 100 + "é"}, 102),
    "truth": ({"BOOL": True}, 1),
    "nothing": ({"NULL": True}, 1),
    "digit": ({"N": "1"}, 2),
    "digits": ({"N": "1234"}, 3),
    "map": ({"M": {"ab": {"S": "cd"}}}, 3 + 1 + 4),
    "list": ({"L": [{"S": "ab"}, {"BOOL": True}]}, 3 + 1 + 2 + 1 + 1),
}


@pytest.mark.parametrize("name", SIZES)
def test_an_item_has_400_kilobytes(strict: Raw, name: str) -> None:
    """Names and values count, by DynamoDB's rules; to the byte."""
    value, bytes_ = SIZES[name]
    counted = len("pkPskS") + len("v") + bytes_ + len("fill")
    fill = 400 * 1024 - counted
    strict.put({**KEY, "v": value, "fill": {"S": "x" * fill}})
    with pytest.raises(ClientError):
        strict.put({**KEY, "v": value, "fill": {"S": "x" * (fill + 1)}})


@pytest.mark.parametrize("name", ["pk", "sk", "listPk", "listSk"])
def test_a_key_is_not_empty(strict: Raw, name: str) -> None:
    """Neither of the table nor of an index."""
    listed = {"listPk": {"S": "L"}, "listSk": {"S": "L"}}
    with pytest.raises(ClientError):
        strict.put({**KEY, **listed, name: {"S": ""}})
    with pytest.raises(ClientError):
        strict.put({**KEY, **listed, name: N1})


def test_keys_have_a_greatest_length(strict: Raw) -> None:
    """2048 bytes of a partition key, 1024 of a sort key."""
    strict.put({"pk": {"S": "p" * 2048}, "sk": {"S": "s" * 1024}})
    for name, length in (("pk", 2049), ("sk", 1025)):
        with pytest.raises(ClientError):
            strict.put({**KEY, name: {"S": "x" * length}})


def test_an_update_leaves_the_key_alone(raw: Raw) -> None:
    """It says which item is meant."""
    refused(INVALID, raw.update, "SET sk = :sk", sk={"S": "other"})


# Expressions


def long_update(length: int) -> str:
    """An update expression of so many bytes: names grow, values do not."""
    start, end = "SET ", " = :v"
    return start + "a" * (length - len(start) - len(end)) + end


def test_an_expression_has_four_kilobytes(strict: Raw) -> None:
    """As it is sent, also within a transaction."""
    strict.update(long_update(4096), v=N1)
    refused(INVALID, strict.update, long_update(4097), v=N1)
    update = {"Key": KEY, "UpdateExpression": long_update(4097), "ExpressionAttributeValues": {":v": N1}}
    refused(INVALID, strict.write, {"Update": update})
    condition = f"attribute_exists({'a' * 4096})"
    refused(INVALID, strict.write, {"ConditionCheck": {"Key": KEY, "ConditionExpression": condition}})


def test_a_reserved_word_needs_a_placeholder(raw: Raw) -> None:
    """In any case."""
    for word in ("status", "STATUS", "name", "data"):
        error = refused(INVALID, raw.update, f"SET {word} = :v", v=N1)
        assert "reserved keyword" in str(error)
    raw.update("SET #status = :v", n_status="status", v=N1)


BAD_UPDATES: dict[str, tuple[str, dict[str, Any]]] = {
    "unused value": ("SET a = :v", {"v": N1, "w": N1}),
    "unused name": ("SET a = :v", {"v": N1, "n_b": "b"}),
    "undefined value": ("SET a = :v, b = :w", {"v": N1}),
    "undefined name": ("SET #a = :v", {"v": N1}),
    "empty": ("", {}),
    "overlap": ("SET a = :v, a.b = :w", {"v": N1, "w": N1}),
    "twice": ("SET a = :v, #a = :w", {"v": N1, "w": N1, "n_a": "a"}),
    "two sections": ("SET a = :v SET b = :w", {"v": N1, "w": N1}),
    "no value": ("SET a", {}),
}


# moto lets the first through, and breaks on the others.
MOTO_BREAKS = {"unused value", "undefined name", "empty"}


@pytest.mark.parametrize("name", BAD_UPDATES)
def test_a_wrong_expression_is_refused(raw: Raw, name: str) -> None:
    """Whatever is stored, alone and in a transaction."""
    if raw.engine.kind == MOTO and name in MOTO_BREAKS:
        pytest.skip("moto refuses it otherwise, or not at all")
    expression, placeholders = BAD_UPDATES[name]
    refused(INVALID, raw.update, expression, **placeholders)
    update = {"Key": KEY, "UpdateExpression": expression, **_placed(placeholders)}
    refused(INVALID, raw.write, {"Put": {"Item": key(1)}}, {"Update": update})
    assert raw.item(key(1)) is None


def test_placeholders_are_not_empty(strict: Raw) -> None:
    """None at all, rather than an empty map."""
    request = {"TableName": strict.engine.table_name, "Key": KEY, "UpdateExpression": "REMOVE a"}
    refused(INVALID, strict.client.update_item, **request, ExpressionAttributeNames={})
    refused(INVALID, strict.client.update_item, **request, ExpressionAttributeValues={})


def test_nothing_is_set_in_a_map_that_is_missing(raw: Raw) -> None:
    """Alone and in a transaction, where AWS and DynamoDB Local say it differently: nothing is written."""
    raw.put(KEY)
    error = refused(INVALID, raw.update, "SET m.a = :v", v=N1)
    assert "document path" in str(error)
    update = {"Key": KEY, "UpdateExpression": "SET m.a = :v", "ExpressionAttributeValues": {":v": N1}}
    with pytest.raises(ClientError):
        raw.write({"Put": {"Item": key(1)}}, {"Update": update})
    assert (raw.item(), raw.item(key(1))) == (KEY, None)


CONDITIONS = {
    "n = :one": True,
    "n <> :one": False,
    "n = :text": False,
    "n <> :text": True,
    "n < :text": False,
    "n > :text": False,
    "nowhere = :one": False,
    "nowhere <> :one": True,
    "NOT nowhere = :one": True,
    "attribute_exists(n) AND NOT attribute_exists(nowhere)": True,
    "attribute_exists(nowhere) OR n >= :one AND s <= :text": True,
    "(attribute_exists(n) OR n = :one) AND s < :text": False,
    "begins_with(s, :text)": True,
    "begins_with(n, :text)": False,
    "n BETWEEN :one AND :two": True,
    "n IN (:two, :one)": True,
    "contains(l, :one)": True,
    "attribute_exists(m.a) AND m.a = :one": True,
    "attribute_exists(m.a.b)": False,
    "size(s) = :one": True,
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_holds_or_not(raw: Raw, condition: str) -> None:
    """Types are not converted, what is missing compares with nothing, AND binds before OR."""
    raw.put({**KEY, "n": N1, "s": {"S": "x"}, "m": {"M": {"a": N1}}, "l": {"L": [N1]}})
    values = {":one": {"N": "1.0"}, ":two": {"N": "2"}, ":text": {"S": "x"}}
    used = {name: value for name, value in values.items() if name in condition}
    if "contains" in condition:
        used = {":one": N1}
    check = {"Key": KEY, "ConditionExpression": condition} | ({"ExpressionAttributeValues": used} if used else {})
    if CONDITIONS[condition]:
        raw.write({"ConditionCheck": check})
    else:
        refused("TransactionCanceledException", raw.write, {"ConditionCheck": check})


UPDATES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "SET a = n, n = :v": ({"v": {"N": "5"}}, {"a": N1, "n": {"N": "5"}}),
    "SET n = n + :v": ({"v": {"N": "2"}}, {"n": {"N": "3"}}),
    "SET a = if_not_exists(n, :v), b = if_not_exists(z, :v)": ({"v": {"N": "7"}}, {"a": N1, "b": {"N": "7"}}),
    "SET c = if_not_exists(c, :v) + :w": ({"v": {"N": "0"}, "w": N1}, {"c": N1}),
    "SET l = list_append(l, :v)": ({"v": {"L": [{"S": "y"}]}}, {"l": {"L": [N1, {"S": "y"}]}}),
    "SET m.b = :v REMOVE n, m.a": ({"v": N1}, {"m": {"M": {"b": N1}}, "n": None}),
    "ADD n :v, c :v": ({"v": {"N": "4"}}, {"n": {"N": "5"}, "c": {"N": "4"}}),
    "ADD t :v": ({"v": {"SS": ["x"]}}, {"t": {"SS": ["x"]}}),
    "REMOVE z": ({}, {}),
}


@pytest.mark.parametrize("expression", UPDATES)
def test_an_update_changes_what_it_names(raw: Raw, expression: str) -> None:
    """What it reads is what was there before; what it does not name stays."""
    before = {**KEY, "n": N1, "m": {"M": {"a": N1}}, "l": {"L": [N1]}}
    raw.put(before)
    placeholders, changes = UPDATES[expression]
    raw.update(expression, **placeholders)
    assert raw.item() == {name: value for name, value in {**before, **changes}.items() if value is not None}


# Reading


def test_a_batch_reads_a_hundred_keys_each_once(raw: Raw) -> None:
    """Neither more nor twice the same."""
    refused(INVALID, raw.get, [key(number) for number in range(101)])
    refused(INVALID, raw.get, [KEY, KEY])


def test_a_batch_answers_sixteen_megabytes(strict: Raw) -> None:
    """The rest is named, to be asked again; nothing is lost and nothing comes twice."""
    large = {"S": "x" * (400 * 1024 - 100)}
    keys = [key(1, f"P{number}") for number in range(MANY)]
    for each in keys:
        strict.put({**each, "text": large})
    answer = strict.get(keys)
    name = strict.engine.table_name
    left = answer["UnprocessedKeys"][name]["Keys"]
    found = answer["Responses"][name]
    assert left
    assert sorted(each["pk"]["S"] for each in [*found, *left]) == sorted(each["pk"]["S"] for each in keys)
    assert len(strict.engine.table.get(*(Key(each["pk"]["S"], each["sk"]["S"]) for each in keys))) == MANY


def test_a_page_ends_with_the_item_that_fills_a_megabyte(strict: Raw) -> None:
    """By what is stored, keys and names included."""
    text = {"S": "x" * (256 * 1024 - len("pkPsk0000text"))}
    for number in range(6):
        strict.put({**key(number), "text": text})
    page = strict.query()
    assert (len(page["Items"]), page["LastEvaluatedKey"]) == (4, key(3))


def test_a_page_of_exactly_as_many_as_there_are_promises_another(raw: Raw) -> None:
    """Which is empty."""
    if raw.engine.kind == MOTO:
        pytest.skip("moto promises none")
    for number in range(3):
        raw.put(key(number))
    page = raw.query(Limit=3)
    assert (len(page["Items"]), page["LastEvaluatedKey"]) == (3, key(2))
    page = raw.query(Limit=3, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert (page["Items"], "LastEvaluatedKey" in page) == ([], False)


def test_a_page_of_an_index_goes_on_with_four_keys(raw: Raw) -> None:
    """The index's and the table's: no more and no fewer are taken back."""
    for number in range(3):
        raw.put({**key(number), "listPk": {"S": "L"}, "listSk": {"S": f"L{number}"}})
    how: dict[str, Any] = {"IndexName": "lists", "values": {":pk": {"S": "L"}}, "Limit": 1}
    page = raw.query("listPk = :pk", **how)
    last = page["LastEvaluatedKey"]
    assert last == {**key(0), "listPk": {"S": "L"}, "listSk": {"S": "L0"}}
    assert raw.query("listPk = :pk", **how, ExclusiveStartKey=last)["Items"][0]["sk"] == {"S": "0001"}
    if raw.engine.kind == MOTO:
        return
    refused(INVALID, raw.query, "listPk = :pk", **how, ExclusiveStartKey=key(0))
    refused(INVALID, raw.query, "listPk = :pk", **how, ExclusiveStartKey={**last, "other": N1})


def test_an_index_is_read_eventually(raw: Raw) -> None:
    """Never consistently."""
    how: dict[str, Any] = {"IndexName": "lists", "values": {":pk": {"S": "L"}}}
    refused(INVALID, raw.query, "listPk = :pk", **how, ConsistentRead=True)


KEY_CONDITIONS: dict[str, dict[str, Any]] = {
    "sk = :pk": {":pk": {"S": "P"}},
    "pk > :pk": {":pk": {"S": "P"}},
    "pk = :pk AND other = :pk": {":pk": {"S": "P"}},
    "pk = :pk OR sk = :pk": {":pk": {"S": "P"}},
    "pk = :pk AND begins_with(sk, :sk)": {":pk": {"S": "P"}, ":sk": {"S": ""}},
    "pk = :pk AND sk = :sk": {":pk": {"S": ""}, ":sk": {"S": "x"}},
    "pk = :pk AND sk > :sk": {":pk": {"S": "P"}, ":sk": N1},
}


@pytest.mark.parametrize("condition", KEY_CONDITIONS)
def test_a_query_names_a_partition_and_a_range(strict: Raw, condition: str) -> None:
    """Nothing else, and nothing empty or of another type."""
    refused(INVALID, strict.query, condition, values=KEY_CONDITIONS[condition])

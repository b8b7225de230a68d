"""The capacity units that tests count are those that Amazon's own engine reports, where it follows the documentation.

DynamoDB Local reports no unit for what is not there, and four times what the indexes cost of a transaction: those are
held to the documentation alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.app import App
from support.capacity import Meter
from support.engines import local_engine
from support.people import BJORK, Office
from support.tables import memory_client

if TYPE_CHECKING:
    from support.dynamodb_local import DynamoDbLocal
    from support.memory import MemoryClient

COUNTED: dict[str, Any] = {"ReturnConsumedCapacity": "INDEXES"}
KEY = ("pk", "sk")


@pytest.fixture(scope="module")
def stored() -> list[dict[str, Any]]:
    """Items of every kind that a story leaves."""
    app = App()
    office = Office(app)
    office.feed()
    office.collaborating(BJORK, "scanner", message="Välkommen! " * 40)
    office.imported()
    return list(app.client.items.values())


def reported(answer: Any) -> dict[str, float]:
    """Units by index, "" for the table."""
    consumed = answer["ConsumedCapacity"]
    indexes = consumed.get("GlobalSecondaryIndexes", {})
    return {"": consumed["Table"]["CapacityUnits"], **{name: part["CapacityUnits"] for name, part in indexes.items()}}


def counted(client: MemoryClient, expression: str, key: dict[str, Any], **more: Any) -> dict[str, float]:
    """The same, of an update in memory."""
    units: dict[str, float] = {}

    def add(index: str, partition: str, read: float, write: float) -> None:
        assert partition
        units[index] = units.get(index, 0) + read + write

    Meter(client, by_partition=add)
    client.update_item(TableName="t", Key=key, UpdateExpression=expression, **more)
    return units


@pytest.mark.java
def test_writes_cost_what_amazons_engine_reports(stored: list[dict[str, Any]], dynamodb_local: DynamoDbLocal) -> None:
    """Every item made, written again as it is, moved in its index, and taken from it."""
    with local_engine(dynamodb_local) as engine:
        memory = memory_client()
        for item in stored:
            key = {name: item[name] for name in KEY}
            rest = [name for name in item if name not in KEY]
            if not rest:
                continue
            names = {f"#{nth}": name for nth, name in enumerate(rest)}
            values = {f":{nth}": item[name] for nth, name in enumerate(rest)}
            everything = "SET " + ", ".join(f"#{nth} = :{nth}" for nth in range(len(rest)))
            writes: list[tuple[str, dict[str, Any]]] = [
                (everything, {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values})
            ] * 2
            for stem in ("list", "account", "due"):
                if f"{stem}Sk" in item:
                    moved = {"S": item[f"{stem}Sk"]["S"] + "9"}
                    name = {"#sk": f"{stem}Sk"}
                    writes += [
                        (
                            "SET #sk = :sk",
                            {"ExpressionAttributeNames": name, "ExpressionAttributeValues": {":sk": moved}},
                        ),
                        ("REMOVE #sk", {"ExpressionAttributeNames": name}),
                    ]
            for expression, more in writes:
                answer = engine.client.update_item(
                    TableName=engine.table_name, Key=key, UpdateExpression=expression, **more, **COUNTED
                )
                assert counted(memory, expression, key, **more) == reported(answer), (key, expression)


@pytest.mark.java
def test_reads_cost_what_amazons_engine_reports(stored: list[dict[str, Any]], dynamodb_local: DynamoDbLocal) -> None:
    """Every partition of the table and of its indexes, whole; every item by its key."""
    with local_engine(dynamodb_local) as engine:
        memory = memory_client()
        for item in stored:
            engine.client.put_item(TableName=engine.table_name, Item=item)
            memory.put_item(TableName="t", Item=item)
        meter = Meter(memory)
        for index, stem in (("", ""), ("lists", "list"), ("accounts", "account"), ("due", "due")):
            name = f"{stem}Pk" if stem else "pk"
            for partition in {item[name]["S"] for item in stored if name in item}:
                query: dict[str, Any] = {
                    "KeyConditionExpression": "#pk = :pk",
                    "ExpressionAttributeNames": {"#pk": name},
                    "ExpressionAttributeValues": {":pk": {"S": partition}},
                    **({"IndexName": index} if index else {"ConsistentRead": True}),
                }
                answer = engine.client.query(TableName=engine.table_name, **query, **COUNTED)
                memory.query(TableName="t", **query)
                assert meter.take().read == sum(reported(answer).values()), (index, partition)
        for item in stored:
            wanted = {"Keys": [{name: item[name] for name in KEY}], "ConsistentRead": True}
            answer = engine.client.batch_get_item(RequestItems={engine.table_name: wanted}, **COUNTED)
            memory.batch_get_item(RequestItems={"t": wanted})
            [consumed] = answer["ConsumedCapacity"]
            assert meter.take().read == consumed["CapacityUnits"], item["sk"]

"""Take a stack's table back to an earlier state: stop everything, copy a restored table into the present one, start.

The present table stays the stack's own, with its name, its settings and its stream: nothing else has to change.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from stack.narration import say
from stack.parameters import deployed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mypy_boto3_dynamodb import DynamoDBClient

    from stack.target import Target

# What DynamoDB takes, and hands out, in one call.
WRITES, READS = 25, 100

# Between attempts to write what was left over: a tenth of a second, twice as long each time.
FIRST_PAUSE = 0.1
ATTEMPTS = 10

KEYS = ("pk", "sk")


class RestoreError(Exception):
    """Nothing was copied, or not all of it; says why."""


def stop(target: Target) -> None:
    """Let nothing run: no function may be called, and the table's stream is not read."""
    for mapping in _mappings(target):
        target.functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    for name in _functions(target):
        target.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    say("Stopped: every call is refused. What is under way may go on for five minutes.")


def start(target: Target) -> None:
    """Let everything run as it did before `stop`."""
    kept = int(deployed(target.cloudformation, target.name).get("AcceptConcurrency", "0"))
    accept = target.resource("AcceptFunction")
    for name in _functions(target):
        if kept and name == accept:
            target.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=kept)
        else:
            target.functions.delete_function_concurrency(FunctionName=name)
    for mapping in _mappings(target):
        target.functions.update_event_source_mapping(UUID=mapping, Enabled=True)
    say("Started: calls are answered, and what the stream holds is published.")


def restore(target: Target, source: str) -> None:
    """Make the stack's table hold what the restored table `source` holds, and nothing else.

    It may be repeated, from wherever it was interrupted.

    Raises:
        RestoreError: something may still write, or DynamoDB would not take all.
    """
    for name in _functions(target):
        concurrency = target.functions.get_function_concurrency(FunctionName=name)
        if concurrency.get("ReservedConcurrentExecutions") != 0:
            raise RestoreError(f"{name} may still be called: `make stop` first, and wait five minutes")
    table = target.resource("Table")
    if source == table:
        raise RestoreError(f"{source} is the stack's own table: FROM is one that it was restored into")
    copied = copy(target.tables, source, table)
    removed = remove_others(target.tables, source, table)
    say(f"{table} is as {source}: {copied} items copied, {removed} removed that are not in it.")


def copy(tables: DynamoDBClient, source: str, table: str) -> int:
    """Write every item of `source` into `table`; how many. What is the same already is no change in the stream."""
    count = 0
    for page in tables.get_paginator("scan").paginate(TableName=source, ConsistentRead=True):
        for items in _parts(page["Items"], WRITES):
            _write(tables, table, [{"PutRequest": {"Item": item}} for item in items])
            count += len(items)
    return count


def remove_others(tables: DynamoDBClient, source: str, table: str) -> int:
    """Remove from `table` what `source` has not; how many."""
    count = 0
    pages = tables.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, ProjectionExpression="pk, sk")
    for page in pages:
        for keys in _parts(page["Items"], READS):
            known = _known(tables, source, keys)
            others = [key for key in keys if _identity(key) not in known]
            for part in _parts(others, WRITES):
                _write(tables, table, [{"DeleteRequest": {"Key": key}} for key in part])
            count += len(others)
    return count


def _known(tables: DynamoDBClient, source: str, keys: Sequence[Mapping[str, Any]]) -> set[tuple[str, ...]]:
    asked: Any = {source: {"Keys": list(keys), "ConsistentRead": True, "ProjectionExpression": "pk, sk"}}
    found: set[tuple[str, ...]] = set()
    for pause in _pauses():
        answer = tables.batch_get_item(RequestItems=asked)
        found |= {_identity(key) for key in answer["Responses"].get(source, [])}
        asked = answer.get("UnprocessedKeys")
        if not asked:
            return found
        time.sleep(pause)
    raise RestoreError(f"DynamoDB would not read all of {source}; run it again")


def _write(tables: DynamoDBClient, table: str, requests: Sequence[Any]) -> None:
    left: Any = {table: list(requests)}
    for pause in _pauses():
        left = tables.batch_write_item(RequestItems=left).get("UnprocessedItems")
        if not left:
            return
        time.sleep(pause)
    raise RestoreError(f"DynamoDB would not take all of it into {table}; run it again")


def _pauses() -> Iterator[float]:
    return (FIRST_PAUSE * 2**attempt for attempt in range(ATTEMPTS))


def _parts(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _identity(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(item[key]["S"] for key in KEYS)


def _functions(target: Target) -> list[str]:
    return [it["PhysicalResourceId"] for it in target.resources() if it["ResourceType"] == "AWS::Lambda::Function"]


def _mappings(target: Target) -> list[str]:
    kind = "AWS::Lambda::EventSourceMapping"
    return [it["PhysicalResourceId"] for it in target.resources() if it["ResourceType"] == kind]

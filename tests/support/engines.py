"""The three engines that can stand behind the table, each with an empty table of its own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3
from collaboration.storage.table import Table
from moto import mock_aws

from support.streams import MemoryStream, Stream, TableStream
from support.tables import TABLE_NAME, make_table, memory_client, one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.dynamodb_local import DynamoDbLocal

MEMORY, MOTO, LOCAL = "memory", "moto", "dynamodb-local"
REGION = "eu-north-1"

_NUMBERS = count(1)


@dataclass(frozen=True)
class Engine:
    """A client, and the name of an empty table that it reaches."""

    kind: str
    client: Any
    table_name: str
    stream: Stream

    @property
    def table(self) -> Table:
        """The table as the application uses it."""
        return Table(self.client, self.table_name)


def memory_engine() -> Engine:
    """The table in memory."""
    client = memory_client()
    return Engine(MEMORY, client, TABLE_NAME, MemoryStream(client))


@contextmanager
def moto_engine() -> Iterator[Engine]:
    """A table of moto's, whose calls are made one after another."""
    with mock_aws():
        make: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION).client
        client = make("dynamodb")
        name = make_table(client)
        one_at_a_time(client)
        yield Engine(MOTO, client, name, TableStream(make("dynamodbstreams"), name))


@lru_cache(maxsize=1)
def clients(local: DynamoDbLocal) -> tuple[Any, Any]:
    """Clients of a running DynamoDB Local: making them takes longer than most tests."""
    return local.client(), local.streams_client()


@contextmanager
def local_engine(local: DynamoDbLocal) -> Iterator[Engine]:
    """A table of a running DynamoDB Local."""
    client, streams = clients(local)
    name = make_table(client, f"{TABLE_NAME}-{next(_NUMBERS)}")
    yield Engine(LOCAL, client, name, TableStream(streams, name))
    client.delete_table(TableName=name)

"""The three engines that can stand behind the table, each with an empty table of its own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3
from collaboration.storage.table import Table
from moto import mock_aws

from support.tables import TABLE_NAME, make_table, memory_client, one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb import DynamoDBClient

MEMORY, MOTO, LOCAL = "memory", "moto", "dynamodb-local"
REGION = "eu-north-1"

_NUMBERS = count(1)


@dataclass(frozen=True)
class Engine:
    """A client, and the name of an empty table that it reaches."""

    kind: str
    client: Any
    table_name: str

    @property
    def table(self) -> Table:
        """The table as the application uses it."""
        return Table(self.client, self.table_name)


def memory_engine() -> Engine:
    """The table in memory."""
    return Engine(MEMORY, memory_client(), TABLE_NAME)


@contextmanager
def moto_engine() -> Iterator[Engine]:
    """A table of moto's, whose calls are made one after another."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
        engine = Engine(MOTO, client, make_table(client))
        one_at_a_time(client)
        yield engine


@contextmanager
def local_engine(client: DynamoDBClient) -> Iterator[Engine]:
    """A table of a running DynamoDB Local, whose client this is."""
    name = make_table(client, f"{TABLE_NAME}-{next(_NUMBERS)}")
    yield Engine(LOCAL, client, name)
    client.delete_table(TableName=name)

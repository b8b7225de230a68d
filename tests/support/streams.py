"""Read the records of a table's stream, from memory or from moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from support.memory import MemoryClient


class Stream(Protocol):
    """The records of a table's stream, as a function's event has them."""

    def all(self) -> list[dict[str, Any]]:
        """Every record since the table was made."""

    def new(self) -> list[dict[str, Any]]:
        """The records since the last call."""


class MemoryStream:
    """The stream of the table in memory."""

    def __init__(self, client: MemoryClient) -> None:
        """Start reading at the table's first record."""
        self._client = client
        self._read = 0

    def all(self) -> list[dict[str, Any]]:
        """Every record since the table was made."""
        return self._client.records

    def new(self) -> list[dict[str, Any]]:
        """The records since the last call."""
        start, self._read = self._read, len(self._client.records)
        return self._client.records[start:]


class TableStream:
    """The stream of a table behind the DynamoDB Streams API: moto's, or DynamoDB Local's."""

    def __init__(self, client: Any, table_name: str) -> None:
        """Start reading at the table's first record. `client` is one of DynamoDB Streams."""
        self._client = client
        arn = client.list_streams(TableName=table_name)["Streams"][0]["StreamArn"]
        shard = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        self._start = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        self._iterator = client.get_shard_iterator(**self._start)["ShardIterator"]

    def all(self) -> list[dict[str, Any]]:
        """Every record since the table was made."""
        return self._read(self._client.get_shard_iterator(**self._start)["ShardIterator"])[0]

    def new(self) -> list[dict[str, Any]]:
        """The records since the last call."""
        records, self._iterator = self._read(self._iterator)
        return records

    def _read(self, iterator: str) -> tuple[list[dict[str, Any]], str]:
        """The records from an iterator to the present end, and where to go on: one call answers a thousand at most."""
        records: list[dict[str, Any]] = []
        while True:
            answer = self._client.get_records(ShardIterator=iterator)
            iterator = answer["NextShardIterator"]
            records += answer["Records"]
            if not answer["Records"]:
                return records, iterator

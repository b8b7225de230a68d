"""Read the records of a table's stream, from memory or from moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from support.memory import MemoryClient


FROM_THE_FIRST = {"ShardIteratorType": "TRIM_HORIZON"}


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
        self._shard = {"StreamArn": arn, "ShardId": shard}
        self._last: str | None = None

    def all(self) -> list[dict[str, Any]]:
        """Every record since the table was made."""
        return self._after(None)

    def new(self) -> list[dict[str, Any]]:
        """The records since the last call.

        By a new iterator each time: after a transaction that was refused, moto's old ones never hear of a record again.
        """
        records = self._after(self._last)
        if records:
            self._last = records[-1]["dynamodb"]["SequenceNumber"]
        return records

    def _after(self, last: str | None) -> list[dict[str, Any]]:
        """The records after that of a sequence number, to the present end: one call answers a thousand at most."""
        begin = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last} if last else FROM_THE_FIRST
        iterator = self._client.get_shard_iterator(**self._shard, **begin)["ShardIterator"]
        records: list[dict[str, Any]] = []
        while True:
            answer = self._client.get_records(ShardIterator=iterator)
            iterator = answer["NextShardIterator"]
            records += answer["Records"]
            if not answer["Records"]:
                return records

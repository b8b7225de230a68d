"""The responses of requests that carry an Idempotency-Key, stored in the transaction of the change they answer.

A stored response is valid for 24 hours. The table removes expired items late, so their age is checked when read.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from collaboration.domain.model.faults import Slug, refused
from collaboration.domain.model.values import OfficeId
from collaboration.frozen import dataclass
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import Action

VALID_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class IdempotencyKey:
    """The value of an Idempotency-Key header within an office, and a fingerprint of the request sent with it."""

    office_id: OfficeId
    value: str
    fingerprint: str

    @property
    def item_key(self) -> keys.Key:
        """Where the response is stored."""
        return keys.idempotency(self.office_id, self.value)


@dataclass(frozen=True)
class StoredResponse:
    """A success as it was answered: status, Location and body. `replayed`: read from the table."""

    status: int
    location: str
    body: str
    replayed: bool = False


def store(key: IdempotencyKey, response: StoredResponse, now: datetime) -> Action:
    """The action that stores `response` unless a valid one is stored under `key` already."""
    expires_at = now + VALID_FOR
    return actions.put(
        {
            **items.key(key.item_key),
            "fingerprint": items.text(key.fingerprint),
            "status": items.number(response.status),
            "location": items.text(response.location),
            "body": items.text(response.body),
            "until": items.milliseconds(expires_at),
            "ttl": items.number(int(expires_at.timestamp())),
        },
        "attribute_not_exists(#pk) OR #until <= :now",
        now=items.milliseconds(now),
    )


def find(found: items.Item | None, key: IdempotencyKey, now: datetime) -> StoredResponse | None:
    """The response stored under `key`; None when there is none or it is older than `VALID_FOR`.

    Raises:
        RefusedError: `idempotency-key-reused`, another request was sent with the key.
    """
    if found is None or items.integer(found, "until") <= now.timestamp() * 1000:
        return None
    if items.string(found, "fingerprint") != key.fingerprint:
        raise refused(Slug.IDEMPOTENCY_KEY_REUSED)
    response = StoredResponse(
        items.integer(found, "status"), items.string(found, "location"), items.string(found, "body")
    )
    return replace(response, replayed=True)

"""What a record of the table's stream says, in the domain's terms.

Keys and images stay inside: they may hold a personal identity number.
"""

from collections.abc import Mapping
from typing import Any

from collaboration.domain.model.faults import UnreadableError
from collaboration.domain.model.history import Entry
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import AgreementId
from collaboration.frozen import dataclass
from collaboration.storage import items, keys

# So many collaborations that rest on a subscription have its new terms by the transaction that changes them, also where
# all solutions of an account change at once.
_TAKEN_ALONG = 2


@dataclass(frozen=True)
class EntryAdded:
    """A line was added to a timeline."""

    entry: Entry
    correlation_id: str | None = None


@dataclass(frozen=True)
class MailAdded:
    """A mail was queued."""

    agreement: AgreementId
    mail_id: str
    correlation_id: str | None = None


@dataclass(frozen=True)
class DirectoryChanged:
    """Something that the platform feeds was added, removed, or has another value. `ids`: its ids by their names."""

    ids: Mapping[str, str]
    correlation_id: str | None = None


def offer_change_of(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """The account and the solution of a subscription that was opened or closed, or has another variant; None for none.

    An invitation to that account may be one that nobody can accept, or is no more.

    Raises:
        KeyError: the record is not one of this table's stream.
    """
    images = record["dynamodb"]
    sort_key = items.string(images["Keys"], "sk")
    account_id = keys.account_of_subscription(sort_key)
    if account_id is None or _offered(images.get("OldImage", {})) == _offered(images.get("NewImage", {})):
        return None
    return account_id, sort_key.rpartition("#")[2]


def _offered(image: items.Item) -> tuple[bool, str | None]:
    """Whether a subscription is open, and its variant."""
    try:
        subscription = items.parsed(Subscription, image) if "data" in image else None
    except UnreadableError:
        subscription = None
    return (subscription.is_open, subscription.terms.variant) if subscription else (False, None)


def change_of(record: Mapping[str, Any]) -> EntryAdded | MailAdded | DirectoryChanged | None:
    """What a record says; None when it is about something that nobody else needs to know.

    Args:
        record: a record as Lambda gets it from DynamoDB Streams, with the new and the old image. An insert has no old
            one, a removal (by a call, or by the table's time to live) no new one.

    Raises:
        ValueError: the item cannot be read.
        KeyError: the record is not one of this table's stream.
    """
    images = record["dynamodb"]
    pk, sk = items.string(images["Keys"], "pk"), items.string(images["Keys"], "sk")
    inserted = record["eventName"] == "INSERT"
    if sk.startswith((keys.HISTORY, keys.OUTBOX)) and not inserted:
        return None
    if sk.startswith(keys.HISTORY):
        return EntryAdded(items.parsed(Entry, images["NewImage"]), items.correlation_of(images["NewImage"]))
    if sk.startswith(keys.OUTBOX):
        return MailAdded(items.agreement_of(images["Keys"]), keys.mail_of(sk), items.correlation_of(images["NewImage"]))
    return _directory_change(pk, sk, images)


def _directory_change(pk: str, sk: str, images: Mapping[str, Any]) -> DirectoryChanged | None:
    if account_id := _account_of_many(sk, images):
        return DirectoryChanged({"accountId": account_id})
    ids = keys.directory_ids(pk, sk)
    # What is stored beside the value, such as a mark that somebody has signed in, changes nothing of it.
    changed = images.get("OldImage", {}).get("data") != images.get("NewImage", {}).get("data")
    if not ids or not changed:
        return None
    return DirectoryChanged(ids, items.correlation_of(images.get("NewImage", {})))


def _account_of_many(sk: str, images: Mapping[str, Any]) -> str | None:
    """The account of a subscription that changed for more collaborations than a transaction is sure to take along."""
    account_id = keys.account_of_subscription(sk)
    new, old = images.get("NewImage", {}), images.get("OldImage", {})
    if account_id is None or "data" not in new or new["data"] == old.get("data"):
        return None
    try:
        after = items.parsed(Subscription, new)
        before = items.parsed(Subscription, old) if "data" in old else None
    except UnreadableError:
        # Whoever looks at the account finds out.
        return account_id
    if before and (len(before.subscribers) > 1) != (len(after.subscribers) > 1):
        # Those who shared it, or do now, say so in their list rows.
        return account_id
    if before and _payers_changed(before, after):
        # All of them say in their list rows whether another office pays.
        return account_id
    if len(after.subscribers) <= _TAKEN_ALONG:
        return None
    unchanged = before and before.replace(subscribers=after.subscribers, revision=after.revision) == after
    return None if unchanged else account_id


def _payers_changed(before: Subscription, after: Subscription) -> bool:
    """Whether another office pays, or will. Of one that rests on it alone that is so only where one that left paid."""
    several = len(after.subscribers) > 1 and before.paying_offices != after.paying_offices
    return several or before.next_paying_offices != after.next_paying_offices

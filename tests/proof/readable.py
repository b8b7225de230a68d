"""A reader for each kind of item that no other rule looks at: nothing is stored that nobody reads."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from collaboration.domain.model.access import DriftReport
from collaboration.domain.model.delivery import DeliveryState
from collaboration.domain.model.erasure import ErasureReport
from collaboration.domain.model.values import AccountId, AgreementId, Delivery, OrganisationNumber, Value
from collaboration.storage import account_items, delivery, idempotency, items, keys, markers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Of an index entry: its key is all that it says.
KEY = frozenset({"pk", "sk", "form"})
LISTED = frozenset({"listPk", "listSk"})


def read_other(pk: str, sk: str, item: Any) -> None:
    """Read an item of one of the kinds that have no place in a rule.

    Raises:
        ValueError: it cannot be read, or is of a kind that nobody reads.
        KeyError: something is missing in it.
    """
    kind = pk.partition("#")[0], sk.partition("#")[0]
    reader = READERS.get(kind) or READERS.get((kind[0], "*"))
    if reader is None:
        raise ValueError(kind)
    reader(item)


def _only(item: Any, allowed: frozenset[str]) -> None:
    if more := item.keys() - KEY - allowed:
        raise ValueError(f"nobody reads {sorted(more)}")


def _entry(item: Any) -> None:
    _only(item, frozenset({"solution", "formerNumbers"}))


def _attempts(item: Any) -> None:
    if items.attempt_limit(item).count != items.integer(item, "attempts"):
        raise ValueError("two counts")


def _deliveries(item: Any) -> None:
    _only(
        item,
        LISTED
        | {"delivery", "fetched", "obstacle"}
        | {name for name in item if name.startswith(delivery.count_of(""))},
    )
    for value in item["delivery"]["M"].values():
        at, rank, state = value["S"].split("#")
        if DeliveryState(state).rank != rank:
            raise ValueError("another rank")
        keys.moment(int(at))
    for value in item["fetched"]["M"].values():
        keys.moment(int(value["N"]))
    delivery.obstacle_of(item)


def _run(item: Any) -> None:
    if items.integer(item, "run") < 1:
        raise ValueError("no run")
    items.moment(item["at"])


def _listed(item: Any) -> None:
    _only(item, LISTED)
    at, agreement = items.string(item, "listSk").split("#")
    keys.moment(int(at))
    if agreement != items.agreement_of(item):
        raise ValueError("of another agreement")


def _message(item: Any) -> None:
    AgreementId(items.string(item, "agreement"))
    if not (items.string(item, "mail") and items.string(item, "recipient") and items.integer(item, "ttl")):
        raise ValueError("a message of nothing")


def _report(item: Any) -> None:
    kind = items.string(item, "pk").partition("#")[2]
    models: dict[str, type[Value]] = {"drift": DriftReport, "erasure": ErasureReport}
    items.parsed(models[kind], item)


def _send_rate(item: Any) -> None:
    _only(item, frozenset({"second", "taken"}))
    if items.integer(item, "second") < 1 or items.integer(item, "taken") < 1:
        raise ValueError("nothing sent")


def _response(item: Any) -> None:
    response = idempotency.StoredResponse(
        items.integer(item, "status"), items.string(item, "location"), items.string(item, "body")
    )
    json.loads(response.body)
    if response.status >= 400 or not items.string(item, "fingerprint") or not items.integer(item, "ttl"):
        raise ValueError("no success")


def _person(item: Any) -> None:
    _only(item, frozenset())
    number, account_id = items.account_of_person(item)
    OrganisationNumber(number), AccountId(account_id)


READERS: Mapping[tuple[str, str], Callable[[Any], object]] = {
    ("ACCOUNT", "ACCOUNT"): account_items.account_place,
    ("AGREEMENT", "ATTEMPTS"): _attempts,
    ("AGREEMENT", "INVITATION-DELIVERY"): _deliveries,
    ("AGREEMENT", "COLLABORATION-DELIVERY"): _deliveries,
    ("AGREEMENT", "ACCESS"): _run,
    ("AGREEMENT", "CUSTOMER"): _listed,
    ("AGREEMENT", "DIGEST"): lambda item: date.fromisoformat(items.string(item, "day")),
    ("ORGANISATION", "CUSTOMER"): _entry,
    ("EMPLOYEE", "TASK"): _entry,
    ("PERSON", "ACCOUNT"): _person,
    ("ADDRESS", "EMPLOYEE"): _entry,
    ("MESSAGE", "MESSAGE"): _message,
    ("REPORT", "*"): _report,
    ("COMPLAINTS", "*"): lambda item: items.moment(item["at"]),
    ("SEND-RATE", "SEND-RATE"): _send_rate,
    ("IDEMPOTENCY", "IDEMPOTENCY"): _response,
}


def read_marker(item: Any) -> None:
    """Read a marker: its list, and what the digest is to say of it."""
    markers.Marker(items.string(item, "sk").partition("#")[2])
    at, agreement = items.string(item, "listSk").split("#")
    keys.moment(int(at))
    if agreement != items.agreement_of(item):
        raise ValueError("of another agreement")
    markers.notice_of(item)


def read_mail(item: Any) -> str:
    """What became of a mail to one recipient."""
    state = items.string(item, "delivery")
    if state != NOT_NEEDED:
        Delivery(DeliveryState(state).delivery)
    items.integer(item, "attempts")
    items.moment(item["nextTry"])
    return state


NOT_NEEDED = "not-needed"

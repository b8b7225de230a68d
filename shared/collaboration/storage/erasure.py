"""What is stored of persons beside a dead invitation, and the account of what was erased.

Everything in the partition of an invitation, but for itself, its timeline and the marker by which its customer's list
has it, is about its recipients: mails in the outbox and to each recipient, what became of them, wrong digits, other
markers. All of it goes, whatever kinds may be added. Of the timeline the names of the customer's people go. One thing
stands elsewhere: the stored response of the request that sent the invitation, which the invitation names.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta

from collaboration.domain.model.change import Transition
from collaboration.domain.model.erasure import ErasureReport
from collaboration.domain.model.mail import Mail
from collaboration.domain.model.values import AgreementId, Delivery, OfficeId, Side, local_date, local_midnight
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import ABSENT, EXISTS, UNCHANGED, Action
from collaboration.storage.items import Item
from collaboration.storage.table import ConflictError, Table
from collaboration.storage.unreadable import UNREADABLE, readable

# The attribute by which an invitation names the stored response of the request that sent it.
RESPONSE_PK = "responsePk"

# Attributes of an invitation in which version 0.1.0 kept its recipients.
FORMER_ATTRIBUTES = ("recipients",)

REPORT_KEPT = timedelta(days=2 * 365 + 1)

# A mail is tried for three days: one that has waited longer is given up, whatever its item says.
_MAIL_TRIED_FOR = timedelta(days=4)


def find_report(table: Table, office_id: OfficeId, now: datetime) -> ErasureReport:
    """The report of an office's day; an empty one where nothing was erased yet.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    day = local_date(now)
    item_key = _report_key(office_id, day)
    found = table.get(item_key).get(item_key)
    return items.parsed(ErasureReport, found) if found else ErasureReport(office_id=office_id, day=day)


def put_report(step: Transition[ErasureReport]) -> Action:
    """The action that writes a report, while it is as it was before."""
    before, after = step.before, step.after
    if before is None or after is None:
        raise AssertionError("a report is added to")
    ends = local_midnight(after.day) + REPORT_KEPT
    item = {
        **items.key(_report_key(after.office_id, after.day)),
        "data": items.data(after),
        "revision": items.number(after.revision),
        "ttl": items.number(int(ends.timestamp())),
    }
    if before.revision == 0:
        return actions.put(item, ABSENT)
    return actions.put(item, UNCHANGED, revision=items.number(before.revision))


def _report_key(office_id: OfficeId, day: date) -> keys.Key:
    return keys.report("erasure", local_midnight(day), office_id)


def mails_among(found: Collection[Item]) -> int:
    """How many mails there are among the items of an invitation's partition, each counted once per recipient."""
    by_recipient = [item for item in found if items.string(item, "sk").startswith(keys.MAILS)]
    expanded = {_mail_of(item) for item in by_recipient}
    waiting = (len(mail.recipients) for item, mail in _outbox(found) if _mail_of(item) not in expanded)
    return len(by_recipient) + sum(waiting)


def waits_for_mail(found: Collection[Item], now: datetime) -> bool:
    """Whether a mail among the items of an invitation's partition is still to be sent, and young enough for that."""
    queued = {_mail_of(item) for item in found if item.get("delivery") == items.text(Delivery.QUEUED)}
    return any(
        mail.at > now - _MAIL_TRIED_FOR and ("duePk" in item or _mail_of(item) in queued)
        for item, mail in _outbox(found)
    )


def _outbox(found: Collection[Item]) -> Iterator[tuple[Item, Mail]]:
    outbox = (item for item in found if items.string(item, "sk").startswith(keys.OUTBOX))
    return readable(outbox, lambda item: items.parsed(Mail, item))


def _mail_of(item: Item) -> str:
    return keys.mail_of(items.string(item, "sk"))


def erase_around(table: Table, agreement: AgreementId, found: Collection[Item]) -> None:
    """Erase what is stored of persons around an invitation that is erased itself; then it is due no more.

    Args:
        table: the table.
        agreement: the invitation's.
        found: the items of its partition. Done again on what is left after a crash, it does the rest.

    Raises:
        ConflictError: another transaction is writing the same items; the same call may succeed a moment later.
        TableUnavailableError: the table does not answer.
    """
    table.write_in_parts([*_removals(found)])
    for response in _own_responses(agreement, found):
        # Another request was answered under the key since, and that response took the place of this one.
        with suppress(ConflictError):
            table.write([response])
    names = {"#duePk": "duePk", "#dueSk": "dueSk"}
    table.update(keys.invitation(agreement), "REMOVE #duePk, #dueSk", {**names, "#pk": "pk"}, {}, EXISTS)


def _removals(found: Collection[Item]) -> Iterator[Action]:
    for item in found:
        item_key = items.key_of(item)
        if item_key.sk.startswith(keys.HISTORY):
            if names := _names_of_customer(item):
                yield actions.remove(item_key, names, EXISTS)
        elif item_key not in (
            keys.invitation(items.agreement_of(item)),
            keys.customer_marker(items.agreement_of(item), keys.INVITATIONS),
        ):
            yield actions.delete(item_key)


def _own_responses(agreement: AgreementId, found: Iterable[Item]) -> Iterator[Action]:
    """What deletes the stored response of the request that sent an invitation, unless it is of another request."""
    for item in found:
        if RESPONSE_PK in item:
            stored = keys.stored_response(items.string(item, RESPONSE_PK))
            yield actions.delete(
                stored, "attribute_not_exists(#pk) OR contains(#location, :agreement)", agreement=items.text(agreement)
            )


def _names_of_customer(item: Item) -> tuple[str, ...]:
    """The attributes of a line of a timeline that name somebody of the customer's, or nobody knows whom."""
    named = tuple(name for name in ("person", "affectedPerson") if name in item)
    try:
        entry = items.entry(item)
    except UNREADABLE:
        return named
    sides = {"person": entry.by.side, "affectedPerson": entry.person.side if entry.person else None}
    return tuple(name for name in named if sides[name] is not Side.OFFICE)


def postpone(table: Table, agreement: AgreementId, revision: int, until: datetime) -> None:
    """Let an erasure wait until a time, unless the invitation has changed: then it is planned anew already.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    later = items.due_attributes("ERASURE", agreement, until)
    try:
        table.write([actions.update(keys.invitation(agreement), later, UNCHANGED, revision=items.number(revision))])
    except ConflictError:
        return

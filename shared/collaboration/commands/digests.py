"""The digests of offices: one a day, and deleted when it has been sent."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from collaboration.domain.decisions.digest import digest
from collaboration.domain.model.digest import DIGEST_KEPT, digest_day, next_digest_at
from collaboration.domain.model.values import AgreementId, digests_of, local_date
from collaboration.queries.digest_context import load_digest_context, load_latest_digest, was_sent
from collaboration.services import Services
from collaboration.storage import actions, items, keys
from collaboration.storage.actions import Action
from collaboration.storage.commit import commit
from collaboration.storage.markers import NOTICES_AT_ONCE, clear_notice, name_digest, notice_of, postpone_notice
from collaboration.storage.table import ConflictError


def send_digest(services: Services, item: items.Item, now: datetime) -> bool:
    """Tell an office what is due to be told, if it has had no digest today; else let the notice wait until it may.

    Args:
        services: the application's services.
        item: a marker whose notice is due, or the item of an office's digests, which are to be deleted by now.
        now: the time (UTC).

    Returns:
        Whether a digest goes out.

    Raises:
        ConflictError: something that the digest tells has changed since it was read; the same call tells it anew.
        TableUnavailableError: the table does not answer.
    """
    item_key = items.key_of(item)
    if item_key.sk == keys.DIGEST:
        _delete_digests(services, items.agreement_of(item), now)
        return False
    known = notice_of(services.table.get(item_key).get(item_key))
    if known is None or known[1].due_at > now:
        return False
    office_id, notice = known
    latest, office = load_latest_digest(services, office_id)
    if office is None or was_sent(notice, latest):
        # Of an office that is gone nobody is told.
        services.table.write([clear_notice(notice)])
        return False
    if (waits := next_digest_at(latest.day if latest else None, now)) > now:
        services.table.write([postpone_notice(notice, waits)])
        return False
    context = load_digest_context(services, office_id, office, latest, notice, now)
    change = digest(context, now)
    if change is None or change.digest is None:
        return False
    transition, rest = change.digest, change.digest.notices[NOTICES_AT_ONCE:]
    if rest and change.mails:
        # They name the digest before it goes out: should this run end right after that, none is told again.
        digest_id = services.new_id()
        transition = replace(transition, id=digest_id)
        _write_each(services, [name_digest(notice, digest_id) for notice in rest])
    commit(services.table, replace(change, digest=transition))
    _write_each(services, [clear_notice(notice) for notice in rest])
    _write_each(services, [postpone_notice(notice, transition.postponed_until) for notice in transition.postponed])
    _delete_digests(services, digests_of(office_id), now)
    return bool(change.mails)


def _write_each(services: Services, changes: Sequence[Action]) -> None:
    """Clear or postpone notices. One that is about something new by now stays, and is told the next time."""
    for start in range(0, len(changes), NOTICES_AT_ONCE):
        batch = changes[start : start + NOTICES_AT_ONCE]
        try:
            services.table.write(batch)
        except ConflictError:
            for action in batch:
                with suppress(ConflictError):
                    services.table.write([action])


def _delete_digests(services: Services, digests: AgreementId, now: datetime) -> None:
    """Delete the digests that are as old as they are kept, so that the names in them are."""
    until = local_date(now - DIGEST_KEPT)
    digest_key = keys.digest_of(digests)
    # Before the digests: the day of one that is sent in the meantime is not this one.
    found = services.table.get(digest_key)
    kept = False
    stale = []
    for prefix in (keys.OUTBOX, keys.MAILS):
        for item in services.table.partition(keys.agreement_partition(digests), prefix):
            if digest_day(keys.mail_of(items.string(item, "sk"))) > until:
                kept = True
            else:
                stale.append(actions.delete(items.key_of(item)))
    services.table.write_in_parts(stale)
    if found and not kept:
        # Unless a new one was sent in the meantime.
        services.table.write([actions.delete(digest_key, "#day = :day", day=found[digest_key]["day"])])

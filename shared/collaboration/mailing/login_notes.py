"""The note to whoever activated that the login instructions did not reach somebody."""

from collections.abc import Iterator
from datetime import datetime

from collaboration.domain.decisions.mail_delivery import login_bounce_mail
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.directory import Office
from collaboration.domain.model.mail import LoginContent, Mail
from collaboration.storage import account_items, actions, items, keys
from collaboration.storage.actions import ABSENT, Action
from collaboration.storage.commit import outbox_item
from collaboration.storage.table import Table


def login_notes(table: Table, mail: Mail, collaboration: Collaboration | None, now: datetime) -> Iterator[Action]:
    """The actions that queue the note, one per mail, however many of its recipients it did not reach.

    None for a mail that is no login instructions, or where that is noted.

    Args:
        table: the table.
        mail: the mail that bounced, was given up, or went to nobody since the register has others by now.
        collaboration: the one that it is about.
        now: the time (UTC).

    Raises:
        TableUnavailableError: the table does not answer.
    """
    if not isinstance(mail.content, LoginContent) or collaboration is None:
        return
    office_key, activator_id = keys.office(collaboration.office_id), collaboration.started_by
    wanted = [keys.employee(collaboration.office_id, activator_id)] if activator_id else []
    if collaboration.account_id:
        wanted.append(keys.account(collaboration.organisation_number, collaboration.account_id))
    found = table.get(office_key, *wanted)
    office = items.at(Office, found, office_key)
    if office is None:
        return
    activator = items.employees(found.values()).get(activator_id) if activator_id else None
    signed_in = any(account.signed_in for account in account_items.accounts(found.values()))
    change = login_bounce_mail(mail, collaboration, office, activator, now, signed_in=signed_in)
    yield from (actions.put(outbox_item(note), ABSENT) for note in change.mails if _is_first(table, note))


def _is_first(table: Table, note: Mail) -> bool:
    outbox_key = keys.outbox(note.agreement, note.id)
    return outbox_key not in table.get(outbox_key)

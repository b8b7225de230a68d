"""What the decision about an office's digest has to know."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from collaboration.domain.contexts.digest import DigestCandidate, DigestContext
from collaboration.domain.contexts.invitation import InvitationContext
from collaboration.domain.model.accounts import Account
from collaboration.domain.model.digest import LatestDigest, Notice
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.invitation import Invitation
from collaboration.domain.model.values import AgreementId, EmployeeId, OfficeId
from collaboration.queries.related import load_employees, load_small_office
from collaboration.services import Services
from collaboration.storage import account_items, items, keys
from collaboration.storage.markers import due_notices

# No mail holds more; the others are counted.
_MOST_INVITATIONS = 1000


def load_latest_digest(services: Services, office_id: OfficeId) -> tuple[LatestDigest | None, Office | None]:
    """An office's latest digest, and the office; None where there is none.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    digest_key, office_key = keys.digest(office_id), keys.office(office_id)
    found = services.table.get(digest_key, office_key)
    latest = None
    if item := found.get(digest_key):
        digest_id = items.string(item, "id") if "id" in item else None
        latest = LatestDigest(day=date.fromisoformat(items.string(item, "day")), id=digest_id)
    return latest, items.at(Office, found, office_key)


def was_sent(notice: Notice, latest: LatestDigest | None) -> bool:
    """Whether a notice went out with the latest digest, whose run ended before it could note that."""
    return latest is not None and latest.id is not None and notice.digest_id == latest.id


def load_digest_context(
    services: Services, office_id: OfficeId, office: Office, latest: LatestDigest | None, known: Notice, now: datetime
) -> DigestContext:
    """The context of an office's digest.

    Args:
        services: the application's services.
        office_id: the id of the office.
        office: the office.
        latest: its latest digest.
        known: a notice that is due, of which the index may not know yet.
        now: the time (UTC).

    Raises:
        TableUnavailableError: the table does not answer.
    """
    table = services.table
    notices, employees = table.gather(
        lambda: due_notices(table, office_id, now), lambda: load_small_office(services, office_id)
    )
    by_agreement: dict[AgreementId, list[Notice]] = {}
    sent = []
    for notice in notices if known in notices else (known, *notices):
        if was_sent(notice, latest):
            sent.append(notice)
        else:
            by_agreement.setdefault(notice.agreement, []).append(notice)
    loaded = list(by_agreement)[:_MOST_INVITATIONS]
    candidates = _candidates(services, office_id, office, employees, {name: by_agreement[name] for name in loaded})
    return DigestContext(
        office_id=office_id,
        office=office,
        latest=latest.day if latest else None,
        candidates=tuple(candidates),
        beyond=tuple(notice for name in list(by_agreement)[_MOST_INVITATIONS:] for notice in by_agreement[name]),
        sent=tuple(sent),
    )


def _candidates(
    services: Services,
    office_id: OfficeId,
    office: Office,
    employees: Mapping[EmployeeId, Employee] | None,
    notices: Mapping[AgreementId, Sequence[Notice]],
) -> list[DigestCandidate]:
    wanted = [key for agreement in notices for key in keys.invitation_keys(agreement)]
    invitations = list(items.invitations(services.table.get(*wanted))) if wanted else []
    around = services.table.get(*(key for invitation in invitations for key in _around(invitation)))
    if employees is None:
        senders = {invitation.sent_by.employee_id for invitation in invitations}
        owners = {task.owner for invitation in invitations if (task := items.at(Task, around, _around(invitation)[1]))}
        employees = load_employees(services, office_id, (name for name in senders | owners if name))
    return [
        DigestCandidate(
            context=InvitationContext(
                invitation=invitation,
                office=office,
                employees=employees,
                customer=items.at(Customer, around, customer_key),
                task=items.at(Task, around, task_key),
                account=_account(around, account_key, subscription_key),
                attempt_limit=items.attempt_limit(around.get(attempts_key)),
            ),
            notices=tuple(notices[invitation.agreement]),
            guard=items.guard(around[guard_key]) if guard_key in around else None,
        )
        for invitation in invitations
        for customer_key, task_key, guard_key, account_key, subscription_key, attempts_key in [_around(invitation)]
    ]


def _account(found: Mapping[keys.Key, items.Item], *of_account: keys.Key) -> Account | None:
    """The account with its subscription to the invitation's solution; None where they are not known."""
    accounts = account_items.accounts(found[key] for key in of_account if key in found)
    account = next(iter(accounts), None)
    # What cannot be read of one invitation keeps no office from its digest.
    return None if account is None or account.unreadable or account.unreadable_subscriptions else account


def _around(invitation: Invitation) -> tuple[keys.Key, keys.Key, keys.Key, keys.Key, keys.Key, keys.Key]:
    office_id, customer_id = invitation.office_id, invitation.customer_id
    number, account_id = invitation.organisation_number, invitation.account_id
    return (
        keys.customer(office_id, customer_id),
        keys.task(office_id, customer_id, invitation.task_id),
        keys.guard(office_id, customer_id, invitation.solution),
        keys.account(number, account_id),
        keys.subscription(number, account_id, invitation.solution),
        keys.attempts(invitation.agreement),
    )

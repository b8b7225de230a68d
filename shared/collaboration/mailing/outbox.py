"""From the outbox to the provider: one claimable item per recipient, each mail sent once as far as the provider allows.

A mail waits in the outbox from the transaction that causes it. It is expanded, repeatably, into one item per recipient;
whoever claims an item holds it for a lease, sends, and records that. A provider that refuses is asked again later, with
growing pauses; a crash costs the lease and perhaps a second copy, never the mail.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from collaboration import invocation
from collaboration.domain.decisions.mail_retry import LEASE, Refusal, held_until, next_try
from collaboration.domain.decisions.mail_substitute import substitute
from collaboration.domain.model.access import access_of_office
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.delivery import DeliveryState
from collaboration.domain.model.directory import Customer, Office, Task
from collaboration.domain.model.invitation import Invitation, InvitationState
from collaboration.domain.model.mail import InvitationContent, Mail
from collaboration.domain.model.mail_composition import with_present_collaboration, with_present_terms
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.values import AgreementId, Email
from collaboration.frozen import dataclass
from collaboration.mailing.login_notes import login_notes
from collaboration.mailing.pace import Pace
from collaboration.queries.invitation_context import load_invitation_terms
from collaboration.queries.related import load_employees
from collaboration.services import Failure, PartialFailureError, Services, retry_on_conflict
from collaboration.storage import account_items, actions, items, keys
from collaboration.storage import mails as mail_items
from collaboration.storage.actions import Action
from collaboration.storage.delivery import entry_of, former_entry_of
from collaboration.storage.due import due
from collaboration.storage.mails import MailItem
from collaboration.storage.markers import cured_marker
from collaboration.storage.marking import delivery_mark, mark_delivery, mark_first_delivery
from collaboration.storage.table import ConflictError, Table
from collaboration.telemetry import Level, Log, Metric, Metrics

# SES reports what became of a mail within days; a complaint may take weeks.
MESSAGE_KEPT = timedelta(days=60)
# A mail goes out within seconds: what it says of people is read anew where it is as old as this.
_WAITED = timedelta(minutes=1)


class SendError(Exception):
    """The provider did not take the mail, or did not answer. Says why, and names nobody's address."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@dataclass(frozen=True)
class RenderedMail:
    """A mail as it is sent to one recipient.

    `sender_name`: whom it is from, as a mail program shows it; `reply_to`: who reads an answer, None where nobody does;
    `kind`: the kind of mail as the product names it; `headers`: further headers by name, in ASCII.
    """

    kind: str
    sender_name: str
    subject: str
    text: str
    html: str
    reply_to: Email | None
    headers: Mapping[str, str]


class Provider(Protocol):
    """Takes rendered mails: SES, or a list in a test."""

    def send(self, mail: RenderedMail, to: Email, tags: Mapping[str, str]) -> str:
        """Hand over a mail to one recipient.

        Args:
            mail: the mail as it is to be read.
            to: the recipient's address.
            tags: names and values that come back with the provider's events about this mail.

        Returns:
            The provider's id of the mail.

        Raises:
            SendError: it was not taken, or nobody knows.
        """


@dataclass(frozen=True)
class MailContext:
    """What sending works with.

    `render`: a mail as one of its recipients gets it, the same whenever it is asked.
    """

    services: Services
    provider: Provider
    render: Callable[[Mail, MailRecipient], RenderedMail]
    pace: Pace
    metrics: Metrics
    log: Log


@dataclasses.dataclass
class DeliveryRun:
    """One run through waiting mails.

    `sent`: how many mails were sent; `failures`: what went wrong with some; `erased`: those that are in the outbox no
    more; `waiting_since`: when the oldest was written of those that it could not send, None where there is none.
    """

    sent: int = 0
    failures: list[Failure] = dataclasses.field(default_factory=list)
    erased: set[tuple[AgreementId, str]] = dataclasses.field(default_factory=set)
    waiting_since: datetime | None = None

    def wait(self, mail: Mail) -> None:
        """Count a mail as one that still waits."""
        self.waiting_since = min(self.waiting_since or mail.at, mail.at)


class _OutOfTimeError(Exception):
    """The time of this call, or the turn of this mail in it, is over: what is left is due later as it is."""


def deliver(context: MailContext, agreement: AgreementId, mail_id: str) -> int:
    """Send a mail to each of its recipients who has not got it yet, as many as there is time for. Repeatable.

    Returns:
        How many mails were sent.

    Raises:
        PartialFailureError: something went wrong with some recipients; all others were tried.
        TableUnavailableError: the table does not answer.
    """
    run = _deliver_all(context, [(agreement, mail_id)])
    if run.failures:
        raise PartialFailureError(run.failures)
    return run.sent


def deliver_due(context: MailContext) -> DeliveryRun:
    """Send what is due, as much as there is time for: mails to try again, and mails of which no event came.

    The age of the oldest that was tried and still waits is recorded with every run, also one in which something went
    wrong with some mails, so that its absence says that none takes place.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    table, now = context.services.table, context.services.clock()
    found = [*due(table, "MAIL", now)]
    run = _deliver_all(context, dict.fromkeys(map(mail_items.id_of, found)))
    # The clean-up erased a mail that got the items of its recipients only then: nothing else would find them.
    left_over = [actions.delete(items.key_of(item)) for item in found if mail_items.id_of(item) in run.erased]
    with suppress(ConflictError):
        table.write_in_parts(left_over)
    oldest = now - run.waiting_since if run.waiting_since else timedelta()
    context.metrics.record(Metric.OLDEST_MAIL_AGE, oldest.total_seconds())
    return run


def _deliver_all(context: MailContext, mails: Iterable[tuple[AgreementId, str]]) -> DeliveryRun:
    run = DeliveryRun()
    try:
        for agreement, mail_id in mails:
            try:
                outbox_item = _expanded(context.services.table, agreement, mail_id)
                if outbox_item is None:
                    run.erased.add((agreement, mail_id))
                    continue
                mail = items.parsed(Mail, outbox_item)
            except Exception as error:  # noqa: BLE001 - one mail stops no other
                run.failures.append(Failure.of(error, agreement=agreement, mail=mail_id))
                continue
            with invocation.correlated(items.correlation_of(outbox_item)):
                _deliver_to_all(context, mail, run)
    except _OutOfTimeError:
        context.metrics.record(Metric.MAILS_LEFT, 1)
    if run.sent:
        context.metrics.record(Metric.MAILS_SENT, run.sent)
    return run


def _deliver_to_all(context: MailContext, mail: Mail, run: DeliveryRun) -> None:
    """Send a mail to each of its recipients."""
    for recipient in mail.recipients:
        try:
            _deliver_one(context, mail, recipient, run)
        except _OutOfTimeError:
            run.wait(mail)
            raise
        except Exception as error:  # noqa: BLE001 - one recipient's mail stops no other's
            run.wait(mail)
            run.failures.append(Failure.of(error, agreement=mail.agreement, mail=mail.id, recipient=recipient.key))


def _expanded(table: Table, agreement: AgreementId, mail_id: str) -> items.Item | None:
    """The item of a mail in the outbox, once each recipient has one too; None where it is gone."""
    outbox_key = keys.outbox(agreement, mail_id)
    found = table.get(outbox_key).get(outbox_key)
    if found is None:
        return None
    if not mail_items.is_expanded(found) and not mail_items.expand(table, items.parsed(Mail, found)):
        return None
    return found


def _deliver_one(context: MailContext, mail: Mail, recipient: MailRecipient, run: DeliveryRun) -> None:
    table, now = context.services.table, context.services.clock()
    item_key = keys.mail(mail.agreement, mail.id, recipient.key)
    subject_keys = (
        (keys.collaboration(mail.agreement),) if mail.is_about_collaboration else keys.invitation_keys(mail.agreement)
    )
    found = table.get(item_key, *subject_keys, *_complaint_keys(mail, recipient), *_employee_keys(mail, recipient))
    waiting = MailItem.of(found.get(item_key), item_key)
    if waiting is None or not waiting.queued or not waiting.is_claimable(now):
        return
    invitation = items.invitation_at(found, mail.agreement)
    about = {key: item for key, item in found.items() if key == keys.collaboration(mail.agreement)}
    collaboration = next(items.collaborations(about), None)
    present = _as_it_is_now(context, mail, recipient, waiting, invitation, collaboration)
    if present is None:
        return
    to = _active_recipient(context, mail, recipient, found)
    if to is None:
        _record_not_sent(table, mail, recipient, waiting)
        return
    if any(key in (found if to == recipient else table.get(key)) for key in _complaint_keys(mail, to)):
        _record_unsent(table, mail, recipient, waiting, DeliveryState.COMPLAINED)
        _count_cured(context, invitation)
        return
    # Before the claim: who gets no turn has not tried.
    if not context.pace.wait():
        raise _OutOfTimeError
    claimed = waiting.claim(table, mail.agreement, context.services.clock(), LEASE)
    if claimed is None:
        return
    rendered = context.render(present, to)
    try:
        message_id = context.provider.send(rendered, to.email, tags_of(mail, recipient))
    except SendError as error:
        _record_refusal(context, mail, recipient, error.refusal)
        if _reschedule(context, mail, recipient, claimed, error.refusal, collaboration):
            run.wait(mail)
        _count_cured(context, invitation)
        return
    until = now + MESSAGE_KEPT
    message = mail_items.message_item(mail, recipient, message_id, until)
    mark = _mark(mail, recipient, DeliveryState.SENT)
    if not retry_on_conflict(lambda _: claimed.record_sent(table, message, message_id, mark), context.services):
        show_delivery(table, mail, recipient, DeliveryState.SENT)
    run.sent += 1
    context.log.write(Level.INFO, "mail sent", log_facts(mail, recipient))
    _count_cured(context, invitation)


def _complaint_keys(mail: Mail, to: MailRecipient) -> tuple[keys.Key, ...]:
    """Where it says that somebody wants no more mails of the office, as far as that holds for this one."""
    return (keys.complaint(mail.office_id, to.email),) if mail.office_id and not mail.is_essential else ()


def _employee_keys(mail: Mail, *recipients: MailRecipient) -> tuple[keys.Key, ...]:
    """The employees of the office among some recipients of a mail."""
    office_id, ids = mail.office_id, [recipient.employee_id for recipient in recipients]
    return tuple(keys.employee(office_id, employee_id) for employee_id in ids if office_id and employee_id)


def _active_recipient(
    context: MailContext, mail: Mail, recipient: MailRecipient, found: Mapping[keys.Key, items.Item]
) -> MailRecipient | None:
    """Who gets a mail now: its recipient, or whoever does in the place of one who has left the office. None for nobody.

    `found`: the recipient's item, where they are an employee, who gets it at the address of now; where it cannot be
    read, at the one that the mail has.
    """
    table, employees = context.services.table, items.employees(found.values())
    employee_id = recipient.employee_id
    employee = employees.get(employee_id) if employee_id else None
    if mail.office_id is None or employee_id is None or employee is None:
        return recipient
    if employee.active:
        return MailRecipient.from_employee(employee_id, employee)
    office_key = keys.office(mail.office_id)
    around = table.get(office_key, *_employee_keys(mail, *mail.recipients))
    office = items.at(Office, around, office_key)
    return substitute(mail, recipient, items.employees(around.values()), office) if office else None


# Why a mail was not taken, and the metric that counts it.
_REFUSALS = {
    Refusal.THROTTLED: Metric.MAIL_THROTTLED,
    Refusal.UNAVAILABLE: Metric.MAIL_UNAVAILABLE,
    Refusal.SUSPENDED: Metric.MAIL_SUSPENDED,
    Refusal.REJECTED: Metric.MAIL_REJECTED,
}


def _record_refusal(context: MailContext, mail: Mail, recipient: MailRecipient, refusal: Refusal) -> None:
    """Count it, and log what somebody has to act upon at once: not that too many came, which puts itself right."""
    context.metrics.record(_REFUSALS[refusal], 1)
    facts = {"refusal": refusal, **log_facts(mail, recipient)}
    match refusal:
        case Refusal.SUSPENDED | Refusal.REJECTED:
            context.log.write(Level.ERROR, "mail refused", facts)
        case Refusal.UNAVAILABLE:
            context.log.write(Level.WARNING, "mail refused", facts)
        case Refusal.THROTTLED:
            context.log.write(Level.DEBUG, "mail refused", facts)


def log_facts(mail: Mail, recipient: MailRecipient) -> dict[str, str]:
    """What lines of the log say of a recipient's mail: ids, and the kind of mail."""
    return {"agreement": mail.agreement, "mail": mail.id, "recipient": recipient.key, "kind": mail.mail_kind}


def _count_cured(context: MailContext, before: Invitation | None) -> None:
    """Count an invitation no more among those with a bounced mail, where a later mail took the place of the last one.

    `before`: as it was before. Where this fails, the provider's next report of the mail does it.
    """
    table = context.services.table

    def attempt(agreement: AgreementId) -> None:
        if cured := cured_marker(table, agreement):
            table.write([cured])

    if before is not None and before.bounced:
        retry_on_conflict(lambda _: attempt(before.agreement), context.services)


def _as_it_is_now(
    context: MailContext,
    mail: Mail,
    recipient: MailRecipient,
    waiting: MailItem,
    invitation: Invitation | None,
    collaboration: Collaboration | None,
) -> Mail | None:
    """A mail with what holds now, which may have changed while it waited: `mails-say-what-holds`.

    None when it is not sent: its link has died, or was closed by wrong digits on the others, what it speaks of has
    ended, its recipient is no administrator any more, or nobody can accept, and then it waits until somebody can, for
    as long as one that the provider does not take (`no-mail-in-vain`).
    """
    table, now = context.services.table, context.services.clock()
    if not isinstance(mail.content, InvitationContent):
        return _about_collaboration(context, mail, recipient, waiting, collaboration)
    if invitation is not None and mail.content.expires_at != invitation.expires_at:
        # The invitation was given a new life since, and with it a mail of its own, whose delivery is shown.
        waiting.record_not_needed(table)
        return None
    later = None
    open_link = invitation is not None and _leads_anywhere(invitation, recipient, now)
    if open_link and now - mail.at >= _WAITED:
        attempts_key = keys.attempts(mail.agreement)
        open_link = not items.attempt_limit(table.get(attempts_key).get(attempts_key)).closed
    if invitation is not None and open_link:
        terms = load_invitation_terms(context.services, invitation)
        if terms.account is not None and terms.account.administrator(recipient.email):
            if terms.sending_obstacle is None:
                return with_present_terms(mail, terms, now)
            later = held_until(mail.at, now)
    if later is not None:
        waiting.postpone(table, mail.agreement, later)
    else:
        _record_not_sent(table, mail, recipient, waiting)
    return None


def _about_collaboration(
    context: MailContext, mail: Mail, recipient: MailRecipient, waiting: MailItem, collaboration: Collaboration | None
) -> Mail | None:
    """A mail that is not an invitation's, as `_as_it_is_now`.

    `collaboration`: what it is about, where that may have ended. It goes out as it is where that cannot be read.
    """
    names = _names_with_access(context, mail, collaboration) if collaboration else None
    present = with_present_collaboration(mail, collaboration, names) if collaboration else mail
    to_customer = mail.shown_on_collaboration
    if collaboration is None or (present and not (to_customer and _has_left(context, recipient, collaboration))):
        return present
    table = context.services.table
    if present:
        # First the note: a crash before the record costs nothing.
        table.write_in_parts([*login_notes(table, mail, collaboration, context.services.clock())])
    _record_not_sent(table, mail, recipient, waiting)
    return None


def _names_with_access(context: MailContext, mail: Mail, collaboration: Collaboration) -> tuple[str, ...] | None:
    """The names of the employees who have access now; None for a mail that names none, or has not waited.

    The task may have another owner by now, or be another one.
    """
    services, office_id = context.services, collaboration.office_id
    customer_id, task_id = collaboration.customer_id, collaboration.task_id
    if not mail.names_access or services.clock() - mail.at < _WAITED or customer_id is None or task_id is None:
        return None
    customer_key, task_key = keys.customer(office_id, customer_id), keys.task(office_id, customer_id, task_id)
    found = services.table.get(customer_key, task_key)
    task, customer = items.at(Task, found, task_key), items.at(Customer, found, customer_key)
    people = load_employees(services, office_id, task.people if task else ())
    return tuple(access.person.name for access in access_of_office(task_id, task, customer, people))


def _has_left(context: MailContext, recipient: MailRecipient, collaboration: Collaboration) -> bool:
    """Whether a mail about a collaboration would go to somebody whom the account register has removed while it waited.

    A mail goes out where the account cannot be read, or is not known.
    """
    if collaboration.account_id is None:
        return False
    account_key = keys.account(collaboration.organisation_number, collaboration.account_id)
    accounts = account_items.accounts(context.services.table.get(account_key).values())
    return any(not account.unreadable and not account.administrator(recipient.email) for account in accounts)


def _leads_anywhere(invitation: Invitation, recipient: MailRecipient, now: datetime) -> bool:
    """Whether the link of an invitation is still good."""
    person = invitation.recipients.get(recipient.recipient or "")
    alive = person is not None and not person.removed and person.version == recipient.version
    return alive and invitation.state_at(now) is InvitationState.PENDING


def tags_of(mail: Mail, recipient: MailRecipient) -> dict[str, str]:
    """What the provider's events about a mail have to say, so that it is found again."""
    return {"agreement": mail.agreement, "mail": mail.id, "recipient": recipient.key}


def _reschedule(
    context: MailContext,
    mail: Mail,
    recipient: MailRecipient,
    claimed: MailItem,
    refusal: Refusal,
    collaboration: Collaboration | None,
) -> bool:
    """Let a mail wait for its next attempt, or give it up; whether it waits."""
    table, now = context.services.table, context.services.clock()
    later = next_try(refusal, claimed.attempts, mail.at, now)
    if later is not None:
        claimed.postpone(table, mail.agreement, later)
        context.metrics.record(Metric.MAILS_POSTPONED, 1)
        return True
    table.write_in_parts([*login_notes(table, mail, collaboration, now)])
    if _record_unsent(table, mail, recipient, claimed, DeliveryState.FAILED):
        context.metrics.record(Metric.MAIL_FAILED, 1)
        context.log.write(Level.ERROR, "mail given up", log_facts(mail, recipient))
    return False


def _record_not_sent(table: Table, mail: Mail, recipient: MailRecipient, waiting: MailItem) -> None:
    """Record that a mail is not sent, and show it unless an earlier one was: nobody waits for it any more."""
    if waiting.record_not_needed(table) and (shown := _shown_at(mail, recipient)):
        mark_first_delivery(table, *shown, mail.at, DeliveryState.FAILED)


def _record_unsent(table: Table, mail: Mail, recipient: MailRecipient, item: MailItem, state: DeliveryState) -> bool:
    recorded = item.record_unsent(table, state, _mark(mail, recipient, state))
    if recorded:
        show_delivery(table, mail, recipient, state)
    return recorded


def show_delivery(table: Table, mail: Mail, recipient: MailRecipient, state: DeliveryState) -> None:
    """Mark what became of a mail where the office sees it: on the invitation, or on the collaboration."""
    if shown := _shown_at(mail, recipient):
        former = former_entry_of(recipient.recipient or recipient.key, recipient.version)
        mark_delivery(table, *shown, mail.at, state, former=former)


def _mark(mail: Mail, recipient: MailRecipient, state: DeliveryState) -> Action | None:
    """The mark of `show_delivery` within a transaction, so that no crash can fall between; None where there is none."""
    shown = _shown_at(mail, recipient)
    return delivery_mark(*shown, mail.at, state) if shown else None


def _shown_at(mail: Mail, recipient: MailRecipient) -> tuple[keys.Key, str] | None:
    if isinstance(mail.content, InvitationContent):
        entry = entry_of(recipient.recipient or recipient.key, recipient.version)
        return keys.invitation_delivery(mail.agreement), entry
    if mail.shown_on_collaboration:
        return keys.collaboration_delivery(mail.agreement), f"{mail.id}.{recipient.key}"
    return None

"""A collaboration starts: invited and accepted, or activated; and the register records what it rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from collaboration.domain.decisions.activating import Activate, activate
from collaboration.domain.decisions.deciding import decide
from collaboration.domain.decisions.inviting import Invite, invite
from collaboration.domain.decisions.preview import preview
from collaboration.domain.decisions.registering import follow_terms, recorded_account, terms_recorded
from collaboration.domain.model.accounts import AccountRecord
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.collaboration import Collaboration
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.history import SYSTEM
from collaboration.domain.model.invitation import Choice
from collaboration.domain.model.preview import Consent
from collaboration.domain.model.subscriptions import SubscriptionStatus, Terms
from collaboration.domain.model.values import AccountId, InvoiceRecipient

from .builders import (
    ACCOUNT,
    AGREEMENT,
    BO,
    BOOKS,
    BOOKS_SETUP,
    COLLABORATION,
    NOW,
    NUMBER,
    OTHER_COLLABORATION,
    OTHER_NUMBER,
    PAYROLL,
    SCANNER,
    TASK,
    TAX,
    TODAY,
    account,
    ask_context,
    collaboration,
    customer,
    employee,
    invitation,
    office,
    proposal,
    recipient_context,
    subscription,
    task,
)

COMING = BOOKS_SETUP.replace(invoice_recipient=InvoiceRecipient.CUSTOMER)
FULL = dict(BOOKS_SETUP)


def started(change: Any) -> Collaboration:
    """The collaboration that the change starts."""
    after = change.collaboration.after
    assert isinstance(after, Collaboration)
    return after


def accept(**changes: Any) -> Any:
    """Carl accepts."""
    return decide(recipient_context(**changes), Choice.ACCEPT, NUMBER[-4:], None, NOW)


@pytest.mark.parametrize(
    ("owner", "kinds", "had"),
    [
        (account(), ["invitation-accepted", "subscription-started", "collaboration-started"], False),
        (account(subscription(BOOKS, terms=FULL)), ["invitation-accepted", "collaboration-started"], True),
    ],
)
def test_an_acceptance_joins_or_starts_a_subscription(owner: Any, kinds: list[str], had: bool) -> None:  # noqa: FBT001
    """Exactly one."""
    change = accept(account=owner)
    assert [entry.what for entry in change.history] == kinds
    assert (started(change).had_subscription, started(change).setup) == (had, BOOKS_SETUP)
    assert len(change.subscriptions) == 1


def test_what_will_hold_is_copied_at_acceptance_and_at_activation() -> None:
    """The new collaboration says what holds now and what will."""
    accepted = started(accept(account=account(subscription(BOOKS, terms=FULL, next_setup=COMING))))
    assert (accepted.setup, accepted.next_setup, accepted.renews_on) == (BOOKS_SETUP, COMING, date(2026, 12, 1))
    start, office_pays = SetUp(variant="start"), SetUp(variant="start", invoice_recipient=InvoiceRecipient.OFFICE)
    known = subscription(PAYROLL, terms=dict(start), next_setup=office_pays)
    context, asked = ask_context(accounts=(account(known),)), proposal(PAYROLL)
    seen = preview(context, asked, NOW)
    command = Activate(proposal=asked, consent=Consent(seen.scenario, seen.terms_version))
    activated = started(activate(context, seen, command, AGREEMENT, AccountId("new"), NOW))
    assert activated.next_setup == office_pays


@pytest.mark.parametrize(
    "changes",
    [{"task": None}, {"task": task(active=False)}, {"customer": customer(active=False)}, {"customer": None}],
)
def test_an_acceptance_without_an_active_task_is_unlinked(changes: dict[str, Any]) -> None:
    """Accepted all the same."""
    assert started(accept(**changes)).linked is False


def test_a_customer_owned_subscription_is_joined_without_setup() -> None:
    """Whatever was asked for."""
    after = started(accept(account=account(subscription(BOOKS, terms={"customer_owned": True}))))
    assert (after.setup, after.customer_owned) == (SetUp(), True)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"account": account(users=())}, "no-longer-administrator"),
        ({"account": None}, "no-longer-administrator"),
        ({"employees": {BO: employee("Carl Berg", email="CARL@ceder.example")}}, "employee-of-office"),
        ({"office": office(email="CARL@ceder.example")}, "employee-of-office"),
    ],
)
def test_only_a_present_administrator_decides(changes: dict[str, Any], hint: str) -> None:
    """And nobody of the inviting office, nor whoever reads its own mail."""
    for choice in Choice:
        with pytest.raises(RefusedError) as refusal:
            decide(recipient_context(**changes), choice, NUMBER[-4:], None, NOW)
        assert (refusal.value.fault.slug, refusal.value.fault.hint) == ("not-allowed", hint)


def test_declining_leaves_nothing_behind() -> None:
    """But the answer to the office."""
    change = decide(recipient_context(), Choice.DECLINE, NUMBER[-4:], "no", NOW)
    assert change is not None
    assert (change.collaboration, change.subscriptions, [guard.after for guard in change.guards]) == (None, (), [None])
    assert [mail.mail_kind for mail in change.mails] == ["declined"]


def test_a_variant_chosen_in_the_invitation_becomes_the_accounts() -> None:
    """Where the register named none; that is a change of the subscription."""
    asked = invitation(solution=PAYROLL, setup=SetUp(variant="standard"))
    change = accept(invitation=asked, account=account(subscription(PAYROLL)))
    assert started(change).setup.variant == "standard"
    assert change.subscriptions[0].transition.after.terms.variant == "standard"
    assert [entry.what for entry in change.history][-1] == "subscription-changed"


def test_an_invitation_goes_to_every_administrator() -> None:
    """With the set-up that the preview showed."""
    context, asked = ask_context(accounts=(account(),)), proposal(BOOKS)
    seen = preview(context, asked, NOW)
    command = Invite(proposal=asked, consent=Consent(seen.scenario, seen.terms_version), message="Hello")
    change = invite(context, seen, command, AGREEMENT, NOW)
    assert change.invitation is not None
    after = change.invitation.after
    assert after is not None
    assert (after.setup, after.task_id, after.message) == (BOOKS_SETUP, TASK, "Hello")
    assert [recipient.email for recipient in change.mails[0].recipients] == ["carl@ceder.example"]


@pytest.mark.parametrize(("key", "kind"), [(SCANNER, "login-instructions"), (TAX, "login-instructions")])
def test_a_new_company_gets_an_account(key: str, kind: str) -> None:
    """Its contact person becomes administrator and main contact, and learns how to sign in."""
    context, asked = ask_context(), proposal(key)
    seen = preview(context, asked, NOW)
    command = Activate(proposal=asked, consent=Consent(seen.scenario, seen.terms_version))
    change = activate(context, seen, command, AGREEMENT, ACCOUNT, NOW)
    assert change.new_account is not None
    assert change.new_account.account.main_contact == "carl@ceder.example"
    assert [entry.what for entry in change.history] == [
        "account-created",
        "subscription-started",
        "collaboration-started",
    ]
    assert [mail.mail_kind for mail in change.mails] == [kind]


def record(*terms: Terms, number: Any = NUMBER) -> AccountRecord:
    """The account as the register has it."""
    plain = account()
    return AccountRecord(
        organisation_number=number,
        name=plain.name,
        users=plain.users,
        main_contact=plain.main_contact,
        subscriptions=terms,
    )


def test_what_is_used_is_kept_and_what_is_not_goes() -> None:
    """When the register leaves it out; the same record again changes nothing."""
    used, unused = subscription(BOOKS, COLLABORATION), subscription(SCANNER)
    after = recorded_account(ACCOUNT, record(), account(used, unused), TODAY)
    assert after.subscriptions == (used,)
    assert recorded_account(ACCOUNT, record(), after, TODAY) == after


def test_under_another_number_nothing_is_used() -> None:
    """Only unlinked imports could have, and those stay with their number."""
    unrecorded = subscription(SCANNER, COLLABORATION, status=SubscriptionStatus.UNRECORDED)
    moved = recorded_account(
        ACCOUNT, record(number=OTHER_NUMBER), account(subscription(BOOKS, COLLABORATION), unrecorded), TODAY
    )
    assert moved.subscriptions == ()


def test_new_terms_are_history_of_all_who_rest_on_them() -> None:
    """With what changed, now and from the renewal on, and the day it moves; our own renewals tell otherwise."""
    coming = COMING.replace(variant="bookkeeping-invoicing")
    changed = subscription(BOOKS, COLLABORATION, terms={**FULL, "variant": coming.variant}, next_setup=coming)
    change = terms_recorded(changed, (collaboration(),), NOW)
    [entry] = change.history
    assert (entry.what, entry.by.side) == ("subscription-changed", "platform")
    assert [(moved.field, moved.before, moved.after) for moved in entry.changes] == [
        ("variant", "bookkeeping", "bookkeeping-invoicing"),
        ("invoiceRecipient", "office", "customer"),
    ]
    later = subscription(BOOKS, COLLABORATION, terms={**FULL, "renews_on": date(2027, 1, 1)})
    moved = terms_recorded(later, (collaboration(),), NOW).history
    assert [change.field for entry in moved for change in entry.changes] == ["renewsOn"]
    quiet = terms_recorded(later, (collaboration(),), NOW, by=SYSTEM)
    assert (len(quiet.siblings), quiet.history) == (1, ())


def test_a_collaboration_follows_the_subscription_it_rests_on() -> None:
    """Started by another collaboration; not one that others alone rest on."""
    known = subscription(BOOKS, COLLABORATION, terms={**FULL, "period_months": 3})
    change = follow_terms(collaboration(), account(known), NOW)
    assert change is not None
    after = change.siblings[0].after
    assert after is not None
    assert after.setup.period_months == 3
    assert follow_terms(after, account(known), NOW) is None
    assert follow_terms(collaboration(), account(subscription(BOOKS, OTHER_COLLABORATION)), NOW) is None
    assert follow_terms(collaboration(), None, NOW) is None

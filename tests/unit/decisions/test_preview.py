"""The preview: situation, route, what would happen and everything in the way."""

from __future__ import annotations

from typing import Any

import pytest
from collaboration.domain.decisions.preview import preview
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.directory import Address
from collaboration.domain.model.faults import RefusedError
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.preview import Consent, require_route
from collaboration.domain.model.terms import TERMS_VERSION
from collaboration.domain.model.values import AccountId, Route, Scenario, TaskId

from .builders import (
    ACCOUNT,
    ANNA,
    BO,
    BOOKS,
    COLLABORATION,
    NOW,
    OTHER_ACCOUNT,
    PAYROLL,
    SCANNER,
    TASK,
    TAX,
    account,
    ask_context,
    collaboration,
    contact,
    customer,
    employee,
    invitation,
    proposal,
    subscription,
    task,
)

A, B, C = Scenario.HAS_SOLUTION, Scenario.WITHOUT_SOLUTION, Scenario.NOT_A_CUSTOMER


@pytest.mark.parametrize(
    ("key", "setup", "scenario", "route", "effects", "mails"),
    [
        (SCANNER, {}, A, "invite", ["approval-asked", "joins-subscription"], ["invitation", "information"]),
        (SCANNER, {}, B, "invite", ["approval-asked", "subscription-at-acceptance"], ["invitation", "information"]),
        (SCANNER, {}, C, "activate", ["account-created", "contact-becomes-administrator"], ["login-instructions"]),
        (TAX, {}, A, "activate", ["joins-at-once", "access-at-once"], ["information"]),
        (TAX, {}, B, "activate", ["subscription-at-once", "access-at-once"], ["information"]),
        (TAX, {}, C, "activate", ["account-created", "contact-becomes-administrator"], ["login-instructions"]),
        (PAYROLL, {"variant": "start"}, B, "activate", ["subscription-at-once", "access-at-once"], ["information"]),
        (
            PAYROLL,
            {"variant": "standard", "invoice_recipient": "office"},
            B,
            "invite",
            ["approval-asked", "subscription-at-acceptance"],
            ["invitation", "information"],
        ),
    ],
)
def test_each_situation_and_kind_has_its_route(
    key: str, setup: dict[str, Any], scenario: Scenario, route: str, effects: list[str], mails: list[str]
) -> None:
    """Nothing is in the way; the first effects tell the situations apart."""
    accounts = {A: (account(subscription(key)),), B: (account(),), C: ()}[scenario]
    seen = preview(ask_context(accounts=accounts), proposal(key, setup=SetUp(**setup)), NOW)
    assert (seen.scenario, seen.route, seen.faults) == (scenario, route, ())
    assert [str(effect) for effect in seen.effects[:2]] == effects
    assert [kind for kind, _ in seen.mails] == mails


@pytest.mark.parametrize(("key", "people"), [(SCANNER, ["Anna Ek", "Carl Ceder"]), (TAX, ["Anna Ek"])])
def test_the_customers_people_get_access_to_shared_solutions_only(key: str, people: list[str]) -> None:
    """Whether they are administrators already or become one."""
    for accounts in ((), (account(),)):
        seen = preview(ask_context(accounts=accounts), proposal(key), NOW)
        assert [access.person.name for access in seen.access] == people


OTHER = account(id=OTHER_ACCOUNT)
IN_THE_WAY: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "rights": ({"caller": employee(administrator=False)}, {}, "not-allowed"),
    "an invitation": ({"guard": Guard.for_invitation(invitation())}, {}, "already-invited"),
    "a collaboration": ({"guard": Guard.for_collaboration(collaboration())}, {}, "already-collaborating"),
    "two accounts": ({"accounts": (account(), OTHER)}, {}, "account-ambiguous"),
    "an unknown account": ({"accounts": (account(),)}, {"account_id": AccountId("x")}, "validation-failed"),
    "no task": ({"tasks": {}}, {"task_id": None}, "no-active-task"),
    "no active task": ({"tasks": {TASK: task(active=False)}}, {}, "no-active-task"),
    "an inactive customer": ({"customer": customer(active=False)}, {}, "no-active-task"),
    "an unknown task": ({}, {"task_id": TaskId("x")}, "task-not-selectable"),
    "an inactive task": (
        {"tasks": {TASK: task(active=False), TaskId("t"): task()}},
        {},
        "task-not-selectable",
    ),
    "no contact name": ({"customer": customer(contact=contact(name=""))}, {}, "contact-incomplete"),
    "no contact address": ({"customer": customer(contact=contact(email=""))}, {}, "contact-incomplete"),
    "a wrong contact address": ({"customer": customer(contact=contact(email="x"))}, {}, "contact-incomplete"),
    "no postal address": ({"customer": customer(contact=contact(address=None))}, {}, "contact-incomplete"),
    "half a postal address": (
        {"customer": customer(contact=contact(address=Address(street="Gatan 1", city="Lund")))},
        {},
        "contact-incomplete",
    ),
    "a colleague as contact": ({"contact_is_employee": True}, {}, "contact-is-employee"),
    "no administrator": ({"accounts": (account(users=()),)}, {}, "no-administrator"),
    "set-up": ({}, {"setup": SetUp()}, "validation-failed"),
}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_each_thing_in_the_way_is_named(what: str) -> None:
    """By a fault of its own, and by no other."""
    context, asked, slug = IN_THE_WAY[what]
    seen = preview(ask_context(**context), proposal(BOOKS, **asked), NOW)
    assert [fault.slug for fault in seen.faults] == [slug]


def test_all_faults_come_at_once_in_the_order_of_the_answer() -> None:
    """The first one names the answer."""
    context = ask_context(
        caller=employee(full_user_rights=False),
        guard=Guard.for_invitation(invitation()),
        customer=customer(contact=contact(name="", email="")),
        contact_is_employee=True,
    )
    slugs = [fault.slug for fault in preview(context, proposal(setup=SetUp(), task_id=TaskId("x")), NOW).faults]
    assert slugs == [
        "not-allowed",
        "already-invited",
        "task-not-selectable",
        "contact-incomplete",
        "contact-is-employee",
        "validation-failed",
    ]


def test_an_expired_invitation_is_in_nobodys_way() -> None:
    """Whether or not anything marked it."""
    guard = Guard.for_invitation(invitation(expires_at=NOW))
    assert preview(ask_context(guard=guard), proposal(), NOW).faults == ()


def test_what_the_office_should_know_is_warned_of() -> None:
    """An unlinked collaboration waits; nobody on the task is active."""
    context = ask_context(unlinked=(COLLABORATION,), people={ANNA: employee(active=False)})
    assert [str(kind) for kind in preview(context, proposal(), NOW).warnings] == [
        "unlinked-exists",
        "nobody-gets-access",
    ]


@pytest.mark.parametrize("route", list(Route))
@pytest.mark.parametrize("terms", [{}, {"customer_owned": True}])
def test_without_a_kind_there_is_no_route(route: Route, terms: dict[str, Any]) -> None:
    """Payroll whose variant nobody knows: both routes refuse, and say what is missing."""
    context = ask_context(accounts=(account(subscription(PAYROLL, terms=terms)),))
    seen = preview(context, proposal(PAYROLL), NOW)
    assert (seen.route, seen.missing) == (None, ("variant",))
    # Nothing can happen yet: nothing is promised, no mail either, and there is nothing to agree to.
    assert (seen.effects, seen.mails, seen.terms) == ((), (), None)
    with pytest.raises(RefusedError) as refusal:
        require_route(seen, route, Consent(A, seen.terms_version))
    assert refusal.value.fault.slug == "validation-failed"
    assert [(field.pointer, str(field.code)) for field in refusal.value.fault.fields] == [("#/variant", "missing")]


@pytest.mark.parametrize("key", [PAYROLL, SCANNER, TAX])
def test_no_invitation_is_promised_where_nobody_could_get_it(key: str) -> None:
    """Whoever is not a customer is asked nothing: at most the contact person is told how to sign in."""
    seen = preview(ask_context(), proposal(key), NOW)
    assert seen.scenario is C
    assert {kind for kind, _ in seen.mails} <= {"login-instructions"}
    assert not {"approval-asked", "administrators-told"} & set(map(str, seen.effects))
    assert (seen.terms or "not-a-customer").startswith("not-a-customer")


@pytest.mark.parametrize(("variant", "route"), [("start", Route.ACTIVATE), ("standard", Route.INVITE)])
def test_a_chosen_variant_opens_the_route_of_its_kind(variant: str, route: Route) -> None:
    """Also where a subscription without a variant is inherited."""
    context = ask_context(accounts=(account(subscription(PAYROLL)),))
    seen = preview(context, proposal(PAYROLL, setup=SetUp(variant=variant)), NOW)
    assert (seen.route, seen.faults, seen.setup.variant) == (route, (), variant)


@pytest.mark.parametrize(
    ("key", "accounts", "route", "slug"),
    [
        (SCANNER, (account(),), Route.ACTIVATE, "customer-must-approve"),
        (SCANNER, (), Route.INVITE, "customer-not-registered"),
        (TAX, (account(),), Route.INVITE, "approval-not-needed"),
    ],
)
def test_the_wrong_route_names_the_right_one(key: str, accounts: tuple[Any, ...], route: Route, slug: str) -> None:
    """With the preview."""
    seen = preview(ask_context(accounts=accounts), proposal(key), NOW)
    with pytest.raises(RefusedError) as refusal:
        require_route(seen, route, Consent(seen.scenario, seen.terms_version))
    assert (refusal.value.fault.slug, refusal.value.fault.actions) == (slug, (seen.route,))
    assert refusal.value.preview is seen


@pytest.mark.parametrize(
    ("consent", "slug"),
    [(Consent(A, TERMS_VERSION), "situation-changed"), (Consent(B, "2025-01-01"), "terms-outdated")],
)
def test_what_was_shown_must_still_hold(consent: Consent, slug: str) -> None:
    """Another situation, or other terms, stop everything."""
    seen = preview(ask_context(accounts=(account(),)), proposal(SCANNER), NOW)
    with pytest.raises(RefusedError) as refusal:
        require_route(seen, Route.INVITE, consent)
    assert refusal.value.fault.slug == slug


def test_the_account_that_is_named_is_meant() -> None:
    """Of several; and its solution decides the situation."""
    accounts = (account(), account(subscription(SCANNER), id=OTHER_ACCOUNT))
    for account_id, scenario in ((ACCOUNT, B), (OTHER_ACCOUNT, A)):
        seen = preview(ask_context(accounts=accounts), proposal(SCANNER, account_id=account_id), NOW)
        assert (seen.scenario, seen.account and seen.account.id, seen.faults) == (scenario, account_id, ())


def test_nobody_gets_access_through_a_customer_that_is_inactive() -> None:
    """It counts as one without an active task."""
    context = ask_context(customer=customer(active=False), people={ANNA: employee(), BO: employee("Bo Berg")})
    assert preview(context, proposal(), NOW).office_names == ()

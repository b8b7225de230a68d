"""The account as an invariant: its guard, its number, and what refers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from collaboration.commands.signing_in import record_sign_in
from collaboration.domain.model.values import AccountId, CustomerId, Email, OfficeId, OrganisationNumber
from collaboration.queries.directory import find_account
from collaboration.storage import actions, items, keys
from collaboration.storage.single_writes import mark_signed_in
from collaboration.storage.table import ConflictError
from support.people import BJORK, CEDER, Office

if TYPE_CHECKING:
    from support.app import App

OTHER_NUMBER = "5560360793"


def account(office: Office, account_id: str, number: str, *, status: int = 200, email: str = "x@y.example") -> None:
    """Feed an account with one administrator."""
    person = {"email": email, "name": "Xenia", "role": "administrator"}
    body = {"organisationNumber": number, "name": "Bolaget", "users": [person], "mainContact": email}
    answer = office.platform.put(f"/platform/accounts/{account_id}", {**body, "subscriptions": []})
    assert answer.status == status, answer.text


def owner_of_guard(app: App, number: str) -> str | None:
    """Whom the guard of an organisation number names; None where there is no guard."""
    key = keys.account_guard(OrganisationNumber(number))
    found = app.services.table.get(key)
    return found[key]["owner"]["S"] if key in found else None


def test_a_corrected_number_takes_the_guard_along(app: App, office: Office) -> None:
    """The old number is free again: it previews as not a customer, and an activation makes the account."""
    account(office, "moving", CEDER.organisation_number, status=201)
    assert owner_of_guard(app, CEDER.organisation_number) == "moving"
    account(office, "moving", OTHER_NUMBER)
    assert owner_of_guard(app, CEDER.organisation_number) is None
    assert owner_of_guard(app, OTHER_NUMBER) == "moving"
    activated = office.activate(CEDER)
    assert activated.status == 201, activated.text
    assert owner_of_guard(app, CEDER.organisation_number) == activated.json["accountId"]


def test_a_guard_passes_on_to_another_account_of_the_number(app: App, office: Office) -> None:
    """Two accounts of one number: when the one named by the guard moves away, the other is named."""
    account(office, "first", CEDER.organisation_number, status=201)
    account(office, "second", CEDER.organisation_number, status=201)
    assert owner_of_guard(app, CEDER.organisation_number) == "first"
    account(office, "first", OTHER_NUMBER)
    assert owner_of_guard(app, CEDER.organisation_number) == "second"
    account(office, "second", OTHER_NUMBER)
    assert owner_of_guard(app, CEDER.organisation_number) is None
    assert owner_of_guard(app, OTHER_NUMBER) == "first"


@pytest.mark.parametrize("owner", [None, "gone"])
def test_a_guard_whose_account_is_gone_blocks_nothing(app: App, office: Office, owner: str | None) -> None:
    """Left behind, with the name of an account or without: activating and feeding go through, and name theirs."""
    key = keys.account_guard(OrganisationNumber(CEDER.organisation_number))
    named: dict[str, Any] = {"owner": {"S": owner}} if owner else {}
    app.services.table.write([actions.put({**items.key(key), **named})])
    activated = office.activate(CEDER)
    assert activated.status == 201, activated.text
    assert owner_of_guard(app, CEDER.organisation_number) == activated.json["accountId"]
    stale = keys.account_guard(OrganisationNumber(OTHER_NUMBER))
    app.services.table.write([actions.put({**items.key(stale), **named})])
    account(office, "fed", OTHER_NUMBER, status=201)
    assert owner_of_guard(app, OTHER_NUMBER) == "fed"


def moving_before(app: App, office: Office, nth: int, account_id: str, number: str) -> None:
    """Let the register move an account just before the `nth` transaction from now is written."""
    table, write = app.services.table, app.services.table.write
    count = [0]

    def moved_first(actions: Any) -> None:
        count[0] += 1
        if count[0] == nth:
            table.write = write  # type: ignore[method-assign]
            account(office, account_id, number, email=BJORK.contact.email)
        write(actions)

    table.write = moved_first  # type: ignore[method-assign]


def test_an_activation_while_the_account_moves_makes_no_orphan(app: App, office: Office) -> None:
    """The subscription would stand under a number without its account: the next attempt sees another situation."""
    body = office.confirmed(office.proposal(BJORK, "tax-annual-accounts"))
    moving_before(app, office, 1, "account-bjork", OTHER_NUMBER)
    answer = office.anna.post("/activations", body, headers={"Idempotency-Key": "while-it-moves"})
    assert (answer.status, answer.slug) == (409, "situation-changed")
    assert not [key for key in app.client.items if BJORK.organisation_number in key[0] and "SUBSCRIPTION" in key[1]]


def test_an_invitation_while_the_account_moves_is_refused(app: App, office: Office) -> None:
    """It would go to the administrators of an account that is another company's by now."""
    body = office.confirmed(office.proposal(BJORK, "scanner"))
    moving_before(app, office, 1, "account-bjork", OTHER_NUMBER)
    answer = office.anna.post("/invitations", body, headers={"Idempotency-Key": "while-it-moves"})
    assert (answer.status, answer.slug) == (409, "situation-changed")


def test_a_moved_account_is_not_marked_where_it_was(app: App, office: Office) -> None:
    """Signing in writes no ghost of an account; the next sign-in finds the account where it is."""
    before = find_account(app.services, AccountId("account-bjork"))
    assert before is not None
    account(office, "account-bjork", OTHER_NUMBER, email=BJORK.contact.email)
    with pytest.raises(ConflictError):
        mark_signed_in(app.services.table, before)
    assert keys.account(before.organisation_number, before.id) not in app.client.items
    record_sign_in(app.services, Email(BJORK.contact.email))
    after = find_account(app.services, AccountId("account-bjork"))
    assert after is not None
    assert (after.organisation_number, after.signed_in) == (OTHER_NUMBER, True)


def test_the_number_stays_while_an_invitation_is_pending_among_many(app: App, office: Office) -> None:
    """The pending one is on the second page of the account's invitations."""
    invitation = office.invited(BJORK, "smart-office", invoiceRecipient="office")
    page = app.services.table.page

    def one_by_one(*arguments: Any, **how: Any) -> Any:
        return page(*arguments, **{**how, "limit": 1})

    for solution in ("scanner", "employee-payslip"):
        other = office.invited(BJORK, solution)
        office.anna.post(f"/invitations/{other['id']}/revoke")
    app.services.table.page = one_by_one  # type: ignore[method-assign]
    account(office, "account-bjork", OTHER_NUMBER, status=409)
    assert office.anna.get(f"/invitations/{invitation['id']}").json["status"] == "pending"


def test_reviving_after_the_company_changed_its_number_is_refused_with_a_reason(app: App, office: Office) -> None:
    """It can never go out again: the answer says so at once, and what to do instead."""
    invitation = office.invited(BJORK, "scanner")
    app.clock.pass_(days=15)
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    office.put(path, {**BJORK.body(), "organisationNumber": OTHER_NUMBER})
    answer = office.anna.post(f"/invitations/{invitation['id']}/resend")
    assert (answer.status, answer.slug) == (410, "invitation-expired")
    assert "organisation number" in answer.json["detail"]


def test_an_end_is_not_in_the_hands_of_a_lost_guard(app: App, office: Office) -> None:
    """A guard that is gone has nothing to release: the end goes through."""
    collaboration = office.collaborating(BJORK, "scanner")
    app.services.table.write([actions.delete(keys.guard(OfficeId(office.id), CustomerId(BJORK.id), "scanner"))])
    ended = office.anna.post(
        f"/collaborations/{collaboration['id']}/end",
        {"outcome": "continue"},
        headers={"If-Match": f'"{collaboration["revision"]}"'},
    )
    assert ended.status == 200, ended.text


def test_a_ghost_of_an_account_breaks_its_number_for_nobody(app: App, office: Office) -> None:
    """An item without an account in it, left by an older mark: skipped when read, and replaced by a PUT."""
    key = keys.account(OrganisationNumber(CEDER.organisation_number), AccountId("ghost"))
    app.services.table.write([actions.put({**items.key(key), "signedIn": {"BOOL": True}})])
    preview = office.anna.post("/collaborations/preview", office.proposal(CEDER))
    assert (preview.status, preview.json["scenario"]) == (200, "not-a-customer")
    account(office, "ghost", CEDER.organisation_number, status=201)
    preview = office.anna.post("/collaborations/preview", office.proposal(CEDER))
    assert preview.json["scenario"] == "without-solution"


def test_a_lost_guard_does_not_keep_a_customer_from_accepting(app: App, office: Office) -> None:
    """Nobody else holds the place: accepting takes it."""
    office.invited(BJORK, "scanner")
    guard_key = keys.guard(OfficeId(office.id), CustomerId(BJORK.id), "scanner")
    app.services.table.write([actions.delete(guard_key)])
    accepted = office.decide(BJORK.contact.email)
    assert accepted.status == 200, accepted.text
    assert guard_key in app.client.items

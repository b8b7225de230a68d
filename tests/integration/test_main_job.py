"""The main job over the real handlers: invite, accept, decline, activate, link, expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.people import ALMBERG, BJORK, BO, CECILIA, CEDER, DAHL, Office

if TYPE_CHECKING:
    from support.app import App

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"


def test_an_accepted_invitation_gives_both_sides_access(app: App, office: Office) -> None:
    """Before acceptance nobody has access; afterwards the task's people and the administrators do."""
    invitation = office.invited()
    assert invitation["status"] == "pending"
    assert office.anna.get("/collaborations").json["items"] == []
    assert len(app.mails(BIRGITTA)) == len(app.mails(BENJAMIN)) == 1

    decided = office.decide(BIRGITTA)
    assert (decided.status, decided.json["status"]) == (200, "accepted")
    app.drain_events()

    access = office.access(decided.json["collaborationId"])
    assert access == {
        BIRGITTA: ("administrator",),
        BENJAMIN: ("administrator",),
        BO.email: ("owner",),
        CECILIA.email: ("participant",),
    }
    pending_messages = {mail.to for mail in app.mailbox if "accept" not in mail.text.partition("/accept/")[1]}
    assert {BIRGITTA, BENJAMIN, BO.email, "anna.ek@ek-lind.example"} <= pending_messages


def test_a_declined_invitation_leaves_nothing_behind(app: App, office: Office) -> None:
    """No collaboration, no subscription, and a new request may follow at once."""
    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    before = office.platform.get("/platform/accounts/account-bjork").json
    assert office.decide(BIRGITTA, "decline", message="Inte nu").status == 200
    app.drain_events()
    assert office.platform.get("/platform/accounts/account-bjork").json == before
    assert office.anna.get("/collaborations").json["items"] == []
    assert any("Inte nu" in mail.text for mail in app.mails("anna.ek@ek-lind.example"))
    assert office.invite(BJORK, "smart-office", invoiceRecipient="office").status == 201


def test_a_second_invitation_points_to_the_first(app: App, office: Office) -> None:
    """`one-live-per-solution`: 409 with Location while it is live; an expired one blocks nothing, swept or not."""
    first = office.invited()
    second = office.invite()
    assert (second.status, second.slug) == (409, "already-invited")
    assert second.location == f"/invitations/{first['id']}"
    assert second.json["location"] == second.headers["Location"]
    app.clock.pass_(days=14)
    assert office.invite().status == 201


def test_the_same_key_gives_the_same_answer(office: Office) -> None:
    """A repeated call changes nothing and answers as before; another body under the key is refused."""
    body = office.confirmed(office.proposal())
    headers = {"Idempotency-Key": "the-same-key"}
    first = office.anna.post("/invitations", body, headers=headers)
    again = office.anna.post("/invitations", body, headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert again.text == first.text
    assert again.headers["Idempotency-Replayed"] == "true"
    other = office.anna.post("/invitations", {**body, "message": "Hej"}, headers=headers)
    assert (other.status, other.slug) == (422, "idempotency-key-reused")


def test_a_new_company_is_activated_at_once(app: App, office: Office) -> None:
    """Account, administrator, main contact, subscription, collaboration, access and the login mail in one."""
    answer = office.activate()
    assert answer.status == 201, answer.text
    app.drain_events()
    collaboration = answer.json
    account = office.platform.get(f"/platform/accounts/{collaboration['accountId']}").json
    assert account["mainContact"] == CEDER.contact.email
    assert [(user["email"], user["role"]) for user in account["users"]] == [(CEDER.contact.email, "administrator")]
    assert [terms["solution"] for terms in account["subscriptions"]] == ["scanner"]
    assert set(office.access(collaboration["id"])) == {CEDER.contact.email, BO.email, CECILIA.email}
    [login] = app.mails(CEDER.contact.email)
    assert "/accept/" not in login.text
    shown = office.anna.get(f"/collaborations/{collaboration['id']}").json
    assert [(mail["kind"], mail["delivery"]) for mail in shown["mails"]] == [("login-instructions", "sent")]


def test_the_wrong_door_names_the_right_one(office: Office) -> None:
    """A company that is new cannot be invited, one that is not cannot be activated; the preview comes along."""
    unasked = office.activate(BJORK, "smart-office", invoiceRecipient="office")
    assert (unasked.status, unasked.slug) == (409, "customer-must-approve")
    assert unasked.json["preview"]["door"] == "invite"
    unknown = office.invite(CEDER)
    assert (unknown.status, unknown.slug) == (409, "customer-not-registered")
    assert unknown.json["preview"]["door"] == "activate"


def test_an_office_tool_gives_the_customers_people_nothing(app: App, office: Office) -> None:
    """`customers-people-only-in-shared`: the employees get access, the administrators are told."""
    answer = office.activate(ALMBERG, "tax-annual-accounts")
    assert answer.status == 201, answer.text
    app.drain_events()
    assert set(office.access(answer.json["id"])) == {BO.email, CECILIA.email}
    assert len(app.mails(ALMBERG.contact.email)) == 1


def test_an_imported_collaboration_is_linked(app: App, office: Office) -> None:
    """Through an unlinked one no employee gets access; linking gives it."""
    collaboration = office.imported()
    assert collaboration["linked"] is False
    assert BO.email not in office.access(collaboration["id"])
    body = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    path = f"/collaborations/{collaboration['id']}/link"
    assert office.anna.put(path, body).slug == "if-match-missing"
    assert office.anna.put(path, body, headers={"If-Match": '"7"'}).slug == "revision-conflict"
    linked = office.anna.put(path, body, headers={"If-Match": '"1"'})
    assert linked.status == 200, linked.text
    app.drain_events()
    assert set(office.access(collaboration["id"])) == {BO.email, CECILIA.email, DAHL.contact.email}


def test_clean_up_marks_what_has_expired_and_only_that(app: App, office: Office) -> None:
    """Doubled runs do no harm; the expiry is on the timeline."""
    invitation = office.invited()
    assert app.clean_up() == {}
    app.clock.pass_(days=14)
    assert office.anna.get(f"/invitations/{invitation['id']}").json["status"] == "expired"
    assert app.clean_up() == {"expired": 1}
    assert app.clean_up() == {}
    kinds = [row["kind"] for row in office.anna.get(f"/invitations/{invitation['id']}/history").json["items"]]
    assert kinds == ["invitation-expired", "invitation-sent"]


def test_a_mail_that_is_not_taken_is_tried_again(app: App, office: Office) -> None:
    """`mail-never-lost`: nothing is lost while the provider refuses, and nothing is sent twice afterwards."""
    app.refusing_mail = True
    office.invited()
    assert app.mailbox == []
    app.refusing_mail = False
    assert app.send_due_mail() == 0
    app.clock.pass_(minutes=5)
    assert app.send_due_mail() == 2
    app.clock.pass_(minutes=5)
    assert app.send_due_mail() == 0
    assert sorted(mail.to for mail in app.mailbox) == [BENJAMIN, BIRGITTA]

"""What an ask costs does not grow with the office, and still knows whose address the contact person's is."""

from __future__ import annotations

from typing import Any

from support.app import App
from support.capacity import Meter
from support.people import ANNA, BJORK, BO, CEDER, Office

MANY = 3000


def ask(office: Office) -> tuple[Any, float]:
    """A preview of a new company, and the units it read."""
    meter = Meter(office.app.client)
    answer = office.anna.post("/collaborations/preview", office.proposal(CEDER))
    return answer.json, meter.take().read


def test_a_preview_reads_the_people_of_the_task_only(office: Office) -> None:
    """Three thousand employees are a megabyte."""
    small = ask(office)
    office.hire(MANY)
    assert ask(office) == small


def test_a_login_mail_that_bounced_reads_who_activated_only() -> None:
    """Of the office, and the office itself; they are told."""
    costs = []
    for employees in (0, MANY):
        app = App()
        office = Office(app)
        office.feed()
        office.hire(employees)
        office.activate()
        app.drain_events()
        meter = Meter(app.client)
        office.mail_event("Bounce", messageId="message-1")
        costs.append(meter.take().read)
        app.drain_events()
        assert [mail.to for mail in app.mailbox] == [CEDER.contact.email, ANNA.email]
    assert costs[1] == costs[0]


def refused(office: Office, email: str) -> bool:
    """Whether a contact person with that address is refused."""
    body = CEDER.body()
    contact = {**body["contact"], "email": email}
    office.put(f"/platform/offices/{office.id}/customers/{CEDER.id}", {**body, "contact": contact})
    faults = [fault["type"].rpartition("/")[2] for fault in ask(office)[0]["problems"]]
    return "contact-is-employee" in faults


def put_bo(office: Office, **changed: Any) -> None:
    """Feed Bo with something else."""
    office.put(f"/platform/offices/{office.id}/employees/{BO.id}", {**BO.body(), **changed})


def test_an_address_is_an_employees_while_they_have_it(office: Office) -> None:
    """In any spelling; not before, not after, and not once they have left."""
    assert refused(office, BO.email.upper())
    put_bo(office, email="bo@elsewhere.example")
    assert refused(office, "bo@elsewhere.example")
    assert not refused(office, BO.email)
    put_bo(office, email=BO.email.title())
    assert refused(office, BO.email)
    put_bo(office, active=False)
    assert not refused(office, BO.email)


def test_nobody_of_a_large_office_decides_for_its_customer(app: App, office: Office) -> None:
    """By link or signed in, in any spelling, found by the entry of their address or, before there is one, without."""
    office.hire(MANY)
    office.invited(BJORK)
    email = BJORK.contact.email
    link = office.link_of(email)
    assert "accept" in office.nobody.get(link, headers={"Accept": "application/json"}).json["actions"]
    # Somebody who is on no task and has sent nothing.
    path = f"/platform/offices/{office.id}/employees/e0042"
    office.put(path, {**BO.body(), "email": email.upper()})

    def refused_both_ways() -> None:
        answer = office.decide(email)
        assert (answer.status, answer.slug) == (403, "not-allowed")
        [request] = office.user(email).get("/my/requests").json["items"]
        answer = office.user(email).post(f"/my/requests/{request['id']}/decision", {"decision": "accept"})
        assert (answer.status, answer.slug) == (403, "not-allowed")

    refused_both_ways()
    older(app, office)
    refused_both_ways()
    office.put(path, {**BO.body(), "email": "e0042@ek-lind.example"})
    assert office.decide(email).status == 200


def older(app: App, office: Office) -> None:
    """The table as version 0.1.0 wrote it: no index entries of addresses, and nothing that says there are."""
    for place in [place for place in app.client.items if place[0].startswith("ADDRESS#")]:
        app.client.delete_item(TableName="t", Key={"pk": {"S": place[0]}, "sk": {"S": place[1]}})
    del app.client.items[f"OFFICE#{office.id}", "OFFICE"]["indexed"]


def test_employees_stored_before_are_known_before_and_after_the_audit(app: App, office: Office) -> None:
    """Until it has written the index entries the whole office is read; a change of one employee is not enough."""
    older(app, office)
    assert refused(office, ANNA.email)
    put_bo(office, name="Bo Lindh")
    office.put(f"/platform/offices/{office.id}", {**office_body(app, office), "name": "Ek & Lind"})
    assert refused(office, ANNA.email)
    app.audit_access()
    office.hire(MANY)
    assert refused(office, ANNA.email)
    assert ask(office)[1] < 20


def office_body(app: App, office: Office) -> dict[str, Any]:
    """The office as it was fed."""
    body: dict[str, Any] = office.platform.get(f"/platform/offices/{office.id}").json
    return {name: value for name, value in body.items() if name != "id"}

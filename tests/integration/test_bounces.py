"""What follows a bounce and a complaint: `bounced-goes-out-again`, `no-mail-after-a-complaint`."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.app import App
from support.people import ALMBERG, ANNA, BJORK, CEDER, Office

if TYPE_CHECKING:
    from support.app import Response

BIRGITTA, BENJAMIN, CORRECTED = (
    "birgitta@bjork-brown.example",
    "benjamin@bjork-brown.example",
    "b.b@bjork-brown.example",
)


def appoint(office: Office, *emails: str, **changes: Any) -> Response:
    """The register has these administrators."""
    account = BJORK.account
    assert account is not None
    users = [{"email": email, "name": email.partition("@")[0].title(), "role": "administrator"} for email in emails]
    body = {**account.body(BJORK), "users": users, "mainContact": emails[0], **changes}
    return office.put(f"/platform/accounts/{account.id}", body)


def event(
    office: Office, invitation: dict[str, Any], event_type: str, mail: str = "invitation-1", recipient: str = "r1"
) -> bool:
    """The provider says what became of a mail of an invitation."""
    agreement = invitation["id"].removeprefix("inv-")
    return office.mail_event(event_type, tags={"agreement": [agreement], "mail": [mail], "recipient": [recipient]})


def deliveries(office: Office, invitation: dict[str, Any]) -> dict[str, str]:
    """What became of the mails of an invitation, by address."""
    rows = office.anna.get(f"/invitations/{invitation['id']}").json["recipients"]
    return {row["email"]: row["delivery"] for row in rows}


# Bounced


def test_a_corrected_address_gets_the_invitation_by_itself(app: App, office: Office) -> None:
    """A link of its own, no reminder, on the timeline as the system's; no other mail goes out; the old link is dead."""
    invitation = office.invited()
    old = office.link_of(BIRGITTA)
    assert event(office, invitation, "Bounce")
    app.drain_events()
    appoint(office, CORRECTED, BENJAMIN)
    app.drain_events()
    assert deliveries(office, invitation) == {CORRECTED: "sent", BENJAMIN: "sent"}
    assert (len(app.mails(CORRECTED)), len(app.mails(BENJAMIN)), len(app.mails(BIRGITTA))) == (1, 1, 1)
    assert office.nobody.get(old).status == 404
    shown = office.anna.get(f"/invitations/{invitation['id']}").json
    assert shown["reminders"] == 0
    assert shown["expiresAt"] == invitation["expiresAt"]
    newest = office.anna.get(f"/invitations/{invitation['id']}/history").json["items"][0]
    assert (newest["kind"], newest["by"]["side"]) == ("invitation-resent", "system")
    assert office.anna.get("/summary").json["invitations"]["bounced"]["count"] == 0
    assert office.decide(CORRECTED).status == 200


def test_what_goes_out_again_tells_the_situation_of_its_day(app: App, office: Office) -> None:
    """Invited as paid by the office; the register, with the corrected address, says that the company pays."""
    invitation = office.invited(BJORK, "smart-office", invoiceRecipient="office")
    assert event(office, invitation, "Bounce")
    app.drain_events()
    terms = {"solution": "smart-office", "renewsOn": "2027-01-01", "invoiceRecipient": "customer"}
    appoint(office, CORRECTED, BENJAMIN, subscriptions=[terms])
    app.drain_events()
    mail = " ".join(app.mails(CORRECTED)[-1].text.split())
    assert f"Paid by: {BJORK.name}" in mail


def test_the_register_was_corrected_before_the_bounce_came(app: App, office: Office) -> None:
    """A mail may come back days later: then the address that is there by now gets it."""
    invitation = office.invited()
    appoint(office, CORRECTED, BENJAMIN)
    app.drain_events()
    assert app.mails(CORRECTED) == []
    assert event(office, invitation, "Bounce")
    app.drain_events()
    assert deliveries(office, invitation) == {CORRECTED: "sent", BENJAMIN: "sent"}


def test_once_per_change_of_address(app: App, office: Office) -> None:
    """However often the register repeats itself, and the messages come."""
    invitation = office.invited()
    event(office, invitation, "Bounce")
    appoint(office, CORRECTED, BENJAMIN)
    messages = app.new_messages()
    for message in (*messages, *messages):
        app.deliver(message)
    appoint(office, CORRECTED, BENJAMIN)
    app.drain_events()
    assert len(app.mails(CORRECTED)) == 1
    event(office, invitation, "Bounce", "invitation-2", "r3")
    app.drain_events()
    assert len(app.mails(CORRECTED)) == 1
    appoint(office, BIRGITTA, BENJAMIN)
    app.drain_events()
    assert len(app.mails(BIRGITTA)) == 2
    assert office.decide(BIRGITTA).status == 200


def test_a_bounce_beside_anothers_word_that_they_are_not_meant_counts(app: App, office: Office) -> None:
    """Birgitta's mail comes back at the moment at which Benjamin, whose mail did too, says that it is not for him."""
    invitation = office.invited()
    event(office, invitation, "Bounce", "invitation-1", "r2")
    path = f"{office.link_of(BENJAMIN)}/not-me"
    app.client.faults.before("transact_write_items", lambda: event(office, invitation, "Bounce"))
    assert office.nobody.post(path, {"email": BENJAMIN}).status == 200
    assert counted_bounced(office) == 1


def test_who_is_not_meant_hears_no_more_of_it(app: App, office: Office) -> None:
    """Benjamin has said that it is not for him: only the corrected address gets the invitation."""
    invitation = office.invited()
    assert office.nobody.post(f"{office.link_of(BENJAMIN)}/not-me", {"email": BENJAMIN}).status == 200
    event(office, invitation, "Bounce")
    appoint(office, CORRECTED, BENJAMIN)
    app.drain_events()
    assert (len(app.mails(CORRECTED)), len(app.mails(BENJAMIN))) == (1, 1)
    assert office.nobody.get(office.link_of(BENJAMIN)).status == 404


def test_a_bounce_of_who_says_at_the_same_moment_that_they_are_not_meant_counts_no_longer(
    app: App, office: Office
) -> None:
    """Their report comes after the invitation was read: it is not counted among the bounced."""
    invitation = office.invited()
    path = f"{office.link_of(BENJAMIN)}/not-me"
    app.client.faults.before("transact_write_items", lambda: event(office, invitation, "Bounce", recipient="r2"))
    assert office.nobody.post(path, {"email": BENJAMIN}).status == 200
    assert deliveries(office, invitation)[BENJAMIN] == "bounced"
    assert office.anna.get("/summary").json["invitations"]["bounced"]["count"] == 0


def test_who_was_removed_and_is_back_gets_it_too(app: App, office: Office) -> None:
    """Benjamin lost his link by a resend, and has said nothing: he is the address that the register has by now."""
    invitation = office.invited()
    appoint(office, BIRGITTA)
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    event(office, invitation, "Bounce", "invitation-2")
    appoint(office, BENJAMIN)
    app.drain_events()
    assert len(app.mails(BENJAMIN)) == 2
    assert office.decide(BENJAMIN).status == 200


def counted_bounced(office: Office) -> int:
    """How many invitations with a bounced mail the office's summary counts."""
    count: int = office.anna.get("/summary").json["invitations"]["bounced"]["count"]
    return count


@pytest.mark.parametrize("later", ["sent", "delivered", "rejected", "complained before"])
def test_a_later_mail_takes_the_place_of_the_one_that_bounced(app: App, office: Office, later: str) -> None:
    """The summary counts what the requests show: no bounce any more, once another mail went the same way."""
    invitation = office.invited(ALMBERG)
    event(office, invitation, "Bounce")
    if later == "complained before":
        other = office.invited(ALMBERG, "smart-office", invoiceRecipient="office")
        event(office, other, "Complaint")
    app.clean_up()
    assert counted_bounced(office) == 1
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    if later == "rejected":
        app.ses.refusing = ClientError({"Error": {"Code": "MessageRejected", "Message": "no"}}, "SendEmail")
    app.drain_events()
    if later == "delivered":
        event(office, invitation, "Delivery", "invitation-2")
    assert "bounced" not in deliveries(office, invitation).values()
    assert counted_bounced(office) == 0


def test_a_mail_that_bounces_after_a_later_one_arrived_counts_for_nothing(app: App, office: Office) -> None:
    """The request shows the latest mail of each recipient; the summary counts the same."""
    invitation = office.invited()
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    event(office, invitation, "Delivery", "reminder-2")
    event(office, invitation, "Bounce")
    assert deliveries(office, invitation) == {BIRGITTA: "delivered", BENJAMIN: "sent"}
    assert counted_bounced(office) == 0


def test_a_bounce_beside_a_later_mail_stays_counted(app: App, office: Office) -> None:
    """Benjamin's mail bounces while Birgitta's, which had bounced, is sent again: one is shown, and counted."""
    invitation = office.invited()
    event(office, invitation, "Bounce")
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    event(office, invitation, "Bounce", "reminder-2")
    app.clean_up()
    app.client.faults.before("transact_write_items", lambda: event(office, invitation, "Bounce", "reminder-2", "r2"))
    event(office, invitation, "Complaint", "reminder-2")
    assert deliveries(office, invitation) == {BIRGITTA: "complained", BENJAMIN: "bounced"}
    assert counted_bounced(office) == 1


@pytest.mark.parametrize("by", ["register", "resend"])
def test_a_bounce_beside_a_corrected_address_counts(app: App, office: Office, by: str) -> None:
    """Benjamin's mail bounces while Birgitta's, which had bounced, goes out to another address: one is counted."""
    invitation = office.invited()
    event(office, invitation, "Bounce")
    app.drain_events()
    app.clock.pass_(days=1)
    appoint(office, CORRECTED, BENJAMIN)
    messages = app.new_messages() if by == "register" else []
    app.client.faults.before("transact_write_items", lambda: event(office, invitation, "Bounce", recipient="r2"))
    if by == "resend":
        assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    for message in messages:
        app.deliver(message)
    assert [name for name, delivery in deliveries(office, invitation).items() if delivery == "bounced"] == [BENJAMIN]
    assert counted_bounced(office) == 1


@pytest.mark.parametrize("how", ["nothing bounced", "same address", "nobody new", "decided", "revoked", "expired"])
def test_nothing_goes_out_where_nothing_is_cured(app: App, office: Office, how: str) -> None:
    """Only a bounced address that is corrected, and only while the invitation waits."""
    invitation = office.invited()
    if how != "nothing bounced":
        event(office, invitation, "Bounce")
        app.drain_events()
    match how:
        case "decided":
            assert office.decide(BENJAMIN, "decline").status == 200
        case "revoked":
            assert office.anna.post(f"/invitations/{invitation['id']}/revoke").status == 200
        case "expired":
            app.clock.pass_(days=14)
    app.drain_events()
    before = len(app.mailbox)
    people = {"same address": (BIRGITTA.upper(), BENJAMIN, "new@bjork-brown.example"), "nobody new": (BENJAMIN,)}
    appoint(office, *people.get(how, (CORRECTED, BENJAMIN)))
    app.drain_events()
    assert len(app.mailbox) == before


def test_reminders_go_on_when_the_address_is_cured(app: App, office: Office) -> None:
    """The automatic reminder was held back; it comes a day after the new address got the invitation, not at once."""
    invitation = office.invited()
    event(office, invitation, "Bounce")
    app.clock.pass_(days=12)
    assert "reminded" not in app.clean_up()
    appoint(office, CORRECTED, BENJAMIN)
    app.drain_events()
    assert "reminded" not in app.clean_up()
    app.clock.pass_(hours=24, minutes=1)
    assert app.clean_up()["reminded"] == 1


def test_the_office_is_told_of_a_bounce_with_the_next_run(app: App, office: Office) -> None:
    """What to do stands in the mail: have the register corrected."""
    event(office, office.invited(), "Bounce")
    app.clean_up()
    app.drain_events()
    assert "Spiris kontoregister" in " ".join(app.mails(ANNA.email)[-1].text.split())


# Complained


def test_who_complained_gets_no_more_but_what_they_must_have(app: App, office: Office) -> None:
    """No reminder, no invitation of that office; what they learn of an answer they still get. The request says so."""
    invitation = office.invited()
    assert event(office, invitation, "Complaint")
    app.clock.pass_(days=1)
    assert office.anna.post(f"/invitations/{invitation['id']}/remind").status == 202
    app.drain_events()
    assert (len(app.mails(BIRGITTA)), len(app.mails(BENJAMIN))) == (1, 2)
    assert deliveries(office, invitation) == {BIRGITTA: "complained", BENJAMIN: "sent"}
    other = office.invited(BJORK, "employee-payslip")
    assert deliveries(office, other) == {BIRGITTA: "complained", BENJAMIN: "sent"}
    assert office.decide(BENJAMIN).status == 200
    app.drain_events()
    assert len(app.mails(BIRGITTA)) == 2
    assert "/accept/" not in app.mails(BIRGITTA)[-1].text


def test_a_complaint_counts_at_its_own_office_only(app: App, office: Office) -> None:
    """Another office's mail goes out."""
    event(office, office.invited(), "Complaint")
    other = Office(app, "siffror")
    other.feed_office_only()
    other.invited(BJORK, "employee-payslip")
    assert len(app.mails(BIRGITTA)) == 2


def test_login_instructions_come_after_a_complaint(app: App, office: Office) -> None:
    """Without them nobody could sign in."""
    collaboration = office.activate().json
    app.drain_events()
    assert office.mail_event("Complaint", messageId="message-1")
    app.clock.pass_(days=1)
    assert office.anna.post(f"/collaborations/{collaboration['id']}/resend-login").status == 202
    app.drain_events()
    assert len(app.mails(CEDER.contact.email)) == 2


def test_a_complaint_is_stored_without_the_address(app: App, office: Office) -> None:
    """A hash, of another kind at each office; deleting the item forgets it."""
    event(office, office.invited(), "Complaint")
    [place] = [place for place in app.client.items if place[0] == f"COMPLAINTS#{office.id}"]
    stored = json.dumps([place, app.client.items[place]])
    assert "bjork-brown" not in stored
    del app.client.items[place]
    office.invited(BJORK, "employee-payslip")
    assert len(app.mails(BIRGITTA)) == 2


# In any order

REPORTS: dict[str, dict[str, Any]] = {
    "sent": {"eventType": "Send"},
    "delayed": {"eventType": "DeliveryDelay"},
    "delivered": {"eventType": "Delivery"},
    "out of office": {"eventType": "Bounce", "bounce": {"bounceType": "Transient", "bounceSubType": "General"}},
    "given up": {"eventType": "Bounce", "bounce": {"bounceType": "Transient", "bounceSubType": "MailboxFull"}},
    "undetermined": {"eventType": "Bounce", "bounce": {"bounceType": "Undetermined"}},
    "bounced": {"eventType": "Bounce", "bounce": {"bounceType": "Permanent"}},
    "not spam": {"eventType": "Complaint", "complaint": {"complaintFeedbackType": "not-spam"}},
    "complained": {"eventType": "Complaint", "complaint": {"complaintFeedbackType": "abuse"}},
}


def after(reports: list[str], *, early: int) -> tuple[Any, ...]:
    """Where an invitation ends when these are reported in this order, the first `early` before the send is recorded."""
    app = App()
    office = Office(app)
    office.feed()
    invitation = office.invite(ALMBERG).json
    tags = {"agreement": [invitation["id"].removeprefix("inv-")], "mail": ["invitation-1"], "recipient": ["r1"]}

    def report(name: str) -> None:
        app.functions["mail_events"].handler({"detail": {**REPORTS[name], "mail": {"tags": tags}}}, None)

    def tell_early() -> None:
        for name in reports[:early]:
            report(name)

    if early:
        # Between what SES answered and what the mail function writes of it.
        app.client.faults.before("transact_write_items", tell_early, skip=2)
    app.drain_events()
    for name in reports[early:]:
        report(name)
    shown = office.anna.get(f"/invitations/{invitation['id']}").json
    return (
        shown["recipients"][0]["delivery"],
        shown["nextReminderAt"],
        office.anna.get("/summary").json["invitations"]["bounced"]["count"],
        sum(place[0].startswith("COMPLAINTS#") for place in app.client.items),
        len(app.mails(ALMBERG.contact.email)),
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(st.data())
def test_reports_in_any_order_end_in_the_same_place(data: st.DataObject) -> None:
    """`reports-in-any-order`: twice, early, late, reordered."""
    reports = data.draw(st.lists(st.sampled_from(sorted(REPORTS)), min_size=1, max_size=4, unique=True))
    again = data.draw(st.permutations(reports + data.draw(st.lists(st.sampled_from(reports), max_size=3))))
    early = data.draw(st.integers(0, len(again)))
    assert after(list(again), early=early) == after(reports, early=0)


def test_every_pair_of_reports_is_the_same_in_both_orders() -> None:
    """What the provider may well say of one mail, both ways round."""
    for pair in (
        ("bounced", "complained"),
        ("delivered", "undetermined"),
        ("delivered", "bounced"),
        ("delivered", "complained"),
        ("sent", "given up"),
    ):
        assert len({after(list(order), early=early) for order in permutations(pair) for early in (0, 1)}) == 1

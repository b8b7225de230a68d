"""The main job, told in a terminal for somebody who has never heard of the product.

Everything goes over the HTTP contract, as an outside client's calls would. Nothing is told that has not been checked:
the first thing that is not as told ends the walk with `NotAsToldError`.
"""

from __future__ import annotations

from collections import Counter
from email.header import decode_header, make_header
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from stack.client import Caller, Client, until
from stack.demonstration import (
    ALMBERG,
    ANNA,
    BJORK,
    BO,
    CECILIA,
    CEDER,
    DAHL,
    DAVID,
    EMPLOYEES,
    LEFT_UNLINKED,
    OFFICE,
    OFFICE_ID,
    PLATFORM,
    UNLINKED,
)
from stack.narration import checked, detail, framed, heading, say, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stack.client import Answer, Mail
    from stack.demonstration import Customer

Json = dict[str, Any]


class WalkthroughError(Exception):
    """Something on the walk was not as the story has it."""


def expect(seen: Any, wanted: Any, what: str) -> None:
    """Raise unless what was seen is what the story says."""
    if seen != wanted:
        raise WalkthroughError(f"{what} should be {wanted!r}, and is {seen!r}")


def answered(answer: Answer, status: HTTPStatus, what: str) -> Json:
    """The JSON of an answer that has the status the story says."""
    if answer.status != status:
        raise WalkthroughError(f"{what} should be answered {status:d}, and was {answer.status}: {answer.text[:2000]}")
    body: Json = answer.json
    return body


def refused(answer: Answer, status: HTTPStatus, slug: str, what: str) -> Json:
    """The problem of an answer that refuses with the status and the slug that the story says."""
    problem = answered(answer, status, what)
    expect(problem["type"].rpartition("/")[2], slug, f"what is wrong with {what}")
    return problem


def walk(client: Client) -> Json:
    """Walk the whole main job; returns the invitation that is left open, for whoever wants to go on."""
    introduce()
    earlier = mailbox(client)
    anna, bo = (client.sign_in(person.email, language="en") for person in (ANNA, BO))
    invited = invite(client, anna, bo)
    activated = activate(client, anna)
    linked = link(client, anna)
    compare(anna, [(BJORK, invited), (CEDER, activated), (DAHL, linked)])
    leave_the_task(client, anna, linked)
    left_open = leave_one_open(client, anna)
    account_for_mails(client, earlier)
    return left_open


def introduce() -> None:
    """Who everybody is."""
    heading("Who is who")
    say(
        f"{OFFICE['name']} is an accounting office. It keeps the books of other companies, and wants to work with each "
        "of them in one shared solution, with no files to send back and forth. This service looks after the agreement."
    )
    table((f"{employee.name}", employee.description) for employee in EMPLOYEES)
    say("Its customers, each in another situation:")
    table(
        [
            (ALMBERG.name, "is a customer of Spiris and has the solution"),
            (BJORK.name, "is a customer of Spiris, without the solution"),
            (CEDER.name, "is new to Spiris"),
            (DAHL.name, "worked with the office in an older program that did not know its task"),
        ]
    )


def invite(client: Client, anna: Caller, bo: Caller) -> Json:
    """Preview, invite, the mail, accept, access on both sides."""
    heading(f"1. Anna invites {BJORK.name} to Bookkeeping & Invoicing")
    setup = {"variant": "bookkeeping-invoicing", "invoiceRecipient": "customer", "periodMonths": 12}
    asked = {"customerId": BJORK.id, "solution": "bookkeeping-invoicing", "taskId": BJORK.task_id, **setup}

    preview = show_preview(anna, asked, "without-solution", "invite")
    confirmed = {**asked, "scenario": preview["scenario"], "termsVersion": preview["terms"]["version"]}

    by_bo = bo.post("/invitations", confirmed, {"Idempotency-Key": "walk-bo-invites"})
    refused(by_bo, HTTPStatus.FORBIDDEN, "not-allowed", "Bo's attempt to invite")
    checked("Bo works on the task, but has no right to invite: refused.")
    unasked = anna.post("/activations", confirmed, {"Idempotency-Key": "walk-wrong-door"})
    problem = refused(
        unasked, HTTPStatus.CONFLICT, "customer-must-approve", "activating a company that has to be asked"
    )
    checked(f"Nor can the company be activated without being asked: “{problem['detail']}”")

    sent = anna.post("/invitations", confirmed, {"Idempotency-Key": "walk-invite-bjork"})
    invitation = answered(sent, HTTPStatus.CREATED, "Anna's invitation")
    expect(invitation["status"], "pending", "the invitation's status")
    checked(f"Anna invites. The request is pending and open until {day(invitation['expiresAt'])}.")
    again = anna.post("/invitations", confirmed, {"Idempotency-Key": "walk-invite-twice"})
    refused(again, HTTPStatus.CONFLICT, "already-invited", "a second invitation")
    expect(again.location, f"{client.anyone.api_url}/invitations/{invitation['id']}", "what the refusal points to")
    checked("A second request is refused, with the address of the first.")

    mails = [client.invitation_mail(email) for _, email in administrators(BJORK)]
    links = [only_link(mail) for mail in mails]
    expect(len(set(links)), len(mails), "the number of different links")
    checked("Both administrators of the company get an email, each with a link of their own. This is Birgitta's:")
    show_mail(mails[0])
    begun = answered(anna.get(f"/collaborations?customerId={BJORK.id}"), HTTPStatus.OK, "the list of collaborations")
    expect(begun["items"], [], "what has begun before the answer")
    checked("Until they answer there is no collaboration, and nobody at the office can open anything.")

    seen = answered(client.anyone.get(links[0]), HTTPStatus.OK, "opening the link")
    expect(
        (seen["status"], seen["officeName"], seen["companyName"]), ("pending", OFFICE["name"], BJORK.name), "the page"
    )
    expect(
        client.anyone.get(links[0], {"Accept": "text/html"}).headers.get_content_type(), "text/html", "the page's type"
    )
    checked(f"Birgitta opens the link. It shows who asks ({seen['officeName']}), what for, and who gets access:")
    detail([", ".join(seen["access"])])
    untouched = answered(anna.get(f"/invitations/{invitation['id']}"), HTTPStatus.OK, "the request")
    expect((untouched["status"], untouched["decision"]), ("pending", None), "the request after looking")
    checked("Reading decides nothing, whoever opens the link and however often: the request is still pending.")

    wrong_digits = client.anyone.post(links[0], {"decision": "accept", "organisationNumberEnding": "0000"})
    refused(wrong_digits, HTTPStatus.FORBIDDEN, "organisation-number-mismatch", "accepting with wrong digits")
    checked(
        "To accept she needs the last four digits of the company's organisation number, which neither email nor "
        "page shows. Wrong digits: refused."
    )
    decision = {"decision": "accept", "organisationNumberEnding": BJORK.organisation_number[-4:]}
    decided = answered(client.anyone.post(links[0], decision), HTTPStatus.OK, "accepting")
    expect(decided["status"], "accepted", "the status after accepting")
    checked("Birgitta accepts, and the collaboration begins:")
    return show_collaboration(
        client, anna, decided["collaborationId"], BJORK, [email for _, email in administrators(BJORK)]
    )


def activate(client: Client, anna: Caller) -> Json:
    """A company that is new to Spiris: no approval to wait for, everything at once."""
    heading(f"2. Anna activates Scanner for {CEDER.name}, which is new")
    asked = {"customerId": CEDER.id, "solution": "scanner", "taskId": CEDER.task_id}
    preview = show_preview(anna, asked, "not-a-customer", "activate")
    confirmed = {**asked, "scenario": preview["scenario"], "termsVersion": preview["terms"]["version"]}
    key = {"Idempotency-Key": "walk-activate-ceder"}
    started = answered(anna.post("/activations", confirmed, key), HTTPStatus.CREATED, "the activation")
    checked("Anna activates: account, solution and collaboration start together.")
    repeated = anna.post("/activations", confirmed, key)
    expect(answered(repeated, HTTPStatus.CREATED, "the same call again"), started, "the answer to the same call again")
    expect(repeated.headers["Idempotency-Replayed"], "true", "its mark as a repeated answer")
    checked("Her connection broke, so she sends the call again: the same answer, and still one account.")
    checked(
        f"{CEDER.contact.name}, the contact person, becomes its administrator and gets an email in Swedish on how to "
        "sign in:"
    )
    show_mail(client.mail(CEDER.contact.email))
    return show_collaboration(client, anna, started["id"], CEDER, [CEDER.contact.email])


def link(client: Client, anna: Caller) -> Json:
    """A collaboration from the older program: it exists, and gets its task now."""
    heading(f"3. Anna links what the older program knew of {DAHL.name}")
    platform = client.sign_in(PLATFORM.username)
    rows = [UNLINKED, LEFT_UNLINKED]
    imported = platform.post(f"/platform/offices/{OFFICE_ID}/collaborations/import", {"rows": rows})
    row, left = answered(imported, HTTPStatus.OK, "the import")["rows"]
    expect((row["status"], left["status"]), ("imported", "imported"), "the imported rows' status")
    checked("Two collaborations of the older program are imported. They name the company, but no task.")

    def listed() -> list[Json]:
        items = answered(anna.get("/collaborations?linked=false"), HTTPStatus.OK, "the list of unlinked ones")["items"]
        return [item for item in items if item["id"] == row["collaborationId"]]

    until(listed, "the import among the unlinked collaborations")
    path = f"/collaborations/{row['collaborationId']}"
    office_side = [access for access in rows_of_access(anna, row["collaborationId"]) if access["side"] == "office"]
    expect(office_side, [], "the office's access through an unlinked collaboration")
    checked("Anna finds Dahl's among the unlinked ones, which give nobody at the office access.")
    revision = anna.get(path).headers["ETag"]
    wanted = {"customerId": DAHL.id, "taskId": DAHL.task_id, "solution": "scanner"}
    linked = answered(anna.call("PUT", f"{path}/link", wanted, {"If-Match": revision}), HTTPStatus.OK, "linking")
    expect((linked["linked"], linked["customerId"]), (True, DAHL.id), "what is linked to whom")
    checked(f"She links it to the task “{DAHL.task_name}”.")
    return show_collaboration(
        client, anna, row["collaborationId"], DAHL, [email for _, email in administrators(DAHL)], mail=False
    )


def compare(anna: Caller, collaborations: Iterable[tuple[Customer, Json]]) -> None:
    """Who may open what, over all that has been agreed."""
    heading("4. Who may open what, and why")
    rows = [("who", "side", "company", "what", "because")]
    for customer, collaboration in collaborations:
        for access in rows_of_access(anna, collaboration["id"]):
            why = ", ".join(dict.fromkeys(reason["role"] for reason in access["reasons"]))
            what = " + ".join(access["what"])
            rows.append((access["person"]["name"], access["side"], customer.name, what, f"{why}"))
    table(rows)
    say(
        f"{ANNA.name} arranged all this and has no access herself: she is on none of the tasks. {DAVID.name} is, but "
        "has left."
    )


def leave_the_task(client: Client, anna: Caller, collaboration: Json) -> None:
    """Somebody leaves a task, and their access goes with it."""
    heading(f"5. {CECILIA.name} leaves the task at {DAHL.name}")
    platform = client.sign_in(PLATFORM.username)
    path = f"/platform/offices/{OFFICE_ID}/customers/{DAHL.id}/tasks/{DAHL.task_id}"
    answered(platform.put(path, {**DAHL.task(), "participants": []}), HTTPStatus.OK, "the task without her")
    checked("Practice management takes her off the task. Nobody changes the collaboration.")

    def gone() -> bool:
        rows = rows_of_access(anna, collaboration["id"])
        return CECILIA.email not in {row["person"]["email"] for row in rows}

    until(gone, "the loss of Cecilia's access")
    found = answered(anna.get(f"/collaborations/{collaboration['id']}/history"), HTTPStatus.OK, "the history")["items"]
    expect(found[0]["kind"], "access-revoked", "the newest line of the timeline")
    checked("She no longer has access there, and the timeline says so:")
    detail(f"{row['at']}  {row['kind']}  (by {row['by']['side']})" for row in found[:4])


def leave_one_open(client: Client, anna: Caller) -> Json:
    """A request nobody has answered yet, for whoever wants to open its link, or see it expire."""
    heading(f"6. One request is left unanswered: {ALMBERG.name}, Scanner")
    asked = {"customerId": ALMBERG.id, "solution": "scanner", "taskId": ALMBERG.task_id}
    preview = show_preview(anna, asked, "has-solution", "invite")
    confirmed = {**asked, "scenario": preview["scenario"], "termsVersion": preview["terms"]["version"]}
    sent = anna.post("/invitations", confirmed, {"Idempotency-Key": "walk-invite-almberg"})
    invitation = answered(sent, HTTPStatus.CREATED, "Anna's invitation")
    mail = client.invitation_mail(ALMBERG.contact.email)
    checked(f"{ALMBERG.contact.name} has got an email with a link, and has not opened it.")
    return {**invitation, "link": only_link(mail), "customer": ALMBERG}


def mailbox(client: Client) -> Counter[tuple[str, bool]]:
    """How many mails each address has got: those with a link to a request, and others."""
    return Counter((mail.to, bool(mail.accept_links)) for mail in client.mails())


def account_for_mails(client: Client, earlier: Counter[tuple[str, bool]]) -> None:
    """Every mail of this walk, and no other: none lost, none twice."""
    heading("7. All the mails there are")
    requests = [email for _, email in (*administrators(BJORK), *administrators(ALMBERG))]
    others = [email for _, email in administrators(BJORK)] + [CEDER.contact.email, ANNA.email, BO.email]
    wanted = Counter([(email, True) for email in requests] + [(email, False) for email in others])

    def complete() -> bool:
        return (mailbox(client) - earlier).total() >= wanted.total()

    until(complete, f"the last of {wanted.total()} mails")
    expect(mailbox(client) - earlier, wanted, "who got which mails")
    table((email, "request" if asks else "message") for email, asks in sorted(wanted.elements()))
    checked(f"These {wanted.total()} mails were sent, each once, and no other.")


def show_preview(anna: Caller, asked: Json, scenario: str, door: str) -> Json:
    """Ask what would happen, tell it, and check that it is what the situation calls for."""
    preview = answered(anna.post("/collaborations/preview", asked), HTTPStatus.OK, "the preview")
    expect(preview["problems"], [], "the problems found by the preview")
    expect((preview["scenario"], preview["door"]), (scenario, door), "the situation and the way in")
    words = {
        "has-solution": "the company is a customer of Spiris and has the solution",
        "without-solution": "the company is a customer of Spiris, without the solution",
        "not-a-customer": "the company is not a customer of Spiris yet",
    }
    checked(f"First Anna asks what will happen. The service finds: {words[scenario]}. The way in: {door}.")
    detail(f"· {effect['text']}" for effect in preview["effects"])
    detail([f"· The terms she agrees to, version {preview['terms']['version']}:"])
    detail(f"    {line}" for line in preview["terms"]["text"])
    return preview


def show_mail(mail: Mail) -> None:
    """The mail as its reader sees it."""
    sender = make_header(decode_header(mail.source))
    framed([f"From:    {sender}", f"To:      {mail.to}", f"Subject: {mail.subject}"], mail.text)


def show_collaboration(
    client: Client,
    anna: Caller,
    collaboration_id: str,
    customer: Customer,
    customer_side: list[str],
    *,
    mail: bool = True,
) -> Json:
    """A collaboration that has begun: what it says, who may open what, and who was told."""
    collaboration = answered(anna.get(f"/collaborations/{collaboration_id}"), HTTPStatus.OK, "the collaboration")
    expect((collaboration["state"], collaboration["linked"]), ("active", True), "the collaboration's state")
    expect(collaboration["customerId"], customer.id, "whose collaboration it is")
    office_side = {BO.email, CECILIA.email}

    def settled() -> list[Json]:
        rows = rows_of_access(anna, collaboration_id)
        return rows if {row["person"]["email"] for row in rows} == office_side | set(customer_side) else []

    rows = until(settled, f"the access of {sorted(office_side | set(customer_side))}")
    checked("The collaboration is active, and these people have access:")
    for row in rows:
        role = " and ".join(dict.fromkeys(reason["role"] for reason in row["reasons"]))
        place = "of the task" if row["side"] == "office" else "of the company's account"
        detail([f"{row['person']['name']} ({row['side']}): {' and '.join(row['what'])}, as {role} {place}"])
    if mail and collaboration["origin"] == "invitation":
        for reader in (ANNA.email, BO.email):
            note = client.mail(reader, customer.name)
            checked(f"{note.to} gets an email: “{note.subject}”.")
        for reader in customer_side:
            note = information(client, reader)
            checked(f"{note.to} gets an email about what the company now has: “{note.subject}”.")
    return collaboration


def information(client: Client, reader: str) -> Mail:
    """The latest mail to somebody that is no request; waits for it."""

    def latest() -> Mail | None:
        notes = [mail for mail in client.mails(reader) if not mail.accept_links]
        return notes[-1] if notes else None

    return until(latest, f"the information mail to {reader}")


def rows_of_access(anna: Caller, collaboration_id: str) -> list[Json]:
    """Who has access through a collaboration."""
    answer = anna.get(f"/collaborations/{collaboration_id}/access")
    items: list[Json] = answered(answer, HTTPStatus.OK, "the access")["items"]
    return items


def administrators(customer: Customer) -> tuple[tuple[str, str], ...]:
    """(name, e-mail) of those who decide for a company."""
    return customer.account.administrators if customer.account else ()


def only_link(mail: Mail) -> str:
    """The one link to a request that a mail holds."""
    expect(len(mail.accept_links), 1, f"the number of links in the mail to {mail.to}")
    return mail.accept_links[0]


def day(moment: str) -> str:
    """The date of a point in time."""
    return moment.partition("T")[0]

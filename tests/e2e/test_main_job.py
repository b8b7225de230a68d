"""The main job on the deployed template, as an outside client sees it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from stack import journal
from stack.client import Client, until

from e2e.offices import Office, fresh_key, slug

if TYPE_CHECKING:
    from collections.abc import Callable

    from stack.client import Answer


@pytest.fixture(scope="module")
def office(client: Client) -> Office:
    """An office that the tests of this file share; each makes customers of its own."""
    return Office(client)


def gather(calls: list[Callable[[], Answer]]) -> list[Answer]:
    """Everything at once."""
    with ThreadPoolExecutor(max_workers=len(calls)) as threads:
        return [future.result() for future in [threads.submit(call) for call in calls]]


def warm_up(office: Office, path: str, count: int) -> None:
    """A worker per simultaneous call: what starts cold does not race."""
    gather([lambda: office.decides.get(path)] * count)


def test_an_invitation_from_preview_to_access(client: Client, office: Office) -> None:
    """Preview, invite, the mail with its one link, look, accept, and both sides have access."""
    company = office.customer()
    preview = office.decides.post("/collaborations/preview", company.proposal()).json
    assert (preview["scenario"], preview["door"], preview["problems"]) == ("without-solution", "invite", [])
    sent = office.invite(company)
    assert sent.status == 201, sent.text
    assert sent.location == f"{client.stack['apiUrl']}/invitations/{sent.json['id']}"

    mail = client.invitation_mail(company.administrator)
    [link] = mail.accept_links
    assert set(re.findall(r"https?://[^\s\"<]+/accept/[^\s\"<]+", mail.html)) == {link}
    assert company.number[-4:] not in mail.text.replace(link, "")
    assert client.anyone.call("HEAD", link).status == 200
    page = client.anyone.get(link, {"Accept": "text/html", "Accept-Language": "sv"})
    assert (page.status, page.headers.get_content_type()) == (200, "text/html")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    seen = office.decides.get(sent.location).json
    assert seen["status"] == "pending"
    [fetched] = [row for row in seen["recipients"] if row["email"] == company.administrator]
    assert fetched["fetchedAt"] is not None

    wrong = client.anyone.post(link, {"decision": "accept", "organisationNumberEnding": "9999"})
    assert (wrong.status, slug(wrong)) == (403, "organisation-number-mismatch")
    decided = company.decide(message="Gärna!")
    assert (decided.status, decided.json["status"]) == (200, "accepted")
    everybody = {company.administrator, company.colleague, office.address("works"), office.address("helps")}
    until(lambda: office.access(decided.json["collaborationId"]) == everybody, "the access of both sides")
    assert "Gärna!" in client.mail(office.address("decides"), "Gärna!").text
    until(lambda: len(client.mails(company.colleague)) == 2, "the information mail")
    again = company.decide()
    assert (again.status, again.json["collaborationId"]) == (200, decided.json["collaborationId"])


def test_eight_invitations_at_once_are_one(office: Office) -> None:
    """Exactly one is made; the others are told where it is."""
    company = office.customer()
    body = office.confirmed(company.proposal())
    warm_up(office, "/invitations?limit=1", 8)
    answers = gather([lambda: office.decides.post("/invitations", body, fresh_key())] * 8)
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    made = next(answer for answer in answers if answer.status == 201)
    assert {answer.location for answer in answers} == {made.location}


def test_the_same_key_at_once_is_one_answer(office: Office) -> None:
    """However often it is sent, and however close together."""
    company = office.customer()
    body, key = office.confirmed(company.proposal()), fresh_key()
    warm_up(office, "/invitations?limit=1", 4)
    answers = gather([lambda: office.decides.post("/invitations", body, key)] * 4)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
    assert replayed.count("true") == 3
    other = office.decides.post("/invitations", {**body, "message": "Hej"}, key)
    assert (other.status, slug(other)) == (422, "idempotency-key-reused")


def test_two_administrators_at_once_have_one_outcome(client: Client, office: Office) -> None:
    """One accepts, one declines, and the first decision wins."""
    company = office.customer()
    invitation = office.invite(company).json
    links = [company.link(), company.link(company.colleague)]
    gather([lambda: client.anyone.get(links[0]), lambda: client.anyone.get(links[1])])
    bodies = [{"decision": choice, "organisationNumberEnding": company.number[-4:]} for choice in ("accept", "decline")]
    answers = gather([lambda: client.anyone.post(links[0], bodies[0]), lambda: client.anyone.post(links[1], bodies[1])])
    assert sorted(answer.status for answer in answers) == [200, 409]
    status = office.decides.get(f"/invitations/{invitation['id']}").json["status"]
    assert status == ("accepted" if answers[0].status == 200 else "declined")


def test_two_offices_activate_one_new_company(client: Client, office: Office) -> None:
    """One account is made; the loser is told of the new situation, and shown it."""
    other = Office(client)
    company = office.customer(account=False)
    company.feed(other)
    bodies = [office.confirmed(company.proposal()), other.confirmed(company.proposal())]
    gather(
        [lambda: office.activate(office.customer(account=False)), lambda: other.activate(other.customer(account=False))]
    )
    answers = gather(
        [
            lambda: office.decides.post("/activations", bodies[0], fresh_key()),
            lambda: other.decides.post("/activations", bodies[1], fresh_key()),
        ]
    )
    assert sorted(answer.status for answer in answers) == [201, 409]
    lost = next(answer for answer in answers if answer.status == 409)
    assert slug(lost) == "situation-changed"
    assert lost.json["preview"]["scenario"] == "has-solution"


def test_a_new_company_is_activated_at_once(client: Client, office: Office) -> None:
    """Its account, its administrator, the mail that tells how to sign in, and access."""
    company = office.customer(account=False)
    wrong = office.invite(company)
    assert (wrong.status, slug(wrong), wrong.json["preview"]["door"]) == (409, "customer-not-registered", "activate")
    started = office.activate(company)
    assert started.status == 201, started.text
    account = office.platform.get(f"/platform/accounts/{started.json['accountId']}").json
    assert account["mainContact"] == company.administrator
    assert company.administrator in client.mail(company.administrator).text
    everybody = {company.administrator, office.address("works"), office.address("helps")}
    until(lambda: office.access(started.json["id"]) == everybody, "the access of both sides")


def test_an_import_is_linked_and_access_follows_the_task(office: Office) -> None:
    """Linked by one of two employees at once; a participant who leaves the task loses access within seconds."""
    company = office.customer(subscriptions=({"solution": "scanner", "renewsOn": "2027-01-01"},))
    rows = [{"organisationNumber": company.number, "solution": "scanner", "reference": f"old-{company.id}"}, {"x": 1}]
    imported = office.platform.post(f"{office.base}/collaborations/import", {"rows": rows}).json["rows"]
    assert [row["status"] for row in imported] == ["imported", "failed"]
    collaboration_id = imported[0]["collaborationId"]
    path = f"/collaborations/{collaboration_id}/link"
    body = {"customerId": company.id, "taskId": "task", "solution": "scanner"}
    warm_up(office, f"{path}-suggestions", 2)
    etag = {"If-Match": '"1"'}
    answers = gather(
        [lambda: office.decides.call("PUT", path, body, etag), lambda: office.works.call("PUT", path, body, etag)]
    )
    assert sorted(answer.status for answer in answers) == [200, 412]
    everybody = {company.administrator, company.colleague, office.address("works"), office.address("helps")}
    until(lambda: office.access(collaboration_id) == everybody, "the access of both sides")
    office.put(f"{office.base}/customers/{company.id}/tasks/task", {**company.task(), "participants": []})
    until(lambda: office.address("helps") not in office.access(collaboration_id), "the loss of access")
    office.put(f"{office.base}/employees/works", {**employee(office, "works"), "active": False})
    until(lambda: office.address("works") not in office.access(collaboration_id), "the loss of access")
    office.put(f"{office.base}/employees/works", {**employee(office, "works"), "active": True})


def employee(office: Office, name: str) -> dict[str, Any]:
    """An employee as fed."""
    found = office.platform.get(f"{office.base}/employees/{name}").json
    return {key: value for key, value in found.items() if key != "id"}


def test_another_office_sees_nothing(client: Client, office: Office) -> None:
    """404 for every resource of the office, as if there were none."""
    other = Office(client)
    company = office.customer()
    invitation = office.invite(company).json
    collaboration = office.activate(office.customer(account=False)).json
    paths = [
        f"/invitations/{invitation['id']}",
        f"/invitations/{invitation['id']}/history",
        f"/collaborations/{collaboration['id']}",
        f"/collaborations/{collaboration['id']}/access",
        f"/collaborations/{collaboration['id']}/history",
        f"/collaborations/{collaboration['id']}/link-suggestions",
        f"/customers/{company.id}",
    ]
    for path in paths:
        answer = other.decides.get(path)
        assert (answer.status, slug(answer)) == (404, "not-found"), path
        assert office.decides.get(path).status == 200
    for verb in ("remind", "resend", "revoke"):
        assert other.decides.post(f"/invitations/{invitation['id']}/{verb}").status == 404
    asked = other.decides.post("/collaborations/preview", company.proposal())
    assert (asked.status, slug(asked)) == (404, "not-found")
    etag = {"If-Match": '"1"'}
    ended = other.decides.post(f"/collaborations/{collaboration['id']}/end", {"outcome": "continue"}, etag)
    assert ended.status == 404
    assert other.decides.get("/invitations").json["items"] == []


def test_everybody_keeps_to_their_own_paths(client: Client, office: Office) -> None:
    """Employees not on the platform's, the platform not on theirs, nobody without a token."""
    assert slug(office.decides.get(office.base)) == "not-allowed"
    assert slug(office.platform.get("/invitations")) == "not-allowed"
    assert slug(office.decides.get("/my/requests")) == "not-allowed"
    assert client.anyone.get("/invitations").status == 401


def test_problems_are_explained_where_they_point(client: Client, office: Office) -> None:
    """`type`, resolved against the request's URL, is a page in both languages."""
    problem = office.decides.get("/invitations/inv-nothing")
    for language, words in (("sv", "Vad det betyder"), ("en", "What it means")):
        url = urljoin(problem.url, problem.json["type"])
        page = client.anyone.get(url, {"Accept": "text/html", "Accept-Language": language})
        assert (page.status, words in page.text) == (200, True)
    # A file that pages load is asked for again with its ETag; all else is an answer of its moment.
    for path, kept in (("/openapi.json", "no-store"), ("/docs", "no-store"), ("/docs/docs.js", "no-cache")):
        answer = client.anyone.get(path)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, kept)
        assert answer.headers["X-Request-Id"]


def test_logs_hold_no_secret(client: Client, office: Office) -> None:
    """Neither an address, nor an organisation number, nor a link is ever written to a log."""
    company = office.customer()
    office.invite(company)
    link = company.link()
    client.anyone.post(link, {"decision": "accept", "organisationNumberEnding": "nope"})
    client.anyone.post(link, b"{", {"Content-Type": "application/json"})
    company.decide()
    office.decides.post("/collaborations/preview", {**company.proposal(), company.administrator: 1})
    render = journal.read(client.aws)
    for secret in (company.administrator, company.number, link.rpartition("/")[2], "@"):
        assert secret not in render

"""The sample events of events/, each run through its own handler in a world where it fits."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from collaboration.background import BackgroundError
from collaboration.composition import EventBridgePublisher
from collaboration.services import PartialFailureError
from support.cognito import PoolUser
from support.people import BJORK, Office
from support.samples import EVENTS, sample
from support.template import template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from support.app import App

BIRGITTA = "birgitta@bjork-brown.example"
SAMPLES = sorted(path.stem for path in EVENTS.glob("*.json"))


def test_every_function_has_a_sample() -> None:
    """One at least, named for the function it is for."""
    functions = {path.parent.name for path in (EVENTS.parent / "functions").glob("*/app.py")}
    assert {name.partition("-")[0] for name in SAMPLES} == functions


ANSWERS = {
    "accept-ask-again-form": 202,
    "accept-decide": 200,
    "accept-decide-form": 200,
    "accept-look": 200,
    "accept-peek": 200,
    "activate": 201,
    "collaborations-list": 200,
    # The last of several values is in one map of the gateway, all are in the other: a filter is given once.
    "collaborations-list-repeated-query": 422,
    "console-file": 200,
    "directory-put-office": 200,
    "docs-file": 200,
    "docs-health": 200,
    # The console's own test sends null for headers and maps.
    "docs-health-console-test": 200,
    "docs-problem": 200,
    "invite-list": 200,
    "invite-preview": 200,
    "invite-send": 201,
    "invite-send-base64": 201,
    "link": 200,
    "my-collaborations": 200,
    "my-requests": 200,
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_request_is_answered(app: App, office: Office, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the gateway hands it over; ids and links are those of this application."""
    event = sample(name)
    if name == "link":
        event["pathParameters"]["collaborationId"] = office.imported()["id"]
    elif name.startswith("accept"):
        office.invited(BJORK)
        event["pathParameters"]["token"] = office.link_of(BIRGITTA).rpartition("/")[2]
    elif name.startswith("console"):
        monkeypatch.setenv("CLOCK_OFFSET_SECONDS", "0")
        monkeypatch.setenv("SIGN_IN_ENDPOINT", "https://cognito-idp.eu-north-1.amazonaws.com")
        monkeypatch.setenv("USER_POOL_ID", "eu-north-1_pool")
        monkeypatch.setenv("USER_POOL_CLIENT_ID", "client")
    answer = app.invoke(name.partition("-")[0], event)
    assert answer.status == ANSWERS[name], answer.text
    assert answer.headers["X-Request-Id"] == event["requestContext"]["requestId"]
    # A file of the pages holds nobody's data: a browser keeps it, and asks whether it is still the one.
    assert answer.headers["Cache-Control"] == ("no-cache" if name in {"console-file", "docs-file"} else "no-store")


def test_the_sample_link_is_forged_here(app: App) -> None:
    """A link that was made with another key is refused before the table is asked."""
    app.services._open_table = None  # type: ignore[assignment]
    event = sample("accept-look")
    event["headers"]["Accept"] = "application/json"
    assert app.invoke("accept", event).slug == "not-found"


PUBLISHED = {
    "publish-account-signed-in": [],
    "publish-directory-inserted": ["DirectoryChanged"],
    "publish-directory-modified": ["DirectoryChanged"],
    "publish-directory-removed": ["DirectoryChanged"],
    "publish-history": ["InvitationSent", "MailQueued"],
    "publish-history-imported": ["AccessDue"],
    "publish-outbox-modified": [],
    "publish-subscription-inserted": ["InvitationsDue"],
    "publish-transaction-out-of-order": [
        "MailQueued",
        "SubscriptionStarted",
        "InvitationAccepted",
        "MailQueued",
        "CollaborationStarted",
    ],
    # The table's time to live removes items in its own name.
    "publish-ttl-removed": [],
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_records_reach_the_bus(app: App, name: str) -> None:
    """History becomes an event, the outbox a wake-up, most other records nothing; none is asked for again."""
    entries: list[Any] = []

    class Bus:
        """Takes everything."""

        def put_events(self, **batch: Any) -> dict[str, Any]:
            entries.extend(batch["Entries"])
            return {"Entries": [{} for _ in batch["Entries"]]}

    bus: Any = Bus()
    app.publisher = EventBridgePublisher(bus, "collaborations")
    assert app.functions["publish"].handler(sample(name), None) == {"batchItemFailures": []}
    assert sorted(entry["DetailType"] for entry in entries) == sorted(PUBLISHED[name])
    assert "5568234172" not in str(entries)


def function_of(name: str) -> str:
    """The function that a sample is for."""
    return name.partition("-")[0]


# Of mails and collaborations that are not there any more: nothing is to be done.
QUIET = sorted(
    name
    for name in SAMPLES
    if function_of(name) in {"mail", "mail_events", "access", "cleanup"} and "every" not in name
)


@pytest.mark.parametrize("name", QUIET)
def test_a_call_that_finds_nothing_to_do_does_nothing(app: App, office: Office, name: str) -> None:
    """Late, doubled or of something long gone: no harm."""
    app.drain_events()
    # Which goes through what is new for the first time.
    app.audit_access()
    before = dict(app.client.items)
    counts = app.functions[function_of(name)].handler(sample(name), None)
    assert {count for kind, count in counts.items() if kind != "checked"} <= {0}
    reports = {key for key in app.client.items if key[0].startswith("REPORT#")}
    runs = {key for key in app.client.items if key[1] == "ACCESS"}
    assert app.client.items.keys() - reports - runs == before.keys() - reports - runs


SCHEDULES = ["access-every-night", "cleanup-every-quarter", "mail-every-minute", "purge_logins-every-night"]


@pytest.mark.parametrize("form", ["", "-without-input"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_starts_its_work(app: App, office: Office, name: str, form: str) -> None:
    """By the input that it has, or in the scheduler's own envelope, whose detail is a string."""
    office.invite()
    app.new_messages()
    app.cognito.users["stranger"] = PoolUser("UNCONFIRMED", app.clock.now - timedelta(days=30))
    app.clock.pass_(days=15 if name == "cleanup-every-quarter" else 1)
    counts = app.functions[function_of(name)].handler(sample(f"{name}{form}"), None)
    match name:
        case "access-every-night":
            assert counts == {"offices": 1}
            assert [message.name for message in app.pending_messages] == ["AuditDue"]
        case "cleanup-every-quarter":
            assert counts["expired"] == 1
        case "purge_logins-every-night":
            assert counts == {"deleted": 1, "failed": 0, "cutShort": 0}
        case _:
            assert counts == {"sent": 2}


def test_each_schedule_of_the_template_sends_what_its_sample_holds() -> None:
    """An input of its own, so that the function is told what to do."""
    found = {}
    for resource in template()["Resources"].values():
        properties = resource.get("Properties", {})
        for event in (properties.get("Events") or {}).values() if "CodeUri" in properties else ():
            if event["Type"] == "ScheduleV2":
                found[properties["CodeUri"].strip("/").rpartition("/")[2]] = json.loads(event["Properties"]["Input"])
    assert found == {function_of(name): sample(name) for name in SCHEDULES}


@pytest.mark.parametrize("folder", ["access", "mail", "mail_events"])
@pytest.mark.parametrize(
    "event",
    [
        {"detail-type": "SomethingElse", "detail": {"collaborationId": "col-x", "mail": "x", "agreement": "a"}},
        {"detail-type": "MailQueued", "detail": "{}"},
        {"detail-type": "AccessDue", "detail": {"collaborationId": None}},
        {"detail-type": "AuditDue", "detail": "not JSON"},
        {"detail-type": None, "detail": None},
        {"detail": {"eventType": "Bounce", "mail": None}},
        {"detail": {"eventType": "Bounce", "mail": {"messageId": None, "tags": {"agreement": None}}, "bounce": None}},
        {},
        None,
    ],
)
def test_a_call_that_means_nothing_is_ignored(app: App, office: Office, folder: str, event: Any) -> None:
    """An unknown kind, a detail of text, null where an id belongs: nothing happens, and nothing fails."""
    counts = app.functions[folder].handler(event, None)
    assert set(counts) <= {"ignored", "sent", "kept"}
    assert counts.get("sent", 0) == counts.get("kept", 0) == 0


def test_a_failure_is_logged_by_kind_place_and_ids(app: App, office: Office) -> None:
    """What broke, where, and of which agreement and mail: nothing that was stored, not in the error either."""
    office.invite()
    [queued] = [message for message in app.new_messages() if message.name == "MailQueued"]
    for key, item in app.client.items.items():
        if key[1] == "OUTBOX#invitation-1":
            item["data"] = {"S": '{"email": "anna@x.example"}'}
    with pytest.raises(PartialFailureError) as failed:
        app.deliver(queued)
    [line] = app.log.said("background work failed")
    facts = line.facts
    assert (facts["kind"], facts["mail"]) == ("UnreadableError", "invitation-1")
    assert facts["agreement"] == queued.detail["agreement"]
    assert facts["at"].startswith("items.py:") or ":" in facts["at"]
    assert failed.value.__context__ is None
    assert "anna@x.example" not in f"{app.log.lines} {failed.value}"
    app.client.faults.fail("query", ValueError("anna@x.example"))
    with pytest.raises(BackgroundError) as broken:
        app.functions["mail"].handler(sample("mail-every-minute"), None)
    assert app.log.lines[-1].facts["kind"] == "ValueError"
    assert broken.value.__suppress_context__
    assert "anna@x.example" not in f"{app.log.lines} {broken.value}"


def test_every_sample_is_run() -> None:
    """None lies about unused."""
    schedules = [f"{name}{form}" for name in SCHEDULES for form in ("", "-without-input")]
    # By tests/integration/test_sign_up.py and test_sign_in.py.
    of_pool = ["sign_in", "sign_up", "sign_up-by-administrator"]
    assert sorted([*ANSWERS, *PUBLISHED, *QUIET, *schedules, *of_pool]) == SAMPLES


def kind_of(sort_key: str) -> str:
    """What kind of item stands under a sort key."""
    return "SUBSCRIPTION" if "#SUBSCRIPTION#" in sort_key else sort_key.partition("#")[0]


def names_of(image: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The attributes of an item, and the fields of the value in it."""
    return set(image) - {"pk", "sk"}, set(json.loads(image["data"]["S"])) if "data" in image else set()


def images_of(records: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The items of stream records, before and after."""
    for record in records:
        yield from (record["dynamodb"][name] for name in ("OldImage", "NewImage") if record["dynamodb"].get(name))


@pytest.fixture
def story(app: App, office: Office) -> App:
    """An invitation that is accepted, an import, a sign-in, and what follows from them."""
    office.invited()
    office.decide(BIRGITTA, "accept")
    office.imported(solution="scanner")
    office.user(BIRGITTA).get("/my/collaborations")
    app.drain_events()
    return app


def test_items_in_samples_are_as_they_are_stored_today(story: App) -> None:
    """Each has the attributes, and its value the fields, that every item of its kind has, and no others."""
    stored: dict[str, list[tuple[set[str], set[str]]]] = defaultdict(list)
    for image in images_of(story.client.records):
        stored[kind_of(image["sk"]["S"])].append(names_of(image))
    compared = 0
    for name in (name for name in SAMPLES if function_of(name) == "publish"):
        for image in images_of(sample(name)["Records"]):
            known = [names for names in stored[kind_of(image["sk"]["S"])] if bool(names[1]) == ("data" in image)]
            for which, names in enumerate(names_of(image)):
                always = set.intersection(*(item[which] for item in known))
                assert always <= names <= set.union(*(item[which] for item in known)), (name, image["sk"])
                compared += 1
    assert compared > len(PUBLISHED)


def test_tags_and_messages_in_samples_are_those_that_are_sent_today(story: App) -> None:
    """SES gives our tags back, each in a list; a message of ours names the request that it follows from."""
    sent = {frozenset(mail.tags) for mail in story.ses.sent}
    own = [sample(name)["detail"] for name in SAMPLES if sample(name).get("source") == "collaborations"]
    mails = [sample(name)["detail"]["mail"] for name in SAMPLES if sample(name).get("source") == "aws.ses"]
    tags = [{tag for tag in mail["tags"] if not tag.startswith("ses:")} for mail in mails if "tags" in mail]
    assert tags
    assert {frozenset(names) for names in tags} <= sent
    assert own
    assert all(UUID(detail["correlationId"]) for detail in own)

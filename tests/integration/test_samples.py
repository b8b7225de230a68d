"""The sample events of events/, each run through its own handler in a world where it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from collaboration.composition import EventBridgePublisher
from support.people import BJORK, Office
from support.samples import EVENTS, sample

if TYPE_CHECKING:
    from support.app import App

BIRGITTA = "birgitta@bjork-brown.example"
SAMPLES = sorted(path.stem for path in EVENTS.glob("*.json"))


def test_every_function_has_a_sample() -> None:
    """One at least, named for the function it is for."""
    functions = {path.parent.name for path in (EVENTS.parent / "functions").glob("*/app.py")}
    assert {name.partition("-")[0] for name in SAMPLES} == functions


ANSWERS = {
    "accept-decide": 200,
    "accept-look": 200,
    "activate": 201,
    "collaborations-list": 200,
    "console-file": 200,
    "directory-put-office": 200,
    "docs-health": 200,
    "docs-problem": 200,
    "invite-list": 200,
    "invite-preview": 200,
    "invite-send": 201,
    "link": 200,
    "my-collaborations": 200,
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
        monkeypatch.setenv("USER_POOL_CLIENT_ID", "client")
    answer = app.invoke(name.partition("-")[0], event)
    assert answer.status == ANSWERS[name], answer.text
    assert answer.headers["X-Request-Id"] == event["requestContext"]["requestId"]
    # A file of the pages holds nobody's data: a browser keeps it, and asks whether it is still the one.
    assert answer.headers["Cache-Control"] == ("no-cache" if name.startswith("console") else "no-store")


def test_the_sample_link_is_forged_here(app: App) -> None:
    """A link that was made with another key is refused before the table is asked."""
    app.services._open_table = None  # type: ignore[assignment]
    event = sample("accept-look")
    event["headers"]["Accept"] = "application/json"
    assert app.invoke("accept", event).slug == "not-found"


def test_records_reach_the_bus(app: App) -> None:
    """History becomes an event, the outbox a wake-up; nothing is asked for again."""
    pending_messages: list[Any] = []

    class Bus:
        """Takes everything."""

        def put_events(self, **batch: Any) -> dict[str, Any]:
            pending_messages.extend(batch["Entries"])
            return {"Entries": [{} for _ in batch["Entries"]]}

    bus: Any = Bus()
    app.publisher = EventBridgePublisher(bus, "collaborations")
    assert app.functions["publish"].handler(sample("publish-history"), None) == {"batchItemFailures": []}
    assert [entry["DetailType"] for entry in pending_messages] == ["InvitationSent", "MailQueued"]


QUIET = [
    "mail-queued",
    "mail-every-minute",
    "mail_events-bounce",
    "access-collaboration-started",
    "access-every-night",
    "cleanup-every-hour",
]


@pytest.mark.parametrize("name", QUIET)
def test_a_call_that_finds_nothing_to_do_does_nothing(app: App, office: Office, name: str) -> None:
    """Late, doubled or of something long gone: no harm."""
    counts = app.functions[name.partition("-")[0]].handler(sample(name), None)
    assert set(counts.values()) <= {0, 1}


def test_every_sample_is_run() -> None:
    """None lies about unused."""
    assert sorted([*ANSWERS, *QUIET, "publish-history"]) == SAMPLES

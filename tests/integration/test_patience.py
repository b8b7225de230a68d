"""A table that hangs is answered within the function's time, by a refusal that asks it nothing more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError
from collaboration.services import Services
from collaboration.storage.patience import Backoff, Deadline
from collaboration.storage.table import Table
from proof.hanging import timed_threads
from support.clocks import Seconds
from support.samples import sample

if TYPE_CHECKING:
    from support.app import App
    from support.people import Office

# What a Lambda function of the API has, and what one call of a table that hangs takes, in seconds.
TIME, HANGS = 15.0, 3.0


@pytest.mark.parametrize("name", ["invite-list", "invite-preview", "invite-send", "activate", "collaborations-list"])
def test_a_table_that_hangs_is_answered_in_time(app: App, office: Office, name: str) -> None:
    """503 with Retry-After before the function's time is up; the refusal does not ask for the office's language."""
    seconds = Seconds()
    backoff = Backoff(Deadline(seconds), seconds.sleep, lambda: 1.0)
    app.services = Services(lambda: Table(app.client, app.table_name, backoff), app.clock, lambda: "id", backoff)

    def hang(**_: Any) -> Any:
        seconds.sleep(HANGS)
        raise ReadTimeoutError(endpoint_url="https://dynamodb.example")

    for call in ("batch_get_item", "query", "transact_write_items", "update_item"):
        setattr(app.client, call, hang)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: round((TIME - seconds.now) * 1000))
    event = sample(name)
    event["headers"].pop("Accept-Language", None)
    # Reads that are made together hang at the same time.
    with timed_threads(seconds):
        answer = app.functions[name.partition("-")[0]].handler(event, context)
    assert answer["statusCode"] == 503
    assert int(answer["headers"]["Retry-After"]) > 0
    assert seconds.now < TIME


def test_a_refusal_asks_the_table_nothing_more(app: App, office: Office) -> None:
    """It is in the language of the office that was loaded with the caller."""
    asked: list[str] = []
    for name in ("batch_get_item", "query"):
        call = getattr(app.client, name)

        def counted(_call: Any = call, _name: str = name, **arguments: Any) -> Any:
            asked.append(_name)
            return _call(**arguments)

        setattr(app.client, name, counted)
    answer = office.anna.get("/invitations/inv-unknown", headers={"Accept-Language": ""})
    assert (answer.status, asked) == (404, ["batch_get_item"])
    assert answer.headers.get("Content-Language", "sv") == "sv"

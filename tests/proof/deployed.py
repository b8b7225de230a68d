"""What can only be tried on a deployed stack: one is brought up for all of it, and taken down."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import schemathesis
from collaboration.http.contract.operations import OPERATIONS
from stack import demonstration
from stack.client import Client
from stack.emulator import Emulator
from stack.laptop import bring_up
from stack.walk import walk
from support.people import BJORK
from support.template import PROJECT

from proof.deployed_leaks import file_row, lines, private_of, searched, settings
from proof.gateway import gateway_cases
from proof.inputs import Api, rows
from proof.tally import tallied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.report import Effort, Row

PART = "deployed"


def prove(effort: Effort) -> Iterator[Row]:
    """What the gateway decides, and what a demonstration leaves behind."""
    with Emulator(PROJECT / ".local") as emulator:
        client = Client(bring_up(PROJECT, emulator))
        yield from leaks_of_a_demonstration(client)
        yield from rows(
            PART, " behind the gateway", lambda: live_api(client), effort.of(EXAMPLES), effort.of(SEQUENCES)
        )
        cases = [*gateway_cases(client)]
        tokens = len({case.token for case in cases})
        yield tallied(
            PART,
            "every operation at the gateway without an ID token of the pool: 401",
            cases,
            f"{tokens} kinds of token: none, garbage, expired, forged, of another pool, access and refresh tokens",
        )


# As many of each operation, and as many sequences: the stack takes a hundred times as long as a call in the process.
EXAMPLES, SEQUENCES = 4, 12


def live_api(client: Client) -> Api:
    """The deployed API, with what the demonstration has left there. Nothing is put back between requests."""
    anna = client.sign_in("anna.ek@ek-lind.example")
    users = [each["username"] for each in client.stack["people"] if each["role"] == "account-user"]
    callers = {
        "employee": anna,
        "signed-in": anna,
        "platform": client.sign_in(demonstration.PLATFORM.username),
        "account-user": client.sign_in(users[0]),
    }
    first = {name: anna.get(f"/{name}").json["items"][0]["id"] for name in ("invitations", "collaborations")}
    links = [link for mail in client.mails() for link in mail.accept_links]
    ids = {
        "officeId": "ek-lind",
        "employeeId": "bo",
        "customerId": BJORK.id,
        "taskId": BJORK.task_id,
        "accountId": "account-bjork",
        "invitationId": first["invitations"],
        "collaborationId": first["collaborations"],
        "token": links[-1].rpartition("/")[2],
        "slug": "not-found",
    }
    known = {each.name: {name: ids[name] for name in each.path_parameters if name in ids} for each in OPERATIONS}
    tokens = {caller: str(signed_in.token) for caller, signed_in in callers.items()}
    schema = schemathesis.openapi.from_url(f"{client.anyone.api_url}/openapi.json")
    schema.config.update(base_url=client.anyone.api_url)
    return Api(schema, known, tokens)


def leaks_of_a_demonstration(client: Client) -> Iterator[Row]:
    """The whole walk of `make demo`; then what the functions wrote is searched, and what CloudFormation shows."""
    with redirect_stdout(io.StringIO()):
        demonstration.feed(client.sign_in(demonstration.PLATFORM.username))
        walk(client)
    private = private_of(client)
    yield lines(PART, "", client, private)
    shown = [*settings(client)]
    what = "each setting of a function, each output and parameter of the stack"
    yield searched(PART, what, shown, private, "all that can be read without its secret and its table")
    yield file_row(PART, client, private)

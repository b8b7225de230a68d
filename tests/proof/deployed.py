"""What can only be tried on a deployed stack: one is brought up for all of it, and taken down."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import schemathesis
from collaboration.http.contract.operations import OPERATIONS
from stack import demonstration, journal
from stack.client import Client
from stack.emulator import Emulator
from stack.laptop import bring_up
from stack.people import PASSWORD
from stack.walk import walk
from support.people import BJORK
from support.template import PROJECT

from proof.gateway import gateway_cases
from proof.inputs import Api, rows
from proof.leaks import found_in, private_texts
from proof.report import Row
from proof.tally import tallied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.report import Effort

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
    mails = client.mails()
    links = {link for mail in mails for link in mail.accept_links}
    signing = client.aws.secrets.list_secrets()["SecretList"]
    keys = [client.aws.secrets.get_secret_value(SecretId=each["ARN"])["SecretString"] for each in signing]
    held = [value for key in keys for value in json.loads(key).values() if value]
    private = private_texts(*links, *held, *(link.rpartition(".")[2] for link in links), PASSWORD)
    for what, texts in (
        ("each line that functions wrote", [*journal.read(client.aws).splitlines()]),
        ("each setting of a function, each output and parameter of the stack", [*_settings(client)]),
    ):
        found = found_in(((what, text) for text in texts), private)
        searched = f"for {len(private)} texts, endings and tokens; {len(mails)} mails were sent"
        yield Row(PART, f"private texts in {what}", len(texts), len(found), " / ".join(found[:3]) or searched)


def _settings(client: Client) -> Iterator[str]:
    """What can be read of the stack by who may look at it, but not at its secret or its table."""
    for name in client.stack["functions"].values():
        configuration = client.aws.functions.get_function_configuration(FunctionName=name)
        for variable, value in configuration["Environment"]["Variables"].items():
            yield f"{name} {variable}={value}"
    for stack in client.aws.cloudformation.describe_stacks()["Stacks"]:
        for output in stack.get("Outputs", []):
            yield f"{output['OutputKey']}: {output['OutputValue']}"
        for parameter in stack.get("Parameters", []):
            yield f"{parameter['ParameterKey']}: {parameter['ParameterValue']}"

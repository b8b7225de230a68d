"""What can only be tried on a deployed stack: one is brought up for all of it, and taken down."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from stack import demonstration, journal
from stack.client import Client
from stack.emulator import Emulator
from stack.laptop import bring_up
from stack.people import PASSWORD
from stack.walk import walk
from support.template import PROJECT

from proof.gateway import gateway_cases
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
        cases = [*gateway_cases(client)]
        tokens = len({case.token for case in cases})
        yield tallied(
            PART,
            "every operation at the gateway without an ID token of the pool: 401",
            cases,
            f"{tokens} kinds of token: none, garbage, expired, forged, of another pool, access and refresh tokens",
        )


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

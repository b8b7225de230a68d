"""What a deployed stack shows beside its answers, searched for what is private: lines, settings, the stack's file."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from stack import journal, stack_file
from stack.people import PASSWORD

from proof.leaks import found_in, private_texts
from proof.report import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stack.client import Client


def private_of(client: Client, *more: str) -> tuple[str, ...]:
    """What is private in a stack: that of the demonstration, its links and keys, the password of its people, `more`."""
    links = {link for mail in client.mails() for link in mail.accept_links}
    signing = client.aws.secrets.list_secrets()["SecretList"]
    keys = [client.aws.secrets.get_secret_value(SecretId=each["ARN"])["SecretString"] for each in signing]
    held = [value for key in keys for value in json.loads(key).values() if value]
    return private_texts(*held, *(link.rpartition(".")[2] for link in links), PASSWORD, *more)


def searched(part: str, what: str, texts: Sequence[str], private: tuple[str, ...], detail: str) -> Row:
    """A row of texts, each of which is searched."""
    found = found_in(((what, text) for text in texts), private)
    bounds = f"for {len(private)} texts, endings and tokens; {detail}"
    return Row(part, f"private texts in {what}", len(texts), len(found), " / ".join(found[:3]) or bounds)


def lines(part: str, what: str, client: Client, private: tuple[str, ...]) -> Row:
    """What all functions have written until now."""
    mails = f"{len(client.mails())} mails were sent"
    return searched(
        part, f"each line that functions wrote{what}", journal.read(client.aws).splitlines(), private, mails
    )


def settings(client: Client) -> Iterator[str]:
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


def file_row(part: str, client: Client, private: tuple[str, ...]) -> Row:
    """The stack's file as it is written: it may say how its own people sign in, and nothing else."""
    with TemporaryDirectory() as folder, stack_file.published(Path(folder), dict(client.stack)):
        found = (Path(folder) / "stack.json").read_text(encoding="utf-8").splitlines()
    logins = {PASSWORD, *(person["username"] for person in client.stack["people"])}
    left = tuple(text for text in private if text not in logins)
    return searched(part, "each line of stack.json", found, left, "but how its own people sign in")

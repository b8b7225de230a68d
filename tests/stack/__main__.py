"""`python -m stack COMMAND`: called by the Makefile."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from stack import (
    demonstration,
    follow,
    later,
    mailbox,
    parameters,
    planning,
    restoring,
    rotation,
    stack_file,
    target,
)
from stack.aws import Aws
from stack.client import Client, NoMailError, UnknownPersonError
from stack.deployment import DeploymentError
from stack.emulator import Emulator, EmulatorError
from stack.laptop import bring_up
from stack.narration import Progress, failed, heading, numbered, say, table
from stack.packaging import PackagingError
from stack.people import PASSWORD
from stack.walk import WalkthroughError, walk

if TYPE_CHECKING:
    from types import FrameType

PROJECT = Path(__file__).resolve().parents[2]
# The tests that run the README beside a stack of their own say where its file is.
LOCAL = Path(os.environ.get("STACK_FOLDER") or PROJECT / ".local")

EXPECTED = (
    DeploymentError,
    EmulatorError,
    PackagingError,
    WalkthroughError,
    TimeoutError,
    demonstration.FeedingError,
    later.CleanUpError,
    later.InvalidDaysError,
    parameters.ParameterError,
    restoring.RestoreError,
    rotation.RotationError,
    stack_file.NoStackError,
    UnknownPersonError,
    NoMailError,
)


def main() -> int:
    """Read the command line and do what it says; the exit code."""
    arguments = command_line().parse_args()
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        if arguments.command in {"run", "demo"}:
            run(arguments.port, keep_serving=arguments.command == "run")
        else:
            act(arguments)
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.", flush=True)
        return 130
    except EXPECTED as error:
        failed(str(error))
        if isinstance(error, WalkthroughError | TimeoutError | demonstration.FeedingError):
            print(f"What the functions wrote is in {LOCAL.name}/functions.log.", file=sys.stderr)
        return 1
    return 0


def command_line() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(prog="stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in (("run", "start, walk, keep serving"), ("demo", "start, walk, stop")):
        command = commands.add_parser(name, help=does)
        command.add_argument("--port", type=int, help="the emulator's port; a free one when left out")
    command = commands.add_parser("later", help="move the running stack's clock and clean up")
    command.add_argument("--days", type=float, required=True, help="how far")
    rotate = commands.add_parser("rotate", help="rotate the keys of mailed links")
    rotate.add_argument("--leaked", action="store_true", help="replace all keys: every link dies")
    plan = commands.add_parser("plan-erasures", help="plan those of invitations that died under 0.1.0")
    stop = commands.add_parser("stop", help="let nothing run")
    restore = commands.add_parser("restore", help="make the table as one that it was restored into")
    restore.add_argument("--from", dest="source", required=True, help="the restored table's name")
    start = commands.add_parser("start", help="let everything run again")
    for command in (rotate, plan, stop, restore, start):
        command.add_argument("--stack", help="a stack on AWS; the running one when left out")
        command.add_argument("--region", help="where that stack is")
    command = commands.add_parser("stamp", help="put a digest of the parameters into the built template")
    command.add_argument("--stage", required=True, help="of samconfig.toml")
    command.add_argument("--region", help="where its stack is")
    command.add_argument("given", nargs="*", help="Name=value, as `sam deploy` gets them")
    command = commands.add_parser("logs", help="follow the running stack's log")
    command.add_argument("--id", dest="correlation_id", help="only what followed from this request")
    command.add_argument("--once", action="store_true", help="print what there is, and end")
    commands.add_parser("api", help="print the running stack's address")
    command = commands.add_parser("token", help="print an ID token of somebody who can sign in")
    command.add_argument("--of", required=True, help="whose: their e-mail address")
    command = commands.add_parser("mail", help="print the latest mail to somebody")
    command.add_argument("--to", required=True, help="to whom: their e-mail address")
    command.add_argument("--with", dest="containing", default="", help="a text of its subject or body")
    return parser


def act(arguments: argparse.Namespace) -> None:
    """Do something with a stack that serves."""
    match arguments.command:
        case "later":
            later.move(serving(), arguments.days)
        case "logs":
            follow.follow(Aws(serving()["endpointUrl"]), arguments.correlation_id, once=arguments.once)
        case "api":
            print(serving()["apiUrl"])
        case "token":
            print(Client(serving()).sign_in(arguments.of).token)
        case "mail":
            mail = Client(serving()).latest_mail(arguments.to, arguments.containing)
            print(f"To: {mail.to}\nSubject: {mail.subject}\n\n{mail.text}")
        case _:
            operate(arguments)


def operate(arguments: argparse.Namespace) -> None:
    """Do what an operator does, also with a stack on AWS."""
    match arguments.command:
        case "rotate":
            rotation.rotate(chosen(arguments), leaked=arguments.leaked)
        case "plan-erasures":
            planning.plan(chosen(arguments))
        case "stop":
            restoring.stop(chosen(arguments))
        case "restore":
            restoring.restore(chosen(arguments), arguments.source)
        case "start":
            restoring.start(chosen(arguments))
        case "stamp":
            name = parameters.stack_name(PROJECT, arguments.stage)
            cloudformation = target.deployed(name, arguments.region).cloudformation
            parameters.stamp(PROJECT / ".aws-sam/build/template.yaml", name, cloudformation, arguments.given)


def interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Being told to end is like Ctrl-C: everything started is ended in order."""
    raise KeyboardInterrupt


def run(port: int | None, *, keep_serving: bool) -> None:
    """Start everything, walk the main job; then serve until told to end, or end."""
    stack_file.require_none(LOCAL)
    with stack_file.only_one(LOCAL), Emulator(LOCAL, port) as emulator:
        stack = bring_up(PROJECT, emulator)
        client = Client(stack)
        with Progress("Feeding the demonstration office"):
            demonstration.feed(client.sign_in(demonstration.PLATFORM.username))
        if not keep_serving:
            walk(client)
            heading("All as told")
            return
        with stack_file.published(LOCAL, stack), mailbox.served(client.mails) as mailbox_url:
            tell_what_to_try(stack, walk(client), mailbox_url)
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    emulator.check()
                    time.sleep(0.5)
    print("\nStopped; nothing is left running.", flush=True)


def tell_what_to_try(stack: dict[str, Any], waiting: dict[str, Any], mailbox_url: str) -> None:
    """Where everything is, who can sign in, and how to do the main job by clicks."""
    api = stack["apiUrl"]
    heading("It serves. Ctrl-C ends everything")
    table(
        [
            ("the office's page", f"{api}/console"),
            ("the company's page", f"{api}/my"),
            ("every mail sent", mailbox_url),
            ("the API, described", f"{api}/docs"),
            ("all this for programs", os.path.relpath(LOCAL / "stack.json", PROJECT)),
        ]
    )
    say(f"Who can sign in, each with the password {PASSWORD}")
    table(demonstration.who_can_sign_in())
    heading("What to try, by clicks")
    customer, anna = waiting["customer"], demonstration.ANNA
    numbered(
        (
            (
                f"Answer a request. Open {customer.contact.name}'s mail among the mails sent, follow its link, and "
                f"accept; the digits asked for are {customer.organisation_number[-4:]}. Or sign in as "
                f"{customer.contact.name} on the company's page: the request waits there, and no digits are asked."
            ),
            (
                f"See what came of it. Sign in as {anna.name} on the office's page, and open the row of "
                f"{customer.name}: who has access and why, what has happened."
            ),
            (
                f"Invite. Customers, {demonstration.ALMBERG.name}, Smart Office: choose who pays, read what will "
                "happen, press the button. The mail is among the mails sent within seconds, and Sent requests shows "
                "what becomes of it."
            ),
            f"Change who pays. Collaborations, the row of {demonstration.BJORK.name}, Bookkeeping & Invoicing, Edit.",
            "Link what the older program knew. Collaborations, the count of unlinked ones, its row, Link.",
            "End something, at once or on a date, from either side.",
        )
    )
    say("And in another terminal:")
    table(
        [
            ("make later DAYS=15", "move the clock: requests expire, reminders go out, dated ends arrive"),
            ("make logs", "what the functions write, in colour; ID=… of one answer's X-Request-Id"),
            (f"make mail TO={customer.contact.email}", "the latest mail to somebody"),
            (f"make token OF={anna.email}", "an ID token, to call the API with"),
        ]
    )


def chosen(arguments: argparse.Namespace) -> target.Target:
    """The stack on AWS that was named, or the one that runs."""
    if arguments.stack:
        return target.deployed(arguments.stack, arguments.region)
    return target.running(serving())


def serving() -> dict[str, Any]:
    """The stack that runs."""
    stack = stack_file.running(LOCAL)
    if stack is None:
        raise stack_file.NoStackError("nothing runs here: start it with `make run`, in another terminal")
    return stack


if __name__ == "__main__":
    sys.exit(main())

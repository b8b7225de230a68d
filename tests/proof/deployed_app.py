"""The deployed stack, called as `support.app.App` is: what works over one process works over it too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from stack import people
from stack.people import PLATFORM_GROUP, Person
from stack.versions import environment
from support.app import ROOT, Response
from support.ses import SentMail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stack.client import Caller, Client

# What follows from a commit is seen within ten seconds; on a machine with much else to do it may take longer.
QUIET_SECONDS, MOST_SECONDS = 1.0, 40.0


class DeployedApp:
    """An application behind the gateway of a running stack.

    Claims are those of a login, which is made when somebody first calls with them.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self._callers: dict[tuple[tuple[str, str], ...], Caller] = {}
        self._root = client.anyone.api_url

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        claims: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Call an operation."""
        caller = self.client.anyone if claims is None else self._signed_in(claims)
        answer = caller.call(method, path, body, headers)
        # As of any client, names of headers in any case.
        found: Any = answer.headers
        return Response(answer.status, found, answer.text, path)

    def _signed_in(self, claims: dict[str, str]) -> Caller:
        key = tuple(sorted(claims.items()))
        if key not in self._callers:
            office, employee = claims.get("custom:office_id"), claims.get("custom:employee_id")
            if claims.get("cognito:groups") == PLATFORM_GROUP:
                self._callers[key] = self.client.sign_in(claims["email"])
                return self._callers[key]
            if office and employee:
                person = Person(f"{employee}@{office}.example", "employee", office, employee)
            else:
                person = Person(claims["email"], "account-user")
            known = {each["username"] for each in self.client.stack["people"]}
            if person.username not in known:
                people.create(self.client.aws, self.client.stack["userPoolId"], person)
            self._callers[key] = self.client.sign_in(person.username, people.PASSWORD)
        return self._callers[key]

    def mails(self, to: str) -> list[SentMail]:
        """The mails to an address, oldest first; their links below the root that tests know."""
        return [
            SentMail(mail.to, mail.source, mail.subject, mail.text.replace(self._root, ROOT), mail.html, None, {}, {})
            for mail in self.client.mails(to)
        ]

    def drain_events(self) -> None:
        """Wait until every mail that is stored has gone out, and none is added for a while; or long enough."""
        began = quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET_SECONDS and time.monotonic() - began < MOST_SECONDS:
            time.sleep(0.2)
            if any(map(_waits, self.items())):
                quiet_since = time.monotonic()

    def items(self) -> Iterator[Any]:
        """Everything that is stored."""
        name = environment(self.client.aws.functions, self.client.stack["functions"]["invite"])["TABLE_NAME"]
        for page in self.client.aws.tables.get_paginator("scan").paginate(TableName=name):
            yield from page["Items"]


def _waits(item: Any) -> bool:
    """Whether an item is a mail that has not gone out."""
    kind = item["sk"]["S"].partition("#")[0]
    if kind == "OUTBOX":
        return "expanded" not in item
    return bool(kind == "MAIL" and item["delivery"]["S"] == "queued")

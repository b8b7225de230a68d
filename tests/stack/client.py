"""Call the API, sign in and read mails as anybody outside would: knows `.local/stack.json` and the contract only."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin

from stack.aws import Aws

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from email.message import Message

T = TypeVar("T")

ACCEPT_LINK = re.compile(r"https?://[^\s\"'<>]+/accept/[^\s\"'<>]+")

# Promised: what follows a commit is seen within ten seconds. The rest is for a machine with much else to do.
PATIENCE_SECONDS = 20


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


# Never through a proxy: everything is on this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect())


class UnknownPersonError(Exception):
    """Nobody of that name can sign in."""


class NoMailError(Exception):
    """Nobody has mailed to that address, and nobody is about to."""


@dataclass(frozen=True)
class Answer:
    """An answer of the API."""

    status: int
    headers: Message
    body: bytes
    url: str

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body read as text."""
        return self.body.decode()

    @property
    def location(self) -> str:
        """The `Location`, resolved against the request's URL, as the contract says."""
        return urljoin(self.url, str(self.headers["Location"]))


@dataclass(frozen=True)
class Caller:
    """Somebody who calls the API: with an ID token, or nobody in particular."""

    api_url: str
    token: str | None = None
    language: str | None = None
    """What to answer in (`en`, `sv`); left to the service when None."""

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: float = 60,
    ) -> Answer:
        """Call `path` below the API (`/invitations`), or a whole URL. `body` is sent as JSON, bytes as they are."""
        url = path if "://" in path else self.api_url + path
        sent = {"Accept": "application/json", **(headers or {})}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if self.language is not None:
            sent.setdefault("Accept-Language", self.language)
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(url, data=content, headers=sent, method=method)
        try:
            with OPENER.open(request, timeout=timeout) as response:
                return Answer(response.status, response.headers, response.read(), url)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read(), url)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET."""
        return self.call("GET", path, headers=headers)

    def put(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
        """PUT a JSON body."""
        return self.call("PUT", path, body, headers)

    def post(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """POST a JSON body, or none."""
        return self.call("POST", path, body, headers)


@dataclass(frozen=True)
class Mail:
    """A mail as one recipient got it."""

    to: str
    source: str
    subject: str
    text: str
    html: str
    message_id: str

    @property
    def accept_links(self) -> list[str]:
        """The links in its text that open a request, each once."""
        return list(dict.fromkeys(ACCEPT_LINK.findall(self.text)))


class Client:
    """An outside client of a running stack."""

    def __init__(self, stack: Mapping[str, Any]) -> None:
        """`stack` is what `.local/stack.json` holds."""
        self.stack = stack
        self.anyone = Caller(stack["apiUrl"])
        self.aws = Aws(stack["endpointUrl"])

    def sign_in(self, username: str, password: str | None = None, *, language: str | None = None) -> Caller:
        """Sign in with a password; one of the stack's own people needs only a name."""
        if password is None:
            known = {person["username"]: person["password"] for person in self.stack["people"]}
            if username not in known:
                raise UnknownPersonError(f"{username} cannot sign in; who can: {', '.join(known)}")
            password = known[username]
        answer = self.aws.cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.stack["userPoolClientId"],
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        return Caller(self.stack["apiUrl"], answer["AuthenticationResult"]["IdToken"], language)

    def mails(self, to: str | None = None) -> list[Mail]:
        """All mails sent so far, or those to one address, oldest first."""
        sent = self.anyone.get(self.stack["mailboxUrl"]).json["messages"]
        return [
            Mail(
                recipient,
                message["Source"],
                message["Subject"],
                message["BodyText"] or "",
                message["BodyHtml"] or "",
                message["MessageId"],
            )
            for messages in sent.values()
            for message in messages
            for recipient in message["To"]
            if to is None or recipient.casefold() == to.casefold()
        ]

    def mail(self, to: str, containing: str = "", *, seconds: float = PATIENCE_SECONDS) -> Mail:
        """The latest mail to an address that contains a text in subject or body; waits for it."""

        def latest() -> Mail | None:
            found = [mail for mail in self.mails(to) if containing in f"{mail.subject}\n{mail.text}"]
            return found[-1] if found else None

        what = f"a mail to {to}" + (f" containing {containing!r}" if containing else "")
        return until(latest, what, seconds=seconds)

    def latest_mail(self, to: str, containing: str = "") -> Mail:
        """The latest mail with a text to an address that anybody knows; one that is on its way is waited for.

        Raises:
            NoMailError: nobody knows the address: at once, with the addresses that have mail.
        """
        known = {mail.to.casefold() for mail in self.mails()} | {
            person["email"].casefold() for person in self.stack["people"] if "email" in person
        }
        if to.casefold() not in known:
            raise NoMailError(f"no mail to {to}. There is mail to: {', '.join(sorted(known)) or 'nobody yet'}")
        try:
            return self.mail(to, containing)
        except TimeoutError as error:
            about = f" with {containing!r}" if containing else ""
            raise NoMailError(f"no mail to {to}{about} yet") from error

    def invitation_mail(self, to: str, *, seconds: float = PATIENCE_SECONDS) -> Mail:
        """The latest mail to an address that holds a link to a request; waits for it."""
        return self.mail(to, "/accept/", seconds=seconds)


def until(look: Callable[[], T | None], what: str, *, seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until there is something to see; `TimeoutError` names what never came."""
    deadline = time.monotonic() + seconds
    while True:
        if seen := look():
            return seen
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:g} seconds")
        time.sleep(0.1)

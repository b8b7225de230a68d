"""The application with everything written down that leaves it: log, metrics, errors, bus, answers, tags of mails."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import traceback
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from html import unescape
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from aws_lambda_powertools import Logger
from collaboration import publishing
from collaboration.composition import EmbeddedMetrics, JsonLog
from collaboration.settings import TelemetrySettings
from support.app import App

from proof.link_pages import WITHOUT_REQUEST, Opened, opened, without_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.telemetry import Metric
    from mypy_boto3_events import EventBridgeClient
    from support.app import Response
    from support.engines import Engine
    from support.permissions import Function

# What a problem document may name: each only to who may see it, as the strangers' part shows.
ALLOWED_IN_PROBLEMS = {
    "preview": "what the employee who was refused would be shown anyway, addresses of mails included",
    "accounts": "names of the company's accounts, of which the employee has to choose one",
}
# Where what is private belongs. It is not searched there.
ALLOWED_PLACES = {
    "a success of the API": "answers who may see it: the strangers' part shows that nobody else gets it",
    "a mail": "is for whom it is addressed to; its tags are searched, since events of the provider repeat them",
    "the table": "is where it is kept, encrypted, until it is erased",
}


@dataclass
class Observed:
    """What has left the application, by kind, each text once with how often it came."""

    texts: dict[str, Counter[str]] = field(default_factory=dict)
    slugs: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, text: str) -> None:
        """Take a text."""
        self.texts.setdefault(kind, Counter())[text] += 1

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Every kind and text."""
        for kind, texts in self.texts.items():
            for text in texts:
                yield kind, text


class Handlers:
    """A function whose failures are written down as the runtime of Lambda would print them."""

    def __init__(self, function: Function, observed: Observed) -> None:
        self._function, self._observed = function, observed

    def handler(self, event: Any, context: object) -> Any:
        """As the module's."""
        try:
            return self._function.handler(event, context)
        except Exception as error:
            self._observed.add("error", "".join(traceback.format_exception(error)))
            raise


class _Bus:
    """EventBridge, which writes down what it is given."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        """Take everything."""
        for entry in Entries:
            self._observed.add("event", json.dumps(entry, ensure_ascii=False))
        return {"Entries": [{} for _ in Entries]}


class _Metrics:
    """CloudWatch metrics as they are deployed: lines of the log."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed

    def record(self, metric: Metric, value: float, dimension: str | None = None) -> None:
        """Write a line, and keep it."""
        with redirect_stdout(io.StringIO()) as line:
            EmbeddedMetrics(TelemetrySettings.of({})).record(metric, value, dimension)
        self._observed.add("metric", line.getvalue())


class ObservedApp(App):
    """The application, observed."""

    def __init__(self, engine: Engine | None = None) -> None:
        """Become the process's App."""
        super().__init__(engine)
        self.observed = Observed()
        self._log = io.StringIO()
        # Whatever else writes to a log of Python's, as Lambda has it: from warnings on.
        logging.getLogger().addHandler(handler := logging.StreamHandler(self._log))
        handler.setLevel(logging.WARNING)
        log = JsonLog(TelemetrySettings.of({"POWERTOOLS_LOG_LEVEL": "DEBUG"}))
        vars(log)["_logger"] = Logger(service=f"observed-{id(self)}", stream=self._log, level="DEBUG")
        self.log = cast("Any", log)
        self.metrics = cast("Any", _Metrics(self.observed))
        self.mailer = replace(self.mailer, metrics=self.metrics, log=self.log)
        observed = {name: Handlers(function, self.observed) for name, function in self.functions.items()}
        self.functions = cast("dict[str, Any]", observed)
        self._bus = cast("EventBridgeClient", _Bus(self.observed))
        self.delivered: list[publishing.Message] = []

    def new_messages(self) -> list[publishing.Message]:
        """What the stream has to tell the bus, which it is put on."""
        found = super().new_messages()
        publishing.publish_messages(self._bus, "collaborations", found)
        self.delivered += found
        return found

    def invoke(self, folder: str, event: dict[str, Any]) -> Response:
        """Hand an event of the gateway to a function, and write down what is answered."""
        token = (event["pathParameters"] or {}).get("token", "") if folder == "accept" else ""
        link = opened(token, self._signer, self.client.items, self.clock.now)
        answer = super().invoke(folder, event)
        observed = self.observed
        for name, value in answer.headers.items():
            # Who opens a form's address with a link in it is led back to that link.
            shown = value.replace(f"accept/{token}", "(this link)") if token and name == "Location" else value
            observed.add("header", f"{name}: {shown}")
        kind = answer.headers["Content-Type"].partition(";")[0]
        if kind == "application/problem+json" and answer.text:
            document = answer.json
            observed.slugs[answer.slug] += 1
            searched = {name: value for name, value in document.items() if name not in ALLOWED_IN_PROBLEMS}
            observed.add("problem", json.dumps(searched, ensure_ascii=False))
        elif kind == "text/html" and folder == "accept":
            # What is not found, or cannot be answered now, is said without the request.
            found = Opened(WITHOUT_REQUEST) if answer.status in {404, 503} else link
            observed.add(found.kind, without_allowed(answer.text, found, token, event))
        elif kind == "text/html":
            observed.add("page for anybody", answer.text)
        elif kind == "application/json" and answer.status < 300:
            for cursor in re.findall(r'"next":"([^"]+)"', answer.text):
                observed.add("cursor", base64.urlsafe_b64decode(cursor + "==").decode())
        return answer

    def finish(self) -> Observed:
        """All that was observed, the log and the tags of mails included."""
        for line in self._log.getvalue().splitlines():
            self.observed.add("log", line)
        for mail in self.mailbox:
            self.observed.add("tags of a mail", json.dumps(mail.tags))
        return self.observed


def spellings(text: str) -> str:
    """A text with what it says in other words, without case: escapes of JSON, HTML, URLs and a mail's tags undone."""
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    untagged = re.sub(r"_([0-9A-F]{2})", r"%\1", text)
    spelt = {text, unescaped, unquote(text), unquote(untagged), unescape(text)}
    return "\n".join({each.casefold() for each in spelt})

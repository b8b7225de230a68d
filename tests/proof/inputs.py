"""Whatever a schema allows, and what it does not, sent by schemathesis: no 5xx, and no answer the document lacks.

Each operation by itself, with valid and with invalid requests; and sequences of operations, each with what the answers
before it contained, by the links that schemathesis infers from the document.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

import schemathesis
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.operations import OPERATIONS
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from proof.report import Row
from proof.valid_requests import ENVIRONMENT, Story, rightful, valid_requests
from proof.wsgi import PREFIX, Gateway

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from schemathesis import Case

    from proof.report import Effort

PART = "inputs"
WANTED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# Of files, any text is one: nothing invalid can be asked for.
ANY_TEXT = {"showConsoleFile", "showDocsFile"}
EXAMPLES, SEQUENCES, STEPS = 30, 150, 12
QUIET = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


class Api:
    """An API with its document as schemathesis reads it, and how its answers were.

    Args:
        schema: its document, and how it is called.
        known: of each operation, ids that are there.
        tokens: the token of the rightful caller, by the class of caller.
        rewind: puts everything back.
    """

    def __init__(
        self,
        schema: Any,
        known: Mapping[str, Mapping[str, str]],
        tokens: Mapping[str, str],
        rewind: Callable[[], None] = lambda: None,
    ) -> None:
        self.schema, self._ids, self._tokens, self.rewind = schema, known, tokens, rewind
        # A token of its own making would take the place of the caller's.
        self.schema.config.generation.update(with_security_parameters=False)
        self.checks: list[Any] = [check for check in CHECKS.get_all() if check.__name__ in WANTED]
        self.statuses: Counter[int] = Counter()

    @classmethod
    def in_process(cls) -> Self:
        """The one in this process, over the story of the valid requests."""
        story = Story()
        tokens = {caller: claims for caller, claims in rightful().items() if claims}
        gateway = Gateway(story.app, tokens, [each.route for each in OPERATIONS if each.signed_in])
        # The first request of an operation is the one that succeeds with its ids.
        known = {request.operation.name: request.parameters for request in valid_requests(story)[::-1]}
        schema = schemathesis.openapi.from_wsgi("/openapi.json", gateway)
        return cls(schema, known, {caller: caller for caller in tokens}, story.rewind)

    def with_known_ids(self, case: Case[Any], operation: Operation[Any, Any]) -> None:
        """Let half of the requests be about something that is there; the same half each time."""
        if crc32(repr(case.path_parameters).encode()) % 2:
            case.path_parameters = {**(case.path_parameters or {}), **self._ids[operation.name]}

    def headers_for(self, operation: Operation[Any, Any]) -> dict[str, str]:
        """The header of the rightful caller of an operation."""
        token = self._tokens.get(operation.caller)
        return {"Authorization": f"{PREFIX}{token}"} if token else {}

    def check(self, case: Case[Any], response: Any) -> None:
        """Count an answer, and hold it against the document."""
        self.statuses[response.status_code] += 1
        case.validate_response(response, checks=self.checks)


def each_operation(api: Api, examples: int, mode: GenerationMode) -> Iterator[tuple[str, str | None]]:
    """Each operation by itself: its name, and what was wrong with an answer, with the request to repeat it."""
    for operation in OPERATIONS:
        nothing_to_send = not operation.path_parameters and operation.body is NoBody and operation.query is NoQuery
        if mode is GenerationMode.NEGATIVE and (nothing_to_send or operation.name in ANY_TEXT):
            continue
        yield operation.name, _failure(api, operation, examples, mode)


def _failure(api: Api, operation: Operation[Any, Any], examples: int, mode: GenerationMode) -> str | None:
    strategy = api.schema[operation.path][operation.method].as_strategy(generation_mode=mode)

    @settings(max_examples=examples, **QUIET)  # type: ignore[arg-type]
    @given(case=strategy)
    def send(case: Case[Any]) -> None:
        api.rewind()
        api.with_known_ids(case, operation)
        api.check(case, case.call(headers=api.headers_for(operation)))

    try:
        send()
    except BaseExceptionGroup as failure:
        return str(failure)
    return None


def sequences(api: Api, how_many: int) -> str | None:
    """Sequences of operations over one story each; what was wrong with an answer, with the requests to repeat it."""
    by_route = {(each.method, each.path): each for each in OPERATIONS}
    workflow: Any = api.schema.as_state_machine()

    class Sequence(workflow):  # type: ignore[misc]
        """One sequence, from the story on."""

        def setup(self) -> None:
            """Begin with the story."""
            api.rewind()

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            """By the rightful caller."""
            operation = by_route[case.operation.method.upper(), case.operation.path]
            api.with_known_ids(case, operation)
            return {"headers": api.headers_for(operation)}

        def validate_response(self, response: Any, case: Case[Any], *_: Any, **__: Any) -> None:
            """Hold an answer against the document."""
            api.check(case, response)

    try:
        Sequence.run(settings=settings(max_examples=how_many, stateful_step_count=STEPS, **QUIET))  # type: ignore[arg-type]
    except BaseExceptionGroup as failure:
        return str(failure)
    return None


def prove(effort: Effort) -> Iterator[Row]:
    """Each operation by itself, then sequences."""
    os.environ.update(ENVIRONMENT)
    yield from rows(PART, "", Api.in_process, effort.of(EXAMPLES), effort.of(SEQUENCES))


def rows(part: str, where: str, api_of: Callable[[], Api], examples: int, how_many: int) -> Iterator[Row]:
    """The rows of an API. `where`: which one it is, in words that go on; `api_of` gives it as it begins."""
    logging.disable(logging.CRITICAL)
    for mode, words in ((GenerationMode.POSITIVE, "valid"), (GenerationMode.NEGATIVE, "invalid")):
        api = api_of()
        found = [*each_operation(api, examples, mode)]
        lost = [f"{name}: {failure}" for name, failure in found if failure]
        detail = " / ".join(lost[:3]) or f"{len(found)} operations: {_in_words(api.statuses)}"
        what = f"{words} requests by schemathesis{where}: as described, no 5xx"
        yield Row(part, what, api.statuses.total(), len(lost), detail)
    api = api_of()
    failure = sequences(api, how_many)
    detail = failure or f"{how_many} sequences of up to {STEPS}: {_in_words(api.statuses)}"
    what = f"sequences of requests by schemathesis{where}, linked"
    yield Row(part, what, api.statuses.total(), bool(failure), detail)


def _in_words(statuses: Counter[int]) -> str:
    return ", ".join(f"{count:,} times {status}" for status, count in sorted(statuses.items()))

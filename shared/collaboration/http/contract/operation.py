"""What an operation is: a method on a path, with its bodies, its answers and its refusals."""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Generic, TypeVar

from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Value
from collaboration.frozen import dataclass
from collaboration.http.request import CallerClass


class NoBody(Value):
    """Nothing is sent."""


class NoQuery(Value):
    """No query parameters."""


Body_co = TypeVar("Body_co", bound=Value, covariant=True)
Query_co = TypeVar("Query_co", bound=Value, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[Body_co, Query_co]):
    """One method on one path.

    `answers` are the successes, by status; `refusals` the reasons besides those that every operation of its caller
    may give; `row` is what each of the body's rows is read with, one by one; `decides` needs full user rights and
    administrator, both; `keyed` needs an Idempotency-Key, `matched` an If-Match; `tagged` answers carry an ETag; `form`
    is the model of an HTML form that is taken beside JSON; `media_types` are those of answers that are neither a model
    nor a page.
    """

    name: str
    function: str
    method: str
    path: str
    caller: CallerClass
    summary: str
    body: type[Body_co]
    query: type[Query_co]
    answers: Mapping[int, type[Value] | None]
    refusals: tuple[Slug, ...] = ()
    row: type[Value] | None = None
    decides: bool = False
    keyed: bool = False
    matched: bool = False
    tagged: bool = False
    form: type[Body_co] | None = None
    html: bool = False
    media_types: tuple[str, ...] = ()
    located: tuple[int, ...] = field(default=())

    @property
    def route(self) -> tuple[str, str]:
        """What the gateway names it by."""
        return self.method, self.path

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def signed_in(self) -> bool:
        """Whether its callers prove who they are by a token."""
        return self.caller not in {CallerClass.ANYONE, CallerClass.HOLDER}

    @property
    def all_refusals(self) -> tuple[Slug, ...]:
        """Every reason for which it may be refused, its own and those of its kind, each once."""
        found = [
            *((Slug.UNAUTHENTICATED, Slug.NOT_ALLOWED) if self.signed_in else ()),
            *((Slug.NOT_FOUND,) if self.path_parameters or "customer_id" in self.body.model_fields else ()),
            *(_UNREADABLE if self.body is not NoBody else ()),
            *((Slug.IDEMPOTENCY_KEY_MISSING, Slug.IDEMPOTENCY_KEY_REUSED) if self.keyed else ()),
            *((Slug.IF_MATCH_MISSING, Slug.REVISION_CONFLICT) if self.matched else ()),
            *self.refusals,
            Slug.VALIDATION_FAILED,
            Slug.TOO_MANY_REQUESTS,
            Slug.TEMPORARILY_UNAVAILABLE,
        ]
        return tuple(dict.fromkeys(found))


_UNREADABLE = (Slug.MALFORMED_REQUEST, Slug.PAYLOAD_TOO_LARGE, Slug.UNSUPPORTED_MEDIA_TYPE)
REMINDER_REFUSALS = (Slug.REMINDER_TOO_SOON, Slug.NO_REMINDERS_LEFT, Slug.NO_ADMINISTRATOR)

"""Invite many at once, for employees."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from collaboration.domain.model.values import (
    Value,
)
from collaboration.http.contract.invitation import InvitationResponse
from collaboration.http.contract.inviting import InvitationBody
from collaboration.http.contract.operation import NoQuery, Operation
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.contract.response import Omissible
from collaboration.http.request import CallerClass


class BatchRow(InvitationBody):
    """An invitation with its own key, in the place of an Idempotency-Key."""

    key: Annotated[str, StringConstraints(pattern=r"^[!-~]{8,128}$")]


class BatchBody(Value):
    """Up to 50 invitations, each judged on its own, each with a `key` of its own."""

    rows: Annotated[tuple[dict[str, object], ...], Field(min_length=1, max_length=50)]


class RowStatus(StrEnum):
    """What became of a row of a batch."""

    CREATED = "created"
    REPLAYED = "replayed"
    REFUSED = "refused"


class BatchRowResponse(Value):
    """What became of a row of a batch."""

    key: str | None
    status: RowStatus
    invitation: Omissible[InvitationResponse] = None
    problem: Omissible[ProblemResponse] = None


class BatchResponse(Value):
    """What became of every row, in the order they were sent."""

    rows: tuple[BatchRowResponse, ...]


SEND_BATCH = Operation(
    name="sendInvitations",
    function="invite",
    method="POST",
    path="/invitations/batch",
    caller=CallerClass.EMPLOYEE,
    summary="Invite up to 50 customers; each row stands alone, and the whole can be sent again",
    body=BatchBody,
    row=BatchRow,
    query=NoQuery,
    answers={200: BatchResponse},
    decides=True,
)

"""The platform imports collaborations of the older program."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictStr

from collaboration.domain.model.values import (
    CollaborationId,
    Name,
    OrganisationNumber,
    Value,
)
from collaboration.http.contract.operation import NoQuery, Operation
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.contract.response import Omissible
from collaboration.http.request import CallerClass


class ImportRow(Value):
    """A collaboration of the older program."""

    organisation_number: OrganisationNumber
    solution: StrictStr | None = None
    reference: Name


class ImportBody(Value):
    """Up to 200 rows, each judged on its own."""

    rows: Annotated[tuple[dict[str, object], ...], Field(min_length=1, max_length=200)]


class ImportStatus(StrEnum):
    """What became of a row of an import."""

    IMPORTED = "imported"
    EXISTS = "exists"
    FAILED = "failed"


class ImportedResponse(Value):
    """What became of a row of an import."""

    reference: Omissible[str] = None
    status: ImportStatus
    collaboration_id: Omissible[CollaborationId] = None
    problem: Omissible[ProblemResponse] = None


class ImportResponse(Value):
    """What became of every row."""

    rows: tuple[ImportedResponse, ...]


IMPORT = Operation(
    name="importCollaborations",
    function="directory",
    method="POST",
    path="/platform/offices/{officeId}/collaborations/import",
    caller=CallerClass.PLATFORM,
    summary="Import unlinked collaborations of the older program; repeatable",
    body=ImportBody,
    row=ImportRow,
    query=NoQuery,
    answers={200: ImportResponse},
)

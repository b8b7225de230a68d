"""The rows of an import: read one by one, so that a wrong one spoils no other."""

from collections.abc import Sequence

from collaboration.commands.importing import Imported
from collaboration.domain.decisions.importing import ImportedRow
from collaboration.domain.model.faults import Fault, RefusedError, Slug
from collaboration.domain.model.values import Locale
from collaboration.frozen import dataclass
from collaboration.http import problems
from collaboration.http.contract.imports import ImportBody, ImportedResponse, ImportResponse, ImportRow, ImportStatus
from collaboration.http.contract.problem import ProblemResponse
from collaboration.http.request import InvalidFieldsError, Request, parsed


@dataclass(frozen=True)
class ReadRow:
    """A row, or why it cannot be read, under the reference it came with."""

    reference: str | None
    parsed: ImportedRow | RefusedError


def import_rows(body: ImportBody) -> list[ReadRow]:
    """The rows of a body."""
    return [_read(dict(row)) for row in body.rows]


def _read(sent: dict[str, object]) -> ReadRow:
    reference = sent.get("reference")
    named = reference if isinstance(reference, str) else None
    try:
        row = parsed(ImportRow, sent)
    except InvalidFieldsError as problem:
        return ReadRow(named, RefusedError(Fault(Slug.VALIDATION_FAILED, fields=problem.fields)))
    return ReadRow(named, ImportedRow(**dict(row)))


def import_response(
    rows: Sequence[ReadRow], imported: Sequence[Imported | RefusedError], request: Request
) -> ImportResponse:
    """What became of every row."""
    answered = zip(rows, imported, strict=True)
    return ImportResponse(
        rows=tuple(_row(row, read.reference, result, request) for row, (read, result) in enumerate(answered))
    )


def _row(row: int, reference: str | None, result: Imported | RefusedError, request: Request) -> ImportedResponse:
    problem = _problem(row, result.fault, request) if result.fault else None
    if isinstance(result, Imported):
        status = ImportStatus.IMPORTED if result.new else ImportStatus.EXISTS
        return ImportedResponse(
            reference=reference, status=status, collaboration_id=result.collaboration_id, problem=problem
        )
    return ImportedResponse(reference=reference, status=ImportStatus.FAILED, problem=problem)


def _problem(row: int, fault: Fault, request: Request) -> ProblemResponse:
    return problems.problem(problems.in_row(fault, row), request.language or Locale.SV, request.reference)

"""The rows of a batch of invitations: read one by one, so that a wrong one spoils no other."""

from collections.abc import Sequence

from collaboration.domain.decisions.inviting import Invite
from collaboration.domain.model.faults import Fault, RefusedError, Slug
from collaboration.domain.model.preview import Preview
from collaboration.domain.model.values import Locale, OfficeId
from collaboration.http import problems
from collaboration.http.call import fingerprint
from collaboration.http.contract.invitation import InvitationResponse
from collaboration.http.contract.invitation_batches import (
    BatchBody,
    BatchResponse,
    BatchRow,
    BatchRowResponse,
    RowStatus,
)
from collaboration.http.contract.inviting import SEND_INVITATION, InvitationBody
from collaboration.http.previews import preview_response
from collaboration.http.request import InvalidFieldsError, Request, parsed
from collaboration.storage.idempotency import IdempotencyKey, StoredResponse


def batch_rows(body: BatchBody, office_id: OfficeId) -> list[tuple[Invite, IdempotencyKey] | RefusedError]:
    """The rows of a body, or why one cannot be read."""
    return [_read(dict(row), office_id) for row in body.rows]


def _read(sent: dict[str, object], office_id: OfficeId) -> tuple[Invite, IdempotencyKey] | RefusedError:
    try:
        row = parsed(BatchRow, sent)
    except InvalidFieldsError as problem:
        return RefusedError(Fault(Slug.VALIDATION_FAILED, fields=problem.fields))
    invitation = InvitationBody(**{name: getattr(row, name) for name in InvitationBody.model_fields})
    # The same as if it had been sent alone: a row that is sent again by itself is the same request.
    asked = IdempotencyKey(office_id, row.key, fingerprint(SEND_INVITATION, invitation))
    return Invite(proposal=invitation.proposal(), consent=invitation.consent(), message=invitation.message), asked


# The previews of refused rows have so many bytes in all: each names everybody on a task, and an answer has 6 MB.
MOST_PREVIEWED = 1_000_000


def batch_response(
    body: BatchBody, results: Sequence[StoredResponse | RefusedError], locale: Locale, request: Request
) -> BatchResponse:
    """What became of every row."""
    left = MOST_PREVIEWED
    rows: list[BatchRowResponse] = []
    for row, (sent, result) in enumerate(zip(body.rows, results, strict=True)):
        key = sent.get("key")
        named = key if isinstance(key, str) else None
        if isinstance(result, StoredResponse):
            rows.append(_done(named, result))
            continue
        preview = None
        if isinstance(result.preview, Preview) and left > 0:
            preview = preview_response(result.preview, locale, request.reference)
            left -= len(preview.model_dump_json(by_alias=True).encode())
        # What is left out can be asked for; what became of a row cannot.
        fault = problems.in_row(result.fault, row)
        problem = problems.problem(fault, locale, request.reference, preview=preview if left >= 0 else None)
        rows.append(BatchRowResponse(key=named, status=RowStatus.REFUSED, problem=problem))
    return BatchResponse(rows=tuple(rows))


def _done(key: str | None, result: StoredResponse) -> BatchRowResponse:
    status = RowStatus.REPLAYED if result.replayed else RowStatus.CREATED
    return BatchRowResponse(key=key, status=status, invitation=InvitationResponse.model_validate_json(result.body))

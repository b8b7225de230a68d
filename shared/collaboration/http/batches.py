"""The rows of a batch of invitations: read one by one, so that a wrong one spoils no other."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from collaboration.commands.asking import StoredAnswer_, IdempotencyKey
from collaboration.domain.faults import Fault, FieldFault, RefusedError, Slug
from collaboration.domain.inviting import Invite
from collaboration.domain.preview import Preview
from collaboration.domain.values import Locale
from collaboration.http import problems
from collaboration.http.answers import BatchRowResponse, BatchResponse, InvitationResponse, RowStatus
from collaboration.http.bodies import BatchBody, InvitationBody
from collaboration.http.dispatch import fingerprint
from collaboration.http.operations import SEND_INVITATION
from collaboration.http.previews import preview_shape
from collaboration.http.request import Request, InvalidFieldsError, parsed


class BatchRow(InvitationBody):
    """An invitation with its own key, in the place of an Idempotency-Key."""

    key: Annotated[str, StringConstraints(pattern=r"^[!-~]{8,128}$")]


def batch_rows(body: BatchBody) -> list[tuple[Invite, IdempotencyKey] | RefusedError]:
    """The rows of a body, or why one cannot be read."""
    return [_read(place, dict(row)) for place, row in enumerate(body.rows)]


def _read(place: int, sent: dict[str, object]) -> tuple[Invite, IdempotencyKey] | RefusedError:
    try:
        row = parsed(BatchRow, sent)
    except InvalidFieldsError as problem:
        return RefusedError(Fault(Slug.VALIDATION_FAILED, fields=_in_row(place, problem.fields)))
    invitation = InvitationBody(**{name: getattr(row, name) for name in InvitationBody.model_fields})
    # The same as if it had been sent alone: a row that is sent again by itself is the same request.
    asked = IdempotencyKey(row.key, fingerprint(SEND_INVITATION, invitation))
    return Invite(proposal=invitation.proposal(), consent=invitation.consent(), message=invitation.message), asked


def _in_row(place: int, fields: tuple[FieldFault, ...]) -> tuple[FieldFault, ...]:
    return tuple(
        FieldFault(f"#/rows/{place}{field.pointer.removeprefix('#')}", field.code, field.hint, field.params)
        for field in fields
    )


def batch_answer(
    body: BatchBody, results: Sequence[StoredAnswer_ | RefusedError], locale: Locale, request: Request
) -> BatchResponse:
    """What became of every row."""
    return BatchResponse(
        rows=tuple(
            _row(sent.get("key"), result, locale, request) for sent, result in zip(body.rows, results, strict=True)
        )
    )


def _row(key: object, result: StoredAnswer_ | RefusedError, locale: Locale, request: Request) -> BatchRowResponse:
    named = key if isinstance(key, str) else None
    if isinstance(result, StoredAnswer_):
        status = RowStatus.REPLAYED if result.replayed else RowStatus.CREATED
        invitation = InvitationResponse.model_validate_json(result.answer.body)
        return BatchRowResponse(key=named, status=status, invitation=invitation)
    seen = result.preview
    preview = preview_shape(seen, locale, request.reference) if isinstance(seen, Preview) else None
    problem = problems.problem(result.fault, locale, request.reference, preview=preview)
    return BatchRowResponse(key=named, status=RowStatus.REFUSED, problem=problem)

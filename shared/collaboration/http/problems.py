"""The one table from reasons to HTTP statuses, and the problem documents (RFC 9457) made from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from collaboration.domain.model.faults import Fault, FieldFault, Slug
from collaboration.domain.model.values import AccountId, Locale
from collaboration.http.contract.problem import (
    AccountChoiceResponse,
    PreviewResponse,
    ProblemFieldResponse,
    ProblemResponse,
)
from collaboration.wording import has, text

STATUS = {
    Slug.MALFORMED_REQUEST: 400,
    Slug.VALIDATION_FAILED: 422,
    Slug.UNAUTHENTICATED: 401,
    Slug.NOT_ALLOWED: 403,
    Slug.NOT_FOUND: 404,
    Slug.CUSTOMER_MUST_APPROVE: 409,
    Slug.CUSTOMER_NOT_REGISTERED: 409,
    Slug.APPROVAL_NOT_NEEDED: 409,
    Slug.SITUATION_CHANGED: 409,
    Slug.ALREADY_INVITED: 409,
    Slug.ALREADY_COLLABORATING: 409,
    Slug.ACCOUNT_AMBIGUOUS: 409,
    Slug.NO_ACTIVE_TASK: 409,
    Slug.TASK_NOT_SELECTABLE: 422,
    Slug.CONTACT_INCOMPLETE: 422,
    Slug.CONTACT_IS_EMPLOYEE: 422,
    Slug.NO_ADMINISTRATOR: 409,
    Slug.MAIN_CONTACT_MISSING: 409,
    Slug.CUSTOMER_OWNED_SUBSCRIPTION: 409,
    Slug.KIND_DIFFERS: 409,
    Slug.TERMS_OUTDATED: 409,
    Slug.INVITATION_EXPIRED: 410,
    Slug.INVITATION_REVOKED: 410,
    Slug.INVITATION_DECLINED: 409,
    Slug.INVITATION_ACCEPTED: 409,
    Slug.ORGANISATION_NUMBER_MISMATCH: 403,
    Slug.DIGITS_EXHAUSTED: 403,
    Slug.REMINDER_TOO_SOON: 429,
    Slug.NO_REMINDERS_LEFT: 409,
    Slug.CONFIRMATION_NEEDED: 409,
    Slug.COMPANY_TYPE_LOCKED: 409,
    Slug.COLLABORATION_ENDED: 409,
    Slug.IN_USE: 409,
    Slug.IDEMPOTENCY_KEY_MISSING: 400,
    Slug.IDEMPOTENCY_KEY_REUSED: 422,
    Slug.IF_MATCH_MISSING: 428,
    Slug.REVISION_CONFLICT: 412,
    Slug.PAYLOAD_TOO_LARGE: 413,
    Slug.UNSUPPORTED_MEDIA_TYPE: 415,
    Slug.TOO_MANY_REQUESTS: 429,
    Slug.TEMPORARILY_UNAVAILABLE: 503,
}

# So many wrong fields, and accounts to choose from, are named at most: a body can be nothing but unknown fields.
MOST_NAMED = 1000

# How long somebody who finds the service busy is asked to wait, in seconds.
RETRY_SOON = 2


def problem(
    fault: Fault,
    locale: Locale,
    reference: Callable[[str], str],
    *,
    request_id: str | None = None,
    preview: PreviewResponse | None = None,
) -> ProblemResponse:
    """The document of a fault. `reference` makes a path below the API's root relative to the request.

    Without a `request_id` it is one of several in an array, and has no `instance`.
    """
    return ProblemResponse(
        type=reference(f"problems/{fault.slug}"),
        title=text(locale, f"problem.{fault.slug}.title"),
        status=STATUS[fault.slug],
        detail=detail(fault, locale),
        instance=f"urn:request:{request_id}" if request_id else None,
        location=reference(fault.location) if fault.location else None,
        errors=tuple(field_problem(field, locale) for field in fault.fields[:MOST_NAMED]) or None,
        actions=fault.actions or None,
        accounts=tuple(AccountChoiceResponse(id=AccountId(key), name=name) for key, name in fault.accounts[:MOST_NAMED])
        or None,
        confirm=fault.confirm or None,
        tries_left=fault.tries_left,
        preview=preview,
    )


def detail(fault: Fault, locale: Locale) -> str:
    """What happened and the way out, in the most exact wording there is."""
    named = f"problem.{fault.slug}.{fault.hint}.named.detail"
    exact = f"problem.{fault.slug}.{fault.hint}.detail"
    key = exact if fault.hint and has(locale, exact) else f"problem.{fault.slug}.detail"
    if fault.named and has(locale, named):
        key = named
    lost = ", ".join(item.name[locale] for item in fault.named)
    return text(locale, key, lost=lost, **fault.params)


def in_row(fault: Fault, row: int) -> Fault:
    """A fault of a row as a fault of the body that holds it: its fields are named from there. `row`: from 0 on."""
    fields = tuple(replace(field, pointer=f"#/rows/{row}{field.pointer.removeprefix('#')}") for field in fault.fields)
    return replace(fault, fields=fields)


def field_problem(field: FieldFault, locale: Locale) -> ProblemFieldResponse:
    """One field that is wrong."""
    # An item of a list is called by the list's name: its number says nothing to a person.
    name = next((part for part in reversed(field.pointer.split("/")) if not part.isdecimal()), "")
    exact = f"field.{field.hint}"
    key = exact if field.hint and has(locale, exact) else f"field.{field.code}"
    return ProblemFieldResponse(
        pointer=field.pointer, code=field.code, detail=text(locale, key, **{"field": name, **field.params})
    )


def headers(fault: Fault, now: datetime, reference: Callable[[str], str]) -> dict[str, str]:
    """What a fault says in headers: what stands in the way, and when to come back."""
    found = {}
    if fault.location:
        found["Location"] = reference(fault.location)
    if fault.retry_at:
        found["Retry-After"] = str(max(1, round((fault.retry_at - now).total_seconds())))
    elif STATUS[fault.slug] in {429, 503}:
        found["Retry-After"] = str(RETRY_SOON)
    return found

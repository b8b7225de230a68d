"""The user pool asks before it issues tokens: an employee's, or the platform's, says when no second factor is paired.

A pool asks for a second factor of everybody or of whoever has one. It lets these people in, so that they can pair one,
and the API refuses their tokens until they have (`http.request.Request.check_second_factor`).
"""

from collections.abc import Mapping
from typing import Any

from collaboration import invocation
from collaboration.composition import app, time_to_answer
from collaboration.http.request import MISSING, PLATFORM_GROUP, SECOND_FACTOR
from collaboration.telemetry import Level, Metric


class SignInFailedError(Exception):
    """No tokens are issued. The pool shows the text, with its own words around it, to whoever signs in."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Give the pool its event back, with a claim for the ID token where a second factor is missing.

    Raises:
        SignInFailedError: whether one is missing cannot be known now.
    """
    invocation.begin("sign_in", None, context)
    app().services.begin(time_to_answer(context))
    if not (app().demands_second_factor and is_of_office_or_platform(event)):
        return event
    try:
        is_paired = app().pool(event["userPoolId"]).has_second_factor(event["userName"])
    except Exception as error:  # noqa: BLE001 - its text may name somebody
        app().log.write(Level.ERROR, "sign in failed", {"kind": type(error).__name__})
        app().metrics.record(Metric.UNEXPECTED_ERRORS, 1)
        raise SignInFailedError("Try again in a moment.") from None
    if is_paired:
        return event
    return {**event, "response": {"claimsOverrideDetails": {"claimsToAddOrOverride": {SECOND_FACTOR: MISSING}}}}


def is_of_office_or_platform(event: Mapping[str, Any]) -> bool:
    """Whether who signs in is an employee of an office, or of the platform: as the API will read the token."""
    request = event["request"]
    groups = (request.get("groupConfiguration") or {}).get("groupsToOverride") or ()
    return bool((request.get("userAttributes") or {}).get("custom:office_id")) or PLATFORM_GROUP in groups

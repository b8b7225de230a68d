"""The user pool asks before it makes a login that somebody asked for: only a known company's administrator gets one.

Without this a stranger could take an administrator's address before they do, and use up the day's mails.
"""

from collections.abc import Mapping
from typing import Any

from collaboration import invocation
from collaboration.composition import app, time_to_answer
from collaboration.domain.model.faults import RefusedError, UnreadableError
from collaboration.domain.model.values import Email
from collaboration.queries.account_user import administered
from collaboration.storage.table import TableUnavailableError
from collaboration.telemetry import Level, Metric

# An administrator of the pool makes employees and the platform's logins; that needs no further check.
BY_ADMINISTRATOR = "PreSignUp_AdminCreateUser"


class SignUpRefusedError(Exception):
    """No login is made. The pool shows the text, with its own words around it, to whoever asked."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Give the pool its event back unchanged, which lets it go on.

    Raises:
        SignUpRefusedError: the address is no administrator's of an account, or that cannot be known now.
    """
    invocation.begin("sign_up", None, context)
    if event.get("triggerSource") == BY_ADMINISTRATOR:
        return event
    app().services.begin(time_to_answer(context))
    try:
        known = is_administrator(event)
    except Exception as error:  # noqa: BLE001 - its text may hold what is stored
        app().log.write(Level.ERROR, "sign up failed", {"kind": type(error).__name__})
        unavailable = isinstance(error, TableUnavailableError)
        app().metrics.record(Metric.TABLE_UNAVAILABLE if unavailable else Metric.UNEXPECTED_ERRORS, 1)
        raise SignUpRefusedError("Try again in a moment.") from None
    if not known:
        app().log.write(Level.INFO, "sign up refused", {})
        raise SignUpRefusedError("The address is not known as an administrator's.")
    return event


def is_administrator(event: Mapping[str, Any]) -> bool:
    """Whether who signs up is an administrator of an account, as the register has it now.

    Raises:
        UnreadableError: what is stored of the only account they may be administrator of cannot be read.
        TableUnavailableError: the table does not answer.
    """
    try:
        email = address(event)
    except ValueError:
        return False
    try:
        administered(app().services, email)
    except UnreadableError:
        raise
    except RefusedError:
        return False
    return True


def address(event: Mapping[str, Any]) -> Email:
    """The address that somebody signs up with.

    Raises:
        ValueError: there is none, or what there is is none.
    """
    request = event.get("request")
    attributes = request.get("userAttributes") if isinstance(request, Mapping) else None
    return Email(attributes.get("email") or "" if isinstance(attributes, Mapping) else "")

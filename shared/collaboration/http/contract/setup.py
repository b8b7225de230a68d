"""A set-up as answers show it."""

from collections.abc import Collection
from typing import Any

from collaboration.domain.model.catalogue import SetUp, SetUpField
from collaboration.domain.model.values import InvoiceRecipient, ReportRecipient, TaskId, Value
from collaboration.http.contract.response import Omissible


class SetUpResponse(Value):
    """The task and the set-up fields that have a value."""

    task_id: TaskId | None = None
    variant: Omissible[str] = None
    period_months: Omissible[int] = None
    invoice_recipient: Omissible[InvoiceRecipient] = None
    sent_invoice_recipient: Omissible[InvoiceRecipient] = None
    received_invoice_recipient: Omissible[InvoiceRecipient] = None
    report_recipient: Omissible[ReportRecipient] = None

    @classmethod
    def of(cls, setup: SetUp, task_id: TaskId | None) -> "SetUpResponse":
        """A set-up beside its task."""
        return cls(task_id=task_id, **setup.model_dump())


def setup_fields(
    setup: SetUp,
    coming: SetUp | None,
    task_id: TaskId | None,
    *,
    paid_by_another: Collection[SetUpField],
    next_paid_by_another: Collection[SetUpField],
) -> dict[str, Any]:
    """The set-up of a response now and from the next renewal on, with the recipients that mean another office.

    Args:
        setup: the set-up that holds now.
        coming: the set-up from the next renewal on; None where it stays as it is.
        task_id: the task; None while there is none.
        paid_by_another: the invoice recipients that mean another office, where they are the office.
        next_paid_by_another: the same from the next renewal on.
    """
    paid = _of_another_office(paid_by_another, setup)
    next_paid = _of_another_office(next_paid_by_another, coming or setup)
    return {
        "setup": SetUpResponse.of(setup, task_id),
        "next_setup": SetUpResponse.of(coming, task_id) if coming else None,
        "paid_by_another_office": paid,
        "next_paid_by_another_office": next_paid if next_paid != paid else None,
    }


def _of_another_office(paid_by_another: Collection[SetUpField], setup: SetUp) -> tuple[SetUpField, ...]:
    """The recipients that are the office in a set-up and mean another: terms reach a collaboration before its row."""
    return tuple(field for field in sorted(paid_by_another) if field in setup.paid_by_office())

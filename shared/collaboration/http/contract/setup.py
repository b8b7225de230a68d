"""A set-up as answers show it."""

from collaboration.domain.model.catalogue import SetUp, SetUpField
from collaboration.domain.model.values import InvoiceRecipient, ReportRecipient, TaskId
from collaboration.http.contract.response import ResponseModel


class SetUpResponse(ResponseModel):
    """The task and the set-up fields that have a value."""

    optional = frozenset(SetUpField)

    task_id: TaskId | None = None
    variant: str | None = None
    period_months: int | None = None
    invoice_recipient: InvoiceRecipient | None = None
    sent_invoice_recipient: InvoiceRecipient | None = None
    received_invoice_recipient: InvoiceRecipient | None = None
    report_recipient: ReportRecipient | None = None

    @classmethod
    def of(cls, setup: SetUp, task_id: TaskId | None) -> "SetUpResponse":
        """A set-up beside its task."""
        return cls(task_id=task_id, **setup.model_dump())

"""What an employee proposes: the body that preview, invitation and activation share."""

from enum import Enum
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, StrictStr
from pydantic_core import core_schema

from collaboration.domain.contexts.ask import Proposal
from collaboration.domain.model.catalogue import GivenSetUp
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.preview import Consent
from collaboration.domain.model.values import (
    AccountId,
    CustomerId,
    InvoiceRecipient,
    Key,
    ReportRecipient,
    Scenario,
    TaskId,
)
from collaboration.frozen import dataclass


@dataclass(frozen=True)
class _Listed:
    """Any text, of which the document says the values of an enumeration: no other is ever accepted."""

    values: type[Enum]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """A value of the enumeration, or a text; what is neither is one fault, not one of each."""
        return core_schema.union_schema(
            [handler.generate_schema(self.values), handler(source)],
            mode="left_to_right",
            custom_error_type="no_text",
            custom_error_message="no text",
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The JSON schema of the enumeration."""
        listed: dict[str, Any] = handler(schema)["anyOf"][0]
        return listed


# What the catalogue does not know is judged with the rest of the set-up, whatever kind of field it stands in: a preview
# shows it among all that is in the way.
_Payer = Annotated[Key, _Listed(InvoiceRecipient)]
_ReportReader = Annotated[Key, _Listed(ReportRecipient)]


class ProposalBody(GivenSetUp):
    """A customer, a solution, a task and the set-up that the solution asks."""

    customer_id: CustomerId
    solution: StrictStr
    task_id: TaskId | None = None
    account_id: AccountId | None = None
    invoice_recipient: _Payer | None = None
    sent_invoice_recipient: _Payer | None = None
    received_invoice_recipient: _Payer | None = None
    report_recipient: _ReportReader | None = None

    def proposal(self) -> Proposal:
        """What the domain is asked."""
        return Proposal(
            customer_id=self.customer_id,
            solution=self.solution,
            task_id=self.task_id,
            account_id=self.account_id,
            setup=GivenSetUp(**{name: getattr(self, name) for name in GivenSetUp.model_fields}),
        )


class ActivationBody(ProposalBody):
    """An ask, with the situation and the terms that the caller was shown."""

    scenario: Scenario
    terms_version: StrictStr

    def consent(self) -> Consent:
        """What the caller agreed to."""
        return Consent(self.scenario, self.terms_version)


PROPOSAL_REFUSALS = (
    Slug.CUSTOMER_MUST_APPROVE,
    Slug.CUSTOMER_NOT_REGISTERED,
    Slug.APPROVAL_NOT_NEEDED,
    Slug.SITUATION_CHANGED,
    Slug.ALREADY_INVITED,
    Slug.ALREADY_COLLABORATING,
    Slug.ACCOUNT_AMBIGUOUS,
    Slug.NO_ACTIVE_TASK,
    Slug.TASK_NOT_SELECTABLE,
    Slug.CONTACT_INCOMPLETE,
    Slug.CONTACT_IS_EMPLOYEE,
    Slug.NO_ADMINISTRATOR,
    Slug.TERMS_OUTDATED,
)

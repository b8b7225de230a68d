"""What an employee proposes: the body that preview, invitation and activation share."""

from pydantic import StrictStr

from collaboration.domain.contexts.ask import Proposal
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.preview import Consent
from collaboration.domain.model.values import AccountId, CustomerId, Scenario, TaskId


class ProposalBody(SetUp):
    """A customer, a solution, a task and the set-up that the solution asks."""

    customer_id: CustomerId
    solution: StrictStr
    task_id: TaskId | None = None
    account_id: AccountId | None = None

    def proposal(self) -> Proposal:
        """What the domain is asked."""
        return Proposal(
            customer_id=self.customer_id,
            solution=self.solution,
            task_id=self.task_id,
            account_id=self.account_id,
            setup=SetUp(**{name: getattr(self, name) for name in SetUp.model_fields}),
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

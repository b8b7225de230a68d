"""Who may open what of an account, for the platform."""

from collaboration.domain.model.faults import Slug
from collaboration.domain.model.values import Email, OfficeId, Side, Timestamp, Value
from collaboration.http.contract.access import PersonResponse, ReasonResponse
from collaboration.http.contract.operation import NoBody, Operation
from collaboration.http.contract.parameters import PageQuery, SolutionFilter
from collaboration.http.contract.response import Omissible, Page
from collaboration.http.request import CallerClass
from collaboration.queries.account_access import PersonAccess


class AccountAccessQuery(PageQuery):
    """Whose access, and to which solution; both together are the question of one sign-in."""

    email: Email | None = None
    solution: SolutionFilter | None = None


class SolutionAccessResponse(Value):
    """A solution that a person may open, and why."""

    key: str
    variant: Omissible[str] = None
    since: Omissible[Timestamp] = None
    reasons: tuple[ReasonResponse, ...]


class PersonAccessResponse(Value):
    """A person, and the solutions of the account that they may open."""

    person: PersonResponse
    side: Side
    office_id: Omissible[OfficeId] = None
    solutions: tuple[SolutionAccessResponse, ...]

    @classmethod
    def of(cls, access: PersonAccess) -> "PersonAccessResponse":
        """What a person may open."""
        return cls(
            person=PersonResponse(**dict(access.person)),
            side=access.side,
            office_id=access.office_id,
            solutions=tuple(
                SolutionAccessResponse(
                    key=solution.key,
                    variant=solution.variant,
                    since=solution.since,
                    reasons=tuple(ReasonResponse(**dict(reason)) for reason in solution.reasons),
                )
                for solution in access.solutions
            ),
        )


SHOW_ACCOUNT_ACCESS = Operation(
    name="showAccountAccess",
    function="directory",
    method="GET",
    path="/platform/accounts/{accountId}/access",
    caller=CallerClass.PLATFORM,
    summary="Who may open what of an account, over all collaborations together, and why",
    body=NoBody,
    query=AccountAccessQuery,
    answers={200: Page[PersonAccessResponse]},
    refusals=(Slug.MALFORMED_REQUEST,),
)

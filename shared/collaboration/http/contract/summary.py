"""The summary of an office: how much there is of what it may have to act upon."""

from typing import Self

from collaboration.domain.model.values import Value
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.request import CallerClass
from collaboration.queries.summary import Count, Summary


class CountResponse(Value):
    """How many there are; `more`: and more than were counted."""

    count: int
    more: bool

    @classmethod
    def of(cls, count: Count) -> Self:
        """A count."""
        return cls(count=count.count, more=count.more)


class InvitationCountsResponse(Value):
    """Pending invitations: all, those that expire within three days, of which a mail has bounced, with an obstacle."""

    pending: CountResponse
    expiring_soon: CountResponse
    bounced: CountResponse
    with_obstacle: CountResponse


class CollaborationCountsResponse(Value):
    """Active collaborations: all, those without a task, those that end within thirty days or could not be ended."""

    active: CountResponse
    unlinked: CountResponse
    ends_soon: CountResponse
    with_problem: CountResponse


class SummaryResponse(Value):
    """What an office may have to act upon."""

    invitations: InvitationCountsResponse
    collaborations: CollaborationCountsResponse

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """The counts of an office."""
        return cls(
            invitations=InvitationCountsResponse(
                pending=CountResponse.of(summary.pending),
                expiring_soon=CountResponse.of(summary.expiring_soon),
                bounced=CountResponse.of(summary.bounced),
                with_obstacle=CountResponse.of(summary.with_obstacle),
            ),
            collaborations=CollaborationCountsResponse(
                active=CountResponse.of(summary.active),
                unlinked=CountResponse.of(summary.unlinked),
                ends_soon=CountResponse.of(summary.ends_soon),
                with_problem=CountResponse.of(summary.with_problem),
            ),
        )


SHOW_SUMMARY = Operation(
    name="showSummary",
    function="collaborations",
    method="GET",
    path="/summary",
    caller=CallerClass.EMPLOYEE,
    summary="How many invitations and collaborations the office may have to act upon",
    body=NoBody,
    query=NoQuery,
    answers={200: SummaryResponse},
)

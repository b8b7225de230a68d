"""Who may open what of an account, over all offices and collaborations together."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice

from collaboration.domain.model.access import Access, Person, Reason
from collaboration.domain.model.catalogue import Solution, catalogue
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.values import AccountId, AgreementId, Email, EmployeeId, Moment, OfficeId, Side
from collaboration.frozen import dataclass
from collaboration.queries.collaboration_context import load_collaborations
from collaboration.queries.paging import PageRequest, cursor_of, malformed_cursor, position_of
from collaboration.services import Services, not_found
from collaboration.storage import grant_items, items, keys, lists
from collaboration.storage.unreadable import readable

MOST_REASONS = 1000

# Reasons over all rows of a page: with the longest ids a third of what a Lambda function may answer, 6 MB.
MOST_SHOWN = 10_000

# A page is made of the grants of whole persons: no more are read once there are so many.
MOST_GRANTS = 2000


@dataclass(frozen=True, kw_only=True)
class SolutionAccess:
    """A solution that a person may open, in which variant, since when (UTC) and why, in `MOST_REASONS` at most."""

    key: str
    variant: str | None
    since: Moment | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class PersonAccess:
    """A person, and the solutions of an account that they may open. `office_id`: of whose employee it is."""

    person: Person
    side: Side
    office_id: OfficeId | None
    solutions: tuple[SolutionAccess, ...]

    @property
    def reasons(self) -> int:
        """How many reasons there are over all solutions."""
        return sum(len(solution.reasons) for solution in self.solutions)


def show_account_access(
    services: Services,
    account_id: AccountId,
    page: PageRequest,
    *,
    email: Email | None = None,
    solution: str | None = None,
) -> tuple[tuple[PersonAccess, ...], str | None]:
    """Who may open what of an account, and the cursor of the rest.

    A page ends before `MOST_SHOWN` reasons are exceeded, and after the person with whom `MOST_GRANTS` are reached.

    Args:
        services: the application's services.
        account_id: the account.
        page: how many rows, after which cursor.
        email: only the person with that address; None for all.
        solution: only that solution; None for all.

    Raises:
        RefusedError: `not-found`, there is no such account; `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    query = f"access {account_id} {email.folded if email else None} {solution}"
    begun, passed = _position_of(query, page.cursor)
    if not services.table.get(keys.account_place(account_id)):
        raise not_found()
    rows = lists.grants_of_account(services.table, account_id, person=email, since=begun)
    persons, more = _next_persons(rows, page.limit + 1)
    collaborations = _active_collaborations(services, (grant for _, grants in persons for grant in grants))
    shown: list[PersonAccess] = []
    for name, grants in persons:
        before = passed if name == begun else 0
        for nth, row in enumerate(islice(_person_access(grants, collaborations, solution), before, None), before):
            reasons = row.reasons + sum(earlier.reasons for earlier in shown)
            if shown and (len(shown) == page.limit or reasons > MOST_SHOWN):
                return tuple(shown), cursor_of(query, f"{name}#{nth}")
            shown.append(row)
    return tuple(shown), cursor_of(query, f"{more}#0") if more else None


def _position_of(query: str, cursor: str | None) -> tuple[str | None, int]:
    """The person with whom a page begins, and how many of their rows stood on the page before.

    By the hash of their address; None: the first.

    Raises:
        RefusedError: `malformed-request`, the cursor is none, or one of another query.
    """
    position = position_of(query, cursor)
    if position is None:
        return None, 0
    name, _, passed = position.partition("#")
    if not name or not (passed.isascii() and passed.isdecimal()):
        raise malformed_cursor()
    return name, int(passed)


def _next_persons(rows: Iterable[items.Item], limit: int) -> tuple[list[tuple[str, list[items.Item]]], str | None]:
    """The grants of the next persons by the hashes of their addresses, and the first whose were not read."""
    found: list[tuple[str, list[items.Item]]] = []
    count = 0
    for name, of_person in groupby(rows, key=grant_items.person_of_grant):
        if len(found) == limit or count >= MOST_GRANTS:
            return found, name
        found.append((name, [*of_person]))
        count += len(found[-1][1])
    return found, None


def _active_collaborations(services: Services, grants: Iterable[items.Item]) -> Mapping[AgreementId, Collaboration]:
    """The collaborations of some grants that are active: what has ended gives nothing, whatever is still stored."""
    ids = dict.fromkeys(items.collaboration_id_of(grant) for grant in grants)
    return {
        collaboration.agreement: collaboration
        for collaboration in load_collaborations(services, [*ids])
        if collaboration.state is CollaborationState.ACTIVE
    }


def _person_access(
    grants: Iterable[items.Item], collaborations: Mapping[AgreementId, Collaboration], wanted: str | None
) -> Iterator[PersonAccess]:
    """What one address may open: by itself as each office's employee that it is, and as an administrator's."""
    given: dict[tuple[Side, OfficeId | None, EmployeeId | None], list[tuple[Access, Collaboration]]] = {}
    for item, access in readable(grants, grant_items.access):
        collaboration = collaborations.get(items.agreement_of(item))
        if collaboration and collaboration.solution and wanted in (None, collaboration.solution):
            office_id = collaboration.office_id if access.side is Side.OFFICE else None
            given.setdefault((access.side, office_id, access.person.employee_id), []).append((access, collaboration))
    for (side, office_id, _), of_row in given.items():
        solutions = tuple(_solution_access(solution, side, of_row) for solution in _solutions_of(of_row))
        yield PersonAccess(person=of_row[0][0].person, side=side, office_id=office_id, solutions=solutions)


def _solutions_of(given: Iterable[tuple[Access, Collaboration]]) -> Iterator[Solution]:
    occurring = {collaboration.solution for _, collaboration in given}
    return (solution for solution in catalogue().solutions if solution.key in occurring)


def _solution_access(solution: Solution, side: Side, given: Iterable[tuple[Access, Collaboration]]) -> SolutionAccess:
    accesses = [(access, collaboration) for access, collaboration in given if collaboration.solution == solution.key]
    since = [access.since for access, _ in accesses if access.since]
    return SolutionAccess(
        key=solution.key,
        variant=solution.variant_for(side, accesses[0][1].setup.variant),
        since=min(since) if since else None,
        reasons=tuple(islice((reason for access, _ in accesses for reason in access.reasons), MOST_REASONS)),
    )


def variant_of(collaboration: Collaboration, side: Side) -> str | None:
    """The variant in which somebody works: employees in the catalogue's top one, where it names one."""
    solution = catalogue().solution(collaboration.solution) if collaboration.solution else None
    return solution.variant_for(side, collaboration.setup.variant) if solution else collaboration.setup.variant

"""Who may open what of an account, over all offices and collaborations together."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice

from collaboration.domain.model.access import Access, Person, Reason
from collaboration.domain.model.catalogue import Solution, catalogue
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.values import AccountId, AgreementId, Email, Moment, Side
from collaboration.frozen import dataclass
from collaboration.queries.collaboration_context import load_collaborations
from collaboration.queries.paging import PageRequest, cursor_of, position_of
from collaboration.services import Services, not_found
from collaboration.storage import grant_items, items, keys, lists
from collaboration.storage.unreadable import readable

MOST_REASONS = 1000


@dataclass(frozen=True, kw_only=True)
class SolutionAccess:
    """A solution that a person may open, in which variant, since when (UTC) and why, in `MOST_REASONS` at most."""

    key: str
    variant: str | None
    since: Moment | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class PersonAccess:
    """A person, and the solutions of an account that they may open."""

    person: Person
    side: Side
    solutions: tuple[SolutionAccess, ...]


def show_account_access(
    services: Services,
    account_id: AccountId,
    page: PageRequest,
    *,
    email: Email | None = None,
    solution: str | None = None,
) -> tuple[tuple[PersonAccess, ...], str | None]:
    """Who may open what of an account, and the cursor of the rest.

    Args:
        services: the application's services.
        account_id: the account.
        page: how many persons, after which cursor.
        email: only the person with that address; None for all.
        solution: only that solution; None for all.

    Raises:
        RefusedError: `not-found`, there is no such account; `malformed-request`, the cursor is of another list.
        TableUnavailableError: the table does not answer.
    """
    query = f"access {account_id} {email.folded if email else None} {solution}"
    after = position_of(query, page.cursor)
    if not services.table.get(keys.account_place(account_id)):
        raise not_found()
    rows = lists.grants_of_account(services.table, account_id, person=email, after=after)
    by_person = ((name, [*grants]) for name, grants in groupby(rows, key=grant_items.person_of_grant))
    found = [*islice(by_person, page.limit + 1)]
    shown = found[: page.limit]
    grants = [grant for _, of_person in shown for grant in of_person]
    collaborations = _active_collaborations(services, grants)
    persons = (_person_access(of_person, collaborations, solution) for _, of_person in shown)
    more = len(found) > len(shown)
    return tuple(person for some in persons for person in some), cursor_of(query, shown[-1][0]) if more else None


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
    """What one address may open; twice where it is an employee's and an administrator's at once."""
    by_side: dict[Side, list[tuple[Access, Collaboration]]] = {}
    for item, access in readable(grants, grant_items.access):
        collaboration = collaborations.get(items.agreement_of(item))
        if collaboration and collaboration.solution and wanted in (None, collaboration.solution):
            by_side.setdefault(access.side, []).append((access, collaboration))
    for side, given in by_side.items():
        solutions = tuple(_solution_access(solution, side, given) for solution in _solutions_of(given))
        yield PersonAccess(person=given[0][0].person, side=side, solutions=solutions)


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

"""What is shown and listed: one round trip each, filtered while reading."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Generic, TypeVar

from collaboration.commands.services import Caller, Services, active, not_found
from collaboration.domain.access import Access
from collaboration.domain.collaboration import Collaboration, CollaborationState
from collaboration.domain.directory import Customer, Employee, Office, Task
from collaboration.domain.faults import Slug, refused
from collaboration.domain.guard import Guard
from collaboration.domain.history import Entry
from collaboration.domain.invitation import Invitation, InvitationState
from collaboration.domain.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    EmployeeId,
    InvitationId,
    Locale,
    OfficeId,
    TaskId,
)
from collaboration.storage import items, keys

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """Part of a list, who asked for it, and the cursor of the next part."""

    rows: tuple[Row, ...]
    cursor: str | None
    caller: Employee
    now: datetime


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list: how many rows, after which cursor."""

    limit: int
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationFilter:
    """Filters of sent requests; None lets everything through."""

    status: InvitationState | None = None
    customer_id: CustomerId | None = None
    solution: str | None = None
    sent_by: EmployeeId | None = None
    expiring_before: datetime | None = None

    def lets_through(self, invitation: Invitation, now: datetime) -> bool:
        """Whether all filters do: `filters-combine-with-and`."""
        state = invitation.state_at(now)
        expiring = self.expiring_before is None or (
            state is InvitationState.PENDING and invitation.expires_at < self.expiring_before
        )
        return (
            expiring
            and self.status in (None, state)
            and self.customer_id in (None, invitation.customer_id)
            and self.solution in (None, invitation.solution)
            and self.sent_by in (None, invitation.sent_by.employee_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CollaborationFilter:
    """Filters of collaborations; None lets everything through."""

    customer_id: CustomerId | None = None
    solution: str | None = None
    task_id: TaskId | None = None
    task_owner: EmployeeId | None = None
    account_manager: EmployeeId | None = None
    state: CollaborationState | None = None
    linked: bool | None = None

    def lets_through(self, collaboration: Collaboration) -> bool:
        """Whether all filters do: `filters-combine-with-and`."""
        return (
            self.customer_id in (None, collaboration.customer_id)
            and self.solution in (None, collaboration.solution)
            and self.task_id in (None, collaboration.task_id)
            and self.task_owner in (None, collaboration.list_row.task_owner)
            and self.account_manager in (None, collaboration.list_row.account_manager)
            and self.state in (None, collaboration.state)
            and self.linked in (None, collaboration.linked)
        )


def show_invitation(
    services: Services, caller: Caller, invitation_id: InvitationId
) -> tuple[Invitation, Employee, datetime]:
    """One request of the office.

    Raises:
        Refused: the caller is nobody here, or the request is not the office's.
    """
    now = services.clock()
    agreement = invitation_id.agreement
    place = keys.invitation(agreement) if agreement else None
    employee, found = _load_for_caller(services, caller, place)
    invitation = items.invitation(found)
    if invitation.office_id != caller.office_id:
        raise not_found()
    return invitation, employee, now


def show_collaboration(
    services: Services, caller: Caller, collaboration_id: CollaborationId
) -> tuple[Collaboration, Employee]:
    """One collaboration of the office.

    Raises:
        Refused: the caller is nobody here, or the collaboration is not the office's.
    """
    agreement = collaboration_id.agreement
    place = keys.collaboration(agreement) if agreement else None
    employee, found = _load_for_caller(services, caller, place)
    collaboration = items.collaboration(found)
    if collaboration.office_id != caller.office_id:
        raise not_found()
    return collaboration, employee


def _load_for_caller(services: Services, caller: Caller, place: keys.Key | None) -> tuple[Employee, items.Item]:
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    found = services.table.get(at_caller, *((place,) if place else ()))
    employee = active(items.at(Employee, found, at_caller))
    if place is None or place not in found:
        raise not_found()
    return employee, found[place]


def show_access(services: Services, caller: Caller, collaboration_id: CollaborationId) -> tuple[Access, ...]:
    """Who may open what through a collaboration.

    Raises:
        Refused: the caller is nobody here, or the collaboration is not the office's.
    """
    partition = f"AGREEMENT#{collaboration_id.agreement}"
    _, grants, _ = services.table.gather(
        lambda: show_collaboration(services, caller, collaboration_id),
        lambda: services.table.partition(partition, "GRANT#"),
        lambda: None,
    )
    return tuple(items.access(item) for item in grants)


def show_history(
    services: Services, caller: Caller, of: InvitationId | CollaborationId, page: PageRequest
) -> tuple[tuple[Entry, ...], str | None]:
    """A timeline, newest first: the same one for an invitation and the collaboration that came of it.

    Raises:
        Refused: the caller is nobody here, it is not the office's, or the cursor is of another list.
    """

    def check_access() -> None:
        if isinstance(of, InvitationId):
            show_invitation(services, caller, of)
        else:
            show_collaboration(services, caller, of)

    _, shown, _ = services.table.gather(check_access, lambda: timeline(services, of, page), lambda: None)
    return shown


def timeline(
    services: Services, of: InvitationId | CollaborationId, page: PageRequest
) -> tuple[tuple[Entry, ...], str | None]:
    """Part of a timeline, newest first, whoever asks.

    Raises:
        Refused: the cursor is of another list.
    """
    query = f"history {of}"
    after = position_of(query, page.cursor)
    partition = f"AGREEMENT#{of.agreement}"
    start = {"pk": items.text(partition), "sk": items.text(after)} if after else None
    found, more = services.table.page(partition, prefix="HISTORY#", newest_first=True, limit=page.limit, after=start)
    cursor = cursor_of(query, items.string(more, "sk")) if more else None
    return tuple(items.entry(item) for item in found), cursor


def rows_of_account(services: Services, account_id: AccountId, prefix: str) -> Iterator[items.Item]:
    """Everything of a kind (`INVITATION#`, `COLLABORATION#`) that an account has, oldest first."""
    after = None
    while True:
        rows, after = services.table.page(f"ACCOUNT#{account_id}", index=keys.ACCOUNTS, prefix=prefix, after=after)
        yield from rows
        if after is None:
            return


def list_invitations(services: Services, caller: Caller, wanted: InvitationFilter, page: PageRequest) -> Listed[Invitation]:
    """Sent requests, newest first.

    Raises:
        Refused: the caller is nobody here, or the cursor is of another list.
    """
    now = services.clock()
    return _list(
        services,
        caller,
        page,
        f"OFFICE#{caller.office_id}#INVITATIONS",
        repr(wanted),
        items.invitation,
        lambda invitation: wanted.lets_through(invitation, now),
        lambda sort_key: keys.invitation(AgreementId(sort_key.partition("#")[2])),
        filtered=wanted != InvitationFilter(),
    )


def list_collaborations(
    services: Services, caller: Caller, wanted: CollaborationFilter, page: PageRequest
) -> Listed[Collaboration]:
    """The office's collaborations, newest first.

    Raises:
        Refused: the caller is nobody here, or the cursor is of another list.
    """
    return _list(
        services,
        caller,
        page,
        f"OFFICE#{caller.office_id}#COLLABORATIONS",
        repr(wanted),
        items.collaboration,
        wanted.lets_through,
        lambda sort_key: keys.collaboration(AgreementId(sort_key.partition("#")[2])),
        filtered=wanted != CollaborationFilter(),
    )


def list_customers(services: Services, caller: Caller, query: str, page: PageRequest) -> Listed[tuple[CustomerId, Customer]]:
    """The office's customers by name.

    Raises:
        Refused: the caller is nobody here, or the cursor is of another list.
    """
    part = query.casefold()

    def read(item: items.Item) -> tuple[CustomerId, Customer]:
        return CustomerId(items.string(item, "pk").rpartition("#")[2]), items.parsed(Customer, item)

    return _list(
        services,
        caller,
        page,
        f"OFFICE#{caller.office_id}#CUSTOMERS",
        part,
        read,
        lambda row: part in row[1].name.casefold(),
        lambda sort_key: keys.customer(caller.office_id, CustomerId(sort_key.rpartition("#")[2])),
        filtered=bool(part),
        newest_first=False,
    )


def _list(
    services: Services,
    caller: Caller,
    page: PageRequest,
    partition: str,
    query: str,
    read: Callable[[items.Item], Row],
    lets_through: Callable[[Row], bool],
    place: Callable[[str], keys.Key],
    *,
    filtered: bool,
    newest_first: bool = True,
) -> Listed[Row]:
    """One query per page. A filtered one reads as much as a query holds, so that few rows do not cost many pages."""
    query_name = f"{partition} {query}"
    start = _start(partition, position_of(query_name, page.cursor), place)
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    found, (rows, more), _ = services.table.gather(
        lambda: services.table.get(at_caller),
        lambda: services.table.page(
            partition,
            index=keys.LISTS,
            newest_first=newest_first,
            limit=None if filtered else page.limit,
            after=start,
        ),
        lambda: None,
    )
    employee = active(items.at(Employee, found, at_caller))
    matching: list[Row] = []
    for place_in_page, item in enumerate(rows):
        row = read(item)
        if lets_through(row):
            matching.append(row)
        if len(matching) == page.limit and place_in_page + 1 < len(rows):
            return Listed(tuple(matching), cursor_of(query_name, items.string(item, "listSk")), employee, services.clock())
    cursor = cursor_of(query_name, items.string(more, "listSk")) if more else None
    return Listed(tuple(matching), cursor, employee, services.clock())


def _start(partition: str, after: str | None, place: Callable[[str], keys.Key]) -> Mapping[str, items.Attribute] | None:
    if after is None:
        return None
    # Only the place in the list comes from the cursor: the office and the filters are the request's own.
    try:
        return {**items.key(place(after)), "listPk": items.text(partition), "listSk": items.text(after)}
    except ValueError:
        raise refused(Slug.MALFORMED_REQUEST, hint="cursor") from None


def _fingerprint(query: str) -> str:
    return sha256(query.encode()).hexdigest()[:16]


def cursor_of(query: str, after: str) -> str:
    """The cursor of the part of a list that comes after `after`. It carries no authority, only a place."""
    return urlsafe_b64encode(json.dumps([_fingerprint(query), after]).encode()).rstrip(b"=").decode()


def position_of(query: str, cursor: str | None) -> str | None:
    """The place that a cursor names; None at the start.

    Raises:
        Refused: it is no cursor, or one of another query.
    """
    if cursor is None:
        return None
    try:
        fingerprint, after = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        raise refused(Slug.MALFORMED_REQUEST, hint="cursor") from None
    if fingerprint != _fingerprint(query) or not isinstance(after, str) or not after:
        raise refused(Slug.MALFORMED_REQUEST, hint="cursor")
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInFull:
    """A customer with what is going on there."""

    customer: Customer
    tasks: Mapping[TaskId, Task]
    invitations: tuple[Invitation, ...]
    collaborations: tuple[Collaboration, ...]
    caller: Employee
    now: datetime


def show_customer(services: Services, caller: Caller, customer_id: CustomerId) -> CustomerInFull:
    """A customer of the office.

    Raises:
        Refused: the caller is nobody here, or the customer is not the office's.
    """
    now = services.clock()
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    found, at_customer, _ = services.table.gather(
        lambda: services.table.get(at_caller),
        lambda: services.table.partition(keys.customer(caller.office_id, customer_id).pk),
        lambda: None,
    )
    employee = active(items.at(Employee, found, at_caller))
    customer = items.find_one(Customer, at_customer, "CUSTOMER")
    if customer is None:
        raise not_found()
    live = [*_live(items.guards(at_customer).values(), now)]
    agreements = services.table.get(*live) if live else {}
    return CustomerInFull(
        customer=customer,
        tasks=items.tasks(at_customer),
        invitations=tuple(items.invitation(item) for place, item in agreements.items() if place.sk == "INVITATION"),
        collaborations=tuple(
            items.collaboration(item) for place, item in agreements.items() if place.sk == "COLLABORATION"
        ),
        caller=employee,
        now=now,
    )


def active_of_customer(services: Services, office_id: OfficeId, customer_id: CustomerId) -> tuple[Collaboration, ...]:
    """The active collaborations of a customer with the office."""
    guards = services.table.partition(keys.customer(office_id, customer_id).pk, "GUARD#")
    holders = [items.guard(item).collaboration for item in guards]
    places = [keys.collaboration(holder.agreement) for holder in holders if holder and holder.agreement]
    found = services.table.get(*places) if places else {}
    return tuple(items.collaboration(item) for item in found.values())


def _live(guards: Iterable[Guard], now: datetime) -> Iterator[keys.Key]:
    for guard in guards:
        if not guard.holds(now):
            continue
        if guard.invitation and (agreement := guard.invitation.agreement):
            yield keys.invitation(agreement)
        elif guard.collaboration and (agreement := guard.collaboration.agreement):
            yield keys.collaboration(agreement)


def check_employee(services: Services, caller: Caller) -> Employee:
    """The caller, for what every active employee may see.

    Raises:
        Refused: they are nobody here.
    """
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    return active(items.at(Employee, services.table.get(at_caller), at_caller))


def precheck_employee(
    services: Services,
    caller: Caller,
    *,
    customer: CustomerId | None,
    invitation: InvitationId | None,
    collaboration: CollaborationId | None,
    requires_decision_rights: bool,
) -> None:
    """What comes before fields that are wrong: may the caller ask, and are the things named theirs?

    Raises:
        Refused: not-allowed or not-found.
    """
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    at_customer = keys.customer(caller.office_id, customer) if customer else None
    found = services.table.get(at_caller, *((at_customer,) if at_customer else ()))
    employee = active(items.at(Employee, found, at_caller))
    if requires_decision_rights and not employee.may_decide:
        raise refused(Slug.NOT_ALLOWED, hint="rights")
    if at_customer and at_customer not in found:
        raise not_found()
    if invitation:
        show_invitation(services, caller, invitation)
    if collaboration:
        show_collaboration(services, caller, collaboration)


def precheck_platform(services: Services, *, office: OfficeId | None, customer: CustomerId | None) -> None:
    """What comes before fields that are wrong: are the office and the customer in the path there?

    Raises:
        Refused: not-found.
    """
    places = []
    if office:
        places.append(keys.office(office))
        if customer:
            places.append(keys.customer(office, customer))
    if places and len(services.table.get(*places)) < len(places):
        raise not_found()


def office_language(services: Services, office_id: OfficeId) -> Locale:
    """The language of an office, Swedish where it is not known."""
    place = keys.office(office_id)
    office = items.at(Office, services.table.get(place), place)
    return office.locale if office else Locale.SV

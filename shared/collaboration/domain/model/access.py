"""Who may open what, and why: `access-follows-task`, `customers-people-only-in-shared`, `reasons-given`."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from collaboration.domain.model.accounts import AccountUser
from collaboration.domain.model.directory import Customer, Employee, Task, task_is_active
from collaboration.domain.model.values import (
    AccountId,
    CollaborationId,
    Email,
    EmployeeId,
    InvitationId,
    Kind,
    Moment,
    OfficeId,
    Side,
    TaskId,
    Value,
)


class Drift(Value):
    """A collaboration of which something derived is not what it should be.

    `grants` and `index_entries`: how many differ; `list_row`: whether the copies in its list row do; `stale_terms`:
    whether its account, or what it copies of the terms there, does; `since`: when they were last brought up to date.
    """

    collaboration_id: CollaborationId
    grants: int
    list_row: bool = False
    stale_terms: bool = False
    index_entries: int = 0
    since: Moment


class InvitationDrift(Value):
    """An invitation of which something derived is not as it should be.

    `guard`: whether its guard is missing, or left over; `markers`: how many of its markers are.
    """

    invitation_id: InvitationId
    guard: bool
    markers: int


class DriftReport(Value):
    """What a look over some of an office's collaborations and invitations has found, and repaired.

    `checked`, `drifted` and `failed` are of collaborations, the others of invitations.
    """

    office_id: OfficeId
    at: Moment
    checked: int
    drifted: tuple[Drift, ...] = ()
    failed: tuple[CollaborationId, ...] = ()
    checked_invitations: int = 0
    drifted_invitations: tuple[InvitationDrift, ...] = ()
    failed_invitations: tuple[InvitationId, ...] = ()

    @property
    def faults(self) -> int:
        """How many were found wrong, or could not be looked at."""
        found = (self.drifted, self.failed, self.drifted_invitations, self.failed_invitations)
        return sum(map(len, found))


class Role(StrEnum):
    """Why somebody has access."""

    OWNER = "owner"
    PARTICIPANT = "participant"
    ADMINISTRATOR = "administrator"


class Resource(StrEnum):
    """What access opens."""

    ACCOUNT = "account"
    SOLUTION = "solution"


class AccessScope(Value):
    """Where access opens something: an account, and the solution there. A grant for one says nothing of another."""

    account_id: AccountId | None = None
    solution: str | None = None


class Person(Value):
    """Somebody who has access."""

    name: str
    email: Email
    employee_id: EmployeeId | None = None


class Reason(Value):
    """Why a person has access: a role, in a task or in the account."""

    collaboration_id: CollaborationId | None = None
    task_id: TaskId | None = None
    role: Role


class Access(Value):
    """What one person may open through one collaboration. `since` is None while it is only foreseen."""

    person: Person
    side: Side
    what: tuple[Resource, ...]
    reasons: tuple[Reason, ...]
    since: Moment | None = None

    @property
    def key(self) -> str:
        """Names the person among those of one collaboration."""
        return f"{self.side}#{self.person.employee_id or self.person.email.folded}"

    def is_of_same_person(self, other: "Access", *, same_office: bool) -> bool:
        """Whether another access is the same person's: by the address, and of two employees by office and id.

        Args:
            other: access through this collaboration or another of the account.
            same_office: whether that is of the same office.
        """
        if self.person.email.folded != other.person.email.folded:
            return False
        if Side.CUSTOMER in {self.side, other.side}:
            return True
        return same_office and self.person.employee_id == other.person.employee_id


def access_of_office(
    task_id: TaskId | None,
    task: Task | None,
    customer: Customer | None,
    employees: Mapping[EmployeeId, Employee],
    collaboration_id: CollaborationId | None = None,
) -> Iterable[Access]:
    """The owner and the participants of a task who are active employees: the account and the solution.

    Nobody where there is no task, or it or its customer is not active.
    """
    if task_id is None or task is None or not task_is_active(task, customer):
        return
    for employee_id in task.people:
        employee = employees.get(employee_id)
        if employee is None or not employee.active:
            continue
        roles = [Role.OWNER] * (employee_id == task.owner) + [Role.PARTICIPANT] * (employee_id in task.participants)
        yield Access(
            person=Person(name=employee.name, email=employee.email, employee_id=employee_id),
            side=Side.OFFICE,
            what=(Resource.ACCOUNT, Resource.SOLUTION),
            reasons=tuple(Reason(collaboration_id=collaboration_id, task_id=task_id, role=role) for role in roles),
        )


def access_of_customer(
    kind: Kind | None, administrators: Iterable[AccountUser], collaboration_id: CollaborationId | None = None
) -> Iterable[Access]:
    """The account's administrators, of a shared solution only: the solution."""
    if kind is not Kind.SHARED:
        return
    for user in administrators:
        yield Access(
            person=Person(name=user.name, email=user.email),
            side=Side.CUSTOMER,
            what=(Resource.SOLUTION,),
            reasons=(Reason(collaboration_id=collaboration_id, role=Role.ADMINISTRATOR),),
        )

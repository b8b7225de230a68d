"""What a command works with, and the loop that every decision goes through."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.faults import Fault, RefusedError, Slug, refused
from collaboration.domain.model.values import AgreementId, EmployeeId, OfficeId
from collaboration.storage.table import ConflictError, Table

Result = TypeVar("Result")


# A loser reads the new world and decides anew, so a second try nearly always ends it; more than a few losses in a row
# mean a crowd, which is told to come back.
ATTEMPTS = 5


class Services:
    """The outside world: the table, the time and fresh ids.

    Args:
        open_table: makes the table, on first use: a refusal that needs no table does not wait for one.
        clock: the time, in milliseconds.
        new_id: an id that there has never been.
    """

    def __init__(
        self, open_table: Callable[[], Table], clock: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self._open_table = open_table
        self._table: Table | None = None
        self.clock = clock
        self.new_id = new_id

    @property
    def table(self) -> Table:
        """The one table."""
        if self._table is None:
            self._table = self._open_table()
        return self._table

    def new_agreement(self) -> AgreementId:
        """The id of an agreement that there has never been."""
        return AgreementId(self.new_id())


@dataclass(frozen=True, slots=True)
class Caller:
    """An employee, as their token names them. What they may do is read from the directory."""

    office_id: OfficeId
    employee_id: EmployeeId


class PartialFailureError(Exception):
    """Some of what was due could not be done; everything else was. Whoever called tries again."""

    @classmethod
    def of(cls, failures: Sequence[str]) -> Self:
        """So much is left, for these kinds of reasons; never what was being handled."""
        return cls(f"{len(failures)} left: {', '.join(sorted(set(failures)))}")


def retry_on_conflict(attempt: Callable[[datetime], Result], clock: Callable[[], datetime]) -> Result:
    """The result of `attempt`, which decides on the world as it is and raises `Lost` when somebody was faster.

    Raises:
        Refused: by the decision itself, or `temporarily-unavailable` when somebody is faster every time.
    """
    for _ in range(ATTEMPTS):
        try:
            return attempt(clock())
        except ConflictError:
            continue
    raise refused(Slug.TEMPORARILY_UNAVAILABLE)


def require_active(employee: Employee | None) -> Employee:
    """The caller, if they work at the office.

    Raises:
        Refused: nobody of that id was fed, or they are not active.
    """
    if employee is None:
        raise refused(Slug.NOT_ALLOWED, hint="unknown")
    if not employee.active:
        raise refused(Slug.NOT_ALLOWED, hint="inactive")
    return employee


def not_found() -> RefusedError:
    """The one answer for what is not there, is another office's, or has an id that cannot be."""
    return RefusedError(Fault(Slug.NOT_FOUND))

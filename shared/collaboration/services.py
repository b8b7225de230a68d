"""What a command works with, and the loop that every decision goes through."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Self, TypeVar

from collaboration.domain.model.directory import Customer, Employee, Office
from collaboration.domain.model.faults import Fault, RefusedError, Slug, refused
from collaboration.domain.model.values import AgreementId, EmployeeId, Locale, OfficeId
from collaboration.frozen import dataclass
from collaboration.storage.patience import Backoff, Deadline
from collaboration.storage.table import ConflictError, Table

Result = TypeVar("Result")

Revisions = frozenset[int] | None
"""The revisions that a caller accepts a resource to have; None for any."""


# Who loses loads and decides anew, so a second attempt nearly always succeeds; more than a few losses in a row mean a
# crowd, which is told to come back.
ATTEMPTS = 5


class Services:
    """What commands and queries work with: the table, the time and new ids.

    Args:
        open_table: makes the table, on first use: a refusal that needs no table does not wait for one.
        clock: the time, in milliseconds.
        new_id: an id that there has never been.
        backoff: pauses before an attempt that somebody else was faster than is repeated, within the request's deadline.
    """

    def __init__(
        self,
        open_table: Callable[[], Table],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        backoff: Backoff | None = None,
    ) -> None:
        self._open_table = open_table
        self._conflicts = 0
        self._languages: dict[OfficeId, Locale] = {}
        self.customer_language: Locale | None = None
        self.backoff = backoff or Backoff()
        self._table: Table | None = None
        self.clock = clock
        self.new_id = new_id

    @property
    def table(self) -> Table:
        """The table, opened on first use."""
        if self._table is None:
            self._table = self._open_table()
        return self._table

    @property
    def deadline(self) -> Deadline:
        """When the present request has to be answered."""
        return self.backoff.deadline

    def begin(self, seconds: float | None) -> None:
        """Begin a request that has to be answered in so many seconds; None for no limit."""
        self.deadline.start(seconds)
        self._languages.clear()
        self.customer_language = None

    def remember_language(self, office_id: OfficeId, office: Office | None) -> None:
        """Remember the language of an office that was loaded, so that a refusal need not ask for it."""
        if office is not None:
            self._languages[office_id] = office.locale

    def language_of(self, office_id: OfficeId) -> Locale | None:
        """The language of an office that was loaded in this request; None for any other."""
        return self._languages.get(office_id)

    def remember_customer_language(self, customer: Customer | None) -> None:
        """Remember the language of a customer that was loaded, for what its people are answered in this request."""
        if customer is not None:
            self.customer_language = customer.locale

    def count_conflict(self) -> None:
        """Count an attempt that somebody else was faster than."""
        self._conflicts += 1

    def take_conflicts(self) -> int:
        """How many attempts somebody else was faster than since this was last asked."""
        counted, self._conflicts = self._conflicts, 0
        return counted

    def new_agreement(self) -> AgreementId:
        """The id of an agreement that there has never been."""
        return AgreementId(self.new_id())


@dataclass(frozen=True)
class Caller:
    """An employee, as their token names them (`email`: None where it does not); rights are read from the directory."""

    office_id: OfficeId
    employee_id: EmployeeId
    email: str | None = None


def raised_at(error: BaseException) -> str:
    """File and line where an error was raised: all that is said of where, since a traceback may hold stored values."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""


@dataclass(frozen=True)
class Failure:
    """What went wrong with one of many: the kind of error, where it was raised, and the ids of what it was about."""

    kind: str
    at: str
    ids: Mapping[str, str]

    @classmethod
    def of(cls, error: Exception, **ids: str) -> Self:
        """The failure that an error is. Its message is left out, since it may hold stored values."""
        return cls(type(error).__name__, raised_at(error), ids)

    def __str__(self) -> str:
        """One line for the log."""
        return f"{self.kind} at {self.at} ({', '.join(f'{name} {value}' for name, value in self.ids.items())})"


class PartialFailureError(Exception):
    """Some of what was due could not be done; everything else was. Whoever called tries again."""

    # More would fill the log and say no more.
    _NAMED = 20

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        super().__init__(f"{len(failures)} left: {'; '.join(str(failure) for failure in failures[: self._NAMED])}")


def retry_on_conflict(attempt: Callable[[datetime], Result], services: Services) -> Result:
    """The result of `attempt`, which is made again when somebody else was faster.

    Args:
        attempt: loads, decides and commits at the time that it is given; it raises ConflictError when what it had
            loaded changed before it committed.
        services: the clock, the pauses between attempts, and where lost ones are counted.

    Raises:
        RefusedError: by the decision itself, or `temporarily-unavailable` when somebody else is faster every time.
    """
    for lost in range(ATTEMPTS):
        try:
            return attempt(services.clock())
        except ConflictError:
            services.count_conflict()
            if not services.backoff.pause(lost):
                break
    raise refused(Slug.TEMPORARILY_UNAVAILABLE)


def require_active(caller: Caller, employee: Employee | None) -> Employee:
    """The caller as the directory knows them.

    Raises:
        RefusedError: `not-allowed`, nobody of that id was fed, they are not active, or the token names another address.
    """
    if employee is None:
        raise refused(Slug.NOT_ALLOWED, hint="unknown")
    if not employee.active:
        raise refused(Slug.NOT_ALLOWED, hint="inactive")
    # A second lock beside the ids: they are attributes of the pool, and whoever can write those could name anybody.
    if caller.email is not None and caller.email.lower() != employee.email.folded:
        raise refused(Slug.NOT_ALLOWED, hint="other-address")
    return employee


def not_found() -> RefusedError:
    """The one answer for what is not there, is another office's, or has an id that cannot be."""
    return RefusedError(Fault(Slug.NOT_FOUND))

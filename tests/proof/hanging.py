"""What it takes to let a service hang without waiting: how long clients wait, and what runs on a clock of seconds."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from collaboration.commands import mass_update, rows
from collaboration.storage import table as storage_table
from support.template import template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from support.clocks import Seconds

Result = TypeVar("Result")

# The time-outs of clients, in seconds, as `composition` makes them (`test_hung.py` compares).
TABLE_HANGS, SES_HANGS, SECRETS_HANG = 3.0, 12.0, 2.0
# The SDK asks the bus three times, with pauses of a second and of two at most.
BUS_HANGS = 3 * 6.0 + 1.0 + 2.0
# Calls of the table that write.
WRITES = frozenset({"transact_write_items", "update_item", "put_item", "delete_item"})


def timeout_of(folder: str) -> float:
    """The seconds that a function has, as the template says."""
    functions = (each for each in template()["Resources"].values() if each["Type"] == "AWS::Serverless::Function")
    [function] = [each["Properties"] for each in functions if each["Properties"]["CodeUri"].endswith(f"/{folder}/")]
    return float(function.get("Timeout", template()["Globals"]["Function"]["Timeout"]))


@dataclass(frozen=True)
class HungCase:
    """Something done while a service hangs, and what was wrong with how it went."""

    operation: str
    where: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """For whoever reads the failure."""
        return f"{self.operation}, {self.where}: {'; '.join(self.faults)}"


class TimedFuture(Generic[Result]):
    """A result, and when it is there."""

    def __init__(self, seconds: Seconds, at: float, result: Result | None, error: BaseException | None) -> None:
        self.at, self.error = at, error
        self._seconds, self._result = seconds, result

    def result(self) -> Result:
        """Wait for the result; raises what it ended with."""
        self._seconds.now = max(self._seconds.now, self.at)
        if self.error:
            raise self.error
        return cast("Result", self._result)


class TimedPool:
    """Stands for a pool of threads on a clock of seconds: what runs at the same time waits at the same time."""

    def __init__(self, seconds: Seconds, max_workers: int) -> None:
        """As a pool of threads."""
        self._seconds = seconds
        self._free = [seconds.now] * max_workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def shutdown(self) -> None:
        """Wait for all that was begun."""
        self._seconds.now = max(self._seconds.now, *self._free)

    def submit(self, action: Callable[..., Result], *arguments: Any) -> TimedFuture[Result]:
        """Run it at once, and put the clock back: whoever began it goes on at the same time."""
        now = self._seconds.now
        worker = self._free.index(min(self._free))
        self._seconds.now = max(now, self._free[worker])
        result, error = None, None
        try:
            result = action(*arguments)
        except Exception as raised:  # noqa: BLE001 - handed to whoever asks for the result
            error = raised
        self._free[worker] = ended = self._seconds.now
        self._seconds.now = now
        return TimedFuture(self._seconds, ended, result, error)

    def map(self, action: Callable[..., Result], *several: Iterable[Any]) -> Iterator[Result]:
        """Begin it for each, and give the results in that order."""
        futures = [self.submit(action, *arguments) for arguments in zip(*several, strict=False)]
        return (future.result() for future in futures)


@contextmanager
def timed_threads(seconds: Seconds) -> Iterator[None]:
    """Where the product starts threads, they run on this clock."""
    modules: tuple[Any, ...] = (mass_update, rows, storage_table)
    real = [module.ThreadPoolExecutor for module in modules]
    for module in modules:
        module.ThreadPoolExecutor = lambda max_workers: TimedPool(seconds, max_workers)
    try:
        yield
    finally:
        for module, before in zip(modules, real, strict=True):
            module.ThreadPoolExecutor = before


class Context:
    """What Lambda tells a call of a function that begins now: how much time it has left."""

    def __init__(self, folder: str, seconds: Seconds) -> None:
        self._seconds, self._ends = seconds, seconds.now + timeout_of(folder)

    def get_remaining_time_in_millis(self) -> int:
        """As Lambda's."""
        return round((self._ends - self._seconds.now) * 1000)

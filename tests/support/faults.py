"""Faults that a test plans for the table in memory: what it does beside, or instead of, answering.

    client.faults.fail("transact_write_items", client.faults.throttled())
    client.faults.before("transact_write_items", lambda: office.revoke(...))   # somebody else is first
    client.faults.lose_response("transact_write_items")                        # written, and nobody learns of it
    client.faults.hang("query", lambda: app.clock.pass_(seconds=3))            # no answer within the time-out
    client.faults.conflict("update_item")                                      # meets another transaction
    client.faults.leave_unprocessed(lambda keys: keys[1:])                     # BatchGetItem answers the first only

Each applies once (`times`), to the next call of that name (`skip` leaves some alone first); plans for one name apply in
the order in which they were made. Names are those of the client's methods; `ANY` is every method.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

Keys: TypeAlias = Sequence[dict[str, Any]]

ANY = "*"
ENDPOINT = "https://dynamodb.example"


@dataclass
class Plan:
    """One planned fault."""

    call: str
    skip: int
    times: int
    error: BaseException | None = None
    action: Callable[[], object] | None = None
    after: bool = False
    conflict: bool = False
    unprocessed: Callable[[Keys], Keys] | None = None


class Faults:
    """What is planned, and which calls there were: `calls` counts them by name."""

    def __init__(self) -> None:
        """Nothing is planned."""
        self.calls: Counter[str] = Counter()
        self._plans: list[Plan] = []
        self._lock = threading.Lock()

    @property
    def pending(self) -> int:
        """How many plans have not been used up."""
        return len(self._plans)

    def clear(self) -> None:
        """Forget every plan."""
        with self._lock:
            self._plans.clear()

    def fail(self, call: str, error: BaseException, *, times: int = 1, skip: int = 0) -> None:
        """Raise `error` instead of doing anything."""
        self._plan(Plan(call, skip, times, error=error))

    def lose_response(self, call: str, *, times: int = 1, skip: int = 0) -> None:
        """Do what is asked, and raise as when the connection breaks before the response arrives."""
        self._plan(Plan(call, skip, times, error=ConnectionClosedError(endpoint_url=ENDPOINT), after=True))

    def hang(self, call: str, meanwhile: Callable[[], object] | None = None, *, times: int = 1, skip: int = 0) -> None:
        """Do nothing, run `meanwhile` (which may move a clock), and raise as when no response came in time."""
        self._plan(Plan(call, skip, times, error=ReadTimeoutError(endpoint_url=ENDPOINT), action=meanwhile))

    def hang_after(
        self, call: str, meanwhile: Callable[[], object] | None = None, *, times: int = 1, skip: int = 0
    ) -> None:
        """Do what is asked, run `meanwhile`, and raise as when no response came in time."""
        error = ReadTimeoutError(endpoint_url=ENDPOINT)
        self._plan(Plan(call, skip, times, error=error, action=meanwhile, after=True))

    def before(self, call: str, action: Callable[[], object], *, times: int = 1, skip: int = 0) -> None:
        """Run `action` first, which may call the same client: somebody else's request comes in between."""
        self._plan(Plan(call, skip, times, action=action))

    def after(self, call: str, action: Callable[[], object], *, times: int = 1, skip: int = 0) -> None:
        """Run `action` once the call is done, before its response is returned."""
        self._plan(Plan(call, skip, times, action=action, after=True))

    def conflict(self, call: str = "transact_write_items", *, times: int = 1, skip: int = 0) -> None:
        """Refuse a write as when another transaction is writing the same item right now."""
        self._plan(Plan(call, skip, times, conflict=True))

    def leave_unprocessed(self, keys: Callable[[Keys], Keys], *, times: int = 1, skip: int = 0) -> None:
        """Let BatchGetItem leave those of its keys that `keys` returns."""
        self._plan(Plan("batch_get_item", skip, times, unprocessed=keys))

    def throttled(self) -> ClientError:
        """What a table says that cannot take more."""
        return self.error("ThrottlingException", "Throughput exceeds the current capacity of your table or index")

    def error(self, code: str, message: str = "planned by the test") -> ClientError:
        """An error of the service."""
        return ClientError({"Error": {"Code": code, "Message": message}}, "Planned")

    def _plan(self, plan: Plan) -> None:
        with self._lock:
            self._plans.append(plan)

    def next(self, call: str) -> Plan | None:
        """For the client: count a call, and take what is planned for it."""
        with self._lock:
            self.calls[call] += 1
            for plan in self._plans:
                if plan.call not in {call, ANY}:
                    continue
                if plan.skip:
                    plan.skip -= 1
                    continue
                plan.times -= 1
                if not plan.times:
                    self._plans.remove(plan)
                return plan
        return None

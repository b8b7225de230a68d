"""What each operation costs: every call of a function is metered, and kept under the name of what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collaboration.http.contract.operations import OPERATIONS

from support.capacity import Meter, Spent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.app import App

_NAMES = {operation.route: operation.name for operation in OPERATIONS}
_REFUSED = 400


class Ledger:
    """Meters the functions of an application from now on.

    The first call of an operation that succeeds is kept under the operation's name, or under one that was given for the
    next call; what follows it through the bus is summed under the function's name, behind it.
    """

    def __init__(self, app: App) -> None:
        """Watch the functions of `app`."""
        self._costs: dict[str, Spent] = {}
        self.watch(app)

    def watch(self, app: App) -> None:
        """Watch the functions of another application from now on."""
        self._meter = Meter(app.client, app.services.table)
        self._given: str | None = None
        self._following: str | None = None
        for folder, function in app.functions.items():
            self._watch(folder, function)

    def call_next(self, name: str) -> None:
        """Keep the next call under this name: a variant of an operation, or a scheduled run."""
        self._given = name

    def lines(self) -> Iterator[str]:
        """A line for each: its name, round trips one after another, read units, write units."""
        width = max(map(len, self._costs))
        yield f"{'':{width}} {'trips':>7} {'read':>7} {'write':>7}\n"
        for name, spent in sorted(self._costs.items()):
            yield f"{name:{width}} {spent.round_trips:7} {spent.read:7.1f} {spent.write:7.0f}\n"

    @property
    def costs(self) -> dict[str, Spent]:
        """What is kept, by name."""
        return dict(self._costs)

    @property
    def names(self) -> set[str]:
        """The names under which something is kept."""
        return set(self._costs)

    def _watch(self, folder: str, function: Any) -> None:
        handler = function.handler

        def metered(event: Any, context: object) -> Any:
            self._meter.take()
            answer = handler(event, context)
            spent = self._meter.take()
            given, self._given = self._given, None
            if "httpMethod" in event:
                if answer["statusCode"] < _REFUSED:
                    self._keep(given or _NAMES[event["httpMethod"], event["resource"]], spent)
            elif given:
                self._keep(given, spent)
            elif self._following:
                self._add(f"{self._following} > {folder}", spent)
            return answer

        function.handler = metered

    def _keep(self, name: str, spent: Spent) -> None:
        self._following = None if name in self._costs else name
        self._costs.setdefault(name, spent)

    def _add(self, name: str, spent: Spent) -> None:
        known = self._costs.setdefault(name, Spent())
        known.read += spent.read
        known.write += spent.write
        known.calls += spent.calls
        known.round_trips += spent.round_trips

"""Which function of a module answers which operation."""

from collections.abc import Callable, Mapping
from typing import Any

from collaboration.domain.model.faults import Fault
from collaboration.frozen import dataclass
from collaboration.http.call import Call
from collaboration.http.contract.operation import Body_co, Operation, Query_co
from collaboration.http.request import Request
from collaboration.http.response import Response
from collaboration.services import Services

Run = Callable[[Call[Body_co, Query_co], Services], Response]


@dataclass(frozen=True)
class Handler:
    """What answers an operation; `faults_as_pages` makes the page of a fault where a person's browser gets one."""

    operation: Operation[Any, Any]
    run: Run[Any, Any]
    faults_as_pages: Callable[[Fault, Request], Response] | None


class Handlers:
    """The functions of one module that answer operations, by method and path."""

    def __init__(self) -> None:
        self._by_route: dict[tuple[str, str], Handler] = {}

    @property
    def by_route(self) -> Mapping[tuple[str, str], Handler]:
        """Each of them, by method and path."""
        return self._by_route

    def on(
        self,
        operation: Operation[Body_co, Query_co],
        *,
        faults_as_pages: Callable[[Fault, Request], Response] | None = None,
    ) -> Callable[[Run[Body_co, Query_co]], Run[Body_co, Query_co]]:
        """Run the decorated function for `operation`; a person's browser may get faults as pages."""

        def register(run: Run[Body_co, Query_co]) -> Run[Body_co, Query_co]:
            self._by_route[operation.route] = Handler(operation, run, faults_as_pages)
            return run

        return register

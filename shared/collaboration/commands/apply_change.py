"""The one shape of a command: load what it decides upon, decide, commit. Whoever loses a race reads anew."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from collaboration.domain.model.change import Change, Transition
from collaboration.frozen import dataclass
from collaboration.services import Services, retry_on_conflict
from collaboration.storage.commit import commit

Context = TypeVar("Context")


Entity = TypeVar("Entity")


@dataclass(frozen=True)
class Applied(Generic[Context]):
    """A command after its commit: what it decided upon, what changed (None: nothing), and when (UTC)."""

    context: Context
    change: Change | None
    at: datetime


def apply_change(
    services: Services,
    load: Callable[[], Context],
    decide: Callable[[Context, datetime], Change | None],
) -> Applied[Context]:
    """Load, decide and commit; once more from the start when somebody else was faster, or an end was due before.

    Args:
        services: the application's services.
        load: reads what the decision has to know.
        decide: what changes, given that and the time (UTC); None when nothing does.

    Raises:
        RefusedError: by `load` or `decide`; `temporarily-unavailable` when somebody else is faster every time.
        TableUnavailableError: the table does not answer.
    """

    def attempt(now: datetime) -> Applied[Context]:
        context = load()
        change = decide(context, now)
        if change is not None:
            if _ends_first(services, change, now):
                return attempt(now)
            commit(services.table, change)
        return Applied(context, change, now)

    return retry_on_conflict(attempt, services)


def _ends_first(services: Services, change: Change, now: datetime) -> bool:
    if not any(step.renewed for step in change.subscriptions):
        return False
    # Few changes take a renewal along: a cold start does not pay for the decisions about ends.
    from collaboration.commands.renewing import carried_out_first

    return carried_out_first(services, change, now)


def entity_after(transition: Transition[Entity] | None, unchanged: Entity) -> Entity:
    """The entity after a transition; `unchanged` where there was none."""
    if transition is None:
        return unchanged
    return require_after(transition)


def require_after(transition: Transition[Entity] | None) -> Entity:
    """The entity after a transition that leaves one."""
    if transition is None or transition.after is None:
        raise AssertionError("the transition leaves an entity")
    return transition.after

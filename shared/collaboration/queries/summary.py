"""How much there is of what an office may have to act upon, counted without reading it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from collaboration.domain.model.values import local_date, local_midnight
from collaboration.frozen import dataclass
from collaboration.queries.caller import load_caller
from collaboration.services import Caller, Services
from collaboration.storage.markers import Marker, count_marked

# More than this many are not counted.
MOST_COUNTED = 1000


# An invitation expires soon when it does so within the days before its expiry in which the office is reminded of it.
EXPIRES_SOON = timedelta(days=3)


# An end is of a day in Sweden: it comes soon when that is before the day in so many days, as `endsBefore` lists it.
ENDS_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Count:
    """How many there are, and whether there are more than were counted."""

    count: int
    more: bool


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Counts of an office's pending invitations and active collaborations.

    `expiring_soon`: expire within three days; `with_obstacle`: something is in the way of them; `ends_soon`: end on a
    day before the one in thirty days; `with_problem`: an arranged end could not be carried out.
    """

    pending: Count
    expiring_soon: Count
    bounced: Count
    with_obstacle: Count
    active: Count
    unlinked: Count
    ends_soon: Count
    with_problem: Count


def show_summary(services: Services, caller: Caller) -> Summary:
    """The summary of the caller's office.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive.
        TableUnavailableError: the table does not answer.
    """
    now = services.clock()

    def count(marker: Marker, *, after: datetime | None = None, before: datetime | None = None) -> Callable[[], Count]:
        return lambda: Count(
            *count_marked(services.table, caller.office_id, marker, MOST_COUNTED, after=after, before=before)
        )

    gather = services.table.gather
    _, pending, expiring_soon, bounced, with_obstacle = gather(
        lambda: load_caller(services, caller),
        count(Marker.PENDING, after=now),
        count(Marker.PENDING, after=now, before=now + EXPIRES_SOON),
        count(Marker.BOUNCED, after=now),
        count(Marker.OBSTRUCTED, after=now),
    )
    active, unlinked, ends_soon, with_problem = gather(
        count(Marker.ACTIVE),
        count(Marker.UNLINKED),
        count(Marker.ENDING, before=local_midnight(local_date(now) + ENDS_SOON)),
        count(Marker.PROBLEM),
    )
    return Summary(
        pending=pending,
        expiring_soon=expiring_soon,
        bounced=bounced,
        with_obstacle=with_obstacle,
        active=active,
        unlinked=unlinked,
        ends_soon=ends_soon,
        with_problem=with_problem,
    )

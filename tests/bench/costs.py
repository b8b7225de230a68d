"""What an office costs in a month: the counted units of each operation, a stated use, and list prices.

`make bench ARGS=costs` prints the tables of README.md. `tests/integration/test_units.py` keeps the units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COUNTS = (
    Path(__file__).parents[1]
    / "integration"
    / "__snapshots__"
    / "test_units"
    / "test_every_operation_costs_what_it_did.txt"
)

AUDIT = "access: the nightly audit of an office with one collaboration"
NIGHTS = 30

# What a middling office does in a month: five employees, two hundred customers, a hundred collaborations.
USE: Mapping[str, int] = {
    "showMe": 150,
    "showSummary": 100,
    "listCollaborations": 200,
    "listCustomers": 100,
    "showCustomer": 120,
    "showCollaboration": 100,
    "showAccess": 30,
    "showHistory": 30,
    "listInvitations": 60,
    "previewCollaboration": 30,
    "sendInvitation": 10,
    "remindInvitation": 2,
    "activateSolution": 3,
    "editCollaboration": 5,
    "endCollaboration": 1,
    "linkCollaboration": 1,
    "showInvitationByLink": 20,
    "decideInvitationByLink": 8,
    "decideInvitationByLink decline": 1,
    "listMyCollaborations": 20,
    "listMyInvitations": 10,
    # The register says everything again every week, the directory of the office every night what changed.
    "putAccount unchanged": 800,
    "putCustomer renamed": 20,
    "putTask renamed": 100,
    "recordMailEvent": 0,
    "mail_events: a delivery": 40,
    "cleanup: one reminder": 3,
    "cleanup: one expiry, and its digest": 1,
    "cleanup: one erasure": 2,
    "cleanup: one renewal": 30,
}
# Each employee opens the pages once a working day; each file is a call of its own, also where the answer is 304.
PAGE_LOADS, FILES_OF_A_PAGE = 5 * 21, 34
COLLABORATIONS = 100
# Runs in a month that cost the same whatever is stored.
RUNS = {"mail: nothing is due": 43_200, "cleanup: nothing is due": 2_880}

MAILS = 40
SIGNED_IN = 9
STORED_GB = 0.004
EVENTS_PER_WRITING_CALL = 3
HTTP_SECONDS, FILE_SECONDS, BACKGROUND_SECONDS, MEMORY_GB = 0.06, 0.01, 0.15, 1.0
LOG_KB_PER_CALL = 1.0
# Of each function Lambda traces a call a second, and a twentieth of what comes beside it.
FUNCTIONS, SECONDS_OF_A_MONTH, TRACED = 17, NIGHTS * 86_400, 0.05
ALARMS, DASHBOARDS, KEYS, SECRETS = 97, 1, 2, 1
# Metrics of the service's own that have data in a month: once for the stage, for each operation, slug and kind of work.
METRICS = 150

# US dollars.
PRICES = {
    "write units, per million": 0.625,
    "read units, per million": 0.125,
    "storage, per GB": 0.25,
    "point-in-time recovery, per GB": 0.20,
    "Lambda calls, per million": 0.20,
    "Lambda on arm64, per GB-second": 0.0000133334,
    "REST API, per million": 3.50,
    "SES, per thousand mails": 0.10,
    "EventBridge custom events, per million": 1.00,
    "Scheduler, per million beyond 14 million": 1.00,
    "Cognito Lite, per active user beyond 10 000": 0.0055,
    "X-Ray, per million traces": 5.00,
    "CloudWatch logs taken in, per GB": 0.50,
    "CloudWatch logs kept, per GB": 0.03,
    "alarm": 0.10,
    "dashboard": 3.00,
    "custom metric": 0.30,
    "KMS key": 1.00,
    "secret": 0.40,
}
FREE_USERS = 10_000
MILLION = 1_000_000

SHOWN = (
    "listCollaborations",
    "showCollaboration",
    "showSummary",
    "previewCollaboration",
    "sendInvitation",
    "showInvitationByLink",
    "decideInvitationByLink",
    "activateSolution",
    "editCollaboration",
    "endCollaboration",
    "linkCollaboration",
    "listMyCollaborations",
    "putTask renamed",
    "putAccount unchanged",
    "mail_events: a delivery",
    "cleanup: nothing is due",
    "cleanup: one reminder",
    "cleanup: one expiry, and its digest",
    "cleanup: one renewal",
    "cleanup: one erasure",
)


@dataclass(frozen=True, slots=True)
class Units:
    """Round trips one after another, and capacity units."""

    trips: int
    read: float
    write: float

    def __add__(self, other: Units) -> Units:
        return Units(self.trips + other.trips, self.read + other.read, self.write + other.write)


NONE = Units(0, 0, 0)


@lru_cache(maxsize=1)
def counted() -> Mapping[str, Units]:
    """The counts by name."""
    found = {}
    for line in COUNTS.read_text(encoding="utf-8").splitlines()[1:]:
        name, trips, read, write = line.rsplit(maxsplit=3)
        found[name.strip()] = Units(int(trips), float(read), float(write))
    return found


def following(name: str) -> Mapping[str, Units]:
    """What follows an operation through the bus, by function."""
    start = f"{name} > "
    return {known.removeprefix(start): units for known, units in counted().items() if known.startswith(start)}


def altogether(name: str) -> Units:
    """An operation and what follows it; of a run of the clean-up what it costs more than one with nothing to do."""
    known = sum(following(name).values(), counted()[name])
    idle = counted()["cleanup: nothing is due"]
    return Units(known.trips, known.read - idle.read, known.write) if name.startswith("cleanup: ") else known


def operations() -> Iterator[str]:
    """The lines of the table of operations."""
    yield "| operation | trips | read | write | and through the bus: read | write |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name in SHOWN:
        own, after = counted()[name], sum(following(name).values(), NONE)
        cells = [own.trips, f"{own.read:g}", f"{own.write:g}"]
        cells += [f"{after.read:g}", f"{after.write:g}"] if following(name) else ["", ""]
        yield f"| {name} | {' | '.join(map(str, cells))} |"


def month(offices: int) -> dict[str, float]:
    """What so many offices cost in a month, by service, in US dollars."""
    used = [(altogether(name), times * offices) for name, times in USE.items()]
    used += [(counted()[f"{AUDIT} > access"], COLLABORATIONS * NIGHTS * offices)]
    used += [(counted()[name], times) for name, times in RUNS.items()]
    read, write = (sum(getattr(units, unit) * times for units, times in used) for unit in ("read", "write"))
    operations_called = offices * sum(times for name, times in USE.items() if ":" not in name)
    loads = offices * PAGE_LOADS
    files = loads * FILES_OF_A_PAGE
    http = operations_called + files
    writing = offices * sum(times for name, times in USE.items() if altogether(name).write)
    # A writing call wakes the publisher; each of its events wakes one function. The audit looks at a hundred at once.
    background = writing * (1 + EVENTS_PER_WRITING_CALL) + offices * NIGHTS + sum(RUNS.values())
    events = writing * EVENTS_PER_WRITING_CALL + offices * NIGHTS
    seconds = operations_called * HTTP_SECONDS + files * FILE_SECONDS + background * BACKGROUND_SECONDS
    each_second = min(operations_called + background, FUNCTIONS * SECONDS_OF_A_MONTH)
    traces = each_second + (operations_called + background - each_second) * TRACED
    # The files of a load come together: of one function, within two seconds.
    traces += loads * 2 + files * TRACED
    stored, logs = offices * STORED_GB, (http + background) * LOG_KB_PER_CALL / MILLION
    price = PRICES
    return {
        "DynamoDB writes": write / MILLION * price["write units, per million"],
        "DynamoDB reads": read / MILLION * price["read units, per million"],
        "DynamoDB storage and recovery": stored * (price["storage, per GB"] + price["point-in-time recovery, per GB"]),
        "Lambda": (http + background) / MILLION * price["Lambda calls, per million"]
        + seconds * MEMORY_GB * price["Lambda on arm64, per GB-second"],
        "API Gateway (REST)": http / MILLION * price["REST API, per million"],
        "SES": offices * MAILS / 1000 * price["SES, per thousand mails"],
        "EventBridge and Scheduler": events / MILLION * price["EventBridge custom events, per million"],
        "Cognito": max(0, offices * SIGNED_IN - FREE_USERS) * price["Cognito Lite, per active user beyond 10 000"],
        "X-Ray, at most": traces / MILLION * price["X-Ray, per million traces"],
        "CloudWatch logs": logs * (price["CloudWatch logs taken in, per GB"] + price["CloudWatch logs kept, per GB"]),
        "CloudWatch metrics": METRICS * price["custom metric"],
        "alarms, dashboard, keys, secret": ALARMS * price["alarm"]
        + DASHBOARDS * price["dashboard"]
        + KEYS * price["KMS key"]
        + SECRETS * price["secret"],
    }


def months() -> Iterator[str]:
    """The lines of the table of months."""
    few, many = month(1000), month(100_000)
    yield "| US dollars a month | 1 000 offices | 100 000 offices |"
    yield "|---|--:|--:|"
    for name, dollars in few.items():
        yield f"| {name} | {_spaced(dollars)} | {_spaced(many[name])} |"
    yield f"| **together** | **{_spaced(sum(few.values()))}** | **{_spaced(sum(many.values()))}** |"
    yield f"| of which an office | {sum(few.values()) / 1000:.3f} | {sum(many.values()) / 100_000:.3f} |"


def _spaced(dollars: float) -> str:
    return f"{dollars:,.2f}".replace(",", " ") if dollars < 100 else f"{dollars:,.0f}".replace(",", " ")


def table() -> str:
    """Both tables, as they stand in README.md."""
    return "\n".join((*operations(), "", *months()))


def main(_arguments: list[str]) -> None:
    """Print them."""
    print(table())

"""What can only be tried on a deployed stack: one is brought up for all of it, and taken down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stack.client import Client
from stack.emulator import Emulator
from stack.laptop import bring_up
from support.template import PROJECT

from proof.gateway import gateway_cases
from proof.tally import tallied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.report import Effort, Row

PART = "deployed"


def prove(effort: Effort) -> Iterator[Row]:
    """What the gateway decides."""
    with Emulator(PROJECT / ".local") as emulator:
        client = Client(bring_up(PROJECT, emulator))
        cases = [*gateway_cases(client)]
        tokens = len({case.token for case in cases})
        yield tallied(
            PART,
            "every operation at the gateway without an ID token of the pool: 401",
            cases,
            f"{tokens} kinds of token: none, garbage, expired, forged, of another pool, access and refresh tokens",
        )

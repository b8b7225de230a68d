"""Clocks that tests set."""

from __future__ import annotations


class Seconds:
    """A monotonic clock that passes by sleeping, and by what takes long."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """The time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Pass."""
        self.slept.append(seconds)
        self.now += seconds

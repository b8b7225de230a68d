"""How long the table is waited for: one deadline per request, shared by all its calls, and pauses between attempts."""

import math
from collections.abc import Callable


def _standing_still() -> float:
    return 0.0


def _no_pause(_seconds: float) -> None:
    return


def _whole() -> float:
    return 1.0


class Deadline:
    """When a request has to be answered. Without a start it never comes.

    Args:
        monotonic: a clock in seconds that never goes back.
    """

    def __init__(self, monotonic: Callable[[], float] = _standing_still) -> None:
        self._monotonic = monotonic
        self._at = math.inf

    def start(self, seconds: float | None) -> None:
        """Begin a request that has to be answered in so many seconds; None for one that nobody waits for."""
        self._at = math.inf if seconds is None else self._monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until it comes: none or fewer when it has, infinitely many when there is none."""
        return self._at - self._monotonic()


class Backoff:
    """Pauses between attempts: exponential, with full jitter, and within the deadline.

    Args:
        deadline: the deadline of the request.
        sleep: waits so many seconds.
        random: a number from 0 up to 1.
    """

    # In seconds: the first pause at most, and any pause at most.
    FIRST = 0.025
    LONGEST = 0.8

    def __init__(
        self,
        deadline: Deadline | None = None,
        sleep: Callable[[float], None] = _no_pause,
        random: Callable[[], float] = _whole,
    ) -> None:
        self.deadline = deadline or Deadline()
        self._sleep = sleep
        self._random = random

    def wait(self, seconds: float, reserve: float) -> bool:
        """Wait so long, and tell whether there is then time left for something that takes `reserve` seconds."""
        if self.deadline.left <= seconds + reserve:
            return False
        self._sleep(seconds)
        return True

    def pause(self, attempt: int) -> bool:
        """Wait before the next attempt, and tell whether there is time for one.

        Args:
            attempt: how many attempts there were before the one that has just failed: 0 after the first.
        """
        seconds = self._random() * min(self.LONGEST, self.FIRST * 2 ** min(attempt, 16))
        if self.deadline.left <= seconds:
            return False
        self._sleep(seconds)
        return True

"""How fast mails are handed to the provider: at most so many a second, over all functions that send together."""

from collaboration.services import Services
from collaboration.storage.send_rate import take_turn

# What sending a mail takes at most, in seconds: the provider's time-outs, and recording what it answered.
SENDING = 16.0


class Pace:
    """Lets mails go one by one.

    Args:
        services: the clock, the table where all functions count, and the deadline of this call.
        per_second: how many mails may leave in a second.
    """

    def __init__(self, services: Services, per_second: int) -> None:
        self._services = services
        self._per_second = per_second

    def wait(self) -> bool:
        """Wait until a mail may leave, and tell whether there is time for it: the next one is due later if not.

        Raises:
            TableUnavailableError: the table does not answer.
        """
        backoff = self._services.backoff
        if not backoff.wait(0.0, SENDING):
            return False
        while True:
            now = self._services.clock()
            if take_turn(self._services.table, self._per_second, now):
                return True
            if not backoff.wait(1.0 - now.microsecond / 1_000_000, SENDING):
                return False

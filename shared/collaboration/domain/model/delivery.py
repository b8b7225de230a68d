"""What is known of a mail that was sent."""

from enum import StrEnum

from collaboration.domain.model.values import Delivery


class DeliveryState(StrEnum):
    """What is known of a mail. Of two reports the more lasting holds, whatever the order in which they come."""

    QUEUED = "queued"
    SENT = "sent"
    DELAYED = "delayed"
    FAILED = "failed"
    PERHAPS_BOUNCED = "perhaps-bounced"
    """It came back, and the provider cannot tell why: a mail that has arrived has arrived."""
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"

    @property
    def delivery(self) -> Delivery:
        """As the office sees it."""
        return Delivery.BOUNCED if self is DeliveryState.PERHAPS_BOUNCED else Delivery(self.value)

    @property
    def rank(self) -> str:
        """What sorts after the rank of every state that is less lasting."""
        return _RANKS[self]


# Version 0.1.0 wrote the digits; what it did not know stands between them.
_RANKS = {
    DeliveryState.QUEUED: "0",
    DeliveryState.SENT: "1",
    DeliveryState.DELAYED: "2",
    DeliveryState.FAILED: "2f",
    DeliveryState.PERHAPS_BOUNCED: "2p",
    DeliveryState.DELIVERED: "3",
    DeliveryState.BOUNCED: "5",
    DeliveryState.COMPLAINED: "6",
}

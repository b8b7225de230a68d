"""The token of a mailed link, `v1.<invitation>.<recipient>.<version>.<mac>`: made whenever it is needed, never stored.

The keys come from the outside. When they are rotated the one before stays valid for as long as an invitation may live.
A new version of a recipient kills that recipient's older links; a new key kills none, unless the older ones leaked.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256

from collaboration.domain.model.values import AgreementId, InvitationId
from collaboration.frozen import dataclass

_PREFIX = "v1"


@dataclass(frozen=True)
class TokenClaims:
    """What a token says: the agreement, the recipient's key, and the version of that recipient's link."""

    agreement: AgreementId
    recipient: str
    version: int


@dataclass(frozen=True)
class TokenSigner:
    """Makes and reads tokens with the key `current`, and reads those of `other` as well (None: there is none)."""

    current: bytes
    other: bytes | None = None

    def token(self, claims: TokenClaims) -> str:
        """The token that carries these claims."""
        claim = f"{_PREFIX}.{InvitationId.of(claims.agreement)}.{claims.recipient}.{claims.version}"
        return f"{claim}.{_mac(self.current, claim)}"

    def read(self, token: str) -> TokenClaims | None:
        """The claims of a token; None when it was not made here. Takes the same time whichever character is wrong."""
        # Every token that is made here is ASCII; other text might be none that can be encoded.
        if not token.isascii():
            return None
        claim, _, mac = token.rpartition(".")
        known = [key for key in (self.current, self.other) if key]
        if not any([hmac.compare_digest(_mac(key, claim).encode(), mac.encode()) for key in known]):  # noqa: C419
            return None
        _, invitation, recipient, version = claim.split(".")
        agreement = InvitationId(invitation).agreement
        return TokenClaims(agreement, recipient, int(version)) if agreement else None


# A process reads the keys every minute: until each knows a new key, links are signed with the one before.
ANNOUNCED_FOR = timedelta(minutes=10)

# The longest life of an invitation, from the last link that is signed with the key before: then no such link is good.
PREVIOUS_VALID_FOR = ANNOUNCED_FOR + timedelta(days=60)


class RotationTooSoonError(Exception):
    """Links that are signed with the key before may still be good; says until when."""


@dataclass(frozen=True)
class LinkKeys:
    """The keys that links are signed with, as their secret holds them.

    `previous`: the key before, empty where there is none; `rotated_at`: since when `current` is there (UTC), None where
    it was never rotated, or by hand: then `previous` is valid until it is taken out.
    """

    current: str
    previous: str = ""
    rotated_at: datetime | None = None

    @classmethod
    def parse(cls, secret: str) -> "LinkKeys":
        """The keys that the text of a secret holds.

        Raises:
            ValueError, KeyError: it holds none.
        """
        held = json.loads(secret)
        rotated_at = held.get("rotatedAt")
        return cls(held["current"], held["previous"], datetime.fromisoformat(rotated_at) if rotated_at else None)

    def secret(self) -> str:
        """The keys as the text of a secret."""
        held = {"current": self.current, "previous": self.previous}
        return json.dumps(held | ({"rotatedAt": self.rotated_at.isoformat()} if self.rotated_at else {}))

    @property
    def previous_until(self) -> datetime | None:
        """Until when links that are signed with the key before are good (UTC); None for no links, or no end."""
        return self.rotated_at + PREVIOUS_VALID_FOR if self.previous and self.rotated_at else None

    def rotated(self, new: str, now: datetime) -> "LinkKeys":
        """These keys with a new one: every link that is good stays good.

        Raises:
            RotationTooSoonError: the key before would be dropped while links that are signed with it may be good.
        """
        if self.previous_until and now < self.previous_until:
            raise RotationTooSoonError(f"{self.previous_until:%Y-%m-%d %H:%M} UTC")
        return LinkKeys(new, self.current, now)

    @staticmethod
    def replaced(new: str, now: datetime) -> "LinkKeys":
        """A new key in the place of all: every link that was ever signed is dead."""
        return LinkKeys(new, "", now)

    def signer(self, now: datetime) -> TokenSigner:
        """What signs and reads tokens at a time (UTC)."""
        current, previous = self.current.encode(), self.previous.encode()
        if not previous or (self.previous_until and now >= self.previous_until):
            return TokenSigner(current)
        if self.rotated_at and now < self.rotated_at + ANNOUNCED_FOR:
            return TokenSigner(previous, current)
        return TokenSigner(current, previous)


def _mac(key: bytes, claim: str) -> str:
    return urlsafe_b64encode(hmac.digest(key, claim.encode(), sha256)).rstrip(b"=").decode()

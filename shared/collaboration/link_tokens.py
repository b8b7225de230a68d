"""The token of a mailed link, `v1.<invitation>.<recipient>.<version>.<mac>`: made whenever it is needed, never stored.

The key comes from the outside; the one before it stays valid while keys are rotated. A new version of a recipient
kills that recipient's older links, a new key does not.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from collaboration.domain.model.values import AgreementId, InvitationId

_PREFIX = "v1"


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a token says: the agreement, the recipient's key, and the version of that recipient's link."""

    agreement: AgreementId
    recipient: str
    version: int


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Makes and reads tokens with the current key, and reads those of the previous one (`None`: there is none)."""

    current: bytes
    previous: bytes | None = None

    def token(self, claims: TokenClaims) -> str:
        """The token that carries these claims."""
        claim = f"{_PREFIX}.{InvitationId.of(claims.agreement)}.{claims.recipient}.{claims.version}"
        return f"{claim}.{_mac(self.current, claim)}"

    def read(self, token: str) -> TokenClaims | None:
        """The claims of a token; None when it was not made here. Takes the same time whatever is wrong."""
        claim, _, mac = token.rpartition(".")
        known = [key for key in (self.current, self.previous) if key]
        if not any([hmac.compare_digest(_mac(key, claim).encode(), mac.encode()) for key in known]):  # noqa: C419
            return None
        _, invitation, recipient, version = claim.split(".")
        agreement = InvitationId(invitation).agreement
        return TokenClaims(agreement, recipient, int(version)) if agreement else None


def _mac(key: bytes, claim: str) -> str:
    return urlsafe_b64encode(hmac.digest(key, claim.encode(), sha256)).rstrip(b"=").decode()

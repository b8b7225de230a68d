"""Who may open what, kept true: woken by the bus whenever that may have changed."""

from typing import Any

from collaboration.commands.granting import refresh
from collaboration.composition import services
from collaboration.domain.values import CollaborationId


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Bring the grants of the collaboration up to date; answers with how many changed."""
    agreement = CollaborationId(event["detail"]["collaborationId"]).agreement
    return {"changed": refresh(services(), agreement) if agreement else 0}

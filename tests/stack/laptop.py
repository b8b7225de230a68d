"""From a running emulator to a system that serves: deploy, check that mail can go out, make the logins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stack import demonstration, people, stack_file
from stack.aws import Aws
from stack.deployment import DeploymentError, deploy

if TYPE_CHECKING:
    from pathlib import Path

    from stack.emulator import Emulator


def bring_up(project: Path, emulator: Emulator) -> dict[str, Any]:
    """Deploy `project` to the emulator and make the demonstration's logins; what `.local/stack.json` says of it."""
    deployment = deploy(project, emulator.endpoint)
    aws = Aws(emulator.endpoint)
    require_verified_sender(aws)
    everybody = demonstration.people()
    for person in everybody:
        people.create(aws, deployment.user_pool_id, person)
    return stack_file.described(deployment, everybody)


def require_verified_sender(aws: Aws) -> None:
    """Raise unless there is a verified identity to send mail from: without one every mail would be refused."""
    identities = aws.mail.list_email_identities()["EmailIdentities"]
    if not any(identity.get("SendingEnabled") for identity in identities):
        raise DeploymentError("no verified mail identity: template.yaml should make the one that mails are sent from")

"""Rotate the keys that links in mails are signed with: in the running stack, or in a stack on AWS."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from collaboration.link_tokens import ANNOUNCED_FOR, LinkKeys, RotationTooSoonError

from stack.later import CLOCK
from stack.narration import say
from stack.versions import environment

if TYPE_CHECKING:
    from stack.target import Target

# The setting of a function that reads the keys.
SECRET = "LINK_SECRET_ARN"

# What one character of a key is worth is 6 bits: 384 in all.
KEY_BYTES = 48


class RotationError(Exception):
    """The keys were left as they are; says why."""


def rotate(target: Target, *, leaked: bool) -> None:
    """Put a new key in the place of the current one, which stays valid; where keys have leaked, in the place of all.

    Raises:
        RotationError: links that are still good would die, and none are said to have leaked.
    """
    secret = target.resource("LinkSecret")
    names = [it["PhysicalResourceId"] for it in target.resources() if it["ResourceType"] == "AWS::Lambda::Function"]
    environments = [variables for name in names if SECRET in (variables := environment(target.functions, name))]
    offset = max(int(variables.get(CLOCK, "0")) for variables in environments)
    now = (datetime.now(UTC) + timedelta(seconds=offset)).replace(microsecond=0)
    new = secrets.token_urlsafe(KEY_BYTES)
    if leaked:
        keys = LinkKeys.replaced(new, now)
    else:
        present = LinkKeys.parse(target.secrets.get_secret_value(SecretId=secret)["SecretString"])
        try:
            keys = present.rotated(new, now)
        except RotationTooSoonError as until:
            raise RotationError(
                f"links that are signed with the key before this one are good until {until}: rotate after that, "
                "or with LEAKED=1, which kills every link"
            ) from until
    target.secrets.put_secret_value(SecretId=secret, SecretString=keys.secret())
    if leaked:
        # Functions are left alone: an alias that points at another version than CloudFormation knows of would stop the
        # next gradual deployment.
        say("All keys are replaced: within a minute every link that was ever mailed is dead.")
        say("Whoever has to answer gets a new link when the office resends the request.")
        return
    minutes = ANNOUNCED_FOR.seconds // 60
    say(f"The keys are rotated: links are signed with the new one in {minutes} minutes, when every process knows it.")
    say(f"Links that were mailed before stay good; the key before is dropped on {keys.previous_until:%Y-%m-%d}.")

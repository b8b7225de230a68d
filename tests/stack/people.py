"""The people who can sign in: made in the user pool as its administrator makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from stack.aws import Aws

# Theirs alone: the pool exists on this machine and is gone when the stack ends.
PASSWORD = "Collaborate-2026!"

PLATFORM_GROUP = "platform"


@dataclass(frozen=True)
class Person:
    """Somebody with a login; the user name is an e-mail address."""

    username: str
    role: Literal["platform", "employee", "account-user"]
    office_id: str | None = None
    employee_id: str | None = None

    def described(self) -> dict[str, str]:
        """As `.local/stack.json` tells outside clients."""
        described = {"username": self.username, "password": PASSWORD, "role": self.role, "email": self.username}
        if self.office_id and self.employee_id:
            described |= {"officeId": self.office_id, "employeeId": self.employee_id}
        return described


def create(aws: Aws, user_pool_id: str, person: Person) -> None:
    """Make the person's login, with a password that needs no change."""
    attributes = {"email": person.username, "email_verified": "true"}
    if person.office_id and person.employee_id:
        attributes |= {"custom:office_id": person.office_id, "custom:employee_id": person.employee_id}
    aws.cognito.admin_create_user(
        UserPoolId=user_pool_id,
        Username=person.username,
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        MessageAction="SUPPRESS",
    )
    aws.cognito.admin_set_user_password(
        UserPoolId=user_pool_id, Username=person.username, Password=PASSWORD, Permanent=True
    )
    if person.role == "platform":
        aws.cognito.admin_add_user_to_group(UserPoolId=user_pool_id, Username=person.username, GroupName=PLATFORM_GROUP)

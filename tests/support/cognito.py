"""Cognito's user pool as its documentation has it, in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from support.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from support.permissions import Permissions

LARGEST_PAGE = 60


@dataclass(frozen=True)
class PoolUser:
    """A login: UNCONFIRMED, CONFIRMED, FORCE_CHANGE_PASSWORD, ...; `factors`: asked for beside a password."""

    status: str
    created_at: datetime
    factors: tuple[str, ...] = ()


@dataclass
class FakeCognitoClient:
    """A client of one pool.

    `filters`: whether it keeps to filters; the emulator knows none of a status. `failing`: usernames that it cannot
    delete. `fault`: what every call raises. `before_look`: called with a username before it is looked up; `looked_up`:
    for whom that was.
    """

    permissions: Permissions
    users: dict[str, PoolUser] = field(default_factory=dict)
    filters: bool = True
    failing: set[str] = field(default_factory=set)
    fault: Exception | None = None
    before_look: Callable[[str], None] | None = None
    looked_up: list[str] = field(default_factory=list)

    def list_users(
        self,
        *,
        UserPoolId: str,  # noqa: N803 - as the SDK names it
        Filter: str,  # noqa: N803
        AttributesToGet: list[str],  # noqa: N803
        Limit: int,  # noqa: N803
        PaginationToken: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        """A page of the users that the filter lets through."""
        self._called("ListUsers")
        assert (UserPoolId, AttributesToGet) == ("pool", ["sub"])
        assert 0 < Limit <= LARGEST_PAGE
        parts = re.fullmatch(r'(username|cognito:user_status) = "((?:[^"\\]|\\.)*)"', Filter)
        assert parts is not None, Filter
        attribute, value = parts[1], re.sub(r"\\(.)", r"\1", parts[2])
        if attribute == "username":
            self.looked_up.append(value)
            if self.before_look:
                self.before_look(value)
        compared = {name: name if attribute == "username" else user.status for name, user in self.users.items()}
        found = sorted(name for name, compared_to in compared.items() if not self.filters or compared_to == value)
        names = [name for name in found if name > PaginationToken]
        answer: dict[str, Any] = {"Users": [self._user(name) for name in names[:Limit]]}
        return {**answer, "PaginationToken": names[Limit - 1]} if len(names) > Limit else answer

    def admin_get_user(self, *, UserPoolId: str, Username: str) -> dict[str, Any]:  # noqa: N803
        """One user; without a list of factors where there are none."""
        self._called("AdminGetUser")
        assert UserPoolId == "pool"
        if Username not in self.users:
            raise ClientError({"Error": {"Code": "UserNotFoundException", "Message": Username}}, "AdminGetUser")
        user = self.users[Username]
        found = {"Username": Username, "UserStatus": user.status, "UserCreateDate": user.created_at}
        return {**found, "UserMFASettingList": list(user.factors)} if user.factors else found

    def admin_delete_user(self, *, UserPoolId: str, Username: str) -> dict[str, Any]:  # noqa: N803
        """Delete a user."""
        self._called("AdminDeleteUser")
        assert UserPoolId == "pool"
        if Username not in self.users:
            raise ClientError({"Error": {"Code": "UserNotFoundException"}}, "AdminDeleteUser")
        if Username in self.failing:
            raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": Username}}, "AdminDeleteUser")
        del self.users[Username]
        return {}

    def confirm(self, username: str) -> None:
        """The owner enters the code."""
        self.users[username] = replace(self.users[username], status="CONFIRMED")

    def _called(self, operation: str) -> None:
        self.permissions.use(Permission(f"cognito-idp:{operation}", "UserPool.Arn"))
        if self.fault:
            raise self.fault

    def _user(self, name: str) -> dict[str, Any]:
        user = self.users[name]
        return {"Username": name, "UserStatus": user.status, "UserCreateDate": user.created_at, "Attributes": []}

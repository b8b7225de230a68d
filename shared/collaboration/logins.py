"""Logins of the user pool that somebody asked for and nobody confirmed: deleted after a week."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from collaboration.frozen import dataclass
from collaboration.services import Failure, Services

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import ListUsersRequestTypeDef, UserTypeTypeDef

# The code that confirms a login is good for a day, and can be asked for anew.
KEPT = timedelta(days=7)

# A run deletes so many at most.
AT_ONCE = 500

# A run begins with nothing more when so many seconds are left.
_RESERVE = 20.0

_UNCONFIRMED = "UNCONFIRMED"

# What ListUsers gives in one answer at most.
_PAGE = 60


@dataclass(frozen=True)
class Login:
    """A login, and when somebody asked for it."""

    username: str
    is_confirmed: bool
    created_at: datetime


def is_abandoned(login: Login, now: datetime) -> bool:
    """Whether nobody has confirmed a login for so long that it is to go."""
    return not login.is_confirmed and login.created_at <= now - KEPT


class UserPool:
    """The logins of a user pool of Cognito.

    Args:
        client: a Cognito client.
        pool_id: the pool.
    """

    def __init__(self, client: "CognitoIdentityProviderClient", pool_id: str) -> None:
        self._client = client
        self._pool_id = pool_id

    def unconfirmed(self) -> Iterator[Login]:
        """The logins that nobody has confirmed, in no order; others too where the pool does not filter.

        Raises:
            BotoCoreError, ClientError: the pool does not answer.
        """
        wanted = self._search("cognito:user_status", _UNCONFIRMED)
        while True:
            answer = self._client.list_users(**wanted)
            yield from map(_login, answer["Users"])
            if not answer.get("PaginationToken"):
                return
            wanted["PaginationToken"] = answer["PaginationToken"]

    def delete_unconfirmed(self, username: str) -> bool:
        """Delete a login that nobody has confirmed. False: it is gone, or was confirmed since it was listed.

        Raises:
            BotoCoreError, ClientError: the pool does not answer.
        """
        # By a search: whom AdminGetUser looks up is an active user of the month, and paid for.
        found = map(_login, self._client.list_users(**self._search("username", username))["Users"])
        if not any(login.username == username and not login.is_confirmed for login in found):
            return False
        try:
            self._client.admin_delete_user(UserPoolId=self._pool_id, Username=username)
        except ClientError as error:
            if error.response["Error"]["Code"] == "UserNotFoundException":
                return False
            raise
        return True

    def has_second_factor(self, username: str) -> bool:
        """Whether somebody has paired an authenticator app, which the pool asks for a code at each sign-in.

        Raises:
            BotoCoreError, ClientError: the pool does not answer, or knows nobody of that name.
        """
        found = self._client.admin_get_user(UserPoolId=self._pool_id, Username=username)
        return "SOFTWARE_TOKEN_MFA" in found.get("UserMFASettingList", ())

    def _search(self, attribute: str, value: str) -> "ListUsersRequestTypeDef":
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        # The address is not asked for: nothing here has to know it.
        return {
            "UserPoolId": self._pool_id,
            "Filter": f'{attribute} = "{quoted}"',
            "AttributesToGet": ["sub"],
            "Limit": _PAGE,
        }


def _login(user: "UserTypeTypeDef") -> Login:
    return Login(user["Username"], user["UserStatus"] != _UNCONFIRMED, user["UserCreateDate"])


@dataclass(frozen=True)
class Purge:
    """What a run has done: how many logins are gone, what could not be deleted, and whether some are left."""

    deleted: int
    failures: tuple[Failure, ...]
    is_cut_short: bool


def purge(pool: UserPool, services: Services) -> Purge:
    """Delete the logins that nobody has confirmed for a week, `AT_ONCE` at most and within the time that is left.

    What a run leaves is deleted by the next. One that cannot be deleted stops no other.

    Raises:
        BotoCoreError, ClientError: the pool does not list its logins.
    """
    now = services.clock()
    abandoned: list[Login] = []
    is_cut_short = False
    for login in pool.unconfirmed():
        if is_abandoned(login, now):
            abandoned.append(login)
        if len(abandoned) > AT_ONCE or services.deadline.left < _RESERVE:
            is_cut_short = True
            break
    deleted, failures = 0, []
    for login in abandoned[:AT_ONCE]:
        try:
            deleted += pool.delete_unconfirmed(login.username)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others go
            # A username may be an address: a failure names nobody.
            failures.append(Failure.of(error))
        if services.deadline.left < _RESERVE:
            is_cut_short = True
            break
    return Purge(deleted, tuple(failures), is_cut_short)

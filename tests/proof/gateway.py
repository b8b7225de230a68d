"""What the gateway of a deployed stack lets through: nothing, on every operation, of tokens that prove nothing."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from collaboration.http.openapi import document
from stack import people
from stack.client import Caller, Client, until
from stack.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

# Signed by the pool: the gateway lets them through (the emulator's, a refresh token too), and the functions do not.
OF_THE_POOL = ACCESS_TOKEN, REFRESH_TOKEN = "an access token", "a refresh token"

# Any id will do: nobody comes as far as that it is looked at.
_IDS = {"invitationId": "inv-aaaaaaaaaaaa", "collaborationId": "col-aaaaaaaaaaaa"}


@dataclass(frozen=True)
class GatewayCase:
    """A call with a token that proves nothing, and what it was answered."""

    operation: str
    token: str
    status: int
    by_function: bool

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the answer."""
        if self.status != HTTPStatus.UNAUTHORIZED:
            return (f"answered {self.status}",)
        return ("let through by the gateway",) if self.by_function and self.token not in OF_THE_POOL else ()

    def __str__(self) -> str:
        """For whoever reads the failure."""
        return f"{self.operation} with {self.token}: {'; '.join(self.faults)}"


def gateway_cases(client: Client) -> Iterator[GatewayCase]:
    """Each operation that has to be signed in for, with each token that is none of an ID token of the pool."""
    tokens = worthless_tokens(client)
    for path, item in document()["paths"].items():
        url = path
        for name in {name.strip("{}") for name in path.split("/") if name.startswith("{")}:
            url = url.replace(f"{{{name}}}", _IDS.get(name, "some-id"))
        for method, described in item.items():
            if not described["security"]:
                continue
            body: Any = {} if "requestBody" in described else None
            for name, token in tokens.items():
                headers = {} if token is None else {"Authorization": token}
                answer = client.anyone.call(method.upper(), url, body, headers)
                # Every answer of a function has this header, and none of the gateway's own.
                by_function = "Referrer-Policy" in answer.headers
                yield GatewayCase(described["operationId"], name, answer.status, by_function)


def worthless_tokens(client: Client) -> dict[str, str | None]:
    """What may stand in `Authorization`, by what it is; None is no such header."""
    username = "platform@spiris.example"
    signed = _signed_in(client, client.stack["userPoolClientId"], username)
    good = signed["IdToken"]
    head, claims, signature = good.split(".")
    read = json.loads(base64.urlsafe_b64decode(claims + "=="))
    platform = _encoded({**read, "cognito:groups": ["platform"], "custom:office_id": "ek-lind"})
    none = _encoded({"alg": "none", "typ": "JWT"})
    # The token is sound but for its signature: this call shows that it is good as it stands.
    assert Caller(client.anyone.api_url, good).get("/me").status == HTTPStatus.OK
    return {
        "no token": None,
        "an empty token": "Bearer ",
        "garbage": "Bearer garbage",
        "garbage in three parts": "Bearer a.b.c",
        "another scheme": "Basic YW5uYTphbm5h",
        "no signature": f"Bearer {head}.{claims}.",
        "the algorithm none": f"Bearer {none}.{platform}.",
        "claims of one's own": f"Bearer {head}.{platform}.{signature}",
        "another signature": f"Bearer {head}.{claims}.{signature[::-1]}",
        "an expired token": f"Bearer {_expired(client, username)}",
        "a token of another pool": f"Bearer {_of_another_pool(client)}",
        ACCESS_TOKEN: f"Bearer {signed['AccessToken']}",
        REFRESH_TOKEN: f"Bearer {signed['RefreshToken']}",
    }


def _encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _signed_in(client: Client, app_client: str, username: str) -> AuthenticationResultTypeTypeDef:
    answer = client.aws.cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=app_client,
        AuthParameters={"USERNAME": username, "PASSWORD": people.PASSWORD},
    )
    return answer["AuthenticationResult"]


def _expired(client: Client, username: str) -> str:
    """An ID token of the pool that was good for a second, and is not any more."""
    short = client.aws.cognito.create_user_pool_client(
        UserPoolId=client.stack["userPoolId"],
        ClientName=f"short-{uuid.uuid4().hex[:8]}",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ReadAttributes=["email", "email_verified", "name", "custom:office_id", "custom:employee_id"],
        IdTokenValidity=1,
        # AWS takes five minutes at least; the emulator lets it be a second.
        TokenValidityUnits={"IdToken": "seconds"},
    )
    token = _signed_in(client, short["UserPoolClient"]["ClientId"], username)["IdToken"]
    caller = Caller(client.anyone.api_url, token)
    until(lambda: caller.get("/me").status == HTTPStatus.UNAUTHORIZED, "the end of a token's second")
    return token


def _of_another_pool(client: Client) -> str:
    """An ID token with an employee's attributes, of a pool that anybody could make."""
    cognito = client.aws.cognito
    names = ("office_id", "employee_id")
    pool = cognito.create_user_pool(
        PoolName=f"other-{uuid.uuid4().hex[:8]}",
        UsernameAttributes=["email"],
        Schema=[{"Name": name, "AttributeDataType": "String", "Mutable": True} for name in names],
    )["UserPool"]["Id"]
    cognito.create_group(UserPoolId=pool, GroupName=people.PLATFORM_GROUP)
    app_client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="other", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )["UserPoolClient"]["ClientId"]
    person = Person("anna.ek@ek-lind.example", "platform", "ek-lind", "anna")
    people.create(client.aws, pool, person)
    return _signed_in(client, app_client, person.username)["IdToken"]

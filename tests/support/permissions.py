"""What the policies of template.yaml grant each function, held against what its handlers call."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from support.template import template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType


class Permission(NamedTuple):
    """An action of IAM on a resource of the template."""

    action: str
    resource: str


PUT_EVENTS = Permission("events:PutEvents", "EventBus.Arn")
GET_SECRET = Permission("secretsmanager:GetSecretValue", "LinkSecret")
SEND_MAIL = Permission("ses:SendEmail", "identity")
_TABLE = "Table.Arn"
# What DynamoDB asks for an action of a transaction: a permission of its own each, and none for the transaction.
_ACTIONS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


@lru_cache
def granted(folder: str) -> frozenset[Permission]:
    """What the policy of a function grants."""
    [function] = [
        resource["Properties"]
        for resource in template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function" and resource["Properties"]["CodeUri"].endswith(f"/{folder}/")
    ]
    return frozenset(
        Permission(action, _name(resource))
        for statement in own_statements(function)
        if statement["Effect"] == "Allow"
        for action in _several(statement["Action"])
        for resource in _several(statement["Resource"])
    )


def own_statements(function: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of a function's policy, given its properties; of one that stands by itself too."""
    for policy in function.get("Policies", ()):
        yield from policy["Statement"]
    [name] = [name for name, found in template()["Resources"].items() if found.get("Properties") is function]
    for resource in template()["Resources"].values():
        if resource["Type"] == "AWS::IAM::Policy" and {"Ref": f"{name}Role"} in resource["Properties"]["Roles"]:
            yield from resource["Properties"]["PolicyDocument"]["Statement"]


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(resource: dict[str, Any]) -> str:
    [(_, value)] = resource.items()
    # `!Sub` with variables of its own is a list that begins with the text.
    named: str = _several(value)[0]
    # A mail is sent from the identity through the configuration set: SES asks for both.
    return SEND_MAIL.resource if ":ses:" in named else named.replace("${Table.Arn}", _TABLE)


class Permissions:
    """The permissions that running functions use. One that no policy of theirs grants fails the test."""

    def __init__(self) -> None:
        self.used: dict[str, set[Permission]] = defaultdict(set)
        self._running: list[str] = []
        self._lock = Lock()

    @contextmanager
    def running(self, folder: str) -> Iterator[None]:
        """While a function runs. Several may, in threads or one within another: then any of them may have called."""
        with self._lock:
            self._running.append(folder)
        try:
            yield
        finally:
            with self._lock:
                self._running.remove(folder)

    def use(self, permission: Permission) -> None:
        """A call that needs the permission; by a test itself, where no function runs."""
        with self._lock:
            running = [*self._running]
        if not running:
            return
        assert any(permission in granted(folder) for folder in running), f"{running}: {permission} is not granted"
        for folder in running:
            self.used[folder].add(permission)


class PermittedClient:
    """A client of DynamoDB whose calls need permissions."""

    def __init__(self, client: Any, permissions: Permissions) -> None:
        self._client = client
        self._permissions = permissions

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_get_item(self, **parameters: Any) -> Any:
        """As the client's."""
        self._permissions.use(Permission("dynamodb:BatchGetItem", _TABLE))
        return self._client.batch_get_item(**parameters)

    def query(self, **parameters: Any) -> Any:
        """As the client's."""
        index = parameters.get("IndexName")
        self._permissions.use(Permission("dynamodb:Query", f"{_TABLE}/index/{index}" if index else _TABLE))
        return self._client.query(**parameters)

    def update_item(self, **parameters: Any) -> Any:
        """As the client's."""
        self._permissions.use(Permission("dynamodb:UpdateItem", _TABLE))
        return self._client.update_item(**parameters)

    def transact_write_items(self, **parameters: Any) -> Any:
        """As the client's."""
        for action in parameters["TransactItems"]:
            [verb] = action
            self._permissions.use(Permission(f"dynamodb:{_ACTIONS[verb]}", _TABLE))
        return self._client.transact_write_items(**parameters)


class PermittedSesClient:
    """A client of SES whose calls need a permission."""

    def __init__(self, client: Any, permissions: Permissions) -> None:
        self._client, self._permissions = client, permissions

    def send_email(self, **parameters: Any) -> Any:
        """As the client's."""
        self._permissions.use(SEND_MAIL)
        return self._client.send_email(**parameters)


class Function:
    """A function whose calls need the permissions of its policy."""

    def __init__(self, folder: str, module: ModuleType, permissions: Permissions) -> None:
        self._folder, self._module, self._permissions = folder, module, permissions

    def handler(self, event: Any, context: object) -> Any:
        """As the module's."""
        with self._permissions.running(self._folder):
            return self._module.handler(event, context)


def permitted(modules: Mapping[str, ModuleType], permissions: Permissions) -> dict[str, Function]:
    """The functions by their folders."""
    return {folder: Function(folder, module, permissions) for folder, module in modules.items()}

"""The directory's values as answers show them."""

from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from collaboration.domain.model.accounts import AccountRecord
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.values import AccountId, CustomerId, EmployeeId, OfficeId, TaskId, Value


class DirectoryResponse(Value):
    """What was put comes back as it was put: an option that was left out is left out again."""

    @model_serializer(mode="wrap")
    def _as_put(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = handler(self)
        for name in ("contact", "subscriptions"):
            if name in fields:
                fields[name] = _without_nulls(fields[name])
        return {name: value for name, value in fields.items() if value is not None or name == "mainContact"}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, (list, tuple)) else value


class OfficeResponse(DirectoryResponse, Office):
    """An office as it was put."""

    id: OfficeId


class EmployeeResponse(DirectoryResponse, Employee):
    """An employee as they were put."""

    id: EmployeeId


class CustomerResponse(DirectoryResponse, Customer):
    """A customer as it was put."""

    id: CustomerId


class TaskResponse(DirectoryResponse, Task):
    """A task as it was put."""

    id: TaskId


class AccountResponse(DirectoryResponse, AccountRecord):
    """An account as it was put, with the subscriptions that collaborations keep."""

    id: AccountId

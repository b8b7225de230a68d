"""Employees of the office, as its other employees find them."""

from collaboration.domain.model.directory import Employee
from collaboration.domain.model.values import EmployeeId, folded
from collaboration.queries.paging import Listed, PageRequest, list_page
from collaboration.services import Caller, Services
from collaboration.storage import items, lists


def list_employees(
    services: Services, caller: Caller, query: str, page: PageRequest
) -> Listed[tuple[EmployeeId, Employee]]:
    """The office's employees by name, active or not. `query`: part of the name, without case and accents.

    Raises:
        RefusedError: `not-allowed`, the caller is unknown or inactive; `malformed-request`, the cursor is of another
            list.
        TableUnavailableError: the table does not answer.
    """
    part = folded(query)

    def read(item: items.Item, _: items.Item | None) -> tuple[EmployeeId, Employee]:
        return items.employee_id_of(item), items.parsed(Employee, item)

    return list_page(
        services,
        caller,
        page,
        lists.employees_of(caller.office_id),
        part,
        read,
        lambda row: part in folded(row[1].name),
        filtered=bool(part),
        newest_first=False,
    )

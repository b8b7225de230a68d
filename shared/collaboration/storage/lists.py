"""Lists of the table, read page by page: rows of an office, of an account, of one partition.

A position is the sort key of the row after which a page starts. It names a place and nothing else: the partition is
always the caller's own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from collaboration.domain.model.values import AccountId, AgreementId, CustomerId, Email, EmployeeId, OfficeId, TaskId
from collaboration.frozen import dataclass
from collaboration.storage import items, keys
from collaboration.storage.delivery import rows_of
from collaboration.storage.items import Attribute, Item
from collaboration.storage.markers import Marker
from collaboration.storage.table import Table


@dataclass(frozen=True)
class RowList:
    """A partition of the index of lists.

    `key_of` gives the key in the table of the row at a position; it raises ValueError for what is no position.
    `items_per_row`: 2 for rows that have the item of their mails beside them.
    """

    partition: str
    key_of: Callable[[str], keys.Key]
    items_per_row: int = 1


Row: TypeAlias = tuple[Item, Item | None]
"""A row of a list, and the item of its mails where it has one."""


def collaborations_of(office_id: OfficeId) -> RowList:
    """The collaborations of an office, oldest first."""
    return RowList(
        keys.collaboration_list(office_id),
        lambda position: keys.collaboration(AgreementId(position.partition("#")[2])),
        items_per_row=2,
    )


def invitations_of(office_id: OfficeId) -> RowList:
    """The invitations of an office, oldest first."""
    return RowList(
        keys.invitation_list(office_id),
        lambda position: keys.invitation(AgreementId(position.partition("#")[2])),
        items_per_row=2,
    )


def customers_of(office_id: OfficeId) -> RowList:
    """The customers of an office, by name."""
    return RowList(
        keys.customer_list(office_id),
        lambda position: keys.customer(office_id, CustomerId(position.rpartition("#")[2])),
    )


def collaborations_of_customer(office_id: OfficeId, customer_id: CustomerId) -> RowList:
    """The markers of an office's collaborations with a customer, oldest first."""
    return _of_customer(office_id, customer_id, keys.COLLABORATIONS)


def invitations_of_customer(office_id: OfficeId, customer_id: CustomerId) -> RowList:
    """The markers of an office's invitations to a customer, oldest first."""
    return _of_customer(office_id, customer_id, keys.INVITATIONS)


def _of_customer(office_id: OfficeId, customer_id: CustomerId, of: str) -> RowList:
    return RowList(
        keys.customer_marker_list(office_id, customer_id, of),
        lambda position: keys.customer_marker(AgreementId(position.partition("#")[2]), of),
    )


def marked(office_id: OfficeId, marker: Marker) -> RowList:
    """What is marked within an office, in the order of the marker's time."""
    return RowList(
        keys.marker_list(office_id, marker),
        lambda position: keys.marker(AgreementId(position.partition("#")[2]), marker),
    )


def employees_of(office_id: OfficeId) -> RowList:
    """The employees of an office, by name."""
    return RowList(
        keys.employee_list(office_id),
        lambda position: keys.employee(office_id, EmployeeId(position.rpartition("#")[2])),
    )


def tasks_of(office_id: OfficeId) -> RowList:
    """The tasks of an office, by customer and task."""
    return RowList(keys.task_list(office_id), lambda position: keys.task(office_id, *split_task_position(position)))


def offices() -> RowList:
    """All offices."""
    return RowList(keys.OFFICE_LIST, lambda position: keys.office(OfficeId(position)))


def task_position(customer_id: CustomerId, task_id: TaskId) -> str:
    """The position of a task among the tasks of its office."""
    return f"{customer_id}#{task_id}"


def split_task_position(position: str) -> tuple[CustomerId, TaskId]:
    """The customer and the task at a position among the tasks of an office."""
    customer_id, _, task_id = position.partition("#")
    return CustomerId(customer_id), TaskId(task_id)


def position_of(row: Item) -> str:
    """The position of a row in its list."""
    return items.string(row, "listSk")


def read_page(
    table: Table,
    rows: RowList,
    after: str | None = None,
    *,
    limit: int | None = None,
    newest_first: bool = False,
    until: str | None = None,
) -> tuple[list[Row], str | None]:
    """One query: the rows after a position, at most `limit` or a megabyte, and where to go on (None at the end).

    `until`: the greatest position that is wanted; None for all.

    Raises:
        ValueError: `after` is no position of the list.
        TableUnavailableError: the table does not answer.
    """
    start: Mapping[str, Attribute] | None = None
    if after is not None:
        start = {**items.key(rows.key_of(after)), "listPk": items.text(rows.partition), "listSk": items.text(after)}
    found, more = table.page(
        rows.partition,
        index=keys.LISTS,
        limit=limit and limit * rows.items_per_row,
        newest_first=newest_first,
        max_key=until,
        after=start,
    )
    read = rows_of(found)
    # Always the position of a row: an item whose row did not fit is read again with it.
    return read, position_of(read[-1][0]) if more and read else None


def all_rows(table: Table, rows: RowList, after: str | None = None, *, page_size: int | None = None) -> Iterator[Item]:
    """All rows after a position, as many queries as it takes.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    while True:
        found, after = read_page(table, rows, after, limit=page_size)
        yield from (row for row, _ in found)
        if after is None:
            return


def read_partition_page(
    table: Table, partition: str, prefix: str, after: str | None, limit: int
) -> tuple[list[Item], str | None]:
    """One query of the table itself, newest first: at most `limit` items after a position, and where to go on.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    start = items.key(keys.Key(partition, after)) if after else None
    found, more = table.page(partition, prefix=prefix, newest_first=True, limit=limit, after=start)
    return found, items.string(more, "sk") if more else None


def invitations_of_account(table: Table, account_id: AccountId) -> Iterator[Item]:
    """All invitations to an account, oldest first.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    return _of_account(table, account_id, keys.INVITATIONS_OF_ACCOUNT)


def collaborations_of_account(table: Table, account_id: AccountId) -> Iterator[Item]:
    """All collaborations of an account, oldest first.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    return _of_account(table, account_id, keys.COLLABORATIONS_OF_ACCOUNT)


def _of_account(table: Table, account_id: AccountId, prefix: str) -> Iterator[Item]:
    return table.all_pages(keys.account_list(account_id), index=keys.ACCOUNTS, prefix=prefix)


def grants_of_account(
    table: Table, account_id: AccountId, *, person: Email | None = None, since: str | None = None
) -> Iterator[Item]:
    """The grants of an account, person by person, in the order of the hashes of their addresses.

    Args:
        table: the table.
        account_id: the account.
        person: only those of the person with that address; None for all.
        since: only those of the person with that hash, and of persons after them; None for all.

    Raises:
        TableUnavailableError: the table does not answer.
    """
    if person is not None:
        yield from _of_account(table, account_id, keys.grants_of_person(person))
        return
    min_key, max_key = keys.grants_since(since)
    yield from table.all_pages(keys.account_list(account_id), index=keys.ACCOUNTS, min_key=min_key, max_key=max_key)


def account_position_of(row: Item) -> str:
    """The position of a row among those of its account: what started later sorts after."""
    return items.string(row, "accountSk")

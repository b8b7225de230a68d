"""Domain values to items of the table and back.

An item's `data` is the value as JSON; beside it stand the keys, what conditions look at, and what is written by
somebody else than the owner of the rest (the names in a list row), so that nobody overwrites anybody. Names of persons
in history are stored beside the entry, where they can be erased.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from collaboration import invocation
from collaboration.domain.model.attempt_limit import AttemptLimit
from collaboration.domain.model.collaboration import Collaboration, CollaborationState, ListRow
from collaboration.domain.model.directory import Customer, Employee, Office, Task
from collaboration.domain.model.faults import UnreadableError
from collaboration.domain.model.guard import Guard
from collaboration.domain.model.history import Entry
from collaboration.domain.model.invitation import Invitation, InvitationState, due_at, erasure_due_at
from collaboration.domain.model.values import (
    STORED,
    AccountId,
    AgreementId,
    CollaborationId,
    CompanyType,
    CustomerId,
    EmployeeId,
    OfficeId,
    OrganisationNumber,
    TaskId,
    Value,
    folded,
    local_midnight,
)
from collaboration.storage import delivery, keys, migration
from collaboration.storage.unreadable import readable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


Attribute: TypeAlias = "AttributeValueTypeDef"


Item = Mapping[str, Attribute]

# How many organisation numbers are kept that a customer or an account has left: a run reads what lies under each.
FORMER_NUMBERS = 5


Model = TypeVar("Model", bound=Value)


def text(value: str) -> Attribute:
    """A string attribute."""
    return {"S": value}


def number(value: int) -> Attribute:
    """A number attribute."""
    return {"N": str(value)}


def milliseconds(moment: datetime) -> Attribute:
    """A moment as a number that conditions can compare."""
    return number(round(moment.timestamp() * 1000))


def moment(attribute: Attribute) -> datetime:
    """The moment (UTC) that `milliseconds` has written."""
    return keys.moment(int(attribute["N"]))


Exclusion: TypeAlias = set[str] | Mapping[str, bool | Mapping[str, set[str]]]
"""Fields that are not written; of a field that is a map, the fields of its values (`__all__`)."""


def data(value: Value, *, without: Exclusion | None = None, defaults: bool = False) -> Attribute:
    """A value as JSON. What is at its default is left out, which keeps an item small."""
    excluded: Any = without
    return text(value.model_dump_json(by_alias=True, exclude_defaults=not defaults, exclude=excluded))


def size_of_data(item: Item) -> int:
    """How many bytes the value of an item has, as JSON; none where the item holds no value."""
    return len(item["data"]["S"].encode()) if "data" in item else 0


def key(item_key: keys.Key) -> dict[str, Attribute]:
    """The key attributes of an item."""
    return {"pk": text(item_key.pk), "sk": text(item_key.sk)}


def due_attributes(kind: str, name: str, at: datetime, *, of: str = "") -> dict[str, Attribute]:
    """What makes an item due at a time.

    Args:
        kind: the kind of work: `INVITATION`, `END`, `RENEWAL` or `MAIL`.
        name: whose work it is; it also spreads the work over the partitions of the index.
        at: when it is due.
        of: which work of `name`, where there may be several.
    """
    sort_key = f"{keys.sortable(at)}#{name}"
    return {"duePk": text(keys.due_shard(kind, name)), "dueSk": text(f"{sort_key}#{of}" if of else sort_key)}


def string(item: Item, name: str) -> str:
    """A string attribute of an item that always has it."""
    return item[name]["S"]


def integer(item: Item, name: str) -> int:
    """A number attribute, 0 where there is none."""
    return int(item[name]["N"]) if name in item else 0


def parsed(model: type[Model], item: Item) -> Model:
    """The value an item holds, without fields that only a newer version knows: `older-reads-newer`.

    Raises:
        UnreadableError: its form is not one that is known.
    """
    try:
        data, extra = migration.data_of(item), migration.unknown_fields(item)
        return model.model_validate_json(data, extra=extra, context=STORED)
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without the cause: that holds what is stored.
        raise UnreadableError(model.__name__.lower()) from None


def find_one(model: type[Model], found: Iterable[Item], sort_key: str) -> Model | None:
    """The one value of that sort key among the items of a partition."""
    return next((parsed(model, item) for item in found if string(item, "sk") == sort_key), None)


def find_office(found: Iterable[Item]) -> Office | None:
    """The office among the items of its partition."""
    return find_one(Office, found, "OFFICE")


def is_indexed(found: Iterable[Item]) -> bool:
    """Whether all that belongs to the office among these items has its index entries and markers.

    Version 0.1.0 wrote none by address, customer or state: of its offices the whole is read, until the backfill has
    written them.
    """
    return any(backfills(item) > 0 for item in found if string(item, "sk") == "OFFICE")


def backfills(office_item: Item) -> int:
    """How often what an office has was given the index entries that it lacked. A new office begins with 1."""
    return integer(office_item, "indexed")


def indexed(backfills: int) -> dict[str, Attribute]:
    """What stands beside an office that has its index entries: how often they were written."""
    return {"indexed": number(backfills)}


def office(item: Item) -> Office:
    """An office."""
    return parsed(Office, item)


def customer(item: Item) -> Customer:
    """A customer."""
    return parsed(Customer, item)


def find_customer(found: Iterable[Item]) -> Customer | None:
    """The customer among the items of its partition."""
    return find_one(Customer, found, "CUSTOMER")


def customers(found: Iterable[Item]) -> dict[CustomerId, Customer]:
    """The customers among items of any kind."""
    of_kind = (item for item in found if string(item, "sk") == "CUSTOMER")
    return {customer_id_of(item): value for item, value in readable(of_kind, customer)}


def customer_numbers(found: Iterable[Item]) -> tuple[OrganisationNumber, ...]:
    """The number of the customer among the items of its partition, and those it had before, which stand beside it."""
    item = next((item for item in found if string(item, "sk") == "CUSTOMER"), None)
    return (number_of_customer(item), *former_numbers(item)) if item else ()


def former_numbers(item: Item) -> tuple[OrganisationNumber, ...]:
    """The organisation numbers that a customer or an account has left, the latest first."""
    return tuple(OrganisationNumber(entry["S"]) for entry in item.get("formerNumbers", {}).get("L", ()))


def former_numbers_attribute(
    before: OrganisationNumber, former: Sequence[OrganisationNumber], number: OrganisationNumber
) -> Item:
    """The attribute that keeps the organisation numbers left, when `number` takes the place of `before`.

    Several, since one that is left may be left again before the access service has heard of it.
    """
    left = [*dict.fromkeys(other for other in (before, *former) if other != number)][:FORMER_NUMBERS]
    return {"formerNumbers": {"L": [text(other) for other in left]}} if left else {}


def customer_id_of(item: Item) -> CustomerId:
    """The customer in whose partition an item stands."""
    return CustomerId(string(item, "pk").rpartition("#")[2])


def employee_id_of(item: Item) -> EmployeeId:
    """The id of an employee's item."""
    return EmployeeId(string(item, "sk").removeprefix(keys.EMPLOYEES))


def task_id_of(item: Item) -> TaskId:
    """The id of a task's item."""
    return TaskId(string(item, "sk").removeprefix(keys.TASKS))


def number_of_customer(item: Item) -> OrganisationNumber:
    """The organisation number that stands beside a customer."""
    return OrganisationNumber(string(item, "organisationNumber"))


class LockedCompanyType(NamedTuple):
    """A company type that a collaboration locks while it is active, kept beside a customer who has left that type."""

    company_type: CompanyType
    owner: str


def locked_company_type(item: Item) -> LockedCompanyType | None:
    """The locked company type that stands beside a customer."""
    if "lockedType" not in item:
        return None
    return LockedCompanyType(CompanyType(string(item, "lockedType")), string(item, "lockedBy"))


def customer_attributes(locked: LockedCompanyType | None, before: Item | None, number: OrganisationNumber) -> Item:
    """What stands beside a customer: the locked company type, and the organisation numbers that it left."""
    kept = {"lockedType": text(locked.company_type), "lockedBy": text(locked.owner)} if locked else {}
    left = former_numbers_attribute(number_of_customer(before), former_numbers(before), number) if before else {}
    return {**kept, **left}


def customer_id_of_membership(item: Item) -> CustomerId:
    """The customer whose task an index entry of an employee's tasks points to."""
    return CustomerId(string(item, "sk").split("#")[1])


def account_of_person(item: Item) -> tuple[OrganisationNumber, AccountId]:
    """The account to which an index entry of an administrator's accounts points, after its organisation number."""
    _, number, account_id = string(item, "sk").split("#")
    return OrganisationNumber(number), AccountId(account_id)


def split_subscription_key(item: Item) -> tuple[OrganisationNumber, AccountId, str]:
    """The organisation number, the account and the solution of a subscription's item, by its key."""
    _, account_id, _, solution = string(item, "sk").split("#")
    return OrganisationNumber(string(item, "pk").partition("#")[2]), AccountId(account_id), solution


def is_pending(row: Item, now: datetime) -> bool:
    """Whether an invitation's row says that it is pending and has not expired at `now`."""
    return string(row, "state") == InvitationState.PENDING and integer(row, "expiresAt") > now.timestamp() * 1000


def is_of_account(row: Item, account_id: AccountId) -> bool:
    """Whether an invitation's or a collaboration's row is one of the account."""
    return "accountPk" in row and string(row, "accountPk") == keys.account_list(account_id)


def is_active(row: Item) -> bool:
    """Whether a collaboration's row says that it is active."""
    return string(row, "state") == CollaborationState.ACTIVE


def at(model: type[Model], found: Mapping[keys.Key, Item], item_key: keys.Key) -> Model | None:
    """The value at `item_key` among items that were asked for by key."""
    return parsed(model, found[item_key]) if item_key in found else None


def directory_item(
    item_key: keys.Key, value: Office | Employee | Customer | Task, revision: int, now: datetime
) -> dict[str, Attribute]:
    """A value of the directory, and when it changed; beside it what lists and conditions need to know of it."""
    item = {**key(item_key), "data": data(value), "revision": number(revision), "changedAt": milliseconds(now)}
    item |= correlation()
    if isinstance(value, Customer):
        office_id, customer_id = item_key.pk.split("#")[1:]
        item["organisationNumber"] = text(value.organisation_number)
        item["listPk"] = text(keys.customer_list(OfficeId(office_id)))
        item["listSk"] = text(f"{keys.in_order(value.name.casefold())}#{customer_id}")
    elif isinstance(value, Task):
        office_id, customer_id = item_key.pk.split("#")[1:]
        item["listPk"] = text(keys.task_list(OfficeId(office_id)))
        item["listSk"] = text(f"{customer_id}#{item_key.sk.removeprefix('TASK#')}")
    elif isinstance(value, Employee):
        office_id, employee_id = item_key.pk.removeprefix("OFFICE#"), item_key.sk.removeprefix("EMPLOYEE#")
        item["listPk"] = text(keys.employee_list(OfficeId(office_id)))
        item["listSk"] = text(f"{keys.in_order(folded(value.name))}#{employee_id}")
    elif isinstance(value, Office):
        item["listPk"] = text(keys.OFFICE_LIST)
        item["listSk"] = text(item_key.pk.removeprefix("OFFICE#"))
    return item


def unlinked_matching(found: Iterable[Item], office_id: OfficeId, solution: str) -> tuple[CollaborationId, ...]:
    """The unlinked collaborations of an office among the items of an organisation number, of that solution or none."""
    prefix = f"UNLINKED#{office_id}#"
    return tuple(
        CollaborationId(string(item, "sk").removeprefix(prefix))
        for item in found
        if string(item, "sk").startswith(prefix) and item.get("solution", text(solution)) == text(solution)
    )


def customers_by_number(found: Iterable[Item], office_id: OfficeId) -> tuple[CustomerId, ...]:
    """The customers of an office among the items of an organisation number."""
    prefix = f"CUSTOMER#{office_id}#"
    return tuple(
        CustomerId(string(item, "sk").removeprefix(prefix)) for item in found if string(item, "sk").startswith(prefix)
    )


def all_customers_by_number(found: Iterable[Item]) -> tuple[tuple[OfficeId, CustomerId], ...]:
    """The customers of all offices among the items of an organisation number."""
    parts = (string(item, "sk").split("#") for item in found if string(item, "sk").startswith("CUSTOMER#"))
    return tuple((OfficeId(office_id), CustomerId(customer_id)) for _, office_id, customer_id in parts)


def unlinked_by_solution(found: Iterable[Item]) -> dict[str, tuple[tuple[CollaborationId, OfficeId], ...]]:
    """The unlinked collaborations among the items of an organisation number, by solution, where that is known.

    Each with its office.
    """
    by_solution: dict[str, tuple[tuple[CollaborationId, OfficeId], ...]] = {}
    for item in found:
        if "solution" in item and string(item, "sk").startswith(keys.UNLINKED):
            solution, (_, office_id, name) = string(item, "solution"), string(item, "sk").split("#")
            by_solution[solution] = (*by_solution.get(solution, ()), (CollaborationId(name), OfficeId(office_id)))
    return by_solution


def unlinked_of(found: Iterable[Item], office_id: OfficeId | None = None) -> tuple[CollaborationId, ...]:
    """All unlinked collaborations among the items of an organisation number; of one office only, where it is given."""
    prefix = f"{keys.UNLINKED}{office_id}#" if office_id else keys.UNLINKED
    sort_keys = (string(item, "sk") for item in found)
    return tuple(CollaborationId(name.split("#")[2]) for name in sort_keys if name.startswith(prefix))


def employees(found: Iterable[Item]) -> dict[EmployeeId, Employee]:
    """The employees among the items of an office."""
    of_kind = (item for item in found if string(item, "sk").startswith(keys.EMPLOYEES))
    return {employee_id_of(item): value for item, value in readable(of_kind, lambda item: parsed(Employee, item))}


def tasks(found: Iterable[Item]) -> dict[TaskId, Task]:
    """The tasks among the items of a customer."""
    of_kind = (item for item in found if string(item, "sk").startswith(keys.TASKS))
    return {task_id_of(item): value for item, value in readable(of_kind, lambda item: parsed(Task, item))}


def guards(found: Iterable[Item]) -> dict[str, Guard]:
    """The guards among the items of a customer, by solution."""
    return {
        string(item, "sk").removeprefix("GUARD#"): guard(item)
        for item in found
        if string(item, "sk").startswith("GUARD#")
    }


def guard(item: Item) -> Guard:
    """A guard."""
    _, office_id, customer_id = string(item, "pk").split("#")
    return Guard(
        office_id=OfficeId(office_id),
        customer_id=CustomerId(customer_id),
        solution=string(item, "sk").removeprefix("GUARD#"),
        owner=string(item, "owner"),
        until=moment(item["until"]) if "until" in item else None,
    )


def guard_item(value: Guard) -> dict[str, Attribute]:
    """A guard. Without `until` it holds without end."""
    until = {"until": milliseconds(value.until)} if value.until else {}
    return {**key(keys.guard(value.office_id, value.customer_id, value.solution)), "owner": text(value.owner), **until}


def invitation_attributes(invitation: Invitation) -> dict[str, Attribute]:
    """What an invitation's own transitions write: everything but its key."""
    marks = {"delivery", "fetched_at", "fetches"}
    apart: Exclusion = {"revision": True, "notes": True, "obstacle": True, "recipients": {"__all__": marks}}
    attributes = {
        "data": data(invitation, without=apart),
        "state": text(invitation.state),
        "expiresAt": milliseconds(invitation.expires_at),
        "revision": number(invitation.revision),
        "listPk": text(keys.invitation_list(invitation.office_id)),
        "listSk": text(f"{keys.sortable(invitation.sent_at)}#{invitation.agreement}"),
        "accountPk": text(keys.account_list(invitation.account_id)),
        "accountSk": text(f"INVITATION#{keys.sortable(invitation.sent_at)}#{invitation.agreement}"),
    }
    if invitation.state is InvitationState.PENDING:
        attributes |= due_attributes("INVITATION", invitation.agreement, due_at(invitation))
    elif at := erasure_due_at(invitation):
        # Also of one that is erased: until everything beside it is erased as well, it is due.
        attributes |= due_attributes("ERASURE", invitation.agreement, at)
    return attributes


def invitation(item: Item, mails: Item | None = None) -> Invitation:
    """An invitation. `mails`: the item of what became of its mails; without it they are all queued."""
    found = parsed(Invitation, item)
    recipients = delivery.marked_recipients(migration.with_former_recipients(found.recipients, item), mails)
    return found.with_parts(
        recipients=recipients,
        revision=integer(item, "revision"),
        notes=integer(item, "notes"),
        obstacle=delivery.obstacle_of(mails),
    )


def invitation_at(found: Mapping[keys.Key, Item], agreement: AgreementId) -> Invitation | None:
    """The invitation of an agreement among items that were asked for by `keys.invitation_keys`."""
    item = found.get(keys.invitation(agreement))
    return invitation(item, found.get(keys.invitation_delivery(agreement))) if item else None


def invitations(found: Mapping[keys.Key, Item]) -> Iterator[Invitation]:
    """The invitations among items of any kind, with what became of the mails of those whose item is there too."""
    rows = (item for item_key, item in found.items() if item_key == keys.invitation(agreement_of(item)))
    for _, value in readable(
        rows, lambda item: invitation(item, found.get(keys.invitation_delivery(agreement_of(item))))
    ):
        yield value


def collaborations(found: Mapping[keys.Key, Item]) -> Iterator[Collaboration]:
    """The collaborations among items of any kind, with what became of the mails of those whose item is there too."""
    rows = (item for item_key, item in found.items() if item_key == keys.collaboration(agreement_of(item)))
    for _, value in readable(
        rows, lambda item: collaboration(item, found.get(keys.collaboration_delivery(agreement_of(item))))
    ):
        yield value


def collaboration_attributes(collaboration: Collaboration) -> dict[str, Attribute]:
    """What a collaboration's own transitions write: everything but its key."""
    written_elsewhere: Exclusion = {"list_row": True, "revision": True, "mails": {"__all__": {"delivery"}}}
    attributes = {
        "data": data(collaboration, without=written_elsewhere),
        "state": text(collaboration.state),
        "revision": number(collaboration.revision),
        "listPk": text(keys.collaboration_list(collaboration.office_id)),
        "listSk": text(f"{keys.sortable(collaboration.started_at)}#{collaboration.agreement}"),
    }
    if collaboration.login_mails:
        # They move no revision, since they are in no editor's way: whoever writes the rest looks at this as well.
        attributes["loginMails"] = number(collaboration.login_mails)
    if collaboration.state is CollaborationState.ACTIVE and (following := collaboration.next_end):
        attributes |= due_attributes("END", collaboration.agreement, local_midnight(following.on))
    if collaboration.account_id:
        attributes["accountPk"] = text(keys.account_list(collaboration.account_id))
        attributes["accountSk"] = text(
            f"COLLABORATION#{keys.sortable(collaboration.started_at)}#{collaboration.agreement}"
        )
    return attributes


def list_row_attributes(row: ListRow) -> dict[str, Attribute]:
    """What the list row of a collaboration copies, with its version beside it, where conditions look at it."""
    copied = data(row, without={"version", "office_name", "customer_locale"})
    return {"listRow": copied, "rowVersion": number(row.version)}


def collaboration(item: Item, mails: Item | None = None) -> Collaboration:
    """A collaboration with the names copied into its row.

    `mails`: the item of what became of its mails; without it they are all queued.
    """
    found = parsed(Collaboration, item)
    return found.with_parts(
        mails=delivery.marked_mails(migration.with_former_mails(found.mails, item), mails),
        revision=integer(item, "revision"),
        list_row=_list_row(item),
    )


def _list_row(item: Item) -> ListRow:
    copied = migration.list_row_of(item)
    row = ListRow.model_validate_json(copied, extra=migration.unknown_fields(item))
    return row.with_parts(version=integer(item, "rowVersion"))


def collaboration_at(found: Mapping[keys.Key, Item], agreement: AgreementId) -> Collaboration | None:
    """The collaboration of an agreement among items that were asked for by `keys.collaboration_keys`."""
    item = found.get(keys.collaboration(agreement))
    return collaboration(item, found.get(keys.collaboration_delivery(agreement))) if item else None


def is_unlinked(collaboration: Collaboration | None) -> bool:
    """Whether the collaboration can be linked, and so is found by its organisation number."""
    return collaboration is not None and collaboration.state is CollaborationState.ACTIVE and not collaboration.linked


def key_of(item: Item) -> keys.Key:
    """The key of an item."""
    return keys.Key(string(item, "pk"), string(item, "sk"))


def attempts_item(item_key: keys.Key, attempt_limit: AttemptLimit) -> Item:
    """The wrong digits typed on an invitation's links.

    How many they are, and whether they have closed it, are the conditions of the next change.
    """
    closed = {"closed": text("closed")} if attempt_limit.closed else {}
    return {**key(item_key), "data": data(attempt_limit), "attempts": number(attempt_limit.count), **closed}


def attempt_limit(item: Item | None) -> AttemptLimit:
    """The wrong digits typed on an invitation's links; none where there is no item."""
    return parsed(AttemptLimit, item) if item else AttemptLimit()


def history_item(entry: Entry) -> dict[str, Attribute]:
    """A line of a timeline, the names of persons beside it."""
    agreement = entry.subject.agreement
    affected = entry.person
    nameless = entry.replace(by=entry.by.replace(name=None), person=affected.replace(name=None) if affected else None)
    names = {"person": entry.by.name, "affectedPerson": affected.name if affected else None}
    stored = {attribute: text(name) for attribute, name in names.items() if name}
    return {**key(keys.history(agreement, entry.id)), "data": data(nameless), **stored, **correlation()}


def correlation() -> dict[str, Attribute]:
    """The attribute by which what follows from an item is correlated with the request that wrote it."""
    correlation_id = invocation.current().correlation_id
    return {"correlationId": text(correlation_id)} if correlation_id else {}


def correlation_of(item: Item) -> str | None:
    """The correlation id of the request that wrote an item; None for one that was written before there were any."""
    return string(item, "correlationId") if "correlationId" in item else None


def entry(item: Item) -> Entry:
    """A line of a timeline, with the names of persons unless they were erased."""
    found = parsed(Entry, item)
    if "person" in item:
        found = found.replace(by=found.by.replace(name=string(item, "person")))
    if found.person and "affectedPerson" in item:
        found = found.replace(person=found.person.replace(name=string(item, "affectedPerson")))
    return found


def ids_of(item: Item) -> dict[str, str]:
    """The ids of what a due item is about, for the log: never an organisation number."""
    if string(item, "pk").startswith("AGREEMENT#"):
        return {"agreement": agreement_of(item)}
    _, account_id, solution = split_subscription_key(item)
    return {"account": account_id, "solution": solution}


def collaboration_id_of(item: Item) -> CollaborationId:
    """The collaboration in whose partition an item stands."""
    return CollaborationId.of(agreement_of(item))


def agreement_of(item: Item) -> AgreementId:
    """The agreement in whose partition an item stands."""
    return AgreementId(string(item, "pk").removeprefix("AGREEMENT#"))

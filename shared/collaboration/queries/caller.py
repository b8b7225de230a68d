"""TODO queries.caller."""

from collections.abc import Mapping, Sequence

from collaboration.domain.model.directory import Employee, Office
from collaboration.domain.model.values import Locale, OfficeId
from collaboration.services import Caller, Services, active
from collaboration.storage import items, keys


def load_for_caller(
    services: Services, caller: Caller, item_keys: Sequence[keys.Key]
) -> tuple[Employee, Mapping[keys.Key, items.Item]]:
    """The caller, and the items at `item_keys`, read together.

    Raises:
        RefusedError: the caller is nobody here.
    """
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    found = services.table.get(at_caller, *item_keys)
    return active(items.at(Employee, found, at_caller)), found


def check_employee(services: Services, caller: Caller) -> Employee:
    """The caller, for what every active employee may see.

    Raises:
        Refused: they are nobody here.
    """
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    return active(items.at(Employee, services.table.get(at_caller), at_caller))


def office_language(services: Services, office_id: OfficeId) -> Locale:
    """The language of an office, Swedish where it is not known."""
    place = keys.office(office_id)
    office = items.at(Office, services.table.get(place), place)
    return office.locale if office else Locale.SV

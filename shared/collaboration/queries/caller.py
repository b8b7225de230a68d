"""TODO queries.caller."""

from collaboration.domain.model.directory import Employee, Office
from collaboration.domain.model.values import Locale, OfficeId
from collaboration.services import Caller, Services, active, not_found
from collaboration.storage import items, keys


def load_for_caller(services: Services, caller: Caller, place: keys.Key | None) -> tuple[Employee, items.Item]:
    at_caller = keys.employee(caller.office_id, caller.employee_id)
    found = services.table.get(at_caller, *((place,) if place else ()))
    employee = active(items.at(Employee, found, at_caller))
    if place is None or place not in found:
        raise not_found()
    return employee, found[place]


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

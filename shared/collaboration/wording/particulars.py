"""What mails and pages say alike: a solution's name, a moment, and what a set-up means in words."""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from collaboration.domain.model.catalogue import SetUp, SetUpField, catalogue
from collaboration.domain.model.subscriptions import Subscription
from collaboration.domain.model.values import STOCKHOLM, InvoiceRecipient, Locale, OfficeId
from collaboration.wording import lines, text


def solution_name(locale: Locale, key: str) -> str:
    """What a solution is called; its key where the catalogue has dropped it."""
    solution = catalogue().solution(key)
    return solution.name[locale] if solution else key


def moment(locale: Locale, at: datetime) -> str:
    """A moment by the clocks of Sweden, `8 December 2026 at 10:23`."""
    local = at.astimezone(STOCKHOLM)
    month = lines(locale, "months")[local.month - 1]
    return text(
        locale,
        "moment",
        day=str(local.day),
        month=month,
        year=str(local.year),
        hour=f"{local.hour:02d}",
        minute=f"{local.minute:02d}",
    )


def day(locale: Locale, on: date) -> str:
    """A day, `8 December 2026`."""
    return f"{on.day} {lines(locale, 'months')[on.month - 1]} {on.year}"


def agreed(
    locale: Locale,
    solution: str,
    setup: SetUp,
    *,
    office: str,
    company: str,
    paid_by_another: Collection[SetUpField] = (),
) -> Iterator[tuple[str, str]]:
    """A set-up in words: what is settled, and how; nothing where the solution asks nothing.

    `paid_by_another`: the invoice recipients that mean another office, where they are the office.
    """
    for field, value in setup.given().items():
        words = (
            text(locale, "setup.value.invoice.another-office")
            if field in paid_by_another and value == InvoiceRecipient.OFFICE
            else _value(locale, solution, field, str(value), office, company)
        )
        yield text(locale, f"setup.{field}"), words


def coming_setup(
    locale: Locale, subscription: Subscription, office_id: OfficeId, *, office: str, company: str
) -> str | None:
    """What changes when a subscription renews, and on which day; None for nothing.

    Args:
        locale: the language.
        subscription: the subscription.
        office_id: who is meant where the office pays, unless another office does.
        office: the name of that office.
        company: the name of the company.
    """
    present, paid_by_another = subscription.terms.setup().given(), subscription.next_paid_by_another(office_id)
    another = subscription.paid_by_another(office_id) ^ paid_by_another
    changes = {
        field: value
        for field, value in subscription.coming_setup.given().items()
        if present.get(field) != value or (field in another and value == InvoiceRecipient.OFFICE)
    }
    if not changes:
        return None
    worded = agreed(
        locale,
        subscription.terms.solution,
        SetUp.model_validate(changes),
        office=office,
        company=company,
        paid_by_another=paid_by_another,
    )
    terms = "; ".join(f"{label}: {value}" for label, value in worded)
    return text(locale, "coming-setup", date=day(locale, subscription.terms.renews_on), terms=terms)


def _value(locale: Locale, solution: str, field: SetUpField, value: str, office: str, company: str) -> str:
    match field:
        case SetUpField.VARIANT:
            known = catalogue().solution(solution)
            variant = known.variant(value) if known else None
            return variant.name[locale] if variant else value
        case SetUpField.PERIOD_MONTHS:
            return text(locale, "setup.value.months", months=value)
        case SetUpField.REPORT_RECIPIENT:
            return text(locale, f"setup.value.report.{value}")
        case _:
            return text(locale, f"setup.value.invoice.{value}", office=office, company=company)

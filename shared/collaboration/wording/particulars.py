"""What mails and pages say alike: a solution's name, a moment, and what a set-up means in words."""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from collaboration.domain.model.catalogue import SetUp, SetUpField, catalogue
from collaboration.domain.model.subscriptions import ComingTerms
from collaboration.domain.model.values import STOCKHOLM, InvoiceRecipient, Locale
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


def coming_setup(locale: Locale, solution: str, coming: ComingTerms, *, office: str, company: str) -> str:
    """What changes when a subscription renews, and on which day.

    Args:
        locale: the language.
        solution: the key of the solution.
        coming: what changes, as the office sees it.
        office: the name of the office.
        company: the name of the company.
    """
    worded = agreed(
        locale,
        solution,
        coming.setup,
        office=office,
        company=company,
        paid_by_another=coming.paid_by_another,
    )
    terms = "; ".join(f"{label}: {value}" for label, value in worded)
    return text(locale, "coming-setup", date=day(locale, coming.on), terms=terms)


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

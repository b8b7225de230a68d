"""The solutions an office can share, as data: `catalogue.json` lists them and nothing else in the code names one."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import Field, StrictInt

from collaboration.domain.model.values import (
    CompanyType,
    InvoiceRecipient,
    Key,
    Kind,
    Locale,
    Outcome,
    ReportRecipient,
    Side,
    Value,
)


class SetUpField(StrEnum):
    """What may be asked for beside the task, by its name in JSON."""

    VARIANT = "variant"
    PERIOD_MONTHS = "periodMonths"
    INVOICE_RECIPIENT = "invoiceRecipient"
    SENT_INVOICE_RECIPIENT = "sentInvoiceRecipient"
    RECEIVED_INVOICE_RECIPIENT = "receivedInvoiceRecipient"
    REPORT_RECIPIENT = "reportRecipient"

    @property
    def is_invoice_recipient(self) -> bool:
        """Whether it says who pays; where nobody chose, the customer does."""
        return self in _INVOICE_RECIPIENTS


_INVOICE_RECIPIENTS = frozenset(
    {SetUpField.INVOICE_RECIPIENT, SetUpField.SENT_INVOICE_RECIPIENT, SetUpField.RECEIVED_INVOICE_RECIPIENT}
)


PERIODS = (3, 12)


class GivenSetUp(Value):
    """A set-up as somebody gives it: that the catalogue knows a value is not said. A field not given is None."""

    variant: Key | None = None
    period_months: StrictInt | None = None
    invoice_recipient: Key | None = None
    sent_invoice_recipient: Key | None = None
    received_invoice_recipient: Key | None = None
    report_recipient: Key | None = None

    def given(self) -> dict[SetUpField, str | int]:
        """The fields that have a value."""
        return {SetUpField(name): value for name, value in self.model_dump(by_alias=True, exclude_none=True).items()}


class SetUp(GivenSetUp):
    """The terms of a subscription. A field that its solution does not ask is None."""

    invoice_recipient: InvoiceRecipient | None = None
    sent_invoice_recipient: InvoiceRecipient | None = None
    received_invoice_recipient: InvoiceRecipient | None = None
    report_recipient: ReportRecipient | None = None

    def paid_by_office(self) -> frozenset[SetUpField]:
        """The invoice recipients that are the office."""
        given = self.given().items()
        return frozenset(f for f, value in given if f.is_invoice_recipient and value == InvoiceRecipient.OFFICE)

    def as_fields(self) -> dict[str, object]:
        """The fields that have a value, by their names in JSON."""
        return {str(field): value for field, value in self.given().items()}


class Named(Value):
    """A key with its name in each language."""

    key: str
    name: Mapping[Locale, str]


class Variant(Named):
    """One of the sizes a solution comes in, smallest first in its list; `adds` is what the one before does not have."""

    kind: Kind | None = None
    adds: tuple[Named, ...] = ()
    fixed: Mapping[SetUpField, str] = Field(default_factory=dict)


class Solution(Named):
    """What can be shared. `kind` is None where the variant decides it.

    `employees_in_top_variant`: the office's employees work in the last variant, whatever the customer has.
    """

    kind: Kind | None
    variants: tuple[Variant, ...] = ()
    setup: tuple[SetUpField, ...] = ()
    defaults: Mapping[SetUpField, str] = Field(default_factory=dict)
    outcomes: tuple[Outcome, ...]
    checklist: tuple[Named, ...] = ()
    to_do: tuple[Named, ...] = ()
    warns_of_bank_integration: bool = False
    locks_company_types: tuple[CompanyType, ...] = ()
    employees_in_top_variant: bool = False

    def variant(self, key: str | None) -> Variant | None:
        """The variant of that key, if there is one."""
        return next((variant for variant in self.variants if variant.key == key), None)

    def with_fixed(self, setup: SetUp) -> SetUp:
        """The set-up with what its variant fixes in place of other values: `fixed-by-the-variant`."""
        variant, given = self.variant(setup.variant), setup.given()
        fixed = {field: value for field, value in variant.fixed.items() if field in given} if variant else {}
        return SetUp.model_validate({**given, **fixed}) if fixed else setup

    def variant_for(self, side: Side, variant: str | None) -> str | None:
        """The variant in which people of a side work, where the subscription has `variant`."""
        if side is Side.OFFICE and self.employees_in_top_variant:
            return self.variants[-1].key
        return variant

    def lost(self, before: str | None, after: str | None) -> tuple[Named, ...]:
        """What a company loses by stepping down from one variant to another; nothing by stepping up."""
        keys = [variant.key for variant in self.variants]
        if before not in keys or after not in keys:
            return ()
        between = self.variants[keys.index(after) + 1 : keys.index(before) + 1]
        return tuple(named for variant in between for named in variant.adds)

    def kind_of(self, variant: str | None) -> Kind | None:
        """The kind, once the variant is known; None while it is not."""
        chosen = self.variant(variant)
        return self.kind or (chosen.kind if chosen else None)

    def values_of(self, field: SetUpField) -> tuple[str | int, ...]:
        """The values `field` may take."""
        match field:
            case SetUpField.VARIANT:
                return tuple(variant.key for variant in self.variants)
            case SetUpField.PERIOD_MONTHS:
                return PERIODS
            case SetUpField.REPORT_RECIPIENT:
                return tuple(ReportRecipient)
            case _:
                return tuple(InvoiceRecipient)


class Catalogue(Value):
    """All solutions, in the order they are shown."""

    solutions: tuple[Solution, ...]

    def solution(self, key: str) -> Solution | None:
        """The solution of that key, if there is one."""
        return next((solution for solution in self.solutions if solution.key == key), None)


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The catalogue as shipped."""
    return Catalogue.model_validate_json(Path(__file__).with_name("catalogue.json").read_bytes())

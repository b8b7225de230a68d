"""The set-up of a collaboration: asked for where a subscription is new, inherited where there is one."""

from collections.abc import Iterator

from collaboration.domain.model.catalogue import GivenSetUp, SetUp, SetUpField, Solution, catalogue
from collaboration.domain.model.faults import Code, Fault, FieldFault, RefusedError, Slug
from collaboration.domain.model.subscriptions import Subscription, Terms
from collaboration.domain.model.values import InvoiceRecipient, Kind, in_calendar


def solution_asked(key: str) -> Solution:
    """The solution of that key.

    Raises:
        RefusedError: there is none, `validation-failed`.
    """
    found = catalogue().solution(key)
    if found is None:
        unknown = FieldFault("#/solution", Code.UNKNOWN, hint="solution")
        raise RefusedError(Fault(Slug.VALIDATION_FAILED, fields=(unknown,)))
    return found


def resolve_setup(
    solution: Solution, subscription: Subscription | None, given: GivenSetUp
) -> tuple[SetUp, tuple[FieldFault, ...]]:
    """The set-up that will hold, and what is wrong with the one given: `asked-set-up-only`, `terms-inherited`."""
    if subscription is not None:
        return _inherited(solution, subscription, given)
    return _asked(solution, given)


def _inherited(
    solution: Solution, subscription: Subscription, given: GivenSetUp
) -> tuple[SetUp, tuple[FieldFault, ...]]:
    customer_owned = subscription.terms.customer_owned
    inherited = dict(subscription.terms.setup().given())
    faults = []
    chosen = given.given()
    if variant_may_be_chosen(solution, subscription):
        variant = chosen.pop(SetUpField.VARIANT, None)
        if code := _variant_code(solution, variant, customer_owned=customer_owned):
            faults.append(FieldFault(f"#/{SetUpField.VARIANT}", code))
        elif variant is not None:
            inherited[SetUpField.VARIANT] = variant
    if not customer_owned:
        variant_chosen = solution.variant(str(inherited.get(SetUpField.VARIANT)))
        defaults = {**solution.defaults, **(variant_chosen.fixed if variant_chosen else {})}
        for field in solution.setup:
            default = defaults.get(field, InvoiceRecipient.CUSTOMER if field.is_invoice_recipient else None)
            if default is not None:
                inherited.setdefault(field, default)
        inherited = solution.with_fixed(SetUp.model_validate(inherited)).given()
    for field, value in chosen.items():
        if customer_owned or field not in solution.setup:
            faults.append(FieldFault(f"#/{field}", Code.NOT_ASKED))
        elif inherited.get(field) != value:
            faults.append(FieldFault(f"#/{field}", Code.INHERITED))
    return SetUp.model_validate(inherited), tuple(faults)


def _variant_code(solution: Solution, variant: str | int | None, *, customer_owned: bool) -> Code | None:
    """What is wrong with the variant chosen for a subscription that leaves it open; None for nothing."""
    if variant is None:
        return Code.MISSING
    if variant not in solution.values_of(SetUpField.VARIANT):
        return Code.INVALID
    # Nobody else chooses for the company that it is not asked for its approval.
    unasked = customer_owned and solution.kind_of(str(variant)) is Kind.OFFICE_TOOL
    return Code.NOT_AVAILABLE if unasked else None


def terms_faults(terms: Terms, pointer: str) -> Iterator[FieldFault]:
    """What the catalogue does not know of the terms of a subscription: `terms-checked-wherever-they-enter`.

    Args:
        terms: the terms, as the register feeds them.
        pointer: the JSON pointer of the terms in the request.
    """
    solution = catalogue().solution(terms.solution)
    if solution is None:
        yield FieldFault(f"{pointer}/solution", Code.UNKNOWN, hint="solution")
        return
    if not in_calendar(terms.renews_on):
        yield FieldFault(f"{pointer}/renewsOn", Code.INVALID)
    variant = solution.variant(terms.variant)
    for field, value in terms.setup().given().items():
        if field not in solution.setup:
            yield FieldFault(f"{pointer}/{field}", Code.NOT_ASKED)
        elif value not in solution.values_of(field):
            yield FieldFault(f"{pointer}/{field}", Code.INVALID)
        elif variant and variant.fixed.get(field, value) != value:
            yield FieldFault(f"{pointer}/{field}", Code.NOT_AVAILABLE)


def variant_may_be_chosen(solution: Solution, subscription: Subscription) -> bool:
    """Whether an inherited subscription leaves the variant open, and with it whether the customer must approve."""
    return solution.kind_of(subscription.terms.variant) is None


def _asked(solution: Solution, given: GivenSetUp) -> tuple[SetUp, tuple[FieldFault, ...]]:
    values = given.given()
    variant = solution.variant(given.variant)
    fixed = variant.fixed if variant else {}
    faults, resolved = [], dict[SetUpField, str | int]()
    for field in SetUpField:
        value = values.get(field)
        if field not in solution.setup:
            if value is not None:
                faults.append(FieldFault(f"#/{field}", Code.NOT_ASKED))
        elif field in fixed:
            resolved[field] = fixed[field]
            if value not in (None, fixed[field]):
                faults.append(FieldFault(f"#/{field}", Code.NOT_AVAILABLE))
        elif value is None and field not in solution.defaults:
            faults.append(FieldFault(f"#/{field}", Code.MISSING))
        elif value is not None and value not in solution.values_of(field):
            faults.append(FieldFault(f"#/{field}", Code.INVALID))
        else:
            resolved[field] = solution.defaults[field] if value is None else value
    return SetUp.model_validate(resolved), tuple(faults)

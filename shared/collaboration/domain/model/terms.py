"""The terms an office agrees to before it confirms; the wording of each kind stands with the other texts."""

from collaboration.domain.model.values import Kind, Scenario

# Raised whenever the wording of any of the terms changes: who agreed to older ones is shown the new ones first.
TERMS_VERSION = "2026-11-29"


def terms_of(scenario: Scenario, kind: Kind | None) -> str | None:
    """The name of the terms that hold in a situation: `not-a-customer`, `invite-has-solution`, ... or `office-tool`.

    None while the kind is not known: there is nothing to agree to yet.
    """
    if kind is None:
        return None
    if scenario is Scenario.NOT_A_CUSTOMER:
        return "not-a-customer" if kind is not Kind.OFFICE_TOOL else "not-a-customer-office-tool"
    return "office-tool" if kind is Kind.OFFICE_TOOL else f"invite-{scenario}"

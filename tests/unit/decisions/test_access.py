"""Who should have access, and the difference to who has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from collaboration.domain.decisions.access import AT_ONCE, desired, diff_grants, drift_of, list_row, revoke_former
from collaboration.domain.model.access import AccessScope, Resource
from collaboration.domain.model.accounts import AccountUser
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.collaboration import Collaboration, CollaborationState
from collaboration.domain.model.values import AccountId, AccountRole, Email

from .builders import (
    BO,
    BOOKS,
    COLLABORATION,
    NOW,
    OTHER_COLLABORATION,
    PAYROLL,
    TAX,
    access_context,
    account,
    administrator,
    collaboration,
    customer,
    employee,
    imported,
    subscription,
    task,
)

CARL, ANNA_EK, BO_BERG = "Carl Ceder", "Anna Ek", "Bo Berg"
BOTH = task(participants=(BO,))
USERS = (administrator(), AccountUser(email=Email("u@ceder.example"), name="U", role=AccountRole.USER))


@pytest.mark.parametrize(
    ("given", "around", "expected"),
    [
        (collaboration(), {}, [ANNA_EK, CARL]),
        (collaboration(), {"task": BOTH}, [ANNA_EK, BO_BERG, CARL]),
        (collaboration(), {"task": BOTH, "employees": {BO: employee(BO_BERG, active=False)}}, [CARL]),
        (collaboration(), {"task": task(active=False)}, [CARL]),
        (collaboration(), {"task": None}, [CARL]),
        (collaboration(), {"customer": customer(active=False)}, [CARL]),
        (collaboration(), {"customer": None}, [CARL]),
        (collaboration(), {"account": account(users=USERS)}, [ANNA_EK, CARL]),
        (collaboration(), {"account": None}, [ANNA_EK]),
        (collaboration(solution=TAX), {}, [ANNA_EK]),
        (collaboration(solution=PAYROLL, setup=SetUp(variant="start")), {}, [ANNA_EK]),
        (collaboration(solution=PAYROLL, setup=SetUp(variant="standard")), {}, [ANNA_EK, CARL]),
        (collaboration(task_id=None), {}, [CARL]),
        (imported(), {"task": None}, [CARL]),
        (collaboration(state=CollaborationState.ENDED), {}, []),
    ],
)
def test_access_follows_the_task_and_the_account(
    given: Collaboration, around: dict[str, Any], expected: list[str]
) -> None:
    """Active employees of an active task of an active customer; administrators, of shared solutions only."""
    assert [access.person.name for access in desired(given, access_context(**around))] == expected


def test_the_difference_is_written_and_told() -> None:
    """Who is new from now on, who is gone no longer; who stays keeps the time since when."""
    first = diff_grants(collaboration(), access_context(), (), NOW)
    assert first is not None
    granted = tuple(step.after for step in first.access if step.after)
    assert [access.since for access in granted] == [NOW, NOW]
    later = NOW + timedelta(days=1)
    assert diff_grants(collaboration(), access_context(), granted, later) is None
    second = diff_grants(collaboration(), access_context(task=task(owner=BO)), granted, later)
    assert second is not None
    assert [entry.what for entry in second.history] == ["access-revoked", "access-granted"]
    changed = [
        (step.before and step.before.person.name, step.after and step.after.person.name) for step in second.access
    ]
    assert changed == [(ANNA_EK, None), (None, BO_BERG)]


def test_a_difference_is_no_larger_than_a_transaction() -> None:
    """Those who lose access come first; the next run goes on where this one stopped."""
    many = tuple(administrator(f"a{number:03d} x") for number in range(AT_ONCE + 5))
    everybody = access_context(account=account(users=many))
    present = tuple(desired(collaboration(task_id=None), access_context()))
    first = diff_grants(collaboration(task_id=None), everybody, present, NOW)
    assert first is not None
    assert len(first.access) == AT_ONCE
    assert first.access[0].after is None


def test_what_was_left_is_taken_away_and_told_of_as_it_was() -> None:
    """`moved-access-begins-anew`: the history is about the account and the solution that were left."""
    present = tuple(desired(collaboration(), access_context()))
    former = AccessScope(account_id=AccountId("former"), solution=PAYROLL)
    change = revoke_former(
        collaboration(), former, present, NOW, others={present[0].key: frozenset({Resource.ACCOUNT})}
    )
    assert change is not None
    assert [step.after for step in change.access] == [None, None]
    assert {(entry.what, entry.subject.account_id, entry.subject.solution) for entry in change.history} == {
        ("access-revoked", "former", PAYROLL)
    }
    lost = {entry.person.name: entry.facts["what"] for entry in change.history if entry.person}
    assert lost == {ANNA_EK: ("solution",), CARL: ("solution",)}


def test_drift_is_counted_by_person() -> None:
    """Missing, left over, or for another reason; none where all is as it should be."""
    plain = collaboration()
    wanted = tuple(desired(plain, access_context()))
    present = plain.replace(list_row=list_row(plain, access_context()))
    assert drift_of(present, access_context(), wanted, NOW) is None
    drift = drift_of(present, access_context(task=task(owner=BO)), wanted, NOW)
    assert drift is not None
    assert (drift.grants, drift.since) == (2, NOW)


@pytest.mark.parametrize(
    ("given", "around", "missing"),
    [
        (imported(), {"account": None, "has_customer": False}, ("account-missing", "customer-missing", "task-missing")),
        (imported(), {"account": None}, ("account-missing", "task-missing")),
        (imported(), {}, ("task-missing",)),
        (collaboration(), {}, ()),
        (imported(state=CollaborationState.ENDED), {}, ()),
    ],
)
def test_an_unlinked_one_says_what_it_lacks(
    given: Collaboration, around: dict[str, Any], missing: tuple[str, ...]
) -> None:
    """Until it is linked or has ended."""
    assert list_row(given, access_context(**around)).missing == missing


@pytest.mark.parametrize(("users", "shared"), [((COLLABORATION,), False), ((COLLABORATION, OTHER_COLLABORATION), True)])
def test_the_row_says_whether_others_rest_on_the_subscription(
    users: tuple[Any, ...],
    shared: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Active ones, of whichever office."""
    context = access_context(account=account(subscription(BOOKS, *users)))
    assert list_row(collaboration(), context).shares_subscription is shared
    assert list_row(collaboration(state=CollaborationState.ENDED), context).shares_subscription is False

"""The count of wrong digits in the table, the same on every engine: none is lost, and a decision depends on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from collaboration.domain.model.attempt_limit import TRIES_PER_INVITATION, AttemptLimit
from collaboration.domain.model.change import AttemptsTransition, Change
from collaboration.domain.model.values import AgreementId
from collaboration.storage import items, keys
from collaboration.storage.commit import commit
from collaboration.storage.table import ConflictError

if TYPE_CHECKING:
    from collaboration.storage.table import Table
    from support.engines import Engine

AGREEMENT = AgreementId("64xdjm33")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ONE = AttemptLimit().after_failed_attempt("r1", TRIES_PER_INVITATION, NOW)


@pytest.fixture
def table(engine: Engine) -> Table:
    """An empty table."""
    return engine.table


def stored(table: Table) -> AttemptLimit:
    """The wrong tries that are stored."""
    key = keys.attempts(AGREEMENT)
    return items.attempt_limit(table.get(key).get(key))


def write(table: Table, before: AttemptLimit, after: AttemptLimit | None) -> None:
    """Commit a change of the count."""
    commit(table, Change(at=NOW, attempts=AttemptsTransition(AGREEMENT, before, after)))


def test_a_try_is_counted_on_the_count_that_was_read(table: Table) -> None:
    """The second of two that read the same count is counted on the other's."""
    write(table, AttemptLimit(), ONE)
    with pytest.raises(ConflictError):
        write(table, AttemptLimit(), AttemptLimit().after_failed_attempt("r2", TRIES_PER_INVITATION, NOW))
    two = ONE.after_failed_attempt("r2", TRIES_PER_INVITATION, NOW)
    write(table, ONE, two)
    with pytest.raises(ConflictError):
        write(table, ONE, two)
    assert stored(table) == two


def test_a_decision_depends_on_the_count(table: Table) -> None:
    """It is committed only while nobody typed wrong digits in the meantime, and leaves the count as it is."""
    write(table, AttemptLimit(), AttemptLimit())
    write(table, AttemptLimit(), ONE)
    with pytest.raises(ConflictError):
        write(table, AttemptLimit(), AttemptLimit())
    write(table, ONE, ONE)
    assert stored(table) == ONE


def test_a_resend_starts_anew_whatever_was_typed(table: Table) -> None:
    """Also when a try was counted in the meantime; one that was judged before starts over."""
    write(table, AttemptLimit(), ONE)
    write(table, ONE, ONE.after_failed_attempt("r1", TRIES_PER_INVITATION, NOW))
    write(table, ONE, None)
    assert stored(table) == AttemptLimit()
    with pytest.raises(ConflictError):
        write(table, ONE, ONE.after_failed_attempt("r1", TRIES_PER_INVITATION, NOW))
    write(table, AttemptLimit(), ONE)


def test_what_is_closed_without_a_try_is_closed_once(table: Table) -> None:
    """Of two that close at once the second learns of it, and so does a decision that was judged before."""
    write(table, AttemptLimit(), ONE)
    closed = ONE.replace(closed=True)
    write(table, ONE, closed)
    for after in (closed, ONE, ONE.after_failed_attempt("r1", TRIES_PER_INVITATION, NOW)):
        with pytest.raises(ConflictError):
            write(table, ONE, after)
    write(table, closed, closed)
    assert stored(table) == closed


def test_none_of_many_at_once_is_lost(table: Table) -> None:
    """Each tries until it is counted; in the end there are as many as were made."""

    def count(number: int) -> None:
        while True:
            before = stored(table)
            try:
                write(table, before, before.after_failed_attempt(f"r{number}", TRIES_PER_INVITATION, NOW))
            except ConflictError:
                continue
            return

    with ThreadPoolExecutor(max_workers=4) as threads:
        list(threads.map(count, range(8)))
    assert sorted(attempt.recipient for attempt in stored(table).failed) == [f"r{number}" for number in range(8)]

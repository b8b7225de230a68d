"""The faults that a test can plan for the table in memory reach the application as AWS's own would."""

from __future__ import annotations

import pytest
from collaboration.storage import actions, items
from collaboration.storage.keys import Key
from collaboration.storage.table import ConflictError, TableUnavailableError
from support.engines import Engine, memory_engine

AT, OTHER = Key("PART", "ONE"), Key("PART", "TWO")


@pytest.fixture
def engine() -> Engine:
    """The table in memory, with an item."""
    engine = memory_engine()
    engine.table.write([actions.put(items.key(AT)), actions.put(items.key(OTHER))])
    return engine


# A call is made so often before the table is said to be unavailable: where it does not answer, and where it throttles.
ATTEMPTS = 3
THROTTLED_ATTEMPTS = 9


@pytest.mark.parametrize(("times", "answered"), [(THROTTLED_ATTEMPTS - 1, True), (THROTTLED_ATTEMPTS, False)])
def test_a_throttled_call_is_repeated_and_then_given_up(engine: Engine, times: int, *, answered: bool) -> None:
    """And the table answers again afterwards."""
    for _ in range(times):
        engine.client.faults.fail("batch_get_item", engine.client.faults.throttled())
    if answered:
        assert AT in engine.table.get(AT)
    else:
        with pytest.raises(TableUnavailableError):
            engine.table.get(AT)
    assert AT in engine.table.get(AT)
    assert engine.client.faults.pending == 0


def test_a_table_that_hangs_is_unavailable_when_the_time_is_up(engine: Engine) -> None:
    """Time passes meanwhile, and nothing is written."""
    passed: list[int] = []
    for _ in range(ATTEMPTS):
        engine.client.faults.hang("transact_write_items", lambda: passed.append(3))
    with pytest.raises(TableUnavailableError):
        engine.table.write([actions.delete(AT)])
    assert (passed, AT in engine.table.get(AT)) == ([3] * ATTEMPTS, True)


def test_a_lost_response_leaves_what_was_written(engine: Engine) -> None:
    """Who asked asks again under the same token, and what was done is not done twice."""
    engine.client.faults.lose_response("transact_write_items")
    engine.table.write([actions.put({**items.key(AT), "again": items.number(1)}, "attribute_not_exists(#again)")])
    assert engine.table.get(AT)[AT]["again"] == items.number(1)


def test_somebody_else_comes_first(engine: Engine) -> None:
    """Between reading and writing; the one who is late is told."""
    table = engine.table
    engine.client.faults.before("transact_write_items", lambda: table.write([actions.delete(AT)]))
    with pytest.raises(ConflictError):
        table.write([actions.check(AT, "attribute_exists(#pk)")])


def test_a_write_meets_a_transaction(engine: Engine) -> None:
    """Alone or in a transaction of its own, after as many as are left alone."""
    faults = engine.client.faults
    faults.conflict("update_item")
    with pytest.raises(ConflictError):
        engine.table.update(AT, "SET #n = :n", {"#n": "n"}, {":n": items.number(1)})
    faults.conflict(skip=1)
    engine.table.write([actions.delete(AT)])
    with pytest.raises(ConflictError):
        engine.table.write([actions.delete(OTHER)])
    assert OTHER in engine.table.get(OTHER)


def test_keys_that_are_left_are_asked_for_again(engine: Engine) -> None:
    """Any subset, the whole of it too."""
    faults = engine.client.faults
    faults.leave_unprocessed(lambda keys: keys)
    faults.leave_unprocessed(lambda keys: keys[:1])
    before = faults.calls["batch_get_item"]
    assert engine.table.get(AT, OTHER).keys() == {AT, OTHER}
    assert faults.calls["batch_get_item"] - before == 3

"""What the application asks of the table, the same on every engine: memory, moto, DynamoDB Local."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from collaboration.storage import actions, items
from collaboration.storage.keys import Key
from collaboration.storage.table import ConflictError, Table

if TYPE_CHECKING:
    from support.engines import Engine

AT = Key("PART", "ONE")


@pytest.fixture
def table(engine: Engine) -> Table:
    """A table, empty."""
    return engine.table


def row(place: Key, **numbers: int) -> items.Item:
    """An item with numbers."""
    return {**items.key(place), **{name: items.number(value) for name, value in numbers.items()}}


def test_a_put_on_absence_happens_once(table: Table) -> None:
    """The second one is lost, and changes nothing."""
    table.write([actions.put(row(AT, count=1), "attribute_not_exists(#pk)")])
    with pytest.raises(ConflictError):
        table.write([actions.put(row(AT, count=2), "attribute_not_exists(#pk)")])
    assert table.get(AT)[AT]["count"] == {"N": "1"}


def test_a_transaction_is_all_or_nothing(table: Table) -> None:
    """One condition that does not hold stops everything beside it."""
    other = Key("PART", "TWO")
    with pytest.raises(ConflictError):
        table.write([actions.put(row(other, count=1)), actions.check(AT, "#count = :count", count=items.number(1))])
    assert table.get(AT, other) == {}


def test_either_condition_lets_it_through(table: Table) -> None:
    """Absent, or due: the guard's own condition."""
    free = "attribute_not_exists(#pk) OR #until <= :now"
    table.write([actions.put(row(AT, until=10), free, now=items.number(5))])
    with pytest.raises(ConflictError):
        table.write([actions.put(row(AT, until=20), free, now=items.number(9))])
    table.write([actions.put(row(AT, until=20), free, now=items.number(10))])
    assert table.get(AT)[AT]["until"] == {"N": "20"}


def test_setting_leaves_the_rest_alone(table: Table) -> None:
    """Attributes named are set or removed, what is not named stays."""
    table.write([actions.put(row(AT, revision=1, due=5, size=7))])
    table.write(
        [
            actions.update(
                AT,
                {"revision": items.number(2)},
                "#revision = :revision AND #due > :zero",
                remove=("due",),
                revision=items.number(1),
                zero=items.number(0),
            )
        ]
    )
    found = table.get(AT)[AT]
    assert (found["revision"], "due" in found) == ({"N": "2"}, False)
    assert found["size"] == {"N": "7"}


def test_an_update_may_keep_what_is_there(table: Table) -> None:
    """The first fetch is marked, later ones are not."""
    table.write([actions.put({**row(AT), "people": {"M": {"a": {"M": {}}}}})])
    for moment in (1, 2):
        table.update(
            AT,
            "SET #people.#a.#at = if_not_exists(#people.#a.#at, :now)",
            {"#people": "people", "#a": "a", "#at": "at"},
            {":now": items.number(moment)},
        )
    assert table.get(AT)[AT]["people"]["M"]["a"]["M"]["at"] == {"N": "1"}


def test_pages_go_both_ways_and_end(table: Table) -> None:
    """A partition in pages, of the table and of an index, forwards and backwards, by prefix and up to a key."""
    for number in range(7):
        listed = {"listPk": items.text("LIST"), "listSk": items.text(f"L{number}")}
        table.write([actions.put({**row(Key("PART", f"S{number}")), **listed})])
    table.write([actions.put(row(Key("PART", "X")))])

    def all_pages(**how: object) -> list[str]:
        found, after = [], None
        while True:
            rows, after = table.page("LIST" if "index" in how else "PART", limit=3, after=after, **how)  # type: ignore[arg-type]
            found += [items.string(item, "sk") for item in rows]
            if after is None:
                return found

    forwards = [f"S{number}" for number in range(7)]
    assert all_pages(prefix="S") == forwards
    assert all_pages(prefix="S", newest_first=True) == forwards[::-1]
    assert all_pages(index="lists") == forwards
    assert all_pages(index="lists", newest_first=True) == forwards[::-1]
    assert all_pages(max_key="S3") == forwards[:4]
    assert [items.string(item, "sk") for item in table.partition("PART", "X")] == ["X"]


def test_a_range_of_an_index_is_read_and_counted(table: Table) -> None:
    """From one sort key to another, both included; a count ends at its limit."""
    for number in range(7):
        listed = {"listPk": items.text("LIST"), "listSk": items.text(f"L{number}")}
        table.write([actions.put({**row(Key("PART", f"S{number}")), **listed})])
    found, _ = table.page("LIST", index="lists", min_key="L2", max_key="L4")
    assert [items.string(item, "listSk") for item in found] == ["L2", "L3", "L4"]
    assert table.count("LIST", index="lists", min_key="L1", max_key="L9", limit=100) == 6
    assert table.count("LIST", index="lists", min_key="L1", max_key="L9", limit=4) == 4
    assert table.count("NONE", index="lists", min_key="L1", max_key="L9", limit=4) == 0


def test_either_version_lets_a_row_through(table: Table) -> None:
    """A condition in parentheses beside another: a row without a version, or with the one that was read."""
    condition = "#revision = :revision AND (attribute_not_exists(#version) OR #version = :version)"

    def write(version: int) -> None:
        values = {"revision": items.number(1), "version": items.number(version)}
        table.write([actions.update(AT, {"version": items.number(version + 1)}, condition, **values)])

    table.write([actions.put(row(AT, revision=1))])
    write(0)
    write(1)
    with pytest.raises(ConflictError):
        write(1)


def test_more_than_a_hundred_keys_are_read_in_turns(table: Table) -> None:
    """BatchGetItem takes a hundred; whoever asks need not know."""
    places = [Key("PART", f"S{number:03d}") for number in range(150)]
    for start in range(0, 150, 75):
        table.write([actions.put(row(place)) for place in places[start : start + 75]])
    assert len(table.get(*places, Key("PART", "missing"))) == 150


def test_three_questions_at_once(table: Table) -> None:
    """Asked together, answered in order."""
    assert table.gather(lambda: 1, lambda: "two", lambda: [3]) == (1, "two", [3])


def test_of_many_at_once_one_wins(table: Table) -> None:
    """A condition is checked and the write done as one."""

    def attempt(number: int) -> bool:
        try:
            table.write([actions.put(row(AT, winner=number), "attribute_not_exists(#pk)")])
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as threads:
        assert sum(threads.map(attempt, range(50))) == 1

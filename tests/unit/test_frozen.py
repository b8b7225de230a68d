"""Our frozen dataclasses behave as the standard library's do."""

import copy
import dataclasses

import pytest
from collaboration.frozen import dataclass


@dataclass(frozen=True)
class Ours:
    """Made by us."""

    name: str
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class More(Ours):
    """One that extends another."""

    ids: tuple[str, ...] = dataclasses.field(default_factory=tuple)


@dataclasses.dataclass(frozen=True)
class Theirs:
    """Made by the standard library."""

    name: str
    count: int = 0


def test_a_value_is_made_compared_and_shown_as_a_standard_one() -> None:
    """All that `dataclasses` generates."""
    assert (Ours("a").name, Ours("a").count) == ("a", 0)
    assert Ours("a", 1) == Ours("a", 1)
    assert Ours("a", 1) != Ours("a", 2)
    assert Ours("a") != Theirs("a")  # type: ignore[comparison-overlap]
    assert hash(Ours("a", 1)) == hash(Theirs("a", 1))
    assert repr(Ours("a", 1)) == repr(Theirs("a", 1)).replace("Theirs", "Ours")
    assert More("a", ids=("b",)) == More("a", 0, ids=("b",))
    assert More("a") != Ours("a")
    assert repr(More("a", ids=("b",))) == "More(name='a', count=0, ids=('b',))"


def test_a_value_is_copied_and_replaced_as_a_standard_one() -> None:
    """What works on `__dataclass_fields__` or on the state."""
    assert dataclasses.replace(Ours("a"), count=3) == Ours("a", 3)
    assert copy.deepcopy(More("a", ids=("b",))) == More("a", ids=("b",))
    assert [field.name for field in dataclasses.fields(More("a"))] == ["name", "count", "ids"]


@pytest.mark.parametrize("name", ["name", "count", "unknown"])
def test_a_value_cannot_be_changed(name: str) -> None:
    """Neither a field, nor anything else."""
    value = Ours("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, "b")
    with pytest.raises(dataclasses.FrozenInstanceError):
        delattr(value, name)
    assert value == Ours("a")


def test_a_missing_or_unknown_argument_is_refused() -> None:
    """As by any function."""
    with pytest.raises(TypeError):
        Ours()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Ours("a", unknown=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Ours("a", 1, 2)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Ours("a", name="b")  # type: ignore[misc]
    with pytest.raises(TypeError):
        More("a", 0, ("b",))  # type: ignore[call-arg]


def test_the_order_of_arguments_makes_no_difference() -> None:
    """Values that are equal hash and show alike."""
    first, second = Ours(name="a", count=1), Ours(count=1, name="a")
    assert (hash(first), repr(first)) == (hash(second), repr(second))


def test_each_value_has_a_default_of_its_own() -> None:
    """A factory is called for each."""
    made = dataclasses.make_dataclass("Made", [])

    @dataclass(frozen=True)
    class Holder:
        """Holds something that can be changed."""

        held: object = dataclasses.field(default_factory=made)

    assert Holder().held is not Holder().held

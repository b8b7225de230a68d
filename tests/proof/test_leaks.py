"""What the search for private texts finds, and what it takes for an id."""

import pytest

from proof.leaks import found_in


@pytest.mark.parametrize("text", ["ending 4172", "556823-4172", "19556823-4172", "a-4172-b", '{"ending":"4172"}'])
def test_an_ending_is_found(text: str) -> None:
    """Alone, or after the rest of a number."""
    assert found_in([("log", text)], ()) == [f"log: an ending in {text}"]


def test_four_digits_of_a_random_id_are_no_ending() -> None:
    """One of some thousand request ids has those of a company; what stands beside it is found."""
    start = "START RequestId: 57641576-8c4c-4172-be0c-cfb6bce5afac Version: 1"
    assert found_in([("log", start)], ()) == []
    assert found_in([("log", f"{start} 4172")], ()) == [f"log: an ending in {start} 4172"]

"""The growth that `make bench ARGS=growth` prints: it says flat only where the rounds show it."""

from __future__ import annotations

import pytest
from bench.growth import ROUNDS, SLICES, Growth

STEADY = [1 + (nth % 7 - 3) / 100 for nth in range(ROUNDS)]
NOISY = [(0.4, 2.5, 1.1, 0.9, 1.9, 0.6, 1.3)[nth % 7] for nth in range(ROUNDS)]


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        (STEADY, "flat"),
        ([1.5 * ratio for ratio in STEADY], "grows"),
        ([1.2 * ratio for ratio in STEADY], "unclear"),
        ([*STEADY[:50], *(9.0 for _ in range(11))], "flat"),
        (NOISY, "unclear"),
        (NOISY[:SLICES], "unclear"),
        ([1.0, 1.0, 3.0], "unclear"),
        ([1.0] * 5, "unclear"),
        ([1.0] * 6, "flat"),
    ],
)
def test_growth_is_told_from_noise(ratios: list[float], verdict: str) -> None:
    """A few rounds in which something else ran change nothing; noise that hides growth of a fifth is said."""
    assert Growth.of(ratios).verdict == verdict


def test_the_interval_is_of_the_median_by_ranks() -> None:
    """Of ten, all but the lowest and the highest: the median lies between them in 98 cases of 100."""
    assert Growth.of([float(nth) for nth in range(10)]) == Growth(1.0, 4.5, 8.0, 10)

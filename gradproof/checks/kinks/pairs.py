"""An array of the first side and that of another one, on a kink: where they are the same, and what is not compared.

An infinity is no number, and NaN neither. Where neither array has a value in real arithmetic, nothing is said of how
the machine writes that, as long as the first side's result is no number that the other must be; but opposite logarithms
of zero differ.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradproof.checks.kinks.limits import JUMP
from gradproof.checks.kinks.visits import Visit
from gradproof.numerics import Value
from gradproof.programs import Side

THROUGH_INFINITY = 2.0**-26
"""How far a result may be off, relative to its size, that was made of infinities, as $e^{-1/0}$ is: half its digits.
Rounding errors say nothing of it."""


@dataclass(frozen=True, eq=False)
class Pair:
    """An array of the first side and that of another one, on a kink."""

    visit: Visit
    side: Side
    leaf: int
    values: tuple[np.ndarray, np.ndarray]
    errors: tuple[np.ndarray, np.ndarray]
    valueless: np.ndarray
    """Where there is nothing to compare, as the first one has no value."""
    overflown: np.ndarray
    """Where both have values, and a formula that need not have them in floating point has none."""
    by_hand: tuple[bool, bool]
    """Whether each is written by hand, and no derivative that JAX takes."""

    @property
    def asks(self) -> bool:
        """Whether one of them is a derivative."""
        return not all(self.by_hand)

    @property
    def judged(self) -> int:
        """Which of the two the rule is about: the one by hand, and else the second."""
        return 0 if self.by_hand == (True, False) else 1

    @property
    def hand(self) -> np.ndarray:
        return self.values[self.judged]

    @cached_property
    def same(self) -> np.ndarray:
        first, other = self.values
        with np.errstate(invalid="ignore"):
            return np.asarray((first == other) | (self._numbers & (np.abs(first - other) <= sum(self.errors))))

    @cached_property
    def unbounded(self) -> np.ndarray:
        """Where nothing is known of the rounding of two numbers, so that there is nothing to compare."""
        return (self._numbers & ~np.isfinite(sum(self.errors))) | self.overflown

    @cached_property
    def _numbers(self) -> np.ndarray:
        """Where both are finite: a bound on errors that is infinite makes no number of an infinity."""
        return np.isfinite(self.values[0]) & np.isfinite(self.values[1])

    def near(self, limit: np.ndarray) -> np.ndarray:
        """Where the one by hand is a limit."""
        with np.errstate(invalid="ignore"):
            close = np.abs(self.hand - limit) <= self.errors[self.judged] + resolution(limit)
        return np.asarray(np.isfinite(self.hand) & close)


def without_values(first: np.ndarray, other: np.ndarray, a: Value, b: Value) -> np.ndarray:
    """Where neither has a value in real arithmetic, and the first one's result is no number that the other must be."""
    none = ~(a.size < np.inf) & ~(b.size < np.inf)
    opposite = (a.size == np.inf) & (b.size == np.inf) & (first == -other)
    return none & (np.isnan(first) | (np.isinf(first) & ~np.isfinite(other) & ~opposite))


def error_of(result: np.ndarray, value: Value) -> np.ndarray:
    """A bound on the error of a result, which may have been made of infinities."""
    made_of_infinities = np.isnan(value.size) & np.isfinite(result)
    return np.where(made_of_infinities, THROUGH_INFINITY * np.maximum(1.0, np.abs(result)), value.error)


def resolution(limit: np.ndarray) -> np.ndarray:
    """To what a limit is known."""
    return JUMP * np.maximum(1.0, np.abs(limit))

"""What a program compares at one point, noted while it runs: in high precision, or in float64 to look at many points.

A comparison is of no interest where only labels and constants meet, where a number meets itself or infinity, and where
the outcome is known beforehand, as for a sum of exponentials and zero.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb

from gradproof.interpreter.constants import Reading
from gradproof.numerics import DoubleArithmetic, Format, RoundingArithmetic

Key = tuple[int, int]
"""A comparison: the identity of its equation, and which of the comparisons that equation makes."""

OUTCOMES = frozenset("<=>")


@dataclass
class Observation:
    """What one run compared: the signs of differences, and how many different numbers, known exactly, are equal."""

    signs: list[float] = field(default_factory=list)
    ties: int = 0
    turned: bool = False
    """Whether the first of the two numbers is a constant, so that it is the second one that varies."""

    @property
    def tied(self) -> bool:
        return self.ties > 0

    def outcomes(self) -> set[str]:
        return outcomes_of(self.signs)


def outcomes_of(differences: Iterable[float]) -> set[str]:
    return {"<" if d < 0 else ">" if d > 0 else "=" for d in differences if d == d}


class ComparingArithmetic(RoundingArithmetic):
    """Notes what is compared. The sign of a difference of no interest is NaN.

    The machine compares with the constants that it stores: where 0.1 stands in the code, the number of float64 that is
    nearest to 0.1 is on the kink. As they are meant, no number of float64 is equal to 0.1.

    Arguments:
        meant: whether constants are the numbers that they stand for, and not those that are stored.
    """

    def __init__(self, *, meant: bool = True) -> None:
        super().__init__(Format.of("float64"))
        self.meant = meant
        self.observations: dict[Key, Observation] = {}

    def kind(self) -> Hashable:
        return super().kind(), self.meant

    def known(self, number: Any, reading: Reading | None, bits: int) -> tuple[arb, float]:
        value, bound = super().known(number, reading, bits)
        return value, bound if self.meant or bound == np.inf else -np.inf

    def noted(self) -> Any:
        notes = super().noted(), self.observations
        self.observations = {}
        return notes

    def note(self, notes: Any) -> None:
        flags, observations = notes
        super().note(flags)
        for key, found in observations.items():
            observation = self.observations.setdefault(key, Observation(turned=found.turned))
            observation.signs.extend(found.signs)
            observation.ties += found.ties

    def log(self, a: Any) -> Any:
        return self._infinite(super().log(a), a.zero)

    def log1p(self, a: Any) -> Any:
        return self._infinite(super().log1p(a), np.asarray(a.exact & (a.value == -1), bool))

    def _infinite(self, logarithm: Any, of_zero: np.ndarray) -> Any:
        """The logarithm of zero is minus infinity."""
        return self.replaced(logarithm, of_zero, self.filled(-np.inf, logarithm.shape))

    def order(self, a: Any, b: Any) -> np.ndarray:
        self.note_comparison(a, b, 0)
        return super().order(a, b)

    def choice(self, a: Any, b: Any, direction: int) -> Any:
        self.note_comparison(a, b, direction)
        return super().choice(a, b, direction)

    def absolute(self, a: Any) -> Any:
        self.note_comparison(a, self.filled(0.0, a.shape), 0)
        return super().choice(a, self.negative(a), 1)

    def note_comparison(self, a: Any, b: Any, kind: int) -> None:
        if not (a.continuous or b.continuous) or _is_settled(a, b) or _is_settled(b, a):
            return
        live = (a.identity != b.identity) & (a.size < np.inf) & (b.size < np.inf)
        if not live.any():
            return
        observation = self.observations.setdefault((id(self.equation), kind), Observation(turned=not a.continuous))
        signs, _, tie = self.compared(a, b)
        observation.signs.extend(np.where(live, signs, np.nan).ravel().tolist())
        observation.ties += int((live & tie & a.exact & b.exact).sum())


def _is_settled(a: Any, b: Any) -> bool:
    """Whether a is positive at all inputs, and b a constant that is not."""
    return a.positive and not b.continuous and bool((b.value <= 0).all())


class ComparingDoubles(DoubleArithmetic):
    """Notes the differences of all that is compared; those that are not finite are NaN."""

    def __init__(self) -> None:
        self.differences: dict[Key, list[float]] = {}

    def noted(self) -> Any:
        notes, self.differences = self.differences, {}
        return notes

    def note(self, notes: Any) -> None:
        for key, differences in notes.items():
            self.differences.setdefault(key, []).extend(differences)

    def input(self, values: np.ndarray) -> Any:
        return self.constant(values) if values.dtype.kind == "f" else values

    def sign(self, a: Any) -> np.ndarray:
        self.note_comparison(a.value, 0)
        return super().sign(a)

    def maximum(self, a: Any, b: Any) -> Any:
        self.note_comparison(a.value - b.value, 1)
        return super().maximum(a, b)

    def minimum(self, a: Any, b: Any) -> Any:
        self.note_comparison(a.value - b.value, -1)
        return super().minimum(a, b)

    def floor(self, a: Any) -> Any:
        self.note_comparison(a.value - np.rint(a.value), 0)
        return super().floor(a)

    def round(self, a: Any, *, to_even: bool) -> Any:
        self.note_comparison(a.value - np.floor(a.value) - 0.5, 0)
        return super().round(a, to_even=to_even)

    def note_comparison(self, difference: np.ndarray, kind: int) -> None:
        finite = np.where(np.isfinite(difference), difference, np.nan)
        self.differences.setdefault((id(self.equation), kind), []).extend(finite.ravel().tolist())

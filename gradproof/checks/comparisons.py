"""What the code compares at one point, told by the program as it runs: in high precision, or in float64 for a glance.

A comparison is of no interest where only labels and constants meet, where a number meets itself or infinity, and where
the outcome is known beforehand, as for a sum of exponentials and zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradproof.numerics.doubles import DoubleArithmetic, Doubles
from gradproof.numerics.magnitude import sizes_of
from gradproof.numerics.precise import Format, Precise, PreciseArithmetic

Key = tuple[int, int]
"""A comparison: the identity of its equation, and which of the comparisons that equation makes."""

OUTCOMES = frozenset("<=>")


@dataclass
class Observation:
    """What was compared in one run: the differences, and how many different numbers, known exactly, are equal."""

    differences: list[Any] = field(default_factory=list)
    ties: int = 0
    turned: bool = False
    """Whether the first of the two numbers is a constant, so that it is the second one that varies."""

    @property
    def tied(self) -> bool:
        return self.ties > 0

    def outcomes(self) -> set[str]:
        return outcomes_of(self.differences)


def outcomes_of(differences: Iterable[Any]) -> set[str]:
    return {"<" if d < 0 else ">" if d > 0 else "=" for d in differences if d == d}


class Watch(PreciseArithmetic):
    """Notes what is compared. Differences of no interest are NaN."""

    def __init__(self) -> None:
        super().__init__(Format.of("float64"))
        self.observations: dict[Key, Observation] = {}

    def noted(self) -> Any:
        notes = super().noted(), self.observations
        self.observations = {}
        return notes

    def note(self, notes: Any) -> None:
        flags, observations = notes
        super().note(flags)
        for key, found in observations.items():
            observation = self.observations.setdefault(key, Observation(turned=found.turned))
            observation.differences.extend(found.differences)
            observation.ties += found.ties

    def order(self, a: Precise, b: Precise) -> np.ndarray:
        self.watch(a, b, 0)
        return super().order(a, b)

    def choice(self, a: Precise, b: Precise, direction: int) -> Precise:
        self.watch(a, b, direction)
        return super().choice(a, b, direction)

    def absolute(self, a: Precise) -> Precise:
        self.watch(a, self.filled(0.0, a.shape), 0)
        return super().choice(a, self.negative(a), 1)

    def watch(self, a: Precise, b: Precise, kind: int) -> None:
        if not (a.continuous or b.continuous) or _is_settled(a, b) or _is_settled(b, a):
            return
        live = (a.identity != b.identity) & (a.size < np.inf) & (b.size < np.inf)
        if not live.any():
            return
        observation = self.observations.setdefault((id(self.equation), kind), Observation(turned=not a.continuous))
        difference = np.where(live, a.value - b.value, self.context.nan)
        observation.differences.extend(difference.ravel().tolist())
        observation.ties += int((live & (sizes_of(difference) == -np.inf) & a.exact & b.exact).sum())


def _is_settled(a: Precise, b: Precise) -> bool:
    """Whether a is positive at all inputs, and b a constant that is not."""
    return a.positive and not b.continuous and bool((b.value <= 0).all())


class Glance(DoubleArithmetic):
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

    def sign(self, a: Doubles) -> np.ndarray:
        self.watch(a.value, 0)
        return super().sign(a)

    def maximum(self, a: Doubles, b: Doubles) -> Doubles:
        self.watch(a.value - b.value, 1)
        return Doubles(np.maximum(a.value, b.value))

    def minimum(self, a: Doubles, b: Doubles) -> Doubles:
        self.watch(a.value - b.value, -1)
        return Doubles(np.minimum(a.value, b.value))

    def watch(self, difference: np.ndarray, kind: int) -> None:
        finite = np.where(np.isfinite(difference), difference, np.nan)
        self.differences.setdefault((id(self.equation), kind), []).extend(finite.ravel().tolist())

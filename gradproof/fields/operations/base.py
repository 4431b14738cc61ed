"""What the arithmetic of one real point keeps: its draws, and what must not happen in them by accident."""

from collections.abc import Callable
from typing import Any

import numpy as np

from gradproof.fields.degree import Degree
from gradproof.fields.draws import Draws, Levels, either
from gradproof.fields.exponents import Exponents
from gradproof.fields.needs import Exhausted
from gradproof.fields.towers import Towers
from gradproof.interpreter import Arithmetic


class FieldBase(Arithmetic):
    """One real point and many draws. Draws in which something fails that a generic draw has are given up."""

    def __init__(self, towers: Towers, generator: np.random.Generator, *, by_rank: bool):
        self.towers = towers
        self.generator = generator
        self.alive = np.ones(towers.draws, bool)
        self.accidents = 0.0
        """The degrees of everything that must not vanish or coincide by accident, added up."""
        self.heights = 0.0
        """The sizes of their coefficients, in bits, added up."""
        self.exponents = Exponents(towers) if by_rank else None

    def condition(self) -> Any:
        """The draws that are left: what is zero in all of them is taken for zero."""
        return self.alive.tobytes()

    def live_towers(self) -> int:
        """How many towers have a draw left."""
        return int(np.count_nonzero(self.towers.by_tower(self.alive)))

    @property
    def _no_torsion(self) -> Levels:
        return (None,) * self.towers.levels

    def _count_accident(self, degree: Degree) -> None:
        self.accidents += degree.total
        self.heights += degree.height.top + degree.height.bottom

    def _levelwise(self, operation: Callable[..., np.ndarray], *arrays: Draws) -> Levels:
        return tuple(
            None
            if any(array.levels[i] is None for array in arrays)
            else operation(*(array.levels[i] for array in arrays), prime)
            for i, prime in enumerate(self.towers.primes)
        )

    def _combine(self, a: Draws, b: Draws, levels: Levels, real: np.ndarray, degree: Degree, **changes: Any) -> Draws:
        return Draws(
            a.shape,
            levels,
            real,
            degree,
            changes.pop("torsion", self._no_torsion),
            undefined=either(a.undefined, b.undefined),
            label=a.label or b.label,
            **changes,
        )

    def _need(self, holds: np.ndarray, excused: np.ndarray | None = None) -> None:
        """Drop the draws in which something does not hold that a generic draw has."""
        if excused is not None:
            holds = holds | excused
        self.alive &= holds.reshape(len(holds), -1).all(axis=1)

    def _identically_zero(self, a: Draws) -> np.ndarray:
        """The elements that are zero at every level of every draw."""
        if a.rational is not None:
            return np.array([v == 0 for v in a.rational.ravel()], bool).reshape(a.shape)
        zero = np.ones(a.shape, bool)
        seen = False
        # Where no draw is left the point is given up, but not since a number was taken for zero.
        rows = self.alive if self.alive.any() else slice(None)
        for level in a.levels:
            if level is not None:
                zero &= (level[rows] == 0).all(axis=0)
                seen = True
        if not seen:
            raise self.exhausted()
        return zero

    def exhausted(self) -> Exhausted:
        return Exhausted("exponentials and logarithms are nested deeper than the towers are high")

"""Arithmetic over towers of prime fields, together with one real point that decides comparisons.

An array of values has, for each level of the towers, one row of residues a draw; levels that exp or log cannot
reach are None. It also has its value at one real point, the same for all draws, whose only use is to say which of
two numbers is larger: so every comparison has an outcome that some real input has, on both sides of a claim.
See `SOUNDNESS.md`.
"""

from fractions import Fraction

import numpy as np

from gradproof.fields.draws import Draws, bounded
from gradproof.fields.operations import Comparisons, Roots, Unknowns


class FieldArithmetic(Comparisons, Unknowns, Roots):
    """The arithmetic of one real point, with many draws."""

    def finite(self, a: Draws) -> np.ndarray:
        return np.ones(a.shape, bool) if a.undefined is None else ~a.undefined

    def rationals(self, a: Draws) -> np.ndarray | None:
        known: np.ndarray | None = a.rational
        return known

    def fraction(self, a: Draws) -> Fraction | None:
        if a.rational is None or not a.rational.size:
            return None
        values = set(a.rational.ravel())
        return values.pop() if len(values) == 1 else None

    # These have the sign of their argument.

    def expm1(self, a: Draws) -> Draws:
        return bounded(super().expm1(a), a.signs)

    def tanh(self, a: Draws) -> Draws:
        return bounded(super().tanh(a), a.signs)

    def sinh(self, a: Draws) -> Draws:
        return bounded(super().sinh(a), a.signs)

"""Errors in bfloat16 at moderate inputs, in units in the last place of the largest entry of an output.

With 8 bits some formulas cancel whatever one does, so that the formula by hand is judged against the program of the
first side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import jax.numpy as jnp
import numpy as np

from gradproof.checks.judgement import gap
from gradproof.claims.verdict import LowPrecision, Where
from gradproof.measures.inputs import LOW
from gradproof.measures.ulps import Entry, largest
from gradproof.numerics import Value


@dataclass
class _Output:
    """The largest errors of one output."""

    at: Where
    by_hand: float = 0.0
    first_side: float = 0.0


@dataclass
class LowErrors:
    """The largest errors of each output, of the formula and of the first side's program."""

    outputs: dict[int, _Output] = field(default_factory=dict)

    def add(
        self,
        leaf: int,
        first: np.ndarray,
        last: np.ndarray,
        values: Sequence[Value],
        measured: np.ndarray,
        entry: Entry,
    ) -> None:
        if not measured.any():
            return
        info = jnp.finfo(LOW)
        unit = max(math.floor(values[0].size[measured].max()), info.minexp) - info.nmant
        by_hand, by_first = (
            np.where(measured, np.minimum.reduce([np.exp2(gap(x, value) - unit) for value in values]), 0.0)
            for x in (last, first)
        )
        index = largest(by_hand)
        output = self.outputs.setdefault(leaf, _Output(entry(index, last)))
        output.first_side = max(output.first_side, float(by_first.max()))
        if by_hand[index] > output.by_hand:
            output.by_hand, output.at = float(by_hand[index]), entry(index, last)

    def record(self) -> LowPrecision | None:
        # Where both are infinite the formula is no worse.
        found = [
            LowPrecision(low.by_hand <= 2 * low.first_side + 0.5, low.by_hand, low.first_side, low.at)
            for low in self.outputs.values()
        ]
        return max(found, key=lambda low: (not low.ok, low.by_hand), default=None)

"""Values on a kink, approached from both sides: what is smooth across it has one value, as softmax at equal logits.

Each tie is decided one way and then the other, as if one of the two numbers were a little larger. A value that comes
out the same both times is that of the function; the slope of a rectifier at 0 does not.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from jax.extend import core

from gradproof.numerics.magnitude import log2_sum, sizes_of
from gradproof.numerics.precise import (
    ABSOLUTE,
    LADDER,
    RELATIVE,
    Certified,
    Inputs,
    Precise,
    ReferenceArithmetic,
    Run,
    Value,
    _any,
    _common,
    run_each,
)


class BesideArithmetic(ReferenceArithmetic):
    """The mathematical values on one side of each tie."""

    def __init__(self, side: int, bits: int, points: int = 1):
        super().__init__(bits, points)
        self.side = side

    def order(self, a: Precise, b: Precise) -> np.ndarray:
        sign, sure, tie = self._compared(a, b)
        self.ambiguous |= _any(~sure)
        # Compared with a constant it is the other number that varies, on whichever side it stands.
        return _common(np.where(tie, self.side if a.continuous else -self.side, sign))


def certify_beside(closed: core.ClosedJaxpr, points: Sequence[Inputs]) -> list[Certified]:
    """Run a program on kinks, in rising precision; known are the values that are the same on both sides."""
    found: dict[int, Certified] = {}
    left = list(range(len(points)))
    for bits in LADDER:
        here = [points[i] for i in left]
        above, below = (run_each(partial(BesideArithmetic, side, bits), closed, here) for side in (1, -1))
        again = []
        for i, one, other in zip(left, above, below, strict=True):
            sure = [_sure(one, x) & _sure(other, y) for x, y in zip(one.outputs, other.outputs, strict=True)]
            same = [
                sizes_of(x.value - y.value) <= log2_sum(x.bound, y.bound)
                for x, y in zip(one.outputs, other.outputs, strict=True)
            ]
            found[i] = Certified(one.outputs, [a & b for a, b in zip(sure, same, strict=True)], False)
            if not all(part.all() for part in sure):
                again.append(i)
        left = again
    return [found[i] for i in range(len(points))]


def _sure(run: Run, x: Value) -> np.ndarray:
    return np.asarray((x.bound <= np.maximum(x.size + RELATIVE, ABSOLUTE)) & (not run.ambiguous))

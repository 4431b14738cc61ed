"""Values on a kink, approached from both sides: what is smooth across it has one value, as softmax at equal logits.

Each tie is decided one way and then the other, as if one of the two numbers were a little larger. A value that comes
out the same both times is that of the function; the slope of a rectifier at 0 does not.
"""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from jax.extend import core

from gradproof.interpreter import Memory
from gradproof.numerics.balls import Balls
from gradproof.numerics.numbers import at_each_point, common
from gradproof.numerics.reference import ReferenceArithmetic
from gradproof.numerics.runs import Inputs, Run, run_at


class OneSidedArithmetic(ReferenceArithmetic):
    """The mathematical values on one side of each tie."""

    def __init__(self, side: int, precision: int, points: int = 1):
        super().__init__(precision, points)
        self.side = side

    def kind(self) -> Hashable:
        return super().kind(), self.side

    def order(self, a: Balls, b: Balls) -> np.ndarray:
        sign, sure, tie = self.compared(a, b)
        self.ambiguous |= at_each_point(~sure)
        # Compared with a constant it is the other number that varies, on whichever side it stands.
        return common(np.where(tie, self.side if a.continuous else -self.side, sign))


def run_one_sided(
    precision: int, closed: core.ClosedJaxpr, points: Sequence[Inputs], memory: Memory | None
) -> list[Run]:
    """Run a program on both sides of kinks; the bound is infinite where the values differ."""
    above, below = (run_at(partial(OneSidedArithmetic, side, precision), closed, points, memory) for side in (1, -1))
    return [_agreement(one, other) for one, other in zip(above, below, strict=True)]


def _agreement(one: Run, other: Run) -> Run:
    outputs = []
    for x, y in zip(one.outputs, other.outputs, strict=True):
        bound = np.where(x.within_errors(y), np.maximum(x.bound, y.bound), np.inf)
        outputs.append(replace(x, bound=bound))
    return Run(outputs, one.ambiguous or other.ambiguous, tied=False, unsure=one.unsure or other.unsure)

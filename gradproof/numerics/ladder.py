"""The mathematical values of a program's outputs, known as well as a reference must be."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from jax.extend import core

from gradproof.interpreter import Memory
from gradproof.numerics.one_sided import run_one_sided
from gradproof.numerics.reference import IntervalArithmetic, ReferenceArithmetic, ValuelessArithmetic
from gradproof.numerics.runs import Inputs, Run, run_at

LADDER = (160, 640, 2560, 16_384)
"""Precisions of the reference. The last one resolves 1 - sigmoid(z) up to z = 10^4."""


def certify(
    closed: core.ClosedJaxpr,
    points: Sequence[Inputs],
    *,
    precisions: Sequence[int] = LADDER,
    one_sided: bool = False,
    intervals: bool = False,
    valueless: bool = False,
    zero: int = 1,
    memory: Memory | None = None,
) -> list[Run]:
    """Run a program in rising precision until its outputs are known, or cannot be.

    Arguments:
        precisions: in bits.
        one_sided: at points on kinks, find the values that are the same on both sides; others have an infinite bound.
        intervals: let a constant of which nothing is read be any number near it.
        valueless: at one point, compare what has no value as the machine compares NaN.
        zero: the sign that a zero has there, where other numbers are divided by it.
        memory: what was run before.
    """
    arithmetic: Callable[..., ReferenceArithmetic] = IntervalArithmetic if intervals else ReferenceArithmetic
    if valueless:
        arithmetic = partial(ValuelessArithmetic, zero=zero)
    found: dict[int, Run] = {}
    left = list(range(len(points)))
    for bits in precisions:
        here = [points[i] for i in left]
        runs = (
            run_one_sided(bits, closed, here, memory)
            if one_sided
            else run_at(partial(arithmetic, bits), closed, here, memory)
        )
        found |= zip(left, runs, strict=True)
        left = [i for i, one in zip(left, runs, strict=True) if _may_gain(one)]
    return [found[i] for i in range(len(points))]


def _may_gain(run: Run) -> bool:
    """Whether more precision may tell more."""
    if run.tied:
        return False
    lost = (~known & ((x.bound < np.inf) | run.unsure) for known, x in zip(run.known, run.outputs, strict=True))
    return run.ambiguous or any(part.any() for part in lost)

"""The probability that a false claim is accepted, from what an arithmetic counted while it ran both sides."""

import math

from gradproof.fields.arithmetic import FieldArithmetic
from gradproof.fields.draws import Draws


def bound_log2(arithmetic: FieldArithmetic, a: Draws, b: Draws) -> float:
    """The bound on the probability that a and b, if they differ, agree in every draw that was made."""
    live = arithmetic.towers.by_tower(arithmetic.alive)
    if arithmetic.exponents is not None:
        live[list(arithmetic.exponents.witnesses)] = 0
    bad, vanishing = chances_log2(arithmetic, a, b)
    return sum(min(math.log2(2**bad + 2 ** (vanishing * float(repeats))), 0.0) for repeats in live[live > 0])


def chances_log2(arithmetic: FieldArithmetic, a: Draws, b: Draws) -> tuple[float, float]:
    """Bounds on the probabilities that a tower makes a and b agree, and that one draw does, where they differ."""
    difference = a.degree + b.degree
    towers = arithmetic.towers
    smallest = math.log2(towers.smallest)
    # Inputs are drawn from a part of each field. Draws without the roots that are needed are not counted, and with r
    # independent ones a difference has 2^r conjugates, of which any may vanish: as many as one draw in so many is kept.
    kept = max(arithmetic.alive.mean(), 1 / towers.draws)
    vanishing = (4 if towers.circular else 2) * (difference.numerator + arithmetic.accidents) / kept**2
    height = difference.height.top + arithmetic.heights
    bad = math.log2(towers.levels * (1 + height / smallest)) - towers.entropy
    return bad, min(math.log2(max(vanishing, 1)) - smallest, 0)

"""The probability that a false claim is accepted, from what was counted while both sides were run."""

import math

from gradproof.worlds.arithmetic import WorldArithmetic
from gradproof.worlds.draws import how_many_primes

ATTEMPTS = 8
"""As often draws may be given up for others."""

PRIMES_TRIED = (16, 24, 32, 48)
REPEATS_TRIED = (2, 4, 8, 16, 32, 64)

WAYS = 48 * len(PRIMES_TRIED) * len(REPEATS_TRIED) * 8
"""As many ways of running both sides may be tried: with labels and relations or without, twelve ways of telling regions
apart, numbers of primes and of draws for each, eight of draws to find relations by. Those of roots are determined."""


def enough(arithmetic: WorldArithmetic, target: float) -> tuple[int, int] | None:
    """The fewest draws that make the bound as small, as primes and draws for each; None if none that are tried do."""
    tried = [(primes, repeats) for primes in PRIMES_TRIED for repeats in REPEATS_TRIED]
    small = [pair for pair in tried if bound_log2(arithmetic, *pair) <= target]
    return min(small, key=lambda pair: pair[0] * pair[1], default=None)


def bound_log2(arithmetic: WorldArithmetic, primes: int | None = None, repeats: int | None = None) -> float:
    """The bound on the probability that sides which differ agree in all draws, or that a decision was an accident.

    `SOUNDNESS.md` has the argument.

    Arguments:
        primes, repeats: if there were other numbers of them than those of the run.
    """
    return accident_log2(arithmetic, primes, repeats) + math.log2(decisions(arithmetic) * ATTEMPTS * WAYS)


def decisions(arithmetic: WorldArithmetic) -> int:
    """How much was decided: of each number that was met, and each quotient of two atoms, whether it is another one."""
    met = max(arithmetic.decisions + arithmetic.roots.compared, 1)
    return met * (met + len(arithmetic.atoms.keys) ** 2)


def accident_log2(arithmetic: WorldArithmetic, primes: int | None = None, repeats: int | None = None) -> float:
    """The bound on the probability that one decision of one run is wrong, by all draws together."""
    plan = arithmetic.plan
    draws = (repeats or plan.repeats) - arithmetic.field.scaling
    bad, root = bad_prime(arithmetic), min(root_of_all(arithmetic), 1.0)
    each = min(bad / (1 - root) + root**draws, 1.0) if root < 1 else 1.0
    return ((primes or plan.primes) - bool(plan.witnesses)) * (math.log2(each) if each else -math.inf)


def bad_prime(arithmetic: WorldArithmetic) -> float:
    """Of the probability that a prime divides all coefficients of a polynomial that is not zero."""
    bits = arithmetic.plan.bits
    return conjugates(arithmetic) * arithmetic.height / (bits - 1) / how_many_primes(bits)


def root_of_all(arithmetic: WorldArithmetic) -> float:
    """Of the probability that a draw over another prime is a root of it, or has not the signs that are meant."""
    pairs = arithmetic.pairs
    # Signs are looked for in products of exponentials, too.
    degree = arithmetic.degree + (2 * pairs.largest if pairs.relations else 0)
    degree *= conjugates(arithmetic) * of_powers(arithmetic) * of_inverses(arithmetic)
    return degree / 2.0 ** (arithmetic.plan.bits - 1) + of_signs(arithmetic)


def of_powers(arithmetic: WorldArithmetic) -> float:
    """What is positive is the square of what is drawn, or a higher power of 2 where roots of it are taken."""
    return 2.0 ** (1 + arithmetic.roots.halved)


def of_inverses(arithmetic: WorldArithmetic) -> int:
    """Where exponentials have negative powers, a polynomial in them is multiplied by positive ones, as high."""
    return 1 + arithmetic.pairs.inverted


def of_signs(arithmetic: WorldArithmetic) -> float:
    """The share of draws in which some root of a square has not the sign that is meant."""
    return 1 - 2.0 ** -len(arithmetic.roots.squares)


def conjugates(arithmetic: WorldArithmetic) -> int:
    """How many one root of odd order stands for, or several."""
    return math.prod(arithmetic.roots.odd.values())

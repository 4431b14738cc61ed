"""The probability that a false claim is accepted, from what was counted while both sides were run."""

import math

from gradproof.worlds.arithmetic import WorldArithmetic
from gradproof.worlds.residues import BITS

PRIMES = 50_697_537 * (1 / 2) * (1 / 2) * (3 / 4) * (5 / 6)
"""About how many primes are drawn from: those of 31 bits that are 3 modulo 4, and 1 modulo neither 3 nor 5 nor 7."""

ATTEMPTS = 8
"""As often draws may be given up for others."""

PRIMES_TRIED = (16, 24, 32, 48)
REPEATS_TRIED = (2, 4, 8, 16, 32, 64)

WAYS = 20 * len(PRIMES_TRIED) * len(REPEATS_TRIED) * 8
"""As many ways of running both sides may be tried: with labels and relations or without, five ways of telling regions
apart, numbers of primes and of draws for each, eight of draws to find relations by. Those of roots are determined."""


def enough(arithmetic: WorldArithmetic, target: float) -> tuple[int, int] | None:
    """The fewest draws that make the bound as small, as primes and draws for each; None if none that are tried do."""
    tried = [(primes, repeats) for primes in PRIMES_TRIED for repeats in REPEATS_TRIED]
    small = [pair for pair in tried if bound_log2(arithmetic, *pair) <= target]
    return min(small, key=lambda pair: pair[0] * pair[1], default=None)


def bound_log2(arithmetic: WorldArithmetic, primes: int | None = None, repeats: int | None = None) -> float:
    """The bound on the probability that sides which differ agree in all draws, or that a decision was an accident.

    What is decided by residues is whether a polynomial over the integers is zero. One that is not has a prime for a
    divisor of all its coefficients with the probability `bad`; otherwise a draw over the prime is a root of it with
    the probability `root`, as the degree is at most twice what is counted where squares are drawn, of 2^30 residues.
    `SOUNDNESS.md` has the argument.

    Arguments:
        primes, repeats: if there were other numbers of them than those of the run.
    """
    plan, roots = arithmetic.plan, arithmetic.roots
    primes, repeats = primes or plan.primes, repeats or plan.repeats
    bad = arithmetic.height / (BITS - 1) / PRIMES
    conjugates = math.prod(roots.odd.values())
    root = 2 * arithmetic.degree * conjugates / 2.0 ** (BITS - 1)
    if roots.squares:
        # Of the root of a square each draw has one sign: only so many have all of those that are the roots meant.
        root += 1 - 2.0 ** -len(roots.squares)
    each = math.log2(min(bad + min(root, 1.0) ** repeats, 1.0)) if bad + root > 0 else -math.inf
    return (primes - bool(plan.witnesses)) * each + math.log2(max(arithmetic.decisions, 1) * ATTEMPTS * WAYS)

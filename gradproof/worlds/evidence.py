"""The probability that a false claim is accepted, from what was counted while both sides were run."""

import math

from gradproof.worlds.arithmetic import WorldArithmetic
from gradproof.worlds.residues import BITS

PRIMES = 50_697_537 * (1 / 2) * (1 / 2) * (3 / 4) * (5 / 6)
"""About how many primes are drawn from: those of 31 bits that are 3 modulo 4, and 1 modulo neither 3 nor 5 nor 7."""

ATTEMPTS = 8
"""As often draws may be given up for others."""

WAYS = 8 * 6 * 8
"""As many ways of running both sides may be tried: with labels, relations and loosened sums or without, six numbers of
draws for a prime, eight of draws to find relations by. That of roots is determined by the relations."""


def bound_log2(arithmetic: WorldArithmetic) -> float:
    """The bound on the probability that sides which differ agree in all draws, or that a decision was an accident.

    What is decided by residues is whether a polynomial over the integers is zero. One that is not has a prime for a
    divisor of all its coefficients with the probability `bad`; otherwise a draw over the prime is a root of it with
    the probability `root`, as the degree is at most twice what is counted where squares are drawn, of 2^30 residues.
    `SOUNDNESS.md` has the argument.
    """
    plan, roots = arithmetic.plan, arithmetic.roots
    bad = arithmetic.height / (BITS - 1) / PRIMES
    conjugates = math.prod(roots.odd.values())
    root = 2 * arithmetic.degree * conjugates / 2.0 ** (BITS - 1)
    if roots.squares:
        # Of the root of a square each draw has one sign: only so many have all of those that are the roots meant.
        root += 1 - 2.0 ** -len(roots.squares)
    primes = plan.primes - bool(plan.witnesses)
    each = math.log2(min(bad + min(root, 1.0) ** plan.repeats, 1.0)) if bad + root > 0 else -math.inf
    return primes * each + math.log2(max(arithmetic.decisions, 1) * ATTEMPTS * WAYS)

"""The part of an exponential that no power of g makes up: a logarithm carries it along with its value.

Sums of logarithms multiply their torsion, and a multiple of one is a power of it; where it would have to be anything
else, and is not 1, it is not known.
"""

import math
from collections.abc import Callable

import numpy as np

from gradproof.fields.draws import Draws, Levels
from gradproof.fields.towers import Towers, column, multiply, raise_to


def of_sum(towers: Towers, a: Draws, b: Draws) -> Levels:
    """The torsion of a + b."""
    return _combined(towers, lambda i, s, t: multiply(s, t, column(towers.primes[i + 1], s)), a, b)


def of_product(towers: Towers, a: Draws, b: Draws) -> Levels:
    """The torsion of a b, which is known only where neither has any."""
    return _combined(towers, lambda _, s, t: ((s == 1) & (t == 1)).astype(np.int64), a, b)


def of_total(towers: Towers, x: Draws) -> Levels:
    """The torsion of the sum along the last axis."""
    result: list[np.ndarray | None] = []
    for i, torsion in enumerate(x.torsion):
        if torsion is None:
            result.append(None)
            continue
        product = np.ones(torsion.shape[:-1], np.int64)
        for k in range(x.shape[-1]):
            product = multiply(product, torsion[..., k], column(towers.primes[i + 1], product))
        result.append(product)
    return tuple(result)


def _combined(towers: Towers, operation: Callable[..., np.ndarray], a: Draws, b: Draws) -> Levels:
    """The torsion that an operation makes of that of two numbers; it is given the level, and both at that level."""
    if all(t is None for t in a.torsion) and all(t is None for t in b.torsion):
        return a.torsion
    result: list[np.ndarray | None] = []
    for i, (s, t) in enumerate(zip(a.torsion, b.torsion, strict=True)):
        if s is None and t is None:
            result.append(None)
        else:
            shape = (towers.draws, *a.shape)
            one = np.ones(shape, np.int64)
            result.append(operation(i, one if s is None else s, one if t is None else t))
    return tuple(result)


def scaled(towers: Towers, a: Draws, scale: np.ndarray) -> Levels:
    """The torsion of a times known rationals n/d: the n-th power of the d-th root, where there is one."""
    if all(t is None for t in a.torsion):
        return a.torsion
    result: list[np.ndarray | None] = []
    for i, torsion in enumerate(a.torsion):
        if torsion is None:
            result.append(None)
            continue
        prime = towers.primes[i + 1]
        cofactor = (prime - 1) // towers.primes[i]
        exponent = np.zeros(torsion.shape, np.int64)
        known = torsion != 0
        for place, value in np.ndenumerate(scale):
            for row, k in enumerate(cofactor.tolist()):
                common = _shared_part(k, value.denominator)
                rest = k // common
                exponent[(row, *place)] = value.numerator * pow(value.denominator, -1, rest) % rest if rest > 1 else 0
                if common > 1:
                    known[(row, *place)] &= pow(int(torsion[(row, *place)]), rest, int(prime[row])) == 1
        powered = raise_to(torsion, exponent, column(prime, torsion))
        result.append(np.where(known, powered, 0))
    return tuple(result)


def _shared_part(n: int, d: int) -> int:
    """The largest divisor of n made of primes of d."""
    common = 1
    while (g := math.gcd(n, d)) > 1:
        n, common = n // g, common * g
    return common

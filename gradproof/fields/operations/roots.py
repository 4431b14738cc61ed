"""Roots, and what is made of them: powers to rational numbers, Cholesky factors and triangular systems."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from gradproof.fields.degree import Degree
from gradproof.fields.draws import POSITIVE, Draws, either, fractions
from gradproof.fields.operations.exponentials import Exponentials
from gradproof.fields.towers import column, raise_to


class Roots(Exponentials):
    """A root is the one that lies in the subgroup of odd order."""

    def power(self, a: Draws, exponent: Fraction) -> Draws:
        if exponent.denominator == 1:
            return self.integer_power(a, exponent.numerator)
        if a.rational is not None and exponent.denominator == 2 and all(v >= 0 for v in a.rational.ravel()):
            outside = fractions(_root_of_square_part, a.rational)
            inside = fractions(lambda v: v / (_root_of_square_part(v) or 1) ** 2, a.rational)
            # The root in the field that is a square is s sqrt(f) only where s is one.
            if any(s != 1 for s in outside.ravel()):
                factor = self.integer_power(self._rational(outside), exponent.numerator)
                if all(f in (0, 1) for f in inside.ravel()):
                    return factor
                return self.multiply(factor, self.power(self._rational(inside), exponent))
        bad = self._outside(a)
        zero = self._identically_zero(a)
        self._count_accident(a.degree)
        n, d = exponent.numerator, exponent.denominator

        def root(x: np.ndarray, prime: np.ndarray) -> np.ndarray:
            odd = (prime - 1) // (4 if self.towers.circular else 2)
            fits = np.array([math.gcd(d, int(m)) == 1 for m in odd])
            powers = np.array([n * pow(d, -1, int(m)) % int(m) if ok else 0 for m, ok in zip(odd, fits, strict=True)])
            p = column(prime, x)
            square = raise_to(x, column(odd, x), p) == 1
            self._need(square & column(fits, x), bad)
            return np.where(zero, 0, raise_to(x, column(powers, x), p))

        with np.errstate(invalid="ignore", divide="ignore"):
            real = np.power(a.real, float(exponent))
        return Draws(
            a.shape,
            self._levelwise(root, a),
            real,
            (a.degree if n > 0 else a.degree.inverse()).scaled(max(abs(n), d)),
            self._no_torsion,
            undefined=either(a.undefined, bad & ~zero if (bad & ~zero).any() or (n < 0 and bad.any()) else None),
            signs=(0, 1) if bad.any() else POSITIVE,
            label=a.label,
        )

    def cholesky(self, a: Draws) -> Draws:
        """Each entry is a minor over the root of two, which says more of its degree than how it is computed."""
        minor = a.degree.determinant(a.shape[-1])
        counted = self.accidents, self.heights
        factor = super().cholesky(replace(a, degree=Degree(0.0)))
        self.accidents, self.heights = counted
        for _ in range(a.shape[-1]):
            self._count_accident(minor)
        return replace(factor, degree=minor * (minor * minor).inverse().scaled(2))

    def solve_lower(self, a: Draws, b: Draws) -> Draws:
        return replace(super().solve_lower(a, b), degree=a.degree.solution(a.shape[-1], b.degree))


def _root_of_square_part(value: Fraction) -> Fraction:
    """s where the value is s^2 f and f has no square factor, or none but large ones."""
    return Fraction(_square_root_within(value.numerator), _square_root_within(value.denominator))


def _square_root_within(n: int) -> int:
    found = 1
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97):
        while n and n % prime**2 == 0:
            n, found = n // prime**2, found * prime
    rest = math.isqrt(n)
    return found * rest if rest * rest == n else found

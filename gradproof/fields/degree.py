"""How large the numerator and the denominator of a value can be: degrees, and sizes of integer coefficients.

A value at one level of a tower is a rational function, over the integers, of what was drawn or is as good as drawn:
the inputs, and the fresh values that exp, log and unknown functions return. `Degree` bounds it from above; the bound
on false acceptance in `SOUNDNESS.md` is made of these.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

SMALL = 64
"""Numerators and denominators up to this count as repeated terms in an exponent; other constants as one symbol."""


@dataclass(frozen=True)
class Norm:
    """Base-2 logarithms of the sums of absolute coefficients, above and below the fraction bar."""

    top: float = 0.0
    bottom: float = 0.0

    def __add__(self, other: "Norm") -> "Norm":
        if self.bottom == other.bottom == 0:
            return Norm(_log2_sum(self.top, other.top))
        return Norm(_log2_sum(self.top + other.bottom, other.top + self.bottom), self.bottom + other.bottom)

    def __mul__(self, other: "Norm") -> "Norm":
        return Norm(self.top + other.top, self.bottom + other.bottom)

    def times(self, count: int) -> "Norm":
        return Norm(self.top + (count - 1) * self.bottom + math.log2(count), count * self.bottom)

    def inverse(self) -> "Norm":
        return Norm(self.bottom, self.top)

    def scaled(self, factor: int) -> "Norm":
        return Norm(self.top * factor, self.bottom * factor)

    def largest(self, other: "Norm") -> "Norm":
        return Norm(max(self.top, other.top), max(self.bottom, other.bottom))


@dataclass(frozen=True)
class Degree:
    """Degrees above and below, the sizes of the coefficients, and the same with large constants counted as symbols."""

    numerator: float = 1.0
    denominator: float = 0.0
    height: Norm = Norm()
    terms: Norm = Norm()
    logarithms: bool = False
    """Whether it has logarithms in it, which exp turns into what they are of."""

    @classmethod
    def of_constants(cls, values: list[Fraction]) -> "Degree":
        height, terms = Norm(), Norm()
        for value in values:
            if value:
                top, bottom = abs(value.numerator), value.denominator
                height = height.largest(Norm(_log2(top), _log2(bottom)))
                if top <= SMALL and bottom <= SMALL:
                    terms = terms.largest(Norm(math.log2(top * bottom)))
        return cls(0.0, 0.0, height, terms)

    def __add__(self, other: "Degree") -> "Degree":
        if self.denominator == other.denominator == 0:
            numerator, denominator = max(self.numerator, other.numerator), 0.0
        else:
            numerator = max(self.numerator + other.denominator, other.numerator + self.denominator)
            denominator = self.denominator + other.denominator
        return Degree(
            numerator,
            denominator,
            self.height + other.height,
            self.terms + other.terms,
            self.logarithms or other.logarithms,
        )

    def __mul__(self, other: "Degree") -> "Degree":
        return Degree(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.height * other.height,
            self.terms * other.terms,
            self.logarithms or other.logarithms,
        )

    def times(self, count: int) -> "Degree":
        """The sum of this many values, each so bounded."""
        if count == 0:
            return Degree(0.0)
        return replace(
            self,
            numerator=self.numerator + (count - 1) * self.denominator,
            denominator=count * self.denominator,
            height=self.height.times(count),
            terms=self.terms.times(count),
        )

    def inverse(self) -> "Degree":
        return replace(
            self,
            numerator=self.denominator,
            denominator=self.numerator,
            height=self.height.inverse(),
            terms=self.terms.inverse(),
        )

    def scaled(self, factor: int) -> "Degree":
        """A bound for the root or power by a fraction whose numerator and denominator are at most this."""
        return replace(
            self,
            numerator=self.numerator * factor,
            denominator=self.denominator * factor,
            height=self.height.scaled(factor),
            terms=self.terms.scaled(factor),
        )

    def exponential(self) -> "Degree":
        """The bound for exp of this value: each term of the exponent is a factor."""
        weight = 2.0 ** min(self.terms.top, 500.0)
        # exp of a logarithm is no factor of its own: it is what the logarithm is of, with all its terms.
        size = Norm(weight, weight) if self.logarithms else Norm()
        return Degree(weight, weight, size, size, self.logarithms)

    def logarithm(self) -> "Degree":
        """The bound for log of this value: a sum over as many factors as its degree and its coefficients allow."""
        size = Norm(math.log2(max(self.total + self.height.top + self.height.bottom, 1.0)))
        return Degree(height=size, terms=size, logarithms=True)

    def largest(self, other: "Degree") -> "Degree":
        return Degree(
            max(self.numerator, other.numerator),
            max(self.denominator, other.denominator),
            self.height.largest(other.height),
            self.terms.largest(other.terms),
            self.logarithms or other.logarithms,
        )

    @classmethod
    def ratio(cls, terms: int, *factors: tuple["Degree", tuple[int, int], tuple[int, int]]) -> "Degree":
        """The bound for a fraction with so many terms above the bar and one below.

        Each factor is a bound for some values, and says how many of their numerators and denominators a term above the
        bar has, and the one below.
        """

        def sums(top: Callable[["Degree"], float], bottom: Callable[["Degree"], float]) -> tuple[float, float]:
            above = sum(p * top(degree) + q * bottom(degree) for degree, (p, q), _ in factors)
            return above, sum(p * top(degree) + q * bottom(degree) for degree, _, (p, q) in factors)

        def norm(of: Callable[["Degree"], Norm]) -> Norm:
            top, bottom = sums(lambda degree: of(degree).top, lambda degree: of(degree).bottom)
            return Norm(top + _log2(terms), bottom)

        return cls(
            *sums(lambda degree: degree.numerator, lambda degree: degree.denominator),
            norm(lambda degree: degree.height),
            norm(lambda degree: degree.terms),
            any(degree.logarithms for degree, _, _ in factors),
        )

    def determinant(self, n: int) -> "Degree":
        """The bound for a determinant of n by n such values: each term has n, above all other denominators."""
        return Degree.ratio(math.factorial(n), (self, (n, n * (n - 1)), (0, n * n)))

    def solution(self, n: int, right: "Degree") -> "Degree":
        """The bound for the solution of a triangular system of n such equations, by Cramer's rule.

        A term is an entry of the right side times entries below the diagonal, divided by one more on it. Below the bar
        are all numerators on the diagonal, all denominators below it and those of the right side.
        """
        below = n * (n - 1) // 2
        return Degree.ratio(2 ** (n - 1), (right, (1, n - 1), (0, n)), (self, (n - 1, below + 1), (n, below)))

    @property
    def total(self) -> float:
        return self.numerator + self.denominator


def _log2(n: int) -> float:
    excess = max(n.bit_length() - 60, 0)
    return math.log2(n >> excess) + excess


def _log2_sum(a: float, b: float) -> float:
    low, high = sorted((a, b))
    return high + math.log2(1 + 2.0 ** (low - high))

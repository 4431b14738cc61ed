"""How large a value can be as a fraction of polynomials with integer coefficients.

A value is a numerator over a product of powers of *denominators*, and over an integer. A denominator is the product of
the numerators of all elements of one array that was inverted, so that what is divided by different elements still has
one denominator in common; it is another product in each world. In a sum the higher power of each counts, in a product
they add up; so the depth of a network adds to degrees, and does not multiply them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from gradproof.worlds.errors import TooLarge

LARGEST = 2.0**60


@dataclass(frozen=True)
class Degree:
    """Bounds for all elements of an array.

    Arguments:
        numerator: the degree of the numerator.
        denominators: the power of each denominator, by its number.
        height: bits of the sum of the absolute coefficients of the numerator.
        integer: what is below the bar besides.
    """

    numerator: float = 0.0
    denominators: Mapping[int, int] = field(default_factory=dict)
    height: float = 0.0
    integer: int = 1


@dataclass(frozen=True)
class Denominator:
    """Bounds for a denominator in one world.

    Arguments:
        worlds: in how many it may be another one.
    """

    degree: float
    height: float
    worlds: int = 1


class Degrees:
    """What sums, products and inverses do to degrees; the denominators of one run."""

    def __init__(self) -> None:
        self.denominators: list[Denominator] = []
        self.products: dict[int, int] = {}
        """For the number of a denominator, that of its product in all worlds."""

    def over(self, a: Degree, common: Mapping[int, int], integer: int) -> tuple[float, float]:
        """Degree and height of the numerator, once it is brought to a common denominator."""
        numerator, height = a.numerator, a.height + math.log2(integer // a.integer)
        for number, power in common.items():
            if more := power - a.denominators.get(number, 0):
                numerator += more * self.denominators[number].degree
                height += more * self.denominators[number].height
        return numerator, height

    def either(self, a: Degree, b: Degree, *, bits: float = 0.0) -> Degree:
        """Bounds that hold for elements of both, with so many bits more."""
        if a is b and not bits:
            return a
        common = a.denominators
        if common != b.denominators:
            common = {k: max(a.denominators.get(k, 0), b.denominators.get(k, 0)) for k in {**common, **b.denominators}}
        integer = math.lcm(a.integer, b.integer)
        (n, h), (m, g) = self.over(a, common, integer), self.over(b, common, integer)
        return _checked(Degree(max(n, m), common, max(h, g) + bits, integer))

    def sum(self, a: Degree, b: Degree) -> Degree:
        return self.either(a, b, bits=1.0)

    def total(self, a: Degree, count: int) -> Degree:
        """Of a sum of so many elements of one array."""
        return Degree(a.numerator, a.denominators, a.height + math.log2(max(count, 1)), a.integer)

    def product(self, a: Degree, b: Degree) -> Degree:
        powers = {k: a.denominators.get(k, 0) + b.denominators.get(k, 0) for k in {**a.denominators, **b.denominators}}
        return _checked(Degree(a.numerator + b.numerator, powers, a.height + b.height, a.integer * b.integer))

    def inverse(self, a: Degree, count: int, worlds: int) -> Degree:
        """Of so many elements, the product of whose numerators is a denominator from now on.

        Arguments:
            worlds: in how many the elements may be others.
        """
        self.denominators.append(Denominator(a.numerator * count, a.height * count, worlds))
        top, height = self.over(Degree(), a.denominators, 1)
        rest = max(count - 1, 0)
        return _checked(
            Degree(
                top + rest * a.numerator,
                {len(self.denominators) - 1: 1},
                height + rest * a.height + math.log2(a.integer),
            )
        )

    def of_worlds(self, a: Degree) -> Degree:
        """Of sums of multiples of values in several worlds: over the product of what is below the bar in each."""
        numerator, height, powers = a.numerator, a.height, {}
        for number, power in a.denominators.items():
            found = self.denominators[number]
            if found.worlds > 1:
                numerator += power * (found.worlds - 1) * found.degree
                height += power * (found.worlds - 1) * found.height
                number = self._of_all_worlds(number)
            powers[number] = power
        return _checked(Degree(numerator, powers, height, a.integer))

    def _of_all_worlds(self, number: int) -> int:
        """The product of a denominator in all worlds, which is one itself."""
        if number not in self.products:
            found = self.denominators[number]
            self.products[number] = len(self.denominators)
            self.denominators.append(Denominator(found.degree * found.worlds, found.height * found.worlds))
        return self.products[number]

    def power(self, a: Degree, exponent: int) -> Degree:
        powers = {k: n * exponent for k, n in a.denominators.items()}
        return _checked(Degree(a.numerator * exponent, powers, a.height * exponent, a.integer**exponent))

    def whole(self, a: Degree) -> tuple[float, float]:
        """Degree and height of numerator and denominator together: a difference has at most the sum of two values'."""
        degree, height = a.numerator, a.height + math.log2(a.integer)
        for number, power in a.denominators.items():
            degree += power * self.denominators[number].degree
            height += power * self.denominators[number].height
        return degree, height


def _checked(degree: Degree) -> Degree:
    if degree.numerator > LARGEST or degree.integer.bit_length() > LARGEST_INTEGER:
        raise TooLarge("the degrees are too large for a bound on the probability of error")
    return degree


LARGEST_INTEGER = 100_000

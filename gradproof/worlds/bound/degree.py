"""How large a value can be as a fraction of polynomials with integer coefficients.

A value is a numerator times powers of *named* polynomials, over an integer. What is divided by gets a name, and so does
what a logarithm is taken of. In a sum the lower power of each counts, in a product they add up, and what is divided by
itself is gone; so the depth of a network adds to degrees, and does not multiply them.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np

from gradproof.worlds.errors import TooLarge

LARGEST = 2.0**60
LARGEST_INTEGER = 100_000
MOST = 32
"""Degrees that are told apart in one array; where there are more, all elements have one that holds for all."""

Which = np.ndarray
"""The degrees of elements, as numbers of a table: of shape (worlds or 1, *shape), or without axes if they have one."""

CONSTANT: Which = np.array(0)
VARIABLE: Which = np.array(1)


@dataclass(frozen=True)
class Degree:
    """Bounds for a value.

    Arguments:
        numerator: the degree of the numerator.
        powers: of named polynomials, by their numbers; negative ones are below the bar.
        height: bits of the sum of the absolute coefficients of the numerator.
        integer: what is below the bar besides.
        rooted: whether it is made of roots of what may be negative, and so may be no real number where it is not met.
    """

    numerator: float = 0.0
    powers: Mapping[int, int] = field(default_factory=dict)
    height: float = 0.0
    integer: int = 1
    rooted: bool = False


@dataclass(frozen=True)
class Named:
    """Bounds for a polynomial with a name.

    Arguments:
        worlds: in how many it may be another one.
    """

    degree: float
    height: float
    worlds: int = 1


class Degrees:
    """The degrees that were met in one run, each with a number, and what is made of them; named polynomials."""

    def __init__(self) -> None:
        self.table: list[Degree] = []
        self.named: list[Named] = []
        self.products: dict[int, int] = {}
        """For the number of a name, that of the product of what it stands for in all worlds."""
        self.in_one: dict[tuple[int, int], int] = {}
        """For a name and a world, the name of what it stands for there."""
        self._numbers: dict[tuple[object, ...], int] = {}
        self._made: dict[tuple[str, int, int], int] = {}
        self._wholes: list[tuple[float, float]] = []
        self.number(Degree())
        self.number(Degree(1.0))

    def number(self, degree: Degree) -> int:
        """Raises `TooLarge` where nothing would be left of the bound."""
        if degree.numerator > LARGEST or degree.integer.bit_length() > LARGEST_INTEGER:
            raise TooLarge("the degrees are too large for a bound on the probability of error")
        key = (degree.numerator, degree.height, degree.integer, degree.rooted, *sorted(degree.powers.items()))
        if key not in self._numbers:
            self._numbers[key] = len(self.table)
            self.table.append(degree)
            self._wholes.append(self.whole_of(degree))
        return self._numbers[key]

    def which(self, degree: Degree) -> Which:
        """That of all elements."""
        return np.array(self.number(degree))

    def name(self, named: Named) -> int:
        self.named.append(named)
        return len(self.named) - 1

    # What sums, products and inverses do

    def sum(self, a: Which, b: Which) -> Which:
        return self._combined("sum", lambda x, y: longer(self._either(x, y), 2), a, b)

    def product(self, a: Which, b: Which) -> Which:
        return self._combined("product", lambda x, y: product_of(self.table[x], self.table[y]), a, b)

    def power(self, a: Which, exponent: int) -> Which:
        """To a power that is not negative."""
        return self._each(lambda x: power_of(x, exponent), a)

    def root(self, a: Which, exponent: int, *, real: bool) -> Which:
        """Of a root, to such a power.

        Arguments:
            real: whether it is that of a positive number, whatever is compared.
        """
        return self._each(lambda x: replace(power_of(self.root_of(x), exponent), rooted=x.rooted or not real), a)

    def root_of(self, a: Degree) -> Degree:
        """What is below the bar is no root there, and what that lacks is above it: no more than one of both."""
        sides = [(a.numerator, a.height), (0.0, math.log2(a.integer))]
        for number, power in a.powers.items():
            degree, height = sides[power < 0]
            named = self.named[number]
            sides[power < 0] = degree + abs(power) * named.degree, height + abs(power) * named.height
        below = {number: power for number, power in a.powers.items() if power < 0}
        return Degree(max(d for d, _ in sides), below, max(h for _, h in sides), a.integer, a.rooted)

    def total(self, a: Which, count: int) -> Which:
        """Of sums of so many elements, along the last axis."""
        if a.ndim == 0:
            return self._each(lambda x: longer(x, count), a)
        distinct, place = np.unique(a, return_inverse=True)
        sets, row = np.unique(np.bitwise_or.reduce(1 << place.reshape(a.shape), axis=-1), return_inverse=True)
        rows = [self._merged(x for k, x in enumerate(distinct.tolist()) if chosen >> k & 1) for chosen in sets.tolist()]
        made = [self.number(longer(self.table[x], count)) for x in rows]
        return self.settled(np.array(made)[row].reshape(a.shape[:-1]))

    def inverse(self, a: Which, count: int, worlds: int) -> Which:
        """Of so many elements. The product of their numerators has a name from now on.

        Arguments:
            worlds: in how many the elements may be others.
        """
        below = self.name(self._numerators(a, count, worlds))
        product = self.named[below]

        def inverted(x: Degree) -> Degree:
            powers = {below: -1, **{k: -n for k, n in x.powers.items()}}
            height = product.height - x.height + math.log2(x.integer)
            return Degree(product.degree - x.numerator, powers, height, rooted=x.rooted)

        return self._each(inverted, a)

    def _numerators(self, a: Which, count: int, worlds: int) -> Named:
        """Their product. A number that is the same in all worlds may be another fraction in each."""
        distinct, place = np.unique(a, return_inverse=True)
        found = [self.table[x] for x in distinct.tolist()]
        worlds = max([worlds, *(self.named[k].worlds for x in found for k in x.powers)])
        each = np.array([(x.numerator, x.height) for x in found])[place].reshape(*a.shape, 2)
        total = each * count if a.ndim == 0 else each.reshape(len(a), count, 2).sum(axis=1).max(axis=0)
        return Named(float(total[0]), float(total[1]), max(worlds, len(a) if a.ndim else 1))

    def _combined(self, name: str, rule: Callable[[int, int], Degree], a: Which, b: Which) -> Which:
        """Element by element, and each pair of degrees once."""
        if a.ndim == 0 and b.ndim == 0:
            return np.array(self._once(name, rule, int(a), int(b)))
        count = len(self.table)
        pairs, place = np.unique(a * count + b, return_inverse=True)
        made = [self._once(name, rule, *divmod(pair, count)) for pair in pairs.tolist()]
        return self.settled(np.array(made, int)[place].reshape(np.broadcast_shapes(a.shape, b.shape)))

    def _once(self, name: str, rule: Callable[[int, int], Degree], a: int, b: int) -> int:
        key = name, a, b
        if key not in self._made:
            self._made[key] = self.number(rule(a, b))
        return self._made[key]

    def _each(self, rule: Callable[[Degree], Degree], a: Which) -> Which:
        distinct, place = np.unique(a, return_inverse=True)
        made = [self.number(rule(self.table[x])) for x in distinct.tolist()]
        return self.settled(np.array(made, int)[place].reshape(a.shape))

    # What holds for several

    def either(self, parts: Iterable[Which]) -> Which:
        """What holds for all elements of arrays."""
        return np.array(self._merged(x for part in parts for x in np.unique(part).tolist()))

    def chosen(self, which: np.ndarray, cases: Sequence[Which]) -> Which:
        """Place by place, of the case that is chosen."""
        if all(x.ndim == 0 for x in cases) and (either := self.settled(np.array(cases))).ndim == 0:
            return either
        made = np.broadcast_to(cases[0], which.shape)
        for number, case in enumerate(cases[1:], 1):
            made = np.where(which == number, case, made)
        return self.settled(made)

    def settled(self, a: Which) -> Which:
        """One degree for all elements, where that is no larger than theirs, or there are too many."""
        if a.ndim == 0:
            return a
        distinct = np.unique(a).tolist()
        if not distinct:
            return CONSTANT
        merged = self._merged(distinct)
        if len(distinct) > MOST or self._wholes[merged][0] <= max(self._wholes[x][0] for x in distinct):
            return np.array(merged)
        return a

    def _merged(self, numbers: Iterable[int]) -> int:
        return reduce(lambda a, b: a if a == b else self._once("either", self._either, a, b), numbers)

    def _either(self, x: int, y: int) -> Degree:
        return self.either_of(self.table[x], self.table[y])

    def either_of(self, a: Degree, b: Degree) -> Degree:
        powers = a.powers
        if powers != b.powers:
            powers = {k: min(a.powers.get(k, 0), b.powers.get(k, 0)) for k in {**a.powers, **b.powers}}
            powers = {k: n for k, n in powers.items() if n}
        integer = math.lcm(a.integer, b.integer)
        (n, h), (m, g) = self._over(a, powers, integer), self._over(b, powers, integer)
        return Degree(max(n, m), powers, max(h, g), integer, a.rooted or b.rooted)

    def _over(self, a: Degree, common: Mapping[int, int], integer: int) -> tuple[float, float]:
        """Degree and height of the numerator, with lower powers of what has a name."""
        numerator, height = a.numerator, a.height + math.log2(integer // a.integer)
        if a.powers != common:
            for number in {**a.powers, **common}:
                if more := a.powers.get(number, 0) - common.get(number, 0):
                    numerator += more * self.named[number].degree
                    height += more * self.named[number].height
        return numerator, height

    # Worlds

    def of_worlds(self, a: Which) -> Which:
        """Of sums of multiples of values in several worlds: over the product of what is below the bar in each."""
        x = self.table[int(self.either([a]))]
        numerator, height, powers = x.numerator, x.height, dict[int, int]()
        for number, power in x.powers.items():
            found = self.named[number]
            more = power if power > 0 else -power * (found.worlds - 1)
            numerator += more * found.degree
            height += more * found.height
            if power < 0:
                powers[self._of_all_worlds(number)] = power
        return self.which(Degree(numerator, powers, height, x.integer, x.rooted))

    def _of_all_worlds(self, number: int) -> int:
        """The product of what a name stands for in all worlds."""
        found = self.named[number]
        if found.worlds == 1:
            return number
        if number not in self.products:
            self.products[number] = self.name(Named(found.degree * found.worlds, found.height * found.worlds))
        return self.products[number]

    def at(self, a: Which, world: int, place: int) -> Degree:
        """Of one element in one world, by names that stand for one polynomial wherever they are met."""
        x = self.table[int(a if a.ndim == 0 else a.reshape(len(a), -1)[world % len(a), place])]
        if all(self.named[number].worlds == 1 for number in x.powers):
            return x
        powers = {self._in_world(number, world): power for number, power in x.powers.items()}
        return replace(x, powers=powers)

    def _in_world(self, number: int, world: int) -> int:
        found = self.named[number]
        if found.worlds == 1:
            return number
        if (number, world) not in self.in_one:
            self.in_one[number, world] = self.name(Named(found.degree, found.height))
        return self.in_one[number, world]

    # How large that is

    def whole(self, a: Which) -> tuple[float, float]:
        """Degree and height of numerator and denominator together: a difference has at most the sum of two values'."""
        if a.ndim == 0:
            return self._wholes[int(a)]
        each = [self._wholes[x] for x in np.unique(a).tolist()]
        return max((degree for degree, _ in each), default=0.0), max((height for _, height in each), default=0.0)

    def rooted(self, a: Which) -> bool:
        """Whether some element is made of roots of what may be negative."""
        return any(self.table[x].rooted for x in np.unique(a).tolist())

    def whole_of(self, a: Degree) -> tuple[float, float]:
        degree, height = a.numerator, a.height + math.log2(a.integer)
        for number, power in a.powers.items():
            degree += abs(power) * self.named[number].degree
            height += abs(power) * self.named[number].height
        return degree, height


def product_of(a: Degree, b: Degree) -> Degree:
    powers, rooted = _added(a.powers, b.powers), a.rooted or b.rooted
    return Degree(a.numerator + b.numerator, powers, a.height + b.height, a.integer * b.integer, rooted)


def power_of(a: Degree, exponent: int) -> Degree:
    powers = {k: n * exponent for k, n in a.powers.items() if exponent}
    return Degree(a.numerator * exponent, powers, a.height * exponent, a.integer**exponent, a.rooted)


def longer(a: Degree, count: int) -> Degree:
    """Of a sum of so many."""
    return replace(a, height=a.height + math.log2(max(count, 1)))


def _added(a: Mapping[int, int], b: Mapping[int, int]) -> Mapping[int, int]:
    if not a or not b:
        return a or b
    added = {k: a.get(k, 0) + b.get(k, 0) for k in {**a, **b}}
    return {k: n for k, n in added.items() if n}

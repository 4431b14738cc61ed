"""How large exponentials and logarithms are, that are made of others."""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from fractions import Fraction

from gradproof.worlds.degree import Degree, Degrees
from gradproof.worlds.pairs import Pairs, Terms


def of_powers(degrees: Degrees, pairs: Pairs, worlds: Sequence[Iterable[Terms]]) -> Degree:
    """Of products of powers of the E: those that were not drawn are what logarithms were taken of.

    Numbers of one array have one denominator, which is gone from the quotient of two.

    Arguments:
        worlds: what the elements of an array are products of, in each.
    """
    each = [[_from_logarithms(pairs, terms) for terms in used] for used in worlds]
    sizes = {id(pairs.table[k].size): pairs.table[k].size for world in each for terms in world for k in terms}
    used_numbers = {k for world in each for terms in world for k in terms}
    of_size = {key: {k for k in used_numbers if id(pairs.table[k].size) == key} for key in sizes}
    inverses: dict[int, Degree] = {}
    for key, mine in of_size.items():
        inverted = max((len(mine & {k for terms in world for k in terms if terms[k] < 0}) for world in each), default=0)
        if inverted:
            inverses[key] = degrees.inverse(_above_the_bar(sizes[key]), inverted, len(each))
    total = Degree(pairs.largest)
    for powers in {_by_size(terms, of_size) for world in each for terms in world}:
        product = Degree(pairs.largest)
        for key, up, down in powers:
            product = degrees.product(product, degrees.power(_above_the_bar(sizes[key]), up))
            if down:
                product = degrees.product(product, degrees.power(inverses[key], down))
            below = Degree(0.0, sizes[key].denominators, 0.0, sizes[key].integer)
            if up < down:
                top, height = degrees.over(Degree(), below.denominators, 1)
                below = Degree(top, {}, height + math.log2(below.integer))
            product = degrees.product(product, degrees.power(below, abs(up - down)))
        total = degrees.either(total, product)
    return total


def _above_the_bar(size: Degree) -> Degree:
    return Degree(size.numerator, {}, size.height)


def _by_size(terms: Mapping[int, Fraction], of_size: Mapping[int, Set[int]]) -> frozenset[tuple[int, int, int]]:
    """How often numbers of each size are factors, and how often divisors."""
    return frozenset(
        (
            key,
            sum(math.ceil(n) for k, n in terms.items() if k in mine and n > 0),
            sum(math.ceil(-n) for k, n in terms.items() if k in mine and n < 0),
        )
        for key, mine in of_size.items()
    )


def of_exponents(degrees: Degrees, pairs: Pairs, used: Iterable[Terms]) -> Degree:
    """Of sums of multiples of the l: those that were not drawn are what exponentials were taken of."""
    total, most = Degree(1.0), 1
    for terms in used:
        most = max(most, len(terms))
        for number, factor in terms:
            pair = pairs.table[number]
            scale = Degree(height=math.log2(abs(factor.numerator)), integer=factor.denominator)
            total = degrees.either(total, degrees.product(pair.size if pair.drawn else Degree(1.0), scale))
    return degrees.total(total, most)


def _from_logarithms(pairs: Pairs, terms: Terms) -> Mapping[int, Fraction]:
    return {number: power for number, power in terms if not pairs.table[number].drawn}

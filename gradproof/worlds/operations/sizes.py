"""How large exponentials and logarithms are, that are made of others."""

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

from gradproof.worlds.degree import Degree, Degrees
from gradproof.worlds.pairs import Pairs, Terms


def of_powers(degrees: Degrees, pairs: Pairs, used: Iterable[Terms]) -> Degree:
    """Of products of powers of the E: those that were not drawn are what logarithms were taken of."""
    total = Degree(pairs.largest)
    made = [_from_logarithms(pairs, terms) for terms in used]
    sizes = {id(pairs.table[number].size): pairs.table[number].size for terms in made for number in terms}
    for identity, size in sizes.items():
        mine = [{k: n for k, n in terms.items() if id(pairs.table[k].size) == identity} for terms in made]
        above = max(sum(math.ceil(n) for n in terms.values() if n > 0) for terms in mine)
        below = max(sum(math.ceil(-n) for n in terms.values() if n < 0) for terms in mine)
        inverted = {k for terms in mine for k, n in terms.items() if n < 0}
        total = degrees.product(total, degrees.power(size, above))
        if below:
            total = degrees.product(total, degrees.power(degrees.inverse(size, len(inverted), 1), below))
    return total


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

"""How large exponentials and logarithms are, that are made of others."""

import math
from fractions import Fraction
from functools import reduce

from gradproof.worlds.bound.degree import Degree, Degrees, Named, longer, power_of, product_of
from gradproof.worlds.pairs import Pairs, Terms


def of_powers(degrees: Degrees, pairs: Pairs, terms: Terms) -> Degree:
    """Of a product of powers of the E. What a logarithm was taken of has a name for its numerator."""
    powers = [_of_power(degrees, pairs, number, power) for number, power in terms if not pairs.table[number].drawn]
    return reduce(product_of, powers, Degree(pairs.largest))


def _of_power(degrees: Degrees, pairs: Pairs, number: int, power: Fraction) -> Degree:
    size, numerator = pairs.table[number].size, _numerator(degrees, pairs, number)
    whole = math.trunc(power)
    rooted = size.rooted or (power != whole and not pairs.table[number].positive)
    top = Degree(0.0, {numerator: 1, **size.powers}, 0.0, size.integer, rooted)
    bottom = Degree(0.0, {name: -times for name, times in top.powers.items()}, math.log2(size.integer), rooted=rooted)
    made = power_of(top if whole > 0 else bottom, abs(whole))
    if power == whole:
        return made
    return product_of(made, degrees.root_of(top if power > 0 else bottom))


def _numerator(degrees: Degrees, pairs: Pairs, number: int) -> int:
    if number not in pairs.numerators:
        size = pairs.table[number].size
        pairs.numerators[number] = degrees.name(Named(size.numerator, size.height))
    return pairs.numerators[number]


def of_exponents(degrees: Degrees, pairs: Pairs, terms: Terms) -> Degree:
    """Of a sum of multiples of the l: those that were not drawn are what exponentials were taken of."""
    parts = [Degree(1.0)]
    for number, factor in terms:
        pair = pairs.table[number]
        scale = Degree(height=math.log2(abs(factor.numerator)), integer=factor.denominator)
        parts.append(product_of(pair.size if pair.drawn else Degree(1.0), scale))
    return longer(reduce(degrees.either_of, parts), len(terms))

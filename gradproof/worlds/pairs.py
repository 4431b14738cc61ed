"""Exponentials and logarithms: a table of pairs (l, E) with l = log |E|, which are algebraically independent.

exp(v) is a product of powers of the E where v is a rational combination of the l and these E are positive, which is for
the caller to see; otherwise a fresh residue, and another pair. log |a| is a combination of the l where the logarithmic
derivative of a is that combination of theirs; otherwise a fresh residue. Relations are looked for with the draws of one
prime, and hold where they do in all others.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, lcm, log2

import numpy as np
from flint import fmpz

from gradproof.errors import Undecided
from gradproof.worlds.bound import Degree
from gradproof.worlds.draws import Drawn
from gradproof.worlds.errors import NeedsRoots, NeedsWitnesses
from gradproof.worlds.residues import BITS, LOW, Column, rational_modulo

MOST_COEFFICIENT = 1024
MOST_OTHERS = 64
TIMES = [Fraction(n) for n in (1, -1, 2, -2)]
SPARE_WITNESSES = 6
MOST_BITS = 160
MOST_POWER = 4


@dataclass
class Pair:
    """Arguments:
    exponent: l.
    power: E.
    slope: the derivative of l along the derivation, if it is not zero.
    root: what E is a power of, of the order of the plan, where E was drawn.
    size: of l where E was drawn, and of E where l was.
    positive: whether E is known to be.
    """

    exponent: Column
    power: Column
    slope: Column | None
    root: Column | None
    size: Degree
    positive: bool

    @property
    def drawn(self) -> bool:
        """Whether E was."""
        return self.root is not None


Terms = Sequence[tuple[int, Fraction]]
"""Pairs, by their numbers: powers of their E in a product, or coefficients of their l in a sum."""


class Space:
    """The span of vectors over one prime, in reduced echelon form."""

    def __init__(self, prime: int, length: int):
        self.prime = prime
        self.rows = np.zeros((0, length), np.int64)
        self.made_of = np.zeros((0, 0), np.int64)
        """What each row is of the vectors that were added."""
        self.pivots = np.zeros(0, np.int64)

    def combined(self, factors: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """A sum of rows, in two halves so that nothing overflows."""
        low, high = factors & 0x7FFF, factors >> 15
        return (((high @ rows) % self.prime << 15) % self.prime + low @ rows) % self.prime

    def relation(self, vector: np.ndarray) -> np.ndarray | None:
        """Its coefficients in the vectors that were added, if there are any."""
        factors = vector[self.pivots]
        if ((vector - self.combined(factors, self.rows)) % self.prime).any():
            return None
        return self.combined(factors, self.made_of)

    def add(self, vector: np.ndarray) -> None:
        """One that is independent of those before."""
        p, count = self.prime, len(self.rows)
        factors = vector[self.pivots]
        rest = (vector - self.combined(factors, self.rows)) % p
        pivot = int(np.argmax(rest != 0))
        scale = pow(int(rest[pivot]), -1, p)
        row = rest * scale % p
        made_of = np.zeros(count + 1, np.int64)
        made_of[:count] = -self.combined(factors, self.made_of) % p
        made_of[count] = 1
        made_of = made_of * scale % p
        clear = self.rows[:, pivot].copy()
        self.rows = np.concatenate([(self.rows - clear[:, None] * row) % p, row[None]])
        wide = np.zeros((count + 1, count + 1), np.int64)
        wide[:count, :count] = self.made_of
        wide[:count] = (wide[:count] - clear[:, None] * made_of) % p
        wide[count] = made_of
        self.made_of, self.pivots = wide, np.append(self.pivots, pivot)


class Independent:
    """Columns that have no rational relation, and how others are combined of them."""

    def __init__(self, field: Drawn):
        self.field = field
        self.here = field.witness
        self.space = Space(field.distinct[field.where[np.argmax(self.here)]], 2 * int(self.here.sum()))
        self.columns: list[Column] = []
        self.pairs: list[int] = []
        self.others: list[tuple[Column, int]] = []
        """Columns that are combinations of these, with many digits."""
        self.missed = False
        """Whether a number was a combination of others, and not with few digits."""

    def _flat(self, column: Column) -> np.ndarray:
        seen = column[self.here]
        return np.concatenate([seen & LOW, seen >> BITS])

    def add(self, column: Column, pair: int) -> None:
        if self.space.relation(self._flat(column)) is not None:
            self.others.append((column, pair))
            return
        if len(self.pairs) > self.here.sum() - SPARE_WITNESSES:
            raise NeedsWitnesses
        self.space.add(self._flat(column))
        self.columns.append(column)
        self.pairs.append(pair)

    def relation(self, column: Column) -> Terms | None:
        """The pairs and coefficients of which it is the sum, in every draw."""
        found = self.space.relation(self._flat(column))
        if found is None:
            return None
        if (terms := self._terms(column, found)) is not None:
            return terms
        # With one of the others it may be a sum with few digits.
        for (other, pair), times in itertools.product(self.others[:MOST_OTHERS], TIMES):
            scaled = self.field.multiply(self.field.constant(times)[None], other[None])
            rest = self.field.subtract(column[None], scaled)[0]
            found = self.space.relation(self._flat(rest))
            if found is not None and (terms := self._terms(rest, found)) is not None:
                return [*terms, (pair, times)]
        self.missed = True
        return None

    def _terms(self, column: Column, found: np.ndarray) -> Terms | None:
        """With these coefficients modulo the prime, if they have few digits and hold in every draw."""
        field, p = self.field, self.space.prime
        terms, factors, places = [], [field.constant(Fraction(-1))], np.flatnonzero(found).tolist()
        for i in places:
            coefficient = rational_modulo(int(found[i]), p, min(MOST_COEFFICIENT, isqrt(p // 2)))
            if coefficient is None:
                return None
            terms.append((self.pairs[i], coefficient))
            factors.append(field.constant(coefficient))
        columns = [column, *(self.columns[i] for i in places)]
        rest = field.sum(field.multiply(np.stack(columns, -1)[None], np.stack(factors, -1)[None]))
        return None if rest.any() else terms


class Pairs:
    """The table of one run.

    Arguments:
        root: powers to a fraction, of what was not drawn as a power.
        remember: that numbers were drawn as squares.
    """

    def __init__(
        self,
        field: Drawn,
        root: Callable[[Column, Fraction], Column],
        remember: Callable[[Sequence[Column]], None],
    ):
        self.field, self.root, self.remember = field, root, remember
        self.table: list[Pair] = []
        self.of_exponent: dict[bytes, int] = {}
        self.of_power: dict[bytes, int] = {}
        self.known: dict[bytes, tuple[Column, Terms]] = {}
        """Exponentials that were worked out once."""
        self.largest = float(field.plan.order)
        """The highest degree of an exponential in what was drawn."""
        self.inverted = False
        """Whether a negative power of what was drawn is such an exponential."""
        self.size_of: Callable[[bytes], Degree] = lambda _: Degree()
        """How large what is looked up is, as the caller knows."""
        self.numerators: dict[int, int] = {}
        """The names of the numerators of the E that were not drawn, by the numbers of the pairs."""
        self.is_positive: Callable[[Column], bool] = lambda _: False
        """Whether what is looked up is known to be."""
        self.used: dict[bytes, Terms] = {}
        """What was found to be made of which pairs, by what was looked up, since the caller forgot it."""
        self.constants: list[int] = []
        """The pairs of numbers that are not rational, and neither is a power of them: there is one, the root of pi."""
        self.relations = bool(field.plan.witnesses)
        self.vague = not self.relations
        """Whether there may be relations between exponentials that are not known."""
        if self.relations:
            self.exponents, self.slopes = Independent(field), Independent(field)
            # The number e.
            self.add_sized(Pair(np.ones(field.draws, np.int64), field.fresh("e"), None, None, Degree(1.0), True))

    @property
    def others(self) -> int:
        """How many exponents and slopes are combinations of others with many digits."""
        return len(self.exponents.others) + len(self.slopes.others) if self.relations else 0

    def add(self, exponent: Column, power: Column, slope: Column | None, root: Column | None) -> Pair:
        key = power.tobytes()
        size = self.size_of(key if root is None else exponent.tobytes())
        positive = root is not None or self.is_positive(power)
        return self.add_sized(Pair(exponent, power, slope, root, size, positive))

    def add_sized(self, pair: Pair) -> Pair:
        exponent, power, slope, number = pair.exponent, pair.power, pair.slope, len(self.table)
        self.table.append(pair)
        self.of_exponent[exponent.tobytes()] = number
        self.of_power.setdefault(power.tobytes(), number)
        if self.relations:
            self.exponents.add(exponent, number)
            if slope is not None and slope.any():
                self.slopes.add(slope, number)
        return pair

    def exp(self, v: Column, slope: Column | None) -> Column:
        if not v.any():
            return np.ones(self.field.draws, np.int64)
        made, terms = self._exponential(v, slope)
        self.used[v.tobytes()] = terms
        return made

    def _exponential(self, v: Column, slope: Column | None) -> tuple[Column, Terms]:
        field, key = self.field, v.tobytes()
        if (number := self.of_exponent.get(key)) is not None:
            return self.table[number].power, [(number, Fraction(1))]
        if key in self.known:
            return self.known[key]
        terms: Terms | None = None
        if (number := self.of_exponent.get(field.negative(v[None])[0].tobytes())) is not None:
            terms = [(number, Fraction(-1))]
        elif self.relations:
            terms = self.exponents.relation(v)
            self.vague |= self.exponents.missed
            if terms is not None and not all(map(self._has_power, terms)):
                terms, self.vague = None, True
        if terms is None:
            root = field.fresh_square("exp", key)
            power = field.power(root[None], field.plan.order)[0]
            self.add(v, power, slope, root)
            self.remember([root, power])
            return power, [(len(self.table) - 1, Fraction(1))]
        self.known[key] = self.product(terms), terms
        return self.known[key]

    def power_of(self, v: Column) -> Column | None:
        """The exponential of a sum of whole multiples of exponents, if all E in it are positive."""
        missed = self.exponents.missed
        terms = self.exponents.relation(v)
        self.exponents.missed = missed
        if not terms or any(times.denominator > 1 or not self.table[number].positive for number, times in terms):
            return None
        return self.product(terms)

    def _has_power(self, term: tuple[int, Fraction]) -> bool:
        """Whether a power of an E is known: roots of what is in F_p[i] are not, where it was not drawn."""
        pair = self.table[term[0]]
        return term[1].denominator == 1 or pair.drawn or not (pair.power > LOW).any()

    def fresh(self, v: Column) -> Column:
        """An exponential that is a new variable, although that of others would be a product."""
        root = self.field.fresh_square("exp", v.tobytes())
        power = self.field.power(root[None], self.field.plan.order)[0]
        if power.tobytes() not in self.of_power:
            self.of_power[power.tobytes()] = len(self.table)
            self.table.append(Pair(v, power, None, root, self.size_of(v.tobytes()), True))
        return power

    def log(self, a: Column, slope: Column | None) -> Column:
        """Of a column that is zero nowhere."""
        if (a == 1).all():
            return np.zeros_like(a)
        field, terms = self.field, self._logarithm(a, slope)
        self.used[a.tobytes()] = terms
        total = np.zeros((1, field.draws), np.int64)
        for number, factor in terms:
            scaled = field.multiply(field.constant(factor)[None], self.table[number].exponent[None])
            total = field.add(total, scaled)
        return total[0]

    def _logarithm(self, a: Column, slope: Column | None) -> Terms:
        field = self.field
        if (number := self.of_power.get(a.tobytes())) is not None:
            return [(number, Fraction(1))]
        by_a = None
        if not self.relations or slope is None or not slope.any():
            if (constant := field.rational(a)) is not None:
                return self.log_of_rational(constant)
        else:
            by_a = field.multiply(slope[None], field.inverse(a[None]))[0]
            if (terms := self.slopes.relation(by_a)) is not None:
                constant = field.multiply(a[None], field.inverse(self.product(terms)[None]))[0]
                return [*terms, *([] if (constant == 1).all() else self._logarithm(constant, None))]
            self.vague |= self.slopes.missed
        if by_a is None and self.relations:
            if (terms := self._of_constants(a)) is not None:
                return terms
            self.vague = True
        self.add(field.fresh("log", a.tobytes()), a, by_a, None)
        return [(len(self.table) - 1, Fraction(1))]

    def add_constant(self, power: Column) -> None:
        """A number that is positive, and of which no power is rational."""
        if self.relations and power.tobytes() not in self.of_power:
            self.constants.append(len(self.table))
            self.add_sized(Pair(self.field.fresh("log", power.tobytes()), power, None, None, Degree(1.0), True))

    def _of_constants(self, a: Column) -> Terms | None:
        """The logarithm of a power of a constant times a rational number, or its root."""
        powers = [Fraction(n) for n in range(-MOST_POWER, MOST_POWER + 1) if n]
        for terms in ([], *([(number, power)] for number, power in itertools.product(self.constants, powers))):
            rest = self.field.multiply(a[None], self.field.inverse(self.product(terms)[None]))
            square = self.field.rational(self.field.multiply(rest, rest)[0])
            if square is not None and square > 0:
                return [*terms, *((prime, times / 2) for prime, times in self.log_of_rational(square))]
        return None

    def product(self, terms: Terms) -> Column:
        """The product of powers of the E."""
        field, order = self.field, self.field.plan.order
        out, degree = np.ones((1, field.draws), np.int64), 0
        for number, exponent in terms:
            pair = self.table[number]
            base, n = pair.power, exponent
            if n.denominator > 1 and pair.root is None:
                # Not drawn: the number e, or what a logarithm was taken of.
                base, n = self.root(pair.power, Fraction(1, n.denominator)), Fraction(n.numerator)
            elif n.denominator > 1 and pair.root is not None:
                if (n * order).denominator > 1:
                    raise NeedsRoots(lcm(order, n.denominator))
                base, n = pair.root, n * order
            degree += abs(int(n)) * (order if base is pair.power else 1)
            made = base[None] if abs(n) == 1 else field.power(base[None], abs(int(n)))
            out = field.multiply(out, made if n > 0 else field.inverse(made))
            self.inverted |= n < 0
        self.largest = max(self.largest, float(degree))
        return out[0]

    def log_of_rational(self, constant: Fraction) -> Terms:
        """The sum of the logarithms of its prime factors, which are as good as independent, whatever its sign."""
        field, terms = self.field, []
        for part, sign in ((constant.numerator, 1), (constant.denominator, -1)):
            for prime, times in factors(abs(part)):
                power = field.constant(Fraction(prime))
                if (number := self.of_power.get(power.tobytes())) is None:
                    number = len(self.table)
                    size = Degree(height=log2(prime))
                    self.add_sized(Pair(field.fresh("log", power.tobytes()), power, None, None, size, True))
                terms.append((number, Fraction(sign * times)))
        return terms


def factors(n: int) -> list[tuple[int, int]]:
    """Prime numbers whose powers it is the product of, and -1."""
    found = [(-1, 1)] if n < 0 else []
    if abs(n).bit_length() > MOST_BITS:
        raise Undecided("the logarithm or the root of a whole number of very many digits")
    return [*found, *((int(prime), times) for prime, times in fmpz(abs(n)).factor())]

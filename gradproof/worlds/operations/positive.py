"""Numbers that are known to be positive, and are known again in another form."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from gradproof.worlds.atoms import Colours, Support, loose
from gradproof.worlds.draws import Plan
from gradproof.worlds.operations.ring import Ring
from gradproof.worlds.residues import Column
from gradproof.worlds.value import ANY, FINITE, NEGATIVE, POSITIVE, ZERO, Value, kinds


@dataclass
class Known:
    """A number that is positive.

    Arguments:
        heads: its first residues.
        worlds: those in which it is.
        support: the atoms that decide this.
    """

    heads: np.ndarray
    worlds: np.ndarray
    support: Support

    @property
    def everywhere(self) -> bool:
        return not self.support and bool(self.worlds.all())

    def hold_everywhere(self) -> None:
        self.worlds[:], self.support = True, 0


@dataclass(frozen=True)
class Remembered:
    """A value that is known to be positive.

    Arguments:
        terms: what it is the sum of, along the last axis if that is one array.
        always: whether it is positive whatever the outcomes of comparisons are, as an exponential is.
    """

    value: Value
    terms: tuple[Value, ...] = ()
    always: bool = False


MOST_TERMS = 16
MOST_SUMMANDS = 16


class Positive(Ring):
    """Sums of positive numbers are remembered."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.sums: list[Remembered] = []
        """Values known to be positive, that were not looked at yet."""
        self.squared = 0
        """How many squares were looked at."""
        self.positive: dict[bytes, list[Known]] = {}
        """By what proportional numbers have in common: one is positive in some worlds, its negative in others."""
        self.positive_columns: list[Column] = []
        self.positive_sizes: list[tuple[float, float]] = []
        """The degrees and heights of these."""
        self.positive_slopes: list[tuple[Column, Column]] = []
        self._quotients = np.ones(0, np.int64)
        """Of the second draw and the first one, of what is known."""
        self._summands = np.zeros((0, 2), np.int64)
        """The same two draws of some of the columns."""

    def remember(self, a: Value, terms: tuple[Value, ...] = (), *, always: bool = False) -> Value:
        """A number that is positive is known when it is met again in another form."""
        if a.rational is None and _positive(a).any():
            self.sums.append(Remembered(a, terms, always))
        return a

    def add(self, a: Value, b: Value) -> Value:
        return self.remember(super().add(a, b), (a, b))

    def sum(self, x: Value) -> Value:
        return self.remember(super().sum(x), (x,))

    def symbol(self, name: str, shape: tuple[int, ...], *, positive: bool = False) -> Value:
        return self.remember(super().symbol(name, shape, positive=positive))

    def between(self, a: Value, low: float, high: float) -> Value:
        """An input that lies between two numbers and is neither, as is known of it from here on."""
        for end, sign in ((low, 1), (high, -1)):
            if math.isfinite(end):
                distance = self.subtract(a, self.filled(end, a.shape))
                distance = distance if sign > 0 else self.negative(distance)
                self.remember(replace(distance, signs=np.full(a.shape, POSITIVE, np.int8)))
        signs = a.signs & (POSITIVE if low >= 0 else ANY) & (NEGATIVE if high <= 0 else ANY)
        return self.remember(replace(a, signs=signs.astype(np.int8)))

    def decide_up_to_constants(self, a: Value, count: int = 1) -> None:
        """The same of proportions: of a number, an atom and something positive, all as large as these are."""
        self.decide(a, count, self.degrees.whole(a.degree))

    def _learn_squares(self) -> None:
        """Look at what was squared since this was last done; squares of real numbers are positive."""
        squares, self.squared = self.squares[self.squared :], len(self.squares)
        for base in squares:
            if not is_plain(base):
                continue
            # Its square is compared with a number and an atom, all as large as that.
            degree, height = self.degrees.whole(base.degree)
            self.decide(base, beside=(4 * degree, 4 * height))
            # What is made of no roots is real in all worlds, and not only in those in which it is met.
            real = not self.degrees.rooted(base.degree)
            supports = np.zeros(base.shape, object) if base.support is None else base.support
            wide = self.columns_of(base)[0]
            for w, j in np.ndindex(*wide.shape[:2]):
                column = wide[w, j]
                if not column.all():
                    continue
                if real:
                    self._known(self.field.multiply(column[None], column[None])[0]).hold_everywhere()
                if not base.signs.ravel()[j] & NEGATIVE:
                    here = np.arange(self.atoms.worlds) == w if len(wide) > 1 else np.ones(self.atoms.worlds, bool)
                    self.learn_positive(column, here, int(supports.ravel()[j]))

    def learn_sums(self) -> None:
        """Look at what was remembered since this was last done."""
        if not self.sums and self.squared == len(self.squares):
            return
        sums, self.sums = self.sums, []
        self._learn_squares()
        for x in sums:
            self._learn(x)

    def known_multiples(self, column: Column) -> Iterator[tuple[Known, Fraction]]:
        """What is known of numbers of which a number is a rational multiple, and which one."""
        self.learn_sums()
        key, heads = self.field.normal(column)
        for known in self.positive.get(key, ()):
            if ratio := self.field.ratio(heads, known.heads):
                yield known, ratio

    def _known(self, column: Column) -> Known:
        """What is known of a number and its positive multiples."""
        for known, ratio in self.known_multiples(column):
            if ratio > 0:
                return known
        key, heads = self.field.normal(column)
        known = Known(heads, np.zeros(self.atoms.worlds, bool), 0)
        self.positive.setdefault(key, []).append(known)
        return known

    def _learn(self, remembered: Remembered) -> None:
        x = remembered.value
        self.decide_up_to_constants(x)
        (wide, slopes), worlds = self.columns_of(x), self.atoms.worlds
        finite = np.broadcast_to(kinds(x) == FINITE, (len(wide), *x.shape)).reshape(len(wide), -1)
        supports = np.zeros(x.shape, object) if x.support is None else x.support
        for j in np.flatnonzero(_positive(x)):
            places: dict[bytes, list[int]] = {}
            for w in range(len(wide)):
                if finite[w, j]:
                    places.setdefault(wide[w, j].tobytes(), []).append(w)
            for at in places.values():
                column = wide[at[0], j]
                if not column.all():
                    continue
                here = np.zeros(worlds, bool)
                here[at if len(wide) > 1 else ...] = True
                known = self._known(column)
                if known.everywhere:
                    continue
                known.worlds |= here
                known.support |= int(supports.ravel()[j])
                if (here.all() and not supports.ravel()[j]) or self._is_always(remembered, at[0], int(j)):
                    known.hold_everywhere()
                    self._always(column, None if slopes is None else slopes[at[0], j])
                    self.positive_sizes.append(self.degrees.whole(x.degree))
                    self._learn_parts(remembered, column, at[0], int(j))

    def _learn_parts(self, remembered: Remembered, total: Column, world: int, place: int) -> None:
        """Of a sum of positive numbers each is less than it: what is left is positive, and so is its share."""
        terms = self._terms(remembered, world, place)
        if not 2 <= len(terms) <= MOST_TERMS or not self._is_sum_of_positive(total, terms):
            return
        # The share is as large as two such sums, and is compared with a number and an atom.
        degree, height = self.degrees.whole(remembered.value.degree)
        self.decide(remembered.value, 2 * len(terms), (2 * degree, 2 * height))
        inverse = self.field.inverse(total[None])
        for term in terms:
            rest = self.field.subtract(total[None], term[None])
            # Where the rest is not zero, its share is not, either.
            for positive in (rest[0], self.field.multiply(rest, inverse)[0]) if rest.all() else ():
                self._known(positive).hold_everywhere()

    def _is_always(self, remembered: Remembered, world: int, place: int) -> bool:
        """Whether an element in a world is positive in all others, too: as a sum of what is so."""
        if remembered.always or not remembered.terms:
            return remembered.always
        total = remembered.value.residues[world % len(remembered.value.residues)].reshape(self.field.draws, -1)[
            :, place
        ]
        return self._is_sum_of_positive(total, self._terms(remembered, world, place))

    def _is_sum_of_positive(self, total: Column, terms: Sequence[Column]) -> bool:
        """What is loosened is no sum of what its terms are in one world."""
        left = total[None]
        for term in terms:
            left = self.field.subtract(left, term[None])
        return not left.any() and all(map(self.is_always_positive, terms))

    def _terms(self, remembered: Remembered, world: int, place: int) -> list[Column]:
        """What is not zero of that of which an element in a world is the sum."""
        if not remembered.terms:
            return []
        each = math.prod(remembered.terms[0].shape) // math.prod(remembered.value.shape)
        parts = [x.residues[world % len(x.residues)].reshape(self.field.draws, -1) for x in remembered.terms]
        columns = [part[:, place * each + i] for part in parts for i in range(each)]
        return [np.ascontiguousarray(column) for column in columns if column.any()]

    def is_always_positive(self, column: Column) -> bool:
        """Whether a number is known to be positive whatever is compared."""
        if not column.all():
            return False
        if (constant := self.field.rational(column)) is not None:
            return constant > 0
        return any(known.everywhere and ratio > 0 for known, ratio in self.known_multiples(column))

    def learn_positive(self, column: Column, worlds: np.ndarray, support: Support) -> None:
        """That a number is positive in some worlds, which is decided by these atoms."""
        known = self._known(column)
        if not known.everywhere:
            known.worlds |= worlds
            known.support |= support

    def _always(self, column: Column, slope: Column | None) -> None:
        """What is positive wherever it is met."""
        self.positive_columns.append(column)
        if slope is not None:
            inverse = self.field.inverse(column[None])
            self.positive_slopes.append((column, self.field.multiply(slope[None], inverse)[0]))

    def multiple_of_positive(self, column: Column) -> Fraction | None:
        """The rational number that a column, or its inverse, is of something known to be positive."""
        for each in (column, self.field.inverse(column[None])[0]):
            for known, ratio in self.known_multiples(each):
                if known.everywhere:
                    return ratio
        # Such as the sum of two roots, or of a root and a number, by which the difference of squares is a multiple.
        if self.pairs.relations:
            for sign, each in itertools.product((1, -1), (column, self.field.inverse(column[None])[0])):
                total = each if sign > 0 else self.field.negative(each[None])[0]
                if any(map(self.is_always_positive, self._rests(total))):
                    return Fraction(sign)
        return None

    def _rests(self, total: Column) -> Iterator[Column]:
        """What is left of a number less each of some that are positive, where something may be known of it."""
        summands = self.positive_columns[:MOST_SUMMANDS]
        if self.field.is_told_by_two and summands:
            # Of all that is known, and of rational numbers, two draws of one prime tell most others.
            if len(self._quotients) != len(self.positive) + 1:
                known = [int(np.frombuffer(key, np.int64)[1]) for key in self.positive]
                self._quotients = np.array([1, *known])
            if len(self._summands) != len(summands):
                self._summands = np.array([column[:2] for column in summands])
            rests = (total[:2] - self._summands) % self.field.primes[0]
            told = (rests[:, :1] * self._quotients % self.field.primes[0] == rests[:, 1:]).any(axis=1)
            summands = [summands[number] for number in np.flatnonzero(told)]
        for summand in summands:
            yield self.field.subtract(total[None], summand[None])[0]

    def sign_of_exponent(self, column: Column) -> int:
        """The sign of a number whose exponential is known to be more than one, or less; 0 of any other."""
        power = self.pairs.power_of(column) if self.pairs.relations else None
        if power is None:
            return 0
        gap = self.field.subtract(power[None], np.ones((1, self.field.draws), np.int64))[0]
        ratio = None if (gap == 0).any() else self.multiple_of_positive(gap)
        return 0 if ratio is None else 1 if ratio > 0 else -1

    def sign_of_product(self, column: Column, slope: Column | None) -> int:
        """The sign of a product of exponentials and something known to be positive, or its inverse; 0 of any other."""
        if slope is None or not self.pairs.relations:
            return 0
        field = self.field
        by_column = field.multiply(slope[None], field.inverse(column[None]))
        for positive, along in self.positive_slopes:
            for factor, rest in (
                (positive[None], field.subtract(by_column, along[None])),
                (field.inverse(positive[None]), field.add(by_column, along[None])),
            ):
                terms = self.pairs.slopes.relation(rest[0])
                if terms is None or any(c.denominator > 1 for _, c in terms):
                    continue
                if not all(self.pairs.table[number].positive or c % 2 == 0 for number, c in terms):
                    continue
                product = field.multiply(factor, self.pairs.product(terms)[None])
                constant = field.rational(field.multiply(column[None], field.inverse(product))[0])
                if constant is not None:
                    return 1 if constant > 0 else -1
        return 0


def _positive(a: Value) -> np.ndarray:
    """Which elements are positive; what is not negative is zero formally, or on kinks alone."""
    known = ~(a.signs & NEGATIVE).astype(bool) if is_plain(a) else a.signs == POSITIVE
    return np.asarray(known & (a.signs != ZERO))


def is_plain(a: Value) -> bool:
    """Whether all elements are numbers of which all relations are known, in all worlds."""
    return a.kind is None and not a.vague and not loose(a.support).any()

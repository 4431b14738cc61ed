"""Numbers that are known to be positive, and are known again in another form."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from gradproof.worlds.atoms import Colours, Support
from gradproof.worlds.draws import Plan
from gradproof.worlds.operations.ring import Ring
from gradproof.worlds.residues import Column
from gradproof.worlds.value import ANY, FINITE, NEGATIVE, POSITIVE, Value, kinds


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


class Positive(Ring):
    """Sums of positive numbers are remembered."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.sums: list[Remembered] = []
        """Values known to be positive, that were not looked at yet."""
        self.positive: dict[bytes, Known] = {}
        self.positive_columns: list[Column] = []
        self.positive_slopes: list[tuple[Column, Column]] = []

    def remember(self, a: Value, terms: tuple[Value, ...] = (), *, always: bool = False) -> Value:
        """A number that is positive is known when it is met again in another form."""
        if a.rational is None and (a.signs == POSITIVE).any():
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

    def known_positive(self, key: bytes) -> Known | None:
        """What is known of the numbers that are one number times a constant of each prime."""
        sums, self.sums = self.sums, []
        for x in sums:
            self._learn(x)
        return self.positive.get(key)

    def _learn(self, remembered: Remembered) -> None:
        x = remembered.value
        self.decide_up_to_constants(x)
        (wide, slopes), worlds = self.columns_of(x), self.atoms.worlds
        finite = np.broadcast_to(kinds(x) == FINITE, (len(wide), *x.shape)).reshape(len(wide), -1)
        supports = np.zeros(x.shape, object) if x.support is None else x.support
        for j in np.flatnonzero(x.signs.ravel() == POSITIVE):
            places: dict[bytes, list[int]] = {}
            for w in range(len(wide)):
                if finite[w, j]:
                    places.setdefault(wide[w, j].tobytes(), []).append(w)
            for at in places.values():
                column = wide[at[0], j]
                if (column == 0).any():
                    continue
                key, heads = self.field.normal(column)
                here = np.isin(np.arange(worlds), at) if len(wide) > 1 else np.ones(worlds, bool)
                known = self.positive.setdefault(key, Known(heads, np.zeros(worlds, bool), 0))
                if known.everywhere:
                    continue
                known.worlds |= here
                known.support |= int(supports.ravel()[j])
                if (here.all() and not supports.ravel()[j]) or self._is_always(remembered, at[0], int(j)):
                    known.worlds[:], known.support = True, 0
                    self._always(column, None if slopes is None else slopes[at[0], j])

    def _is_always(self, remembered: Remembered, world: int, place: int) -> bool:
        """Whether an element in a world is positive in all others, too: as a sum of what is so."""
        if remembered.always or not remembered.terms:
            return remembered.always
        each = math.prod(remembered.terms[0].shape) // math.prod(remembered.value.shape)
        terms = [
            np.ascontiguousarray(x.residues[world % len(x.residues)].reshape(self.field.draws, -1)[:, place * each + i])
            for x in remembered.terms
            for i in range(each)
        ]
        return all(not term.any() or self._is_known_always(term) for term in terms)

    def _is_known_always(self, column: Column) -> bool:
        if (column == 0).any():
            return False
        if (constant := self.field.rational(column)) is not None:
            return constant > 0
        key, heads = self.field.normal(column)
        known = self.positive.get(key)
        if known is None or not known.everywhere:
            return False
        ratio = self.field.ratio(heads, known.heads)
        return ratio is not None and ratio > 0

    def learn_positive(self, column: Column, worlds: np.ndarray, support: Support) -> None:
        """That a number is positive in some worlds, which is decided by these atoms."""
        key, heads = self.field.normal(column)
        known = self.positive.setdefault(key, Known(heads, np.zeros(len(worlds), bool), 0))
        if not known.everywhere and (ratio := self.field.ratio(heads, known.heads)) is not None and ratio > 0:
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
            key, heads = self.field.normal(each)
            known = self.known_positive(key)
            if known is not None and known.everywhere and (ratio := self.field.ratio(heads, known.heads)):
                return ratio
        return None

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
                product = field.multiply(factor, self.pairs.product(terms)[None])
                constant = field.rational(field.multiply(column[None], field.inverse(product))[0])
                if constant is not None:
                    return 1 if constant > 0 else -1
        return 0

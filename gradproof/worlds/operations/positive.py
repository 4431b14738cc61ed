"""Numbers that are known to be positive, and are known again in another form."""

from fractions import Fraction

import numpy as np

from gradproof.worlds.atoms import Colours
from gradproof.worlds.draws import Plan
from gradproof.worlds.operations.ring import Ring
from gradproof.worlds.residues import Column
from gradproof.worlds.value import (
    FINITE,
    POSITIVE,
    Value,
    kinds,
)


class Positive(Ring):
    """Sums of positive numbers are remembered."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.sums: list[Value] = []
        """Values known to be positive, that were not looked at yet."""
        self.positive: dict[bytes, np.ndarray] = {}
        self.positive_slopes: list[tuple[Column, Column]] = []

    def remember(self, a: Value) -> Value:
        """A number that is positive in all worlds is known when it is met again in another form."""
        if a.rational is None and a.support is None and (a.signs == POSITIVE).any():
            self.sums.append(a)
        return a

    def add(self, a: Value, b: Value) -> Value:
        return self.remember(super().add(a, b))

    def sum(self, x: Value) -> Value:
        return self.remember(super().sum(x))

    def symbol(self, name: str, shape: tuple[int, ...], *, positive: bool = False) -> Value:
        return self.remember(super().symbol(name, shape, positive=positive))

    def known_positive(self, key: bytes) -> np.ndarray | None:
        """The first residues of a number that is known to be positive, and a constant times the one asked for."""
        sums, self.sums = self.sums, []
        for x in sums:
            # One that is positive in all worlds is the same in all.
            (wide, slopes), finite = self.columns_of(x), (kinds(x) == FINITE).all(axis=0).ravel()
            for j, sign in enumerate(x.signs.ravel()):
                column = wide[0, j]
                if sign != POSITIVE or not finite[j] or (column == 0).any():
                    continue
                found, heads = self.field.normal(column)
                if found in self.positive:
                    continue
                self.positive[found] = heads
                if slopes is not None:
                    inverse = self.field.inverse(column[None])
                    self.positive_slopes.append((column, self.field.multiply(slopes[0, j][None], inverse)[0]))
        return self.positive.get(key)

    def multiple_of_positive(self, column: Column) -> Fraction | None:
        """The rational number that a column, or its inverse, is of something known to be positive."""
        for each in (column, self.field.inverse(column[None])[0]):
            key, heads = self.field.normal(each)
            if (reference := self.known_positive(key)) is not None and (ratio := self.field.ratio(heads, reference)):
                return ratio
        return None

    def sign_of_product(self, column: Column, slope: Column | None) -> int:
        """The sign of a number times exponentials times something known to be positive; 0 if it is none such."""
        if slope is None or not self.pairs.relations:
            return 0
        field = self.field
        by_column = field.multiply(slope[None], field.inverse(column[None]))
        for positive, along in self.positive_slopes:
            terms = self.pairs.slopes.relation(field.subtract(by_column, along[None])[0])
            if terms is None or any(c.denominator > 1 for _, c in terms):
                continue
            product = field.multiply(positive[None], self.pairs.product(terms)[None])
            constant = field.rational(field.multiply(column[None], field.inverse(product))[0])
            if constant is not None:
                return 1 if constant > 0 else -1
        return 0

"""Exponentials, logarithms and increasing functions."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.atoms import union
from gradproof.worlds.bound import Degree, Degrees, Which, powers
from gradproof.worlds.operations.powers import OfColumn, Powers
from gradproof.worlds.pairs import Pairs, Terms
from gradproof.worlds.residues import Residues
from gradproof.worlds.value import (
    FINITE,
    INFINITE,
    NEGATIVE,
    POSITIVE,
    VAGUE,
    ZERO,
    Value,
    kind_or_none,
    kinds,
)

OfTerms = Callable[[Degrees, Pairs, Terms], Degree]


class Functions(Powers):
    """Exponentials and logarithms, and what is made of them."""

    def exp(self, a: Value) -> Value:
        made = self._exponential(a)
        # A product of numbers that may be negative is positive only where it was made, and so is what may not be real.
        made_of = [self.logarithms_in(self.pairs.used, whole=whole) for whole in (False, True)]
        self.remember(made, always=not any(made_of) and not self.degrees.rooted(a.degree))
        if made.shape and made.rational is None:
            # Met again in many forms, such as one more than the sum of the others.
            self.sum(made)
        return made

    def _exponential(self, a: Value) -> Value:
        kind = kinds(a)
        residues, used = self._of_pairs(a, self.pairs.exp, kind != FINITE)
        # A whole power of a negative number is that of its absolute value, or the negative of that.
        turned, odd = self.signs_of_factors(a, self.logarithms_in(used, whole=True), kind != FINITE)
        support, negative = self.signs_of_factors(a, self.logarithms_in(used, whole=False), kind != FINITE)
        residues = self.with_fresh(a, self.with_signs(residues, odd), negative > 0, self.pairs.fresh)
        self.pairs.vague |= bool(negative.any())
        # exp of minus infinity is zero.
        signs = np.where((kind == -INFINITE).any(axis=0), ZERO | POSITIVE, POSITIVE).astype(np.int8)
        signs = np.where((kind == -INFINITE).all(axis=0), ZERO, signs).astype(np.int8)
        after = kind_or_none(np.where(kind == -INFINITE, FINITE, kind))
        degree = self._made_of_terms(a, used, powers.of_powers)
        self.valued &= not self.degrees.rooted(degree)
        a = replace(a, support=union(a.support, support, turned))
        return self._made(a, residues, lambda: residues, degree, signs, after, vague=VAGUE if self.pairs.vague else 0)

    def _of_pairs(self, a: Value, function: OfColumn, skip: np.ndarray) -> tuple[Residues, dict[bytes, Terms]]:
        """And of which pairs the elements are made."""
        places = self._places(a)
        of_all = self.degrees.table[int(self.degrees.either([a.degree]))]
        self.pairs.size_of = lambda key: self.degrees.at(a.degree, *places[key]) if key in places else of_all
        same = self.worlds(a) == 1
        positive = {x.tobytes() for x in self.columns_of(a)[0][0][a.signs.ravel() == POSITIVE]} if same else set()
        self.pairs.is_positive = lambda column: column.tobytes() in positive or self.is_always_positive(column)
        self.pairs.used = {}
        return self.of_columns(a, function, skip), self.pairs.used

    def _places(self, a: Value) -> dict[bytes, tuple[int, int]]:
        """A world and a place in it for each column."""
        wide = self.columns_of(a)[0]
        return {wide[w, j].tobytes(): (w, j) for w in range(len(wide)) for j in range(wide.shape[1])}

    def _made_of_terms(self, a: Value, used: Mapping[bytes, Terms], rule: OfTerms) -> Which:
        """How large what is made of pairs is, element by element and in each world."""
        numbers = {key: self.degrees.number(rule(self.degrees, self.pairs, terms)) for key, terms in used.items()}
        if len(set(numbers.values())) <= 1:
            return np.array(next(iter(numbers.values()), 0))
        wide = self.columns_of(a)[0]
        which = np.array([[numbers.get(column.tobytes(), 0) for column in world] for world in wide])
        return self.degrees.settled(which.reshape(-1, *a.shape))

    def log(self, a: Value) -> Value:
        zero, kind = a.zeros, kinds(a)
        self.require_units(a, zero)
        after, vanishing, support = self.kinds_of_positive(a)
        after = np.where(zero | vanishing, -INFINITE, kind if after is None else after)
        skip = zero | (kind != FINITE)
        residues, used = self._of_pairs(a, self.pairs.log, skip)
        self.learn_from_logarithms(a, used, support, after != FINITE)
        signs = np.full(a.shape, NEGATIVE | ZERO | POSITIVE, np.int8)
        if a.rational is not None:
            bits = [ZERO if x == 1 else POSITIVE if x > 1 else NEGATIVE for x in a.rational.ravel()]
            signs = np.array(bits, np.int8).reshape(a.shape)
        units = np.where(a.residues == 0, 1, a.residues)
        return self._made(
            replace(a, support=support),
            residues,
            lambda: self.field.inverse(units),
            self._made_of_terms(a, used, powers.of_exponents),
            signs,
            kind_or_none(after),
            vague=VAGUE if self.pairs.vague else 0,
        )

    # Of increasing functions that are zero at zero, the sign is that of the argument.

    def expm1(self, a: Value) -> Value:
        return signed_as(a, super().expm1(a))

    def log1p(self, a: Value) -> Value:
        return signed_as(a, super().log1p(a))

    def tanh(self, a: Value) -> Value:
        if a.kind is None:
            return signed_as(a, super().tanh(a))
        # Of infinity it is one.
        over = self.reciprocal(self.add(self.ones(a), self.exp(self.add(a, a))))
        return signed_as(a, self.subtract(self.ones(a), self.add(over, over)))

    def sinh(self, a: Value) -> Value:
        return signed_as(a, super().sinh(a))


def signed_as(a: Value, result: Value) -> Value:
    return result if result.rational is not None else replace(result, signs=result.signs & a.signs)


def require_no_infinity(a: Value, name: str) -> None:
    """Raises `Undecided` where a function is taken of infinity, of which nothing is said."""
    if (np.abs(kinds(a)) == INFINITE).any():
        raise Undecided(f"{name} of infinity")

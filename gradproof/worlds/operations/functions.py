"""Exponentials and logarithms, roots and powers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.atoms import Colours, loose, union
from gradproof.worlds.bound import Degree, Degrees, Which, powers
from gradproof.worlds.cases import made
from gradproof.worlds.draws import Plan
from gradproof.worlds.operations.positive import is_plain
from gradproof.worlds.operations.products import Products
from gradproof.worlds.pairs import Pairs, Terms
from gradproof.worlds.residues import Column, Residues, columns, from_columns
from gradproof.worlds.value import (
    FINITE,
    INFINITE,
    NEGATIVE,
    NONE,
    POSITIVE,
    VAGUE,
    ZERO,
    Value,
    kind_or_none,
    kinds,
    none_where,
)

MOST_EXPONENT = 16
MOST_EXPONENTS = 8
"""Of positive numbers, of which others are powers by logarithms."""

MOST_POWER = 100_000
MOST_POWERS = 64
"""Of other numbers."""

OfTerms = Callable[[Degrees, Pairs, Terms], Degree]
OfColumn = Callable[[Column, Column | None], Column]


class Functions(Products):
    """Functions of one number, column by column: equal columns have equal values."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.exponents = 0.0, 0.0
        """Degrees and heights, added up, of all that exponentials and logarithms were taken of."""
        self.looked_at = 0
        """How many squares roots know of."""

    def general_power(self, a: Value, b: Value) -> Value:
        """Where the exponent is one of a few rational numbers in each world, one of as many powers."""
        if (np.abs(kinds(b)) == INFINITE).any():
            raise Undecided("a power with an infinite exponent")
        if b.kind is not None and (a.vague or loose(a.support).any()):
            raise Undecided("a power of what may be one, with an exponent that is none")
        one = (a.residues == 1).all(axis=1) & (kinds(a) == FINITE)
        if one.any():
            # Whatever the exponent is, even none.
            return self._of_one(a, b, one)
        self.decide(b)
        wide, _ = self.columns_of(b)
        known = {key: self.field.rational(column) for key, column in _distinct(wide).items()}
        exponents = sorted({x for x in known.values() if x is not None})
        largest = max((max(abs(n.numerator), n.denominator) for n in exponents), default=0)
        limits = (MOST_EXPONENT, MOST_EXPONENTS) if (a.signs == POSITIVE).all() else (MOST_POWER, MOST_POWERS)
        if None in known.values() or b.kind is not None or largest > limits[0] or len(exponents) > limits[1]:
            known_whole = bool(exponents or b.vague or loose(b.support).any())
            if known_whole and a.kind is not None:
                raise Undecided("a power of what may have no value, with an exponent that may be zero")
            if known_whole and not self._is_positive(a):
                raise Undecided("a power of what may be negative, with an exponent that may be whole")
            return super().general_power(a, b)
        place = [[exponents.index(known[column.tobytes()] or Fraction(0)) for column in world] for world in wide]
        which = np.broadcast_to(np.array(place, np.int64), (self.atoms.worlds if len(wide) > 1 else 1, wide.shape[1]))
        powers = [self.integer_power(a, int(n)) if n.denominator == 1 else self.power(a, n) for n in exponents]
        return self.select(made(self.atoms, which.reshape(-1, *b.shape), b.support), powers)

    def _is_positive(self, a: Value) -> bool:
        """In all worlds in which it is a number."""
        return bool((a.signs == POSITIVE).all() or not (self.signs_everywhere(a)[0] <= 0).any())

    def _of_one(self, a: Value, b: Value, one: np.ndarray) -> Value:
        self.decide(a)
        where = made(self.atoms, np.broadcast_to(one, (self.atoms.worlds, *a.shape)), a.support)
        other = self.select(where, [a, self.filled(2.0, a.shape)])
        return self.select(where, [self.general_power(other, b), self.ones(a)])

    def of_columns(self, a: Value, function: OfColumn, skip: np.ndarray | None = None) -> Residues:
        """The function of the residues of each element, in each world; zero where it is skipped."""
        wide, slopes = self.columns_of(a)
        worlds = len(wide)
        made = np.zeros((wide.shape[1], worlds, self.field.draws), np.int64)
        skipped = None if skip is None else np.broadcast_to(skip, (worlds, *a.shape)).reshape(worlds, -1)
        for j in range(wide.shape[1]):
            known: dict[bytes, Column] = {}
            for w in range(worlds):
                if skipped is not None and skipped[w, j]:
                    continue
                column = wide[w, j]
                key = column.tobytes()
                if key not in known:
                    known[key] = function(column, None if slopes is None else slopes[w, j])
                made[j, w] = known[key]
        if self.pairs.relations:
            # A relation is one with all exponents and logarithms so far.
            degree, height = self.degrees.whole(a.degree)
            added = made.shape[0] * worlds
            self.exponents = self.exponents[0] + added * degree, self.exponents[1] + added * (height + 20)
        self.decide(a, 2 + len(self.pairs.table), self.exponents)
        return from_columns(made, a.shape)

    def _made(
        self,
        a: Value,
        residues: Residues,
        slope: Callable[[], Residues],
        degree: Which,
        signs: np.ndarray,
        kind: np.ndarray | None,
        *,
        vague: int = 0,
    ) -> Value:
        along = None
        if self.plan.witnesses and a.slope is not None:
            along = self.field.multiply(slope(), a.slope)
        return self.settled(
            Value(residues, signs, degree, slope=along, kind=kind, support=a.support, vague=a.vague | vague)
        )

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
        residues = self._with_fresh(a, self.with_signs(residues, odd), negative > 0)
        self.pairs.vague |= bool(negative.any())
        # exp of minus infinity is zero.
        signs = np.where((kind == -INFINITE).any(axis=0), ZERO | POSITIVE, POSITIVE).astype(np.int8)
        signs = np.where((kind == -INFINITE).all(axis=0), ZERO, signs).astype(np.int8)
        after = kind_or_none(np.where(kind == -INFINITE, FINITE, kind))
        degree = self._made_of_terms(a, used, powers.of_powers)
        a = replace(a, support=union(a.support, support, turned))
        return self._made(a, residues, lambda: residues, degree, signs, after, vague=VAGUE if self.pairs.vague else 0)

    def _with_fresh(self, a: Value, residues: Residues, where: np.ndarray) -> Residues:
        """Exponentials that are new variables in some worlds."""
        if not where.any():
            return residues
        wide, _ = self.columns_of(a)
        made = np.array(np.broadcast_to(residues, (self.atoms.worlds, *residues.shape[1:])))
        flat = made.reshape(*made.shape[:2], -1)
        for w, j in np.argwhere(where.reshape(len(where), -1)).tolist():
            flat[w, :, j] = self.pairs.fresh(wide[w % len(wide), j])
        return flat.reshape(made.shape)

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

    def kinds_of_positive(self, a: Value) -> tuple[np.ndarray | None, np.ndarray, np.ndarray | None]:
        """The kinds of a function that negative numbers do not have.

        And where the argument is zero, though not formally; and the atoms that this depends on.
        """
        signs, support = self.signs_everywhere(a)
        return none_where(signs < 0, a.kind), (signs == 0) & ~a.zeros, support

    def power(self, a: Value, exponent: Fraction) -> Value:
        if exponent.denominator == 1:
            return self.integer_power(a, exponent.numerator)
        if a.rational is not None and exponent.denominator == 2 and (root := _rational_roots(a.rational)) is not None:
            return self.integer_power(self.known(root), exponent.numerator)
        if exponent.denominator == 2 and (base := _squared(self, a)) is not None:
            return self.integer_power(self.absolute(base), exponent.numerator)
        if (kinds(a) == -INFINITE).any():
            raise Undecided("a root or a power of minus infinity")
        # Of products of what is positive, the root is that of the roots.
        self.remember(a)
        zero = a.zeros
        self.require_tight(a)
        self.require_units(a, zero)
        kind, vanishing, support = self.kinds_of_positive(a)
        if exponent < 0:
            zero = zero | vanishing if a.vague & VAGUE else zero
            self.note_quotients(zero)
            kind = none_where(zero, None if kind is None else np.where(kind == INFINITE, FINITE, kind))
        skip = a.zeros | (kinds(a) != FINITE) | (False if kind is None else (kind == NONE).all(axis=0))
        self._note_squares()
        looked = self.roots.looked
        residues: Residues = self.of_columns(a, lambda column, _: self.roots.power(column, exponent), skip)
        if self.roots.looked > looked:
            self._decide_beside_squares(a)
        off = skip | (np.zeros(1, bool) if kind is None else kind != FINITE)
        made_of = {column.tobytes(): self.radicands_in(column) for world in self.columns_of(a)[0] for column in world}
        atoms, negative = self.signs_of_factors(a, made_of, off)
        if negative.any():
            raise Undecided("the root of a product of numbers that may be negative, of which roots were taken")
        turned, odd = self.signs_of_factors(a, self.roots.base_of, off)
        residues = self.with_signs(residues, odd)
        support = union(support, atoms, turned)
        factor = self.field.constant(exponent).reshape((1, -1) + (1,) * len(a.shape))
        units = np.where(a.residues == 0, 1, a.residues)
        top = max(abs(exponent.numerator), 1)
        real = bool((a.signs == POSITIVE).all()) and self.worlds(a) == 1
        degree = self.degrees.root(a.degree, top, real=real)
        if exponent < 0:
            degree = self.degrees.inverse(degree, math.prod(a.shape), len(a.residues))
        may_vanish = (zero | vanishing | (kinds(a) == INFINITE)).any(axis=0)
        signs = np.where(may_vanish, ZERO | POSITIVE, POSITIVE).astype(np.int8)
        return self._made(
            replace(a, support=support),
            residues,
            lambda: self.field.multiply(factor, self.field.multiply(residues, self.field.inverse(units))),
            degree,
            signs,
            None if kind is None else kind_or_none(kind),
            # Of a root of an unknown sign it is not seen that it is, say, another number.
            vague=VAGUE if self.roots.squares else 0,
        )

    def _note_squares(self) -> None:
        """What was squared since this was last done, and may be left of a number of which a root is taken."""
        squares, self.looked_at = self.squares[self.looked_at :], len(self.squares)
        for base in filter(is_plain, squares):
            size = self.degrees.whole(base.degree)
            for column in _distinct(self.columns_of(base)[0]).values():
                square = self.field.multiply(column[None], column[None])
                self.roots.bases.setdefault(square.tobytes(), (column, size))

    def _decide_beside_squares(self, a: Value) -> None:
        """Numbers times radicands, and the squares of those, were compared with all squares, and their inverses."""
        sizes = [size for _, size in self.roots.bases.values()] or [(0.0, 0.0)]
        degree, height = (2 * max(size[i] for size in sizes) for i in (0, 1))
        times = 3 * len(self.roots.radicands)
        self.decide(a, self.roots.looked * len(sizes), (degree + times * self.degree, height + times * self.height))

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


def _rational_roots(squares: np.ndarray) -> np.ndarray | None:
    """The square roots of rational numbers, if all of them are rational."""
    roots = [_rational_root(x) for x in squares.ravel()]
    if any(root is None for root in roots):
        return None
    made = np.empty(len(roots), object)
    made[:] = roots
    return made.reshape(squares.shape)


def _rational_root(square: Fraction) -> Fraction | None:
    if square < 0:
        return None
    root = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
    return root if root**2 == square else None


def signed_as(a: Value, result: Value) -> Value:
    return result if result.rational is not None else replace(result, signs=result.signs & a.signs)


def require_no_infinity(a: Value, name: str) -> None:
    """Raises `Undecided` where a function is taken of infinity, of which nothing is said."""
    if (np.abs(kinds(a)) == INFINITE).any():
        raise Undecided(f"{name} of infinity")


def _distinct(wide: np.ndarray) -> dict[bytes, Column]:
    """The columns of all elements in all worlds, each once."""
    return {column.tobytes(): column for world in wide for column in world}


def _squared(arithmetic: Functions, a: Value) -> Value | None:
    """What a is the square of, if all of its elements were made so."""
    if arithmetic.worlds(a) > 1 or a.kind is not None:
        return None
    places: dict[bytes, int] = {}
    pool = [base for base in arithmetic.squares if arithmetic.worlds(base) == 1 and base.kind is None]
    start = 0
    for base in pool:
        for place, column in enumerate(columns(arithmetic.field.multiply(base.residues, base.residues))[0]):
            places.setdefault(column.tobytes(), start + place)
        start += math.prod(base.shape)
    wanted = [places.get(column.tobytes()) for column in columns(a.residues)[0]]
    if not wanted or any(place is None for place in wanted):
        return None
    return arithmetic.take(pool, np.array(wanted).reshape(a.shape))

"""Functions of one number, column by column, and the first of them: powers and roots.

What is made of logarithms and roots as a product is, is true where numbers are positive: which, and where they are.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.atoms import Colours, loose, union
from gradproof.worlds.bound import VARIABLE, Which
from gradproof.worlds.cases import made
from gradproof.worlds.draws import Plan
from gradproof.worlds.operations.largest import Largest
from gradproof.worlds.operations.positive import is_plain
from gradproof.worlds.pairs import TIMES, Terms
from gradproof.worlds.residues import LOW, Column, Residues, columns, from_columns
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
    rational_roots,
)

MOST_EXPONENT = 16
MOST_EXPONENTS = 8
"""Of positive numbers, of which others are powers by logarithms."""

MOST_POWER = 100_000
MOST_POWERS = 64
"""Of other numbers."""

OfColumn = Callable[[Column, Column | None], Column]
OfOne = Callable[[Column], Column]

Sized = tuple[Column, tuple[float, float]]
"""A number, and bounds on its degree and height."""


class Products(Largest):
    """Of negative numbers there are no logarithms and no roots, but of their products."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.positive_factors: set[bytes] = set()
        """Those that were found to be positive in all worlds."""
        self.doubtful = {key for key, base in plan.bases if not base.plain}
        """Those that may be zero, though not formally."""

    def logarithms_in(self, used: Mapping[bytes, Terms], *, whole: bool) -> dict[bytes, list[Sized]]:
        """By exponents, the numbers of whose logarithms they are made, but for those of which there are even powers.

        Arguments:
            whole: real numbers of which there are whole powers, or all others.
        """
        found: dict[bytes, list[Sized]] = {}
        for key, terms in used.items():
            for number, power in terms:
                pair = self.pairs.table[number]
                # An even power of what is not real may be negative.
                rooted = pair.size.rooted
                if not pair.positive and (power % 2 or rooted) and whole == (power.denominator == 1 and not rooted):
                    found.setdefault(key, []).append((pair.power, self.degrees.whole_of(pair.size)))
                if not pair.drawn and power.denominator > 1:
                    root = pair.power.tobytes(), power.denominator
                    made_of = self.roots.base_of.get(root, []) if whole else self.radicands_in(*root)
                    found.setdefault(key, []).extend(made_of)
        return found

    def radicands_in(self, key: bytes, order: int) -> list[Sized]:
        """The numbers of whose roots that of one is made."""
        return [(radicand, (self.degree, self.height)) for radicand in self.roots.made_of.get((key, order), ())]

    def signs_of_factors(
        self, a: Value, made_of: Mapping[bytes, Sequence[Sized]], skip: np.ndarray
    ) -> tuple[np.ndarray | None, np.ndarray]:
        """The atoms that functions of elements depend on, that are made of numbers; how many of these are negative.

        Arguments:
            made_of: the numbers, by the residues of elements.
            skip: the worlds in which the function has no value.
        """
        elements = list(self._worlds_of_columns(a, skip))
        support = np.zeros(len(elements), object)
        negative = np.zeros((self.atoms.worlds, len(elements)), int)
        for j, where in enumerate(elements):
            for key, here in where.items():
                for column, size in made_of.get(key, ()):
                    positive, atoms = self._positive_among(column, here, size)
                    negative[:, j] += here & ~positive
                    support[j] |= atoms
        self.atoms.need_all(support)
        return support.reshape(a.shape) if support.any() else None, negative.reshape(self.atoms.worlds, *a.shape)

    def with_signs(self, residues: Residues, negative: np.ndarray) -> Residues:
        """What is a product of numbers, as that of their absolute values: so many of them are negative."""
        odd = negative % 2 == 1
        return np.where(odd[:, None], self.field.negative(residues), residues) if odd.any() else residues

    def _positive_among(self, column: Column, worlds: np.ndarray, size: tuple[float, float]) -> tuple[np.ndarray, int]:
        """Where a number is positive, which is asked of some worlds, and the atoms that say so."""
        key = column.tobytes()
        if key in self.positive_factors:
            return np.ones(len(worlds), bool), 0
        outcome, support = self.sign_where_positive(column)
        if (outcome != 0)[worlds].all():
            if (outcome > 0).all() and not support:
                self.positive_factors.add(key)
            return outcome > 0, support
        doubtful = key in self.doubtful
        outcome, atom = self.atom(column, None, 0, size, may_vanish=doubtful)
        return outcome >= 0 if doubtful else outcome > 0, atom

    def _worlds_of_columns(self, a: Value, skip: np.ndarray) -> Iterator[dict[bytes, np.ndarray]]:
        """For each element in which worlds, of those in which it is not skipped, it has which residues."""
        wide, worlds = self.columns_of(a)[0], self.atoms.worlds
        skipped = np.broadcast_to(skip, (len(skip), *a.shape)).reshape(len(skip), -1)
        for j in range(wide.shape[1]):
            where: dict[bytes, np.ndarray] = {}
            for w in range(worlds):
                if not skipped[w % len(skipped), j]:
                    where.setdefault(wide[w % len(wide), j].tobytes(), np.zeros(worlds, bool))[w] = True
            yield where

    def learn_from_logarithms(
        self, a: Value, used: Mapping[bytes, Terms], support: np.ndarray | None, skip: np.ndarray
    ) -> None:
        """What is positive is a product of others: if these are, but for one, that one is, too."""
        supports = np.zeros(a.shape, object) if support is None else support
        for j, where in enumerate(self._worlds_of_columns(a, skip)):
            for key, here in where.items():
                terms = used.get(key, ())
                pairs = [(self.pairs.table[k], n) for k, n in terms]
                odd = [pair for pair, n in pairs if not pair.positive and (n % 2 or pair.size.rooted)]
                if len(odd) != 1 or any(n.denominator > 1 for _, n in terms):
                    continue
                column = np.frombuffer(key, np.int64)
                over = self.field.inverse(self.pairs.product(terms)[None])
                if (self.field.multiply(column[None], over) == 1).all():
                    self.learn_positive(odd[0].power, here, int(supports.ravel()[j]))


class Powers(Products):
    """Functions of one number, column by column: equal columns have equal values."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.exponents = 0.0, 0.0
        """Degrees and heights, added up, of all that exponentials and logarithms were taken of."""
        self.looked_at = 0
        """How many squares roots know of."""
        self.nested: list[tuple[Value, Value]] = []
        """Roots that are new variables, and what they are roots of."""
        for key, base in plan.bases:
            column = np.frombuffer(key, np.int64)
            self.field.complex |= bool((column > LOW).any())
            self._add_base(column, (base.degree, base.height))
            # The square is compared with a number and an atom, all as large as that.
            self.degree, self.height = max(self.degree, 6 * base.degree), max(self.height, 6 * base.height + 1)
            if base.real and base.plain and (column != 0).all():
                self._known(self.field.multiply(column[None], column[None])[0]).hold_everywhere()
            if base.positive and (column != 0).all():
                self._known(column).hold_everywhere()

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
        self.decide(a, 2 + len(self.pairs.table) + len(TIMES) * self.pairs.others, self.exponents)
        return from_columns(made, a.shape)

    def with_fresh(self, a: Value, residues: Residues, where: np.ndarray, fresh: OfOne) -> Residues:
        """With new variables in some worlds."""
        if not where.any():
            return residues
        wide, _ = self.columns_of(a)
        made = np.array(np.broadcast_to(residues, (self.atoms.worlds, *residues.shape[1:])))
        flat = made.reshape(*made.shape[:2], -1)
        for w, j in np.argwhere(where.reshape(len(where), -1)).tolist():
            flat[w, :, j] = fresh(wide[w % len(wide), j])
        return flat.reshape(made.shape)

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

    def kinds_of_positive(self, a: Value) -> tuple[np.ndarray | None, np.ndarray, np.ndarray | None]:
        """The kinds of a function that negative numbers do not have.

        And where the argument is zero, though not formally; and the atoms that this depends on.
        """
        signs, support = self.signs_everywhere(a)
        return none_where(signs < 0, a.kind), (signs == 0) & ~a.zeros, support

    def power(self, a: Value, exponent: Fraction) -> Value:
        if exponent.denominator == 1:
            return self.integer_power(a, exponent.numerator)
        if a.rational is not None and exponent.denominator == 2 and (root := rational_roots(a.rational)) is not None:
            return self.integer_power(self.known(root), exponent.numerator)
        if exponent.denominator % 4 == 0:
            return self.power(self.power(a, Fraction(1, 2)), 2 * exponent)
        if exponent.denominator == 2 and (base := self._squared(a)) is not None:
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
        keys, order = _distinct(self.columns_of(a)[0]), exponent.denominator
        made_of = {key: self.radicands_in(key, order) for key in keys}
        turned, odd = self.signs_of_factors(a, {key: self.roots.base_of.get((key, order), ()) for key in keys}, off)
        residues = self.with_signs(residues, odd)
        # A root that is a new variable is positive itself, whatever the signs of what it would be made of.
        atoms, negative = self.signs_of_factors(a, made_of, off)
        residues = self.with_fresh(a, residues, negative > 0, lambda column: self.roots.fresh_power(column, exponent))
        support = union(support, atoms, turned)
        factor = self.field.constant(exponent).reshape((1, -1) + (1,) * len(a.shape))
        units = np.where(a.residues == 0, 1, a.residues)
        top = max(abs(exponent.numerator), 1)
        real = not (a.signs & NEGATIVE).any() and self.worlds(a) == 1
        # Where it is not met it may be no number.
        self.valued &= real
        degree = self.degrees.root(a.degree, top, real=real)
        if self.roots.new:
            degree = self.degrees.either([degree, self.degrees.power(VARIABLE, top)])
        if exponent < 0:
            degree = self.degrees.inverse(degree, math.prod(a.shape), len(a.residues))
        may_vanish = (zero | vanishing | (kinds(a) == INFINITE)).any(axis=0)
        signs = np.where(may_vanish, ZERO | POSITIVE, POSITIVE).astype(np.int8)
        result = self._made(
            replace(a, support=support),
            residues,
            lambda: self.field.multiply(factor, self.field.multiply(residues, self.field.inverse(units))),
            degree,
            signs,
            None if kind is None else kind_or_none(kind),
            # Of a root of an unknown sign, or of roots, it is not seen that it is, say, another number.
            vague=VAGUE if self.roots.squares or self.roots.new else 0,
        )
        if self.roots.new and exponent == Fraction(1, 2) and self.worlds(result) == 1 and result.kind is None:
            self.nested.append((result, a))
        return self.remember(result, always=real and self.worlds(result) == 1)

    def multiply(self, a: Value, b: Value) -> Value:
        """The square of a root that is a new variable is known."""
        known = self._radicand(a) if self.nested and a.shape == b.shape else None
        return known if known is not None and self._alike(a, b) else super().multiply(a, b)

    def _alike(self, a: Value, b: Value) -> bool:
        """Whether they are the same numbers."""
        self.decide(a, beside=self.degrees.whole(b.degree))
        return b.kind is None and bool((a.residues == b.residues).all())

    def _radicand(self, a: Value) -> Value | None:
        """What all elements are roots of, if these are new variables."""
        self.decide(a, len(self.nested))
        return self.among([root for root, _ in self.nested], [of for _, of in self.nested], a)

    def _squared(self, a: Value) -> Value | None:
        """What a is the square of, if all of its elements were made so."""
        pool = [base for base in self.squares if self.worlds(base) == 1 and base.kind is None]
        squares = [replace(base, residues=self.field.multiply(base.residues, base.residues)) for base in pool]
        return self.among(squares, pool, a)

    def among(self, known: Sequence[Value], pool: Sequence[Value], a: Value) -> Value | None:
        """What stands in a pool where elements stand among what is known, if all of them do."""
        if self.worlds(a) > 1 or a.kind is not None:
            return None
        places: dict[bytes, int] = {}
        for place, column in enumerate(column for each in known for column in columns(each.residues)[0]):
            places.setdefault(column.tobytes(), place)
        wanted = [places.get(column.tobytes()) for column in columns(a.residues)[0]]
        if not wanted or any(place is None for place in wanted):
            return None
        return self.take(pool, np.array(wanted).reshape(a.shape))

    def _note_squares(self) -> None:
        """What was squared since this was last done, and may be left of a number of which a root is taken."""
        squares, self.looked_at = self.squares[self.looked_at :], len(self.squares)
        for base in filter(is_plain, squares):
            size = self.degrees.whole(base.degree)
            for column in _distinct(self.columns_of(base)[0]).values():
                self._add_base(column, size)

    def _add_base(self, column: Column, size: tuple[float, float]) -> None:
        if (column != 0).all():
            square = self.field.multiply(column[None], column[None])
            self.roots.bases.setdefault(square.tobytes(), (column, size))

    def _decide_beside_squares(self, a: Value) -> None:
        """Numbers times radicands, and the squares of those, were compared with all squares, and their inverses."""
        sizes = [size for _, size in self.roots.bases.values()] or [(0.0, 0.0)]
        degree, height = (2 * max(size[i] for size in sizes) for i in (0, 1))
        times = 3 * len(self.roots.radicands)
        self.decide(a, self.roots.looked * len(sizes), (degree + times * self.degree, height + times * self.height))


def _distinct(wide: np.ndarray) -> dict[bytes, Column]:
    """The columns of all elements in all worlds, each once."""
    return {column.tobytes(): column for world in wide for column in world}

"""Functions of which little is known but their derivatives: new variables for different arguments.

These are the error function, fractional parts, of which whole numbers are made, and functions that a claim leaves open.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.atoms import LOOSE, Colours, filled, loose, union
from gradproof.worlds.bound import VARIABLE, Which
from gradproof.worlds.cases import made
from gradproof.worlds.draws import Plan
from gradproof.worlds.operations.circular import Circular
from gradproof.worlds.operations.functions import require_no_infinity
from gradproof.worlds.residues import Column, Residues, from_columns
from gradproof.worlds.value import ANY, FINITE, FREE, NEGATIVE, POSITIVE, VAGUE, ZERO, Value, fractions, none_where

MOST_STEPS = 16


class Gamma(Circular):
    """The gamma function and its derivatives: new variables, one for all arguments that differ by whole numbers."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.arguments_of_gamma: dict[bytes, list[Column]] = {}
        """Of which no two differ by a whole number, by what does not change if a number is added to them."""

    def lgamma(self, a: Value) -> Value:
        return self._gamma(a, -1)

    def digamma(self, a: Value) -> Value:
        return self._gamma(a, 0)

    def polygamma(self, order: Value, a: Value) -> Value:
        n = self.fraction(order)
        if n is None or n.denominator > 1 or n < 0:
            raise Undecided("polygamma of orders that are not one whole number")
        return self._gamma(a, int(n))

    def _gamma(self, a: Value, order: int) -> Value:
        """A derivative of digamma, or lgamma as that of order -1."""
        require_no_infinity(a, "the gamma function")
        self._require_no_pole(a)
        steps = self._steps(a)
        far = int(np.abs(steps).max(initial=0))
        made = self._of_order(self.subtract(a, self._whole_numbers(a, steps)) if far else a, order)
        if far:
            made = self.add(made, self._over_steps(a, steps, order))
        signs = made.signs
        if order > 0:
            # The sum of (-1)^(n + 1) n! / (a + k)^(n + 1).
            signs = np.full(a.shape, POSITIVE, np.int8) if order % 2 else np.where(a.signs == POSITIVE, NEGATIVE, ANY)
        return replace(made, signs=signs.astype(np.int8), vague=made.vague | VAGUE)

    def _of_order(self, a: Value, order: int) -> Value:
        """Of arguments that stand for those which differ from them by whole numbers."""

        def of_order(n: int) -> Residues:
            def value(column: Column, _: Column | None) -> Column:
                # The gamma function of one is one.
                known = n < 0 and (column == 1).all()
                return np.zeros_like(column) if known else self.field.fresh(f"gamma {n}", column.tobytes())

            return self.of_columns(a, value)

        signs = np.full(a.shape, ANY, np.int8)
        return self._made(a, of_order(order), lambda: of_order(order + 1), VARIABLE, signs, a.kind, vague=VAGUE)

    def _steps(self, a: Value) -> np.ndarray:
        """In each world, by how much elements are more than the arguments of which the gamma function is a variable."""
        wide = self.columns_of(a)[0]
        steps = np.zeros(wide.shape[:2], int)
        if self.plan.witnesses and not _may_rest(a):
            self.decide(a, 2 + sum(map(len, self.arguments_of_gamma.values())))
            for w, j in np.ndindex(*steps.shape):
                steps[w, j] = self._steps_of(wide[w, j])
        return steps.reshape(-1, *a.shape)

    def _steps_of(self, column: Column) -> int:
        one = np.ones_like(column)
        alike = self.arguments_of_gamma.setdefault(self.shape_of(column), [])
        for known in (one, *alike):
            gap = self.field.rational(self.field.subtract(column[None], known[None])[0])
            if gap is not None and gap.denominator == 1 and abs(gap) <= MOST_STEPS:
                return int(gap)
        alike.append(column)
        return 0

    def _whole_numbers(self, a: Value, numbers: np.ndarray) -> Value:
        return self.constant(made(self.atoms, numbers, a.support))

    def _over_steps(self, a: Value, steps: np.ndarray, order: int) -> Value:
        """What the gamma function at a has more than at a less so many steps, of log |z| or of its derivatives.

        The logarithm of the gamma function at z + 1 has log |z| more than at z.
        """
        start = self.subtract(a, self._whole_numbers(a, np.maximum(steps, 0)))
        total = self.filled(0.0 if order >= 0 else 1.0, a.shape)
        for step in range(int(np.abs(steps).max())):
            passed = made(self.atoms, np.abs(steps) > step, a.support)
            at = self.add(start, self.filled(step, a.shape))
            if order < 0:
                total = self.multiply(total, self.select(passed, [self.ones(a), at]))
            else:
                power = self.integer_power(at, -order - 1)
                total = self.add(total, self.select(passed, [self.filled(0.0, a.shape), power]))
        # There is no logarithm of what may be negative, but one of its square.
        factor = Fraction(1, 2) if order < 0 else Fraction((-1) ** order * math.factorial(order))
        more = self.log(self.multiply(total, total)) if order < 0 else total
        signs = self._whole_numbers(a, np.sign(steps))
        return self.multiply(self.multiply(more, signs), self.filled(factor, a.shape))

    def _require_no_pole(self, a: Value) -> None:
        """Raises `Undecided` where the argument may be zero or a negative whole number, and not only on kinks."""
        columns = self.columns_of(a)[0].reshape(-1, self.field.draws)
        known = [number for column in columns if (number := self.field.rational(column)) is not None]
        at_pole = any(number <= 0 and number.denominator == 1 for number in known)
        if at_pole or (_may_rest(a) and not (a.signs == POSITIVE).all()):
            raise Undecided("the gamma function of zero or a negative whole number, or of what may be one")

    def shape_of(self, column: Column) -> bytes:
        """The same for all numbers that differ by a constant."""
        self.field.scaling = True
        return self.field.subtract(column[None], column[self.field.first][self.field.where][None])[0].tobytes()

    def differ_by_whole(self, column: Column, other: Column) -> bool:
        gap = self.field.rational(self.field.subtract(column[None], other[None])[0])
        return gap is not None and gap.denominator == 1


class Unknown(Gamma):
    """Equal arguments have equal values."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.arguments: dict[tuple[str, bytes], Column] = {}
        """Of erf and its inverse, by their values."""
        self.of_arguments = [VARIABLE]
        self.wholes: dict[bytes, list[Column]] = {}
        """Whole numbers that are not known, by what does not change if a number is added to them."""
        self.parts: dict[bytes, list[tuple[Column, Column]]] = {}
        """In the same way numbers that vary, and their fractional parts."""
        self.varying: set[bytes] = set()
        """By that, too, numbers that are zero on kinks at most."""

    def erf(self, a: Value) -> Value:
        def slope() -> Residues:
            bell = self.exp(self.negative(self.multiply(a, a)))
            return self.multiply(bell, self.constant(np.full(a.shape, 2 / math.sqrt(math.pi)))).residues

        require_no_infinity(a, "erf")
        residues, degree = self._of_inverses(a, "erf", "erf_inv")
        return self._made(a, residues, slope, degree, a.signs, a.kind)

    def erfc(self, a: Value) -> Value:
        return self.remember(replace(super().erfc(a), signs=np.full(a.shape, POSITIVE, np.int8)), always=True)

    def erf_inv(self, a: Value) -> Value:
        square = self.one_minus_square(a)
        kind, vanishing, support = self.kinds_of_positive(square)
        if vanishing.any() or square.zeros.any():
            raise Undecided("erf_inv of what may be 1 or -1")
        within = replace(a, kind=kind, support=union(a.support, support))
        residues, degree = self._of_inverses(within, "erf_inv", "erf")

        def slope() -> Residues:
            bell = self.exp(self.multiply(value, value))
            return self.multiply(bell, self.constant(np.full(a.shape, math.sqrt(math.pi) / 2))).residues

        value = Value(residues, a.signs, degree)
        return self._made(within, residues, slope, degree, a.signs, within.kind, vague=VAGUE)

    def _of_inverses(self, a: Value, name: str, inverse: str) -> tuple[Residues, Which]:
        """An odd function: new variables, unless the inverse was taken of another number to make an argument."""
        undone: list[Column] = []

        def value(column: Column, _: Column | None) -> Column:
            if (known := self.arguments.get((inverse, column.tobytes()))) is not None:
                undone.append(known)
                return known
            made = self.odd(name, column)
            for each, of in ((made, column), tuple(self.field.negative(np.stack([made, column])[:, None])[:, 0])):
                self.arguments[name, each.tobytes()] = of
            return made

        residues = self.of_columns(a, value)
        self.of_arguments.append(a.degree)
        return residues, self.degrees.either(self.of_arguments) if undone else VARIABLE

    # Whole numbers

    def floor(self, a: Value) -> Value:
        if a.rational is not None:
            return self.known(fractions(lambda x: Fraction(math.floor(x)), a.rational))
        rests = _may_rest(a)
        if not rests and (shifted := self._shifted(a)) is not None:
            return self._whole(a, shifted)
        part = self._resting if rests else self._varying
        parts = self._parts(a, part, math.floor, ZERO | POSITIVE if rests else POSITIVE)
        self.remember(parts, always=True)
        rest = self.subtract(self.ones(a), parts)
        self.remember(replace(rest, signs=np.full(a.shape, POSITIVE, np.int8)), always=True)
        return self._whole(a, parts)

    def remainder(self, a: Value, b: Value) -> Value:
        require_no_infinity(a, "the remainder")
        require_no_infinity(b, "the remainder")
        # What is left has the sign of b, or the other one.
        self.sign(b)
        return super().remainder(a, b)

    def round(self, a: Value, *, to_even: bool) -> Value:
        nearest, field = partial(_nearest, to_even=to_even), self.field
        if a.rational is not None:
            return self.known(fractions(lambda x: Fraction(nearest(x)), a.rational))
        rests, half = _may_rest(a), field.constant(Fraction(1, 2))[None]
        more = self.filled(Fraction(1, 2), a.shape)
        if not rests and (shifted := self._shifted(self.add(a, more))) is not None:
            return self._whole(a, self.subtract(shifted, more))

        def part(column: Column) -> Column:
            if rests:
                return field.fresh(f"part, {to_even}", column.tobytes())
            # But in the middle between two, it is the whole number below one half more.
            return field.subtract(self._varying(field.add(column[None], half)[0])[None], half)[0]

        return self._whole(a, self._parts(a, part, nearest, ANY))

    def _parts(self, a: Value, part: Callable[[Column], Column], whole: Callable[[Fraction], int], signs: int) -> Value:
        """What numbers are more than whole ones.

        Arguments:
            part: of a number that is neither rational nor known to be whole.
            whole: what a rational number is made.
        """
        require_no_infinity(a, "the whole part")
        field, rests = self.field, _may_rest(a)

        def known(column: Column, _: Column | None) -> Column:
            if (number := field.rational(column)) is not None:
                return field.constant(number - whole(number))
            if not any(self.shape_of(column)):
                raise Undecided("the whole part of a number of so many digits that it is not known")
            return np.zeros_like(column) if rests and self._is_whole(column) else part(column)

        made = self.of_columns(a, known)
        zero = (made == 0).all(axis=1).any(axis=0)
        possible = np.where(zero, signs | ZERO, signs).astype(np.int8)
        degree = self.degrees.either([a.degree, VARIABLE])
        return self._made(a, made, lambda: np.ones_like(made), degree, possible, a.kind, vague=a.vague)

    def _resting(self, column: Column) -> Column:
        return self.field.fresh("part", column.tobytes())

    def _varying(self, column: Column) -> Column:
        """Off the kinks numbers that differ by a whole one have one part, and opposite ones parts with the sum one."""
        field = self.field
        for known, part in self.parts.get(self.shape_of(column), []):
            if self.differ_by_whole(column, known):
                return part
        minus = field.negative(column[None])[0]
        for known, part in self.parts.get(self.shape_of(minus), []):
            if self.differ_by_whole(minus, known):
                return field.subtract(np.ones((1, field.draws), np.int64), part[None])[0]
        part = field.fresh("part", column.tobytes())
        self.parts.setdefault(self.shape_of(column), []).append((column, part))
        self.varying |= {self.shape_of(part), self.shape_of(field.negative(part[None])[0])}
        return part

    def _shifted(self, a: Value) -> Value | None:
        """The parts of numbers that are known ones and fractions, or their negatives; None of any others.

        They are as much more than known parts, or one less than that.
        """
        if self.worlds(a) > 1 or a.kind is not None:
            return None
        found = [self._known_part(column) for column in self.columns_of(a)[0][0]]
        self.decide(a, 2 + len(self.parts))
        if None in found or all(gap.denominator == 1 for each in found if each for _, _, gap in [each]):
            return None
        parts, signs, gaps = zip(*(each for each in found if each), strict=True)
        sign = np.array(signs).reshape(a.shape)
        turned = self.multiply(a, self.constant(sign))
        residues = from_columns([part[None] for part in parts], a.shape)
        positive, degree = np.full(a.shape, POSITIVE, np.int8), self.degrees.either([a.degree, VARIABLE])
        known = self._made(turned, residues, lambda: np.ones_like(residues), degree, positive, None, vague=a.vague)
        self.remember(known, always=True)
        self.remember(replace(self.subtract(self.ones(a), known), signs=positive), always=True)
        more = np.array([gap - math.floor(gap) for gap in gaps], object).reshape(a.shape)
        total = self.add(known, self.known(more))
        less = self.subtract(total, self.ones(a))
        part = self.select((self.sign(less) > 0).astype(np.int64), [total, less])
        both = [part, self.subtract(self.ones(a), part)]
        return replace(self.select((sign < 0).astype(np.int64), both), signs=positive)

    def _known_part(self, column: Column) -> tuple[Column, int, Fraction] | None:
        """Of a number that this one is, or its negative, but for a rational number: and the sign, and that number."""
        for sign, each in ((1, column), (-1, self.field.negative(column[None])[0])):
            for known, part in self.parts.get(self.shape_of(each), []):
                gap = self.field.rational(self.field.subtract(each[None], known[None])[0])
                if gap is not None:
                    return part, sign, gap
        return None

    def _is_whole(self, column: Column) -> bool:
        """Whether it is one of the whole numbers that were met, and a number more or less."""
        return any(self.differ_by_whole(column, known) for known in self.wholes.get(self.shape_of(column), []))

    def varies(self, column: Column) -> bool:
        return self.shape_of(column) in self.varying if self.varying else False

    def _whole(self, a: Value, parts: Value) -> Value:
        """A polynomial in whole numbers that is not zero may be zero in some region, as one in outcomes in a world."""
        made = self.subtract(a, parts)
        self.decide(made, 2 + len(self.wholes) + len(self.parts))
        for world in self.columns_of(made)[0]:
            for column in world:
                for each in (column, self.field.negative(column[None])[0]):
                    self.wholes.setdefault(self.shape_of(each), []).append(each)
        support = union(made.support, filled(LOOSE, a.shape))
        return replace(made, signs=(a.signs | ZERO).astype(np.int8), support=support)

    # Functions of a claim

    def unknown(self, a: Value, name: str, order: int, event: bool) -> Value:
        require_no_infinity(a, f"the function {name}")
        if event:
            return self._unknown_of_rows(a, name, order)

        def of_order(n: int) -> Residues:
            return self.of_columns(a, lambda column, _: self.field.fresh(f"function {name} {n}", column.tobytes()))

        signs = np.full(a.shape, ANY, np.int8)
        return self._made(a, of_order(order), lambda: of_order(order + 1), VARIABLE, signs, a.kind, vague=FREE)

    def _unknown_of_rows(self, a: Value, name: str, order: int) -> Value:
        """A function of vectors, and its derivatives, which are symmetric."""
        worlds, count = self.worlds(a), a.shape[-1]
        rows = np.broadcast_to(a.residues, (worlds, *a.residues.shape[1:])).reshape(worlds, self.field.draws, -1, count)
        slopes = None if a.slope is None else np.broadcast_to(a.slope, (worlds, *a.slope.shape[1:])).reshape(rows.shape)

        def entry(row: np.ndarray, places: tuple[int, ...]) -> Column:
            return self.field.fresh(f"functional {name} {sorted(places)}", np.ascontiguousarray(row).tobytes())

        entries = list(itertools.product(range(count), repeat=order))
        made = np.zeros((rows.shape[2] * len(entries), worlds, self.field.draws), np.int64)
        along = np.zeros_like(made)
        for r, w in itertools.product(range(rows.shape[2]), range(worlds)):
            for e, places in enumerate(entries):
                made[r * len(entries) + e, w] = entry(rows[w, :, r], places)
                if slopes is not None:
                    for k in range(count):
                        term = self.field.multiply(entry(rows[w, :, r], (*places, k))[None], slopes[w, :, r, k][None])
                        total = along[r * len(entries) + e, w][None]
                        along[r * len(entries) + e, w] = self.field.add(total, term)[0]
        self.decide(a)
        shape = (*a.shape[:-1], *(count,) * order)
        support = None
        if a.support is not None:
            of_rows = np.asarray(np.bitwise_or.reduce(a.support, axis=-1), object)
            support = np.broadcast_to(of_rows.reshape((*of_rows.shape, *(1,) * order)), shape)
        kind = None
        if a.kind is not None:
            none = (a.kind != FINITE).any(axis=-1)
            kind = none_where(np.broadcast_to(none.reshape((*none.shape, *(1,) * order)), (len(none), *shape)), None)
        return self.settled(
            Value(
                from_columns(made, shape),
                np.full(shape, ANY, np.int8),
                VARIABLE,
                slope=None if slopes is None else from_columns(along, shape),
                kind=kind,
                support=support,
                vague=a.vague | FREE,
            )
        )


def _may_rest(a: Value) -> bool:
    """Whether a number may be whole in some region, as it is made of whole numbers or is vague."""
    return bool(a.vague or loose(a.support).any())


def _nearest(x: Fraction, *, to_even: bool) -> int:
    return round(x) if to_even else math.floor(abs(x) + Fraction(1, 2)) * (1 if x > 0 else -1)

"""Arithmetic with balls, as far as it is the same for the mathematical values and for the machine's.

Every number has an identity, which rearrangements and maxima keep: that a number is the same wherever it is used is
assumed, so that the largest of some numbers equals one of them, and a number less itself is zero.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
from flint import arb

from gradproof.interpreter import Arithmetic, RunAgain
from gradproof.interpreter.constants import DOUBLE, Reading, read_all, significand
from gradproof.numerics.balls import Balls, constants, midpoints, sizes_of
from gradproof.numerics.magnitude import Bits
from gradproof.numerics.waves import sines

Merge = Callable[[Sequence[np.ndarray], Any], np.ndarray]
"""Makes one array of the same array of several numbers, given its element for zero."""


class Split(RunAgain):
    """A comparison has different outcomes at different points."""

    def __init__(self, outcomes: np.ndarray):
        super().__init__("the points have to be run apart")
        rows = [row.tobytes() for row in outcomes]
        self.groups = [[i for i, row in enumerate(rows) if row == kind] for kind in dict.fromkeys(rows)]


class BallArithmetic(Arithmetic):
    """What is left to a kind of arithmetic: its functions, and what is sure of a comparison."""

    def __init__(self, precision: int, points: int = 1):
        self.precision, self.points = precision, points
        self.ambiguous = np.zeros(points, bool)
        """At each point, whether a comparison was met of which the outcome is not sure."""
        self.tied = np.zeros(points, bool)
        """Whether different numbers that depend on continuous symbols were met that are equal."""
        self.unsure = np.zeros(points, bool)
        """Whether something has no value for want of precision, and not because it is undefined."""
        self._count = 0
        self._constants: dict[Any, tuple[arb, float, int]] = {}
        self._arrays: dict[Any, Balls] = {}

    @property
    def divided(self) -> bool:
        """Whether something was divided by a zero that was given a sign."""
        return False

    def kind(self) -> Hashable:
        """Tells arithmetics apart that make different results of the same inputs."""
        return type(self), self.precision

    def noted(self) -> Any:
        notes = self.ambiguous, self.tied, self.unsure
        self.ambiguous, self.tied, self.unsure = (np.zeros(self.points, bool) for _ in notes)
        return notes

    def note(self, notes: Any) -> None:
        ambiguous, tied, unsure = notes
        self.ambiguous |= ambiguous
        self.tied |= tied
        self.unsure |= unsure

    def resume(self, other: "BallArithmetic") -> None:
        self._count, self._constants = other._count, dict(other._constants)

    # Making numbers

    @abstractmethod
    def numbers(self, value: np.ndarray, bound: Bits, identity: np.ndarray) -> Balls:
        """Numbers of this arithmetic.

        Arguments:
            bound: of the error that the machine makes in storing them.
        """

    @abstractmethod
    def known(self, number: Any, reading: Reading | None, bits: int) -> tuple[arb, float]:
        """A constant that is not negative, and the bound on the error that the machine makes in storing it.

        Arguments:
            reading: what a finite number of floating point stands for.
            bits: of its significand.
        """

    def significand(self, bits: int) -> int:
        """The bits of the significands of constants that have so many in the program."""
        return bits

    @abstractmethod
    def merged(self, merge: Merge, numbers: Sequence[Balls], **known: bool) -> Balls:
        """Numbers of which each array is made of those of others, and what else is known of them."""

    def symbol(self, values: np.ndarray, *, continuous: bool, positive: bool = False) -> Balls:
        """An input, which the machine has exactly: floats, or fractions that are sums of powers of 2."""
        value = constants(values)
        found = self.numbers(value, np.full(values.shape, -np.inf), self.fresh(value.shape))
        return replace(found, continuous=continuous, positive=positive)

    def constant(self, values: np.ndarray) -> Balls:
        values = np.asarray(values)
        if values.dtype == object:
            return _constant(self, values)
        # The few that a program has stand in many places.
        key = values.dtype, values.shape, values.tobytes()
        if key not in self._arrays:
            self._arrays[key] = _constant(self, values)
        return self._arrays[key]

    def everywhere(self, value: np.ndarray, bound: Bits, identity: np.ndarray) -> Balls:
        """The same numbers at all points."""
        parts = value, bound, identity
        one, shape = self.points == 1, (self.points, *value.shape)
        return self.numbers(*(part[None] if one else np.broadcast_to(part, shape) for part in parts))

    def fresh(self, shape: tuple[int, ...]) -> np.ndarray:
        """Identities that no number has."""
        first = self._count + 1
        self._count += math.prod(shape)
        return np.arange(first, self._count + 1).reshape(shape)

    def known_all(self, numbers: Sequence[Any], bits: int) -> list[tuple[arb, float, int]]:
        """Wherever a constant stands in the program, it is one number."""
        keys = [(type(number), number, bits) for number in numbers]
        new = dict.fromkeys(key for key in keys if key not in self._constants)
        floats = tuple(number for kind, number, _ in new if kind is float and math.isfinite(number))
        readings = dict(zip(floats, read_all(floats, bits), strict=True))
        for key in new:
            kind, number, _ = key
            self._count += 1
            value, error = self.known(number, readings.get(number) if kind is float else None, bits)
            self._constants[key] = value, error, self._count if number else 0
        return [self._constants[key] for key in keys]

    @abstractmethod
    def stored(self, values: np.ndarray) -> Bits:
        """The bounds on the errors that the machine makes in storing these."""

    # Sums and products

    @abstractmethod
    def added(self, a: Balls, b: Balls) -> Balls:
        """The sum of different numbers."""

    @abstractmethod
    def summed(self, x: Balls) -> Balls:
        """The sum of several different numbers along the last axis."""

    @abstractmethod
    def multiplied(self, a: Balls, b: Balls) -> Balls:
        """The product of numbers that are not known to be zero."""

    def add(self, a: Balls, b: Balls) -> Balls:
        result = self.added(a, b)
        for x, y in ((a, b), (b, a)):
            if x.zero.any():
                result = self.replaced(result, x.zero & (y.identity != 0), _moved(self, y, by_chance(x)))
        opposite = a.identity == -b.identity
        if opposite.any():
            # An infinity less itself is none.
            result = self.replaced(result, opposite & ~a.lost & (a.size < np.inf), self.filled(0.0, a.shape))
        return result

    def sum(self, x: Balls) -> Balls:
        shape = x.shape[:-1]
        if x.shape[-1] == 0:
            return self.filled(0.0, shape)
        result = self.summed(x)
        terms = (~x.zero).sum(axis=-1)
        nothing = (terms == 0) & (x.identity == 0).all(axis=-1)
        if nothing.any():
            result = self.replaced(result, nothing, self.filled(0.0, shape))
        single = terms == 1
        if single.any():
            place = np.argmax(~x.zero, axis=-1)[..., None]
            only = self.merged(lambda arrays, zero: np.take_along_axis(arrays[0], place, -1)[..., 0], [x])
            result = self.replaced(result, single, _moved(self, only, np.asarray(by_chance(x).any(axis=-1))))
        return result

    def multiply(self, a: Balls, b: Balls) -> Balls:
        result = self.multiplied(a, b)
        if not (a.zero.any() or b.zero.any()):
            return result
        # A label that is zero makes it so whatever the inputs are.
        zero = (a.zero & ~by_chance(a)) | (b.zero & ~by_chance(b))
        if zero.any():
            return self.replaced(result, zero & result.zero, self.filled(0.0, a.shape))
        return result

    def negative(self, a: Balls) -> Balls:
        return replace(a, value=-a.value, identity=-a.identity, positive=False)

    def reciprocal(self, a: Balls) -> Balls:
        return self.divide(self.ones(a), a)

    def replaced(self, x: Balls, where: np.ndarray, by: Balls) -> Balls:
        """The numbers, with others in some places."""
        if not where.any():
            return x
        known = {"continuous": x.continuous, "positive": x.positive}
        return self.merged(lambda arrays, zero: np.where(where, arrays[1], arrays[0]), [x, by], **known)

    def unknown(self, a: Balls, name: str, order: int, event: bool) -> Balls:
        return sines(self, a, name, order, event)

    # Rearranging

    def take(self, pool: Sequence[Balls], index: np.ndarray) -> Balls:
        index = np.asarray(index, np.int64)
        within = not (index < 0).any()
        picked = partial(_picked, index=index, points=self.points, within=within)
        continuous, positive = any(x.continuous for x in pool), all(x.positive for x in pool) and within
        return self.merged(picked, pool, continuous=continuous, positive=positive)

    # Comparisons

    @abstractmethod
    def told_apart(self, a: Balls, b: Balls, difference: np.ndarray) -> np.ndarray:
        """Where the sign of a difference is sure."""

    @abstractmethod
    def either(self, a: Balls, b: Balls, chosen: Balls, direction: int) -> Balls:
        """The larger or the smaller of two numbers where it is not sure which one it is; `chosen` is likely."""

    def sign(self, a: Balls) -> np.ndarray:
        return self.order(a, self.filled(0.0, a.shape))

    def order(self, a: Balls, b: Balls) -> np.ndarray:
        sign, sure, tie = self.compared(a, b)
        self.ambiguous |= at_each_point(~sure)
        self.tied |= at_each_point(tie)
        return common(sign)

    def compared(self, a: Balls, b: Balls) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The signs of a - b, where they are sure, and where different numbers are equal."""
        same = a.identity == b.identity
        difference = a.value - b.value
        middle = midpoints(difference)
        above, below = np.asarray(middle > 0, bool), np.asarray(middle < 0, bool)
        sign = np.where(same, 0, above * 1 - below * 1)
        sure = self.told_apart(a, b, difference) | (a.exact & b.exact) | (same & ~a.lost)
        tie = (sizes_of(middle) == -np.inf) & ~same & (a.continuous or b.continuous)
        return sign.astype(np.int64), np.asarray(sure), np.asarray(tie)

    def maximum(self, a: Balls, b: Balls) -> Balls:
        return self.choice(a, b, 1)

    def minimum(self, a: Balls, b: Balls) -> Balls:
        return self.choice(a, b, -1)

    def choice(self, a: Balls, b: Balls, direction: int) -> Balls:
        """The larger or the smaller one."""
        sign, sure, _ = self.compared(a, b)
        chosen = self.replaced(a, sign * direction < 0, b)
        doubtful = ~sure | a.lost | b.lost
        if doubtful.any():
            chosen = self.replaced(chosen, doubtful, self.either(a, b, chosen, direction))
        positive = a.positive or b.positive if direction > 0 else a.positive and b.positive
        return replace(chosen, continuous=a.continuous or b.continuous, positive=positive)

    def absolute(self, a: Balls) -> Balls:
        return self.choice(a, self.negative(a), 1)

    def floor(self, a: Balls) -> Balls:
        return _floor(self, a)

    def round(self, a: Balls, *, to_even: bool) -> Balls:
        return _round(self, a, to_even=to_even)

    def finite(self, a: Balls) -> np.ndarray:
        self.ambiguous |= at_each_point(a.lost)
        return common(np.isfinite(np.where(a.size == -np.inf, 0.0, a.size)))

    def fraction(self, a: Balls) -> Fraction | None:
        """None: to the machine a power is one function, whatever its exponent is."""
        return None


def _constant(arithmetic: BallArithmetic, values: np.ndarray) -> Balls:
    """Known numbers, made anew."""
    real = values.dtype != object and jnp.issubdtype(values.dtype, jnp.floating)
    flat = (values.astype(float) if real else values).ravel().tolist()
    bits = arithmetic.significand(significand(values.dtype)) if real else DOUBLE
    known = arithmetic.known_all(list(map(abs, flat)), bits)
    value = np.empty(len(flat), object)
    value[:] = [-x if number < 0 else x for number, (x, _, _) in zip(flat, known, strict=True)]
    bound = np.array([bound for _, bound, _ in known], float)
    identity = np.array([-i if number < 0 else i for number, (_, _, i) in zip(flat, known, strict=True)], np.int64)
    found = arithmetic.everywhere(*(part.reshape(values.shape) for part in (value, bound, identity)))
    return replace(found, positive=all(number > 0 for number in flat))


def _floor(arithmetic: BallArithmetic, a: Balls) -> Balls:
    """It is the nearest whole number, or one less: that is a comparison."""
    nearest = _whole(arithmetic, _floors(midpoints(a.value) + 0.5))
    return _whole(arithmetic, np.where(arithmetic.order(a, nearest) < 0, nearest.value - 1, nearest.value))


def _round(arithmetic: BallArithmetic, a: Balls, *, to_even: bool) -> Balls:
    low = np.asarray(_floors(midpoints(a.value)), object)
    side = arithmetic.order(a, _whole(arithmetic, low + 0.5))
    upwards = np.asarray(_are_odd(low) if to_even else low >= 0, bool)
    return _whole(arithmetic, np.where((side > 0) | ((side == 0) & upwards), low + 1, low))


def _whole(arithmetic: BallArithmetic, values: Any) -> Balls:
    value = np.asarray(values, object)
    return arithmetic.numbers(value, np.full(value.shape, -np.inf), arithmetic.fresh(value.shape))


def _is_odd(x: arb) -> bool:
    return bool(x / 2 != (x / 2).floor())


_floors, _are_odd = np.frompyfunc(arb.floor, 1, 1), np.frompyfunc(_is_odd, 1, 1)


def at_each_point(where: np.ndarray) -> np.ndarray:
    """Whether it is so anywhere, for each point."""
    return np.asarray(where.reshape(len(where), -1).any(axis=1))


def common(outcomes: np.ndarray) -> np.ndarray:
    """The outcomes at all points, which must be the same."""
    if (outcomes != outcomes[:1]).any():
        raise Split(outcomes)
    return np.asarray(outcomes[0])


def _picked(arrays: Sequence[np.ndarray], zero: Any, *, index: np.ndarray, points: int, within: bool) -> np.ndarray:
    """Elements of several arrays; a zero is the last one, where -1 finds it."""
    rows = [array.reshape(points, -1) for array in arrays]
    if not within:
        rows.append(np.full((points, 1), zero, object if isinstance(zero, arb) else None))
    return (rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)).take(index, axis=1)


def _moved(arithmetic: BallArithmetic, x: Balls, where: np.ndarray) -> Balls:
    """Other numbers with the same values."""
    return replace(x, identity=np.where(where, arithmetic.fresh(x.identity.shape), x.identity)) if where.any() else x


def by_chance(x: Balls) -> np.ndarray:
    """Where numbers are zero that depend on inputs, and are not zero at others."""
    return np.asarray(x.zero & (x.identity != 0) & x.continuous)

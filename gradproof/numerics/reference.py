"""The mathematical values, as enclosures: a ball says itself how well a value is known.

Constants are what they stand for, as in the exact check; see `interpreter/constants.py`. Enclosures are python-flint's,
which proves them; no error law of our own enters.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from gradproof.interpreter import constants
from gradproof.numerics import enclosures
from gradproof.numerics.balls import Balls, are_exact, are_finite, as_fraction, ball
from gradproof.numerics.magnitude import Bits
from gradproof.numerics.numbers import BallArithmetic, Merge, at_each_point, by_chance

Where = Callable[[], np.ndarray]

_NAN: Any = arb.nan()
_INFINITY: Any = arb.pos_inf()
_are_nan = np.frompyfunc(arb.is_nan, 1, 1)


class ReferenceArithmetic(BallArithmetic):
    """Programs in balls of a precision."""

    def numbers(self, value: np.ndarray, bound: Bits, identity: np.ndarray) -> Balls:
        return Balls(value, identity)

    def known(self, number: Any, reading: constants.Reading | None, bits: int) -> tuple[arb, float]:
        return ball(number) if reading is None else reading.number.ball, -math.inf

    def stored(self, values: np.ndarray) -> Bits:
        return np.full(values.shape, -np.inf)

    def merged(self, merge: Merge, numbers: Sequence[Balls], **known: bool) -> Balls:
        return Balls(merge([x.value for x in numbers], arb(0)), merge([x.identity for x in numbers], 0), **known)

    def _result(self, value: Any, *inputs: Balls, undefined: Where | None = None, positive: bool = False) -> Balls:
        """The result of one operation.

        Arguments:
            undefined: where it has no value at any precision, if there may be such places.
        """
        value = np.asarray(value, object)
        if not (finite := are_finite(value)).all():
            # The difference of infinities is none, and nothing exact.
            value = np.where(np.asarray(_are_nan(value), bool), _NAN, value)
            if undefined is not None:
                lost = ~(finite | are_exact(value))
                for x in inputs:
                    lost &= ~x.lost
                self.unsure |= at_each_point(lost & ~undefined())
        continuous = any(x.continuous for x in inputs)
        return Balls(value, self.fresh(value.shape), continuous, positive)

    # Sums and products

    def added(self, a: Balls, b: Balls) -> Balls:
        return self._result(a.value + b.value, a, b, positive=a.positive and b.positive)

    def summed(self, x: Balls) -> Balls:
        return self._result(np.add.reduce(x.value, axis=-1), x, positive=x.positive)

    def multiplied(self, a: Balls, b: Balls) -> Balls:
        return self._result(a.value * b.value, a, b, positive=a.positive and b.positive)

    def divide(self, a: Balls, b: Balls) -> Balls:
        positive = a.positive and b.positive
        return self._result(enclosures.divide(a, b), a, b, undefined=lambda: b.zero, positive=positive)

    # Functions

    def exp(self, a: Balls) -> Balls:
        # The exponential of minus infinity is zero.
        positive = not (a.size == np.inf).any()
        return self._result(enclosures.exp(a), a, undefined=lambda: enclosures.far(a), positive=positive)

    def expm1(self, a: Balls) -> Balls:
        return self._result(enclosures.expm1(a), a, undefined=lambda: enclosures.far(a), positive=a.positive)

    def log(self, a: Balls) -> Balls:
        return self._result(enclosures.log(a), a, undefined=lambda: np.asarray(a.value <= 0, bool))

    def log1p(self, a: Balls) -> Balls:
        value = enclosures.log1p(a)
        return self._result(value, a, undefined=lambda: np.asarray(a.value <= -1, bool), positive=a.positive)

    def logistic(self, a: Balls) -> Balls:
        return self._result(enclosures.logistic(a), a, positive=True)

    def tanh(self, a: Balls) -> Balls:
        return self._result(enclosures.tanh(a), a, positive=a.positive)

    def sinh(self, a: Balls) -> Balls:
        return self._result(enclosures.sinh(a), a, undefined=lambda: enclosures.far(a), positive=a.positive)

    def cosh(self, a: Balls) -> Balls:
        return self._result(enclosures.cosh(a), a, undefined=lambda: enclosures.far(a), positive=True)

    def sin(self, a: Balls) -> Balls:
        return self._result(enclosures.sin(a), a)

    def cos(self, a: Balls) -> Balls:
        return self._result(enclosures.cos(a), a)

    def tan(self, a: Balls) -> Balls:
        return self._result(enclosures.tan(a), a, undefined=lambda: a.size == np.inf)

    def atan(self, a: Balls) -> Balls:
        return self._result(enclosures.atan(a), a, positive=a.positive)

    def atan2(self, a: Balls, b: Balls) -> Balls:
        return self._result(enclosures.atan2(a, b), a, b, positive=a.positive)

    def asin(self, a: Balls) -> Balls:
        return self._result(enclosures.asin(a), a, undefined=lambda: _beyond_one(a), positive=a.positive)

    def acos(self, a: Balls) -> Balls:
        return self._result(enclosures.acos(a), a, undefined=lambda: _beyond_one(a))

    def asinh(self, a: Balls) -> Balls:
        return self._result(enclosures.asinh(a), a, positive=a.positive)

    def acosh(self, a: Balls) -> Balls:
        return self._result(enclosures.acosh(a), a, undefined=lambda: np.asarray(a.value < 1, bool))

    def atanh(self, a: Balls) -> Balls:
        return self._result(enclosures.atanh(a), a, undefined=lambda: ~_below_one(a), positive=a.positive)

    def erf(self, a: Balls) -> Balls:
        return self._result(enclosures.erf(a), a, positive=a.positive)

    def erfc(self, a: Balls) -> Balls:
        return self._result(enclosures.erfc(a), a, positive=True)

    def erf_inv(self, a: Balls) -> Balls:
        return self._result(enclosures.erf_inv(a), a, undefined=lambda: ~_below_one(a), positive=a.positive)

    def lgamma(self, a: Balls) -> Balls:
        return self._result(enclosures.lgamma(a), a, undefined=lambda: a.exact)

    def digamma(self, a: Balls) -> Balls:
        return self._result(enclosures.digamma(a), a, undefined=lambda: a.exact)

    def polygamma(self, order: Balls, a: Balls) -> Balls:
        return self._result(enclosures.polygamma(order, a), order, a, undefined=lambda: a.exact)

    def power(self, a: Balls, exponent: Fraction) -> Balls:
        if exponent.denominator == 1:
            return self.integer_power(a, exponent.numerator)

        def undefined() -> np.ndarray:
            return np.asarray(a.value < 0, bool) | (a.zero & (exponent < 0))

        return self._result(enclosures.power(a, exponent), a, undefined=undefined, positive=a.positive)

    def integer_power(self, a: Balls, exponent: int) -> Balls:
        if exponent == 0:
            return self.ones(a)
        if exponent == 1:
            return a
        value = enclosures.integer_power(a, exponent)
        return self._result(value, a, undefined=lambda: a.zero, positive=a.positive)

    def general_power(self, a: Balls, b: Balls) -> Balls:
        def undefined() -> np.ndarray:
            return np.asarray(a.value < 0, bool) | (a.exact & b.exact) | enclosures.too_high(a, b)

        return self._result(enclosures.general_power(a, b), a, b, undefined=undefined, positive=a.positive)

    # Comparisons

    def told_apart(self, a: Balls, b: Balls, difference: np.ndarray) -> np.ndarray:
        return np.asarray(difference > 0, bool) | np.asarray(difference < 0, bool)

    def either(self, a: Balls, b: Balls, chosen: Balls, direction: int) -> Balls:
        value = enclosures.maximum(a, b) if direction > 0 else enclosures.minimum(a, b)
        return Balls(np.asarray(value, object), self.fresh(chosen.value.shape))

    def fraction(self, a: Balls) -> Fraction | None:
        values = a.value.ravel().tolist()
        one = len(values) > 0 and values[0].is_finite() and bool(a.exact.all()) and all(x == values[0] for x in values)
        return as_fraction(values[0]) if one else None


def _beyond_one(a: Balls) -> np.ndarray:
    return np.asarray(abs(a.value) > 1, bool)


def _below_one(a: Balls) -> np.ndarray:
    """Or perhaps so."""
    return ~np.asarray(abs(a.value) >= 1, bool)


class IntervalArithmetic(ReferenceArithmetic):
    """The same, but that a constant of which nothing is read is any number near it."""

    def known(self, number: Any, reading: constants.Reading | None, bits: int) -> tuple[arb, float]:
        value, error = super().known(number, reading, bits)
        if reading is not None and reading.unread:
            value += arb(0, constants.distance(reading, number, bits))
        return value, error


class ValuelessArithmetic(ReferenceArithmetic):
    """The same at one point, where a number that has no value at any precision is NaN, as on the machine.

    Each comparison with it is false, but for that it is another number; it is sorted behind all others, and is both the
    largest and the smallest. The logarithm of zero is minus infinity. What is divided by zero is infinite with a sign
    that depends on that of zero, which a claim does not know: it is given one, and a run with the other one may tell
    more. Nothing is sure of an exponential that is too large, and where several zeros may have different signs.

    Arguments:
        zero: the sign of a zero that other numbers are divided by.
    """

    def __init__(self, precision: int, points: int = 1, *, zero: int = 1):
        super().__init__(precision, points)
        self.zero = zero
        self.divisors: set[int] = set()
        """The zeros that numbers were divided by, each by its identity."""

    def kind(self) -> Hashable:
        return super().kind(), self.zero

    def noted(self) -> Any:
        notes = super().noted(), self.divisors
        self.divisors = set()
        return notes

    def note(self, notes: Any) -> None:
        flags, divisors = notes
        super().note(flags)
        self.note_divisors(divisors)

    @property
    def divided(self) -> bool:
        return bool(self.divisors)

    def note_divisors(self, identities: Iterable[int]) -> None:
        """Two zeros may have different signs."""
        self.divisors |= set(identities)
        self.ambiguous |= len(self.divisors) > 1

    def none(self, a: Balls) -> np.ndarray:
        """Which have no value, if that is sure."""
        return np.asarray(_are_nan(a.value), bool) & ~self.unsure.any()

    def order(self, a: Balls, b: Balls) -> np.ndarray:
        sign, sure, tie = self.compared(a, b)
        none = self.none(a) | self.none(b)
        self.ambiguous |= at_each_point(~sure & ~none)
        self.tied |= at_each_point(tie & ~none)
        return np.asarray(np.where(none, np.nan, sign)[0])

    def finite(self, a: Balls) -> np.ndarray:
        none = self.none(a)
        self.ambiguous |= at_each_point(a.lost & ~none)
        return np.asarray((~none & np.isfinite(np.where(a.size == -np.inf, 0.0, a.size)))[0])

    def is_beyond(self, a: Balls, b: Balls, sign: int) -> np.ndarray:
        return np.asarray(super().is_beyond(a, b, sign) | (self.none(a) & ~self.none(b))[0])

    def multiplied(self, a: Balls, b: Balls) -> Balls:
        # Infinity times zero is none; times what may be zero it may be anything.
        positive = a.positive and b.positive
        return self._result(a.value * b.value, a, b, undefined=lambda: a.zero | b.zero, positive=positive)

    def divide(self, a: Balls, b: Balls) -> Balls:
        # An input that happens to be zero is one of a few, as on a kink.
        self.tied |= at_each_point(by_chance(b))
        value = np.asarray(enclosures.divide(a, b), object)
        pole = b.zero & ~a.zero & ~self.none(a)
        if pole.any():
            signs = np.sign(b.identity) + (b.identity == 0)
            above = np.asarray(a.value > 0, bool) == (signs * self.zero > 0)
            value = np.where(pole, np.where(above, _INFINITY, -_INFINITY), value)
            self.ambiguous |= at_each_point(pole & ~np.asarray(a.value != 0, bool))
            # Zeros that depend on no input are one number here, and have signs of their own.
            nameless = self.fresh(b.identity.shape)
            self.note_divisors(np.where(b.identity == 0, nameless, abs(b.identity))[pole].tolist())

        def undefined() -> np.ndarray:
            return b.zero | ((a.size == np.inf) & (b.size == np.inf))

        return self._result(value, a, b, undefined=undefined, positive=a.positive and b.positive)

    def power(self, a: Balls, exponent: Fraction) -> Balls:
        self.ambiguous |= at_each_point(a.zero & (exponent < 0))
        return super().power(a, exponent)

    def integer_power(self, a: Balls, exponent: int) -> Balls:
        if exponent < 0 and a.zero.any():
            return self.reciprocal(super().integer_power(a, -exponent))
        return super().integer_power(a, exponent)

    def log(self, a: Balls) -> Balls:
        return _endless(super().log(a), a.zero)

    def log1p(self, a: Balls) -> Balls:
        return _endless(super().log1p(a), np.asarray(a.value == -1, bool))

    def atanh(self, a: Balls) -> Balls:
        self.ambiguous |= at_each_point(np.asarray(abs(a.value) == 1, bool))
        return super().atanh(a)

    def lgamma(self, a: Balls) -> Balls:
        return super().lgamma(self._off_poles(a))

    def digamma(self, a: Balls) -> Balls:
        return super().digamma(self._off_poles(a))

    def polygamma(self, order: Balls, a: Balls) -> Balls:
        return super().polygamma(order, self._off_poles(a))

    def erf_inv(self, a: Balls) -> Balls:
        self.ambiguous |= at_each_point(np.asarray(abs(a.value) == 1, bool))
        return super().erf_inv(a)

    def exp(self, a: Balls) -> Balls:
        return super().exp(self._near(a))

    def expm1(self, a: Balls) -> Balls:
        return super().expm1(self._near(a))

    def sinh(self, a: Balls) -> Balls:
        return super().sinh(self._near(a))

    def cosh(self, a: Balls) -> Balls:
        return super().cosh(self._near(a))

    def general_power(self, a: Balls, b: Balls) -> Balls:
        self.ambiguous |= at_each_point(enclosures.too_high(a, b) | (a.zero & np.asarray(b.value < 0, bool)))
        return super().general_power(a, b)

    def _off_poles(self, a: Balls) -> Balls:
        self.ambiguous |= at_each_point(a.exact & np.asarray(a.value <= 0, bool))
        return a

    def _near(self, a: Balls) -> Balls:
        self.ambiguous |= at_each_point(enclosures.far(a))
        return a


def _endless(x: Balls, where: np.ndarray) -> Balls:
    """The numbers, but for some that are minus infinity."""
    return replace(x, value=np.where(where, -_INFINITY, x.value)) if where.any() else x

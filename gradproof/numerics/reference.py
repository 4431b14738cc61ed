"""The mathematical values, as enclosures: a ball says itself how well a value is known.

Constants are what they stand for, as in the exact check; see `interpreter/constants.py`. Enclosures are python-flint's,
which proves them; no error law of our own enters.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from gradproof.interpreter import constants
from gradproof.numerics import enclosures
from gradproof.numerics.balls import Balls, are_exact, are_finite, as_fraction, ball
from gradproof.numerics.magnitude import Bits
from gradproof.numerics.numbers import BallArithmetic, Merge, at_each_point

Where = Callable[[], np.ndarray]


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
        if undefined is not None and not are_finite(value).all():
            lost = ~(are_finite(value) | are_exact(value))
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

    Each comparison with it is false, but for that it is another number. Nothing is sure where there is a value but not
    here: of an exponential that is too large, and of an infinite quotient or logarithm.
    """

    def none(self, a: Balls) -> np.ndarray:
        """Which have no value, if that is sure."""
        nan = np.frompyfunc(lambda x: x.is_nan(), 1, 1)(a.value)
        return np.asarray(nan, bool) & ~self.unsure.any()

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

    def places(self, x: Balls, sign: int) -> np.ndarray:
        self.ambiguous |= at_each_point(self.none(x))
        return super().places(x, sign)

    def divide(self, a: Balls, b: Balls) -> Balls:
        self.ambiguous |= at_each_point(b.zero)
        return super().divide(a, b)

    def power(self, a: Balls, exponent: Fraction) -> Balls:
        self.ambiguous |= at_each_point(a.zero & (exponent < 0))
        return super().power(a, exponent)

    def integer_power(self, a: Balls, exponent: int) -> Balls:
        self.ambiguous |= at_each_point(a.zero & (exponent < 0))
        return super().integer_power(a, exponent)

    def log(self, a: Balls) -> Balls:
        self.ambiguous |= at_each_point(a.zero)
        return super().log(a)

    def log1p(self, a: Balls) -> Balls:
        self.ambiguous |= at_each_point(np.asarray(a.value == -1, bool))
        return super().log1p(a)

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
        self.ambiguous |= at_each_point(enclosures.too_high(a, b))
        return super().general_power(a, b)

    def _off_poles(self, a: Balls) -> Balls:
        self.ambiguous |= at_each_point(a.exact & np.asarray(a.value <= 0, bool))
        return a

    def _near(self, a: Balls) -> Balls:
        self.ambiguous |= at_each_point(enclosures.far(a))
        return a

"""Arrays of balls: each element is one of python-flint's `arb`, a midpoint with a radius that encloses a number.

Operations on balls round to the precision of flint's context, which is global: `run_at` sets it and restores it.
Midpoints have any exponent, so that nothing overflows. An infinite number is exact; what has no value is NaN with an
infinite radius.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq

from gradproof.numerics.magnitude import Bits


@dataclass(frozen=True, eq=False)
class Balls:
    """An array of balls at each of some points: the first axis is the points, and no part of the shape.

    Elements of one identity are one number, and of opposite identities one number and its negative. The identity of
    zeros that do not depend on the inputs is 0.
    """

    value: np.ndarray
    identity: np.ndarray
    continuous: bool = False
    """Whether it depends on a symbol that is not a label."""
    positive: bool = False
    """Whether it is positive at every input, as an exponential is."""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape[1:]

    @cached_property
    def size(self) -> Bits:
        """The base-2 logarithms of the midpoints."""
        return sizes_of(self.value)

    @cached_property
    def bound(self) -> Bits:
        """The base-2 logarithms of the largest errors: here the radii."""
        return radii_of(self.value)

    @cached_property
    def exact(self) -> np.ndarray:
        return are_exact(self.value)

    @cached_property
    def zero(self) -> np.ndarray:
        """Which are zero, and exact."""
        return np.asarray(_are_zero(self.value), bool)

    @cached_property
    def lost(self) -> np.ndarray:
        """Of which nothing is known."""
        return ~(are_finite(self.value) | self.exact)


def ball(number: Any) -> arb:
    """A float, an integer or a truth value, exactly; a fraction to within the precision."""
    if isinstance(number, Fraction):
        return arb(fmpq(number.numerator, number.denominator))
    return arb(number)


def as_fraction(x: arb) -> Fraction:
    """The midpoint, which is finite."""
    exact = x.mid().fmpq()
    return Fraction(int(exact.p), int(exact.q))


def constants(values: np.ndarray) -> np.ndarray:
    """The balls of known numbers."""
    return np.asarray(_balls(values), object)


def midpoints(values: np.ndarray) -> np.ndarray:
    return np.asarray(_midpoints(values), object)


def sizes_of(values: np.ndarray) -> Bits:
    """`log2` of each element."""
    return _logarithms(values)


def radii_of(values: np.ndarray) -> Bits:
    """The base-2 logarithm of each radius, to the digits of float64; it is infinite for NaN."""
    return _logarithms(np.asarray(_radii(values), object))


def lowest_bits(values: np.ndarray) -> Bits:
    """`lowest_bit` of each element."""
    return np.asarray(_lowest(values), float)


def are_exact(values: np.ndarray) -> np.ndarray:
    return np.asarray(_are_exact(values), bool)


def are_finite(values: np.ndarray) -> np.ndarray:
    return np.asarray(_are_finite(values), bool)


def _logarithms(values: np.ndarray) -> Bits:
    magnitudes = np.abs(values.astype(float))
    found = np.asarray(np.log2(magnitudes))
    # Far from 1, float64 may not have the number; it cannot tell a tiny one from zero, either.
    far = ~((magnitudes > 2.0**-1000) & (magnitudes < 2.0**1000))
    if far.any():
        found[far] = np.asarray(_each_log2(values[far]), float)
    return found


def log2(x: arb) -> float:
    """Of the magnitude of the midpoint; of NaN, NaN."""
    middle = x.mid()
    if not middle.is_finite():
        return math.nan if middle.is_nan() else math.inf
    mantissa, exponent = map(int, middle.man_exp())
    if not mantissa:
        return -math.inf
    return math.log2(abs(mantissa)) + exponent


def lowest_bit(x: arb) -> float:
    """The exponent of the last bit that is set in the midpoint; infinite for zero, NaN for what is not finite."""
    middle = x.mid()
    if not middle.is_finite():
        return math.nan
    mantissa, exponent = middle.man_exp()
    # The mantissa is odd.
    return float(int(exponent)) if mantissa else math.inf


_balls = np.frompyfunc(ball, 1, 1)
_midpoints = np.frompyfunc(arb.mid, 1, 1)
_radii = np.frompyfunc(arb.rad, 1, 1)
_are_zero = np.frompyfunc(arb.is_zero, 1, 1)
_are_exact = np.frompyfunc(arb.is_exact, 1, 1)
_are_finite = np.frompyfunc(arb.is_finite, 1, 1)
_each_log2 = np.frompyfunc(log2, 1, 1)
_lowest = np.frompyfunc(lowest_bit, 1, 1)

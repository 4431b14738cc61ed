"""Arrays of mpmath's numbers, and base-2 logarithms of magnitudes, which neither overflow nor underflow.

Minus infinity is the logarithm of zero, and of an error that is none. numpy's warnings about it are for callers to
silence.
"""

import math
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np

Bits = np.ndarray
"""Base-2 logarithms, as float64."""

FARTHEST = 32.0
"""Exponentials are not taken of arguments beyond 2^32; below -2^32 they are only known to be tiny."""

LOG2_E = math.log2(math.e)


@cache
def context_of(bits: int) -> Any:
    """mpmath at a precision of its own."""
    context = mpmath.MPContext()
    context.prec = bits
    return context


def log2(x: Any) -> float:
    """Of the magnitude; NaN for NaN."""
    _, mantissa, exponent, count = x._mpf_
    if mantissa:
        excess = count - 60
        return math.log2(mantissa >> excess) + exponent + excess if excess > 0 else math.log2(mantissa) + exponent
    return math.nan if x != x else math.inf if exponent else -math.inf


def lowest_exponent(x: Any) -> float:
    """The exponent of the last bit that is set; infinite for zero."""
    _, mantissa, exponent, _ = x._mpf_
    return float(exponent) if mantissa else math.nan if exponent else math.inf


def sizes_of(x: Any) -> Bits:
    """`log2` of each element."""
    return np.asarray(_each_log2(x), float)


def lowest_bits(x: Any) -> Bits:
    """`lowest_exponent` of each element."""
    return np.asarray(_each_lowest(x), float)


_each_log2 = np.frompyfunc(log2, 1, 1)
_each_lowest = np.frompyfunc(lowest_exponent, 1, 1)


def divides(whole: Any, part: Any, quotient: Any) -> bool:
    """Whether quotient * part is the whole, with no rounding."""
    return bool(mpmath.libmp.mpf_mul(part._mpf_, quotient._mpf_) == whole._mpf_)


def as_fraction(x: Any) -> Fraction:
    """The finite number, exactly."""
    sign, mantissa, exponent, _ = x._mpf_
    magnitude = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return -magnitude if sign else magnitude


def log2_sum(*terms: Any) -> Bits:
    """Of a sum."""
    total = terms[0]
    for term in terms[1:]:
        total = np.logaddexp2(total, term)
    return np.asarray(total)


def log2_expm1(e: Bits) -> Bits:
    """Of exp(2^e) - 1."""
    x = np.exp2(np.minimum(e, FARTHEST))
    moderate = np.log2(np.expm1(np.minimum(x, 500.0)))
    return np.where(e < -20, e, np.where(x < 500, moderate, np.where(e < FARTHEST, x * LOG2_E, np.inf)))


def log2_log(ratio: Bits) -> Bits:
    """Of -log(1 - 2^ratio), which bounds what a relative error does to a logarithm."""
    r = np.exp2(np.minimum(ratio, 0.0))
    return np.where(ratio < -20, ratio, np.where(r < 1, np.log2(-np.log1p(-r)), np.inf))


def log2_rest(ratio: Bits) -> Bits:
    """Of 1 - 2^ratio: what a relative error leaves at least."""
    return np.asarray(np.log2(1 - np.exp2(np.minimum(ratio, 0.0))))

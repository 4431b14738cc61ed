"""Base-2 logarithms of magnitudes, which neither overflow nor underflow.

Minus infinity is the logarithm of zero, and of the error of an exact number. numpy warns about it; callers silence the
warnings.
"""

import math
from typing import Any

import numpy as np

Bits = np.ndarray
"""Base-2 logarithms, as float64."""

FARTHEST = 32.0
"""Exponentials are not taken of arguments beyond 2^32; below -2^32 they are only known to be tiny."""

LOG2_E = math.log2(math.e)


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
    """Of 1 - 2^ratio, the least that a relative error leaves."""
    return np.asarray(np.log2(1 - np.exp2(np.minimum(ratio, 0.0))))

"""What the machine's elementary functions round, and how accurate they are assumed to be."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special

from gradproof.numerics import enclosures
from gradproof.numerics.balls import sizes_of
from gradproof.numerics.magnitude import FARTHEST, LOG2_E, Bits, log2_expm1, log2_log, log2_rest, log2_sum
from gradproof.numerics.rounding import RingRounding, Rounded

ULPS = {
    "exp": 4,
    "log": 4,
    "log1p": 8,
    "expm1": 4,
    "tanh": 8,
    "logistic": 4,
    "sin": 2,
    "cos": 2,
    "tan": 4,
    "sinh": 4,
    "cosh": 4,
    "atan": 2,
    "atan2": 4,
    "asin": 4,
    "acos": 4,
    "asinh": 8,
    "acosh": 8,
    "atanh": 8,
    "erf_inv": 64,
    "lgamma": 32,
    "digamma": 16,
    "polygamma": 64,
    "erf": 4,
    "erfc": 4,
    "sqrt": 1,
    "rsqrt": 2,
    "pow": 8,
}
"""The accuracy assumed of the elementary functions of XLA's backends, in units in the last place.

It is an assumption, measured on the backend at hand by the tests. The hyperbolic functions err by |a| ulp more, and
erfc by a^2, since XLA makes them of exponentials; lgamma and digamma by as many ulp of 1. Of these two and of polygamma
nothing is assumed at negative numbers.
"""

LOG1P_ULPS_BELOW = 128
"""Of log1p below -1/4: on the CPU, that of float64 loses seven bits between -0.414 and -0.293.

So does atanh, which is made of it.
"""


class RoundingArithmetic(RingRounding):
    """A program as the machine runs it in one format."""

    def _elementary(
        self,
        name: str,
        a: Rounded,
        value: Any,
        spread: Bits,
        units: Any = 0,
        *,
        positive: bool = False,
        exponential: bool = False,
    ) -> Rounded:
        """A function whose value at 0, and at infinity, is exact."""
        plain = a.exact & ~np.isfinite(a.size)
        spread = np.where(a.exact, -np.inf, spread)
        return self.result(
            value, spread, 2 * ULPS[name] + units, (a,), exact=plain, positive=positive, exponential=exponential
        )

    def exp(self, a: Rounded) -> Rounded:
        value = enclosures.exp(a)
        # The exponential of minus infinity is zero.
        positive = not (a.size == np.inf).any()
        spread = sizes_of(value) + log2_expm1(a.error)
        return self._elementary("exp", a, value, spread, positive=positive, exponential=True)

    def expm1(self, a: Rounded) -> Rounded:
        value = enclosures.expm1(a)
        return self._elementary("expm1", a, value, sizes_of(value + 1) + log2_expm1(a.error), positive=a.positive)

    def log(self, a: Rounded) -> Rounded:
        return self._logarithmic(a, enclosures.log(a), a.size, ULPS["log"], a.exact & np.asarray(a.value == 1, bool))

    def log1p(self, a: Rounded) -> Rounded:
        ulps = np.where(np.asarray(a.value < -0.25, bool), LOG1P_ULPS_BELOW, ULPS["log1p"])
        whole = sizes_of(a.value + 1)
        return self._logarithmic(a, enclosures.log1p(a), whole, ulps, a.zero, positive=a.positive)

    def _logarithmic(
        self, a: Rounded, value: Any, size: Bits, ulps: Any, zero: np.ndarray, positive: bool = False
    ) -> Rounded:
        """Of numbers of this size; exact where it is zero."""
        spread = np.where(a.exact, -np.inf, log2_log(a.error - size))
        return self.result(value, spread, 2 * ulps, (a,), exact=zero, positive=positive)

    def logistic(self, a: Rounded) -> Rounded:
        spread = np.minimum(np.minimum(a.error - 2, 0.0), a.error - LOG2_E * _nearest(a))
        return self._elementary("logistic", a, enclosures.logistic(a), spread, positive=True)

    def tanh(self, a: Rounded) -> Rounded:
        spread = np.minimum(np.minimum(a.error, 1.0), a.error + 2 - 2 * LOG2_E * _nearest(a))
        return self._elementary("tanh", a, enclosures.tanh(a), spread, positive=a.positive)

    def sinh(self, a: Rounded) -> Rounded:
        return self._hyperbolic("sinh", a, enclosures.sinh(a), positive=a.positive)

    def cosh(self, a: Rounded) -> Rounded:
        return self._hyperbolic("cosh", a, enclosures.cosh(a), positive=True)

    def _hyperbolic(self, name: str, a: Rounded, value: Any, positive: bool) -> Rounded:
        reach = np.exp2(a.size) + np.exp2(a.error)
        spread = np.where(a.exact, -np.inf, a.error + LOG2_E * reach)
        return self._elementary(name, a, value, spread, 2 * np.exp2(np.minimum(a.size, FARTHEST)), positive=positive)

    def sin(self, a: Rounded) -> Rounded:
        return self._circular("sin", a, enclosures.sin(a))

    def cos(self, a: Rounded) -> Rounded:
        return self._circular("cos", a, enclosures.cos(a))

    def _circular(self, name: str, a: Rounded, value: Any) -> Rounded:
        # Of an enormous angle no more is said than that the value lies between -1 and 1.
        far = (a.size > 2 * FARTHEST) & (a.size < np.inf)
        spread = np.where(far, 1.0, np.where(a.exact, -np.inf, np.minimum(a.error, 1.0)))
        return self.result(value, spread, 2 * ULPS[name], (a,), exact=a.zero)

    def tan(self, a: Rounded) -> Rounded:
        cosine = sizes_of(enclosures.cos(a))
        spread = np.where(a.exact, -np.inf, a.error - 2 * cosine - log2_rest(a.error - cosine))
        return self._elementary("tan", a, enclosures.tan(a), spread)

    def atan(self, a: Rounded) -> Rounded:
        spread = np.minimum(a.error - np.log2(1 + _nearest(a) ** 2), 2.0)
        return self._inverse("atan", a, enclosures.atan(a), spread, exact=a.zero, positive=a.positive)

    def atan2(self, a: Rounded, b: Rounded) -> Rounded:
        error, distance = log2_sum(2 * a.error, 2 * b.error) / 2, log2_sum(2 * a.size, 2 * b.size) / 2
        # An arc is at most as long as its chord times pi / 2. Across the cut nothing is near.
        across = ~np.asarray(b.value > 0, bool) & ~a.exact & (a.size <= a.error)
        spread = np.where((error < distance) & ~across, error - distance + math.log2(math.pi / 2), 3.0)
        spread = np.where(a.exact & b.exact, -np.inf, spread)
        exact = a.zero & b.exact & np.asarray(b.value > 0, bool)
        value = enclosures.atan2(a, b)
        return self.result(value, spread, 2 * ULPS["atan2"], (a, b), exact=exact, positive=a.positive)

    def asin(self, a: Rounded) -> Rounded:
        return self._inverse("asin", a, enclosures.asin(a), _beside_one(a, 0.5), exact=a.zero, positive=a.positive)

    def acos(self, a: Rounded) -> Rounded:
        one = a.exact & np.asarray(a.value == 1, bool)
        return self._inverse("acos", a, enclosures.acos(a), _beside_one(a, 0.5), exact=one)

    def asinh(self, a: Rounded) -> Rounded:
        spread = a.error - np.log2(1 + _nearest(a) ** 2) / 2
        return self._inverse("asinh", a, enclosures.asinh(a), spread, exact=a.zero, positive=a.positive)

    def acosh(self, a: Rounded) -> Rounded:
        least = _nearest(a)
        above = np.where(least > 1, least, 1.0)
        spread = np.where(least > 1, a.error - (np.log2(above - 1) + np.log2(above + 1)) / 2, np.inf)
        return self._inverse("acosh", a, enclosures.acosh(a), spread, exact=a.exact & np.asarray(a.value == 1, bool))

    def atanh(self, a: Rounded) -> Rounded:
        units = np.where(np.asarray(abs(a.value) > 0.25, bool), 4 * LOG1P_ULPS_BELOW, 0)
        spread = _beside_one(a, 1.0)
        value = enclosures.atanh(a)
        return self._inverse("atanh", a, value, spread, units, exact=a.zero, positive=a.positive)

    def _inverse(
        self,
        name: str,
        a: Rounded,
        value: Any,
        spread: Bits,
        units: Any = 0,
        *,
        exact: np.ndarray,
        positive: bool = False,
    ) -> Rounded:
        spread = np.where(a.exact, -np.inf, spread)
        return self.result(value, spread, 2 * ULPS[name] + units, (a,), exact=exact, positive=positive)

    def erf_inv(self, a: Rounded) -> Rounded:
        reach = _farthest(a)
        slope = a.error + LOG2_E * special.erfinv(np.where(reach < 1, reach, 0.0)) ** 2
        spread = np.where(reach < 1, slope, np.inf)
        return self._inverse("erf_inv", a, enclosures.erf_inv(a), spread, exact=a.zero, positive=a.positive)

    def lgamma(self, a: Rounded) -> Rounded:
        slope = np.maximum(np.abs(np.log(_nearest(a))), np.log(_farthest(a))) + 1 / _nearest(a)
        return self._gamma("lgamma", a, enclosures.lgamma(a), slope, 0.0)

    def digamma(self, a: Rounded) -> Rounded:
        slope = 1 / _nearest(a) + 1 / _nearest(a) ** 2
        return self._gamma("digamma", a, enclosures.digamma(a), slope, 0.0)

    def polygamma(self, order: Rounded, a: Rounded) -> Rounded:
        n = order.value.astype(float)
        least = _nearest(a)
        slope = special.gamma(n + 1) / least ** (n + 1) + special.gamma(n + 2) / least ** (n + 2)
        return self._gamma("polygamma", a, enclosures.polygamma(order, a), slope, -np.inf)

    def _gamma(self, name: str, a: Rounded, value: Any, slope: np.ndarray, least: float) -> Rounded:
        """With a bound on the slope, and the least size that roundings are in proportion to."""
        positive = np.asarray(a.value > 0, bool) & (_nearest(a) > 0)
        spread = np.where(a.exact, -np.inf, a.error + np.log2(slope))
        mass = np.maximum(sizes_of(np.asarray(value, object)), least)
        return self.result(value, np.where(positive, spread, np.inf), 2 * ULPS[name], (a,), mass=mass)

    def erf(self, a: Rounded) -> Rounded:
        return self._elementary("erf", a, enclosures.erf(a), _bell(a), positive=a.positive)

    def erfc(self, a: Rounded) -> Rounded:
        square = 2 * np.exp2(np.minimum(2 * a.size, FARTHEST))
        return self._elementary("erfc", a, enclosures.erfc(a), _bell(a), square, positive=True)

    def log_of_normal(self, a: Rounded) -> Any:
        """Nothing is assumed of the series that JAX makes of it far out."""
        found = super().log_of_normal(a)
        return self.result(found.value, np.full(found.error.shape, np.inf), 0, (a,))

    def power(self, a: Rounded, exponent: Fraction) -> Any:
        """Roots are functions of their own; a fixed exponent of another kind occurs in references alone."""
        if exponent.denominator == 1:
            return self.integer_power(a, exponent.numerator)
        name = {Fraction(1, 2): "sqrt", Fraction(-1, 2): "rsqrt"}.get(exponent, "pow")
        value = enclosures.power(a, exponent)
        relative = log2_expm1(math.log2(abs(exponent)) + log2_log(a.error - a.size))
        spread = np.where(a.exact, -np.inf, sizes_of(value) + relative)
        exact = a.exact & (a.zero | np.asarray(a.value == 1, bool) | (name == "sqrt"))
        units = 2 * ULPS[name] + (self.logarithm(value) if a.exponential else 0)
        return self.result(value, spread, units, (a,), exact=exact, positive=a.positive)

    def general_power(self, a: Rounded, b: Rounded) -> Rounded:
        value = np.asarray(enclosures.general_power(a, b), object)
        change = np.where(a.exact, -np.inf, log2_log(a.error - a.size))
        # The logarithm of zero is not taken.
        logarithm = np.where(a.size == -np.inf, -np.inf, sizes_of(enclosures.log_of_size(a)))
        relative = log2_sum(
            np.where(a.exact, -np.inf, b.size + change),
            np.where(b.exact, -np.inf, logarithm + b.error),
            np.where(a.exact | b.exact, -np.inf, b.error + change),
        )
        spread = np.where(a.exact & b.exact, -np.inf, sizes_of(value) + log2_expm1(relative))
        # A negative number has no power whose exponent may be no whole number.
        spread = np.where(np.asarray(a.value < 0, bool) & ~b.exact, np.inf, spread)
        exact = (a.exact & b.exact & (a.zero | np.asarray(a.value == 1, bool))) | b.zero
        units = 2 * ULPS["pow"] + (self.logarithm(value) if a.exponential else 0)
        return self.result(value, spread, units, (a, b), exact=exact, positive=a.positive)


def _nearest(a: Rounded) -> np.ndarray:
    """How near to zero the machine's number may be."""
    return np.nan_to_num(np.maximum(np.exp2(a.size) * (1 - 1e-9) - np.exp2(a.error), 0.0), nan=0.0, posinf=np.inf)


def _farthest(a: Rounded) -> np.ndarray:
    return np.asarray(np.exp2(np.minimum(a.size, 1000)) * (1 + 1e-9) + np.exp2(np.minimum(a.error, 1000)))


def _beside_one(a: Rounded, power: float) -> Bits:
    """What an error becomes where the slope is a power of 1 / (1 - a^2)."""
    reach = np.exp2(a.size) * (1 + 1e-9) + np.exp2(a.error)
    within = np.where(reach < 1, reach, 0.0)
    return np.where(reach < 1, a.error - power * np.log2((1 - within) * (1 + within)), np.inf)


def _bell(a: Rounded) -> Bits:
    """What an error becomes where the slope is that of erf."""
    return np.minimum(np.minimum(a.error + 0.2, 1.0), a.error + 0.2 - LOG2_E * _nearest(a) ** 2)

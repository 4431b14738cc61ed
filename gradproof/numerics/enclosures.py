"""Functions of balls whose values enclose those of the function over the whole ball.

A value is NaN where there is none, and where none can be told at this precision.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from flint import acb, arb

from gradproof.numerics.balls import Balls, ball
from gradproof.numerics.magnitude import FARTHEST

_NAN: Any = arb.nan()
_LIMIT = arb(2) ** int(FARTHEST)


def divide(a: Balls, b: Balls) -> Any:
    return a.value / b.value


def exp(a: Balls) -> Any:
    argument, below, above = _within(a)
    return np.where(above, _NAN, _reaching(0, below, _exp(argument)))


def expm1(a: Balls) -> Any:
    return np.where(_within(a)[2], _NAN, _expm1(a.value))


def log(a: Balls) -> Any:
    return _log(a.value)


def log1p(a: Balls) -> Any:
    return _log1p(a.value)


def logistic(a: Balls) -> Any:
    argument, below, above = _within(a)
    return _reaching(1, above, _reaching(0, below, 1 / (1 + _exp(-argument))))


def tanh(a: Balls) -> Any:
    return _tanh(a.value)


def sinh(a: Balls) -> Any:
    return np.where(far(a), _NAN, _sinh(a.value))


def cosh(a: Balls) -> Any:
    return np.where(far(a), _NAN, _cosh(a.value))


def sin(a: Balls) -> Any:
    return np.where(a.size == np.inf, _NAN, _sin(a.value))


def cos(a: Balls) -> Any:
    return np.where(a.size == np.inf, _NAN, _cos(a.value))


def tan(a: Balls) -> Any:
    return np.where(a.size == np.inf, _NAN, _tan(a.value))


def atan(a: Balls) -> Any:
    return _atan(a.value)


def atan2(a: Balls, b: Balls) -> Any:
    return _atan2(a.value, b.value)


def asin(a: Balls) -> Any:
    return _asin(a.value)


def acos(a: Balls) -> Any:
    return _acos(a.value)


def asinh(a: Balls) -> Any:
    return _asinh(a.value)


def acosh(a: Balls) -> Any:
    return _acosh(a.value)


def atanh(a: Balls) -> Any:
    return _atanh(a.value)


def erf(a: Balls) -> Any:
    return _erf(a.value)


def erfc(a: Balls) -> Any:
    argument, _, above = _within(a)
    return _reaching(0, above, _erfc(argument))


def erf_inv(a: Balls) -> Any:
    return _erf_inv(a.value)


def lgamma(a: Balls) -> Any:
    return _lgamma(a.value)


def digamma(a: Balls) -> Any:
    return _digamma(a.value)


def polygamma(order: Balls, a: Balls) -> Any:
    return _polygamma(order.value, a.value)


def power(a: Balls, exponent: Fraction) -> Any:
    if exponent == Fraction(1, 2):
        return _sqrt(a.value)
    if exponent == Fraction(-1, 2):
        return _rsqrt(a.value)
    return a.value ** ball(exponent)


def integer_power(a: Balls, exponent: int) -> Any:
    return a.value**exponent


def general_power(a: Balls, b: Balls) -> Any:
    return _raise(a.value, b.value)


def log_of_size(a: Balls) -> Any:
    """The logarithm of |a|; NaN for zero."""
    return _log(abs(a.value))


def maximum(a: Balls, b: Balls) -> Any:
    return _max(a.value, b.value)


def minimum(a: Balls, b: Balls) -> Any:
    return _min(a.value, b.value)


def far(a: Balls) -> np.ndarray:
    """Where arguments are too far from zero for an exponential."""
    return (a.size > FARTHEST) & (a.size < np.inf)


def too_high(a: Balls, b: Balls) -> np.ndarray:
    """Where a power is the exponential of a number that is too far from zero."""
    return np.asarray(_too_high(a.value, b.value), bool)


def _within(a: Balls) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The values, with those that are far moved nearer to zero, and where these are: below and above."""
    distant = far(a)
    if not distant.any():
        return a.value, distant, distant
    below = distant & (a.value.astype(float) < 0)
    return np.where(distant, _nearer(a.value), a.value), below, distant & ~below


def _reaching(limit: int, where: np.ndarray, values: Any) -> Any:
    """The values, and all between them and the limit of the function where the argument was moved."""
    end: Any = arb(limit)
    return np.where(where, _union(values, end), values) if where.any() else values


def _nearer_one(x: arb) -> arb:
    return arb(_LIMIT if x.mid() > 0 else -_LIMIT, x.rad())


def _erf_one(x: arb) -> arb:
    return arb(1 if x > 0 else -1) if x.is_exact() and not x.is_finite() else x.erf()


def _erfc_one(x: arb) -> arb:
    return arb(0 if x > 0 else 2) if x.is_exact() and not x.is_finite() else x.erfc()


def _lgamma_one(x: arb) -> arb:
    if x > 0:
        return x.lgamma()
    # From the product of the values at x and 1 - x, which is pi over the sine of pi x.
    return (arb.pi() / abs(x.sin_pi())).log() - (1 - x).lgamma()


def _digamma_one(x: arb) -> arb:
    # It has more bits than the precision.
    return x.digamma() + 0


def _polygamma_one(order: arb, x: arb) -> arb:
    return acb(x).polygamma(acb(order)).real + 0 if order.is_exact() and order.is_integer() and order >= 0 else _NAN


def _raise_one(a: arb, b: arb) -> arb:
    if b.is_zero():
        return arb(1)
    if a.is_zero():
        return arb(0) if b > 0 else _NAN
    if _is_too_high(a, b):
        return _NAN
    return a**b


def _is_too_high(a: arb, b: arb) -> bool:
    exponent = b.mid() * abs(a.mid()).log()
    return bool(abs(exponent) > _LIMIT)


_nearer = np.frompyfunc(_nearer_one, 1, 1)
_union = np.frompyfunc(arb.union, 2, 1)
_max, _min = np.frompyfunc(arb.max, 2, 1), np.frompyfunc(arb.min, 2, 1)
_too_high = np.frompyfunc(_is_too_high, 2, 1)
_raise = np.frompyfunc(_raise_one, 2, 1)
_erf, _erfc = np.frompyfunc(_erf_one, 1, 1), np.frompyfunc(_erfc_one, 1, 1)
_exp, _expm1 = np.frompyfunc(arb.exp, 1, 1), np.frompyfunc(arb.expm1, 1, 1)
_log, _log1p = np.frompyfunc(arb.log, 1, 1), np.frompyfunc(arb.log1p, 1, 1)
_sinh, _cosh, _tanh = (np.frompyfunc(function, 1, 1) for function in (arb.sinh, arb.cosh, arb.tanh))
_sin, _cos, _tan = (np.frompyfunc(function, 1, 1) for function in (arb.sin, arb.cos, arb.tan))
_atan, _asin, _acos = (np.frompyfunc(function, 1, 1) for function in (arb.atan, arb.asin, arb.acos))
_asinh, _acosh, _atanh = (np.frompyfunc(function, 1, 1) for function in (arb.asinh, arb.acosh, arb.atanh))
_lgamma, _digamma = np.frompyfunc(_lgamma_one, 1, 1), np.frompyfunc(_digamma_one, 1, 1)
_erf_inv = np.frompyfunc(arb.erfinv, 1, 1)
_polygamma = np.frompyfunc(_polygamma_one, 2, 1)
_atan2 = np.frompyfunc(arb.atan2, 2, 1)
_sqrt, _rsqrt = np.frompyfunc(arb.sqrt, 1, 1), np.frompyfunc(arb.rsqrt, 1, 1)

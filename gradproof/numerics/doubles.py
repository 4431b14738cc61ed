"""A program in plain float64: a search looks at many points with it, and no verdict rests on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special

from gradproof.interpreter import Arithmetic
from gradproof.programs import unknown


@dataclass(frozen=True, eq=False)
class Doubles:
    """An array of float64."""

    value: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape


def _elementwise(function: Callable[..., Any]) -> Callable[..., Doubles]:
    return lambda self, *xs: Doubles(np.asarray(function(*(x.value for x in xs))))


def _polygamma(order: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Far below zero it takes as many steps as x is large: there nothing is said."""
    near = x > -1e3
    return np.asarray(np.where(near, special.polygamma(order, np.where(near, x, 1.0)), np.nan))


class DoubleArithmetic(Arithmetic):
    """Numbers without bounds on their errors; what has no value is NaN."""

    add = _elementwise(np.add)
    subtract = _elementwise(np.subtract)
    multiply = _elementwise(np.multiply)
    divide = _elementwise(np.divide)
    negative = _elementwise(np.negative)
    reciprocal = _elementwise(np.reciprocal)
    exp = _elementwise(np.exp)
    expm1 = _elementwise(np.expm1)
    log = _elementwise(np.log)
    log1p = _elementwise(np.log1p)
    logistic = _elementwise(special.expit)
    tanh = _elementwise(np.tanh)
    sin = _elementwise(np.sin)
    cos = _elementwise(np.cos)
    atan = _elementwise(np.arctan)
    atan2 = _elementwise(np.arctan2)
    asin = _elementwise(np.arcsin)
    acos = _elementwise(np.arccos)
    asinh = _elementwise(np.arcsinh)
    acosh = _elementwise(np.arccosh)
    atanh = _elementwise(np.arctanh)
    erf_inv = _elementwise(special.erfinv)
    lgamma = _elementwise(special.gammaln)
    digamma = _elementwise(special.digamma)
    polygamma = _elementwise(_polygamma)
    floor = _elementwise(np.floor)
    erf = _elementwise(special.erf)
    erfc = _elementwise(special.erfc)
    general_power = _elementwise(np.power)
    maximum = _elementwise(np.maximum)
    minimum = _elementwise(np.minimum)

    def constant(self, values: np.ndarray) -> Doubles:
        return Doubles(np.asarray(values, float))

    def take(self, pool: Sequence[Doubles], index: np.ndarray) -> Doubles:
        # The last element is a zero, where -1 finds it.
        return Doubles(np.concatenate([*(x.value.ravel() for x in pool), [0.0]])[index])

    def sum(self, x: Doubles) -> Doubles:
        return Doubles(np.asarray(x.value.sum(axis=-1)))

    def round(self, a: Doubles, *, to_even: bool) -> Doubles:
        return Doubles(np.asarray(np.rint(a.value) if to_even else np.trunc(a.value + np.copysign(0.5, a.value))))

    def power(self, a: Doubles, exponent: Fraction) -> Doubles:
        return Doubles(np.asarray(np.power(a.value, float(exponent))))

    def integer_power(self, a: Doubles, exponent: int) -> Doubles:
        return Doubles(np.asarray(np.power(a.value, float(exponent))))

    def unknown(self, a: Doubles, name: str, order: int, event: bool) -> Doubles:
        return Doubles(np.asarray(unknown.sines(np.sin, a.value, name, order, event)))

    def sign(self, a: Doubles) -> np.ndarray:
        return (a.value > 0) * 1 - (a.value < 0) * 1

    def finite(self, a: Doubles) -> np.ndarray:
        return np.isfinite(a.value)

    def fraction(self, a: Doubles) -> Fraction | None:
        """None: a power is one function, whatever its exponent is."""
        return None

    def rationals(self, a: Doubles) -> np.ndarray | None:
        """The elements, which a conversion cuts off to integers."""
        if not np.isfinite(a.value).all():
            return None
        return np.array(np.frompyfunc(Fraction, 1, 1)(a.value), object)

"""Dual numbers a + b e, with e^2 = 0, over any arithmetic: derivatives with no rule of JAX.

The infinitesimal part holds the slopes along several directions at once, on an axis of its own in front. Dual numbers
over dual numbers give second derivatives.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.interpreter import triangular
from gradproof.interpreter.arithmetic import Arithmetic


@dataclass(frozen=True)
class Dual:
    """A value, and its slopes of shape (directions, *shape); None is no slope at all.

    The owner tells a dual number from one of the base, which may be a dual number itself.
    """

    value: Any
    slopes: Any
    owner: "DualArithmetic"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape


class DualArithmetic(Arithmetic):
    """Pairs of numbers of a base arithmetic."""

    def __init__(self, base: Arithmetic, directions: int):
        self.base, self.directions = base, directions

    def _dual(self, value: Any, slopes: Any) -> Dual:
        return Dual(value, slopes, self)

    def at(self, equation: Any) -> None:
        # It is the base that decides comparisons.
        self.base.at(equation)

    def basis(self, point: Sequence[Any]) -> list[Dual]:
        """The point, with every basis direction."""
        duals, start = [], 0
        for x in point:
            size = math.prod(x.shape)
            unit = np.zeros((self.directions, size))
            unit[start : start + size] = np.eye(size)
            duals.append(self._dual(x, self.base.constant(unit.reshape(self.directions, *x.shape))))
            start += size
        return duals

    def slope(self, x: Any) -> Any:
        """The slopes, zero where there are none."""
        slopes = self._slopes(x)
        return self.base.filled(0.0, (self.directions, *x.shape)) if slopes is None else slopes

    def _value(self, x: Any) -> Any:
        return x.value if self._is_mine(x) else x

    def _slopes(self, x: Any) -> Any:
        return x.slopes if self._is_mine(x) else None

    def _is_mine(self, x: Any) -> bool:
        return isinstance(x, Dual) and x.owner is self

    def _spread(self, x: Any) -> Any:
        """x once for each direction."""
        index = np.arange(math.prod(x.shape)).reshape(x.shape)
        return self.base.take([x], np.broadcast_to(index, (self.directions, *x.shape)))

    def _chain(self, x: Any, value: Any, factor: Any) -> Any:
        """f(x) with f'(x) given."""
        slopes = self._slopes(x)
        return self._dual(value, None if slopes is None else self.base.multiply(self._spread(factor()), slopes))

    def _added(self, a: Any, b: Any) -> Any:
        if a is None or b is None:
            return b if a is None else a
        return self.base.add(a, b)

    def constant(self, values: np.ndarray) -> Any:
        return self._dual(self.base.constant(values), None)

    def take(self, pool: Sequence[Any], index: np.ndarray) -> Any:
        index = np.asarray(index, np.int64)
        value = self.base.take([self._value(x) for x in pool], index)
        if all(self._slopes(x) is None for x in pool):
            return self._dual(value, None)
        kept, offset, start = [], np.cumsum([0, *(math.prod(x.shape) for x in pool)]), 0
        place = np.full((self.directions, *index.shape), -1)
        along = np.arange(self.directions).reshape((-1,) + (1,) * index.ndim)
        for i, x in enumerate(pool):
            slopes = self._slopes(x)
            if slopes is None:
                continue
            size = int(offset[i + 1] - offset[i])
            here = (index >= offset[i]) & (index < offset[i + 1])
            place = np.where(here[None], start + along * size + (index - offset[i])[None], place)
            kept.append(slopes)
            start += self.directions * size
        return self._dual(value, self.base.take(kept, place))

    def select(self, which: Any, cases: Sequence[Any]) -> Any:
        value = self.base.select(which, [self._value(x) for x in cases])
        if all(self._slopes(x) is None for x in cases):
            return self._dual(value, None)
        spread = np.broadcast_to(which, (self.directions, *which.shape))
        return self._dual(value, self.base.select(spread, [self.slope(x) for x in cases]))

    def sum(self, x: Any) -> Any:
        slopes = self._slopes(x)
        return self._dual(self.base.sum(self._value(x)), None if slopes is None else self.base.sum(slopes))

    def add(self, a: Any, b: Any) -> Any:
        return self._dual(self.base.add(self._value(a), self._value(b)), self._added(self._slopes(a), self._slopes(b)))

    def multiply(self, a: Any, b: Any) -> Any:
        x, y, dx, dy = self._value(a), self._value(b), self._slopes(a), self._slopes(b)
        left = None if dx is None else self.base.multiply(dx, self._spread(y))
        right = None if dy is None else self.base.multiply(self._spread(x), dy)
        return self._dual(self.base.multiply(x, y), self._added(left, right))

    def negative(self, a: Any) -> Any:
        slopes = self._slopes(a)
        return self._dual(self.base.negative(self._value(a)), None if slopes is None else self.base.negative(slopes))

    def cast(self, a: Any, exponent_bits: int, mantissa_bits: int) -> Any:
        slopes = self._slopes(a)
        value = self.base.cast(self._value(a), exponent_bits, mantissa_bits)
        return self._dual(value, None if slopes is None else self.base.cast(slopes, exponent_bits, mantissa_bits))

    def reciprocal(self, a: Any) -> Any:
        value = self.base.reciprocal(self._value(a))
        return self._chain(a, value, lambda: self.base.negative(self.base.multiply(value, value)))

    def exp(self, a: Any) -> Any:
        value = self.base.exp(self._value(a))
        return self._chain(a, value, lambda: value)

    def log(self, a: Any) -> Any:
        return self._chain(a, self.base.log(self._value(a)), lambda: self.base.reciprocal(self._value(a)))

    def sin(self, a: Any) -> Any:
        return self._chain(a, self.base.sin(self._value(a)), lambda: self.base.cos(self._value(a)))

    def cos(self, a: Any) -> Any:
        sine = self.base.sin
        return self._chain(a, self.base.cos(self._value(a)), lambda: self.base.negative(sine(self._value(a))))

    def atan(self, a: Any) -> Any:
        x, base = self._value(a), self.base
        return self._chain(a, base.atan(x), lambda: base.reciprocal(base.one_plus_square(x)))

    def asin(self, a: Any) -> Any:
        x, base = self._value(a), self.base
        return self._chain(a, base.asin(x), lambda: base.power(base.one_minus_square(x), Fraction(-1, 2)))

    def atan2(self, a: Any, b: Any) -> Any:
        """From r^2 d(angle) = b da - a db."""
        x, y, base = self._value(b), self._value(a), self.base
        value = base.atan2(y, x)
        area = self.add(
            self.multiply(self._dual(x, None), self._dual(y, self._slopes(a))),
            self.negative(self.multiply(self._dual(y, None), self._dual(x, self._slopes(b)))),
        ).slopes
        if area is None:
            return self._dual(value, None)
        inverse = base.reciprocal(base.add(base.multiply(x, x), base.multiply(y, y)))
        return self._dual(value, base.multiply(self._spread(inverse), area))

    def asinh(self, a: Any) -> Any:
        x, base = self._value(a), self.base
        return self._chain(a, base.asinh(x), lambda: base.power(base.one_plus_square(x), Fraction(-1, 2)))

    def acosh(self, a: Any) -> Any:
        x, base = self._value(a), self.base
        slope = Fraction(-1, 2)
        return self._chain(a, base.acosh(x), lambda: base.power(base.negative(base.one_minus_square(x)), slope))

    def atanh(self, a: Any) -> Any:
        x, base = self._value(a), self.base
        return self._chain(a, base.atanh(x), lambda: base.reciprocal(base.one_minus_square(x)))

    def erf(self, a: Any) -> Any:
        return self._chain(a, self.base.erf(self._value(a)), lambda: self._bell(self._value(a)))

    def erfc(self, a: Any) -> Any:
        x = self._value(a)
        return self._chain(a, self.base.erfc(x), lambda: self.base.negative(self._bell(x)))

    def _bell(self, x: Any) -> Any:
        """The slope of erf."""
        gauss = self.base.exp(self.base.negative(self.base.multiply(x, x)))
        return self.base.multiply(self.base.filled(2 / math.sqrt(math.pi), x.shape), gauss)

    def erf_inv(self, a: Any) -> Any:
        base = self.base
        value, half = base.erf_inv(self._value(a)), base.filled(math.sqrt(math.pi) / 2, a.shape)
        return self._chain(a, value, lambda: base.multiply(half, base.exp(base.multiply(value, value))))

    def lgamma(self, a: Any) -> Any:
        x, base = self._value(a), self.base
        return self._chain(a, base.lgamma(x), lambda: base.digamma(x))

    def digamma(self, a: Any) -> Any:
        x, base = self._value(a), self.base
        return self._chain(a, base.digamma(x), lambda: base.polygamma(base.ones(x), x))

    def polygamma(self, order: Any, a: Any) -> Any:
        n, x, base = self._value(order), self._value(a), self.base
        if self._slopes(order) is not None:
            raise Undecided("a derivative of polygamma by its order")
        return self._chain(a, base.polygamma(n, x), lambda: base.polygamma(base.add(n, base.ones(n)), x))

    def floor(self, a: Any) -> Any:
        return self._dual(self.base.floor(self._value(a)), None)

    def round(self, a: Any, *, to_even: bool) -> Any:
        return self._dual(self.base.round(self._value(a), to_even=to_even), None)

    def power(self, a: Any, exponent: Fraction) -> Any:
        x, base = self._value(a), self.base
        return self._chain(
            a,
            base.power(x, exponent),
            lambda: base.multiply(base.filled(exponent, x.shape), base.power(x, exponent - 1)),
        )

    def cholesky(self, a: Any) -> Any:
        """From A = L L': the triangle of L^-1 dA L^-1', its diagonal halved, is L^-1 dL. Only halves are read."""
        slopes, base = self._slopes(a), self.base
        factor = base.cholesky(self._value(a))
        if slopes is None:
            return self._dual(factor, None)
        return self._dual(factor, _slope_of_factor(base, self._spread(factor), slopes))

    def solve_lower(self, a: Any, b: Any) -> Any:
        """From a x = b: a dx = db - da x."""
        matrix, slopes, right, base = self._value(a), self._slopes(a), self._slopes(b), self.base
        x = base.solve_lower(matrix, self._value(b))
        if slopes is not None:
            moved = base.negative(triangular.product(base, slopes, x))
            right = moved if right is None else base.add(right, moved)
        return self._dual(x, None if right is None else base.solve_lower(self._spread(matrix), right))

    def unknown(self, a: Any, name: str, order: int, event: bool) -> Any:
        x, slopes, base = self._value(a), self._slopes(a), self.base
        value = base.unknown(x, name, order, event)
        if slopes is None:
            return self._dual(value, None)
        above = base.unknown(x, name, order + 1, event)
        if not event:
            return self._chain(a, value, lambda: above)
        index = np.arange(math.prod(slopes.shape)).reshape(slopes.shape)
        index = index.reshape(*slopes.shape[:-1], *(1,) * order, slopes.shape[-1])
        shape = (self.directions, *above.shape)
        return self._dual(
            value, base.sum(base.multiply(self._spread(above), base.take([slopes], np.broadcast_to(index, shape))))
        )

    def places(self, x: Any, sign: int) -> Any:
        return self.base.places(self._value(x), sign)

    def sign(self, a: Any) -> np.ndarray:
        return self.base.sign(self._value(a))

    def order(self, a: Any, b: Any) -> np.ndarray:
        return self.base.order(self._value(a), self._value(b))

    def finite(self, a: Any) -> np.ndarray:
        return self.base.finite(self._value(a))

    def rationals(self, a: Any) -> np.ndarray | None:
        return self.base.rationals(self._value(a)) if self._slopes(a) is None else None

    def fraction(self, a: Any) -> Fraction | None:
        return self.base.fraction(self._value(a)) if self._slopes(a) is None else None


def _slope_of_factor(base: Arithmetic, factor: Any, slopes: Any) -> Any:
    place, lower = triangular.positions(slopes.shape), np.tri(slopes.shape[-1], dtype=bool)
    symmetric = base.take([slopes], np.where(lower, place, place.swapaxes(-1, -2)))
    half = base.solve_lower(factor, symmetric)
    whole = base.solve_lower(factor, base.take([half], place.swapaxes(-1, -2)))
    triangle = base.take([whole], np.where(lower, place, -1))
    weights = np.broadcast_to(1 - np.eye(slopes.shape[-1]) / 2, place.shape)
    return triangular.product(base, factor, base.multiply(triangle, base.constant(weights)))

"""What follows from the few operations that an arithmetic must know."""

import math
from fractions import Fraction
from typing import Any

import numpy as np

from gradproof.interpreter import triangular
from gradproof.interpreter.basic import Basic


class Arithmetic(Basic):
    """All operations. An arithmetic may know better ways to some of them."""

    def maximum(self, a: Any, b: Any) -> Any:
        return self.select(self.order(a, b) < 0, (a, b))

    def minimum(self, a: Any, b: Any) -> Any:
        return self.select(self.order(a, b) > 0, (a, b))

    def absolute(self, a: Any) -> Any:
        return self.select(self.sign(a) < 0, (a, self.negative(a)))

    def expm1(self, a: Any) -> Any:
        return self.subtract(self.exp(a), self.ones(a))

    def log2(self, a: Any) -> Any:
        return self.divide(self.log(a), self.log(self.filled(2.0, a.shape)))

    def log1p(self, a: Any) -> Any:
        return self.log(self.add(self.ones(a), a))

    def logistic(self, a: Any) -> Any:
        return self.reciprocal(self.add(self.ones(a), self.exp(self.negative(a))))

    def tanh(self, a: Any) -> Any:
        square = self.exp(self.add(a, a))
        return self.divide(self.subtract(square, self.ones(a)), self.add(square, self.ones(a)))

    def sinh(self, a: Any) -> Any:
        up = self.exp(a)
        return self.multiply(self.filled(0.5, a.shape), self.subtract(up, self.reciprocal(up)))

    def cosh(self, a: Any) -> Any:
        up = self.exp(a)
        return self.multiply(self.filled(0.5, a.shape), self.add(up, self.reciprocal(up)))

    def tan(self, a: Any) -> Any:
        return self.divide(self.sin(a), self.cos(a))

    def acos(self, a: Any) -> Any:
        return self.subtract(self.filled(math.pi / 2, a.shape), self.asin(a))

    def atan2(self, a: Any, b: Any) -> Any:
        """The angle of the point (b, a)."""
        angle, half = self.atan(self.divide(a, b)), self.filled(math.pi, a.shape)
        turn = self.select(self.sign(a) < 0, (half, self.negative(half)))
        return self.select(self.sign(b) < 0, (angle, self.add(angle, turn)))

    def asinh(self, a: Any) -> Any:
        return self.log(self.add(a, self.power(self.one_plus_square(a), Fraction(1, 2))))

    def acosh(self, a: Any) -> Any:
        return self.log(self.add(a, self.power(self.negative(self.one_minus_square(a)), Fraction(1, 2))))

    def atanh(self, a: Any) -> Any:
        gap = self.subtract(self.log1p(a), self.log1p(self.negative(a)))
        return self.multiply(self.filled(0.5, a.shape), gap)

    def one_plus_square(self, a: Any) -> Any:
        return self.add(self.ones(a), self.multiply(a, a))

    def one_minus_square(self, a: Any) -> Any:
        return self.subtract(self.ones(a), self.multiply(a, a))

    def ceil(self, a: Any) -> Any:
        return self.negative(self.floor(self.negative(a)))

    def remainder(self, a: Any, b: Any) -> Any:
        """What is left of a when it is divided by b towards zero."""
        quotient = self.divide(a, b)
        whole = self.select(self.sign(quotient) < 0, (self.floor(quotient), self.ceil(quotient)))
        return self.subtract(a, self.multiply(b, whole))

    def erfc(self, a: Any) -> Any:
        return self.subtract(self.ones(a), self.erf(a))

    def log_of_normal(self, a: Any) -> Any:
        """The logarithm of erfc(-a / sqrt(2)) / 2: what the function is, and not the series that it is computed by."""
        root, half = (self.filled(number, a.shape) for number in (-math.sqrt(0.5), 0.5))
        return self.log(self.multiply(half, self.erfc(self.multiply(root, a))))

    def places(self, x: Any, sign: int) -> Any:
        """Where along the last axis the largest is, or the smallest for a sign of -1: the first of them."""
        index = np.arange(math.prod(x.shape)).reshape(x.shape)
        best, place = self.take([x], index[..., 0]), np.zeros(x.shape[:-1], np.int64)
        for number in range(1, x.shape[-1]):
            item = self.take([x], index[..., number])
            better = self.is_beyond(item, best, sign)
            best, place = self.select(better, (best, item)), np.where(better, number, place)
        return place

    def is_beyond(self, a: Any, b: Any, sign: int) -> Any:
        """Where a is larger than b, or smaller for a sign of -1."""
        return self.order(a, b) * sign > 0

    def integer_power(self, a: Any, exponent: int) -> Any:
        if exponent < 0:
            return self.reciprocal(self.integer_power(a, -exponent))
        if exponent == 0:
            return self.ones(a)
        half = self.integer_power(a, exponent // 2)
        square = self.multiply(half, half) if exponent > 1 else None
        if square is None:
            return a
        return self.multiply(square, a) if exponent % 2 else square

    def general_power(self, a: Any, b: Any) -> Any:
        """a to the power b, where b is not one known number."""
        return self.exp(self.multiply(b, self.log(a)))

    def cholesky(self, a: Any) -> Any:
        """The lower factors of positive definite matrices; only their lower triangles are read."""
        return triangular.cholesky(self, a)

    def solve_lower(self, a: Any, b: Any) -> Any:
        """The x of a x = b, for matrices that are zero above the diagonal."""
        return triangular.solve_lower(self, a, b)

"""What has no value, as the machine has it: NaN, of which every comparison is false but that it is another number."""

import numpy as np

from gradproof.numerics import enclosures
from gradproof.numerics.balls import Balls
from gradproof.numerics.numbers import at_each_point
from gradproof.numerics.reference import ReferenceArithmetic


class ValuelessArithmetic(ReferenceArithmetic):
    """The mathematical values at one point, where some numbers may have none at any precision.

    Where an exponential is too large for the reference, nothing is sure: it has a value.
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

    def _near(self, a: Balls) -> Balls:
        self.ambiguous |= at_each_point(enclosures.far(a))
        return a

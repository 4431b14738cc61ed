r"""A program as the machine runs it, with a bound on the error that floating point makes in it.

Each number has its value in high precision, and with it the base-2 logarithm of a bound on how far the machine's result
may be from it. With the unit roundoff $u$ of the format that an operation's result has in the program, which a cast
may have made a narrower one, every operation obeys

$$ |\mathrm{fl}(f(\tilde a)) - f(a)| \le p + \frac{k u}{1 - k u} (|f(a)| + p) + \eta, \qquad
   |\tilde a - a| \le e, \quad p \ge \sup |f(\tilde a) - f(a)|, $$

where $p$ is what the errors of the arguments become, over the whole interval and not by the derivative alone; $k$
counts roundings, two for each of the `ULPS` that are assumed of a function; and $\eta$, the smallest normal number,
covers underflow. A sum of $n$ terms in any order, with or without fused multiplication, has $p = \sum e_i$ and
$k = n - 1$ on $\sum |x_i|$ in place of $|f|$. The bound is infinite where an argument may have left the domain, or the
result the range. The rounding of the bounds themselves and the radii of the values are far below the factor
$2^{2^{-10}}$ by which every bound is raised: values are enclosed to about $2^{-128}$. A cast rounds once, or not at all
where the new format has the number.

Compilers may turn a division into a product with the rounded reciprocal, which rounds twice, and $e^a e^b$ into
$e^{a + b}$, whose argument is rounded once more. Results that the format holds exactly have no error.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np
from flint import arb

from gradproof.interpreter import constants
from gradproof.numerics import enclosures
from gradproof.numerics.balls import Balls, are_exact, ball, log2, lowest_bit, lowest_bits, sizes_of
from gradproof.numerics.formats import Format
from gradproof.numerics.magnitude import LOG2_E, Bits, log2_rest, log2_sum
from gradproof.numerics.numbers import BallArithmetic, Merge

PRECISION = 128

PAD = 2.0**-10


@dataclass(frozen=True, eq=False)
class Rounded(Balls):
    """Values, with bounds on the machine's errors as base-2 logarithms: minus infinity is that of what is exact."""

    error: Bits = field(kw_only=True)
    exponential: bool = field(default=False, kw_only=True)
    """Whether it is an exponential, or a product of some."""

    @property
    def bound(self) -> Bits:
        return self.error

    @cached_property
    def exact(self) -> np.ndarray:
        return self.error == -np.inf

    @cached_property
    def zero(self) -> np.ndarray:
        return self.exact & (self.size == -np.inf)

    @cached_property
    def lost(self) -> np.ndarray:
        return self.error == np.inf

    @cached_property
    def lowest(self) -> Bits:
        """The exponent of the last bit that is set."""
        return lowest_bits(self.value)

    @cached_property
    def width(self) -> Bits:
        """The number of bits from the first to the last; minus infinity for zero."""
        return np.where(self.size == -np.inf, -np.inf, np.floor(self.size) + 1 - self.lowest)


class RingRounding(BallArithmetic):
    """Sums and products. Constants are those of the program.

    Arguments:
        format: that of the inputs, and of all that is not cast to another one.
    """

    def __init__(self, format: Format, points: int = 1):
        super().__init__(max(PRECISION, format.bits + 64), points)
        self.widest = self.format = format
        """The second one is that of the equation being run."""

    def at(self, equation: Any) -> None:
        super().at(equation)
        self.format = _format_of(equation.outvars) or _format_of(equation.invars) or self.widest

    @property
    def roundoff(self) -> float:
        return -float(self.format.bits)

    def kind(self) -> Hashable:
        return type(self), self.widest

    # Making numbers

    def numbers(self, value: np.ndarray, bound: Bits, identity: np.ndarray) -> Rounded:
        return Rounded(value, identity, error=bound)

    def significand(self, bits: int) -> int:
        return min(bits, self.widest.bits)

    def known(self, number: Any, reading: constants.Reading | None, bits: int) -> tuple[arb, float]:
        """A constant with few digits is meant as it stands; another stands for a number near it.

        That is within half an ulp for one that is written out. One that operations have made, in a format of this size,
        is as far from it as such a constant may be.
        """
        value = ball(number)
        if math.isnan(number):
            return value, math.inf
        if math.isinf(number) or number == 0:
            return value, -math.inf
        size = log2(value)
        short = math.floor(size) + 1 - lowest_bit(value) <= bits // (2 - isinstance(number, int))
        if short:
            return value, -math.inf
        if reading is not None and (reading.named or reading.unread):
            return value, math.log2(constants.distance(reading, number, bits)) + PAD
        return value, size - min(bits, self.widest.bits) + PAD

    def stored(self, values: np.ndarray) -> Bits:
        return sizes_of(values) + self.roundoff + PAD

    def merged(self, merge: Merge, numbers: Sequence[Any], **known: bool) -> Rounded:
        return Rounded(
            merge([x.value for x in numbers], arb(0)),
            merge([x.identity for x in numbers], 0),
            error=merge([x.error for x in numbers], -np.inf),
            exponential=all(x.exponential for x in numbers),
            **known,
        )

    def result(
        self,
        value: Any,
        spread: Bits,
        units: Any,
        inputs: Sequence[Rounded],
        *,
        mass: Bits | None = None,
        exact: np.ndarray | None = None,
        positive: bool = False,
        exponential: bool = False,
    ) -> Rounded:
        """The result of one operation.

        Arguments:
            spread: what the errors of the inputs become.
            units: how many roundings of size u there are, on the value or on `mass`.
            exact: where the operation is exact if the result fits the format.
        """
        value = np.asarray(value, object)
        size = sizes_of(value)
        share = np.minimum(np.multiply(units, 2.0**self.roundoff), 1.0)
        rounding = log2_sum(size if mass is None else mass, spread) + np.log2(share / (1 - share))
        bound = log2_sum(spread, rounding, self.format.smallest) + PAD
        within = log2_sum(size, bound) < self.format.largest
        broken = np.zeros(size.shape, bool)
        for x in inputs:
            if x.error.shape == size.shape:
                broken |= x.lost
        # NaN and infinity are not within the range.
        ordinary = within.all() and not broken.any()
        if not ordinary:
            bound = np.where(within & ~np.isnan(rounding) & ~broken, bound, np.inf)
        if exact is not None and exact.any():
            bound = np.where(exact & ~broken & self._fits(value, size), -np.inf, bound)
        if not ordinary:
            bound = np.where((size == np.inf) & ~broken, -np.inf, bound)
        continuous = any(x.continuous for x in inputs)
        return Rounded(value, self.fresh(value.shape), continuous, positive, error=bound, exponential=exponential)

    def _fits(self, value: np.ndarray, size: Bits) -> np.ndarray:
        """Where the format has these numbers."""
        width = np.floor(size) + 1 - lowest_bits(value)
        within = (width <= self.format.bits) & (size >= self.format.smallest) & (size < self.format.largest)
        return are_exact(value) & ((size == -np.inf) | within)

    def logarithm(self, value: Any) -> np.ndarray:
        """|ln| of exponentials: how many roundings that of their argument is worth."""
        size = sizes_of(np.asarray(value, object))
        return np.where(np.isfinite(size), np.abs(size) / LOG2_E, 0.0)

    # Sums and products

    def added(self, a: Any, b: Any) -> Rounded:
        spread = log2_sum(a.error, b.error)
        positive = a.positive and b.positive
        return self.result(a.value + b.value, spread, 1, (a, b), exact=a.exact & b.exact, positive=positive)

    def summed(self, x: Any) -> Rounded:
        spread = np.logaddexp2.reduce(x.error, axis=-1)
        mass = np.logaddexp2.reduce(log2_sum(x.size, x.error), axis=-1)
        exact = np.asarray(x.exact.all(axis=-1))
        if exact.any():
            # Each partial sum, in whatever order, is then a number of the format.
            exact = np.asarray(exact & ~(np.floor(mass) + 2 - x.lowest.min(axis=-1) > self.format.bits))
        return self.result(
            np.add.reduce(x.value, axis=-1),
            np.where(x.lost.any(axis=-1), np.inf, spread),
            np.maximum((~x.zero).sum(axis=-1) - 1, 0),
            (x,),
            mass=np.where(mass < self.format.largest, mass, np.inf),
            exact=exact,
            positive=x.positive,
        )

    def multiplied(self, a: Any, b: Any) -> Rounded:
        spread = log2_sum(a.size + b.error, b.size + a.error, a.error + b.error)
        product = a.value * b.value
        both = a.exponential and b.exponential
        units = 1 + self.logarithm(product) if both else 1
        exact = None
        if a.exact.any() or b.exact.any():
            # A power of 2 rounds nothing.
            units = units - ((a.exact & (a.width == 1)) | (b.exact & (b.width == 1)))
            exact = a.zero | b.zero | (a.exact & b.exact)
        positive = a.positive and b.positive
        return self.result(product, spread, units, (a, b), exact=exact, positive=positive, exponential=both)

    def cast(self, a: Any, exponent_bits: int, mantissa_bits: int) -> Any:
        """What the format has is the same number; what it may not have is rounded once."""
        self.format = Format.with_bits(exponent_bits, mantissa_bits)
        stored = _format_of(self.equation.invars)
        if stored is not None and self.format.holds(stored):
            return a
        kept = a.exact & self._fits(a.value, a.size)
        spread = np.where(a.exact, -np.inf, a.error)
        rounded = self.result(a.value, spread, 1, (a,), positive=a.positive, exponential=a.exponential)
        return self.replaced(rounded, kept | (a.size == np.inf), a)

    def negative(self, a: Any) -> Any:
        opposite: Any = super().negative(a)
        return replace(opposite, exponential=False)

    def divide(self, a: Any, b: Any) -> Rounded:
        value = enclosures.divide(a, b)
        size = a.size - b.size
        rest = log2_rest(b.error - b.size)
        spread = np.where(
            a.exact & b.exact, -np.inf, log2_sum(a.error, np.where(b.exact, -np.inf, size + b.error)) - b.size - rest
        )
        both = a.exponential and b.exponential
        return self.result(
            value,
            spread,
            2 + (self.logarithm(value) if both else 0),
            (a, b),
            # Any other reciprocal is rounded, where a compiler multiplies by it.
            exact=a.zero | (a.exact & b.exact & (b.width == 1)),
            positive=a.positive and b.positive,
            exponential=b.exponential and bool((a.exact & (a.width == 1)).all() or a.exponential),
        )

    def integer_power(self, a: Any, exponent: int) -> Balls:
        if exponent == 0:
            return self.ones(a)
        if exponent == 1:
            return a
        count = abs(exponent)
        value = enclosures.integer_power(a, exponent)
        if exponent > 0:
            spread = math.log2(count) + a.error + (count - 1) * log2_sum(a.size, a.error)
        else:
            least = a.size + log2_rest(a.error - a.size)
            spread = math.log2(count) + a.error - (count + 1) * least
        spread = np.where(a.exact, -np.inf, spread)
        # A product more than one makes of a reciprocal.
        units = count - 1 + 2 * (exponent < 0) + (self.logarithm(value) if a.exponential else 0)
        return self.result(value, spread, units, (a,), exact=a.exact, positive=a.positive, exponential=a.exponential)

    # Comparisons

    def told_apart(self, a: Any, b: Any, difference: np.ndarray) -> np.ndarray:
        return sizes_of(difference) > log2_sum(a.error, b.error)

    def either(self, a: Any, b: Any, chosen: Any, direction: int) -> Rounded:
        """It errs by no more than the worse of the two, whichever the machine takes."""
        identity = self.fresh(chosen.value.shape)
        return replace(chosen, identity=identity, error=np.maximum(a.error, b.error))


def _format_of(atoms: Sequence[Any]) -> Format | None:
    """The narrowest of their formats, if some are numbers of floating point."""
    formats = [_format(atom.aval.dtype) for atom in atoms if hasattr(atom.aval, "dtype")]
    return min(filter(None, formats), key=lambda format: format.bits, default=None)


@cache
def _format(dtype: Any) -> Format | None:
    return Format.of(dtype) if jnp.issubdtype(dtype, jnp.floating) else None

r"""High precision, with a bound on the error that floating point makes in the same program.

Each number has its value at high precision, and beside it the base-2 logarithm of a bound on how far a machine's result
may be from it. With the unit roundoff $u$ of the machine's format, every operation obeys

$$ |\mathrm{fl}(f(\tilde a)) - f(a)| \le p + k u (|f(a)| + p) + \eta, \qquad |\tilde a - a| \le e, \quad
   p \ge \sup |f(\tilde a) - f(a)|, $$

where $p$ is what the errors of the arguments make of themselves, taken over the whole interval and not by the
derivative alone; $k$ counts roundings, two for each of the `ULPS` that are assumed of a function; and $\eta$, the
smallest normal number, covers underflow. A sum of $n$ terms in any order, with or without fused multiplication, has
$p = \sum e_i$ and $k = n - 1$ on $\sum |x_i|$ in place of $|f|$. The bound is infinite where an argument may have left
the domain, or the result the range. Terms of order $u^2$, the rounding of the bounds themselves and that of the values
are far below the factor $2^{2^{-10}}$ by which every bound is raised: bounds are moderate powers of $u = 2^{-24}$ or
$2^{-53}$, and the values obey the same recurrence with $2^{-128}$.

Compilers may turn a division into a product with the rounded reciprocal, which makes two roundings of one, and
$e^a e^b$ into $e^{a + b}$, whose argument has one more. That a value is the same wherever it is used is assumed: each
number has an identity, which maxima and rearrangements keep, so that the largest of some numbers equals one of them.
Results that the format holds exactly have no error.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.extend import core

from gradproof.interpreter import Arithmetic, Evaluator, RunAgain, constants, memory
from gradproof.numerics.magnitude import (
    FARTHEST,
    LOG2_E,
    Bits,
    as_fraction,
    context_of,
    divides,
    log2,
    log2_expm1,
    log2_log,
    log2_rest,
    log2_sum,
    lowest_bits,
    lowest_exponent,
    sizes_of,
)
from gradproof.programs.unknown import waves

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
    "erf": 4,
    "erfc": 4,
    "sqrt": 1,
    "rsqrt": 2,
    "pow": 8,
}
"""The accuracy assumed of the elementary functions of XLA's backends, in units in the last place.

It is an assumption, measured on the backend at hand by the tests. The hyperbolic functions err by |a| ulp more, and
erfc by a^2, since XLA makes them of exponentials.
"""

LOG1P_ULPS_BELOW = 128
"""Of log1p below -1/4: on the CPU, that of float64 loses seven bits between -0.414 and -0.293."""

PRECISION = 128
LADDER = (160, 640, 2560, 16_384)
"""Precisions of the reference. The last one resolves 1 - sigmoid(z) up to z = 10^4."""

RELATIVE = -96.0
ABSOLUTE = -1100.0
"""What a reference must be known to, as powers of 2: well beyond float64, or below its smallest denormal number."""

_PAD = 2.0**-10


@dataclass(frozen=True)
class Format:
    """Bits of the significand, and base-2 logarithms of the smallest normal and the largest number."""

    bits: int
    smallest: float = -math.inf
    largest: float = math.inf

    @classmethod
    def of(cls, dtype: Any) -> "Format":
        info = jnp.finfo(dtype)
        return cls(info.nmant + 1, float(info.minexp), float(info.maxexp))


class Split(RunAgain):
    """A comparison has different outcomes at different points."""

    def __init__(self, outcomes: np.ndarray):
        super().__init__("the points have to be run apart")
        rows = [row.tobytes() for row in outcomes]
        self.groups = [[i for i, row in enumerate(rows) if row == kind] for kind in dict.fromkeys(rows)]


@dataclass(frozen=True, eq=False)
class Precise:
    """An array of values at each of some points, with bounds on the error of floating point as base-2 logarithms.

    Minus infinity is the bound of what is exact. The first axis of all arrays is the points, and no part of the shape.

    Elements of one identity are one number, and of opposite identities one number and its negative. The identity of
    zeros that do not depend on the inputs is 0.
    """

    value: np.ndarray
    bound: Bits
    size: Bits
    identity: np.ndarray
    continuous: bool = False
    """Whether it depends on a symbol that is not a label."""
    positive: bool = False
    """Whether it is positive at every input, as an exponential is."""
    exponential: bool = False
    """Whether it is an exponential, or a product of some."""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape[1:]

    @cached_property
    def exact(self) -> np.ndarray:
        return self.bound == -np.inf

    @cached_property
    def any_exact(self) -> bool:
        return bool(self.exact.any())

    @cached_property
    def lost(self) -> bool:
        """Whether some bound is infinite."""
        return bool((self.bound == np.inf).any())

    @cached_property
    def lowest(self) -> Bits:
        """The exponent of the last bit that is set."""
        return lowest_bits(self.value)

    @cached_property
    def width(self) -> Bits:
        """The number of bits from the first to the last; minus infinity for zero."""
        return np.where(self.size == -np.inf, -np.inf, np.floor(self.size) + 1 - self.lowest)


class PreciseArithmetic(Arithmetic):
    """A program as the machine runs it in one format. Constants are those of the program."""

    def __init__(self, format: Format, points: int = 1):
        self.format, self.points = format, points
        self.context = context_of(max(PRECISION, format.bits + 64))
        self.roundoff = -float(format.bits)
        self.ambiguous = np.zeros(points, bool)
        """At each point, whether a comparison was met that floating point may decide otherwise."""
        self.tied = np.zeros(points, bool)
        """Whether different numbers that depend on continuous symbols were met that are equal."""
        self.unsure = np.zeros(points, bool)
        """Whether a bound is infinite for want of precision, and not since a value is undefined."""
        self._count = 0
        self._constants: dict[Any, tuple[Any, float, int]] = {}

    def noted(self) -> Any:
        notes = self.ambiguous, self.tied, self.unsure
        self.ambiguous, self.tied, self.unsure = (np.zeros(self.points, bool) for _ in notes)
        return notes

    def note(self, notes: Any) -> None:
        ambiguous, tied, unsure = notes
        self.ambiguous |= ambiguous
        self.tied |= tied
        self.unsure |= unsure

    def resume(self, other: "PreciseArithmetic") -> None:
        self._count, self._constants = other._count, dict(other._constants)

    # Making numbers

    def symbol(self, values: np.ndarray, *, continuous: bool, positive: bool = False) -> Precise:
        """An input, which the machine has exactly."""
        value = np.frompyfunc(self.context.mpf, 1, 1)(values.astype(float))
        return self._precise(value, np.full(values.shape, -np.inf), continuous=continuous, positive=positive)

    def constant(self, values: np.ndarray) -> Precise:
        values = np.asarray(values)
        flat = values.ravel().tolist()
        known = [self._known(abs(number)) for number in flat]
        value = np.empty(len(flat), object)
        value[:] = [-x if number < 0 else x for number, (x, _, _) in zip(flat, known, strict=True)]
        identity = [-i if number < 0 else i for number, (_, _, i) in zip(flat, known, strict=True)]
        return self._everywhere(
            value.reshape(values.shape),
            np.array([bound for _, bound, _ in known], float).reshape(values.shape),
            np.array(identity, np.int64).reshape(values.shape),
            positive=all(number > 0 for number in flat),
        )

    def _everywhere(self, value: np.ndarray, bound: Bits, identity: np.ndarray, *, positive: bool = False) -> Precise:
        """The same numbers at all points."""
        shape = (self.points, *value.shape)
        value, bound, size, identity = (
            np.broadcast_to(part, shape) for part in (value, bound, sizes_of(value), identity)
        )
        return Precise(value, bound, size, identity, positive=positive)

    def _known(self, number: Any) -> tuple[Any, float, int]:
        """A constant that is not negative; wherever it stands in the program it is one number."""
        key = (type(number), number)
        if key not in self._constants:
            self._count += 1
            self._constants[key] = (*self._constant(number), self._count if number else 0)
        return self._constants[key]

    def _constant(self, number: Any) -> tuple[Any, float]:
        """A constant with few digits is meant as it stands; another stands for a number within half an ulp."""
        value = self.context.mpf(number)
        if math.isnan(number):
            return value, math.inf
        if math.isinf(number) or number == 0:
            return value, -math.inf
        size = log2(value)
        short = math.floor(size) + 1 - lowest_exponent(value) <= self.format.bits // (2 - isinstance(number, int))
        return value, -math.inf if short else size + self.roundoff + _PAD

    def _precise(
        self,
        value: np.ndarray,
        bound: Bits,
        *,
        size: Bits | None = None,
        identity: np.ndarray | None = None,
        continuous: bool = False,
        positive: bool = False,
        exponential: bool = False,
    ) -> Precise:
        if identity is None:
            identity = np.arange(self._count + 1, self._count + 1 + value.size).reshape(value.shape)
            self._count += value.size
        return Precise(
            value, bound, sizes_of(value) if size is None else size, identity, continuous, positive, exponential
        )

    def _flagged(self, x: Precise, *, positive: bool = False, exponential: bool = False) -> Precise:
        return Precise(x.value, x.bound, x.size, x.identity, x.continuous, positive, exponential)

    def _result(
        self,
        value: Any,
        spread: Bits,
        units: Any,
        inputs: Sequence[Precise],
        *,
        mass: Bits | None = None,
        exact: np.ndarray | None = None,
        doubtful: np.ndarray | None = None,
        positive: bool = False,
        exponential: bool = False,
    ) -> Precise:
        """The result of one operation.

        Arguments:
            spread: what the errors of the inputs become.
            units: how many roundings of size u there are, on the value or on `mass`.
            exact: where the operation is exact if the result fits the format.
            doubtful: where more precision could make an undefined value a defined one.
        """
        size = sizes_of(value)
        rounding = log2_sum(size if mass is None else mass, spread) + np.log2(units) + self.roundoff
        bound = log2_sum(spread, rounding, self.format.smallest) + _PAD
        within = log2_sum(size, bound) < self.format.largest
        broken: Any = False
        for x in inputs:
            if x.lost and x.bound.shape == spread.shape:
                broken = broken | (x.bound == np.inf)
        # NaN and infinity are not within the range.
        ordinary = within.all() and broken is False
        if not ordinary:
            bound = np.where(within & ~np.isnan(rounding) & ~np.asarray(broken), bound, np.inf)
        if exact is not None and exact.any():
            bound = np.where(exact & ~np.asarray(broken) & self._fits(value, size), -np.inf, bound)
        if not ordinary:
            bound = np.where((size == np.inf) & ~np.asarray(broken), -np.inf, bound)
            self.unsure |= _any((bound == np.inf) & ~np.asarray(broken) & ~np.isnan(size))
        if doubtful is not None:
            self.unsure |= _any(doubtful & ~np.asarray(broken))
        return self._precise(
            value,
            bound,
            size=size,
            continuous=any(x.continuous for x in inputs),
            positive=positive,
            exponential=exponential,
        )

    def _fits(self, value: np.ndarray, size: Bits) -> np.ndarray:
        """Where the format has these numbers."""
        width = np.floor(size) + 1 - lowest_bits(value)
        return (size == -np.inf) | (
            (width <= self.format.bits) & (size >= self.format.smallest) & (size < self.format.largest)
        )

    # Sums and products

    def add(self, a: Precise, b: Precise) -> Precise:
        exact = None
        if a.any_exact and b.any_exact:
            exact = a.exact & b.exact & self._fits_together(np.maximum(a.size, b.size), np.minimum(a.lowest, b.lowest))
        result = self._result(
            a.value + b.value, log2_sum(a.bound, b.bound), 1, (a, b), exact=exact, positive=a.positive and b.positive
        )
        for x, y in ((a, b), (b, a)):
            if x.any_exact:
                result = self._replaced(result, x.exact & (x.size == -np.inf) & (y.identity != 0), y)
        opposite = (a.identity == -b.identity) & (a.bound < np.inf)
        return self._replaced(result, opposite, self.filled(0.0, a.shape)) if opposite.any() else result

    def _fits_together(self, largest: Bits, lowest: Bits) -> np.ndarray:
        """Where sums of such numbers are exact at the precision of the values."""
        return ~(np.floor(largest) + 2 - lowest > self.context.prec)

    def _replaced(self, x: Precise, where: np.ndarray, by: Precise) -> Precise:
        if not where.any():
            return x
        return Precise(
            np.where(where, by.value, x.value),
            np.where(where, by.bound, x.bound),
            np.where(where, by.size, x.size),
            np.where(where, by.identity, x.identity),
            x.continuous,
            x.positive,
            x.exponential,
        )

    def sum(self, x: Precise) -> Precise:
        shape = x.shape[:-1]
        if x.shape[-1] == 0:
            return self.filled(0.0, shape)
        terms = ((x.size > -np.inf) | ~x.exact).sum(axis=-1)
        spread = np.logaddexp2.reduce(x.bound, axis=-1)
        mass = np.logaddexp2.reduce(log2_sum(x.size, x.bound), axis=-1)
        exact = np.asarray(x.exact.all(axis=-1))
        if exact.any():
            # Each partial sum, in whatever order, is then a number of the format.
            exact = np.asarray(exact & ~(np.floor(mass) + 2 - x.lowest.min(axis=-1) > self.format.bits))
        spread = np.where((x.bound == np.inf).any(axis=-1), np.inf, spread)
        result = self._result(
            np.add.reduce(x.value, axis=-1),
            spread,
            np.maximum(terms - 1, 0),
            (x,),
            mass=np.where(mass < self.format.largest, mass, np.inf),
            exact=exact,
            positive=x.positive,
        )
        nothing = (terms == 0) & (x.identity == 0).all(axis=-1)
        if nothing.any():
            result = self._replaced(result, nothing, self.filled(0.0, shape))
        single = terms == 1
        if single.any():
            place = np.argmax((x.size > -np.inf) | ~x.exact, axis=-1)[..., None]
            value, bound, size, identity = (
                np.take_along_axis(part, place, -1)[..., 0] for part in (x.value, x.bound, x.size, x.identity)
            )
            result = self._replaced(result, single, Precise(value, bound, size, identity))
        return result

    def multiply(self, a: Precise, b: Precise) -> Precise:
        spread = log2_sum(a.size + b.bound, b.size + a.bound, a.bound + b.bound)
        product = a.value * b.value
        both = a.exponential and b.exponential
        units = 1 + self._logarithm(product) if both else 1
        positive = a.positive and b.positive
        if not (a.any_exact or b.any_exact):
            return self._result(product, spread, units, (a, b), positive=positive, exponential=both)
        zero = (a.exact & (a.size == -np.inf)) | (b.exact & (b.size == -np.inf))
        exact = zero | (a.exact & b.exact & ~(a.width + b.width > self.context.prec))
        scaled = (a.exact & (a.width == 1)) | (b.exact & (b.width == 1))
        result = self._result(product, spread, units - scaled, (a, b), exact=exact, positive=positive, exponential=both)
        if zero.any():
            zero = zero & (result.size == -np.inf) & result.exact & ((a.identity == 0) | (b.identity == 0))
            return self._replaced(result, zero, self.filled(0.0, a.shape))
        return result

    def _logarithm(self, value: np.ndarray) -> np.ndarray:
        """|ln| of exponentials: how many roundings that of their argument is worth."""
        size = sizes_of(value)
        return np.where(np.isfinite(size), np.abs(size) / LOG2_E, 0.0)

    def negative(self, a: Precise) -> Precise:
        return self._precise(-a.value, a.bound, size=a.size, identity=-a.identity, continuous=a.continuous)

    def reciprocal(self, a: Precise) -> Precise:
        return self.divide(self.ones(a), a)

    def divide(self, a: Precise, b: Precise) -> Precise:
        zero = b.size == -np.inf
        value = a.value / np.where(zero, self.context.mpf(1), b.value)
        value = np.where(zero, self.context.nan, value)
        size = a.size - b.size
        rest = log2_rest(b.bound - b.size)
        spread = np.where(
            a.exact & b.exact, -np.inf, log2_sum(a.bound, np.where(b.exact, -np.inf, size + b.bound)) - b.size - rest
        )
        exact = np.asarray(a.exact & b.exact & ~zero)
        if exact.any():
            whole = np.asarray(np.frompyfunc(divides, 3, 1)(a.value, b.value, value), bool)
            exact = exact & (whole | (a.size == -np.inf) | (b.size == np.inf))
        both = a.exponential and b.exponential
        units = 2 + (self._logarithm(value) if both else 0)
        return self._result(
            value,
            spread,
            units,
            (a, b),
            exact=exact,
            doubtful=zero & ~b.exact,
            positive=a.positive and b.positive,
            exponential=b.exponential and bool((a.exact & (a.width == 1)).all() or a.exponential),
        )

    # Elementary functions

    def _function(self, name: str, x: Any) -> Any:
        return np.frompyfunc(getattr(self.context, name), 1, 1)(x)

    def _within(self, a: Precise) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The values without those of enormous size, and where these are, below and above."""
        limit = self.context.mpf(2) ** int(FARTHEST)
        far = (a.size > FARTHEST) & (a.size < np.inf)
        below, above = far & np.asarray(a.value < 0), far & np.asarray(a.value > 0)
        value = np.where(below, -limit, np.where(above, limit, a.value)) if far.any() else a.value
        return value, below, above

    def _elementary(
        self,
        name: str,
        a: Precise,
        value: Any,
        spread: Bits,
        units: Any = 0,
        *,
        tiny: np.ndarray | None = None,
        positive: bool = False,
        exponential: bool = False,
    ) -> Precise:
        """A function whose value at 0, and at infinity, is exact; `tiny` is where its value is only known as small."""
        plain = a.exact & ~np.isfinite(a.size)
        spread = np.where(a.exact, -np.inf, spread)
        if tiny is not None and tiny.any():
            spread = np.where(tiny, log2_sum(spread, sizes_of(value)), spread)
        return self._result(
            value, spread, 2 * ULPS[name] + units, (a,), exact=plain, positive=positive, exponential=exponential
        )

    def exp(self, a: Precise) -> Precise:
        argument, below, above = self._within(a)
        value = np.where(above, self.context.nan, self._function("exp", argument))
        spread = sizes_of(value) + log2_expm1(a.bound)
        infinite = bool((a.value == -self.context.inf).any())
        return self._elementary("exp", a, value, spread, tiny=below, positive=not infinite, exponential=True)

    def expm1(self, a: Precise) -> Precise:
        argument, below, above = self._within(a)
        value = np.where(above, self.context.nan, self._function("expm1", argument))
        spread = sizes_of(value + 1) + log2_expm1(a.bound)
        return self._elementary("expm1", a, value, spread, tiny=below, positive=a.positive)

    def log(self, a: Precise) -> Precise:
        return self._logarithmic("log", a, a, a.exact & (a.value == 1))

    def log1p(self, a: Precise) -> Precise:
        whole = self._precise(a.value + 1, a.bound)
        return self._logarithmic("log1p", a, whole, a.exact & (a.size == -np.inf), positive=a.positive)

    def _logarithmic(self, name: str, a: Precise, whole: Precise, zero: np.ndarray, positive: bool = False) -> Precise:
        bad = ~np.asarray(whole.value > 0)
        safe = np.where(bad, self.context.mpf(1), a.value)
        value = np.where(bad, self.context.nan, self._function(name, safe))
        spread = np.where(a.exact, -np.inf, log2_log(a.bound - whole.size))
        doubtful = bad & ~a.exact & (whole.size <= a.bound)
        ulps = np.where((name == "log1p") & np.asarray(a.value < -0.25), LOG1P_ULPS_BELOW, ULPS[name])
        return self._result(value, spread, 2 * ulps, (a,), exact=np.asarray(zero), doubtful=doubtful, positive=positive)

    def logistic(self, a: Precise) -> Precise:
        argument, below, _ = self._within(a)
        value = 1 / (1 + self._function("exp", -argument))
        spread = np.minimum(np.minimum(a.bound - 2, 0.0), a.bound - LOG2_E * _nearest(a))
        return self._elementary("logistic", a, value, spread, tiny=below, positive=True)

    def tanh(self, a: Precise) -> Precise:
        argument, _, _ = self._within(a)
        spread = np.minimum(np.minimum(a.bound, 1.0), a.bound + 2 - 2 * LOG2_E * _nearest(a))
        return self._elementary("tanh", a, self._function("tanh", argument), spread, positive=a.positive)

    def sinh(self, a: Precise) -> Precise:
        return self._hyperbolic("sinh", a, positive=a.positive)

    def cosh(self, a: Precise) -> Precise:
        return self._hyperbolic("cosh", a, positive=True)

    def _hyperbolic(self, name: str, a: Precise, positive: bool) -> Precise:
        argument, below, above = self._within(a)
        value = np.where(below | above, self.context.nan, self._function(name, argument))
        reach = np.exp2(a.size) + np.exp2(a.bound)
        spread = np.where(a.exact, -np.inf, a.bound + LOG2_E * reach)
        return self._elementary(name, a, value, spread, 2 * np.exp2(np.minimum(a.size, FARTHEST)), positive=positive)

    def sin(self, a: Precise) -> Precise:
        return self._circular("sin", a)

    def cos(self, a: Precise) -> Precise:
        return self._circular("cos", a)

    def _circular(self, name: str, a: Precise) -> Precise:
        # Of an enormous angle no more is said than that the value lies between -1 and 1.
        far = (a.size > 2 * FARTHEST) & (a.size < np.inf)
        value = self._function(name, np.where(far, self.context.mpf(0), a.value) if far.any() else a.value)
        spread = np.where(far, 1.0, np.where(a.exact, -np.inf, np.minimum(a.bound, 1.0)))
        return self._result(value, spread, 2 * ULPS[name], (a,), exact=a.exact & (a.size == -np.inf))

    def tan(self, a: Precise) -> Precise:
        cosine = self.cos(a)
        spread = np.where(a.exact, -np.inf, a.bound - 2 * cosine.size - log2_rest(a.bound - cosine.size))
        return self._elementary("tan", a, self.sin(a).value / cosine.value, spread)

    def erf(self, a: Precise) -> Precise:
        argument, _, _ = self._within(a)
        return self._elementary("erf", a, self._function("erf", argument), _bell(a), positive=a.positive)

    def erfc(self, a: Precise) -> Precise:
        limit = self.context.mpf(2) ** 16
        beyond = (a.size > 16) & (a.size < np.inf) & np.asarray(a.value > 0)
        value = self._function("erfc", np.where(beyond, limit, self._within(a)[0]))
        square = 2 * np.exp2(np.minimum(2 * a.size, FARTHEST))
        return self._elementary("erfc", a, value, _bell(a), square, tiny=beyond, positive=True)

    def power(self, a: Precise, exponent: Fraction) -> Precise:
        """Roots are functions of their own; a fixed exponent of another kind occurs in references alone."""
        if exponent.denominator == 1:
            return self.integer_power(a, exponent.numerator)
        name = {Fraction(1, 2): "sqrt", Fraction(-1, 2): "rsqrt"}.get(exponent, "pow")
        bad = np.asarray(a.value < 0) | np.isnan(a.size) | ((a.size == -np.inf) & (not (exponent > 0)))
        rational = self.context.mpf(exponent.numerator) / exponent.denominator
        root = np.frompyfunc(self.context.sqrt if name == "sqrt" else lambda x: self.context.power(x, rational), 1, 1)
        value = np.where(bad, self.context.nan, root(np.where(bad, self.context.mpf(1), a.value)))
        relative = log2_expm1(math.log2(abs(exponent)) + log2_log(a.bound - a.size))
        spread = np.where(a.exact, -np.inf, sizes_of(value) + relative)
        exact = np.asarray(a.exact & ((a.size == -np.inf) | (a.value == 1)))
        if name == "sqrt" and a.exact.any():
            whole = np.asarray(np.frompyfunc(divides, 3, 1)(a.value, value, value), bool)
            exact = exact | (a.exact & whole)
        units = 2 * ULPS[name] + (self._logarithm(value) if a.exponential else 0)
        doubtful = bad & ~a.exact & (a.size <= a.bound)
        return self._result(value, spread, units, (a,), exact=exact, doubtful=doubtful, positive=a.positive)

    def integer_power(self, a: Precise, exponent: int) -> Precise:
        if exponent == 0:
            return self.ones(a)
        if exponent == 1:
            return a
        count = abs(exponent)
        zero = (a.size == -np.inf) & (exponent < 0)
        value = np.where(zero, self.context.mpf(1), a.value) ** exponent
        value = np.where(zero, self.context.nan, value)
        if exponent > 0:
            spread = math.log2(count) + a.bound + (count - 1) * log2_sum(a.size, a.bound)
        else:
            least = a.size + log2_rest(a.bound - a.size)
            spread = math.log2(count) + a.bound - (count + 1) * least
        spread = np.where(a.exact, -np.inf, spread)
        exact = np.asarray(a.exact & ((a.width <= 1) | ((exponent > 0) & (count * a.width <= self.context.prec))))
        # A product more than one makes of a reciprocal.
        units = count - 1 + 2 * (exponent < 0) + (self._logarithm(value) if a.exponential else 0)
        return self._result(
            value,
            spread,
            units,
            (a,),
            exact=exact,
            doubtful=zero & ~a.exact,
            positive=a.positive,
            exponential=a.exponential,
        )

    def general_power(self, a: Precise, b: Precise) -> Precise:
        values = np.frompyfunc(self._raised, 2, 1)(a.value, b.value)
        change = np.where(a.exact, -np.inf, log2_log(a.bound - a.size))
        logarithm = sizes_of(np.frompyfunc(self._log_of_size, 1, 1)(a.value))
        relative = log2_sum(
            np.where(a.exact, -np.inf, b.size + change),
            np.where(b.exact, -np.inf, logarithm + b.bound),
            np.where(a.exact | b.exact, -np.inf, b.bound + change),
        )
        spread = np.where(a.exact & b.exact, -np.inf, sizes_of(values) + log2_expm1(relative))
        sure = a.exact & b.exact & ((a.size == -np.inf) | (a.value == 1))
        exact = sure | (b.exact & (b.size == -np.inf))
        negative = np.asarray(a.value < 0) & ~b.exact
        units = 2 * ULPS["pow"] + (self._logarithm(values) if a.exponential else 0)
        return self._result(
            np.where(negative, self.context.nan, values), spread, units, (a, b), exact=exact, positive=a.positive
        )

    def _raised(self, a: Any, b: Any) -> Any:
        context = self.context
        if b == 0:
            return context.mpf(1)
        if a == 0:
            return context.mpf(0) if b > 0 else context.nan
        if a < 0 and not context.isint(b):
            return context.nan
        if a == a and b == b and abs(b) * abs(context.log(abs(a))) > 2**FARTHEST:
            return context.nan
        return a**b

    def _log_of_size(self, a: Any) -> Any:
        return self.context.log(abs(a)) if a else self.context.mpf(0)

    def unknown(self, a: Precise, name: str, order: int, event: bool) -> Precise:
        """The sines that the name stands for, which the machine adds up; see `_unknown`. Their axis is the last one."""
        count = a.shape[-1] if event else 0
        amplitudes, frequencies, phases = waves(name, count)
        batch = a.shape[:-1] if event else a.shape
        shape = (*batch, len(phases), *a.shape[len(batch) :])
        places = np.arange(math.prod(a.shape)).reshape(*batch, 1, *a.shape[len(batch) :])
        angle = self.multiply(
            self.take([a], np.broadcast_to(places, shape)), self.constant(np.broadcast_to(frequencies, shape))
        )
        angle = self.sum(angle) if event else angle
        wave = self.sin(self.add(angle, self._phases(phases, order, angle.shape)))
        wave = self.multiply(wave, self.constant(np.broadcast_to(amplitudes, wave.shape)))
        if not event:
            powers = np.array([float(frequency) ** order for frequency in frequencies])
            return self.sum(self.multiply(wave, self.constant(np.broadcast_to(powers, wave.shape))))
        for _ in range(order):
            shape = (*wave.shape, count)
            index = np.arange(math.prod(wave.shape)).reshape(*wave.shape, 1)
            factor = frequencies.reshape(len(phases), *(1,) * (len(shape) - len(batch) - 2), count)
            wave = self.multiply(
                self.take([wave], np.broadcast_to(index, shape)), self.constant(np.broadcast_to(factor, shape))
            )
        index = np.moveaxis(np.arange(math.prod(wave.shape)).reshape(wave.shape), len(batch), -1)
        return self.sum(self.take([wave], index))

    def _phases(self, phases: np.ndarray, order: int, shape: tuple[int, ...]) -> Precise:
        quarters = order * self.context.pi / 2
        value = np.empty(len(phases), object)
        value[:] = [self.context.mpf(float(phase)) + quarters for phase in phases]
        bound = sizes_of(value) + self.roundoff + _PAD if order else np.full(len(phases), -math.inf)
        self._count += len(phases)
        identity = np.arange(self._count - len(phases) + 1, self._count + 1)
        return self._everywhere(*(np.broadcast_to(part, shape) for part in (value, bound, identity)))

    # Rearranging

    def take(self, pool: Sequence[Precise], index: np.ndarray) -> Precise:
        index = np.asarray(index, np.int64)
        within = bool((index >= 0).all())

        def picked(last: Any, *arrays: np.ndarray) -> np.ndarray:
            rows = [array.reshape(self.points, -1) for array in arrays]
            if not within:
                # The last element is a zero, where -1 finds it.
                rows.append(np.full((self.points, 1), last, arrays[0].dtype if arrays else object))
            return (rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1))[:, index]

        return Precise(
            picked(self.context.mpf(0), *(x.value for x in pool)),
            picked(-np.inf, *(x.bound for x in pool)).astype(float, copy=False),
            picked(-np.inf, *(x.size for x in pool)).astype(float, copy=False),
            picked(0, *(x.identity for x in pool)).astype(np.int64, copy=False),
            any(x.continuous for x in pool),
            all(x.positive for x in pool) and within,
            all(x.exponential for x in pool),
        )

    # Comparisons

    def sign(self, a: Precise) -> np.ndarray:
        return self.order(a, self.filled(0.0, a.shape))

    def order(self, a: Precise, b: Precise) -> np.ndarray:
        sign, sure, tie = self._compared(a, b)
        self.ambiguous |= _any(~sure)
        self.tied |= _any(tie)
        return _common(sign)

    def _compared(self, a: Precise, b: Precise) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The signs of a - b; where the machine finds them, too; and where different numbers are equal."""
        same = a.identity == b.identity
        sign = np.where(same, 0, np.asarray(a.value > b.value) * 1 - np.asarray(a.value < b.value) * 1)
        gap = sizes_of(a.value - b.value)
        sure = (gap > log2_sum(a.bound, b.bound)) | (a.exact & b.exact) | (same & (a.bound < np.inf))
        tie = (gap == -np.inf) & ~same & (a.continuous or b.continuous)
        return sign.astype(np.int64), np.asarray(sure), np.asarray(tie)

    def maximum(self, a: Precise, b: Precise) -> Precise:
        return self.choice(a, b, 1)

    def minimum(self, a: Precise, b: Precise) -> Precise:
        return self.choice(a, b, -1)

    def choice(self, a: Precise, b: Precise, direction: int) -> Precise:
        """The larger or the smaller one: it errs by no more than the worse of the two, whichever the machine takes."""
        a = replace(a, continuous=a.continuous or b.continuous, exponential=a.exponential and b.exponential)
        sign, sure, _ = self._compared(a, b)
        chosen = self._replaced(a, sign * direction < 0, b)
        worse = np.maximum(a.bound, b.bound)
        doubtful = ~sure | (worse == np.inf)
        positive = a.positive or b.positive if direction > 0 else a.positive and b.positive
        if not doubtful.any():
            return self._flagged(chosen, positive=positive)
        fresh = self._precise(chosen.value, worse, size=chosen.size)
        return self._flagged(self._replaced(chosen, doubtful, fresh), positive=positive)

    def absolute(self, a: Precise) -> Precise:
        return self.choice(a, self.negative(a), 1)

    def finite(self, a: Precise) -> np.ndarray:
        self.ambiguous |= _any(a.bound == np.inf)
        return _common(np.isfinite(np.where(a.size == -np.inf, 0.0, a.size)))

    def fraction(self, a: Precise) -> Fraction | None:
        """None: to the machine a power is one function, whatever its exponent is."""
        return None


def _any(where: np.ndarray) -> np.ndarray:
    """At each point."""
    return np.asarray(where.reshape(len(where), -1).any(axis=1))


def _common(outcomes: np.ndarray) -> np.ndarray:
    """The outcomes at all points, which must be the same."""
    if (outcomes != outcomes[:1]).any():
        raise Split(outcomes)
    return np.asarray(outcomes[0])


def _nearest(a: Precise) -> np.ndarray:
    """How near to zero the machine's number may be."""
    return np.nan_to_num(np.maximum(np.exp2(a.size) * (1 - 1e-9) - np.exp2(a.bound), 0.0), nan=0.0, posinf=np.inf)


def _bell(a: Precise) -> Bits:
    """What an error becomes where the slope is that of erf."""
    return np.minimum(np.minimum(a.bound + 0.2, 1.0), a.bound + 0.2 - LOG2_E * _nearest(a) ** 2)


class ReferenceArithmetic(PreciseArithmetic):
    """The mathematical values. Constants are what they stand for, as in the exact check; see `_reading`."""

    def __init__(self, bits: int, points: int = 1):
        super().__init__(Format(bits), points)

    def _constant(self, number: Any) -> tuple[Any, float]:
        if isinstance(number, float) and not math.isfinite(number):
            return super()._constant(number)
        reading = constants.read(number) if isinstance(number, float) else constants.Reading(Fraction(number))
        value = self.context.mpf(reading.rational.numerator) / reading.rational.denominator
        if as_fraction(value) == reading.rational and not reading.root and not reading.half_powers_of_pi:
            return value, -math.inf
        value = self.context.sqrt(value) if reading.root else value
        value = value * self.context.sqrt(self.context.pi) ** reading.half_powers_of_pi
        return value, log2(value) + self.roundoff + _PAD

    def fraction(self, a: Precise) -> Fraction | None:
        values = set(a.value.ravel().tolist()) if a.exact.all() else set()
        return as_fraction(values.pop()) if len(values) == 1 and np.isfinite(a.width).all() else None


@dataclass(frozen=True)
class Input:
    """Values of one symbol: exact in every format in which the program is run."""

    values: np.ndarray
    continuous: bool = True
    positive: bool = False


@dataclass(frozen=True)
class Value:
    """An output at one point, with the base-2 logarithms of its magnitude and of a bound on the machine's error."""

    value: np.ndarray
    bound: Bits
    size: Bits

    @property
    def error(self) -> np.ndarray:
        """A bound on the difference of the machine's result and the value; infinite where nothing can be said."""
        with np.errstate(over="ignore", under="ignore"):
            return np.where(self.bound == -np.inf, 0.0, np.nextafter(np.exp2(self.bound), np.inf))


@dataclass(frozen=True)
class Run:
    """What an arithmetic finds at one point; see the fields of `PreciseArithmetic`."""

    outputs: list[Value]
    ambiguous: bool
    tied: bool
    unsure: bool


Inputs = Sequence[Input]
"""Those of a program, at one point."""


def run(arithmetic: PreciseArithmetic, closed: core.ClosedJaxpr, points: Sequence[Inputs]) -> list[Run]:
    """Run a program in this arithmetic, at as many points as it has. Raises `Split` where they must be run apart."""
    record = memory.record(lambda: (type(arithmetic), arithmetic.format, *map(_content, points)))
    record.begin(arithmetic)
    arguments = record.recall(
        arithmetic, run, (), lambda: [_stacked(arithmetic, values) for values in zip(*points, strict=True)]
    )
    # Infinite logarithms are ordinary here: those of zero, of exact bounds and of lost ones.
    with np.errstate(all="ignore"):
        outputs = Evaluator(arithmetic, record).run_closed(closed, arguments)
        outputs = [arithmetic.constant(x) if isinstance(x, np.ndarray) else x for x in outputs]
    return [
        Run(
            [Value(_at(x.value, i), x.bound[i], x.size[i]) for x in outputs],
            bool(arithmetic.ambiguous[i]),
            bool(arithmetic.tied[i]),
            bool(arithmetic.unsure[i]),
        )
        for i in range(len(points))
    ]


def _content(inputs: Inputs) -> Hashable:
    return tuple((memory.content(x.values), x.continuous, x.positive) for x in inputs)


def _at(values: np.ndarray, point: int) -> np.ndarray:
    """The numbers at one point; numpy makes a bare object of an array without axes."""
    found = np.empty(values.shape[1:], object)
    found[...] = values[point]
    return found


def _stacked(arithmetic: PreciseArithmetic, inputs: Sequence[Input]) -> Any:
    values = np.stack([item.values for item in inputs])
    if values.dtype.kind in "biu":
        return _common(values)
    return arithmetic.symbol(values, continuous=inputs[0].continuous, positive=inputs[0].positive)


def run_each(make: Callable[[int], PreciseArithmetic], closed: core.ClosedJaxpr, points: Sequence[Inputs]) -> list[Run]:
    """Run a program at all points, together as far as comparisons have the same outcomes there.

    Arguments:
        make: an arithmetic for a number of points.
    """
    if not points:
        return []
    try:
        return run(make(len(points)), closed, points)
    except Split as split:
        found: dict[int, Run] = {}
        for group in split.groups:
            found |= zip(group, run_each(make, closed, [points[i] for i in group]), strict=True)
        return [found[i] for i in range(len(points))]


@dataclass(frozen=True)
class Certified:
    """The mathematical values of a program's outputs, and which of them are known well enough."""

    outputs: list[Value]
    known: list[np.ndarray]
    tied: bool
    """Whether different numbers were compared that are equal, so that the point lies on a kink."""


def certify(closed: core.ClosedJaxpr, points: Sequence[Inputs]) -> list[Certified]:
    """Run a program in rising precision until its outputs are known, or cannot be."""
    found: dict[int, Certified] = {}
    left = list(range(len(points)))
    for bits in LADDER:
        runs = run_each(partial(ReferenceArithmetic, bits), closed, [points[i] for i in left])
        again = []
        for i, here in zip(left, runs, strict=True):
            known = [(x.bound <= np.maximum(x.size + RELATIVE, ABSOLUTE)) & (not here.ambiguous) for x in here.outputs]
            lost = (~good & ((x.bound < np.inf) | here.unsure) for good, x in zip(known, here.outputs, strict=True))
            found[i] = Certified(here.outputs, known, here.tied)
            if not here.tied and (here.ambiguous or any(part.any() for part in lost)):
                again.append(i)
        left = again
    return [found[i] for i in range(len(points))]

"""Running a program at points, in an arithmetic with balls, and what is found there."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import mpmath
import numpy as np
from flint import arb, ctx
from jax.extend import core

from gradproof.interpreter import Evaluator, Memory
from gradproof.numerics.balls import Balls, midpoints, sizes_of
from gradproof.numerics.magnitude import Bits
from gradproof.numerics.numbers import BallArithmetic, Split, common

RELATIVE = -96.0
ABSOLUTE = -1100.0
"""To what a value must be known, as powers of 2: well beyond float64, or below its smallest denormal number."""


@dataclass(frozen=True)
class Input:
    """Values of one symbol: exact in every format in which the program is run."""

    values: np.ndarray
    continuous: bool = True
    positive: bool = False


@dataclass(frozen=True, eq=False)
class Value:
    """An output at one point, with the base-2 logarithms of its magnitude and of a bound on the error.

    The error is that of the machine, or of the value itself if it is a mathematical one.
    """

    middle: np.ndarray
    """Balls without a radius."""
    bound: Bits
    precision: int

    @cached_property
    def size(self) -> Bits:
        return self._sizes(self.middle)

    @cached_property
    def value(self) -> np.ndarray:
        """Numbers of mpmath, of a context with the precision of the run: for people to read and to compute with."""
        context = _context(self.precision)
        numbers = np.empty(self.middle.shape, object)
        numbers[...] = np.frompyfunc(lambda middle: _number(context, middle), 1, 1)(self.middle)
        return numbers

    @property
    def error(self) -> np.ndarray:
        """A bound on the difference of the machine's result and the value; infinite where nothing can be said."""
        with np.errstate(over="ignore", under="ignore"):
            return np.where(self.bound == -np.inf, 0.0, np.nextafter(np.exp2(self.bound), np.inf))

    @property
    def known(self) -> np.ndarray:
        """Where the error is as small as a reference needs."""
        return np.asarray(self.bound <= np.maximum(self.size + RELATIVE, ABSOLUTE))

    def gap(self, numbers: np.ndarray) -> Bits:
        """The base-2 logarithm of the distance from other numbers, which are float64 or balls."""
        with ctx.workprec(self.precision):
            return self._sizes(self.middle - numbers)

    def within_errors(self, other: "Value") -> np.ndarray:
        """Where the difference of two values may be all error."""
        with np.errstate(all="ignore"):
            return self.gap(other.middle) <= np.logaddexp2(self.bound, other.bound)

    def _sizes(self, numbers: Any) -> Bits:
        # numpy makes a bare number of an array without axes.
        with np.errstate(divide="ignore"):
            return sizes_of(np.asarray(numbers, object).reshape(-1)).reshape(self.middle.shape)


@dataclass(frozen=True)
class Run:
    """What is found at one point."""

    outputs: list[Value]
    ambiguous: bool
    """Whether a comparison was met that floating point may decide otherwise, or that the precision does not decide."""
    tied: bool
    """Whether different numbers were compared that are equal, so that the point lies on a kink."""
    unsure: bool
    """Whether something has no value for want of precision."""
    divided: bool = False
    """Whether something was divided by a zero, and is infinite with the sign that this was given."""

    @property
    def known(self) -> list[np.ndarray]:
        """Which entries of the outputs are known as well as a reference must be."""
        return [x.known & (not self.ambiguous) for x in self.outputs]


Inputs = Sequence[Input]
"""Those of a program, at one point."""


def run_at(
    make: Callable[[int], BallArithmetic],
    closed: core.ClosedJaxpr,
    points: Sequence[Inputs],
    memory: Memory | None = None,
) -> list[Run]:
    """Run a program at all points, together as far as comparisons have the same outcomes there.

    Arguments:
        make: an arithmetic for a number of points.
        memory: what was run before.
    """
    if not points:
        return []
    try:
        return _run_together(make(len(points)), closed, points, memory or Memory())
    except Split as split:
        found: dict[int, Run] = {}
        for group in split.groups:
            found |= zip(group, run_at(make, closed, [points[i] for i in group], memory), strict=True)
        return [found[i] for i in range(len(points))]


def _run_together(
    arithmetic: BallArithmetic, closed: core.ClosedJaxpr, points: Sequence[Inputs], memory: Memory
) -> list[Run]:
    record = memory.record(lambda: (arithmetic.kind(), *map(_content, points)))
    record.begin(arithmetic)
    # Infinite logarithms are ordinary here: those of zero, of exact bounds and of lost ones.
    with ctx.workprec(arithmetic.precision), np.errstate(all="ignore"):
        arguments = record.recall(
            arithmetic, run_at, (), lambda: [_stacked(arithmetic, values) for values in zip(*points, strict=True)]
        )
        outputs = Evaluator(arithmetic, record).run_closed(closed, arguments)
        outputs = [arithmetic.constant(x) if isinstance(x, np.ndarray) else x for x in outputs]
        values = [_values(arithmetic, x) for x in outputs]
    return [
        Run(
            [each[i] for each in values],
            bool(arithmetic.ambiguous[i]),
            bool(arithmetic.tied[i]),
            bool(arithmetic.unsure[i]),
            arithmetic.divided,
        )
        for i in range(len(points))
    ]


def _content(inputs: Inputs) -> Hashable:
    return tuple((Memory.content(x.values), x.continuous, x.positive) for x in inputs)


def _stacked(arithmetic: BallArithmetic, inputs: Sequence[Input]) -> Any:
    values = np.stack([item.values for item in inputs])
    if values.dtype.kind in "biu":
        return common(values)
    return arithmetic.symbol(values, continuous=inputs[0].continuous, positive=inputs[0].positive)


def _values(arithmetic: BallArithmetic, x: Balls) -> list[Value]:
    """An output at each point."""
    found = []
    for point, bound in zip(midpoints(x.value), x.bound, strict=True):
        # numpy makes a bare object of an element of an array with one axis.
        middle = np.empty(x.shape, object)
        middle[...] = point
        found.append(Value(middle, bound, arithmetic.precision))
    return found


@cache
def _context(bits: int) -> Any:
    """mpmath at a precision of its own."""
    context = mpmath.MPContext()
    context.prec = bits
    return context


def _number(context: Any, middle: arb) -> Any:
    if not middle.is_finite():
        return context.nan if middle.is_nan() else context.inf if middle > 0 else -context.inf
    mantissa, exponent = middle.man_exp()
    return context.mpf((int(mantissa), int(exponent)))

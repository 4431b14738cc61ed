"""Both sides of a claim at real inputs, in high precision: what only real inputs can show is shown here.

Each value comes with a bound on its error, and comparisons are taken for decided only where that decides them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import mpmath
import numpy as np
from jax.extend import core

from gradproof.checks.diagnosis import PRECISION
from gradproof.checks.inputs import Point
from gradproof.checks.readings import unread
from gradproof.checks.study import Study
from gradproof.errors import RoundedConstants, Undecided
from gradproof.numerics import Input, Run, Value, certify
from gradproof.programs import Program, Side, derivative

REAL = 1e-40
"""High precision is far better than this; a smaller difference is taken for none."""

KNOWN_BITS = 200.0
"""The bits to which values must be known, as the running error bound says."""


@dataclass(frozen=True)
class Both:
    """Inputs and the values of the two sides there, with the place where they differ most."""

    sizes: Mapping[str, int]
    inputs: dict[str, np.ndarray]
    expected: list[np.ndarray]
    given: list[np.ndarray]

    def gaps(self) -> list[np.ndarray]:
        return [relative_gaps(a, b) for a, b in zip(self.expected, self.given, strict=True)]

    def gap(self) -> float:
        return max((float(gap.max()) for gap in self.gaps() if gap.size), default=0.0)

    @property
    def differ(self) -> bool:
        return self.gap() > REAL

    def seen(self, expected: Sequence[np.ndarray], given: Sequence[np.ndarray]) -> "Both | None":
        """The same, but for differences that the machine does not show; None if it shows none."""
        pairs = zip(self.expected, self.given, expected, given, strict=True)
        both = replace(self, given=[_where_shown(*arrays) for arrays in pairs])
        return both if both.differ else None


def relative_gaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|a - b| over the larger of the two, in order; where there is no a, nothing is asked of b."""
    if a.size != b.size:
        return np.ones(1)

    def one(x: Any, y: Any) -> float:
        if mpmath.isnan(x) or x == y:
            return 0.0
        if not (mpmath.isfinite(x) and mpmath.isfinite(y)):
            return 1.0
        return float(abs(x - y) / max(abs(x), abs(y)))

    flat = [one(x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True)]
    return np.array(flat, float).reshape(a.shape)


class Values:
    """Of the first side of a claim and of another one.

    Arguments:
        oracle: how derivatives are taken.
    """

    def __init__(self, study: Study, side: Side, oracle: derivative.Oracle):
        self.study, self.claim, self.side, self.oracle = study, study.claim, side, oracle
        self._pairs: dict[int, tuple[Program, core.ClosedJaxpr]] = {}
        self._unread: dict[int, list[float]] = {}
        self._compiled: dict[int, Any] = {}
        self.blurred: list[float] = []
        """The constants that explain a difference, if they stand for any numbers near them."""
        self.run = False
        """Whether the sides were run at some inputs."""

    def pair(self, sizes: Mapping[str, int]) -> tuple[core.ClosedJaxpr, int]:
        """The program of the first side and of the one that differs, and how many outputs the first one has."""
        program = self.study.program(sizes, self.oracle)
        first = program.sides[0]
        if id(program) not in self._pairs:
            self._pairs[id(program)] = program, program.part([first, counterpart(program, self.side)])
        return self._pairs[id(program)][1], len(first.avals)

    def at(self, sizes: Mapping[str, int], inputs: dict[str, np.ndarray]) -> Both | None:
        """Both sides there; None on a kink, and where the precision does not suffice."""
        closed, count = self.pair(sizes)
        given = self.inputs(inputs)
        try:
            runs, ordinary = sure(self.study, closed, given)
        except Undecided:
            return None
        self.run = True
        found = [_both(sizes, inputs, run, count) for run in runs]
        if not found or not all(both.differ for both in found):
            return next((both for both in found if not both.differ), None)
        if not ordinary:
            # What has no value on the way is the machine's own: the compiler may make a product with a mask a choice.
            machine = self.on_machine(sizes, inputs)
            found = [seen for both in found if (seen := self.seen(both, machine, count)) is not None]
        return None if not found or self.is_blurred(closed, given, count) else found[0]

    def first_at(self, sizes: Mapping[str, int], points: Sequence[Point]) -> list[list[np.ndarray] | None]:
        """The first side alone, at several points; None on a kink, and where it is not known to be a number."""
        closed = self.study.program(sizes, self.oracle, first_only=True).first
        try:
            runs = certify(
                closed, [self.inputs(point) for point in points], precisions=(PRECISION,), memory=self.study.memory
            )
        except Undecided:
            return [None] * len(points)
        known = [not (run.tied or run.ambiguous) and all(_known(x).all() for x in run.outputs) for run in runs]
        return [[x.value for x in run.outputs] if sure else None for run, sure in zip(runs, known, strict=True)]

    def seen(self, both: Both, machine: Sequence[np.ndarray], count: int) -> Both | None:
        """What the machine shows of a difference; it has no derivatives that dual numbers take."""
        first = machine[:count]
        if self.oracle != derivative.ORACLES[0] and self.study.program(both.sizes, self.oracle).asks_derivative:
            first = [np.asarray(_floats(x)) for x in both.expected]
        return both.seen(first, machine[count:])

    def on_machine(self, sizes: Mapping[str, int], inputs: Point) -> list[np.ndarray]:
        """What the machine makes of both sides in float64, with derivatives by autodiff."""
        program = self.study.program(sizes, derivative.ORACLES[0])
        if id(program) not in self._compiled:
            both = program.part([program.sides[0], counterpart(program, self.side)])
            self._compiled[id(program)] = jax.jit(core.jaxpr_as_fun(both))
        return [np.asarray(x) for x in self._compiled[id(program)](*self.study.arguments("float64", inputs))]

    def inputs(self, point: Point) -> list[Input]:
        """A label that equals what it is compared with is not a tie."""
        return [Input(point[name], continuous=self.claim.arrays[name].free) for name in self.claim.inputs]

    def is_blurred(self, closed: core.ClosedJaxpr, given: Sequence[Input], count: int) -> bool:
        """Whether the sides may be equal if the constants that are not read are any numbers near them."""
        if id(closed) not in self._unread:
            self._unread[id(closed)] = unread(closed)
        if not self._unread[id(closed)]:
            return False
        (found,) = certify(closed, [given], precisions=(PRECISION,), intervals=True)
        pairs = zip(found.outputs[:count], found.outputs[count:], strict=True)
        if not (found.tied or found.ambiguous) and any(_surely_apart(a, b) for a, b in pairs):
            return False
        self.blurred = self._unread[id(closed)]
        return True

    def differ_at(self, sizes: Mapping[str, int], point: Point) -> bool:
        """Whether the sides have other numbers there, whatever their shapes are."""
        both = self.at(sizes, _plain(point))
        return both is not None and both.differ

    def agree_at(self, sizes: Mapping[str, int], point: Point) -> bool:
        """Whether the sides are known there, have some number, and do not differ."""
        both = self.at(sizes, _plain(point))
        return both is not None and not both.differ and _has_number(both)

    def has_value_at(self, sizes: Mapping[str, int], point: Point) -> bool:
        """Whether the first side has some number there."""
        both = self.at(sizes, _plain(point))
        return both is not None and _has_number(both)

    def rounding(self) -> Undecided | None:
        """What there is to say where the rounding of constants may explain all differences that were seen."""
        if not self.blurred:
            return None
        return RoundedConstants(
            "the sides differ by no more than the rounding of constants, at all inputs that were tried: "
            f"{self.blurred[0]!r} is not read as a number that a person writes, and may be any one within two "
            "units in its last place; write it as a formula, or as a decimal of at most 12 digits if it is one"
        )


def _has_number(both: Both) -> bool:
    return any(mpmath.isfinite(x) for array in both.expected for x in array.ravel())


def _plain(point: Point) -> dict[str, np.ndarray]:
    return {name: np.asarray(x) for name, x in point.items()}


def _surely_apart(a: Value, b: Value) -> bool:
    return a.middle.shape != b.middle.shape or bool((~a.within_errors(b)).any())


def sure(study: Study, closed: core.ClosedJaxpr, given: Sequence[Input]) -> tuple[list[Run], bool]:
    """A program at real inputs; nothing on a kink, or where the precision does not suffice.

    NaN may be what is known. Where something is divided by zero there are two runs, with either sign of that. Beside
    them stands whether all numbers on the way have values, as far as that matters.
    """

    def ran(**how: Any) -> Run:
        (run,) = certify(closed, [given], precisions=(PRECISION,), memory=study.memory, **how)
        return run

    runs = [ran()]
    ordinary = not runs[0].ambiguous and all(_known(x).all() for x in runs[0].outputs)
    if not ordinary:
        # Some numbers may have no value.
        runs = [ran(valueless=True)]
        if runs[0].divided:
            runs.append(ran(valueless=True, zero=-1))
    known = all((_known(x) | _has_none(x.value)).all() for run in runs for x in run.outputs)
    clear = not any(run.tied or run.ambiguous or run.unsure for run in runs)
    return (runs if known and clear else []), ordinary


def _both(sizes: Mapping[str, int], inputs: dict[str, np.ndarray], run: Run, count: int) -> Both:
    first, last = run.outputs[:count], run.outputs[count:]
    given = [_told_apart(a, b) for a, b in zip(first, last, strict=True)]
    return Both(sizes, inputs, [x.value for x in first], given)


def _known(x: Value) -> np.ndarray:
    """Which entries are known well enough to be told apart."""
    return np.asarray(x.bound <= np.maximum(x.size, 0.0) - KNOWN_BITS)


_has_none = np.frompyfunc(mpmath.isnan, 1, 1)
"""Which entries are no numbers."""


def _told_apart(first: Value, last: Value) -> np.ndarray:
    """The values of the last side, or of the first one where the difference may be all error."""
    if first.value.shape != last.value.shape:
        return np.asarray(last.value)
    return np.where(first.within_errors(last), first.value, last.value)


_floats = np.frompyfunc(float, 1, 1)


def _where_shown(expected: np.ndarray, given: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """What is given where the machine shows that it is not what is expected, and else what is."""
    if expected.shape != given.shape:
        return given

    def one(x: Any, y: Any, on_machine: float, other: float) -> Any:
        if not (_is_shown(x, on_machine) and _is_shown(y, other)):
            return x
        both_finite = mpmath.isfinite(x) and mpmath.isfinite(y)
        return x if both_finite and 2 * abs(on_machine - other) < abs(x - y) else y

    rows = zip(expected.ravel(), given.ravel(), first.ravel().tolist(), last.ravel().tolist(), strict=True)
    shown = np.empty(expected.size, object)
    shown[:] = [one(*row) for row in rows]
    return shown.reshape(expected.shape)


def _is_shown(x: Any, on_machine: float) -> bool:
    """Whether the machine has a number where there is one, and else what there is."""
    if mpmath.isfinite(x):
        return math.isfinite(on_machine)
    return bool(mpmath.isnan(x)) if math.isnan(on_machine) else bool(x == on_machine)


def counterpart(program: Program, side: Side) -> Side:
    """The same side in a program at other sizes."""
    return next(other for other in program.sides if (other.step, other.role) == (side.step, side.role))

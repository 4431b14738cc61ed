r"""The check on the machine: every side in floating point, entry by entry, against the value at high precision.

A result must lie within the bound on the rounding errors of its own program, which `_precise` carries through it: a
tolerance of each entry, derived and not chosen. Where that bound is infinite nothing is said of a finite result; but
NaN and infinity are refused where the format has the value itself, except in a formula that is declared to be a
textbook one.

The value is that of the first side by dual numbers, so that JAX's derivative is measured and not trusted. Points on a
kink are left to `_kinks`, and points at which rounding may decide a comparison are counted and not judged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.checks.inputs import Point
from gradproof.checks.judgement import gap, judged
from gradproof.checks.readings import unread
from gradproof.checks.study import Study
from gradproof.claims.verdict import Counterexample
from gradproof.errors import Undecided
from gradproof.numerics import Format, RoundingArithmetic, Run, certify, run_at
from gradproof.programs import Side, derivative, keys, rewriting

DTYPES = ("float64", "float32")

PRECISION = 160
"""Of constants that are not read, in bits: what is not known of them more of it does not tell."""


@dataclass(frozen=True)
class Failure:
    """A result that rounding does not explain."""

    why: str
    step: int
    sizes: Mapping[str, int]
    inputs: Point
    entry: str
    expected: float
    given: float

    @property
    def counterexample(self) -> Counterexample:
        inputs = {name: values.tolist() for name, values in self.inputs.items()}
        return Counterexample(self.sizes, inputs, self.step, self.entry, self.expected, self.given, None)


@dataclass(frozen=True)
class Worst:
    """The largest relative error that was measured, and where."""

    error: float
    step: int
    inputs: Point
    entry: str


@dataclass(frozen=True)
class FloatingResult:
    """What was found on the machine.

    `worst` is of the sides that were judged, by dtype.
    """

    sizes: Mapping[str, int]
    worst: Mapping[str, Worst] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    judged: int = 0
    unjudged: int = 0
    undecided: str | None = None

    @property
    def floating(self) -> dict[str, float]:
        """The largest relative error of each dtype."""
        return {dtype: worst.error for dtype, worst in self.worst.items()}


def check_floating(study: Study, points: Sequence[Point] = ()) -> FloatingResult:
    """Run all sides of a claim on the machine, at inputs of many magnitudes, and judge every entry.

    Arguments:
        points: further inputs, as near the kinks.
    """
    try:
        with study.settings():
            check = FloatingCheck(study)
            check.run([*study.points, *points])
            return check.result()
    except Undecided as reason:
        return FloatingResult(study.sizes, undecided=str(reason))


@dataclass(frozen=True)
class Results:
    """The sides at one point, with what they should be."""

    point: Point
    expected: Run
    runs: Mapping[str, Run]
    """By dtype, of the sides that are judged, as are those that follow."""
    jitted: Mapping[str, list[np.ndarray]]
    stepwise: Mapping[str, list[np.ndarray]]
    doubt: Sequence[np.ndarray] | None
    """By how much what should be may be off, for constants that are not read: base-2 logarithms; None without any."""


class FloatingCheck:
    """The sides of a claim that are run and judged."""

    def __init__(self, study: Study):
        self.study = study
        sides = study.exact.sides
        # Random numbers of one key are others in each format.
        self.dtypes = DTYPES[:1] if keys.has_keys(study.exact.closed) else DTYPES
        self.first = sides[0]
        if any(side.form != self.first.form for side in sides if side.role != "printed"):
            raise Undecided("the sides have different shapes")
        self.reference = study.exact.first
        self.unread = unread(self.reference)
        self.is_derivative = rewriting.uses(self.reference.jaxpr, "derivative")
        self.sides = [
            side for side in sides if side.role != "printed" and not (side is self.first and self.is_derivative)
        ]
        if not self.sides:
            raise Undecided("there is no side to run but a derivative")
        # JAX's derivatives are traced where a side that is judged has one.
        oracle: derivative.Oracle = (
            "autodiff" if rewriting.uses(study.exact.part(self.sides).jaxpr, "derivative") else "dual"
        )
        self.given = {dtype: study.program(study.sizes, oracle, dtype).part(self.sides) for dtype in self.dtypes}
        self.worst: dict[str, Worst] = {}
        self.failures: dict[tuple[int, str], Failure] = {}
        self.judged: dict[tuple[int, str], int] = {
            (side.step, dtype): 0 for side in self.sides for dtype in self.dtypes
        }
        self.unjudged = 0

    def result(self) -> FloatingResult:
        blind = [f"side {step} in {dtype}" for (step, dtype), count in self.judged.items() if not count]
        return FloatingResult(
            self.study.sizes,
            self.worst,
            tuple(self.failures.values()),
            sum(self.judged.values()),
            self.unjudged,
            f"at no input could rounding errors be bounded: {', '.join(blind)}" if blind else None,
        )

    def results(self, points: Sequence[Point]) -> Iterator[Results]:
        """Run all sides at these points, but for those on kinks."""
        inputs = [self.study.inputs(point) for point in points]
        certified = certify(self.reference, inputs, memory=self.study.memory)
        off = [i for i, expected in enumerate(certified) if not expected.tied]
        runs, stepwise = {}, {}
        doubts: list[list[np.ndarray] | None] = [None] * len(off)
        if self.unread:
            wide = certify(self.reference, [inputs[i] for i in off], precisions=(PRECISION,), intervals=True)
            doubts = [[x.bound for x in run.outputs] for run in wide]
        for dtype, closed in self.given.items():
            make = partial(RoundingArithmetic, Format.of(dtype))
            runs[dtype] = _without_identities(run_at(make, closed, [inputs[i] for i in off], self.study.memory))
            stepwise[dtype] = self.study.stepwise(dtype, closed, [points[i] for i in off]) if off else []
        for row, i in enumerate(off):
            yield Results(
                points[i],
                certified[i],
                {dtype: runs[dtype][row] for dtype in self.dtypes},
                self.jitted(points[i]),
                {dtype: [x[row] for x in stepwise[dtype]] for dtype in self.dtypes},
                doubts[row],
            )

    def jitted(self, point: Point) -> dict[str, list[np.ndarray]]:
        """The outputs of the sides that are judged, by dtype."""
        outputs = self._compiled({dtype: self.study.arguments(dtype, point) for dtype in self.dtypes})
        return {dtype: [np.asarray(x) for x in outputs[dtype]] for dtype in self.dtypes}

    @cached_property
    def _compiled(self) -> Any:
        # One program for all dtypes: most of the time of a small one goes into what is done once for each.
        functions = {dtype: core.jaxpr_as_fun(closed) for dtype, closed in self.given.items()}
        return jax.jit(lambda arguments: {dtype: function(*arguments[dtype]) for dtype, function in functions.items()})

    def run(self, points: Sequence[Point]) -> None:
        """Run and judge the sides at these points."""
        for results in self.results(points):
            for dtype in self.dtypes:
                for side, part in self.parts():
                    self.judge(dtype, side, results, part, results.jitted[dtype][part], "")
                    self.judge(dtype, side, results, part, results.stepwise[dtype][part], ", without jit")

    def parts(self) -> Iterator[tuple[Side, slice]]:
        """The sides that are judged, and where they stand among the outputs of all of these."""
        start = 0
        for side in self.sides:
            yield side, slice(start, start + len(side.avals))
            start += len(side.avals)

    def judge(
        self, dtype: str, side: Side, results: Results, part: slice, given: Sequence[np.ndarray], how: str
    ) -> None:
        point, expected, run = results.point, results.expected, results.runs[dtype]
        for leaf, (value, known, bound, result) in enumerate(
            zip(expected.outputs, expected.known, run.outputs[part], given, strict=True)
        ):
            if results.doubt is not None:
                bound = replace(bound, bound=np.logaddexp2(bound.bound, results.doubt[leaf]))
            found = judged(result, value, known, bound, run, textbook=self.study.claim.textbook)
            counted = int((found.bounded | found.spoilt).sum())
            self.judged[side.step, dtype] += counted
            self.unjudged += result.size - counted
            for index in np.argwhere(found.refused)[:1]:
                entry = tuple(index.tolist())
                where = side.entry_name(leaf, entry)
                right, given_there = float(value.value[entry]), float(result[entry])
                reason = (
                    f"{result.dtype} has that number"
                    if found.spoilt[entry]
                    else f"rounding explains a difference of {bound.error[entry]:.2g}"
                )
                failure = Failure(
                    f"on the machine, in {dtype}{how}, side {side.step} is {given_there} and not {right} at {where}; "
                    f"{reason}",
                    side.step,
                    self.study.sizes,
                    point,
                    where,
                    right,
                    given_there,
                )
                self.failures.setdefault((side.step, dtype), failure)
        self.measure(dtype, side, point, expected, given)

    def measure(
        self,
        dtype: str,
        side: Side,
        point: Point,
        expected: Run,
        given: Sequence[np.ndarray],
    ) -> None:
        """Note the largest relative error, of values that are normal numbers of the format."""
        format = Format.of(dtype)
        for leaf, (value, known, result) in enumerate(zip(expected.outputs, expected.known, given, strict=True)):
            normal = known & (value.size >= format.smallest) & (value.size < format.largest - 1)
            if self.study.claim.textbook:
                normal &= np.isfinite(result)
            if normal.any():
                with np.errstate(over="ignore", invalid="ignore"):
                    error = np.where(normal, np.exp2(gap(result, value) - value.size), -1.0)
                entry = tuple(map(int, np.unravel_index(int(np.argmax(error)), error.shape)))
                if dtype not in self.worst or error[entry] > self.worst[dtype].error:
                    self.worst[dtype] = Worst(float(error[entry]), side.step, point, side.entry_name(leaf, entry))


def _without_identities(runs: list[Run]) -> list[Run]:
    """The runs; numbers that are equal at every point are one number computed in two ways, and not a kink."""
    everywhere = len(runs) > 1 and all(run.tied for run in runs)
    return [replace(run, tied=run.tied and not everywhere) for run in runs]

r"""The check on the machine: every side in floating point, entry by entry, against the value at high precision.

A result must lie within the bound on the rounding errors of its own program: a tolerance of each entry, derived and
not chosen. Where that bound is infinite nothing is said of a finite result; but NaN and infinity are faults where the
format has the value itself, except in a formula that is declared to be a textbook one.

The value is that of the first side by dual numbers, so that JAX's derivative is measured and not trusted. Points on a
kink are left to the check of kinks, and points at which rounding may decide a comparison are counted and not judged.

All of this is said of the code. Of the formula it says something only where the sides are not known to be equal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.checks.digits import Error, Worst, errors_of, format_of
from gradproof.checks.inputs import Point
from gradproof.checks.judgement import judged
from gradproof.checks.readings import unread
from gradproof.checks.study import Study
from gradproof.claims.verdict import Code, CodeOutcome, Counterexample
from gradproof.errors import Undecided
from gradproof.numerics import Format, RoundingArithmetic, Run, certify, run_at
from gradproof.programs import Side, derivative, keys, rewriting

DTYPES = ("float64", "float32")

PRECISION = 160
"""Of constants that are not read, in bits: what is not known of them more of it does not tell."""


@dataclass(frozen=True)
class Failure:
    """A result that is not what it should be."""

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
class Fault(Failure):
    """A result that rounding does not explain."""

    dtype: str
    spoilt: bool
    """Whether it is no number."""


@dataclass(frozen=True)
class FloatingResult:
    """What was found on the machine, of the sides that were judged."""

    sizes: Mapping[str, int]
    code: Code
    failures: tuple[Fault, ...] = ()
    judged: int = 0
    unjudged: int = 0
    undecided: str | None = None


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
        return FloatingResult(study.sizes, Code("not measured", why=str(reason)), undecided=str(reason))


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
        self.formats = {
            (side.step, dtype): format_of(dtype, rewriting.restricted(closed, range(part.start, part.stop)).jaxpr)
            for dtype, closed in self.given.items()
            for side, part in self.parts()
        }
        self.worst = Worst()
        self.failures: dict[tuple[int, str], Fault] = {}
        self.judged: dict[tuple[int, str], int] = {
            (side.step, dtype): 0 for side in self.sides for dtype in self.dtypes
        }
        self.unjudged = 0

    def result(self) -> FloatingResult:
        blind = [f"side {step} in {dtype}" for (step, dtype), count in self.judged.items() if not count]
        undecided = f"at no input could rounding errors be bounded: {', '.join(blind)}" if blind else None
        return FloatingResult(
            self.study.sizes,
            self.code(undecided),
            tuple(self.failures.values()),
            sum(self.judged.values()),
            self.unjudged,
            undecided,
        )

    def code(self, undecided: str | None) -> Code:
        """What is to be said of the code: the worst of it."""
        units = self.worst.units
        failure = min(self.failures.values(), key=lambda failure: failure.spoilt, default=None)
        if failure is not None:
            better = self.first_has_value(failure)
            outcome: CodeOutcome = "has no value" if failure.spoilt else "differs"
            return Code(outcome, units, f"{failure.why}{self.said(better)}", failure.counterexample, better)
        if (lost := self.worst.lost) is not None:
            better = self.first_keeps_digits(lost)
            why = f"in {lost.dtype}, side {lost.side.step} is {lost.given} and not {lost.expected} at {lost.entry}"
            at = Failure(why, lost.side.step, self.study.sizes, lost.point, lost.entry, lost.expected, lost.given)
            return Code("loses digits", units, f"{why}{self.said(better)}", at.counterexample, better)
        return Code("accurate" if undecided is None else "not measured", units, undecided or "")

    def first_has_value(self, failure: Fault) -> bool | None:
        """Whether the first side returns a number where another returns none; None if nothing is to be compared."""
        if not failure.spoilt or failure.step == self.first.step:
            return None
        results = self.first_at(failure.dtype, failure.inputs)
        return all(bool(np.isfinite(result).all()) for result in results)

    def first_keeps_digits(self, lost: Error) -> bool | None:
        """Whether the first side keeps half of the digits where another loses them."""
        if lost.side is self.first:
            return None
        return not replace(lost, units=lost.of(self.first_at(lost.dtype, lost.point)[lost.leaf])).loses_digits

    def first_at(self, dtype: str, point: Point) -> list[np.ndarray]:
        """The first side as JAX runs it."""
        closed = self.study.program(self.study.sizes, "autodiff", dtype, first_only=True).first
        outputs = jax.jit(core.jaxpr_as_fun(closed))(*self.study.arguments(dtype, point))
        return [np.asarray(x) for x in outputs]

    def said(self, better: bool | None) -> str:
        """Whether the first side does better there."""
        if better is None:
            return ""
        first = "JAX's derivative" if self.is_derivative else "side 0"
        return f"; {first} does {'better' if better else 'no better'} there"

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
                failure = Fault(
                    f"in {dtype}{how}, side {side.step} is {given_there} and not {right} at {where}; {reason}",
                    side.step,
                    self.study.sizes,
                    point,
                    where,
                    right,
                    given_there,
                    dtype,
                    bool(found.spoilt[entry]),
                )
                self.failures.setdefault((side.step, dtype), failure)
        for error in errors_of(
            dtype, self.formats[side.step, dtype], side, point, expected.outputs, expected.known, given
        ):
            self.worst.note(error)


def _without_identities(runs: list[Run]) -> list[Run]:
    """The runs; numbers that are equal at every point are one number computed in two ways, and not a kink."""
    everywhere = len(runs) > 1 and all(run.tied for run in runs)
    return [replace(run, tied=run.tied and not everywhere) for run in runs]

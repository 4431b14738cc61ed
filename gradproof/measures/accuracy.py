r"""How accurate a formula is on the machine, beside JAX's own derivative: in each format, over the whole domain.

Errors are in units in the last place of the value, $\mathrm{ulp}(v) = 2^{\max(e, e_{\min}) - m}$ for
$2^e \le |v| < 2^{e + 1}$ and $m$ stored bits. The value is that of the first side by dual numbers in high precision,
which shares no derivative rule with either; of large gradients a few entries are looked at. On kinks an entry is
measured where it has one value from both sides.

A backend that takes denormal numbers for zeros loses a value that is one, and a factor that is one: values are not
measured that are so small, even if divided by the largest input of each symbol. At denormal inputs it computes with
zeros, so that the nearer one of the values at these and at the inputs themselves is what a result is measured by.
Values of exactly zero have no unit, and are left to the bound on rounding errors.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from gradproof.checks.inputs import Point
from gradproof.checks.judgement import gap
from gradproof.checks.study import Study
from gradproof.errors import Undecided
from gradproof.measures.entries import Entries, at_entries, few_entries, gradients_at
from gradproof.measures.sweep import DTYPES, LOW, MODERATE_KINDS, Sample, sweep
from gradproof.numerics import Format, Input, RoundingArithmetic, Run, Value, certify, run_at
from gradproof.programs import rewriting

Better = Literal["by hand", "autodiff", "equal"]

SHOWN = 64
"""Of more inputs than this no copy is kept: the seed makes them again."""

LADDER = ("default", "high", "highest")
"""The precisions of matrix products."""


@dataclass(frozen=True)
class Where:
    """One entry of a result: the inputs, unless they are many, its value and what the machine made of it."""

    kind: str
    sizes: Mapping[str, int]
    inputs: Point | None
    entry: str
    expected: float
    given: float


@dataclass(frozen=True)
class Errors:
    """Those of one side in one format, in units in the last place; None where nothing was measured."""

    median: float | None
    worst: float | None
    at: Where | None
    measured: int
    """How many values."""
    spoilt: int
    """How many more are NaN or infinite, though the value is a number of the format."""
    spoilt_at: Where | None


@dataclass(frozen=True)
class InFormat:
    """What was measured in one format."""

    by_hand: Errors | None = None
    autodiff: Errors | None = None
    better: Better | None = None
    """The one with the smaller worst error, of which one that is spoilt has none that is finite.

    They are equal where neither errs twice as much as the other: by as much the worst of a sample changes with its
    seed. Below half a unit every result is the nearest number, and none is better.
    """
    bounded: int = 0
    """For how many values rounding errors are bounded."""
    useful: int = 0
    """For how many of these by less than the value."""
    bound_ratio: float | None = None
    """The largest error of the formula by hand, as a fraction of its bound."""
    bound_ratio_at: Where | None = None
    below_bound: bool | None = None
    """Whether all errors are; None where none is bounded."""
    why: str | None = None
    """Why it could not be run."""


@dataclass(frozen=True)
class LowPrecision:
    """The largest error of an output in bfloat16 beside that of the first side's program, at moderate inputs.

    Both are in units in the last place of the largest entry of the output. The formula may err twice as much, and half
    a unit more. Of several outputs this is the one that errs most, or most of those that do not pass.
    """

    ok: bool
    by_hand: float
    first_side: float
    at: Where


@dataclass(frozen=True)
class Accuracy:
    """The report on a claim."""

    id: str
    backend: str
    formats: Mapping[str, InFormat]
    low_precision: LowPrecision | None
    matmul: Mapping[str, float] | None
    """By the precision of matrix products, the largest error in float32 relative to the largest entry of an output."""
    sizes: tuple[Mapping[str, int], ...]
    points: int
    on_kinks: int
    """How many of the points lie on one."""


def accuracy(study: Study) -> Accuracy:
    """Measure the last side of a claim, and JAX's derivative where the first side is one.

    Raises `Undecided` where the sides cannot be compared or traced, or have an operation that is not known.
    """
    device = jax.devices(study.backend)[0]
    with jax.enable_x64(True), jax.default_device(device):
        return _Measurement(study, device.platform).run(sweep(study))


class _Programs:
    """A claim at one assignment of sizes: its reference, and what the machine runs, compiled together."""

    def __init__(self, study: Study, sizes: Mapping[str, int], dtypes: Sequence[str], *, few: bool, ladder: bool):
        self.study, self.names = study, study.claim.inputs
        exact = study.program(sizes, "dual")
        self.first, self.last = exact.sides[0], exact.sides[-1]
        if self.first is self.last:
            raise Undecided("there is but one side")
        if self.first.form != self.last.form:
            raise Undecided("the sides have different shapes")
        self.reference = exact.first
        self.is_derivative = rewriting.uses(self.reference.jaxpr, "derivative")
        self.entries: Entries = [None] * len(self.first.avals)
        if few and (entries := few_entries(self.reference)) is not None:
            self.entries = entries
            self.reference = gradients_at(self.reference, entries)
        self.by_hand: dict[str, core.ClosedJaxpr] = {}
        """By dtype, the last side."""
        self.programs: dict[str, core.ClosedJaxpr] = {}
        """By dtype, the first side and the last; by precision of products, the last one in float32."""
        self.why: dict[str, str] = {}
        for dtype in dtypes:
            try:
                program = study.program(sizes, "autodiff", jnp.dtype(dtype))
                self.by_hand[dtype] = at_entries(program.part([self.last]), self.entries)
                self.programs[dtype] = at_entries(program.part([self.first, self.last]), [*self.entries, *self.entries])
            except Undecided as reason:
                self.why[dtype] = str(reason)
        self.products = "float32" in self.programs and rewriting.uses(self.by_hand["float32"].jaxpr, "dot_general")
        if ladder and self.products:
            self.programs |= {name: with_precision(self.by_hand["float32"], name) for name in LADDER[:-1]}
        try:
            self.compiled = self._compiled()
        except NotImplementedError as reason:
            # The backend has no kernel for an operation in this format.
            self.why[LOW] = f"it cannot be compiled: {reason}"
            self.programs.pop(LOW, None)
            self.compiled = self._compiled()

    def _compiled(self) -> Any:
        # One program for all: most of the time of a small one goes into what is done once for each.
        functions = {key: core.jaxpr_as_fun(closed) for key, closed in self.programs.items()}
        avals = {
            key: [jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in closed.in_avals]
            for key, closed in self.programs.items()
        }
        run = jax.jit(lambda arguments: {key: function(*arguments[key]) for key, function in functions.items()})
        return run.lower(avals).compile()

    def run(self, point: Point) -> dict[str, list[np.ndarray]]:
        """The outputs of each program."""
        arguments = {
            key: [np.asarray(point[name], aval.dtype) for name, aval in zip(self.names, closed.in_avals, strict=True)]
            for key, closed in self.programs.items()
        }
        return {key: [np.asarray(x) for x in outputs] for key, outputs in self.compiled(arguments).items()}

    def place(self, leaf: int, index: tuple[int, ...]) -> tuple[int, ...]:
        """Where an entry that is looked at stands in its output."""
        places = self.entries[leaf]
        if places is None:
            return index
        return tuple(map(int, np.unravel_index(places[index], self.last.avals[leaf].shape)))

    def inputs(self, point: Point) -> list[Input]:
        """The point for an arithmetic, at corners of which probabilities are zero."""
        found = self.study.inputs(point)
        return [replace(item, positive=item.positive and bool((item.values > 0).all())) for item in found]


def with_precision(closed: core.ClosedJaxpr, name: str) -> core.ClosedJaxpr:
    """The same program with all matrix products at another precision."""
    precision = (jax.lax.Precision(name),) * 2

    def products(closed: core.ClosedJaxpr) -> core.ClosedJaxpr:
        return rewriting.traced(closed, step)

    def step(equation: Any, read: Callable[[Any], Any]) -> Sequence[Any]:
        changed: dict[str, Any] = {}
        if equation.primitive.name == "dot_general":
            changed["precision"] = precision
        for body in rewriting.bodies(equation):
            changed.update(body.params(equation.params | changed, products(body.closed)))
        return rewriting.bound(equation, [read(atom) for atom in equation.invars], **changed)

    return products(rewriting.inlined(closed))


@cache
def flushes(platform: str, dtype: str) -> bool:
    """Whether the backend takes denormal numbers for zeros."""
    device, smallest = jax.devices(platform)[0], jnp.finfo(dtype).smallest_subnormal
    with jax.default_device(device):
        return not np.asarray(jax.jit(lambda x: x + x)(np.asarray([smallest], dtype))).any()


@dataclass
class _Tally:
    """What is found of one side in one format."""

    errors: list[np.ndarray] = field(default_factory=list)
    worst: float = -1.0
    at: Where | None = None
    spoilt: int = 0
    spoilt_at: Where | None = None

    def result(self) -> Errors:
        errors = np.concatenate(self.errors) if self.errors else np.zeros(0)
        if not errors.size:
            return Errors(None, None, None, 0, self.spoilt, self.spoilt_at)
        return Errors(float(np.median(errors)), self.worst, self.at, errors.size, self.spoilt, self.spoilt_at)


@dataclass
class _Low:
    """The largest errors of an output in bfloat16."""

    at: Where
    by_hand: float = 0.0
    first_side: float = 0.0


class _Measurement:
    """One claim under examination, on a backend."""

    def __init__(self, study: Study, platform: str):
        self.study, self.platform = study, platform
        self.by_hand = {dtype: _Tally() for dtype in DTYPES}
        self.autodiff = {dtype: _Tally() for dtype in DTYPES}
        self.bounded, self.useful = dict.fromkeys(DTYPES, 0), dict.fromkeys(DTYPES, 0)
        self.ratio = dict.fromkeys(DTYPES, -1.0)
        self.ratio_at: dict[str, Where] = {}
        self.why: dict[str, str] = {}
        self.low: dict[int, _Low] = {}
        self.matmul: dict[str, float] = {}
        self.on_kinks = 0
        self.is_derivative = False

    def run(self, samples: Sequence[Sample]) -> Accuracy:
        groups: dict[tuple[tuple[str, int], ...], list[Sample]] = {}
        for sample in samples:
            groups.setdefault(tuple(sample.sizes.items()), []).append(sample)
        for number, group in enumerate(groups.values()):
            # The CPU has one precision.
            self.measure(group, ladder=number == 0 and self.platform != "cpu")
        sizes = tuple(group[0].sizes for group in groups.values())
        return Accuracy(
            self.study.claim.id,
            self.platform,
            {dtype: self.in_format(dtype) for dtype in DTYPES},
            self.low_precision(),
            {name: self.matmul[name] for name in LADDER} if self.matmul else None,
            sizes,
            len(samples),
            self.on_kinks,
        )

    def in_format(self, dtype: str) -> InFormat:
        if dtype in self.why:
            return InFormat(why=self.why[dtype])
        by_hand = self.by_hand[dtype].result()
        autodiff = self.autodiff[dtype].result() if self.is_derivative else None
        ratio = self.ratio[dtype] if self.bounded[dtype] else None
        return InFormat(
            by_hand,
            autodiff,
            _better(by_hand, autodiff) if autodiff is not None else None,
            self.bounded[dtype],
            self.useful[dtype],
            ratio,
            self.ratio_at.get(dtype),
            None if ratio is None else ratio <= 1,
        )

    def measure(self, samples: Sequence[Sample], *, ladder: bool) -> None:
        """All points at one assignment of sizes."""
        dtypes = [dtype for dtype in DTYPES if any(dtype in sample.dtypes for sample in samples)]
        programs = _Programs(self.study, samples[0].sizes, dtypes, few=samples[0].few, ladder=ladder)
        self.is_derivative = programs.is_derivative
        self.why |= programs.why
        points = [sample.point for sample in samples]
        twins: dict[int, int] = {}
        for i, sample in enumerate(samples):
            if (flushed := self.flushed(sample)) is not None:
                twins[i] = len(points)
                points.append(flushed)
        inputs = [programs.inputs(point) for point in points]
        certified = certify(programs.reference, inputs)
        kinks = [i for i, found in enumerate(certified) if found.tied]
        self.on_kinks += sum(i < len(samples) for i in kinks)
        for i, found in zip(
            kinks, certify(programs.reference, [inputs[i] for i in kinks], one_sided=True), strict=True
        ):
            certified[i] = found
        outputs = [programs.run(point) for point in points[: len(samples)]]
        for dtype in dtypes:
            if dtype in self.why:
                continue
            here = [i for i, sample in enumerate(samples) if dtype in sample.dtypes]
            wanted = [*here, *(twins[i] for i in here if i in twins)]
            make = partial(RoundingArithmetic, Format.of(dtype))
            runs = dict(zip(wanted, run_at(make, programs.by_hand[dtype], [inputs[i] for i in wanted]), strict=True))
            for i in here:
                both = [j for j in (i, twins.get(i)) if j is not None]
                self.judge(
                    programs, dtype, samples[i], [certified[j] for j in both], [runs[j] for j in both], outputs[i]
                )

    def flushed(self, sample: Sample) -> Point | None:
        """The point as a backend sees it that takes denormal numbers for zeros, if it has some."""
        least = max((float(jnp.finfo(d).tiny) for d in sample.dtypes if flushes(self.platform, d)), default=0.0)
        seen = {name: np.where(np.abs(values) < least, 0, values) for name, values in sample.point.items()}
        return seen if any((seen[name] != values).any() for name, values in sample.point.items()) else None

    def judge(
        self,
        programs: _Programs,
        dtype: str,
        sample: Sample,
        certified: Sequence[Run],
        runs: Sequence[Run],
        outputs: Mapping[str, list[np.ndarray]],
    ) -> None:
        """One point in one format; with denormal inputs there are two values to choose from."""
        sides = outputs[dtype]
        count = len(programs.first.avals)
        info = jnp.finfo(dtype)
        reach = -math.inf
        if flushes(self.platform, dtype):
            reach = info.minexp + sum(
                math.log2(max(1.0, float(np.abs(values).max(initial=0)))) for values in sample.point.values()
            )
        for leaf in range(count):
            values = [found.outputs[leaf] for found in certified]
            known = np.logical_and.reduce([found.known[leaf] for found in certified])
            entry = partial(self.where, programs, sample, leaf, values[0])
            representable = known & (values[0].size < Format.of(dtype).largest - 1)
            measured = representable & (values[0].size > max(reach, info.minexp - info.nmant - 1))
            first, last = sides[leaf], sides[count + leaf]
            self.compare(dtype, certified, runs, leaf, last, known, entry)
            self.tally(self.by_hand[dtype], info, last, values, representable, measured, entry)
            if self.is_derivative:
                self.tally(self.autodiff[dtype], info, first, values, representable, measured, entry)
            if dtype == LOW and sample.kind in MODERATE_KINDS:
                self.note_low(leaf, first, last, values, measured, entry)
            if dtype == "float32" and programs.products:
                rungs = {name: outputs[name][leaf] if name in outputs else last for name in LADDER}
                self.climb(rungs, values, measured)

    def tally(
        self,
        tally: _Tally,
        info: Any,
        result: np.ndarray,
        values: Sequence[Value],
        representable: np.ndarray,
        measured: np.ndarray,
        entry: Callable[..., Where],
    ) -> None:
        broken = representable & ~np.isfinite(result)
        if broken.any():
            tally.spoilt += int(broken.sum())
            tally.spoilt_at = tally.spoilt_at or entry(_first(broken), result)
        measured = measured & np.isfinite(result)
        if not measured.any():
            return
        errors = np.minimum.reduce([_ulps(result, value, info) for value in values])
        tally.errors.append(errors[measured])
        index = _largest(np.where(measured, errors, -1.0))
        if errors[index] > tally.worst:
            tally.worst, tally.at = float(errors[index]), entry(index, result)

    def compare(
        self,
        dtype: str,
        certified: Sequence[Run],
        runs: Sequence[Run],
        leaf: int,
        result: np.ndarray,
        known: np.ndarray,
        entry: Callable[..., Where],
    ) -> None:
        """The error beside the bound on it."""
        excess = np.full(result.shape, np.inf)
        bounded, useful = known, np.zeros(result.shape, bool)
        for found, run in zip(certified, runs, strict=True):
            value, limit = found.outputs[leaf], run.outputs[leaf]
            bounded = bounded & (limit.bound < np.inf) & (not run.ambiguous) & (not run.tied)
            useful |= limit.bound < value.size
            error = gap(result, value)
            allowed = np.logaddexp2(limit.bound, value.bound)
            with np.errstate(invalid="ignore"):
                excess = np.minimum(excess, np.where(error == -np.inf, -np.inf, error - allowed))
        self.bounded[dtype] += int(bounded.sum())
        self.useful[dtype] += int((bounded & useful).sum())
        if bounded.any():
            ratio = np.where(bounded, np.exp2(excess), -1.0)
            index = _largest(ratio)
            if ratio[index] > self.ratio[dtype]:
                self.ratio[dtype] = float(ratio[index])
                self.ratio_at[dtype] = entry(index, result)

    def note_low(
        self,
        leaf: int,
        first: np.ndarray,
        last: np.ndarray,
        values: Sequence[Value],
        measured: np.ndarray,
        entry: Callable[..., Where],
    ) -> None:
        """The largest errors of an output in bfloat16."""
        if not measured.any():
            return
        info = jnp.finfo(LOW)
        unit = max(math.floor(values[0].size[measured].max()), info.minexp) - info.nmant
        by_hand, by_first = (
            np.where(measured, np.minimum.reduce([np.exp2(gap(x, value) - unit) for value in values]), 0.0)
            for x in (last, first)
        )
        index = _largest(by_hand)
        noted = self.low.setdefault(leaf, _Low(entry(index, last)))
        noted.first_side = max(noted.first_side, float(by_first.max()))
        if by_hand[index] > noted.by_hand:
            noted.by_hand, noted.at = float(by_hand[index]), entry(index, last)

    def low_precision(self) -> LowPrecision | None:
        # Where both are infinite the formula is no worse.
        found = [
            LowPrecision(low.by_hand <= 2 * low.first_side + 0.5, low.by_hand, low.first_side, low.at)
            for low in self.low.values()
        ]
        return max(found, key=lambda low: (not low.ok, low.by_hand), default=None)

    def climb(self, results: Mapping[str, np.ndarray], values: Sequence[Value], measured: np.ndarray) -> None:
        if not measured.any():
            return
        largest = float(values[0].size[measured].max())
        for name, result in results.items():
            errors = np.minimum.reduce([gap(result, value) for value in values])
            error = float(np.exp2(np.max(errors, where=measured & np.isfinite(result), initial=-np.inf) - largest))
            self.matmul[name] = max(self.matmul.get(name, 0.0), error)

    def where(
        self, programs: _Programs, sample: Sample, leaf: int, value: Value, index: tuple[int, ...], result: np.ndarray
    ) -> Where:
        few = sum(values.size for values in sample.point.values()) <= SHOWN
        return Where(
            sample.kind,
            sample.sizes,
            sample.point if few else None,
            programs.last.entry_name(leaf, programs.place(leaf, index)),
            float(value.value[index]),
            float(result[index]),
        )


def _ulps(result: np.ndarray, value: Value, info: Any) -> np.ndarray:
    return np.exp2(gap(result, value) - (np.maximum(np.floor(value.size), info.minexp) - info.nmant))


def _first(where: np.ndarray) -> tuple[int, ...]:
    return tuple(np.argwhere(where)[0].tolist())


def _largest(numbers: np.ndarray) -> tuple[int, ...]:
    return tuple(map(int, np.unravel_index(int(np.argmax(numbers)), numbers.shape)))


def _better(by_hand: Errors, autodiff: Errors) -> Better | None:
    if by_hand.worst is None or autodiff.worst is None:
        return None
    mine, other = (math.inf if x.spoilt else max(x.worst or 0.0, 0.5) for x in (by_hand, autodiff))
    if mine == other or max(mine, other) <= 2 * min(mine, other):
        return "equal"
    return "by hand" if mine < other else "autodiff"

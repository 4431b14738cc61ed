"""How accurate a formula is on the machine, and JAX's own derivative: in each format, over the whole domain.

Errors are in units in the last place of the value. The value is that of the first side by dual numbers in high
precision, which share no derivative rule with the formula or with JAX. Of large gradients a few entries are measured.
On a kink an entry is measured if its one-sided limits are equal.

A backend that takes denormal numbers for zeros loses denormal values and denormal factors. There a value is measured
only if it stays a normal number when it is divided by the largest input of each symbol. At denormal inputs such a
backend computes with zeros, so a result is compared with the value at the inputs and the value at zeros, and the nearer
one counts. A value of exactly zero has no unit in the last place; its errors are compared with their bound only.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np

from gradproof.checks import Study
from gradproof.checks.inputs import Point
from gradproof.claims.verdict import Accuracy, InFormat, Where
from gradproof.measures.bounds import Bounds
from gradproof.measures.inputs import FORMATS, LOW, MODERATE_KINDS, Sample, samples_of
from gradproof.measures.low_precision import LowErrors
from gradproof.measures.products import PRECISIONS, ProductErrors
from gradproof.measures.programs import Programs
from gradproof.measures.ulps import Ulps, better
from gradproof.numerics import Format, RoundingArithmetic, Run, Value, certify, run_at

SHOWN = 64
"""The most numbers in an input that are kept in a report; the seed makes larger inputs again."""


def accuracy_of(study: Study, *, autodiff: Collection[str] = FORMATS) -> Accuracy:
    """Measure the last side of a claim, and JAX's derivative where the first side is one.

    Arguments:
        autodiff: the formats in which JAX's derivative is measured.

    Raises `Undecided` if the sides cannot be compared or traced, or have an operation that is not known.
    """
    device = jax.devices(study.backend)[0]
    with jax.enable_x64(True), jax.default_device(device):
        return _Measurement(study, device.platform, autodiff).run(samples_of(study))


@dataclass
class _Errors:
    """All errors in one format."""

    by_hand: Ulps = field(default_factory=Ulps)
    autodiff: Ulps = field(default_factory=Ulps)
    bounds: Bounds = field(default_factory=Bounds)

    def record(self, *, autodiff: bool) -> InFormat:
        by_hand = self.by_hand.record()
        of_jax = self.autodiff.record() if autodiff else None
        ratio = self.bounds.ratio
        return InFormat(
            by_hand,
            of_jax,
            better(by_hand, of_jax) if of_jax is not None else None,
            self.bounds.bounded,
            self.bounds.useful,
            ratio,
            self.bounds.at,
            None if ratio is None else ratio <= 1,
        )


class _Measurement:
    """The measurement of one claim on a backend."""

    def __init__(self, study: Study, platform: str, autodiff: Collection[str]):
        self.study, self.platform, self.autodiff = study, platform, autodiff
        self.errors = {format: _Errors() for format in FORMATS}
        self.low_precision = LowErrors()
        self.products = ProductErrors()
        self.why: dict[str, str] = {}
        """By format, why the claim could not be run in it."""
        self.on_kinks = 0
        self.is_derivative = False

    def run(self, samples: Sequence[Sample]) -> Accuracy:
        groups: dict[tuple[tuple[str, int], ...], list[Sample]] = {}
        for sample in samples:
            groups.setdefault(tuple(sample.sizes.items()), []).append(sample)
        for number, group in enumerate(groups.values()):
            # The CPU has one precision.
            self.measure(group, each_precision=number == 0 and self.platform != "cpu")
        sizes = tuple(group[0].sizes for group in groups.values())
        return Accuracy(
            self.study.claim.id,
            self.platform,
            {format: self.in_format(format) for format in FORMATS},
            self.low_precision.record(),
            self.products.record(),
            sizes,
            len(samples),
            self.on_kinks,
        )

    def in_format(self, format: str) -> InFormat:
        if format in self.why:
            return InFormat(why=self.why[format])
        return self.errors[format].record(autodiff=self.is_derivative and format in self.autodiff)

    def measure(self, samples: Sequence[Sample], *, each_precision: bool) -> None:
        """Measure all points at one assignment of sizes."""
        formats = [format for format in FORMATS if any(format in sample.formats for sample in samples)]
        programs = Programs(
            self.study,
            samples[0].sizes,
            formats,
            first_in=self.autodiff,
            few=samples[0].few,
            each_precision=each_precision,
        )
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
        for format in formats:
            if format in self.why:
                continue
            here = [i for i, sample in enumerate(samples) if format in sample.formats]
            wanted = [*here, *(twins[i] for i in here if i in twins)]
            make = partial(RoundingArithmetic, Format.of(format))
            runs = dict(zip(wanted, run_at(make, programs.by_hand[format], [inputs[i] for i in wanted]), strict=True))
            for i in here:
                both = [j for j in (i, twins.get(i)) if j is not None]
                self.judge(
                    programs, format, samples[i], [certified[j] for j in both], [runs[j] for j in both], outputs[i]
                )

    def flushed(self, sample: Sample) -> Point | None:
        """The point with zeros for denormal numbers, if it has some and the backend takes them for zeros."""
        least = max((float(jnp.finfo(d).tiny) for d in sample.formats if flushes(self.platform, d)), default=0.0)
        seen = {name: np.where(np.abs(values) < least, 0, values) for name, values in sample.point.items()}
        return seen if any((seen[name] != values).any() for name, values in sample.point.items()) else None

    def judge(
        self,
        programs: Programs,
        format: str,
        sample: Sample,
        certified: Sequence[Run],
        runs: Sequence[Run],
        outputs: Mapping[str, list[np.ndarray]],
    ) -> None:
        """Measure one point in one format; at denormal inputs there are two values to choose from."""
        sides = outputs[format]
        count = len(programs.first.avals)
        info = jnp.finfo(format)
        reach = -math.inf
        if flushes(self.platform, format):
            reach = info.minexp + sum(
                math.log2(max(1.0, float(np.abs(values).max(initial=0)))) for values in sample.point.values()
            )
        for leaf in range(count):
            values = [found.outputs[leaf] for found in certified]
            known = np.logical_and.reduce([found.known[leaf] for found in certified])
            entry = partial(self.where, programs, sample, leaf, values[0])
            representable = known & (values[0].size < Format.of(format).largest - 1)
            measured = representable & (values[0].size > max(reach, info.minexp - info.nmant - 1))
            first, last = sides[leaf], sides[leaf - count]
            errors = self.errors[format]
            errors.bounds.add(last, leaf, certified, runs, known, entry)
            errors.by_hand.add(info, last, values, representable, measured, entry)
            if self.is_derivative and format in self.autodiff:
                errors.autodiff.add(info, first, values, representable, measured, entry)
            if format == LOW and format in self.autodiff and sample.kind in MODERATE_KINDS:
                self.low_precision.add(leaf, first, last, values, measured, entry)
            if format == "float32" and programs.products:
                results = {name: outputs[name][leaf] if name in outputs else last for name in PRECISIONS}
                self.products.add(results, values, measured)

    def where(
        self, programs: Programs, sample: Sample, leaf: int, value: Value, index: tuple[int, ...], result: np.ndarray
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


@cache
def flushes(platform: str, format: str) -> bool:
    """Whether the backend takes denormal numbers for zeros."""
    device, smallest = jax.devices(platform)[0], jnp.finfo(format).smallest_subnormal
    with jax.default_device(device):
        return not np.asarray(jax.jit(lambda x: x + x)(np.asarray([smallest], format))).any()

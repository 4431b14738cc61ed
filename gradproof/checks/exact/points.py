"""Real inputs at which two sides may differ: a few of ordinary size, and the most suspicious of many in float64.

A difference of floating-point numbers decides nothing: it says where to look in high precision.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.checks.inputs import MODERATE, Point, drawn
from gradproof.checks.study import Study
from gradproof.errors import Undecided
from gradproof.interpreter import Evaluator
from gradproof.numerics import DoubleArithmetic
from gradproof.programs import Program, Side, derivative, rewriting

LOOKS = 2
"""So many points of ordinary size are looked at first: most mistakes show at any."""

WIDTHS = (1e-6, 1e-12)
"""Distances from a kink at which regions near it are looked for."""

POINTS = 4096
MOST_NUMBERS = 1 << 22
"""In all outputs at all points together."""

MOST_INTERPRETED = 1 << 23
"""In all arrays of a program that is not compiled: 64 MiB, while as many more may be made on the way."""

FEW = 8
"""As many points are worth an exact look."""

PLAIN = 1e-6
"""A relative difference that is looked at before anything that takes long."""

SOME, WORK = 128, 12_000
"""So many points, and equations at all of them, are looked at where float64 shows no difference."""

SMALL, LARGE = 1e-12, 1e12
"""Magnitudes of inputs."""


def ordinary(study: Study, sizes: Mapping[str, int]) -> Iterator[Point]:
    """Inputs of ordinary size."""
    for number in range(LOOKS):
        yield drawn(study.claim, sizes, MODERATE, np.random.default_rng([study.entropy_at(sizes), 8, number]))


def around(study: Study, sizes: Mapping[str, int], point: Point) -> Iterator[Point]:
    """Points near one that is on a kink, on both sides of it."""
    symbols = study.claim.arrays
    generator = np.random.default_rng([study.entropy_at(sizes), 6])
    for width in WIDTHS:
        steps = {name: width * np.maximum(abs(x), 1) * generator.uniform(0.1, 1, x.shape) for name, x in point.items()}
        for sign in (1, -1):
            yield {name: x + sign * steps[name] if symbols[name].unbounded else x for name, x in point.items()}


@dataclass(frozen=True)
class Sampled:
    """All sides at many points in float64, with derivatives that JAX takes.

    Arguments:
        count: how many points.
        points: by the symbol; the first axis is the points.
        first: the outputs of the first side.
        outputs: those of all sides.
        equations: how long the program is.
    """

    count: int
    points: Mapping[str, np.ndarray]
    first: Sequence[np.ndarray]
    outputs: Sequence[np.ndarray]
    equations: int

    def valued(self) -> list[Point]:
        """A few points at which the first side seems to have a value."""
        finite = np.zeros(self.count, bool)
        for x in self.first:
            finite |= np.isfinite(x).any(axis=1)
        return [self.point(int(i)) for i in np.flatnonzero(finite)[:FEW]]

    def suspects(self, side: Side) -> list[Point]:
        """The points at which a side seems to differ from the first one, the most different ones first."""
        gap = self.gaps(side)
        endless = np.isinf(gap)
        order = chain(_largest(np.where(endless, gap, 0)), _largest(np.where(endless, 0, gap)))
        return [self.point(i) for i in order]

    def plain_suspects(self, side: Side) -> list[Point]:
        """A few at which it differs by more than rounding does to most programs."""
        gap = self.gaps(side)
        return [self.point(i) for i in _largest(np.where(np.isfinite(gap) & (gap > PLAIN), gap, 0))[:LOOKS]]

    def gaps(self, side: Side) -> np.ndarray:
        """How far a side is from the first one at each point."""
        gap = np.zeros(self.count)
        with np.errstate(all="ignore"):
            for a, b in zip(self.first, self.outputs[side.outputs], strict=True):
                gap = np.maximum(gap, _apart(a, b).max(axis=1, initial=0.0))
        return gap

    def some(self) -> Iterator[Point]:
        """Points at which float64 sees no difference: of less than its rounding, or one that dual numbers show."""
        return map(self.point, range(min(self.count, max(FEW, WORK // max(self.equations, 1)), SOME)))

    def point(self, number: int) -> Point:
        return {name: values[number] for name, values in self.points.items()}


def sampled(study: Study, program: Program, sizes: Mapping[str, int]) -> Sampled:
    """All sides at many points: about one, of one magnitude or of several, and near to the constants of the program."""
    generator = np.random.default_rng([study.entropy_at(sizes), 9])
    avals = program.closed.in_avals, program.closed.out_avals
    numbers = sum(int(np.prod(aval.shape)) for aval in chain(*avals))
    count = max(1, min(POINTS, MOST_NUMBERS // max(numbers, 1)))
    points = _spread(study, sizes, count, generator)
    with np.errstate(all="ignore"):
        outputs = _run(study, program.closed, points, count)
    return Sampled(count, points, outputs[program.sides[0].outputs], outputs, rewriting.length(program.closed.jaxpr))


def _largest(gap: np.ndarray) -> list[int]:
    """The places of the largest numbers that are not zero, the largest one first."""
    return [int(i) for i in np.argsort(-gap, kind="stable")[:FEW] if gap[i] > 0]


def _run(study: Study, closed: core.ClosedJaxpr, points: Mapping[str, np.ndarray], count: int) -> list[np.ndarray]:
    arguments = [
        np.asarray(points[name], aval.dtype) for name, aval in zip(study.claim.inputs, closed.in_avals, strict=True)
    ]
    everywhere = jax.vmap(core.jaxpr_as_fun(closed))
    outputs = interpreted(everywhere, arguments) or jax.jit(everywhere)(*arguments)
    return [np.asarray(x, float).reshape(count, -1) for x in outputs]


def interpreted(function: Callable[..., Any], arguments: Sequence[np.ndarray]) -> list[np.ndarray] | None:
    """The outputs as NumPy computes them, in a tenth of the time that compiling a program takes that is run once.

    None where it is a long one, has a loop that ends elsewhere at each point, or an operation that only JAX knows.
    """
    closed = jax.make_jaxpr(function)(*arguments)
    numbers = sum(math.prod(v.aval.shape) for equation in closed.jaxpr.eqns for v in equation.outvars)
    if numbers > MOST_INTERPRETED or rewriting.uses(closed.jaxpr, "while"):
        return None
    doubles = DoubleArithmetic()
    given = [doubles.constant(x) if x.dtype.kind == "f" else x for x in arguments]
    try:
        outputs = Evaluator(doubles).run_closed(closed, given)
    except Undecided:
        return None
    return [x if isinstance(x, np.ndarray) else x.value for x in outputs]


def _apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Relative differences; infinite where only one is finite, or both are infinite and another one.

    Nothing is asked where there is no first number; if that is for want of range, it is worth a look after all others.
    """
    tiny = np.finfo(float).tiny
    relative = np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), tiny)
    endless = np.where(np.isnan(a), tiny * np.isfinite(b), np.where(a == b, 0.0, np.inf))
    return np.where(np.isfinite(a) & np.isfinite(b), relative, endless)


def _spread(
    study: Study, sizes: Mapping[str, int], count: int, generator: np.random.Generator
) -> Mapping[str, np.ndarray]:
    constants = rewriting.constants(study.program(sizes, derivative.ORACLES[0]).closed)
    known = np.unique([0.0, *(sign * x for x in constants if np.isfinite(x) for sign in (1, -1))])
    kind = generator.integers(0, 4, count)
    scale = np.exp(generator.uniform(np.log(SMALL), np.log(LARGE), count))
    points = {}
    for name, symbol in study.claim.arrays.items():
        some = [symbol.draw(sizes, MODERATE, generator) for _ in range(min(count, 64))]
        some += [symbol.near_corners(sizes, generator) for _ in range(min(count, 64))]
        values = np.stack(some)[generator.integers(0, len(some), count)]
        if symbol.free and not symbol.label and not symbol.integer:
            shape, wide = values.shape, (count, *(1 for _ in values.shape[1:]))
            signed = generator.uniform(0, 3, shape) * generator.choice([-1.0, 1.0], shape)
            any_size = np.exp(generator.uniform(np.log(SMALL), np.log(LARGE), shape))
            near = generator.choice(known, shape)
            distance = np.maximum(np.abs(near), 1e-3) * np.exp(generator.uniform(np.log(1e-9), 0, shape))
            # Some are these constants themselves.
            distance *= generator.integers(0, 4, shape) > 0
            with np.errstate(over="ignore"):
                each = (signed, signed * scale.reshape(wide), signed * any_size, near + distance * signed)
            chosen = np.choose(kind.reshape(wide), each)
            values = symbol.nearest(np.where(np.isfinite(chosen), chosen, signed))
        points[name] = values
    return points

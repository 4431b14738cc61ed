"""The sides in every region at once; and real inputs of a region in which they differ.

These are looked for in float64 at many points at once. A difference of floating-point numbers decides nothing: it says
where to look exactly.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.checks.exact.differences import Difference, Report
from gradproof.checks.inputs import MODERATE
from gradproof.checks.study import Study
from gradproof.errors import Undecided
from gradproof.programs import Program, places, rewriting
from gradproof.worlds import Found, Unbounded, compare, ways

POINTS = 4096
MOST_NUMBERS = 1 << 22
"""In all outputs at all points together."""

LONG = 400
"""Equations; a program of more may be nested too deep for exact points."""

FEW = 8
"""As many points are worth an exact look."""

SMALL, LARGE = 1e-12, 1e12
"""Magnitudes of inputs."""

ROUNDING = 1e-6
"""Smaller relative differences may be all error."""


class Regions:
    """What is known of all regions, as a claim is checked from size to size."""

    def __init__(self, study: Study, report: Report):
        self.study, self.report = study, report
        self.everywhere = True
        """Whether the sides were equal in every region, at all sizes so far."""
        self.way = 0
        """How they were compared at the size before."""
        self.open: Sequence[Any] | None = None
        """The comparisons for outcomes of which the sides differ, if there are inputs that have them."""
        self.sites: Mapping[int, places.Site] = {}
        self.reason: str | None = None
        """Why the last comparison was undecided."""
        self.unsettled: str | None = None
        """Why a size was left to real points."""

    def compare(self, programs: Sequence[Program], sizes: Mapping[str, int], *, quick: bool = False) -> Found:
        """All sides in every region; nothing is found where that is undecided.

        Arguments:
            quick: in the way that was the right one at the size before, and no other.
        """
        report, entropy = self.report, self.study.entropy_at(sizes)
        others = [way for way in range(len(ways(self.study.claim))) if way != self.way]
        self.reason = None
        try:
            found = compare(programs, self.study.claim, sizes, entropy, [self.way] if quick else others)
        except Unbounded:
            found = Found()
        except Undecided as reason:
            found, self.reason = Found(), str(reason)
        report.rests_on_points = not found.proved
        if found.proved:
            self.way = found.way
            report.bound_log2 = max(report.bound_log2, found.bound_log2)
            report.draws = max(report.draws, found.draws)
            report.entries |= found.entries
            report.zero &= found.zero
        return found

    def leave(self, programs: Sequence[Program], found: Found) -> None:
        """Note what is left open at a size."""
        self.everywhere &= found.proved
        if self.reason is not None or any(differing.loosened for differing in found.differences):
            self.unsettled = self.unsettled or self.reason or "the regions are too many to be told apart"
        apart = [differing for differing in found.differences if not differing.loosened]
        if self.open is None and apart:
            self.open = next((differing.comparisons for differing in apart if differing.comparisons), ())
            self.sites = {identity: site for program in programs for identity, site in program.sites.items()}

    def require_no_suspects(self, sizes: Mapping[str, int]) -> None:
        """Raises `Undecided` where sides of a program that is long, and so may be nested deep, seem to differ."""
        self.report.suspects = suspects(self.study, sizes, self.report.oracles)
        if self.report.suspects:
            raise Undecided("the sides differ, in a program that is too long to see exactly where")

    def require_settled(self) -> None:
        """Raises `Undecided` where not all regions were compared, or the sides differ in one without known inputs."""
        if self.open is not None and not self.open:
            raise Undecided("the sides are not known to be equal, and no inputs were found at which they differ")
        if self.open:
            known = [self.sites[id(equation)] for equation in self.open if id(equation) in self.sites]
            name = f"the comparison {known[0].comparison!r} at {known[0].where}" if known else "a comparison"
            raise Undecided(f"the sides differ for an outcome of {name} that no input was found to have")
        if self.unsettled is not None and self.report.outcomes:
            raise Undecided(f"{self.unsettled}; the sides are equal in the regions that were met")


def is_long(program: Program) -> bool:
    """Whether a program has so many equations that it may be nested deep."""
    return rewriting.length(program.closed.jaxpr) > LONG


def suspects(study: Study, sizes: Mapping[str, int], oracles: tuple[str, ...]) -> list[Difference]:
    """Sides that seem to differ from the first one, and where, the most different ones first."""
    generator = np.random.default_rng([study.entropy_at(sizes), 9])
    program = study.program(sizes, "autodiff")
    numbers = sum(int(np.prod(aval.shape)) for aval in (*program.closed.in_avals, *program.closed.out_avals))
    count = max(1, min(POINTS, MOST_NUMBERS // max(numbers, 1)))
    points = spread(study, sizes, count, generator)
    arguments = [
        np.asarray(points[name], aval.dtype)
        for name, aval in zip(study.claim.inputs, program.closed.in_avals, strict=True)
    ]
    with np.errstate(all="ignore"):
        outputs = jax.jit(jax.vmap(core.jaxpr_as_fun(program.closed)))(*arguments)
        outputs = [np.asarray(x, float).reshape(count, -1) for x in outputs]
        first, sides = outputs[program.sides[0].outputs], [side for side in program.sides[1:] if side.role != "printed"]
        gaps = np.zeros((len(sides), count))
        for number, side in enumerate(sides):
            for a, b in zip(first, outputs[side.outputs], strict=True):
                gaps[number] = np.maximum(gaps[number], apart(a, b).max(axis=1, initial=0.0))
    gap = gaps.max(axis=0)
    order = [i for i in np.argsort(-gap, kind="stable")[:FEW] if gap[i] > ROUNDING]
    symbols, found = study.claim.arrays, []
    for i in order:
        point = {name: values[i] for name, values in points.items()}
        pattern = {name: values for name, values in point.items() if symbols[name].label or symbols[name].integer}
        found.append(Difference(sides[gaps[:, i].argmax()], sizes, oracles, point, pattern))
    return found


def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Relative differences; infinite where only one is finite."""
    finite = np.isfinite(a), np.isfinite(b)
    relative = np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), np.finfo(float).tiny)
    return np.where(finite[0] & finite[1], relative, np.where(finite[0] != finite[1], np.inf, 0.0))


def spread(study: Study, sizes: Mapping[str, int], count: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Many points: about one, of one magnitude or of several, and near to the constants of the program."""
    constants = rewriting.constants(study.program(sizes, "autodiff").closed)
    known = np.unique([0.0, *(sign * x for x in constants if np.isfinite(x) for sign in (1, -1))])
    kind = generator.integers(0, 4, count)
    scale = np.exp(generator.uniform(np.log(SMALL), np.log(LARGE), count))
    points = {}
    for name, symbol in study.claim.arrays.items():
        drawn = [symbol.draw(sizes, MODERATE, generator) for _ in range(min(count, 64))]
        values = np.stack(drawn)[generator.integers(0, len(drawn), count)]
        if symbol.free and not symbol.label and not symbol.integer:
            shape, wide = values.shape, (count, *(1 for _ in values.shape[1:]))
            signed = generator.uniform(0, 3, shape) * generator.choice([-1.0, 1.0], shape)
            any_size = np.exp(generator.uniform(np.log(SMALL), np.log(LARGE), shape))
            near = generator.choice(known, shape)
            distance = np.maximum(np.abs(near), 1e-3) * np.exp(generator.uniform(np.log(1e-9), 0, shape))
            each = (signed, signed * scale.reshape(wide), signed * any_size, near + distance * signed)
            values = symbol.nearest(np.choose(kind.reshape(wide), each))
        points[name] = values
    return points

"""Counterexamples a person can follow: the smallest sizes and the simplest inputs at which two sides differ.

The exact check has found inputs at which the sides differ; here simpler ones are looked for, in high precision.
"""

import itertools
import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import mpmath
import numpy as np

from gradproof.checks.diagnosis import SHAPES, Diagnosis, Sample, diagnose, named_arrays, shape_hint, to_blame
from gradproof.checks.exact.differences import Difference
from gradproof.checks.exact.values import Both, Values, counterpart
from gradproof.checks.inputs import Point
from gradproof.checks.study import Study
from gradproof.claims import Equality
from gradproof.claims.verdict import Counterexample, Rule
from gradproof.errors import Undecided
from gradproof.programs import derivative
from gradproof.programs.derivative import ORACLES

Draw = Callable[[tuple[int, ...]], np.ndarray]

SIMPLE_POINTS = 12
SHRINKING_STEPS = 80

SAMPLES = 6
"""So many are taken for a diagnosis, at three sizes where these are free."""

VISIBLE = 1e-6
"""Relative differences above this show in print; smaller ones are taken if there are no larger ones."""


class CounterexampleSearch:
    """For inputs at which one side of a claim differs from the first one.

    Arguments:
        rules: what was found of derivative rules in the sides.
    """

    def __init__(self, study: Study, difference: Difference, rules: Sequence[Rule] = ()):
        self.study, self.claim, self.difference, self.rules = study, study.claim, difference, rules
        self.generator = np.random.default_rng([study.seed, 9])
        # Where JAX's own derivative is the one that is wrong, it is the one to show.
        oracle: derivative.Oracle = "autodiff" if difference.oracles == ("autodiff",) else "dual"
        self.values = Values(study, difference.side, oracle)
        self.right: dict[Hashable, list[np.ndarray] | None] = {}
        """The first side, at other inputs than those of samples."""

    def differing(self, sizes: Mapping[str, int]) -> Both | None:
        """Simple inputs at which the sides differ, visibly if there are such."""
        best: Both | None = None
        for inputs in itertools.islice(simple_points(self.claim, sizes, self.generator), SIMPLE_POINTS):
            found = self.values.at(sizes, inputs)
            if found is not None and found.differ and _is_clearer(found, best):
                best = found
                if _is_clear(best):
                    break
        return best

    def smallest(self) -> Both:
        names = self.claim.size_names()
        given = self.difference.sizes
        choices = [sorted({1, 2, given[name]}) if given[name] > 1 else [1] for name in names]
        tried = sorted(itertools.product(*choices), key=lambda row: (sum(row), row))
        best: Both | None = None
        for row in [*tried[:6], tuple(given[name] for name in names)]:
            sizes = {**dict(zip(names, row, strict=True)), **self.claim.sizes}
            try:
                found = self.differing(sizes)
            except Undecided:
                continue
            if found is not None and (best is None or (_is_clear(found) and not _is_clear(best))):
                best = found
            if best is not None and _is_clear(best):
                return self.simpler(best)
        if best is None:
            best = self.values.at(given, {name: np.asarray(x) for name, x in self.difference.point.items()})
        # There the sides were seen to differ.
        assert best is not None
        return self.simpler(best)

    def simpler(self, found: Both) -> Both:
        """Replace entries by simpler ones while the sides still differ as visibly."""
        steps = 0
        wanted = min(found.gap(), VISIBLE) / 2
        for name, symbol in self.claim.arrays.items():
            for place in np.ndindex(found.inputs[name].shape):
                value = float(found.inputs[name][place])
                for candidate in symbol.simpler(value):
                    if candidate == value:
                        break
                    if steps == SHRINKING_STEPS:
                        return found
                    steps += 1
                    inputs = {key: array.copy() for key, array in found.inputs.items()}
                    inputs[name][place] = candidate
                    other = self.values.at(found.sizes, inputs)
                    if other is not None and _finite(other) and other.gap() > wanted:
                        found = other
                        break
        return found

    def samples(self) -> list[Sample]:
        """Generic values of the two sides at several sizes, to diagnose from."""
        samples = []
        rows = sample_sizes(self.claim)
        for sizes in rows:
            for _ in range(SAMPLES // len(rows)):
                inputs = generic_point(self.claim, sizes, self.generator)
                try:
                    found = self.values.at(sizes, inputs)
                except Undecided:
                    break
                if found is not None and _finite(found):
                    samples.append(Sample(sizes, inputs, tuple(found.expected), tuple(found.given)))
        return samples

    def right_at(self, sizes: Mapping[str, int], points: Sequence[Point]) -> list[list[np.ndarray] | None]:
        """The first side at other inputs; None where it has no values."""

        def key(point: Point) -> Hashable:
            return tuple(sizes.items()), *((name, x.tobytes()) for name, x in sorted(point.items()))

        new = {key(point): point for point in points if key(point) not in self.right}
        self.right |= zip(new, self.values.first_at(sizes, list(new.values())), strict=True)
        return [self.right[key(point)] for point in points]

    def diagnosis(self) -> str | None:
        """What the mistake may be, if the sides have the same shapes.

        Where the oracles differ it is in a derivative rule of the loss, and what is written by hand is not accused.
        """
        if len(self.difference.oracles) == 1 and self.difference.oracles[0] in ORACLES:
            blamed = to_blame(self.study.program(self.difference.sizes, "dual"), self.rules)
            by_hand = f"side {self.difference.side.step}"
            if self.difference.oracles == ("autodiff",):
                return None if blamed is None else f"{blamed}; {by_hand} is right"
            if blamed is not None:
                return f"{blamed}, and {by_hand} follows it"
        found = self.explained()
        return None if found is None else found.text

    def explained(self) -> Diagnosis | None:
        """The explanation of how the sides differ."""
        samples = [sample for sample in self.samples() if all(a.shape == b.shape for a, b in sample.pairs())]
        return diagnose(self.claim, samples, self.names(), self.right_at)

    def diagnosis_of_shapes(self) -> str | None:
        """What the mistake may be, if they have others."""
        program = self.study.program(self.difference.sizes, "dual")
        first, side = program.sides[0], counterpart(program, self.difference.side)
        samples = self.samples() if first.structure == side.structure else []
        found = diagnose(self.claim, samples, self.names(), hypotheses=SHAPES)
        return found.text if found is not None and found.explained else shape_hint(first, side)

    def names(self) -> list[str]:
        """What the arrays of a side are called."""
        return named_arrays(self.study, self.difference.sizes)


def _is_clear(found: Both) -> bool:
    """Whether it is shown by numbers, which are visibly others."""
    return _finite(found) and found.gap() > VISIBLE


def _is_clearer(found: Both, best: Both | None) -> bool:
    return best is None or (_finite(found), found.gap()) > (_finite(best), best.gap())


def _finite(found: Both) -> bool:
    return all(mpmath.isfinite(x) for array in (*found.expected, *found.given) for x in array.ravel())


def simple_points(
    claim: Equality, sizes: Mapping[str, int], generator: np.random.Generator
) -> Iterator[dict[str, np.ndarray]]:
    """All zeros, all ones, then small whole numbers, then larger and finer ones."""
    for fill in (0.0, 1.0):
        yield point_of(claim, sizes, partial(np.full, fill_value=fill), generator)
    draws: list[Draw] = [
        lambda shape: generator.integers(-2, 3, shape).astype(float),
        lambda shape: generator.integers(-2, 3, shape).astype(float),
        lambda shape: generator.integers(-7, 8, shape) / 2,
        lambda shape: generator.integers(-7, 8, shape) / 2,
        lambda shape: generator.integers(-20, 21, shape).astype(float),
        lambda shape: generator.integers(-9, 10, shape) / 8,
        lambda shape: generator.integers(-200, 201, shape).astype(float),
        lambda shape: generator.choice([-1.0, 1.0], shape) * 2.0 ** generator.integers(-12, 13, shape),
    ]
    while True:
        for draw in draws:
            yield point_of(claim, sizes, draw, generator)


def sample_sizes(claim: Equality) -> list[dict[str, int]]:
    """Three in which sizes differ, and each size takes three values; one if all sizes are fixed."""
    names = claim.size_names()
    values = list(range(2, 2 + max(3, len(names))))
    rows = [[*values[first:], *values[:first]][: len(names)] for first in range(3)]
    return [{**dict(zip(names, row, strict=True)), **claim.sizes} for row in (rows if names else rows[:1])]


def generic_point(claim: Equality, sizes: Mapping[str, int], generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Inputs of ordinary size without any accident in them."""
    return point_of(claim, sizes, lambda shape: generator.normal(size=shape), generator)


def point_of(
    claim: Equality, sizes: Mapping[str, int], draw: Draw, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """A value for each array, made of numbers that are drawn."""
    return {name: symbol.simple(sizes, draw, generator) for name, symbol in claim.arrays.items()}


def find(study: Study, difference: Difference, rules: Sequence[Rule] = ()) -> Counterexample:
    """The counterexample for a difference that the exact check found: simple inputs, or those at which it was found.

    Arguments:
        rules: what was found of derivative rules in the sides.
    """
    search = CounterexampleSearch(study, difference, rules)
    if difference.shapes is not None:
        hint = search.diagnosis_of_shapes()
        return Counterexample(difference.sizes, {}, difference.side.step, "shape", *difference.shapes, hint)
    found = search.smallest()
    return described(found, difference.side.step, search.diagnosis())


def described(found: Both, step: int, diagnosis: str | None) -> Counterexample:
    """The counterexample as it is shown: the first entry that differs, in the digits that tell it."""
    gaps = found.gaps()
    leaf = max(range(len(gaps)), key=lambda i: float(gaps[i].max()) if gaps[i].size else 0.0)
    wanted = min(found.gap(), VISIBLE) / 2
    place = next(place for place in np.ndindex(gaps[leaf].shape) if gaps[leaf][place] > wanted)
    a, b = found.expected[leaf][place], found.given[leaf][place]
    entry = f"[{', '.join(map(str, place))}]" if place else "the value"
    if len(gaps) > 1:
        entry = f"array {leaf}, {entry}"
    digits = 6 if gaps[leaf][place] > 1e-4 else 17 if gaps[leaf][place] > 1e-15 else 40
    return Counterexample(
        found.sizes,
        {name: x.tolist() for name, x in found.inputs.items()},
        step,
        entry,
        number(a, digits),
        number(b, digits),
        diagnosis,
    )


def number(x: Any, digits: int) -> float | str:
    """A float where that tells it, else text: with more digits, or of a magnitude that no float has."""
    rounded = float(mpmath.nstr(x, digits))
    tells = digits <= 17 and (rounded != 0 or x == 0) and (math.isfinite(rounded) or not mpmath.isfinite(x))
    return rounded if tells else mpmath.nstr(x, digits)

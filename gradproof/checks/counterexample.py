"""Counterexamples a person can follow: the smallest sizes and the simplest inputs at which two sides differ.

The exact check says that the sides differ; here real inputs are found at which they do, in high precision. Without
them nothing is called refuted.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import mpmath
import numpy as np
from jax.extend import core

from gradproof.checks.diagnosis import PRECISION, Sample, diagnose
from gradproof.checks.exact.differences import Difference
from gradproof.checks.readings import unread
from gradproof.checks.study import Study
from gradproof.claims import Equality
from gradproof.claims.verdict import Counterexample
from gradproof.errors import Undecided
from gradproof.numerics import Input, Value, certify
from gradproof.programs import Program, Side, derivative

Draw = Callable[[tuple[int, ...]], np.ndarray]

SIMPLE_POINTS = 12
SHRINKING_STEPS = 80

VISIBLE = 1e-6
"""Relative differences above this show in print; smaller ones are taken if there are no larger ones."""

REAL = 1e-40
"""High precision is far better than this; a smaller difference is taken for none."""

KNOWN_BITS = 200.0
"""The bits to which values must be known, as the running error bound says."""


@dataclass(frozen=True)
class Found:
    """Inputs and the values of the two sides there, flattened, with the place where they differ most."""

    sizes: Mapping[str, int]
    inputs: dict[str, np.ndarray]
    expected: list[np.ndarray]
    given: list[np.ndarray]

    def gaps(self) -> list[np.ndarray]:
        return [relative_gaps(a, b) for a, b in zip(self.expected, self.given, strict=True)]

    def gap(self) -> float:
        return max((float(gap.max()) for gap in self.gaps() if gap.size), default=0.0)


def relative_gaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|a - b| over the larger of the two; where there is no a, nothing is asked of b."""

    def one(x: Any, y: Any) -> float:
        if mpmath.isnan(x) or x == y:
            return 0.0
        if not (mpmath.isfinite(x) and mpmath.isfinite(y)):
            return 1.0
        return float(abs(x - y) / max(abs(x), abs(y)))

    flat = [one(x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True)]
    return np.array(flat, float).reshape(a.shape)


class CounterexampleSearch:
    """For inputs at which one side of a claim differs from the first one."""

    def __init__(self, study: Study, difference: Difference):
        self.study, self.claim, self.difference = study, study.claim, difference
        self.generator = np.random.default_rng([study.seed, 9])
        # Where JAX's own derivative is the one that is wrong, it is the one to show.
        self.oracle: derivative.Oracle = "autodiff" if difference.oracles == ("autodiff",) else "dual"
        self._pairs: dict[int, tuple[Program, core.ClosedJaxpr]] = {}
        self._unread: dict[int, list[float]] = {}
        self.blurred: list[float] = []
        """The constants that explain a difference, if they stand for any numbers near them."""

    def pair(self, sizes: Mapping[str, int]) -> tuple[core.ClosedJaxpr, int]:
        """The program of the first side and of the one that differs, and how many outputs the first one has."""
        program = self.study.program(sizes, self.oracle)
        first = program.sides[0]
        if id(program) not in self._pairs:
            self._pairs[id(program)] = program, program.part([first, counterpart(program, self.difference.side)])
        return self._pairs[id(program)][1], len(first.avals)

    def evaluate(self, sizes: Mapping[str, int], inputs: dict[str, np.ndarray]) -> Found | None:
        """Both sides there; None on a kink, outside the domain, and where the precision does not suffice."""
        closed, count = self.pair(sizes)
        # A label that equals what it is compared with is not a tie.
        given = [Input(inputs[name], continuous=self.claim.arrays[name].free) for name in self.claim.inputs]
        try:
            (found,) = certify(closed, [given], precisions=(PRECISION,))
        except Undecided:
            return None
        if found.ambiguous or not all(_known(x).all() for x in found.outputs):
            # Some numbers may have no value.
            (found,) = certify(closed, [given], precisions=(PRECISION,), valueless=True)
        sure = not (found.tied or found.ambiguous or found.unsure)
        if not (sure and all((_known(x) | _has_none(x.value)).all() for x in found.outputs)):
            return None
        first, last = found.outputs[:count], found.outputs[count:]
        expected = [x.value for x in first]
        both = Found(sizes, inputs, expected, [_told_apart(a, b) for a, b in zip(first, last, strict=True)])
        return None if both.gap() > REAL and self.is_blurred(closed, given, count) else both

    def is_blurred(self, closed: core.ClosedJaxpr, given: Sequence[Input], count: int) -> bool:
        """Whether the sides may be equal if the constants that are not read are any numbers near them."""
        if id(closed) not in self._unread:
            self._unread[id(closed)] = unread(closed)
        if not self._unread[id(closed)]:
            return False
        (found,) = certify(closed, [given], precisions=(PRECISION,), intervals=True)
        pairs = zip(found.outputs[:count], found.outputs[count:], strict=True)
        if not (found.tied or found.ambiguous) and any((~a.within_errors(b)).any() for a, b in pairs):
            return False
        self.blurred = self._unread[id(closed)]
        return True

    def differing(self, sizes: Mapping[str, int]) -> Found | None:
        """Simple inputs at which the sides differ, visibly if there are such."""
        best: Found | None = None
        for inputs in itertools.islice(simple_points(self.claim, sizes, self.generator), SIMPLE_POINTS):
            found = self.evaluate(sizes, inputs)
            if found is not None and found.gap() > max(REAL, best.gap() if best else 0.0):
                best = found
                if best.gap() > VISIBLE:
                    break
        return best

    def smallest(self) -> Found | None:
        names = self.claim.size_names()
        given = self.difference.sizes
        choices = [sorted({1, 2, given[name]}) if given[name] > 1 else [1] for name in names]
        tried = sorted(itertools.product(*choices), key=lambda row: (sum(row), row))
        best: Found | None = None
        for row in [*tried[:6], tuple(given[name] for name in names)]:
            sizes = {**dict(zip(names, row, strict=True)), **self.claim.sizes}
            try:
                found = self.differing(sizes)
            except Undecided:
                continue
            if found is not None and (best is None or best.gap() <= VISIBLE < found.gap()):
                best = found
            if best is not None and best.gap() > VISIBLE:
                return self.simpler(best)
        point = {**self.difference.point, **self.difference.pattern}
        if best is None and point:
            found = self.evaluate(
                given, {name: symbol.nearest(np.asarray(point[name])) for name, symbol in self.claim.arrays.items()}
            )
            if found is not None and found.gap() > REAL:
                best = found
        return self.simpler(best) if best else None

    def simpler(self, found: Found) -> Found:
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
                    other = self.evaluate(found.sizes, inputs)
                    if other is not None and _finite(other) and other.gap() > wanted:
                        found = other
                        break
        return found

    def samples(self) -> list[Sample]:
        """Generic values of the two sides at several sizes, to diagnose from."""
        names = self.claim.size_names()
        rows = [range(2, 2 + len(names)), range(1 + len(names), 1, -1), [3] * len(names)]
        samples = []
        for row in rows if names else rows[:1]:
            sizes = {**dict(zip(names, row, strict=True)), **self.claim.sizes}
            for _ in range(2):
                inputs = generic_point(self.claim, sizes, self.generator)
                found = self.evaluate(sizes, inputs)
                if found is None or not _finite(found) or any(a.shape != b.shape for a, b in _pairs(found)):
                    continue
                samples.append(Sample(sizes, inputs, tuple(found.expected), tuple(found.given)))
        return samples


def _known(x: Value) -> np.ndarray:
    """Which entries are known well enough to be told apart."""
    return np.asarray(x.bound <= np.maximum(x.size, 0.0) - KNOWN_BITS)


_has_none = np.frompyfunc(mpmath.isnan, 1, 1)


def _told_apart(first: Value, last: Value) -> np.ndarray:
    """The values of the last side, or of the first one where the difference may be all error."""
    if first.value.shape != last.value.shape:
        return last.value
    return np.where(first.within_errors(last), first.value, last.value)


def _pairs(found: Found) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    return zip(found.expected, found.given, strict=True)


def _finite(found: Found) -> bool:
    return all(mpmath.isfinite(x) for array in (*found.expected, *found.given) for x in array.ravel())


def counterpart(program: Program, side: Side) -> Side:
    """The same side in a program at other sizes."""
    return next(other for other in program.sides if (other.step, other.role) == (side.step, side.role))


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


def generic_point(claim: Equality, sizes: Mapping[str, int], generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Inputs of ordinary size without any accident in them."""
    return point_of(claim, sizes, lambda shape: generator.normal(size=shape), generator)


def point_of(
    claim: Equality, sizes: Mapping[str, int], draw: Draw, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """A value for each array, made of numbers that are drawn."""
    return {name: symbol.simple(sizes, draw, generator) for name, symbol in claim.arrays.items()}


def find(study: Study, difference: Difference) -> Counterexample | None:
    """The counterexample for a difference that the exact check found; None if no real inputs show it.

    Raises `Undecided` where the rounding of constants may explain it.
    """
    if difference.shapes is not None:
        expected, given = difference.shapes
        return Counterexample(
            difference.sizes, {}, difference.side.step, "shape", expected, given, _shape_hint(difference)
        )
    search = CounterexampleSearch(study, difference)
    found = search.smallest()
    if found is None and search.blurred:
        raise Undecided(
            "by no more than the rounding of constants, at all inputs that were tried: "
            f"{search.blurred[0]!r} is not read as a number that a person writes, and may be any one within two units "
            "in its last place; write it as a formula, or as a decimal of at most 12 digits if it is one"
        )
    return None if found is None else described(found, difference.side.step, diagnose(study.claim, search.samples()))


def shows(study: Study, difference: Difference) -> bool:
    """Whether the sides differ at the point of a difference, in high precision and by comparisons that are sure."""
    inputs = {name: np.asarray(x) for name, x in {**difference.point, **difference.pattern}.items()}
    found = CounterexampleSearch(study, difference).evaluate(difference.sizes, inputs)
    return found is not None and found.gap() > REAL


def described(found: Found, step: int, diagnosis: str | None) -> Counterexample:
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
    """A float where that tells it, else text with more digits."""
    return float(mpmath.nstr(x, digits)) if digits <= 17 else mpmath.nstr(x, digits)


def _shape_hint(difference: Difference) -> str | None:
    assert difference.shapes is not None
    expected, given = (text[text.find("[") + 1 : text.find("]")].split(",") for text in difference.shapes)
    if given != expected and sorted(given) == sorted(expected):
        return "the axes are in another order: a transpose is missing or too many"
    if [n for n in given if n != "1"] == [n for n in expected if n != "1"]:
        return "an axis of length one is missing or too many"
    return None

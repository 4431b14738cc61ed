r"""Near a kink: points in the regions that meet there, and the limits of the first side from either of them.

A kink is crossed along a line $x + h v$, with a generic $v$ that moves every entry in proportion to its size, so that
the compared difference changes its sign at $h = 0$. Where it does not, as that of a square and zero, the line is
followed all the same. In floating point the regions are entered at a small $h$, at numbers of float32.

The limits are those of the first side by dual numbers, which is the derivative where that side is one, in high
precision: values at $h = 2^{-100}$ and $2^{-120}$, continued linearly to 0. Where float64 does not have the tie, or has
it only as constants are stored, $x$ is merely near to it, and $h$ has to be larger than its distance: there they are
$2^{-30}$ and $2^{-31}$; where a constant was rounded to fewer bits than float64 has there is no such $h$, and no limit.

Where several comparisons are tied at once, more than two regions meet. A line enters two of them; where that does not
settle what is right, `MOST_LINES` more are drawn in all directions.

What is assumed is that nothing else happens between these $h$ and the kink, and that a value that comes to rest so near
to it is near to its limit; that of a pole or a logarithm does not come to rest.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from gradproof.checks.inputs import Point
from gradproof.checks.kinks.comparisons import Key
from gradproof.checks.kinks.search import PointSearch
from gradproof.checks.kinks.visits import Differences, Visit
from gradproof.checks.study import Study
from gradproof.numerics import Run, certify

NEAR = (2.0**-20, 2.0**-12)
"""Steps off a kink, in proportion to the inputs; the second where float32 does not resolve the first."""

MOST_VISITS = 3
"""So many points on a kink are tried at most for one at which it is crossed."""

MOST_LINES = 32
"""So many lines are drawn through a point at which one does not settle what is right."""

BITS = 320

JUMP = 2.0**-30
"""Limits differ that are further apart than this, relative to their size."""


@dataclass(frozen=True)
class Steps:
    """Two steps, as powers of 2; how much values there may differ, and the digits of their limit that are right."""

    far: int
    near: int
    settled: float
    digits: int

    def limit(self, far: Any, near: Any) -> float:
        """What values come to rest at; NaN where they do not."""
        if not abs(far - near) <= self.settled * max(1, abs(near)):
            return math.nan
        limit = near - (far - near) / (2 ** (self.far - self.near) - 1)
        return 0.0 if abs(limit) < 10.0**-self.digits else float(mpmath.nstr(limit, self.digits))


ON = Steps(-100, -120, settled=2.0**-48, digits=13)
"""Of a point on a kink."""

VERY_NEAR = Steps(-30, -31, settled=2.0**-20, digits=10)
"""Of one as near to it as float64 allows."""

NOWHERE_NEAR = replace(VERY_NEAR, settled=-1.0)
"""Of one that is off the kink by the rounding of a constant to fewer bits than float64 has: no limit is taken."""


@dataclass(frozen=True, eq=False)
class Ray:
    """A line through a point, followed to it from either side."""

    point: Point
    direction: Mapping[str, np.ndarray]
    steps: Steps


@dataclass(frozen=True, eq=False)
class Line(Ray):
    """A line with points of float32 before and after its point."""

    before: Point
    after: Point
    differences: tuple[Differences, Differences]

    def signs(self, key: Key) -> list[tuple[int, int]]:
        """The signs of each difference before and after."""
        before, after = (differences.get(key, []) for differences in self.differences)
        if len(before) != len(after):
            return []
        return [((a > 0) - (a < 0), (b > 0) - (b < 0)) for a, b in zip(before, after, strict=True)]

    def crosses(self, key: Key) -> bool:
        return any(a * b < 0 for a, b in self.signs(key))

    def falls(self, key: Key) -> bool:
        """Whether the first of the two numbers is the smaller one after the point, and not before."""
        return next((a > b for a, b in self.signs(key) if a != b), False)

    def turns(self, key: Key) -> bool:
        """Whether all differences that change along the line change alike."""
        return len({a > b for a, b in self.signs(key) if a != b}) == 1


class Lines:
    """Lines through points on kinks, each made once."""

    def __init__(self, search: PointSearch, seed: int):
        self.search = search
        self.generator = np.random.default_rng([seed, 4])
        self.made: dict[int, list[Line]] = {}
        self.near = NOWHERE_NEAR if search.narrow else VERY_NEAR

    def across(self, key: Key) -> Line | None:
        """A line that crosses a kink, or runs through a point on it where none does; else one very near to it."""
        first = None
        for visit in self.search.ties(key)[:MOST_VISITS]:
            for line in self.through(visit.point, self.steps(visit)):
                first = first or line
                if line.crosses(key):
                    return line
        if first is None and key in self.search.close:
            return next((line for line in self.through(self.search.close[key], self.near) if line.crosses(key)), None)
        return first

    def steps(self, visit: Visit) -> Steps:
        """How near limits can be taken to a point: where its ties are exact, nearer than float64 resolves."""
        return ON if visit.exact else self.near

    def through(self, point: Point, steps: Steps) -> Iterator[Line]:
        made = self.made.setdefault(id(point), [])
        for index, step in enumerate(NEAR):
            if index == len(made):
                made.append(self._line(point, step, steps, both_signs=index > 0))
            yield made[index]

    def around(self, point: Point, steps: Steps) -> list[Ray]:
        """Lines through a point in all directions.

        Some entries move much less than others, so that regions with acute angles are entered, too.
        """
        return [Ray(point, self._direction(point, both_signs=True, least=2.0**-4), steps) for _ in range(MOST_LINES)]

    def _line(self, point: Point, step: float, steps: Steps, *, both_signs: bool) -> Line:
        direction = self._direction(point, both_signs=both_signs)
        before, after = (self._moved(point, direction, h) for h in (-step, step))
        differences = self.search.differences_at(before), self.search.differences_at(after)
        return Line(point, direction, steps, before, after, differences)

    def _direction(self, point: Point, *, both_signs: bool, least: float = 1.0) -> dict[str, np.ndarray]:
        direction = {}
        for name in self.search.free():
            sizes = np.where(point[name] == 0, 1.0, abs(point[name]))
            # Few bits, so that differences of entries are seen in float32.
            factors = self.generator.integers(512, 1025, sizes.shape) / 1024
            factors = factors * 2.0 ** -self.generator.integers(0, 1 - int(np.log2(least)), sizes.shape)
            signs = self.generator.choice([-1.0, 1.0], sizes.shape) if both_signs else 1.0
            direction[name] = sizes * factors * signs
        return direction

    def _moved(self, point: Point, direction: Mapping[str, np.ndarray], h: float) -> Point:
        moved = {name: (point[name] + h * v).astype(np.float32).astype(float) for name, v in direction.items()}
        return {**point, **moved}


@dataclass(frozen=True, eq=False)
class Limits:
    """The limits of each array of the first side before and after a point; NaN where there is no limit."""

    before: list[np.ndarray]
    after: list[np.ndarray]
    none: list[np.ndarray]
    """Where it has no value at all on either side."""

    def jumps(self) -> list[np.ndarray]:
        """By how much each entry jumps, relative to its size; NaN where that is not known, and 0 where it does not."""
        gaps = [abs(a - b) / np.maximum(1.0, abs(b)) for a, b in zip(self.before, self.after, strict=True)]
        return [np.where(gap <= JUMP, 0.0, gap) for gap in gaps]


def limits(study: Study, lines: Sequence[Ray]) -> list[Limits]:
    """The limits of the first side along lines."""
    points = [
        _near(line, sign, step) for line in lines for sign in (-1, 1) for step in (line.steps.far, line.steps.near)
    ]
    runs = iter(
        certify(study.exact.first, [study.inputs(point) for point in points], precisions=(BITS,), memory=study.memory)
    )
    return [_limits(line.steps, *(next(runs) for _ in range(4))) for line in lines]


def _limits(steps: Steps, *runs: Run) -> Limits:
    """What a side comes to rest at: two runs before the point, and two after it."""
    none = [
        np.all([np.isnan(x.size) for x in outputs], axis=0)
        for outputs in zip(*(run.outputs for run in runs), strict=True)
    ]
    return Limits(_limit(steps, *runs[:2]), _limit(steps, *runs[2:]), none)


def _near(line: Ray, sign: int, step: int) -> Point:
    moved: Any = np.frompyfunc(lambda x, v: Fraction(x) + sign * Fraction(2) ** step * Fraction(v), 2, 1)
    values = {name: np.array(moved(line.point[name], v), object) for name, v in line.direction.items()}
    return {**line.point, **values}


def _limit(steps: Steps, far: Run, near: Run) -> list[np.ndarray]:
    """What each array of a side comes to rest at."""
    return [
        np.asarray(np.frompyfunc(steps.limit, 2, 1)(a.value, b.value), float)
        for a, b in zip(far.outputs, near.outputs, strict=True)
    ]

"""Points at which a comparison of a program has each of its outcomes, found by solving and not by drawing alone.

Ties are looked for among simple whole numbers, and else along one input at a time, and one symbol at a time to enormous
values, between points at which a comparison has different outcomes: the root of the difference, exact where a number of
float64 is one. Inputs are also set to the numbers that stand in the code, one by one and several at once. Roots are
approached in float64, and what counts is then run in high precision.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any

import numpy as np
from jax.extend import core

from gradproof.checks.inputs import MODERATE, Point, drawn
from gradproof.checks.kinks.comparisons import Key, outcomes_of
from gradproof.checks.kinks.machine import tie_of_the_machine
from gradproof.checks.kinks.visits import Differences, Visit, Visits, all_outcomes
from gradproof.checks.study import Study
from gradproof.claims.symbols.magnitudes import Magnitudes
from gradproof.programs import Side

PROBES = (8.0, -8.0, 1024.0, -1024.0)
"""Values given to one entry of an input where a comparison has only been seen with one outcome."""

FAR = (2.0**17, -(2.0**17), 2.0**100, -(2.0**100))
"""Values given to all entries of a symbol then."""

CLOSE = 2.0**-46
"""A difference this small, relative to those it was found between, is as near to a tie as rounding allows."""

MOST_MOVES = 48
"""So many points at most are made by moving one entry, and so many by moving a symbol."""

MOST_STEPS = 80
"""So many steps at most are made to find a tie of one comparison."""

STEPS = 32
"""Of the search for one root; one that is a small whole number is met in a few."""

MOST_CONSTANTS = 4
"""So many numbers of the code at most are given to inputs."""

NEIGHBOURS = (0, 1, -1, 2, -2)
"""The numbers of float64 that are tried for a root, counted from the one that is nearest to it by the secant."""


def _is_whole(point: Point) -> bool:
    return all(bool((values == np.rint(values)).all()) for values in point.values())


@dataclass(frozen=True, eq=False)
class Move:
    """A point that is reached from another one in one direction, and what is compared at the two."""

    name: str
    place: Any
    start: Differences
    at: Callable[[float], Point]
    differences: Differences

    @property
    def end(self) -> Point:
        return self.at(1.0)


class _Once:
    """Moves that are made when they are first asked for."""

    def __init__(self, moves: Iterator[Move]):
        self.made: list[Move] = []
        self._rest = moves

    def __iter__(self) -> Iterator[Move]:
        yield from self.made
        for move in self._rest:
            self.made.append(move)
            yield move


class PointSearch(Visits):
    """The points of one program that were looked for."""

    def __init__(self, study: Study, closed: core.ClosedJaxpr, sides: Sequence[Side]):
        super().__init__(study, closed, sides)
        self.generator = np.random.default_rng([study.seed, 3])
        self.close: dict[Key, Point] = {}
        self.loosened: list[Visit] = []
        """On a kink, with all that it leaves free at values that hide nothing, as a factor of zero does."""
        most = 0 if study.quick else MOST_MOVES
        self._near = _Once(islice(self._entry_moves(), most))
        self._far = _Once(islice(self._far_moves(), most))
        self._steps = 0
        self._seen: list[tuple[Point, Differences]] = []
        met: set[tuple[Key, str]] = set()
        for point in self._candidates():
            differences = self.differences_at(point)
            self._seen.append((point, differences))
            if not differences:
                # Nor does it anywhere else: without comparisons the same equations are run whatever the inputs are.
                break
            here = all_outcomes(differences)
            if not self.visits or not here <= met or any(outcome == "=" for _, outcome in here):
                self.visits.append(self.visit(point))
                met |= here

    def looked(self) -> str:
        """Where outcomes were looked for that were not met."""
        points = {id(point) for point, _ in self._seen} | {id(visit.point) for visit in self.visits}
        moved = len(self._near.made) + len(self._far.made)
        far = f", and at {moved} with an input moved as far as {max(FAR):.0e}" if moved else ""
        return f"at {len(points)} points, drawn or solved for{far}"

    # Where to look

    def _candidates(self) -> Iterator[Point]:
        """Generic inputs, to see what is compared, and simple ones, which are often ties."""
        yield self._drawn(MODERATE)
        yield self._drawn(MODERATE)
        for fill in (0.0, 1.0, -1.0):
            yield self._whole(partial(np.full, fill_value=fill))
        for _ in range(4):
            yield self._whole(lambda shape: self.generator.integers(-1, 2, shape))
        pool = [sign * number for number in self.constants[:MOST_CONSTANTS] for sign in (1.0, -1.0)]
        for fill in pool:
            yield self._whole(partial(np.full, fill_value=fill))
        if pool:
            for _ in range(2):
                yield self._whole(lambda shape: self.generator.choice([*pool, 0.0], shape))
        yield self._drawn(Magnitudes(1.0, 3.0, equal=True))
        yield self._drawn(Magnitudes(8.0, 40.0))
        yield self._drawn(Magnitudes(1e3, 1e4))

    def _drawn(self, magnitudes: Magnitudes) -> dict[str, np.ndarray]:
        return drawn(self.claim, self.study.sizes, magnitudes, self.generator)

    def _whole(self, draw: Callable[[tuple[int, ...]], np.ndarray]) -> dict[str, np.ndarray]:
        """Whole numbers, or the nearest of the domain, for what is free."""
        point = self._drawn(MODERATE)
        for name in self.free():
            point[name] = self.claim.arrays[name].nearest(np.asarray(draw(point[name].shape), float))
        return point

    def _entry_moves(self) -> Iterator[Move]:
        for point, start in sorted(self._seen, key=lambda seen: not _is_whole(seen[0]))[:4]:
            for name in self.free():
                for place in np.ndindex(point[name].shape):
                    for value in self._allowed(name, PROBES):
                        yield self._move(point, start, name, place, value)

    def _far_moves(self) -> Iterator[Move]:
        for name in self.free():
            for value in self._allowed(name, FAR):
                yield self._move(*self._seen[0], name, ..., value)

    def _allowed(self, name: str, values: tuple[float, ...]) -> list[float]:
        return [value for value in values if self.claim.arrays[name].admits(value)]

    def _move(self, point: Point, start: Differences, name: str, place: Any, value: float) -> Move:
        def at(t: float) -> Point:
            values = np.array(point[name])
            values[place] += t * (value - values[place])
            return {**point, name: values}

        return Move(name, place, start, at, self.differences_at(at(1.0)))

    # Solving

    def find_tie(self, key: Key) -> None:
        """Look for a tie along one input at a time, then between two points with different outcomes."""
        self._steps = 0
        for move in chain(self._near, self._far):
            entry = None if move.place is ... else (move.name, move.place)
            if self._steps >= MOST_STEPS or self._root(key, move.start, move.differences, move.at, entry):
                return
        for first, start in self._seen:
            for second, end in self._seen:
                line = partial(self._between, first, second)
                if self._steps >= MOST_STEPS or self._root(key, start, end, line):
                    return

    def loosen(self, key: Key) -> None:
        """Draw anew what a tie does not need, symbol by symbol and else entry by entry."""
        ties = self.ties(key)
        if not ties or any(key in visit.tied() for visit in self.loosened):
            return
        point, drawn = ties[0].point, self._drawn(MODERATE)
        for name in self.free():
            for place in (..., *np.ndindex(drawn[name].shape)):
                values = np.array(point[name])
                values[place] = drawn[name][place]
                other = {**point, name: values}
                if 0 in self.differences_at(other).get(key, ()):
                    point = other
                    if place is ...:
                        break
        visit = self.visit(point)
        if key in visit.tied():
            self.visits.append(visit)
            self.loosened.append(visit)

    def find_outcome(self, key: Key, outcome: str) -> bool:
        """Look for a point with this outcome among those that are reached by moving an input."""
        return any(
            outcome in outcomes_of(move.differences.get(key, ())) and self.confirm(key, outcome, move.end)
            for move in chain(self._far, self._near.made)
        )

    def confirm(self, key: Key, outcome: str, point: Point) -> bool:
        """Visit a point if the comparison has this outcome there, and not by rounding."""
        visit = self.visit(point)
        if outcome not in visit.outcomes(key):
            return False
        self.visits.append(visit)
        return True

    def _moved(self, point: Point, entry: tuple[str, Any], value: float, steps: int) -> Point:
        """The point with one entry so many numbers of float64 away from a value."""
        name, place = entry
        values = np.array(point[name])
        values[place] = value + steps * np.spacing(value)
        return {**point, name: values}

    def _between(self, low: Point, high: Point, t: float) -> Point:
        """The point a part of the way along the segment; labels stay those of its beginning."""
        free = self.free()
        return {name: x + t * (high[name] - x) if name in free else x for name, x in low.items()}

    def _root(
        self,
        key: Key,
        start: Differences,
        end: Differences,
        at: Callable[[float], Point],
        entry: tuple[str, Any] | None = None,
    ) -> bool:
        """Find a tie between two points, which may differ in one entry, if some difference has opposite signs there."""
        lows, highs = start.get(key, []), end.get(key, [])
        element = next((i for i, (a, b) in enumerate(zip(lows, highs, strict=False)) if a * b < 0), None)
        if element is None or len(lows) != len(highs):
            return False
        left, right, low, high = 0.0, 1.0, lows[element], highs[element]
        for step in range(STEPS):
            # The secant, which meets the root of a linear difference at once; bisection in turn with it.
            secant = left - low * (right - left) / (high - low)
            t = secant if step % 2 == 0 else (left + right) / 2
            if not left < t < right or self._steps >= MOST_STEPS:
                return False
            point = at(t)
            here = self._difference(key, point, element, len(lows))
            if here != here:
                return False
            if abs(here) <= CLOSE * (abs(lows[element]) + abs(highs[element])):
                if here != 0 and entry is not None:
                    slope = (high - low) / (at(right)[entry[0]][entry[1]] - at(left)[entry[0]][entry[1]])
                    point = self._nearest(key, point, element, len(lows), entry, here / slope)
                visit = self._tied(key, point, entry)
                if visit is not None:
                    self.visits.append(visit)
                    return True
                self.close.setdefault(key, point)
                if here == 0:
                    return False
            if here * low > 0:
                left, low = t, here
            else:
                right, high = t, here
        return False

    def _tied(self, key: Key, point: Point, entry: tuple[str, Any] | None) -> Visit | None:
        """The visit to a point, if the comparison is tied there; else to the next one at which it is to the machine.

        That is looked for around the first root that is found, and then where numpy sees it.
        """
        visit = self.visit(point)
        if key in visit.tied():
            return visit
        if entry is None or (key in self.close and 0 not in self.differences_at(point).get(key, ())):
            return None
        value, tried = point[entry[0]][entry[1]], NEIGHBOURS[:1] if key in self.close else NEIGHBOURS
        around = (self._moved(point, entry, value, steps) for steps in tried)
        return next(filter(None, (tie_of_the_machine(self, key, other, *entry) for other in around)), None)

    def _difference(self, key: Key, point: Point, element: int, count: int) -> float:
        """One of so many differences in float64; NaN where there are not as many."""
        self._steps += 1
        differences = self.differences_at(point).get(key, [])
        return differences[element] if len(differences) == count else np.nan

    def _nearest(
        self, key: Key, point: Point, element: int, count: int, entry: tuple[str, Any], excess: float
    ) -> Point:
        """The same point, or one that differs in the last digits of an entry and is a tie in float64."""
        root = point[entry[0]][entry[1]] - excess
        for steps in NEIGHBOURS:
            other = self._moved(point, entry, root, steps)
            if self._difference(key, other, element, count) == 0:
                return other
        return point

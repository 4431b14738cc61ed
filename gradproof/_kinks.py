r"""Kinks: inputs exactly on each comparison of a claim's code, and whether the sides agree there.

Off the kinks the exact check speaks. On one, where two compared numbers are equal, every program follows a convention
of its own, and JAX's derivative does, too. Inputs with a tie are looked for among simple whole numbers, and else along
one input at a time, between values at which the comparison has different outcomes: the root of the difference, exact
where a number of float64 is one. The sides are run there on the machine, and differ if rounding does not explain it.

A comparison is of no interest where only labels and constants meet, where a number meets itself or infinity, and where
the outcome is known beforehand, as for a sum of exponentials and zero.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from gradproof._claim import Claim
from gradproof._exact import sites
from gradproof._floating import MODERATE, Failure, Machine, Point, Scene, entry_name, machine_of, outputs_of, scene
from gradproof._magnitude import sizes_of
from gradproof._precise import Format, Precise, PreciseArithmetic, Value, restricted, run
from gradproof._symbols import Positive, Real
from gradproof._verdict import Kink

PROBES = (8.0, -8.0, 1024.0, -1024.0)
"""Values given to one input where a comparison has only been seen with one outcome."""

CLOSE = 2.0**-46
"""A difference this small, beside those it was found between, is as near to a tie as rounding allows."""

MOST_RUNS = 60
"""So many runs of a program at most are made to find a tie of one comparison."""

STEPS = 20
"""Of the search for one root; one that is a small whole number is met in a few."""

Key = tuple[int, int]
"""A comparison: the identity of its equation, and which of the comparisons that equation makes."""


@dataclass
class Observation:
    """What was compared in one run: the differences, and whether different numbers that are known exactly are equal."""

    differences: list[Any] = field(default_factory=list)
    tied: bool = False

    def outcomes(self) -> set[str]:
        return {"<" if d < 0 else ">" if d > 0 else "=" for d in self.differences if d == d}


@dataclass(frozen=True)
class Disagreement(Failure):
    """Two sides that differ on a kink."""

    where: str
    comparison: str


@dataclass(frozen=True)
class KinkResult:
    """All kinks of a claim, the first disagreement on one, and for each kink a point on it or very near it."""

    kinks: tuple[Kink, ...] = ()
    failure: Disagreement | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    points: tuple[Point, ...] = ()


class Watch(PreciseArithmetic):
    """Runs a program and notes what is compared."""

    def __init__(self) -> None:
        super().__init__(Format.of("float64"))
        self.observations: dict[Key, Observation] = {}
        self.compares = False

    def order(self, a: Precise, b: Precise) -> np.ndarray:
        self.note(a, b, 0)
        return super().order(a, b)

    def choice(self, a: Precise, b: Precise, direction: int) -> Precise:
        self.note(a, b, direction)
        return super().choice(a, b, direction)

    def absolute(self, a: Precise) -> Precise:
        self.note(a, self.filled(0.0, a.shape), 0)
        return super().choice(a, self.negative(a), 1)

    def note(self, a: Precise, b: Precise, kind: int) -> None:
        self.compares = True
        if not (a.continuous or b.continuous) or _is_settled(a, b) or _is_settled(b, a):
            return
        live = (a.identity != b.identity) & (a.size < np.inf) & (b.size < np.inf)
        if not live.any():
            return
        observation = self.observations.setdefault((id(self.site), kind), Observation())
        difference = np.where(live, a.value - b.value, self.context.nan)
        observation.differences.extend(difference.ravel().tolist())
        observation.tied |= bool((live & (sizes_of(difference) == -np.inf) & a.exact & b.exact).any())


def _is_settled(a: Precise, b: Precise) -> bool:
    """Whether a is positive at all inputs, and b a constant that is not."""
    return a.positive and not b.continuous and bool((b.value <= 0).all())


@dataclass(frozen=True)
class Visit:
    """One point, and what was met there."""

    point: Point
    observations: dict[Key, Observation]
    outputs: list[Value]
    sure: bool
    """Whether the machine decides all comparisons as here."""
    compares: bool
    """Whether anything was compared."""

    def tied(self) -> set[Key]:
        return {key for key, observation in self.observations.items() if observation.tied}

    def whole(self) -> bool:
        return all(bool((values == np.rint(values)).all()) for values in self.point.values())

    def differences(self, key: Key) -> list[Any]:
        return self.observations[key].differences if key in self.observations else []


def check_kinks(claim: Claim, *, seed: int, quick: bool, backend: str | None = None) -> KinkResult:
    """Find the kinks of a claim and compare all sides on each.

    Arguments:
        seed: of the inputs.
        quick: among simple inputs only.
        backend: where to run; the default one if None.

    Raises `Undecided` where the engine cannot run the sides.
    """
    machine = machine_of(claim, backend)
    with machine.settings():
        return _Search(machine, seed, 0 if quick else MOST_RUNS).result()


class _Search:
    """One claim under examination."""

    def __init__(self, machine: Machine, seed: int, most_runs: int):
        self.machine, self.claim, self.sizes = machine, machine.claim, machine.sizes
        self.program = machine.program("float64")
        self.sides = [side for side in self.program.sides if side.role != "printed"]
        self.closed = restricted(self.program.closed, outputs_of(self.sides))
        self.sites = sites(replace(self.program, closed=self.closed))
        self.generator = np.random.default_rng([seed, 3])
        self.visits: list[Visit] = []
        self.close: dict[Key, Point] = {}
        self.runs, self.most_runs = 0, most_runs

    def result(self) -> KinkResult:
        for point in self.candidates():
            visit = self.visit(point)
            self.visits.append(visit)
            if not visit.compares:
                # Nor does it anywhere else: without comparisons the same equations are run whatever the inputs are.
                break
        keys = list(dict.fromkeys(key for visit in self.visits for key in visit.observations))
        for key in keys:
            if not any(key in visit.tied() for visit in self.visits):
                self.hunt(key)
        places: dict[tuple[str, str], list[Key]] = {}
        for key in keys:
            site = self.sites[key[0]]
            places.setdefault((site.where, site.comparison), []).append(key)
        kinks, disagreements = [], []
        for (where, comparison), group in places.items():
            agree, found = self.compare(where, comparison, group)
            observed = [visit.observations[key] for visit in self.visits for key in group if key in visit.observations]
            seen = tuple(sorted(set().union(*(observation.outcomes() for observation in observed))))
            kinks.append(Kink(where, comparison, seen, agree))
            disagreements += found
        # At a point on several kinks, blame one that the first side does not have.
        first = sites(replace(self.program, closed=restricted(self.closed, outputs_of(self.sides[:1])))).values()
        old = {(site.where, site.comparison) for site in first}
        disagreements.sort(key=lambda found: (found.where, found.comparison) in old)
        on_few = sorted(self.visits, key=lambda visit: len(visit.tied()))
        simplest = {id(visit): visit for key in keys for visit in [v for v in on_few if key in v.tied()][:1]}
        points = (*(visit.point for visit in simplest.values()), *self.close.values())
        return KinkResult(tuple(kinks), disagreements[0] if disagreements else None, self.sizes, points)

    def visit(self, point: Point) -> Visit:
        self.runs += 1
        watch = Watch()
        (found,) = run(watch, self.closed, [self.machine.inputs(point)])
        return Visit(point, watch.observations, found.outputs, not found.ambiguous, watch.compares)

    # Where to look

    def candidates(self) -> Iterator[Point]:
        """Generic inputs, to see what is compared, and simple ones, which are often ties."""
        yield self.drawn(MODERATE)
        yield self.drawn(MODERATE)
        for fill in (0.0, 1.0, -1.0):
            yield self.whole(partial(np.full, fill_value=fill))
        for _ in range(4):
            yield self.whole(lambda shape: self.generator.integers(-1, 2, shape))
        yield self.drawn(Scene(1.0, 3.0, equal=True))
        yield self.drawn(Scene(8.0, 40.0))
        yield self.drawn(Scene(1e3, 1e4))

    def drawn(self, kind: Scene) -> dict[str, np.ndarray]:
        return scene(self.claim, self.sizes, kind, self.generator)

    def whole(self, draw: Callable[[tuple[int, ...]], np.ndarray]) -> dict[str, np.ndarray]:
        """Whole numbers for the reals; 1 for what is positive where they are not."""
        point = self.drawn(MODERATE)
        for name, symbol in self.claim.symbols.items():
            if isinstance(symbol, Real | Positive):
                values = np.asarray(draw(point[name].shape), float)
                point[name] = values if isinstance(symbol, Real) else np.where(values > 0, values, 1.0)
        return point

    def hunt(self, key: Key) -> None:
        """Look for a tie along one input at a time, then between two points with different outcomes."""
        self.runs = 0
        starts = [visit for visit in self.visits if key in visit.observations]
        starts.sort(key=lambda visit: not visit.whole())
        for start in starts[:4]:
            for name, place in self.coordinates():
                if self.runs >= self.most_runs or self.root_along(key, start, name, place):
                    return
        for first in starts:
            for second in starts:
                if self.runs >= self.most_runs or self.root(
                    key, first, second, partial(self.between, first.point, second.point)
                ):
                    return

    def between(self, low: Point, high: Point, t: float) -> Point:
        """The point a part of the way along the segment; labels stay those of its beginning."""
        free = {name for name, _ in self.coordinates()}
        return {name: x + t * (high[name] - x) if name in free else x for name, x in low.items()}

    def coordinates(self) -> list[tuple[str, tuple[int, ...]]]:
        return [
            (name, place)
            for name, symbol in self.claim.symbols.items()
            if isinstance(symbol, Real | Positive)
            for place in np.ndindex(symbol.shape(self.sizes))
        ]

    def root_along(self, key: Key, start: Visit, name: str, place: tuple[int, ...]) -> bool:
        """Find a tie by one entry of an input."""
        only_positive = isinstance(self.claim.symbols[name], Positive)
        for probe in PROBES:
            if only_positive and probe < 0:
                continue
            end = self.visit(_moved(start.point, name, place, probe))

            def at(t: float, end: Visit = end) -> Point:
                low, high = start.point[name][place], end.point[name][place]
                return _moved(start.point, name, place, low + t * (high - low))

            if self.root(key, start, end, at):
                return True
        return False

    def root(self, key: Key, start: Visit, end: Visit, at: Callable[[float], Point]) -> bool:
        """Find a tie between two points at which some difference has opposite signs, where there is such a one."""
        lows, highs = start.differences(key), end.differences(key)
        element = next((i for i, (a, b) in enumerate(zip(lows, highs, strict=False)) if a * b < 0), None)
        if element is None or len(lows) != len(highs):
            return False
        left, right, low, high = 0.0, 1.0, lows[element], highs[element]
        for step in range(STEPS):
            # The secant, which meets the root of a linear difference at once; bisection in turn with it.
            secant = float(left - low * (right - left) / (high - low))
            t = secant if step % 2 == 0 else (left + right) / 2
            if not left < t < right or self.runs >= self.most_runs:
                return False
            visit = self.visit(at(t))
            differences = visit.differences(key)
            if len(differences) != len(lows) or differences[element] != differences[element]:
                return False
            if key in visit.tied():
                self.visits.append(visit)
                return True
            if abs(differences[element]) <= CLOSE * (abs(lows[element]) + abs(highs[element])):
                self.close.setdefault(key, visit.point)
            if differences[element] * low > 0:
                left, low = t, differences[element]
            else:
                right, high = t, differences[element]
        return False

    # What the sides do there

    def compare(self, where: str, comparison: str, keys: list[Key]) -> tuple[bool | None, list[Disagreement]]:
        """Whether the sides agree on this kink, at the points that lie on as few others as can be."""
        here = [visit for visit in self.visits if visit.sure and visit.tied() & set(keys)]
        fewest = min((len(visit.tied()) for visit in here), default=0)
        agree: bool | None = None
        disagreements = []
        for visit in here:
            if len(visit.tied()) > fewest:
                continue
            for same, entry, step, expected, given in self.entries(visit):
                agree = same if agree is None else agree and same
                if not same:
                    why = (
                        f"where the numbers of {comparison!r} at {where} are equal, side {step} is {given} "
                        f"and side 0 is {expected}"
                    )
                    disagreements.append(
                        Disagreement(why, step, self.sizes, visit.point, entry, expected, given, where, comparison)
                    )
        return agree, disagreements

    def entries(self, visit: Visit) -> Iterator[tuple[bool, str, int, float, float]]:
        """Each entry of each side: whether it agrees with the first side's, and the two values."""
        results = self.machine.jitted(visit.point)["float64"]
        bounds, start = [], 0
        for side in self.sides:
            bounds.append(visit.outputs[start : start + len(side.avals)])
            start += len(side.avals)
        first = self.sides[0]
        for side, ours in zip(self.sides[1:], bounds[1:], strict=True):
            for leaf, (a, b) in enumerate(zip(bounds[0], ours, strict=True)):
                expected, given = results[first.outputs][leaf], results[side.outputs][leaf]
                slacks = a.error + b.error
                for place in np.ndindex(a.size.shape):
                    # Where neither has a value there is nothing to agree on.
                    if np.isnan(a.size[place]) and np.isnan(b.size[place]):
                        continue
                    x, y, slack = float(expected[place]), float(given[place]), slacks[place]
                    if np.isfinite(x) and np.isfinite(y):
                        if not np.isfinite(slack):
                            continue
                        same = bool(abs(x - y) <= slack)
                    else:
                        same = False
                    yield same, entry_name(side, leaf, place), side.step, x, y


def _moved(point: Point, name: str, place: tuple[int, ...], value: float) -> Point:
    changed = np.array(point[name])
    changed[place] = value
    return {**point, name: changed}

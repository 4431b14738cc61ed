"""Inputs in regions that are too small to be met by chance, found step by step.

In a region compared numbers have known signs, and labels known values. Of many points with these labels those are kept
that come nearest to having the signs, and changed in one input or in several, by little or by much, until some have
them all. All is computed in float64, and decides nothing: it says where to look in high precision.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from gradproof.checks.inputs import Point
from gradproof.checks.study import Study
from gradproof.programs import Program, rewriting
from gradproof.worlds import Region

PAIRS = frozenset({"gt", "lt", "ge", "le", "max", "min"})
"""Primitives that compare their two operands, entry by entry."""

ONES = frozenset({"sign", "abs", "log", "sqrt", "rsqrt"})
"""Primitives for which the sign of their operand counts."""

MOST_POINTS, FEWEST_POINTS, MOST_NUMBERS = 2048, 128, 1 << 21
"""Points in all regions together, if these are not too many, in one region, and numbers in all points."""

GENERATIONS, ROUNDS = 40, 2

CANDIDATES, MOST_CANDIDATES = 3, 48
"""As many points of a region are worth an exact look, twice in a round, and of all regions together."""

SMALL, LARGE = 1e-12, 1e12
"""Magnitudes of inputs, and of what is added to them."""

ROUNDING = 1e-12
"""The least distance that is counted for a sign that is wrong."""

LOST = 1e3
"""The distance that is counted where something compared is not finite."""


def approached(
    study: Study, program: Program, sizes: Mapping[str, int], regions: Sequence[Region], start: Mapping[str, np.ndarray]
) -> Iterator[Point]:
    """Points that seem to lie in some of these regions.

    Arguments:
        start: many points, by the symbol; the first axis is the points.
    """
    goals = Goals.of(program, regions)
    if goals is None:
        return
    generator = np.random.default_rng([study.entropy_at(sizes), 10])
    constants = [x for x in rewriting.constants(program.closed) if np.isfinite(x)]
    rounds = (Population(study, goals, start, constants, generator).found() for _ in range(ROUNDS))
    yield from islice(chain.from_iterable(rounds), MOST_CANDIDATES)


@dataclass(frozen=True)
class Goals:
    """The signs that compared numbers are to have.

    Arguments:
        signs: for each region and number; 0 where any will do.
        compared: from the inputs of the program, the numbers that are compared: of each the first and the second one.
    """

    signs: np.ndarray
    regions: Sequence[Region]
    compared: Callable[..., Any]

    @classmethod
    def of(cls, program: Program, regions: Sequence[Region]) -> "Goals | None":
        """As far as the program compares the numbers where that can be seen."""
        reached = _Reached([])
        jax.eval_shape(lambda *xs: reached.run_closed(program.closed, xs), *program.closed.in_avals)
        found = dict.fromkeys(place for region in regions for place, sign in region.signs.items() if sign)
        places = [place for place in found if place[:2] in reached.runs]
        if not places and not any(region.labels for region in regions):
            return None
        told_apart = {}
        for region in regions:
            signs = tuple(region.signs.get(place, 0) for place in places)
            told_apart[signs, str(region.labels)] = region

        def compared(*inputs: Any) -> Any:
            reached = _Reached(places)
            reached.run_closed(program.closed, inputs)
            return jnp.stack([reached.numbers[place] for place in places]) if places else jnp.zeros((0, 2))

        return cls(np.array([signs for signs, _ in told_apart]), list(told_apart.values()), jax.jit(jax.vmap(compared)))

    def distances(self, numbers: np.ndarray) -> np.ndarray:
        """How far points are from each region; what is in it is the more below zero the farther it is from its ends.

        Arguments:
            numbers: the regions, the points in each, the compared numbers, and two of each.
        """
        first, second = numbers[..., 0], numbers[..., 1]
        wanted = self.signs[:, None, :]
        with np.errstate(all="ignore"):
            largest = np.maximum(abs(first), abs(second))
            near = abs(first - second) / np.where(largest > 0, largest, 1)
            far = abs(_logarithmic(first) - _logarithmic(second))
            gap = np.where(near < 0.1, near, far)
            right = (np.sign(first - second) == wanted) & np.isfinite(largest)
        wrong = np.where(np.isfinite(largest), gap + ROUNDING, LOST)
        wrong = np.where(right | (wanted == 0), 0.0, wrong).sum(axis=-1)
        inside = np.where(right, np.minimum(gap, 1.0), 1.0).min(axis=-1, where=wanted != 0, initial=1.0)
        return np.where(wrong > 0, wrong, -inside)


def _logarithmic(x: np.ndarray) -> np.ndarray:
    """Tells numbers apart by their magnitudes, and those below the smallest magnitude by their differences."""
    return np.sign(x) * np.log1p(np.minimum(abs(x), 1e290) / SMALL)


class Population:
    """So many points for each region, which come nearer to it."""

    def __init__(
        self,
        study: Study,
        goals: Goals,
        start: Mapping[str, np.ndarray],
        constants: Sequence[float],
        generator: np.random.Generator,
    ) -> None:
        self.study, self.goals, self.generator, self.pool = study, goals, generator, start
        self.symbols = study.claim.arrays
        width = sum(values[0].size for values in start.values())
        self.regions = len(goals.signs)
        most = MOST_NUMBERS // max(1, self.regions * (width + goals.signs.shape[1]))
        self.count = max(8, min(max(FEWEST_POINTS, MOST_POINTS // self.regions), most))
        self.constants = np.unique([0.0, *(sign * x for x in constants for sign in (1, -1))])
        self.points = self.drawn()
        self.distances = self.measured(self.points)
        for _ in range(len(next(iter(start.values()))) // self.count):
            self.keep(self.drawn())

    def found(self) -> Iterator[Point]:
        """Those that seem to lie in a region, of each region when it is first reached, and at the end."""
        reached = np.zeros(self.regions, bool)
        for generation in range(GENERATIONS):
            here = (self.distances < 0).any(axis=1)
            last = generation == GENERATIONS - 1
            for region in np.flatnonzero(here & (last | ~reached)):
                yield from self.best(int(region))
            reached |= here
            self.keep(self.changed())

    def best(self, region: int) -> Iterator[Point]:
        for place in np.argsort(self.distances[region], kind="stable")[:CANDIDATES]:
            if self.distances[region, place] < 0:
                yield {name: values[region, place] for name, values in self.points.items()}

    def drawn(self) -> dict[str, np.ndarray]:
        """Points of the pool; each symbol comes from one of its own."""
        shape = self.regions, self.count
        made = {name: values[self.generator.integers(0, len(values), shape)] for name, values in self.pool.items()}
        for number, region in enumerate(self.goals.regions):
            for label in region.labels:
                made[label.name][number][:, *label.place] = label.value
        return made

    def measured(self, points: Mapping[str, np.ndarray]) -> np.ndarray:
        rows = {name: values.reshape(-1, *values.shape[2:]) for name, values in points.items()}
        with np.errstate(all="ignore"):
            numbers = np.asarray(self.goals.compared(*self.study.arguments("float64", rows)), float)
        return self.goals.distances(numbers.reshape(self.regions, self.count, -1, 2))

    def keep(self, others: dict[str, np.ndarray]) -> None:
        """The best of the points and others."""
        distances = np.concatenate([self.distances, self.measured(others)], axis=1)
        order = np.argsort(distances, axis=1, kind="stable")[:, : self.count]
        self.distances = np.take_along_axis(distances, order, 1)
        rows = np.arange(self.regions)[:, None]
        self.points = {
            name: np.concatenate([values, others[name]], axis=1)[rows, order] for name, values in self.points.items()
        }

    def changed(self) -> dict[str, np.ndarray]:
        """As many points, made of good ones: by changes of one input, of some, or of all free ones along a line."""
        generator, shape = self.generator, (self.regions, self.count)
        rows = np.arange(self.regions)[:, None]
        # Points stand in order: mostly the best ones.
        parents = (self.count * generator.uniform(size=shape) ** 3).astype(int)
        line, apart = generator.integers(0, self.count, (2, *shape))
        along = (generator.integers(0, 4, shape) == 0) * generator.choice([0.5, 1.0, 0.1], shape)
        entries = {name: values[0, 0].size for name, values in self.points.items()}
        total = sum(entries.values())
        # Which entries change: one, or each with the probability of two of all.
        single = np.arange(total) == generator.integers(0, max(total, 1), shape)[..., None]
        several = generator.uniform(size=(*shape, total)) < 2 / max(total, 1)
        chosen = np.where(generator.integers(0, 3, shape)[..., None] > 0, single, several) & (along == 0)[..., None]
        others, made, first = self.drawn(), {}, 0
        # What is as far away as this is often moved by as much.
        near = np.clip(abs(self.distances[rows, parents]), 1e-16, 1)[..., None]
        numbers = np.concatenate(
            [values[rows, parents].reshape(*shape, -1).astype(float) for values in self.points.values()], axis=-1
        )
        for name, values in self.points.items():
            last = first + entries[name]
            here, value = chosen[..., first:last], numbers[..., first:last]
            if self.symbols[name].free:
                flat = values.reshape(*shape, -1)
                with np.errstate(all="ignore"):
                    moved = value + along[..., None] * (flat[rows, line] - flat[rows, apart])
                value = np.where(here, self.other(value, near, numbers, others[name].reshape(value.shape)), moved)
                value = np.where(np.isfinite(value), value, numbers[..., first:last]).reshape(values.shape)
                made[name] = self.symbols[name].nearest(value)
            else:
                whole = here.any(axis=-1).reshape(*shape, *(1 for _ in values.shape[2:]))
                made[name] = np.where(whole, others[name], values[rows, parents])
            first = last
        return made

    def other(self, value: np.ndarray, near: np.ndarray, beside: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Other numbers in place of some.

        Arguments:
            near: how far they are to be moved, more or less.
            beside: all numbers of their points.
        """
        generator, shape = self.generator, value.shape
        sign = generator.choice([-1.0, 1.0], shape)
        size = np.exp(generator.uniform(np.log(SMALL), np.log(LARGE), shape))
        little = sign * 2.0 ** generator.uniform(-50, 0, shape)
        about = sign * near * np.exp(generator.uniform(-4, 4, shape))
        place = generator.integers(0, beside.shape[-1], shape)
        neighbour = np.take_along_axis(beside, place, -1)
        constant = generator.choice(self.constants, shape)
        with np.errstate(all="ignore"):
            kinds = (
                value * (1 + little),
                value * (1 + about),
                value * (1 + about),
                value + sign * size,
                sign * size,
                neighbour * (1 + little),
                neighbour + sign * size,
                constant * (1 + little),
                -value,
                drawn,
            )
        return np.choose(generator.integers(0, len(kinds), shape), kinds)


class _Reached:
    """What equations compare while a program is run by JAX, but for those inside of loops and branches.

    Arguments:
        wanted: the places of the numbers that are kept.
    """

    def __init__(self, wanted: Sequence[tuple[int, int, int]]):
        self.wanted = wanted
        self.count: Counter[int] = Counter()
        self.runs: set[tuple[int, int]] = set()
        """Each run of an equation that compares."""
        self.numbers: dict[tuple[int, int, int], Any] = {}

    def run_closed(self, closed: core.ClosedJaxpr, inputs: Sequence[Any]) -> list[Any]:
        environment = dict(zip(closed.jaxpr.constvars, closed.consts, strict=True))
        environment |= zip(closed.jaxpr.invars, inputs, strict=True)

        def read(atom: Any) -> Any:
            return atom.val if isinstance(atom, core.Literal) else environment[atom]

        for equation in closed.jaxpr.eqns:
            values = list(map(read, equation.invars))
            self.note(equation, values)
            inner = rewriting.called(equation)
            outputs = rewriting.bound(equation, values) if inner is None else self.run_closed(inner, values)
            environment.update(zip(equation.outvars, outputs, strict=True))
        return list(map(read, closed.jaxpr.outvars))

    def note(self, equation: Any, values: Sequence[Any]) -> None:
        run = id(equation), self.count[id(equation)]
        self.count[id(equation)] += 1
        if equation.primitive.name not in PAIRS | ONES:
            return
        self.runs.add(run)
        for place in self.wanted:
            if place[:2] == run:
                first = jnp.ravel(values[0])[place[2]]
                second = jnp.ravel(values[1])[place[2]] if equation.primitive.name in PAIRS else jnp.zeros_like(first)
                self.numbers[place] = jnp.stack([first, second]).astype(float)

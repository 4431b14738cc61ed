"""Points of one program, and what is compared at each: in float64, and in high precision where a point is visited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jax.extend import core

from gradproof.checks.inputs import MODERATE, Point, drawn
from gradproof.checks.kinks.comparisons import ComparingArithmetic, ComparingDoubles, Key, Observation, outcomes_of
from gradproof.checks.study import Study
from gradproof.interpreter import Evaluator, Memory, constants
from gradproof.numerics import Run, Value, run_at
from gradproof.programs import Side, rewriting

FEW_BITS = 12
"""So many bits of a significand mean themselves, or half of those of a narrower format than float32; see
`interpreter/constants.py`."""

STORED = 2.0**-50
"""A constant is stored within this of what it means, relative to its size."""

Differences = Mapping[Key, list[float]]


@dataclass(frozen=True, eq=False)
class Visit:
    """One point, and what was met there."""

    point: Point
    observations: dict[Key, Observation]
    outputs: list[Value]
    sure: bool
    """Whether the machine decides all comparisons as here."""
    exact: bool
    """Whether what is equal on the machine is equal, too, with constants as they are meant."""

    def tied(self) -> set[Key]:
        return {key for key, observation in self.observations.items() if observation.tied}

    def ties(self) -> tuple[int, int]:
        """How many comparisons are tied, and how many numbers in them."""
        return len(self.tied()), sum(observation.ties for observation in self.observations.values())

    def outcomes(self, key: Key) -> set[str]:
        return self.observations[key].outcomes() if key in self.observations else set()


def all_outcomes(differences: Differences) -> set[tuple[Key, str]]:
    return {(key, outcome) for key, found in differences.items() for outcome in outcomes_of(found)}


def _zeros(differences: Differences) -> dict[Key, list[int]]:
    """Which differences are ties."""
    return {key: [i for i, d in enumerate(found) if d == 0] for key, found in differences.items()}


def _has_many_bits(values: np.ndarray) -> bool:
    few = min(FEW_BITS, constants.significand(values.dtype) // 2)
    values = np.asarray(values, float)
    significands, _ = np.frexp(values[np.isfinite(values)])
    return bool((significands * 2.0**few % 1 > 0).any())


class Visits:
    """The points of one program that were visited.

    Arguments:
        sides: those that the program is made of.
    """

    def __init__(self, study: Study, closed: core.ClosedJaxpr, sides: Sequence[Side]):
        self.study, self.claim, self.closed, self.sides = study, study.claim, closed, sides
        self.visits: list[Visit] = []
        self.constants = [x for x in rewriting.constants(closed) if np.isfinite(x) and x not in (0.0, 1.0, -1.0)]
        rounded = [x.dtype.itemsize for x in rewriting.stored(closed) if _has_many_bits(x)]
        self.rounds = bool(rounded)
        """Whether a constant may have been rounded where it is stored; one of few bits was not."""
        self.narrow = any(size < 8 for size in rounded)
        """Whether to fewer bits than those of float64."""

    def visit(self, point: Point) -> Visit:
        observations, run = self._compared(point, meant=False)
        # Rounding errors are those of what is meant; both runs follow the same branches, which values alone decide.
        meant, whole = self._compared(point, meant=True) if self.rounds else (observations, run)
        exact = all(meant[key].tied for key, found in observations.items() if found.tied)
        sure = not run.ambiguous and (exact or not self._nearly_tied(point))
        return Visit(point, observations, whole.outputs, sure, exact)

    def _nearly_tied(self, point: Point) -> bool:
        """Whether a comparison that is not tied changes its outcome where inputs are moved by as much as a constant.

        Of two that are tied where constants are as they are meant, one may not be where they are as they are stored.
        """
        here = self.differences_at(point)
        for step in (-STORED, STORED):
            there = self.differences_at({**point, **{name: point[name] * (1 + step) for name in self.free()}})
            pairs = ((here[key], found) for key, found in there.items() if len(here.get(key, ())) == len(found))
            if any(a * b < 0 or (a != 0 and b == 0) for ends in pairs for a, b in zip(*ends, strict=True)):
                return True
        return False

    def _compared(self, point: Point, *, meant: bool) -> tuple[dict[Key, Observation], Run]:
        numbers = ComparingArithmetic(meant=meant)
        (run,) = run_at(lambda points: numbers, self.closed, [self.study.inputs(point)], self.study.memory)
        return numbers.observations, run

    def differences_at(self, point: Point) -> Differences:
        """What is compared at a point, in float64."""
        numbers = ComparingDoubles()
        values = [point[name] for name in self.claim.inputs]
        record = self.study.memory.record(lambda: (ComparingDoubles, *map(Memory.content, values)))
        inputs = record.recall(numbers, ComparingDoubles, (), lambda: list(map(numbers.input, values)))
        with np.errstate(all="ignore"):
            Evaluator(numbers, record).run_closed(self.closed, inputs)
        return numbers.differences

    def outcomes_in_float64(self, point: Point) -> set[tuple[Key, str]]:
        """The outcomes at a point, as float64 has them."""
        return all_outcomes(self.differences_at(point))

    def keys(self) -> list[Key]:
        return list(dict.fromkeys(key for visit in self.visits for key in visit.observations))

    def ties(self, key: Key) -> list[Visit]:
        """The visits on this kink, those on few others first."""
        return sorted((visit for visit in self.visits if key in visit.tied()), key=Visit.ties)

    def outcomes(self, key: Key) -> set[str]:
        return set().union(*(visit.outcomes(key) for visit in self.visits))

    def turned(self, key: Key) -> bool:
        """Whether it is the second of the compared numbers that varies, and not the first."""
        return next(visit.observations[key].turned for visit in self.visits if key in visit.observations)

    def free(self) -> list[str]:
        """The symbols whose entries may be any numbers of the domain."""
        return [name for name, symbol in self.claim.arrays.items() if symbol.free]

    def loosened_at(self, visit: Visit) -> Point:
        """The point with all drawn anew that its ties, which stay as they are, do not need."""
        point = visit.point
        others = drawn(self.claim, self.study.sizes, MODERATE, np.random.default_rng([self.study.seed, 5]))
        ties = _zeros(self.differences_at(point))
        for name in self.free():
            for place in np.ndindex(others[name].shape):
                values = np.array(point[name])
                values[place] = others[name][place]
                other = {**point, name: values}
                if _zeros(self.differences_at(other)) == ties:
                    point = other
        return point

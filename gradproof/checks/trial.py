"""Sides that no exact rule covers, run on the machine: do they return the same at moderate inputs?

That is what other checkers do, and no more than a test: where half of the digits agree the sides pass it, where not
even a quarter does they differ, and what lies between says nothing. Digits are those of the least precise format that
the programs compute in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from gradproof.checks.floating import Failure
from gradproof.checks.inputs import MODERATE, Point, drawn
from gradproof.checks.study import Study
from gradproof.programs import Side, derivative, rewriting

POINTS = 4


@dataclass(frozen=True)
class Trial:
    """What was seen: at how many inputs the sides agree, or one at which they differ."""

    points: int = 0
    difference: Failure | None = None
    why: str = ""
    """Why the inputs say nothing."""


def run_trial(study: Study, grid: Sequence[dict[str, int]]) -> Trial:
    """Run all sides at a few inputs of some sizes; JAX takes the derivatives."""
    points, numbers = 0, 0
    with study.settings():
        for sizes in grid:
            program = study.program(sizes, derivative.ORACLES[0])
            run = jax.jit(core.jaxpr_as_fun(program.closed))
            bits = min(map(_bits, rewriting.formats(program.closed.jaxpr)), default=52)
            for number in range(POINTS):
                point = drawn(study.claim, sizes, MODERATE, np.random.default_rng([study.seed, number, len(sizes)]))
                try:
                    results = [np.asarray(x, float) for x in run(*study.arguments("float64", point))]
                except Exception as error:
                    return Trial(why=f"the sides do not run: {type(error).__name__}")
                for side in program.sides[1:]:
                    for pair in _pairs(program.sides[0], side, results):
                        if (why := pair.unclear(bits)) is not None:
                            return Trial(why=why)
                        if (entry := pair.apart(bits)) is not None:
                            return Trial(difference=_failure(sizes, point, side, pair, entry))
                        numbers += pair.numbers
                points += 1
    return Trial(points) if numbers else Trial(why="the sides are zero, or have no value, at all of these inputs")


@dataclass(frozen=True)
class _Pair:
    """One output of the first side, and the same of another one."""

    leaf: int
    expected: np.ndarray
    given: np.ndarray

    @property
    def both(self) -> np.ndarray:
        return np.isfinite(self.expected) & np.isfinite(self.given)

    @property
    def gaps(self) -> np.ndarray:
        """Differences, relative to the largest entry; zero where there is no number."""
        a, b = np.where(self.both, self.expected, 0.0), np.where(self.both, self.given, 0.0)
        size = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
        return np.asarray(np.abs(a - b) / (size or 1.0))

    @property
    def numbers(self) -> int:
        return int((self.both & (self.expected != 0)).sum())

    def apart(self, bits: int) -> tuple[int, ...] | None:
        """The entry that differs most, if not even a quarter of the digits agrees."""
        gaps = self.gaps
        if not gaps.size or gaps.max() <= 2.0 ** (-bits / 4):
            return None
        return tuple(map(int, np.unravel_index(int(np.argmax(gaps)), gaps.shape)))

    def unclear(self, bits: int) -> str | None:
        if bool((np.isfinite(self.expected) != np.isfinite(self.given)).any()):
            return "where one side is a number, another is none"
        if self.gaps.size and self._is_noise(bits):
            return "one side is zero, and another as small as rounding makes what is"
        if self.gaps.size and 2.0 ** (-bits / 2) < self.gaps.max() <= 2.0 ** (-bits / 4):
            return f"of {bits} bits about {int(-np.log2(self.gaps.max()))} agree"
        return None

    def _is_noise(self, bits: int) -> bool:
        """Whether one side is zero, and the other, of moderate inputs, no larger than what rounding leaves of zero."""
        largest = [np.abs(np.where(self.both, x, 0.0)).max(initial=0.0) for x in (self.expected, self.given)]
        return bool(min(largest) == 0 < max(largest) <= 2.0 ** (-bits / 2))


def _pairs(first: Side, side: Side, results: list[np.ndarray]) -> Iterator[_Pair]:
    pairs = zip(results[first.outputs], results[side.outputs], strict=True)
    for leaf, (expected, given) in enumerate(pairs):
        yield _Pair(leaf, expected, given)


def _failure(sizes: dict[str, int], point: Point, side: Side, pair: _Pair, entry: tuple[int, ...]) -> Failure:
    where = side.entry_name(pair.leaf, entry)
    expected, given = float(pair.expected[entry]), float(pair.given[entry])
    why = f"side {side.step} is {given} and not {expected} at {where}"
    return Failure(why, side.step, sizes, point, where, expected, given)


def _bits(dtype: Any) -> int:
    return int(jnp.finfo(dtype).nmant)

r"""Detection limits: the smallest mistake in one entry of a formula's result that the check on the machine refuses.

The machine's results of the last side are made wrong at every input, in one entry by a factor $1 + \delta$, or by a
term of $\delta$ times the largest entry of its output, and judged as the check does. An entry's limit is the smallest
$\delta$ for which some input tells, whichever sign it has; it is found by bisection of its logarithm. Each entry is
judged by itself, so that all of them are made wrong at once, each by a mistake of its own size. Like all results those
made wrong are rounded to the format, so that a limit may be as small as a quarter of its epsilon.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from gradproof.checks.floating import DTYPES, FloatingCheck, Results
from gradproof.checks.judgement import judged
from gradproof.checks.study import Study
from gradproof.numerics import Format

SMALLEST = -60.0
"""The base-2 logarithm of the smallest mistake that is tried; the largest is 1."""

STEPS = 13
"""Of a bisection: as many as two significant digits take."""


@dataclass(frozen=True)
class Limit:
    """The smallest mistake that is refused, over the entries of a result; None where none up to 1 is."""

    best: float | None
    median: float | None
    worst: float | None
    entries: int


@dataclass(frozen=True)
class Limits:
    """Of one format."""

    factor: Limit
    """Of a relative error in one entry, of those that are not zero at all inputs."""
    term: Limit
    """Of a term added to one entry, relative to the largest entry of the output, of outputs that are not all zero."""


def detection_limits(study: Study) -> dict[str, Limits]:
    """The limits of `check_floating` on the last side of a claim, by dtype.

    Raises `Undecided` where the sides cannot be compared or traced.
    """
    with study.settings():
        check = FloatingCheck(study)
        results = list(check.results(study.points))
        return {dtype: _limits(check, results, dtype) for dtype in DTYPES}


Mistake = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""What is added to a result, for mistakes of these sizes in its entries."""


def _factor(result: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.asarray(sizes * result)


def _term(result: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.asarray(sizes * np.max(np.abs(result), initial=0, where=np.isfinite(result)))


def _limits(check: FloatingCheck, results: Sequence[Results], dtype: str) -> Limits:
    *_, (side, part) = check.parts()
    factors, terms = [], []
    for leaf, aval in enumerate(side.avals):
        output = _Output(check, results, dtype, leaf, part.start + leaf)
        nonzero = output.nonzero(aval.shape)
        factors.append(output.limits(_factor, aval.shape)[nonzero])
        if nonzero.any():
            terms.append(output.limits(_term, aval.shape).ravel())
    return Limits(_summary(factors), _summary(terms))


@dataclass(frozen=True)
class _Output:
    """One output of a side at all inputs: where it stands in the side, and in all sides that are judged."""

    check: FloatingCheck
    results: Sequence[Results]
    dtype: str
    leaf: int
    place: int

    def nonzero(self, shape: tuple[int, ...]) -> np.ndarray:
        """Where it is not zero at all inputs."""
        return np.logical_or.reduce([found.jitted[self.dtype][self.place] != 0 for found in self.results], axis=0) | (
            np.zeros(shape, bool)
        )

    def limits(self, mistake: Mistake, shape: tuple[int, ...]) -> np.ndarray:
        """By bisection, of each entry; infinite where a mistake of 1 is not refused."""
        low, high = np.full(shape, SMALLEST), np.zeros(shape)
        found = self.refused(mistake, np.exp2(high))
        for _ in range(STEPS):
            middle = (low + high) / 2
            refused = self.refused(mistake, np.exp2(middle))
            low, high = np.where(refused, low, middle), np.where(refused, middle, high)
        return np.where(found, np.exp2(high), np.inf)

    def refused(self, mistake: Mistake, sizes: np.ndarray) -> np.ndarray:
        """Which entries are refused with either sign."""
        return self._refused(mistake, sizes) & self._refused(mistake, -sizes)

    def _refused(self, mistake: Mistake, sizes: np.ndarray) -> np.ndarray:
        refused = np.zeros(sizes.shape, bool)
        judge = partial(judged, format=Format.of(self.dtype), textbook=self.check.study.claim.textbook)
        for found in self.results:
            value, known = found.expected.outputs[self.leaf], found.expected.known[self.leaf]
            run = found.runs[self.dtype]
            for result in (found.jitted[self.dtype][self.place], found.stepwise[self.dtype][self.place]):
                with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                    wrong = np.asarray(result + mistake(result, sizes)).astype(result.dtype)
                refused |= judge(wrong, value, known, run.outputs[self.place], run).refused
        return refused


def _summary(limits: Sequence[np.ndarray]) -> Limit:
    ordered = np.sort(np.concatenate([*limits, np.zeros(0)]))
    if not ordered.size:
        return Limit(None, None, None, 0)
    return Limit(_shown(ordered[0]), _shown(ordered[len(ordered) // 2]), _shown(ordered[-1]), len(ordered))


def _shown(limit: float) -> float | None:
    """With two significant digits."""
    return float(f"{limit:.1e}") if np.isfinite(limit) else None

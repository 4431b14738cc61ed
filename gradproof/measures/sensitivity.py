r"""Sensitivity: the smallest error in one entry of a formula's result that the check on the machine refuses.

The machine's results of the last side are made wrong at every input, in one entry by a factor $1 + \delta$, or by a
term of $\delta$ times the largest entry of its output, and judged as the check does. The smallest error of an entry is
the smallest $\delta$ that is refused at some input, whichever sign it has; it is found by bisection of its logarithm.
Each entry is judged by itself, so that all of them are made wrong at once, each by an error of its own size. The wrong
results are rounded to the format like all others, so that the smallest error may be a quarter of its epsilon.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from gradproof.checks import Study
from gradproof.checks.floating import FloatingCheck, Results
from gradproof.checks.judgement import judged
from gradproof.claims.verdict import Sensitivity, SmallestError

SMALLEST = -60.0
"""The base-2 logarithm of the smallest mistake that is tried; the largest is 1."""

STEPS = 13
"""Steps of a bisection, enough for two significant digits."""


def sensitivity_of(study: Study) -> dict[str, Sensitivity]:
    """The sensitivity of the check in floating point to errors in the last side of a claim, by format.

    Raises `Undecided` if the sides cannot be compared or traced.
    """
    with study.settings():
        check = FloatingCheck(study)
        results = list(check.results(study.points))
        return {format: _sensitivity(check, results, format) for format in check.dtypes}


Mistake = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""What is added to a result, for mistakes of these sizes in its entries."""


def _factor(result: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.asarray(sizes * result)


def _term(result: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.asarray(sizes * np.max(np.abs(result), initial=0, where=np.isfinite(result)))


def _sensitivity(check: FloatingCheck, results: Sequence[Results], format: str) -> Sensitivity:
    *_, (side, part) = check.parts()
    factors, terms = [], []
    for leaf, aval in enumerate(side.avals):
        output = _Output(check, results, format, leaf, part.start + leaf)
        nonzero = output.nonzero(aval.shape)
        factors.append(output.smallest(_factor, aval.shape)[nonzero])
        if nonzero.any():
            terms.append(output.smallest(_term, aval.shape).ravel())
    return Sensitivity(_summary(factors), _summary(terms))


@dataclass(frozen=True)
class _Output:
    """One output of a side at all inputs: where it stands in the side, and in all sides that are judged."""

    check: FloatingCheck
    results: Sequence[Results]
    format: str
    leaf: int
    place: int

    def nonzero(self, shape: tuple[int, ...]) -> np.ndarray:
        """Where it is not zero at all inputs."""
        return np.logical_or.reduce([found.jitted[self.format][self.place] != 0 for found in self.results], axis=0) | (
            np.zeros(shape, bool)
        )

    def smallest(self, mistake: Mistake, shape: tuple[int, ...]) -> np.ndarray:
        """The smallest error of each entry, by bisection; infinite if a mistake of 1 is not refused."""
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
        judge = partial(judged, textbook=self.check.study.claim.textbook)
        for found in self.results:
            value, known = found.expected.outputs[self.leaf], found.expected.known[self.leaf]
            run = found.runs[self.format]
            for result in (found.jitted[self.format][self.place], found.stepwise[self.format][self.place]):
                with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                    wrong = np.asarray(result + mistake(result, sizes)).astype(result.dtype)
                refused |= judge(wrong, value, known, run.outputs[self.place], run).refused
        return refused


def _summary(smallest: Sequence[np.ndarray]) -> SmallestError:
    ordered = np.sort(np.concatenate([*smallest, np.zeros(0)]))
    if not ordered.size:
        return SmallestError(None, None, None, 0)
    return SmallestError(
        _rounded(ordered[0]), _rounded(ordered[len(ordered) // 2]), _rounded(ordered[-1]), len(ordered)
    )


def _rounded(error: float) -> float | None:
    """With two significant digits."""
    return float(f"{error:.1e}") if np.isfinite(error) else None

r"""Errors in units in the last place.

For $2^e \le |v| < 2^{e + 1}$ and $m$ stored bits, $\mathrm{ulp}(v) = 2^{\max(e, e_{\min}) - m}$.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradproof.checks.judgement import gap
from gradproof.claims.verdict import Better, Errors, Where
from gradproof.numerics import Value

Entry = Callable[[tuple[int, ...], np.ndarray], Where]
"""The record of an entry of a result, from its index and the result."""


@dataclass
class Ulps:
    """The errors of one side in one format."""

    errors: list[np.ndarray] = field(default_factory=list)
    worst: float = -1.0
    at: Where | None = None
    spoilt: int = 0
    spoilt_at: Where | None = None

    def add(
        self,
        info: Any,
        result: np.ndarray,
        values: Sequence[Value],
        representable: np.ndarray,
        measured: np.ndarray,
        entry: Entry,
    ) -> None:
        """The errors of a result, by the nearest of the values.

        Arguments:
            info: of the format.
            representable: which values are numbers of the format.
            measured: which of them have a unit in the last place.
        """
        broken = representable & ~np.isfinite(result)
        if broken.any():
            self.spoilt += int(broken.sum())
            self.spoilt_at = self.spoilt_at or entry(tuple(np.argwhere(broken)[0].tolist()), result)
        measured = measured & np.isfinite(result)
        if not measured.any():
            return
        errors = np.minimum.reduce([_ulps(result, value, info) for value in values])
        self.errors.append(errors[measured])
        index = largest(np.where(measured, errors, -1.0))
        if errors[index] > self.worst:
            self.worst, self.at = float(errors[index]), entry(index, result)

    def record(self) -> Errors:
        errors = np.concatenate(self.errors) if self.errors else np.zeros(0)
        if not errors.size:
            return Errors(None, None, None, 0, self.spoilt, self.spoilt_at)
        return Errors(float(np.median(errors)), self.worst, self.at, errors.size, self.spoilt, self.spoilt_at)


def better(by_hand: Errors, autodiff: Errors) -> Better | None:
    """The side with the smaller worst error, or "equal" where neither errs twice as much as the other.

    Below half a unit every result is the nearest number.
    """
    if by_hand.worst is None or autodiff.worst is None:
        return None
    mine, other = (math.inf if x.spoilt else max(x.worst or 0.0, 0.5) for x in (by_hand, autodiff))
    if mine == other or max(mine, other) <= 2 * min(mine, other):
        return "equal"
    return "by hand" if mine < other else "autodiff"


def largest(numbers: np.ndarray) -> tuple[int, ...]:
    """Where the largest number stands."""
    return tuple(map(int, np.unravel_index(int(np.argmax(numbers)), numbers.shape)))


def _ulps(result: np.ndarray, value: Value, info: Any) -> np.ndarray:
    return np.exp2(gap(result, value) - (np.maximum(np.floor(value.size), info.minexp) - info.nmant))

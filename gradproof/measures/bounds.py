"""Errors as a fraction of the bound that is derived from the program, operation by operation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradproof.checks.judgement import gap
from gradproof.claims.verdict import Where
from gradproof.measures.ulps import Entry, largest
from gradproof.numerics import Run


@dataclass
class Bounds:
    """The errors of the formula by hand in one format, and their bounds."""

    bounded: int = 0
    useful: int = 0
    worst: float = -1.0
    at: Where | None = None

    def add(
        self,
        result: np.ndarray,
        leaf: int,
        certified: Sequence[Run],
        runs: Sequence[Run],
        known: np.ndarray,
        entry: Entry,
    ) -> None:
        """Compare an output with its values, at entries where they are known."""
        excess = np.full(result.shape, np.inf)
        bounded, useful = known, np.zeros(result.shape, bool)
        for found, run in zip(certified, runs, strict=True):
            value, limit = found.outputs[leaf], run.outputs[leaf]
            bounded = bounded & (limit.bound < np.inf) & (not run.ambiguous) & (not run.tied)
            useful |= limit.bound < value.size
            error = gap(result, value)
            allowed = np.logaddexp2(limit.bound, value.bound)
            with np.errstate(invalid="ignore"):
                excess = np.minimum(excess, np.where(error == -np.inf, -np.inf, error - allowed))
        self.bounded += int(bounded.sum())
        self.useful += int((bounded & useful).sum())
        if bounded.any():
            ratio = np.where(bounded, np.exp2(excess), -1.0)
            index = largest(ratio)
            if ratio[index] > self.worst:
                self.worst, self.at = float(ratio[index]), entry(index, result)

    @property
    def ratio(self) -> float | None:
        """The largest error as a fraction of its bound, if any is bounded."""
        return self.worst if self.bounded else None

"""Whether a number that the machine returned is within the rounding errors of its program."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from gradproof.numerics import Format, Run, Value


@dataclass(frozen=True)
class Judgement:
    """For each entry of a result: is its error bounded, is it not finite, does it err by more than the bound?"""

    bounded: np.ndarray
    spoilt: np.ndarray
    wrong: np.ndarray

    @property
    def refused(self) -> np.ndarray:
        return self.spoilt | self.wrong


def judged(result: np.ndarray, value: Value, known: np.ndarray, bound: Value, run: Run, *, textbook: bool) -> Judgement:
    """Judge a result.

    Arguments:
        value: what it should be, where that is known.
        bound: what rounding may make of it in the run of its program.
        textbook: whether it may be no number where its error is not bounded.
    """
    bounded = known & (bound.bound < np.inf) & (not run.ambiguous) & (not run.tied)
    # Twice the value is a number of the result's format, so that no rounding error makes it infinite.
    largest = Format.of(result.dtype).largest if jnp.issubdtype(result.dtype, jnp.floating) else np.inf
    spoilt = known & ~np.isfinite(result) & (value.size < largest - 1)
    wrong = bounded & ~(gap(result, value) <= np.logaddexp2(bound.bound, value.bound))
    return Judgement(bounded, spoilt & bounded if textbook else spoilt, wrong)


def gap(result: np.ndarray, value: Value) -> np.ndarray:
    """The base-2 logarithm of |result - value|, infinite where the result alone is not finite."""
    finite = np.isfinite(result)
    found = np.where(finite, value.gap(np.where(finite, result, 0.0).astype(float)), np.inf)
    if finite.all():
        return found
    return np.where(np.isinf(result) & (value.middle.astype(float) == result), -np.inf, found)

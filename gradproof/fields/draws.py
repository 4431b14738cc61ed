"""An array of values in every draw: one row of residues a draw at each level, and the value at the real point."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from gradproof.fields.degree import Degree

Levels = tuple[Any, ...]
"""An array, or None, for each level."""

Signs = tuple[int, int]
"""The least and the largest sign that some number has, whatever the inputs."""

ANY, POSITIVE = (-1, 1), (1, 1)


@dataclass(frozen=True)
class Draws:
    """An array of values.

    `real` is the value at the real point. `rational` holds known numbers, `signs` what is known of their signs, and
    `label` says that they depend on labels which were drawn as if they were real.
    `torsion[i]` is the part of exp(value) at level i + 1 that no power of g makes up: log(a) = log|a| + i pi, in
    which the second term is 1 or -1 once it is the argument of exp. None is 1 throughout; 0 is "not known".
    `undefined` marks infinite constants and logarithms of zero: harmless where a select drops them.
    """

    shape: tuple[int, ...]
    levels: Levels
    real: np.ndarray
    degree: Degree
    torsion: Levels
    rational: Any = None
    undefined: np.ndarray | None = None
    signs: Signs = ANY
    label: bool = False


def defined(a: Draws) -> Draws:
    if a.undefined is None:
        return a
    return replace(a, real=np.where(a.undefined, 1.0, a.real), undefined=None)


def bounded(a: Draws, signs: Signs) -> Draws:
    """The same with what else is known of the signs; of known numbers all is."""
    return a if a.rational is not None else replace(a, signs=signs)


def either(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
    if a is None or b is None:
        return a if b is None else b
    return a | b


def fractions(function: Callable[[Any], Fraction], values: np.ndarray) -> np.ndarray:
    result = np.empty(values.size, object)
    result[:] = [function(value) for value in values.ravel().tolist()]
    return result.reshape(values.shape)


def signs_of_fractions(values: np.ndarray) -> np.ndarray:
    """Of fractions, which can be smaller than any number of floating point."""
    return np.array([(v > 0) - (v < 0) for v in values.ravel()], np.int64).reshape(values.shape)


def signs_of_sum(a: Signs, b: Signs) -> Signs:
    """Of numbers that do not cancel the larger one's."""
    least = max(a[0], b[0]) if min(a[0], b[0]) >= 0 else -1
    largest = min(a[1], b[1]) if max(a[1], b[1]) <= 0 else 1
    return least, largest


def signs_of_square(a: Draws) -> Signs:
    return POSITIVE if (a.real != 0).all() else (0, 1)


def signs_of_all(signs: Sequence[Signs]) -> Signs:
    return min(s[0] for s in signs), max(s[1] for s in signs)

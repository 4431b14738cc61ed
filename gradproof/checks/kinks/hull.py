"""The limits of an array at a tie, each once, and whether a value is a mean of them."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog

from gradproof.checks.kinks.pairs import resolution

REPEATED = 4
"""Limits are taken for all that there are where each was met so many times, on the average."""


def means(limits: Sequence[np.ndarray], middle: np.ndarray, of_jax: np.ndarray) -> list[np.ndarray]:
    """What may be called the mean of the limits of an array: where more than two of them meet, there are several.

    Arguments:
        middle: of two of them.
        of_jax: what JAX returns, which may take one mean after the other.
    """
    scale = resolution(middle)
    distinct = np.unique((np.array(limits) / scale).round(), axis=0) * scale
    return [middle] if len(distinct) == 2 else [middle, distinct.mean(axis=0), of_jax]


def in_hull(limits: np.ndarray, values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Which entries of an array are within those of the convex hull of its limits.

    Entries are first compared one by one, to within their errors, and then together, to the tolerance of a linear
    program. Where there are so many limits that some may not have been met, nothing is said to be outside.

    Arguments:
        limits: one in each row.
        values: the array.
        errors: of its entries.
    """
    known = np.isfinite(limits).all(axis=0)
    # Of an infinity nothing is left open; of a number of which the rounding is not known, all.
    left_open = ~known | (np.isfinite(values) & ~np.isfinite(errors))
    low, high = limits.min(axis=0), limits.max(axis=0)
    jumps = ~left_open & (high - low > resolution(low))
    distinct = np.unique((limits[:, jumps] / resolution(low)[jumps]).round(), axis=0)
    slack = errors + resolution(low)
    if REPEATED * len(distinct) > len(limits):
        return np.asarray(left_open | np.isfinite(values))
    within = left_open | (np.isfinite(values) & (values >= low - slack) & (values <= high + slack))
    if not within[jumps].all():
        return np.asarray(within)
    size = (high - low)[jumps]
    vertices = (limits[:, jumps] - low[jumps]) / size
    target = (values - low)[jumps] / size
    room = slack[jumps] / size
    ones = np.ones((1, len(limits)))
    found = linprog(
        np.zeros(len(limits)),
        A_ub=np.vstack([vertices.T, -vertices.T]),
        b_ub=np.concatenate([target + room, room - target]),
        A_eq=ones,
        b_eq=[1.0],
    )
    return np.asarray(within & (~jumps | (found.status == 0)))

"""Writing to places of an array that are themselves known integers, and adding or multiplying what arrives there."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.interpreter.rules import indexing
from gradproof.interpreter.running import Running


def scatter(method: str | None, whole: Callable[..., Any]) -> Callable[..., Any]:
    """By the operation of this name on what is there and what arrives; without one, what arrives takes its place.

    Of integers and truth values by a function of numpy that changes its argument.
    """

    def rule(
        run: Running,
        equation: Any,
        x: Any,
        indices: np.ndarray,
        updates: Any,
        *,
        dimension_numbers: Any,
        mode: Any,
        update_jaxpr: Any,
        update_consts: Any,
    ) -> Any:
        if method is None and update_jaxpr is not None:
            raise Undecided("a function is applied at places of an array")
        places = indexing.scatter_places(
            x.shape, indices, updates.shape, dimension_numbers=dimension_numbers, mode=mode
        ).ravel()
        if isinstance(x, np.ndarray):
            result, inside = x.ravel().copy(), places >= 0
            whole(result, places[inside], updates.ravel()[inside])
            return result.reshape(x.shape)
        return _numbers(run, method, run.number(x), places, run.number(updates))

    return rule


def _numbers(run: Running, method: str | None, x: Any, places: np.ndarray, updates: Any) -> Any:
    """In turns: in each one update for each place at most, in the order in which they come."""
    arithmetic, size = run.arithmetic, math.prod(x.shape)
    rank = np.zeros(places.shape, np.int64)
    seen: dict[int, int] = {}
    for position, target in enumerate(places.tolist()):
        rank[position] = seen.get(target, 0)
        seen[target] = int(rank[position]) + 1
    for turn in range(int(rank.max()) + 1 if rank.size else 0):
        chosen = np.flatnonzero((rank == turn) & (places >= 0))
        arriving = arithmetic.take([updates], chosen)
        if method is not None:
            arriving = getattr(arithmetic, method)(arithmetic.take([x], places[chosen]), arriving)
        index = np.arange(size)
        index[places[chosen]] = size + np.arange(len(chosen))
        x = arithmetic.take([x, arriving], index.reshape(x.shape))
    return x

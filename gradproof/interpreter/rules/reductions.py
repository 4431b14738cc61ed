"""Sums, products, maxima and minima along axes; the places of the largest; sorting."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.interpreter.rules import indexing
from gradproof.interpreter.running import Running, is_whole


def reduce_sum(run: Running, equation: Any, x: Any, *, axes: Sequence[int]) -> Any:
    return run.arithmetic.sum(run.last(run.number(x), axes))


def folded(method: str, empty: float) -> Callable[..., Any]:
    """A reduction by pairs."""

    def rule(run: Running, equation: Any, x: Any, *, axes: Sequence[int]) -> Any:
        arithmetic = run.arithmetic
        merged = run.last(run.number(x), axes)
        if merged.shape[-1] == 0:
            return arithmetic.filled(empty, merged.shape[:-1])
        first, *others = run.moved(partial(indexing.unstack, axis=len(merged.shape) - 1), merged)
        total = first
        for item in others:
            total = getattr(arithmetic, method)(total, item)
        return total

    return rule


def accumulated(method: str) -> Callable[..., Any]:
    """The same of the first elements along an axis, of one, of two, and so on."""

    def rule(run: Running, equation: Any, x: Any, *, axis: int, reverse: bool) -> Any:
        items = run.moved(partial(indexing.unstack, axis=axis), run.number(x))
        if not items:
            return run.number(x)
        if reverse:
            items = items[::-1]
        totals = items[:1]
        for item in items[1:]:
            totals.append(getattr(run.arithmetic, method)(totals[-1], item))
        return run.moved(partial(indexing.stack, axis=axis), *(totals[::-1] if reverse else totals))

    return rule


def cumlogsumexp(run: Running, equation: Any, x: Any, *, axis: int, reverse: bool) -> Any:
    sums = accumulated("add")(run, equation, run.arithmetic.exp(x), axis=axis, reverse=reverse)
    return run.arithmetic.log(sums)


def argument(sign: int) -> Callable[..., Any]:
    """The first place of the largest or the smallest."""

    def rule(run: Running, equation: Any, x: Any, *, axes: Sequence[int], index_dtype: Any) -> Any:
        return run.arithmetic.places(run.last(x, axes), sign).astype(index_dtype)

    return rule


def sort(run: Running, equation: Any, *xs: Any, dimension: int, num_keys: int) -> list[Any]:
    if num_keys != 1:
        raise Undecided("only sorting by one array is supported")
    source = _ordered(run, xs[0], dimension, 1)
    return [run.moved(partial(_along, axis=dimension), x, source) for x in xs]


def top_k(run: Running, equation: Any, x: Any, *, k: int, axis: int) -> list[Any]:
    """The largest, and their places."""
    source = _ordered(run, x, axis, -1)[:k]
    return [run.moved(partial(_along, axis=axis), x, source), np.moveaxis(source, 0, axis).astype(np.int32)]


def _ordered(run: Running, x: Any, axis: int, sign: int) -> Any:
    """The places of the elements along an axis, in the order of these, on an axis of its own in front.

    Each element goes to the place that as many others come before; equal ones keep their order.
    """
    items = run.moved(partial(indexing.unstack, axis=axis), x)
    if not items:
        return np.zeros((0, *(n for place, n in enumerate(x.shape) if place != axis)), np.int64)
    before: list[Any] = [np.zeros(items[0].shape, np.int64) for _ in items]
    for i, first in enumerate(items):
        for j, second in enumerate(items[:i]):
            smaller, larger = (first, second) if sign > 0 else (second, first)
            earlier = larger > smaller if is_whole(x) else run.arithmetic.is_beyond(larger, smaller, 1)
            before[i], before[j] = before[i] + ~earlier, before[j] + earlier
    return np.argsort(np.stack(before), axis=0)


def _along(x: np.ndarray, source: np.ndarray, *, axis: int) -> np.ndarray:
    return np.moveaxis(np.take_along_axis(np.moveaxis(x, axis, 0), source, 0), 0, axis)

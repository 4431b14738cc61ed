"""Sums and largest numbers of windows that slide over an array, and the derivative of the latter."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.interpreter.rules import indexing
from gradproof.interpreter.running import Running, is_true

Sizes = Sequence[int]


def sums(run: Running, equation: Any, x: Any, **window: Any) -> Any:
    x = run.number(x)
    return run.arithmetic.sum(run.moved(lambda entry: slid(entry, -1, **window), x))


def largest(sign: int) -> Callable[..., Any]:
    """Or the smallest, for a sign of -1."""

    def rule(run: Running, equation: Any, x: Any, **window: Any) -> Any:
        items = _filled(run, run.number(x), -math.inf * sign, **window)
        which = run.arithmetic.places(items, sign)
        count = items.shape[-1]
        cases = [run.moved(lambda entry, k=k: entry[..., k], items) for k in range(count)]
        return run.arithmetic.select(which.astype(np.int64), cases)

    return rule


def add_where_largest(
    run: Running,
    equation: Any,
    source: Any,
    x: Any,
    *,
    select_prim: Any,
    window_dimensions: Sizes,
    window_strides: Sizes,
    padding: Sequence[tuple[int, int]],
) -> Any:
    """What comes for each window goes to where its largest number is: the first of them."""
    if (name := select_prim.name) not in ("ge", "le"):
        raise Undecided(f"numbers of a window that are chosen by {name!r}")
    sign, ones = (1 if name == "ge" else -1), [1] * len(window_dimensions)
    window: dict[str, Any] = {
        "window_dimensions": window_dimensions,
        "window_strides": window_strides,
        "padding": padding,
        "base_dilation": ones,
        "window_dilation": ones,
    }
    x, source = run.number(x), run.number(source)
    if not is_true(run.arithmetic.finite(x)):
        raise Undecided("the largest number is chosen of what may be none")
    which = run.arithmetic.places(_filled(run, x, -math.inf * sign, **window), sign)
    zero = run.arithmetic.filled(0.0, source.shape)
    size = math.prod(x.shape)
    targets = slid(np.arange(size).reshape(x.shape), -1, **window)
    parts = [run.arithmetic.select((which == k).astype(np.int64), (zero, source)) for k in range(targets.shape[-1])]
    # For each number, the windows that it is in, and its place there.
    arriving: list[list[int]] = [[] for _ in range(size)]
    for place, target in enumerate(np.moveaxis(targets, -1, 0).ravel().tolist()):
        if target >= 0:
            arriving[target].append(place)
    most = max(map(len, arriving), default=0)
    index = np.full((size, most), -1)
    for target, places in enumerate(arriving):
        index[target, : len(places)] = places
    return run.arithmetic.sum(run.arithmetic.take(parts, index.reshape(*x.shape, most)))


def _filled(run: Running, x: Any, outside: float, **window: Any) -> Any:
    """The numbers of each window, with one in place of what lies outside."""
    other = run.arithmetic.filled(outside, ())
    return run.moved(lambda entry, fill: slid(entry, int(fill), **window), x, other)


def slid(
    entry: np.ndarray,
    outside: int,
    *,
    window_dimensions: Sizes,
    window_strides: Sizes,
    padding: Sequence[tuple[int, int]],
    base_dilation: Sizes,
    window_dilation: Sizes,
) -> np.ndarray:
    """The windows of an array: their places along one more axis."""
    config = [(*p, d - 1) for p, d in zip(padding, base_dilation, strict=True)]
    padded = indexing.pad(np.asarray(entry), np.asarray(outside), padding_config=config)
    index, rank = [], len(window_dimensions)
    sizes: list[int] = []
    for axis, (n, k, stride, dilation) in enumerate(
        zip(padded.shape, window_dimensions, window_strides, window_dilation, strict=True)
    ):
        count = max((n - (k - 1) * dilation - 1) // stride + 1, 0)
        place = np.arange(count)[:, None] * stride + np.arange(k) * dilation
        shape = [1] * (2 * rank)
        shape[axis], shape[rank + axis] = count, k
        index.append(place.reshape(shape))
        sizes.append(count)
    return padded[tuple(index)].reshape(*sizes, math.prod(window_dimensions))

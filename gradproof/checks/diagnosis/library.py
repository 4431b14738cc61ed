"""Arrays made of the symbols of a claim that a term or a factor of a gradient may be, in the shape of the gradient."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import mpmath
import numpy as np

from gradproof.checks.diagnosis.case import Case, Sample, array_of
from gradproof.claims.symbols.base import ArraySymbol

Values = Mapping[str, np.ndarray]
"""The symbols: in floating point to look for what fits, and in high precision to test it."""

MOST_PAIRED = 8
"""Of more symbols no pairs are tried."""


@dataclass(frozen=True)
class Item:
    """An array, as it is written and as it is computed."""

    text: str
    of: Callable[..., Any]
    """From the values."""
    whole: bool = False
    """Whether its sums are simpler without it."""

    def at(self, sample: Sample) -> np.ndarray:
        return np.asarray(self.of(sample.numbers), object)

    def rounded_at(self, sample: Sample, shape: tuple[int, ...]) -> np.ndarray:
        """In a shape; NaN where it does not fit, as an axis that is as long as another one in the first sample only."""
        with np.errstate(all="ignore"):
            try:
                return np.broadcast_to(np.asarray(self.of(sample.table), float), shape)
            except ValueError:
                return np.full(shape, np.nan)


def items(case: Case, leaf: int, *, paired: bool = True) -> Iterator[tuple[Item, np.ndarray]]:
    """Arrays of the shape of a leaf, each with its values at the first sample.

    Arguments:
        paired: whether products of two symbols are among them.
    """
    sample, symbols = case.first, case.claim.arrays
    shape = sample.expected[leaf].shape
    values = {name: x for name, x in sample.table.items() if name in symbols and not symbols[name].integer}
    with np.errstate(all="ignore"):
        for item in (*_alone(case, values), *(_pairs(values) if paired else ())):
            for fitted in _fitted(item, np.shape(item.of(values)), shape):
                yield fitted, np.asarray(fitted.of(values), float)


def other_arrays(case: Case, leaf: int) -> Iterator[tuple[Item, np.ndarray]]:
    """What the other arrays of the side should be, where they have the shape of a leaf."""
    for other, values in enumerate(case.first.floats[0]):
        if other != leaf and values.shape == case.first.expected[leaf].shape and values.size > 1:
            yield Item(case.names[other], lambda v, other=other: v[str(other)]), values


def _alone(case: Case, values: Values) -> Iterator[Item]:
    """Functions of one symbol."""
    for name, x in values.items():
        if x.ndim:
            for text, function in _functions(case.claim.arrays[name]):
                yield Item(text.format(name), lambda v, name=name, function=function: function(v[name]))


def _functions(symbol: ArraySymbol) -> Iterator[tuple[str, Callable[..., Any]]]:
    yield "{}", lambda x: x
    yield "(1-{})", lambda x: 1 - x
    if symbol.label:
        return
    yield "{}^2", lambda x: x**2
    yield "exp({})", partial(_of, np.exp, mpmath.exp)
    yield "{}^3", lambda x: x**3
    if symbol.positive:
        yield "1/{}", lambda x: 1 / x
        yield "sqrt({})", partial(_of, np.sqrt, mpmath.sqrt)
        yield "log({})", partial(_of, np.log, mpmath.log)
        yield "{0} (1-{0})", lambda x: x * (1 - x)
    else:
        yield "sign({})", partial(_of, np.sign, mpmath.sign)
        yield "|{}|", abs


def _of(fast: Callable[[Any], Any], exact: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    return array_of(exact, x) if x.dtype == object else np.asarray(fast(x))


def _pairs(values: Values) -> Iterator[Item]:
    """Products of two symbols."""
    names = [name for name, x in values.items() if x.ndim]
    if len(names) > MOST_PAIRED:
        return
    for a, b in combinations(names, 2):
        x, y = values[a], values[b]
        if x.ndim < y.ndim:
            (a, x), (b, y) = (b, y), (a, x)
        yield from _products(a, b, x, y)
        for fitted in _spread(b, y.shape, x.shape):
            yield Item(f"{a} {b}", lambda v, a=a, fitted=fitted: v[a] * fitted.of(v))


def _products(a: str, b: str, x: np.ndarray, y: np.ndarray) -> Iterator[Item]:
    """Matrix products of vectors and matrices."""
    if x.ndim > 2 or y.ndim > 2:
        return
    values = {a: x, b: y}
    for left, right in ((a, b), (b, a)):
        for mark, turned in (("", _same), (".T", np.transpose)):
            p, q = turned(values[left]), values[right]
            if p.shape[-1] == q.shape[0] and (not mark or p.ndim > 1):
                yield Item(
                    f"{left}{mark} @ {right}",
                    lambda v, left=left, right=right, turned=turned: turned(v[left]) @ v[right],
                )
        if x.ndim == y.ndim == 1:
            yield Item(
                f"outer({left}, {right})", lambda v, left=left, right=right: np.outer(v[left], v[right]), whole=True
            )
    if x.ndim == y.ndim == 2 and x.shape[1] == y.shape[1]:
        yield Item(f"{a} @ {b}.T", lambda v, a=a, b=b: v[a] @ v[b].T)
        yield Item(f"{b} @ {a}.T", lambda v, a=a, b=b: v[b] @ v[a].T)


def _same(x: Any) -> Any:
    return x


def _spread(name: str, small: tuple[int, ...], large: tuple[int, ...]) -> Iterator[Item]:
    """A symbol in the shape of a larger one: as it is, along the last axes or along the first ones."""
    yield from _fitted(Item(name, lambda v: v[name]), small, large) if len(small) <= len(large) else ()


def _fitted(item: Item, shape: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[Item]:
    """An array in another shape, in all ways in which it may be: spread, transposed, or summed over axes."""
    have, need = len(shape), len(wanted)
    if have == need:
        if shape == wanted:
            yield item
        if have == 2 and shape[::-1] == wanted:
            yield Item(f"{item.text}.T" if item.text.isidentifier() else f"({item.text}).T", lambda v: item.of(v).T)
    elif have < need:
        if have > 0 and shape == wanted[need - have :]:
            yield item
        if have > 0 and shape == wanted[:have]:
            yield Item(item.text, lambda v: item.of(v)[(..., *(None,) * (need - have))])
    elif not item.whole:
        for axes in combinations(range(have), have - need):
            if tuple(n for axis, n in enumerate(shape) if axis not in axes) == wanted:
                written = item.text if item.text.isidentifier() else f"({item.text})"
                over = str(axes[0]) if len(axes) == 1 else str(axes)
                over = "" if need == 0 else over
                yield Item(f"{written}.sum({over})", lambda v, axes=axes: np.sum(item.of(v), axis=axes))

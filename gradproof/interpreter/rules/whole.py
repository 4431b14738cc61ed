"""Integers and truth values, as numpy runs them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradproof.errors import Undecided

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]


def plain(function: Function) -> Function:
    """A primitive without parameters."""
    return lambda *xs: function(*xs)


def truncated_division(a: Array, b: Array) -> Any:
    _require_not_zero(b)
    floor = a // b
    return floor + ((floor * b != a) & ((a < 0) != (b < 0)))


def remainder(a: Array, b: Array) -> Any:
    _require_not_zero(b)
    return np.fmod(a, b)


def _require_not_zero(b: Array) -> None:
    if not np.asarray(b != 0).all():
        raise Undecided("a whole number is divided by zero")


def shift_right_logical(x: Array, by: Array) -> Any:
    """Of the bits, whatever number they are."""
    unsigned = f"u{x.dtype.itemsize}"
    return np.right_shift(x.astype(unsigned), by.astype(unsigned)).astype(x.dtype)


def convert(x: Array, *, new_dtype: Any) -> Any:
    return x.astype(new_dtype)


def integer_pow(x: Array, *, y: int) -> Any:
    return x**y


def clamp(low: Array, x: Array, high: Array) -> Any:
    return np.clip(x, low, high)


def iota(*, dtype: Any, shape: Sequence[int], dimension: int) -> Any:
    along = [-1 if axis == dimension else 1 for axis in range(len(shape))]
    return np.broadcast_to(np.arange(shape[dimension], dtype=dtype).reshape(along), shape)


def reduction(function: Function) -> Function:
    return lambda x, *, axes: function(x, axis=tuple(axes))


def of_bits(function: Function, of_truth: Function) -> Function:
    """A reduction of truth values, or of whole numbers bit by bit."""

    def rule(x: Array, *, axes: Sequence[int]) -> Any:
        if x.dtype == bool:
            return of_truth(x, axis=tuple(axes))
        for axis in sorted(axes, reverse=True):
            parts = np.moveaxis(x, axis, 0)
            if not parts.shape[0]:
                raise Undecided("the bits of no numbers are put together")
            total = parts[0]
            for place in range(1, parts.shape[0]):
                total = function(total, parts[place])
            x = total
        return x

    return rule


def argument(function: Function) -> Function:
    """The first place of the largest or the smallest."""
    return lambda x, *, axes, index_dtype: function(x, axis=axes[0]).astype(index_dtype)


def dot_general(a: Array, b: Array, *, dimension_numbers: Any, preferred_element_type: Any = None) -> Any:
    (contract_a, contract_b), (batch_a, batch_b) = dimension_numbers
    # Each axis has a number; axes that are contracted or of the batch have the same one on both sides.
    left, right = list(range(a.ndim)), list(range(a.ndim, a.ndim + b.ndim))
    for i, j in zip((*contract_a, *batch_a), (*contract_b, *batch_b), strict=True):
        right[j] = left[i]
    free_a = [axis for axis in range(a.ndim) if axis not in (*contract_a, *batch_a)]
    free_b = [axis for axis in range(b.ndim) if axis not in (*contract_b, *batch_b)]
    out = [left[i] for i in (*batch_a, *free_a)] + [right[j] for j in free_b]
    return np.einsum(a, left, b, right, out, dtype=preferred_element_type)


def cumulative(function: Function) -> Function:
    def rule(x: Array, *, axis: int, reverse: bool) -> Any:
        if reverse:
            return np.flip(function(np.flip(x, axis), axis=axis), axis)
        return function(x, axis=axis)

    return rule

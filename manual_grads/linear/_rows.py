"""Sums over the examples of a data set, a block of rows at a time, so that no intermediate array has all of them."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

ROWS = 8192


def summed(function: Callable[..., Any], *arrays: Array, rows: int = ROWS) -> Any:
    r"""$\sum_B f(X_B, y_B)$ over blocks B of at most `rows` rows, for a function whose results add up."""
    count = len(arrays[0])
    blocks = (count - 1) // rows  # not counting the last one, which may be smaller
    last = function(*(array[blocks * rows :] for array in arrays))
    if blocks == 0:
        return last

    def add_block(block: Array, total: Any) -> Any:
        some = (jax.lax.dynamic_slice_in_dim(array, block * rows, rows) for array in arrays)
        return jax.tree.map(jnp.add, total, function(*some))

    return jax.lax.fori_loop(0, blocks, add_block, last)

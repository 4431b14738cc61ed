"""Words shared by the documents: columns, rows and products in two dimensions, where nothing is broadcast."""

from collections.abc import Callable, Iterable
from typing import Any

import chex
import jax
import jax.numpy as jnp


def column(vector: jax.Array) -> jax.Array:
    """The n numbers of a vector as an n x 1 matrix."""
    chex.assert_rank(vector, 1)
    return vector[:, None]


def columns(rows: jax.Array) -> list[jax.Array]:
    """Each row of a table as a column: the observations x_1, ..., x_n of data that are kept as n rows."""
    return [column(row) for row in rows]


def row(entries: Iterable[jax.Array]) -> jax.Array:
    """A 1 x n matrix, printed entry by entry."""
    return jnp.stack([jnp.reshape(entry, ()) for entry in entries])[None, :]


def matrix(height: int, width: int, entry: Callable[[int, int], jax.Array | float]) -> jax.Array:
    """A matrix printed entry by entry; `entry(i, j)` counts from zero."""
    return jnp.array([[entry(i, j) for j in range(width)] for i in range(height)])


def scalar(product: jax.Array) -> jax.Array:
    """The number in a 1 x 1 matrix, such as a^T b."""
    chex.assert_shape(product, (1, 1))
    return product[0, 0]


def hadamard(a: jax.Array, b: jax.Array) -> jax.Array:
    """The element-wise product of two arrays of one shape."""
    chex.assert_equal_shape([a, b])
    return a * b


def kronecker(i: int, j: int) -> float:
    r"""$\delta_{ij}$."""
    return float(i == j)


def numbered(items: Iterable[Any]) -> dict[int, Any]:
    """Items counted from 1, as texts count layers and units."""
    return dict(enumerate(items, 1))


def inverse(square: jax.Array) -> jax.Array:
    """The inverse of a matrix by Gauss-Jordan elimination, in arithmetic alone.

    Without pivoting: for positive definite matrices, and for any other whose leading minors are not zero.
    """
    chex.assert_shape(square, (len(square), len(square)))
    work = jnp.hstack([square, jnp.eye(len(square), dtype=square.dtype)])
    for k in range(len(square)):
        pivot = work[k] / work[k, k]
        work = work - jnp.outer(work[:, k], pivot)
        work = work.at[k].set(pivot)
    return work[:, len(square) :]

"""Words that the documents share: columns, rows and products of two dimensions, and the layouts of derivatives.

Nothing here broadcasts: a product or a sum of arrays that do not fit is an error. Indices count from zero.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import chex
import jax
import jax.numpy as jnp

from gradproof import Source, derivative

Activation = Callable[[jax.Array], jax.Array]
"""A function of an array, which may act element by element or not."""

Activations = Mapping[int, Activation]
"""By the number of the layer."""

ByLayer = Mapping[int, jax.Array]
"""Arrays by the number of the layer, such as its weights."""


def lines_of(document: str) -> Callable[..., Source]:
    """A function that cites lines of this document."""
    return lambda *lines: Source(document, lines)


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


def plus(a: jax.Array, b: jax.Array) -> jax.Array:
    """The sum of two arrays of one shape."""
    chex.assert_equal_shape([a, b])
    return a + b


def hadamard(a: jax.Array, b: jax.Array) -> jax.Array:
    """The element-wise product of two arrays of one shape."""
    chex.assert_equal_shape([a, b])
    return a * b


def kronecker(i: int, j: int) -> float:
    r"""$\delta_{ij}$."""
    return float(i == j)


def put(u: jax.Array, i: int, value: jax.Array | float) -> jax.Array:
    """The column u with another number as its element i."""
    return u.at[i, 0].set(value)


def unit(i: int, n: int) -> jax.Array:
    """The column of n elements with 1 as its element i and 0 elsewhere."""
    return put(jnp.zeros((n, 1)), i, 1.0)


def augmented(x: jax.Array) -> jax.Array:
    """The column with a 1 above x, which takes the bias as a weight."""
    return jnp.vstack([jnp.ones_like(x[:1]), x])


def numbered(items: Iterable[Any], first: int = 1) -> dict[int, Any]:
    """Items by their numbers, as texts count layers and units."""
    return dict(enumerate(items, first))


def logistic(z: jax.Array) -> jax.Array:
    """The logistic function, element by element."""
    return 1 / (1 + jnp.exp(-z))


def vector_function(components: Sequence[Activation]) -> Activation:
    """The function from R^d to R^d with these d components."""

    def function(z: jax.Array) -> jax.Array:
        chex.assert_shape(z, (len(components), 1))
        return jnp.stack([component(z) for component in components])[:, None]

    return function


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


def gradient(function: Callable[[jax.Array], jax.Array], at: jax.Array) -> jax.Array:
    """The derivative of a number with respect to a column or a matrix, in its shape."""
    chex.assert_rank(at, 2)
    by_entries = derivative(function, at)
    chex.assert_equal_shape([by_entries, at])
    return by_entries


def jacobian(function: Callable[[jax.Array], jax.Array], at: jax.Array) -> jax.Array:
    """The derivative with respect to a column: a row where the function is a number, else a row for each component."""
    chex.assert_shape(at, (None, 1))
    by_elements = derivative(function, at)
    if by_elements.shape != at.shape:
        chex.assert_shape(by_elements, (None, 1, *at.shape))
    return by_elements.reshape(-1, len(at))


def by_entry(function: Callable[[jax.Array], jax.Array], at: jax.Array, i: int, j: int = 0) -> jax.Array:
    """The derivative with respect to one entry of a matrix or a column, all others held fixed."""
    return derivative(lambda entry: function(at.at[i, j].set(entry)), at[i, j])


def slopes(function: Activation, z: jax.Array) -> jax.Array:
    """The derivatives f'(z) of a function that acts element by element, in the shape of z."""
    return derivative(lambda z: jnp.sum(function(z)), z)

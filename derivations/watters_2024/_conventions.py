"""The document's name, its loss, and its layout of derivatives. Vectors are columns, as n x 1 matrices."""

from collections.abc import Callable, Iterable

import chex
import jax
import jax.numpy as jnp

from derivations._words import gradient, lines_of, row

Number = Callable[[jax.Array], jax.Array]
"""A real function of a column or a matrix."""


printed = lines_of("003_50b51bf2bc986b27.txt")
"""These lines of the document."""


def squared_error(f: jax.Array, y: jax.Array) -> jax.Array:
    r"""$|y - f|^2$, as the square of a length: lines 35 and 188."""
    chex.assert_equal_shape([f, y])
    return jnp.sum((y - f) ** 2)


def by_column(function: Number, at: jax.Array) -> jax.Array:
    r"""$\partial L / \partial v$ of section 1: a column."""
    chex.assert_shape(at, (None, 1))
    return gradient(function, at)


def by_row(function: Number, at: jax.Array) -> jax.Array:
    r"""$\partial L / \partial v$ of section 2: a row."""
    return by_column(function, at).T


def one_appended(x: jax.Array) -> jax.Array:
    """A column with a 1 as its last entry: line 29."""
    return jnp.vstack([x, jnp.ones_like(x[:1])])


def bias_appended(W: jax.Array, b: jax.Array) -> jax.Array:
    """A matrix with the biases as its last column: line 29."""
    chex.assert_shape(b, (len(W), 1))
    return jnp.hstack([W, b])


def column_of(entries: Iterable[jax.Array]) -> jax.Array:
    """A column, printed entry by entry."""
    return row(entries).T

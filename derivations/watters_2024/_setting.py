"""The document's name, its loss, and its layout of derivatives. Vectors are columns, as n x 1 matrices."""

from collections.abc import Callable, Iterable

import chex
import jax
import jax.numpy as jnp

from derivations._words import row
from gradproof import Source, derivative

Number = Callable[[jax.Array], jax.Array]
"""A real function of a column or a matrix."""


def printed(*lines: int) -> Source:
    """These lines of the document."""
    return Source("003_50b51bf2bc986b27.txt", lines)


def squared_error(f: jax.Array, y: jax.Array) -> jax.Array:
    r"""$|y - f|^2$, as the square of a length: lines 35 and 188."""
    chex.assert_equal_shape([f, y])
    return jnp.sum((y - f) ** 2)


def by_column(function: Number, at: jax.Array) -> jax.Array:
    r"""$\partial L / \partial v$ of section 1: a column."""
    chex.assert_shape(at, (None, 1))
    return derivative(function, at)


def by_row(function: Number, at: jax.Array) -> jax.Array:
    r"""$\partial L / \partial v$ of section 2: a row."""
    return by_column(function, at).T


def by_entry(function: Number, at: jax.Array, i: int, j: int = 0) -> jax.Array:
    r"""$\partial L / \partial v_i$ or $\partial L / \partial W_{ij}$: of a number or a column, with all else held."""
    return derivative(lambda entry: function(at.at[i, j].set(entry)), at[i, j])


def jacobian(function: Callable[[jax.Array], jax.Array], at: jax.Array) -> jax.Array:
    r"""$\partial f / \partial v$ of a column by a column: a row for each $f_i$."""
    chex.assert_shape(at, (None, 1))
    rows = derivative(function, at)
    chex.assert_shape(rows, (None, 1, len(at), 1))
    return rows[:, 0, :, 0]


def one_appended(x: jax.Array) -> jax.Array:
    """A column with a 1 as its last entry: line 29."""
    return jnp.vstack([x, jnp.ones_like(x[:1])])


def bias_appended(W: jax.Array, b: jax.Array) -> jax.Array:
    """A matrix with the biases as its last column: line 29."""
    chex.assert_shape(b, (len(W), 1))
    return jnp.hstack([W, b])


def slopes(sigma: Callable[[jax.Array], jax.Array], g: jax.Array) -> jax.Array:
    r"""$\sigma'(g)$ of a function that is applied element by element."""
    return derivative(lambda g: jnp.sum(sigma(g)), g)


def column_of(entries: Iterable[jax.Array]) -> jax.Array:
    """A column, printed entry by entry."""
    return row(entries).T

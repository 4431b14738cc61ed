"""The document's name, and its layout of derivatives."""

from collections.abc import Callable

import chex
import jax
import jax.numpy as jnp

from gradproof import Source, derivative


def printed(*lines: int) -> Source:
    """These lines of the document."""
    return Source("000_cd06abbe9b0a8a4b.txt", lines)


def by_vector(function: Callable[[jax.Array], jax.Array], at: jax.Array) -> jax.Array:
    r"""$\partial f / \partial v$ by a column v: a row where f is a number, else a row for each $f_i$."""
    chex.assert_shape(at, (None, 1))
    return derivative(function, at).reshape(-1, len(at))


def by_matrix(function: Callable[[jax.Array], jax.Array], at: jax.Array) -> jax.Array:
    r"""$\partial f / \partial w$ of a column f by a matrix w: the tensor with slices $\partial f_i / \partial w$."""
    jacobian = derivative(function, at)
    chex.assert_shape(jacobian, (None, 1, *at.shape))
    return jacobian[:, 0]


def times(row: jax.Array, tensor: jax.Array) -> jax.Array:
    """A row times a tensor, with the axis of one dropped: the sum of the tensor's slices, weighted by the row."""
    chex.assert_shape(row, (1, len(tensor)))
    return jnp.tensordot(row, tensor, axes=1)[0]

"""The document's name, and its layout of derivatives."""

from collections.abc import Callable

import chex
import jax
import jax.numpy as jnp

from derivations._words import lines_of
from gradproof import derivative

printed = lines_of("000_cd06abbe9b0a8a4b.txt")
"""These lines of the document."""


def by_matrix(function: Callable[[jax.Array], jax.Array], at: jax.Array) -> jax.Array:
    r"""$\partial f / \partial w$ of a column f by a matrix w: the tensor with slices $\partial f_i / \partial w$."""
    by_entries = derivative(function, at)
    chex.assert_shape(by_entries, (None, 1, *at.shape))
    return by_entries[:, 0]


def times(row: jax.Array, tensor: jax.Array) -> jax.Array:
    """A row times a tensor, with the axis of one dropped: the sum of the tensor's slices, weighted by the row."""
    chex.assert_shape(row, (1, len(tensor)))
    return jnp.tensordot(row, tensor, axes=1)[0]

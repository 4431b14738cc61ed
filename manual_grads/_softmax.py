r"""Probabilities of classes from logits, along the last axis, in forms that neither overflow nor cancel."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

Logits = Float[Array, "*batch K"]


class Normalised(NamedTuple):
    r"""$p$ and $1 - p$, each accurate relative to its value, $\log p$, and a mask that is 1 at the likeliest class."""

    probabilities: Logits
    complements: Logits
    log_probabilities: Logits
    largest: Logits


def normalised(logits: Logits) -> Normalised:
    r"""$p_k = e_k / \sum_j e_j$ with $e_k = e^{z_k - z_{\max}}$; the largest $e_k$ is 1."""
    shifted = logits - jnp.max(logits, axis=-1, keepdims=True)
    exponentials = jnp.exp(shifted)
    largest = jax.nn.one_hot(jnp.argmax(logits, axis=-1), logits.shape[-1], dtype=logits.dtype)
    total = jnp.sum(exponentials, axis=-1, keepdims=True)
    rest = jnp.sum(exponentials - largest, axis=-1, keepdims=True)  # the total less 1, without cancellation
    p = exponentials / total
    # 1 - p cancels where p is near 1, which only the likeliest class can have.
    complements = jnp.where(largest > 0, rest / total, 1 - p)
    return Normalised(p, complements, shifted - jnp.log1p(rest), largest)


def less_the_mean(logits: Logits, tangent: Logits) -> tuple[Logits, Logits]:
    r"""$p$, and $v - (p \cdot v) \mathbf{1}$ for the tangent v.

    Adding a number to all tangents changes nothing, so the tangent of the likeliest class is subtracted first: then
    nothing cancels where its probability is near 1. Where several classes are likeliest, none has a probability near 1,
    and subtracting the sum of their tangents does no harm.
    """
    shifted = logits - jnp.max(logits, axis=-1, keepdims=True)
    exponentials = jnp.exp(shifted)
    total = jnp.sum(exponentials, axis=-1, keepdims=True)
    tangent = tangent - jnp.sum(jnp.where(shifted == 0, tangent, 0), axis=-1, keepdims=True)
    return exponentials / total, tangent - jnp.sum(exponentials * tangent, axis=-1, keepdims=True) / total


def diagonal(logits: Logits) -> Bool[Array, "*ones K K"]:
    """Whether each entry of the Jacobian is on the diagonal; the axes of the batch have length 1."""
    classes = logits.shape[-1]
    return jnp.eye(classes, dtype=bool).reshape((1,) * (logits.ndim - 1) + (classes, classes))

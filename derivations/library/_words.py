"""Words shared by the claims about models."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from gradproof import claim, derivative
from manual_grads.activations import Elementwise

of_code = partial(claim, stable=True)
"""A claim about code to be run: the machine must compute it, too."""


@dataclass(frozen=True)
class AnyActivation(Elementwise):
    """An unknown function of one real, and its derivative."""

    function: Any

    def __call__(self, logits: jax.Array) -> jax.Array:
        return self.function(logits)

    def derivative(self, logits: jax.Array) -> jax.Array:
        return derivative(lambda logits: jnp.sum(self.function(logits)), logits)


def expit(z: jax.Array) -> jax.Array:
    """The logistic function as it is printed."""
    return 1 / (1 + jnp.exp(-z))


def probabilities(z: jax.Array) -> jax.Array:
    """Softmax as it is printed, along the last axis."""
    return jnp.exp(z) / jnp.sum(jnp.exp(z), axis=-1, keepdims=True)


def second_derivative(function: Callable[[Any], jax.Array], at: Any) -> Any:
    """The Hessian of a function, nested by the structure of `at` twice."""
    return derivative(lambda at: derivative(function, at), at)


def along(hessian: Any, tangent: Any) -> Any:
    """The product of a Hessian, nested by the structure of `tangent` twice, with that vector."""
    if isinstance(tangent, tuple):
        return tuple(sum(map(along, blocks, tangent)) for blocks in hessian)
    return jnp.tensordot(hessian, tangent, axes=tangent.ndim)


def block_diagonal(blocks: jax.Array) -> jax.Array:
    """The derivative of a batch by a batch whose rows do not act on each other, of the derivative of each row."""
    return jnp.einsum("ij,ikl->ikjl", jnp.eye(len(blocks)), blocks)


def permutations(z: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Two permutations of classes that make all others: a cycle, and an exchange of the first two."""
    return jnp.roll(z, 1, axis=0), jnp.concatenate([z[:2][::-1], z[2:]])

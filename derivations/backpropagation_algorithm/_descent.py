"""Gradient descent for the experiments, by the library's gradients, which are proved for any activation."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp

from manual_grads import losses, network, training

XOR = jnp.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), jnp.array([[0.0], [1.0], [1.0], [0.0]])
"""The exclusive or: inputs and targets."""

Layers = list[tuple[jax.Array, jax.Array]]


def squared_error(*activations: Any) -> network.Network:
    """A network with these activations and half the squared error."""
    return network.Network(activations, losses.l2_loss)


@cache
def _objective(net: network.Network) -> training.Objective:
    """One function for each network, so that it is compiled once."""

    def objective(
        layers: Layers, X: jax.Array, Y: jax.Array, strength: jax.Array, of_biases: jax.Array
    ) -> tuple[jax.Array, Layers]:
        loss, gradient = net.loss_and_gradient(layers, X, Y, reduction="mean")
        squares = sum(strength * (W**2).sum() + of_biases * (b**2).sum() for W, b in layers)
        pairs = zip(layers, gradient, strict=True)
        return loss + squares / 2, [(by_W + strength * W, by_b + of_biases * b) for (W, b), (by_W, by_b) in pairs]

    return objective


def descent(
    net: network.Network,
    start: Layers,
    X: jax.Array,
    Y: jax.Array,
    *,
    rate: float,
    steps: int,
    strength: float = 0.0,
    of_biases: float = 0.0,
) -> training.Run:
    """Steps on the mean over the examples, with decay of the weights, and of the biases for comparison."""
    data = X, Y, jnp.asarray(strength), jnp.asarray(of_biases)
    return training.gradient_descent(_objective(net), start, data, learning_rate=rate, steps=steps)

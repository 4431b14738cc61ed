"""Gradients of the logistic loss that are right at most points, and wrong where no sampled point lies."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def by_probability(probability: Callable[[Any], Any]) -> Callable[..., Any]:
    """The gradient of the mean logistic loss, with another function for the sigmoid."""
    return lambda weights, inputs, labels: (probability(inputs @ weights) - labels) @ inputs / len(labels)


REGION_ERRORS = {
    "0.9 where |z| > 12": by_probability(lambda z: jnp.where(jnp.abs(z) > 12, 0.9, jax.nn.sigmoid(z))),
    "e^z / (1 + e^z), which overflows": by_probability(lambda z: jnp.exp(z) / (1 + jnp.exp(z))),
    "0.4 where z = 0": by_probability(lambda z: jnp.where(z == 0, 0.4, jax.nn.sigmoid(z))),
}

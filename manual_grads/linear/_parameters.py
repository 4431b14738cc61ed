"""Parameters, `weights` or `(weights, bias)`: the linear map that they stand for, and the same as one array."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array


def predictions(parameters: Any, inputs: Array) -> Array:
    """X W + b, or X W."""
    if isinstance(parameters, tuple):
        weights, bias = parameters
        return inputs @ weights + (bias[None, :] if jnp.ndim(bias) else bias)
    return inputs @ parameters


def transposed(parameters: Any, inputs: Array, cotangent: Array) -> Any:
    """The transpose of that map: (X^T R, sum of the rows of R), or X^T R."""
    # (R^T X)^T is X^T R, and leaves the data matrix where it is, also for one class.
    weights_part = (cotangent.T @ inputs).T
    return (weights_part, jnp.sum(cotangent, axis=0)) if isinstance(parameters, tuple) else weights_part


def stacked(parameters: Any) -> Array:
    """The parameters as one array: a bias is the last row of the weights."""
    if isinstance(parameters, tuple):
        weights, bias = parameters
        return jnp.concatenate([weights, bias[None]])
    return parameters


def unstacked(array: Array, like: Any) -> Any:
    return (array[:-1], array[-1]) if isinstance(like, tuple) else array


def augmented(inputs: Array, parameters: Any) -> Array:
    """The inputs, and a column of ones if there is a bias."""
    if isinstance(parameters, tuple):
        return jnp.concatenate([inputs, jnp.ones_like(inputs[:, :1])], axis=1)
    return inputs

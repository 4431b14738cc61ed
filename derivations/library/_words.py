"""Words shared by the claims about models."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from gradproof import derivative


def second_derivative(function: Callable[[Any], jax.Array], at: Any) -> Any:
    """The Hessian of a function, nested by the structure of `at` twice."""
    return derivative(lambda at: derivative(function, at), at)


def along(hessian: Any, tangent: Any) -> Any:
    """The product of a Hessian, nested by the structure of `tangent` twice, with that vector."""
    if isinstance(tangent, tuple):
        return tuple(sum(map(along, blocks, tangent)) for blocks in hessian)
    return jnp.tensordot(hessian, tangent, axes=tangent.ndim)

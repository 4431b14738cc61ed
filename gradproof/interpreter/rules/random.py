"""Random numbers of keys that are known: JAX draws them, and they are numbers like any others."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradproof.errors import Undecided
from gradproof.interpreter.running import Running, is_whole


def drawn(run: Running, equation: Any, *xs: Any, **params: Any) -> list[Any]:
    """What JAX makes of known keys and whole numbers."""
    if not all(isinstance(x, np.ndarray | jax.Array) for x in xs):
        raise Undecided("the key of random numbers depends on inputs")
    made = equation.primitive.bind(*xs, **params)
    values = made if equation.primitive.multiple_results else [made]
    return [x if jnp.issubdtype(x.dtype, jax.dtypes.extended) else np.asarray(x) for x in values]


def of_bits(run: Running, equation: Any, x: Any, *, new_dtype: Any) -> Any:
    """The number of these bits."""
    if not (is_whole(x) and isinstance(x, np.ndarray)) or x.dtype.itemsize != np.dtype(new_dtype).itemsize:
        raise Undecided("the bits of a number are used")
    return run.known(x.view(new_dtype))

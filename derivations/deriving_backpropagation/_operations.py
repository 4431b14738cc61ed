"""What a computation costs."""

from collections.abc import Callable
from typing import Any

import jax


def operations(function: Callable[..., Any], *arguments: Any) -> float:
    """The additions and multiplications of a function of arrays, as XLA counts them before it optimises."""
    return jax.jit(function).lower(*arguments).cost_analysis().get("flops", 0.0)

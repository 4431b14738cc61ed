"""The formats of floating point in which a machine computes."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp


@dataclass(frozen=True)
class Format:
    """Bits of the significand, and base-2 logarithms of the smallest normal and the largest number."""

    bits: int
    smallest: float
    largest: float

    @classmethod
    def of(cls, dtype: Any) -> "Format":
        info = jnp.finfo(dtype)
        return cls(info.nmant + 1, float(info.minexp), float(info.maxexp))

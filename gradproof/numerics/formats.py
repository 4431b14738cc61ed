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

    @classmethod
    def with_bits(cls, exponent_bits: int, mantissa_bits: int) -> "Format":
        """That of numbers stored in so many bits; the first one of a significand is not stored."""
        most = 2.0 ** (exponent_bits - 1)
        return cls(mantissa_bits + 1, 2 - most, most)

    def holds(self, other: "Format") -> bool:
        """Whether each number of another format is one of this."""
        return self.bits >= other.bits and self.smallest <= other.smallest and self.largest >= other.largest

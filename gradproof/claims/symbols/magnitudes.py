"""How large inputs are, and which signs they have."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Magnitudes:
    """A way to draw inputs: the range of their magnitudes, spread evenly over its orders, and their signs.

    With `signs` of -1 the first real symbol is negative and the others are positive, so that their product is negative;
    0 is a sign for each entry.
    """

    low: float
    high: float
    signs: int = 0
    zeros: bool = False
    equal: bool = False
    huge: bool = False

    def draw(self, shape: tuple[int, ...], generator: np.random.Generator, *, zeros: bool = False) -> np.ndarray:
        """Magnitudes that float32 has exactly; half of them zero if asked for."""
        exponents = generator.uniform(math.log(self.low), math.log(self.high), () if self.equal else shape)
        values = np.exp(exponents).astype(np.float32).astype(float)
        values = np.broadcast_to(values, shape).copy()
        return values * generator.integers(0, 2, shape) if zeros else values

"""Positive reals."""

import math

import numpy as np

from gradproof.claims.symbols.base import ArraySymbol, Draw, Sizes
from gradproof.claims.symbols.magnitudes import Magnitudes


class Positive(ArraySymbol):
    """Any array of positive reals."""

    domain = "positive"
    free = True

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf

    def admits(self, number: float) -> bool:
        return number > 0

    def draw(
        self, sizes: Sizes, magnitudes: Magnitudes, generator: np.random.Generator, *, first: bool = False
    ) -> np.ndarray:
        return magnitudes.draw(self.shape(sizes), generator)

    def simple(self, sizes: Sizes, draw: Draw, generator: np.random.Generator) -> np.ndarray:
        drawn = np.abs(draw(self.shape(sizes)))
        return np.where(drawn == 0, 1.0, drawn)

    def simpler(self, value: float) -> list[float]:
        return [1.0]

    def nearest(self, values: np.ndarray) -> np.ndarray:
        return np.where(values > 0, values, 1.0)

    def rounded(self, values: np.ndarray, to: np.dtype, generator: np.random.Generator) -> np.ndarray:
        return values.astype(to).astype(float)

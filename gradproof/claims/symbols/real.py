"""Reals."""

import numpy as np

from gradproof.claims.symbols.base import ArraySymbol, Draw, Sizes
from gradproof.claims.symbols.magnitudes import Magnitudes


class Real(ArraySymbol):
    """Any real array: `Real("n m")`; `Real()` is a scalar."""

    domain = "any real"
    free = True
    unbounded = True

    def admits(self, number: float) -> bool:
        return True

    def draw(
        self, sizes: Sizes, magnitudes: Magnitudes, generator: np.random.Generator, *, first: bool = False
    ) -> np.ndarray:
        shape = self.shape(sizes)
        values = magnitudes.draw(shape, generator, zeros=magnitudes.zeros)
        signs = generator.choice([-1.0, 1.0], () if magnitudes.equal else shape)
        if magnitudes.signs == 0:
            return values * signs
        return values * (-1.0 if first and magnitudes.signs < 0 else 1.0)

    def simple(self, sizes: Sizes, draw: Draw, generator: np.random.Generator) -> np.ndarray:
        return np.asarray(draw(self.shape(sizes)), float)

    def simpler(self, value: float) -> list[float]:
        return [0.0, 1.0, float(np.rint(value))]

    def rounded(self, values: np.ndarray, to: np.dtype, generator: np.random.Generator) -> np.ndarray:
        return values.astype(to).astype(float)

"""Labels 0 and 1."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from gradproof.claims.symbols.base import ArraySymbol, Draw, Sizes
from gradproof.claims.symbols.magnitudes import Magnitudes


class Binary(ArraySymbol):
    """An array of labels, each 0 or 1, as reals."""

    domain = "0 or 1"
    label = True

    def admits(self, number: float) -> bool:
        return number in (0.0, 1.0)

    def count(self, sizes: Sizes) -> int:
        return int(2 ** math.prod(self.shape(sizes)))

    def values(self, sizes: Sizes) -> Iterator[np.ndarray]:
        shape = self.shape(sizes)
        for bits in itertools.product((0.0, 1.0), repeat=math.prod(shape)):
            yield np.array(bits).reshape(shape)

    def draw(
        self, sizes: Sizes, magnitudes: Magnitudes, generator: np.random.Generator, *, first: bool = False
    ) -> np.ndarray:
        return generator.integers(0, 2, self.shape(sizes)).astype(float)

    def simple(self, sizes: Sizes, draw: Draw, generator: np.random.Generator) -> np.ndarray:
        return generator.integers(0, 2, self.shape(sizes)).astype(float)

    def simpler(self, value: float) -> list[float]:
        return [0.0, 1.0]

"""Labels -1 and 1."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from gradproof.claims.symbols.base import ArraySymbol, Draw, Sizes
from gradproof.claims.symbols.magnitudes import Magnitudes


class Sign(ArraySymbol):
    """An array of labels, each -1 or 1, as reals: those of the hinge loss and of margins."""

    domain = "-1 or 1"
    label = True

    def admits(self, number: float) -> bool:
        return number in (-1.0, 1.0)

    def count(self, sizes: Sizes) -> int:
        return int(2 ** math.prod(self.shape(sizes)))

    def values(self, sizes: Sizes) -> Iterator[np.ndarray]:
        shape = self.shape(sizes)
        for signs in itertools.product((-1.0, 1.0), repeat=math.prod(shape)):
            yield np.array(signs).reshape(shape)

    def draw(
        self, sizes: Sizes, magnitudes: Magnitudes, generator: np.random.Generator, *, first: bool = False
    ) -> np.ndarray:
        return generator.choice([-1.0, 1.0], self.shape(sizes))

    def simple(self, sizes: Sizes, draw: Draw, generator: np.random.Generator) -> np.ndarray:
        return generator.choice([-1.0, 1.0], self.shape(sizes))

    def simpler(self, value: float) -> list[float]:
        return [1.0, -1.0]

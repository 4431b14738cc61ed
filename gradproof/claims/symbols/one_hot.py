"""Classes as rows with a single 1."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from gradproof.claims.symbols.base import ArraySymbol, Draw, Sizes, one_hot_rows, require_classes
from gradproof.claims.symbols.magnitudes import Magnitudes


class OneHot(ArraySymbol):
    """Rows with a single 1 and zeros elsewhere; the classes are the last axis."""

    domain = "one-hot rows"
    label = True
    rows = True

    def __init__(self, shape: str = "") -> None:
        super().__init__(shape)
        require_classes(self)

    def count(self, sizes: Sizes) -> int:
        shape = self.shape(sizes)
        return int(shape[-1] ** math.prod(shape[:-1]))

    def values(self, sizes: Sizes) -> Iterator[np.ndarray]:
        shape = self.shape(sizes)
        for flat in itertools.product(range(shape[-1]), repeat=math.prod(shape[:-1])):
            yield np.eye(shape[-1])[np.array(flat, int)].reshape(shape)

    def draw(
        self, sizes: Sizes, magnitudes: Magnitudes, generator: np.random.Generator, *, first: bool = False
    ) -> np.ndarray:
        return one_hot_rows(self.shape(sizes), generator)

    def simple(self, sizes: Sizes, draw: Draw, generator: np.random.Generator) -> np.ndarray:
        return one_hot_rows(self.shape(sizes), generator)

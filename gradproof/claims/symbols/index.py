"""Classes as integers."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from gradproof.claims.symbols.base import ArraySymbol, Draw, Sizes
from gradproof.claims.symbols.dimensions import Dimension
from gradproof.claims.symbols.magnitudes import Magnitudes
from gradproof.errors import GradproofError


class Index(ArraySymbol):
    """An integer array of classes, each at least 0 and below the named size: `Index("n", below="K")`."""

    label = True
    integer = True

    def __init__(self, shape: str = "", *, below: str = "") -> None:
        super().__init__(shape)
        if not isinstance(below, str) or not below:
            raise GradproofError(
                f'Index needs the size that its classes are below, such as below="K" or below="5"; given {below!r}'
            )
        self.below = Dimension.parse(below, below)

    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*super().names(), *self.below.names)))

    def __repr__(self) -> str:
        return f'{super().__repr__()[:-1]}, below="{self.below}")'

    @property
    def domain(self) -> str:
        return f"every class below {self.below}"

    def count(self, sizes: Sizes) -> int:
        return int(self.below.at(sizes) ** math.prod(self.shape(sizes)))

    def values(self, sizes: Sizes) -> Iterator[np.ndarray]:
        shape = self.shape(sizes)
        for flat in itertools.product(range(self.below.at(sizes)), repeat=math.prod(shape)):
            yield np.array(flat, np.int32).reshape(shape)

    def draw(
        self, sizes: Sizes, magnitudes: Magnitudes, generator: np.random.Generator, *, first: bool = False
    ) -> np.ndarray:
        return generator.integers(0, self.below.at(sizes), self.shape(sizes)).astype(np.int32)

    def simple(self, sizes: Sizes, draw: Draw, generator: np.random.Generator) -> np.ndarray:
        return generator.integers(0, self.below.at(sizes), self.shape(sizes)).astype(np.int32)

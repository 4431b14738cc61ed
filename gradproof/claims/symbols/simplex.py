"""Rows of probabilities."""

import math

import numpy as np

from gradproof.claims.symbols.base import ArraySymbol, Draw, Sizes, one_hot_rows, require_classes
from gradproof.claims.symbols.magnitudes import Magnitudes


class Simplex(ArraySymbol):
    """Rows of probabilities: positive and with sum one along the last axis."""

    domain = "rows of probabilities"
    rows = True
    has_corners = True

    def __init__(self, shape: str = "") -> None:
        super().__init__(shape)
        require_classes(self)

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, math.inf

    def draw(
        self, sizes: Sizes, magnitudes: Magnitudes, generator: np.random.Generator, *, first: bool = False
    ) -> np.ndarray:
        """Multiples of 2^-12, none of them zero."""
        shape = self.shape(sizes)
        rows = np.maximum(np.floor(generator.dirichlet(np.ones(shape[-1]), shape[:-1]) * 2**12), 1)
        rest = 2**12 - rows.sum(axis=-1)
        np.put_along_axis(
            rows, rows.argmax(axis=-1)[..., None], rows.max(axis=-1, keepdims=True) + rest[..., None], axis=-1
        )
        return np.asarray(rows / 2**12)

    def simple(self, sizes: Sizes, draw: Draw, generator: np.random.Generator) -> np.ndarray:
        """Positive multiples of 1/64."""
        shape = self.shape(sizes)
        rows = [
            np.diff([0, *np.sort(generator.choice(np.arange(1, 64), shape[-1] - 1, replace=False)), 64]) / 64
            for _ in np.ndindex(shape[:-1])
        ]
        return np.array(rows).reshape(shape)

    def rounded(self, values: np.ndarray, to: np.dtype, generator: np.random.Generator) -> np.ndarray:
        """Other rows: multiples of 2^-6, zero only where there are more than 2^6."""
        classes = values.shape[-1]
        least = 1 if classes <= 2**6 else 0
        parts = generator.dirichlet(np.ones(classes), values.shape[:-1])
        return np.asarray((least + generator.multinomial(2**6 - least * classes, parts)) / 2**6)

    def near_corners(self, sizes: Sizes, generator: np.random.Generator) -> np.ndarray:
        """Multiples of 2^-52, all but one of them small, so that their sum is exact."""
        shape = self.shape(sizes)
        rows = 2.0 ** -generator.integers(2 + math.ceil(math.log2(shape[-1])), 52, shape)
        largest = one_hot_rows(shape, generator)
        rows = np.where(largest == 1, 0.0, rows)
        return np.asarray(np.where(largest == 1, 1.0 - rows.sum(axis=-1, keepdims=True), rows))

    def corners(self, sizes: Sizes, generator: np.random.Generator) -> np.ndarray:
        return one_hot_rows(self.shape(sizes), generator)

"""Numbers between two others."""

import numpy as np

from gradproof.claims.symbols.base import ArraySymbol, Draw, Sizes
from gradproof.claims.symbols.magnitudes import Magnitudes
from gradproof.errors import GradproofError, Undecided

LARGEST = float(np.finfo(np.float32).max)

NEAREST_END = 2.0**-20
"""As a share of the width: no input is nearer to an end."""


class Interval(ArraySymbol):
    """An array of reals strictly between two numbers: `Interval("n", low=0, high=1)`.

    Arguments:
        low, high: in the range of float32, the first the smaller one.

    >>> Interval("n", low=-1, high=1).admits(1.0)
    False
    """

    free = True

    def __init__(self, shape: str = "", *, low: float, high: float) -> None:
        super().__init__(shape)
        numbers = all(isinstance(end, int | float | np.number) for end in (low, high))
        if not numbers or not -LARGEST <= low < high <= LARGEST:
            raise GradproofError(
                "Interval needs two numbers in the range of float32, the first the smaller one; "
                f"given low={low!r}, high={high!r}"
            )
        self.low, self.high = float(low), float(high)
        if not self._has(np.dtype(np.float32)):
            raise GradproofError(
                f"Interval needs ends with numbers between them; float32 has no number between {low!r} and {high!r}"
            )

    @property
    def domain(self) -> str:
        return f"between {self.low:g} and {self.high:g}"

    @property
    def bounds(self) -> tuple[float, float]:
        return self.low, self.high

    @property
    def middle(self) -> float:
        return self.low / 2 + self.high / 2

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, low={self.low:g}, high={self.high:g})"

    def admits(self, number: float) -> bool:
        return self.low < number < self.high

    def draw(
        self, sizes: Sizes, magnitudes: Magnitudes, generator: np.random.Generator, *, first: bool = False
    ) -> np.ndarray:
        shape = self.shape(sizes)
        turned = generator.choice([False, True], () if magnitudes.equal else shape)
        return self._within(self._at(magnitudes.draw(shape, generator), turned), np.dtype(np.float32))

    def simple(self, sizes: Sizes, draw: Draw, generator: np.random.Generator) -> np.ndarray:
        return self.nearest(np.asarray(draw(self.shape(sizes)), float))

    def simpler(self, value: float) -> list[float]:
        return [number for number in (0.0, 1.0, float(np.rint(value)), self.middle) if self.admits(number)]

    def nearest(self, values: np.ndarray) -> np.ndarray:
        # Numbers outside are taken to numbers about the middle that tell them apart.
        inside = (self.low < values) & (values < self.high)
        return np.where(inside, values, self.middle + (self.high - self.low) * values / (4 * (1 + abs(values))))

    def rounded(self, values: np.ndarray, to: np.dtype, generator: np.random.Generator) -> np.ndarray:
        if not self._has(to):
            raise Undecided(f"{np.dtype(to)} has no number between {self.low:g} and {self.high:.7g}")
        return self._within(values, to)

    def _has(self, format: np.dtype) -> bool:
        """Whether a number of a format is inside; if one is, the one nearest to the middle is."""
        return self.admits(float(np.asarray(self.middle).astype(format)))

    def _at(self, distances: np.ndarray, turned: np.ndarray) -> np.ndarray:
        """Numbers near to the lower end where distances are small, or to the upper one."""
        share = np.clip(distances / (1 + distances), NEAREST_END, 1 - NEAREST_END)
        return self.low + (self.high - self.low) * np.where(turned, 1 - share, share)

    def _within(self, values: np.ndarray, to: np.dtype) -> np.ndarray:
        """The nearest numbers of a format; those that are at the ends or beyond become the middle."""
        near = values.astype(to).astype(float)
        middle = np.asarray(self.middle).astype(to).astype(float)
        return np.where((self.low < near) & (near < self.high), near, middle)

"""What the engine can ask of a symbol."""

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np

from gradproof.claims.symbols.dimensions import dimensions
from gradproof.claims.symbols.magnitudes import Magnitudes
from gradproof.errors import GradproofError

Sizes = Mapping[str, int]
Draw = Callable[[tuple[int, ...]], np.ndarray]
"""Numbers of a given shape."""


class Symbol:
    """The base of all symbols. Those that are arrays derive from `ArraySymbol`."""

    def __init__(self, shape: str = "", *others: object) -> None:
        if others:
            raise GradproofError(
                f'a shape is one text, such as {type(self).__name__}("n m"); given {1 + len(others)} arguments'
            )
        self.dimensions = dimensions(shape)

    def names(self) -> tuple[str, ...]:
        """The named sizes this symbol speaks of, in order."""
        return tuple(dict.fromkeys(name for dimension in self.dimensions for name in dimension.names))

    def with_shape(self, shape: str) -> Self:
        """The same kind of symbol with another shape."""
        made = copy.copy(self)
        made.dimensions = dimensions(shape)
        return made

    def __repr__(self) -> str:
        return f'{type(self).__name__}("{" ".join(map(str, self.dimensions))}")'


class ArraySymbol(Symbol, ABC):
    """A symbol that stands for an array of numbers."""

    integer: ClassVar[bool] = False
    """Whether its values are integers, which index and count, and not reals."""
    label: ClassVar[bool] = False
    """Whether it has finitely many values, which `values` lists."""
    rows: ClassVar[bool] = False
    """Whether the entries along the last axis have sum one."""
    free: ClassVar[bool] = False
    """Whether each entry may be any number of the domain, whatever the others are."""
    unbounded: ClassVar[bool] = False
    """Whether the domain is all reals."""
    has_corners: ClassVar[bool] = False
    """Whether the ends of the domain belong to it."""

    @property
    @abstractmethod
    def domain(self) -> str:
        """What its numbers are, in words."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Two numbers between which every number of the domain is, and neither of which it is."""
        return -math.inf, math.inf

    @property
    def positive(self) -> bool:
        """Whether every number of the domain is positive."""
        return self.bounds[0] >= 0

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        return tuple(dimension.at(sizes) for dimension in self.dimensions)

    def admits(self, number: float) -> bool:
        """Whether a number is in the domain of a free entry."""
        raise NotImplementedError

    # The values of a label.

    def count(self, sizes: Sizes) -> int:
        """How many values a label has."""
        raise NotImplementedError

    def values(self, sizes: Sizes) -> Iterator[np.ndarray]:
        """Every value of a label."""
        raise NotImplementedError

    # Inputs.

    @abstractmethod
    def draw(
        self, sizes: Sizes, magnitudes: Magnitudes, generator: np.random.Generator, *, first: bool = False
    ) -> np.ndarray:
        """Values that float32 has exactly.

        Arguments:
            first: whether this is the first unbounded symbol of the claim, which `magnitudes` may want negative.
        """

    @abstractmethod
    def simple(self, sizes: Sizes, draw: Draw, generator: np.random.Generator) -> np.ndarray:
        """Values to show a person, of numbers that are drawn for this symbol."""

    def simpler(self, value: float) -> list[float]:
        """What one entry may be instead, the simplest first; nothing where entries do not change alone."""
        return []

    def nearest(self, values: np.ndarray) -> np.ndarray:
        """The values nearest to some numbers, of entries that may be any by themselves."""
        return values

    def rounded(self, values: np.ndarray, to: Any, generator: np.random.Generator) -> np.ndarray:
        """The values in a format of low precision, as float64; where rounding leaves the domain, others."""
        return values

    def near_corners(self, sizes: Sizes, generator: np.random.Generator) -> np.ndarray:
        """Values near the ends of the domain, where they are not numbers that may be any by themselves."""
        return self.draw(sizes, Magnitudes(0.25, 3.0), generator)

    def corners(self, sizes: Sizes, generator: np.random.Generator) -> np.ndarray:
        """Values at the ends of the domain."""
        raise NotImplementedError


def one_hot_rows(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    return np.eye(shape[-1])[generator.integers(0, shape[-1], shape[:-1])]


def require_classes(symbol: Symbol) -> None:
    """Refuse a symbol without an axis of classes."""
    if not symbol.dimensions:
        name = type(symbol).__name__
        raise GradproofError(f'{name} needs an axis of classes, such as {name}("n K"); given no axis')

"""What a claim speaks of: reals, labels, probabilities, classes and arbitrary functions, with shapes in named sizes.

A symbol stands as the default value of a claim's parameter, `w=Real("m")`: "let w be a real vector of length m".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gradproof.errors import GradproofError

_DIMENSION = re.compile(r"(?:(?P<name>[A-Za-z_]\w*)(?P<offset>[+-]\d+)?|(?P<number>\d+))\Z")


@dataclass(frozen=True)
class Dimension:
    """One axis: a name, a name with an offset (`m+1`), or a number."""

    name: str | None
    offset: int

    @classmethod
    def parse(cls, text: str, shape: str) -> "Dimension":
        match = _DIMENSION.match(text)
        if match is None:
            raise GradproofError(
                f'a shape is names and numbers apart by spaces, such as "n m+1 3"; {text!r} in "{shape}" is neither'
            )
        if match["number"] is not None:
            return cls(None, int(match["number"]))
        return cls(match["name"], int(match["offset"] or 0))

    def at(self, sizes: Mapping[str, int]) -> int:
        return self.offset + (sizes[self.name] if self.name else 0)

    def __str__(self) -> str:
        if self.name is None:
            return str(self.offset)
        return self.name + (f"{self.offset:+d}" if self.offset else "")


def _dimensions(shape: str) -> tuple[Dimension, ...]:
    return tuple(Dimension.parse(text, shape) for text in shape.split())


class Symbol:
    """The base of all symbols."""

    dimensions: tuple[Dimension, ...]

    def __init__(self, shape: str = "") -> None:
        self.dimensions = _dimensions(shape)

    def names(self) -> tuple[str, ...]:
        """The named sizes this symbol speaks of, in order."""
        return tuple(dict.fromkeys(d.name for d in self.dimensions if d.name))

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(dimension.at(sizes) for dimension in self.dimensions)

    def __repr__(self) -> str:
        return f'{type(self).__name__}("{" ".join(map(str, self.dimensions))}")'


class Real(Symbol):
    """Any real array: `Real("n m")`; `Real()` is a scalar."""


class Positive(Symbol):
    """Any array of positive reals."""


class Binary(Symbol):
    """An array of labels, each 0 or 1, as reals."""


class OneHot(Symbol):
    """Rows with a single 1 and zeros elsewhere; the classes are the last axis."""

    def __init__(self, shape: str) -> None:
        super().__init__(shape)
        if not self.dimensions:
            raise GradproofError('OneHot needs an axis of classes, such as OneHot("n K"); given no axis')


class Simplex(OneHot):
    """Rows of probabilities: positive and with sum one along the last axis."""


class Index(Symbol):
    """An integer array of classes, each at least 0 and below the named size: `Index("n", below="K")`."""

    def __init__(self, shape: str = "", *, below: str) -> None:
        super().__init__(shape)
        (self.below,) = _dimensions(below)

    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*super().names(), *([self.below.name] if self.below.name else []))))


class Function(Symbol):
    """An arbitrary smooth function of one real, applied element by element: any activation.

    A claim made with it is proved for every function, since nothing about it is known but that equal
    arguments give equal values; its derivatives are further unknown functions.
    """

    def __init__(self) -> None:
        super().__init__("")


class Functional(Symbol):
    """An arbitrary smooth real function of whole arrays: any loss.

    It is called with one or more arrays, `loss(prediction, labels)`, and returns a scalar.
    """

    def __init__(self) -> None:
        super().__init__("")

"""Unknown functions as symbols."""

from typing import ClassVar

from gradproof.claims.symbols.base import Symbol
from gradproof.errors import GradproofError


class Unknown(Symbol):
    """A function of which nothing is known but its name."""

    of_arrays: ClassVar[bool]
    """Whether it takes whole arrays, and not one real at a time."""

    def __init__(self, *shapes: object) -> None:
        if shapes:
            raise GradproofError(
                f"{type(self).__name__}() has no shape: what it is called with has; given {shapes[0]!r}"
            )
        super().__init__("")


class Function(Unknown):
    """An arbitrary smooth function of one real, applied element by element: any activation.

    A claim made with it is proved for every function, since nothing about it is known but that equal
    arguments give equal values; its derivatives are further unknown functions.
    """

    of_arrays = False


class Functional(Unknown):
    """An arbitrary smooth real function of whole arrays: any loss.

    It is called with one or more arrays, `loss(prediction, labels)`, and returns a scalar.
    """

    of_arrays = True

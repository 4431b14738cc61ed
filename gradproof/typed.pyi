"""Symbols as type checkers and editors see them: as what they stand for in a claim.

A symbol is the default of a parameter, which is an array where the claim runs: `def gradient(w: Array = Real("m"))`.
"""

from collections.abc import Callable

from jax import Array

def Real(shape: str = "") -> Array:
    """Any real array: `Real("n m")`; `Real()` is a scalar."""

def Positive(shape: str = "") -> Array:
    """Any array of positive reals."""

def Interval(shape: str = "", *, low: float, high: float) -> Array:
    """An array of reals strictly between two numbers: `Interval("n", low=0, high=1)`."""

def Binary(shape: str = "") -> Array:
    """An array of labels, each 0 or 1, as reals."""

def Sign(shape: str = "") -> Array:
    """An array of labels, each -1 or 1, as reals: those of the hinge loss and of margins."""

def Index(shape: str = "", *, below: str) -> Array:
    """An integer array of classes, each at least 0 and below the named size: `Index("n", below="K")`."""

def OneHot(shape: str) -> Array:
    """Rows with a single 1 and zeros elsewhere; the classes are the last axis."""

def Simplex(shape: str) -> Array:
    """Rows of probabilities: positive and with sum one along the last axis."""

def Function() -> Callable[[Array], Array]:
    """An arbitrary smooth function of one real, applied element by element: any activation."""

def Functional() -> Callable[..., Array]:
    """An arbitrary smooth real function of whole arrays: any loss."""

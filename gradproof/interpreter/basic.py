"""What an arithmetic must know to run a program: a few operations, from which the rest follows in `arithmetic.py`.

The engine runs one and the same jaxpr in several arithmetics: over prime fields, in high precision with running error
bounds, and in dual numbers over either. Of an array of such numbers only the shape is seen here; arrays of integers
and truth values are plain numpy in all of them.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np


class RunAgain(Exception):
    """No fault of anybody's: the program must be run in another way to be judged."""


class Basic(ABC):
    """The few operations. Element-wise ones take arrays of one shape."""

    equation: Any = None
    """The one being run, by which comparisons are told apart."""

    def at(self, equation: Any) -> None:
        """Begin with an equation."""
        self.equation = equation

    # For `memory`. An arithmetic that notes nothing, and whose results depend on inputs alone, needs none of these.

    def condition(self) -> Any:
        """What results depend on, besides the inputs."""
        return None

    def noted(self) -> Any:
        """What was noted since this was last asked; it is forgotten here."""
        return None

    def note(self, notes: Any) -> None:
        """Note again what was noted once."""
        return

    def resume(self, other: Any) -> None:
        """Go on where another one of this kind stopped, so that its numbers can be used here."""
        return

    @abstractmethod
    def constant(self, values: np.ndarray) -> Any:
        """Known numbers: floats, integers, truth values or fractions."""

    @abstractmethod
    def take(self, pool: Sequence[Any], index: np.ndarray) -> Any:
        """Elements of several arrays, each counted on from the one before, in the order of `index`; -1 gives 0."""

    @abstractmethod
    def sum(self, x: Any) -> Any:
        """The sum along the last axis."""

    @abstractmethod
    def add(self, a: Any, b: Any) -> Any: ...

    @abstractmethod
    def multiply(self, a: Any, b: Any) -> Any: ...

    @abstractmethod
    def negative(self, a: Any) -> Any: ...

    def cast(self, a: Any, exponent_bits: int, mantissa_bits: int) -> Any:
        """The same, as it is stored in a format; only a machine's numbers have one."""
        return a

    @abstractmethod
    def reciprocal(self, a: Any) -> Any: ...

    @abstractmethod
    def exp(self, a: Any) -> Any: ...

    @abstractmethod
    def log(self, a: Any) -> Any: ...

    @abstractmethod
    def sin(self, a: Any) -> Any: ...

    @abstractmethod
    def cos(self, a: Any) -> Any: ...

    @abstractmethod
    def atan(self, a: Any) -> Any: ...

    @abstractmethod
    def asin(self, a: Any) -> Any: ...

    @abstractmethod
    def erf(self, a: Any) -> Any: ...

    @abstractmethod
    def erf_inv(self, a: Any) -> Any: ...

    @abstractmethod
    def lgamma(self, a: Any) -> Any:
        """The logarithm of the absolute value of the gamma function."""

    @abstractmethod
    def digamma(self, a: Any) -> Any:
        """The derivative of lgamma."""

    @abstractmethod
    def polygamma(self, order: Any, a: Any) -> Any:
        """The derivatives of digamma, of orders that are numbers."""

    @abstractmethod
    def floor(self, a: Any) -> Any: ...

    @abstractmethod
    def round(self, a: Any, *, to_even: bool) -> Any:
        """The nearest whole number; from the middle between two to the even one, or away from zero."""

    @abstractmethod
    def power(self, a: Any, exponent: Fraction) -> Any:
        """a to a fixed power; the power of a positive number is positive."""

    @abstractmethod
    def unknown(self, a: Any, name: str, order: int, event: bool) -> Any:
        """The unknown function of this name; see `programs.unknown`."""

    @abstractmethod
    def sign(self, a: Any) -> np.ndarray:
        """-1, 0 or 1 for each element, as integers."""

    def compare(self, a: Any, b: Any, holds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Where a comparison holds, which is said by what it makes of the sign of a - b."""
        outcome = holds(self.order(a, b))
        return np.asarray(outcome) if isinstance(outcome, np.generic) else outcome

    def cases(self, which: np.ndarray, *cases: Any) -> Sequence[Any]:
        """The cases among which a select chooses, with what is known of them where they are chosen."""
        return cases

    @abstractmethod
    def fraction(self, a: Any) -> Fraction | None:
        """The value of all elements, where it is one known rational number."""

    def rationals(self, a: Any) -> np.ndarray | None:
        """All elements as known rational numbers, where they are."""
        fraction = self.fraction(a)
        return None if fraction is None else np.full(a.shape, fraction, object)

    def finite(self, a: Any) -> np.ndarray:
        """Which elements are not infinite constants."""
        return np.ones(a.shape, bool)

    def filled(self, value: float | Fraction, shape: tuple[int, ...]) -> Any:
        """One known number in every place."""
        return self.constant(np.full(shape, value, object if isinstance(value, Fraction) else None))

    def ones(self, like: Any) -> Any:
        return self.filled(1.0, like.shape)

    def rows_of_sum_one(self, free: Any) -> Any:
        """Rows whose entries have the sum one, of all entries but the last."""
        *outer, width = free.shape
        total = self.sum(free) if width else self.filled(0.0, tuple(outer))
        last = self.subtract(self.filled(1.0, tuple(outer)), total)
        place = np.arange(math.prod(free.shape)).reshape(free.shape)
        end = math.prod(free.shape) + np.arange(math.prod(outer)).reshape(*outer, 1)
        return self.take([free, last], np.concatenate([place, end], axis=-1))

    def subtract(self, a: Any, b: Any) -> Any:
        return self.add(a, self.negative(b))

    def divide(self, a: Any, b: Any) -> Any:
        return self.multiply(a, self.reciprocal(b))

    def order(self, a: Any, b: Any) -> np.ndarray:
        """The sign of a - b."""
        return self.sign(self.subtract(a, b))

    def select(self, which: np.ndarray, cases: Sequence[Any]) -> Any:
        """The element of the case that `which` names, place by place."""
        place = np.arange(which.size).reshape(which.shape)
        return self.take(cases, np.asarray(which, np.int64) * which.size + place)

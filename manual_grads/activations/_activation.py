"""What every activation has: its value, its Jacobian, and products of the Jacobian with a vector on either side."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar

import jax.numpy as jnp
from jaxtyping import Array, Float

from manual_grads._checks import checked, require_axes, require_reals, require_shape_of
from manual_grads._softmax import diagonal

P = ParamSpec("P")
R = TypeVar("R")
Real = Float[Array, "*shape"]
Logits = Float[Array, "*batch m"]
Jacobian = Float[Array, "*batch m m"]


def _check(self: "Activation", **arrays: Any) -> None:
    (first, logits), *others = arrays.items()
    require_reals(first, logits)
    require_axes(first, logits, self.axes)
    for name, array in others:
        require_reals(name, array)
        require_shape_of(name, array, first, logits)


def formula(method: Callable[P, R]) -> Callable[P, R]:
    """Compile a method of an activation, whose arguments are real arrays of one shape."""
    return checked(_check, static="self")(method)


def minus_absolute(logits: Real) -> Real:
    """Minus the absolute value. JAX gives it the slope from the left at 0, with which even functions come out right."""
    return jnp.where(logits > 0, -logits, logits)


class Activation(ABC):
    """A function of the logits of a layer, along their last axis, and its derivatives by hand."""

    axes: ClassVar[int] = 1
    """The number of last axes along which the logits act on each other: 0 for element-wise functions, 1 for softmax."""

    @abstractmethod
    def __call__(self, logits: Logits) -> Logits:
        """The value h of the logits z."""

    @abstractmethod
    def jacobian(self, logits: Logits) -> Jacobian:
        r"""$J_{ij} = \partial h_i / \partial z_j$, along the last axis."""

    @abstractmethod
    def jacobian_vector_product(self, logits: Logits, tangent: Logits) -> Logits:
        """J v, for the tangent v."""

    @abstractmethod
    def vector_jacobian_product(self, logits: Logits, cotangent: Logits) -> Logits:
        r"""$J^\top u$, for the cotangent u: one step of backpropagation, from h to z."""


class Elementwise(Activation):
    """A function of one real, applied element by element. A subclass gives its value and its derivative.

    >>> class Cube(Elementwise):
    ...     def __call__(self, logits):
    ...         return logits**3
    ...
    ...     def derivative(self, logits):
    ...         return 3 * logits**2
    >>> Cube().jacobian(jnp.array([1.0, 2.0])).tolist()
    [[3.0, 0.0], [0.0, 12.0]]
    """

    axes = 0

    @abstractmethod
    def derivative(self, logits: Real) -> Real:
        """The derivative h'(z), element by element."""

    @formula
    def jacobian(self, logits: Real) -> Jacobian:
        """The diagonal matrix of the derivatives."""
        require_axes("logits", logits, 1)
        return jnp.where(diagonal(logits), jnp.expand_dims(self.derivative(logits), -1), 0)

    @formula
    def jacobian_vector_product(self, logits: Real, tangent: Real) -> Real:
        """The derivatives times the tangent, element by element."""
        return self.derivative(logits) * tangent

    @formula
    def vector_jacobian_product(self, logits: Real, cotangent: Real) -> Real:
        """The derivatives times the cotangent, element by element."""
        return self.derivative(logits) * cotangent

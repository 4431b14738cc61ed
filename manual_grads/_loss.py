r"""What every loss has: its value, gradient and second derivative, un-reduced or as a sum or mean over the examples.

A loss compares a prediction with a label. Element-wise losses do so for each number; those of classes for each row of
numbers along the last axis. What is left are the losses, in an array of the *shape of the value*. With the cotangent c,
which has that shape, all derivatives are those of $\sum_i c_i \ell_i$; a sum has the shape (), and a mean is the sum
over all axes divided by the number of examples, which is the length of the first axis.
"""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar

import jax.numpy as jnp
from jaxtyping import Array, Float, Num

from manual_grads._activation import Activation
from manual_grads._checks import (
    checked,
    once,
    require_axes,
    require_numbers,
    require_range,
    require_reals,
    require_shape_of,
)
from manual_grads._reduction import AnyReduction, example_weight, require_reduction

Predictions = Float[Array, "*batch"]
Labels = Num[Array, "*batch"]
Value = Float[Array, "..."]


P = ParamSpec("P")
R = TypeVar("R")


def _check(
    self: "Loss",
    predictions: Any,
    labels: Any,
    tangent: Any = None,
    cotangent: Any = None,
    reduction: AnyReduction = "none",
) -> None:
    name, _ = self.names
    require_reduction(reduction, AnyReduction)
    require_reals(name, predictions)
    require_axes(name, predictions, self.axes)
    if 0 in jnp.shape(predictions):
        raise ValueError(f"{name} must not be empty, got shape {jnp.shape(predictions)}")
    require_numbers(self.names[1], labels)
    self.require_labels(jnp.shape(predictions), labels)
    if self.domain is not None:
        once(require_range, predictions, name, *self.domain)
    if tangent is not None:
        require_reals("tangent", tangent)
        require_shape_of("tangent", tangent, name, predictions)
    if cotangent is not None:
        require_reals("cotangent", cotangent)
        shape = jnp.shape(predictions)[: jnp.ndim(predictions) - self.axes] if reduction == "none" else ()
        if jnp.shape(cotangent) != shape:
            raise ValueError(f"cotangent must have the shape of the value, {shape}, got shape {jnp.shape(cotangent)}")


def _formula(method: Callable[P, R]) -> Callable[P, R]:
    """Compile a method of a loss, which takes predictions and labels under the names they have in this loss, too."""
    compiled: Callable[..., R] = checked(_check, static=("self", "reduction"))(method)

    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        loss: Any = args[0]
        known = dict(zip(loss.names, ("predictions", "labels"), strict=True))
        return compiled(*args, **{known.get(name, name): value for name, value in kwargs.items()})

    return call


class Loss(ABC):
    """A loss, un-reduced when called with predictions and labels alone."""

    axes: ClassVar[int]
    """The axes of one prediction: 0 for a number, 1 for a row of classes."""

    domain: ClassVar[tuple[int, int] | None] = None
    """Between which numbers the predictions must lie."""

    names: ClassVar[tuple[str, str]] = ("predictions", "labels")
    """What the first two arguments are called."""

    @abstractmethod
    def evaluate(self, predictions: Predictions, labels: Labels, cotangent: Value | float) -> tuple[Value, Predictions]:
        """The losses, and their gradient by the predictions times the cotangent, which has axes to be spread by."""

    @abstractmethod
    def curvature(self, predictions: Predictions, labels: Labels) -> Value:
        """The second derivative of each loss by its own prediction: a number, or a matrix for a row."""

    @abstractmethod
    def curvature_product(self, predictions: Predictions, labels: Labels, tangent: Predictions) -> Predictions:
        """That matrix times a vector, or that number times a number, for each."""

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        """Refuse labels that do not fit predictions of this shape, in one sentence; here those of another shape."""
        if jnp.shape(labels) != shape:
            prediction, label = self.names
            raise ValueError(f"{label} must have shape {shape} as {prediction}, got shape {jnp.shape(labels)}")

    def from_logits(self, activation: Activation) -> "Loss | None":
        """The loss as a function of the logits of an activation, where that has a form of its own."""
        return None

    @_formula
    def __call__(self, predictions: Predictions, labels: Labels, *, reduction: AnyReduction = "none") -> Value:
        """The losses, or their sum or mean."""
        return self._evaluated(predictions, labels, None, reduction)[0]

    @_formula
    def gradient(
        self,
        predictions: Predictions,
        labels: Labels,
        cotangent: Value | None = None,
        *,
        reduction: AnyReduction = "none",
    ) -> Predictions:
        """The gradient by the predictions, for a cotangent of the shape of the value; 1 by default."""
        return self._evaluated(predictions, labels, cotangent, reduction)[1]

    @_formula
    def value_and_gradient(
        self, predictions: Predictions, labels: Labels, *, reduction: AnyReduction = "none"
    ) -> tuple[Value, Predictions]:
        """Both, for little more than the price of one."""
        return self._evaluated(predictions, labels, None, reduction)

    @_formula
    def second_derivative(
        self,
        predictions: Predictions,
        labels: Labels,
        cotangent: Value | None = None,
        *,
        reduction: AnyReduction = "none",
    ) -> Value:
        """The second derivative by each prediction: of its shape, or a matrix (..., K, K) for a row.

        Different predictions do not act on each other, so that the rest of the Hessian is zero.
        """
        weight = self._weight(predictions, cotangent, reduction, 2 * self.axes)
        return weight * self.curvature(predictions, labels)

    @_formula
    def hessian_vector_product(
        self,
        predictions: Predictions,
        labels: Labels,
        tangent: Predictions,
        cotangent: Value | None = None,
        *,
        reduction: AnyReduction = "none",
    ) -> Predictions:
        """The second derivative times a tangent of the shape of the predictions."""
        weight = self._weight(predictions, cotangent, reduction, self.axes)
        return weight * self.curvature_product(predictions, labels, tangent)

    def _evaluated(
        self, predictions: Predictions, labels: Labels, cotangent: Value | None, reduction: AnyReduction
    ) -> tuple[Value, Predictions]:
        losses, gradient = self.evaluate(
            predictions, labels, self._weight(predictions, cotangent, reduction, self.axes)
        )
        if reduction == "none":
            return losses, gradient
        return example_weight(reduction, self._examples(predictions)) * jnp.sum(losses), gradient

    def _examples(self, predictions: Predictions) -> int:
        return len(predictions) if predictions.ndim > self.axes else 1

    def _weight(
        self, predictions: Predictions, cotangent: Value | None, reduction: AnyReduction, axes: int
    ) -> Value | float:
        """The cotangent of the losses: a number, or an array with so many axes more."""
        weight = example_weight(reduction, self._examples(predictions))
        if cotangent is None:
            return weight
        rank = jnp.ndim(cotangent)
        return weight * (jnp.expand_dims(cotangent, range(rank, rank + axes)) if rank else cotangent)


class ElementwiseLoss(Loss):
    """A loss of each number: give value and slope, and the second derivative.

    >>> class Quartic(ElementwiseLoss):
    ...     def evaluate(self, predictions, labels, cotangent):
    ...         residuals = predictions - labels
    ...         return residuals**4, cotangent * 4 * residuals**3
    ...
    ...     def curvature(self, predictions, labels):
    ...         return 12 * (predictions - labels) ** 2
    >>> Quartic().gradient(jnp.array([1.0, 3.0]), jnp.array([0.0, 1.0]), reduction="sum").tolist()
    [4.0, 32.0]
    """

    axes = 0

    def curvature_product(self, predictions: Predictions, labels: Labels, tangent: Predictions) -> Predictions:
        return self.curvature(predictions, labels) * tangent

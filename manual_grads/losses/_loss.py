r"""What every loss has: its value, gradient and second derivative, un-reduced or as a sum or mean over the examples.

A loss compares a prediction with a label: element-wise losses compare numbers, losses of classes compare rows along the
last axis. The losses form an array, whose shape is called the *shape of the value*. The cotangent c has this shape, and
all derivatives are those of $\sum_i c_i \ell_i$. A sum has the shape (); a mean is the sum over all axes, divided by
the number of examples, the length of the first axis.
"""

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Integer

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
from manual_grads.activations import Activation

Real = Float[Array, "*shape"]
Numbers = Real | Integer[Array, "*shape"] | Bool[Array, "*shape"]
Predictions = Float[Array, "*predictions"]
Labels = Float[Array, "..."] | Integer[Array, "..."] | Bool[Array, "..."]
Value = Float[Array, "..."]
Weight = Value | float

P = ParamSpec("P")
R = TypeVar("R")


def _check(
    self: "Loss",
    predictions: Any,
    labels: Any,
    tangent: Any = None,
    cotangent: Any = None,
    reduction: Any = "none",
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
    """Compile a method of a loss. It takes predictions and labels under these names, and under the loss's own names."""
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
    """The number of axes of one prediction: 0 for a number, 1 for a row of classes."""

    domain: ClassVar[tuple[int, int] | None] = None
    """The range that predictions must lie in."""

    names: ClassVar[tuple[str, str]] = ("predictions", "labels")
    """The names of the first two arguments."""

    largest_curvature: ClassVar[float | None] = None
    """No eigenvalue of the second derivative by one prediction is larger; fits of a linear model need such a bound."""

    shift_invariant: ClassVar[bool] = False
    """Whether nothing changes when one number is added to all classes of a prediction."""

    newton_margin: ClassVar[float] = math.inf
    """A Newton step of a linear model proves that there is a minimum if it changes no prediction by more than this.

    Of losses that are invariant under shifts, the differences between classes count. Infinite if there always is a
    minimum.
    """

    @abstractmethod
    def evaluate(self, predictions: Predictions, labels: Labels, cotangent: Weight) -> tuple[Value, Predictions]:
        """The losses, and their gradient by the predictions times the cotangent, which broadcasts against them."""

    @abstractmethod
    def curvature(self, predictions: Predictions, labels: Labels) -> Value:
        """The second derivative of each loss by its own prediction: a number, or a matrix for a row."""

    @abstractmethod
    def curvature_product(self, predictions: Predictions, labels: Labels, tangent: Predictions) -> Predictions:
        """The second derivative of each loss times its part of the tangent."""

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        """Refuse labels that do not fit predictions of this shape; by default, labels of another shape."""
        if jnp.shape(labels) != shape:
            prediction, label = self.names
            raise ValueError(f"{label} must have shape {shape} as {prediction}, got shape {jnp.shape(labels)}")

    def curvature_entries(self, predictions: Predictions, labels: Labels) -> Callable[[Any, Any], Value]:
        """For a loss of rows: a function that takes k and l, and returns entry (k, l) of all second derivatives."""
        matrices = self.curvature(predictions, labels)
        return lambda row, column: class_of(class_of(matrices, column), row)

    def label_axes(self, labels: Any) -> int:
        """The number of axes of one label; by default, that of one prediction."""
        return self.axes

    def separated(self, predictions: Predictions, rounding: Predictions, labels: Labels) -> Bool[Array, ""]:
        """Whether longer parameters of a linear model would lower the loss forever, so that it has no minimum.

        The predictions may be wrong by `rounding`. By default, this never is so.
        """
        return jnp.asarray(False)

    def from_logits(self, activation: Activation) -> "Loss | None":
        """The same loss as a function of the logits of `activation`, if it has a form of its own; otherwise None."""
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
        """The value and the gradient, for little more than the price of one."""
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
        """The second derivative by each prediction: a number for a number, a matrix of shape (K, K) for a row.

        A loss depends on its own prediction only, so the rest of the Hessian is zero.
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

    def _weight(self, predictions: Predictions, cotangent: Value | None, reduction: AnyReduction, axes: int) -> Weight:
        """The cotangent of the losses: a number, or an array with that many more axes."""
        weight = example_weight(reduction, self._examples(predictions))
        if cotangent is None:
            return weight
        rank = jnp.ndim(cotangent)
        return weight * (jnp.expand_dims(cotangent, range(rank, rank + axes)) if rank else cotangent)


class ElementwiseLoss(Loss):
    """A loss of each number. A subclass gives the value and the slope, and the second derivative.

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

    def curvature_root(self, predictions: Real, labels: Numbers) -> Real:
        """The square root of the second derivative, where that is not negative."""
        return jnp.sqrt(self.curvature(predictions, labels))

    def curvature_product(self, predictions: Real, labels: Numbers, tangent: Real) -> Real:
        return self.curvature(predictions, labels) * tangent


def class_of(array: Value, index: Any) -> Value:
    """One entry along the last axis, also for an index that is traced."""
    return jax.lax.dynamic_index_in_dim(array, index, axis=-1, keepdims=False, allow_negative_indices=False)


def term(factor: Value, other: Value) -> Value:
    """The product, which is 0 where the factor is 0, even if the other one is infinite."""
    return jnp.where(factor == 0, 0, factor * other)

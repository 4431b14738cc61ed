"""Cross-entropies of classes, from logits or probabilities, for labels as rows of probabilities or as integers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Integer, Num

from manual_grads import activations
from manual_grads._checks import checked, once, require_axes, require_integers, require_range, require_simplex
from manual_grads._softmax import diagonal, normalised
from manual_grads.activations import Activation
from manual_grads.losses._loss import Labels, Loss, Weight, class_of, term

Rows = Float[Array, "*batch K"]
RowsOfLabels = Rows | Integer[Array, "*batch K"] | Bool[Array, "*batch K"]
Losses = Float[Array, "*batch"]
Matrices = Float[Array, "*batch K K"]
Classes = Integer[Array, "*batch"]


class _OfClasses(Loss):
    """A loss of rows of classes, with labels as rows of probabilities."""

    axes = 1

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        super().require_labels(shape, labels)
        once(require_simplex, labels, "labels")


class _OfIntegers(Loss):
    """A loss of rows of classes, with labels as integers from 0 to K - 1."""

    axes = 1

    def label_axes(self, labels: Any) -> int:
        return 0

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        require_integers("labels", labels)
        *batch, classes = shape
        if jnp.shape(labels) != tuple(batch):
            given = f"got shape {jnp.shape(labels)}"
            raise ValueError(f"labels must have shape {tuple(batch)}, that of {self.names[0]} without classes, {given}")
        once(require_range, labels, "labels", 0, classes - 1)


def _is_label(labels: Classes, rows: Rows) -> Bool[Array, "*batch K"]:
    """Whether each class is the labelled one."""
    return jax.lax.broadcasted_iota(labels.dtype, rows.shape, rows.ndim - 1) == jnp.expand_dims(labels, -1)


class _OfLogits(Loss):
    """A cross-entropy from logits. Its second derivative is the same for all labels."""

    names = ("logits", "labels")
    largest_curvature = 1 / 2
    shift_invariant = True
    newton_margin = 1 / 2

    def curvature(self, predictions: Rows, labels: Labels) -> Matrices:
        return activations.softmax.jacobian(predictions)

    def curvature_product(self, predictions: Rows, labels: Labels, tangent: Rows) -> Rows:
        return activations.softmax.jacobian_vector_product(predictions, tangent)

    def curvature_entries(self, predictions: Rows, labels: Labels) -> Callable[[Any, Any], Losses]:
        probabilities, complements, _, _ = normalised(predictions)

        def entries(row: Any, column: Any) -> Array:
            slope = jnp.where(row == column, class_of(complements, row), -class_of(probabilities, column))
            return class_of(probabilities, row) * slope

        return entries

    def separated(self, predictions: Rows, rounding: Rows, labels: Labels) -> Bool[Array, ""]:
        """Whether each label is one class, whose logit is the largest."""
        classes = predictions.shape[-1]
        labels = jax.nn.one_hot(labels, classes, dtype=bool) if labels.ndim < predictions.ndim else labels
        of_label = labels == 1
        least = jnp.sum(jnp.where(of_label, predictions - rounding, 0), axis=-1)
        most = jnp.max(jnp.where(of_label, -jnp.inf, predictions + rounding), axis=-1)
        return jnp.all(jnp.all(of_label | (labels == 0), axis=-1) & (least > most))


@dataclass(frozen=True)
class SoftmaxCrossEntropy(_OfLogits, _OfClasses):
    r"""The cross-entropy of labels and the softmax of logits, along the last axis.

    $$ \ell = -\sum_k y_k \log p_k, \qquad \frac{\partial \ell}{\partial z_k} = p_k - y_k, \qquad
    \frac{\partial^2 \ell}{\partial z_k \partial z_l} = p_k (\delta_{kl} - p_l) $$

    Let $d_k = e^{z_k - z_{\max}} - y_k$. The labels have the sum 1, so the sum D of the $d_k$ is the sum of the
    exponentials less 1, $\ell = z_{\max} - y \cdot z + \log(1 + D)$ and $p_k - y_k = (d_k - y_k D) / (1 + D)$. Where
    the labelled class is the likeliest, its d is exactly 0, and D is the sum of the other exponentials.

    Arguments:
        logits: z, reals of shape (..., K).
        labels: y, rows of numbers in [0, 1] with sum 1, of the same shape.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.108 to 4.110.

    >>> softmax_cross_entropy.gradient(jnp.zeros((1, 4)), jnp.array([[0, 0, 1, 0]])).tolist()
    [[0.25, 0.25, -0.75, 0.25]]
    """

    def evaluate(self, predictions: Rows, labels: RowsOfLabels, cotangent: Weight) -> tuple[Losses, Rows]:
        labels = labels.astype(predictions.dtype)
        largest = jnp.max(predictions, axis=-1, keepdims=True)
        excess = jnp.exp(predictions - largest) - labels
        total = jnp.sum(excess, axis=-1, keepdims=True)
        own = jnp.sum(labels * predictions, axis=-1, keepdims=True)
        losses = jnp.squeeze(largest - own + jnp.log1p(total), -1)
        return losses, (excess - labels * total) * (cotangent / (1 + total))


@dataclass(frozen=True)
class SoftmaxCrossEntropyWithIntegerLabels(_OfLogits, _OfIntegers):
    r"""The cross-entropy of integer labels and the softmax of logits, along the last axis.

    $$ \ell = -\log p_y, \qquad \frac{\partial \ell}{\partial z_k} = p_k - \delta_{k y}, \qquad
    \frac{\partial^2 \ell}{\partial z_k \partial z_l} = p_k (\delta_{kl} - p_l) $$

    Arguments:
        logits: z, reals of shape (..., K).
        labels: y, integers from 0 to K - 1 of shape (...).

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.108 to 4.110.

    >>> softmax_cross_entropy_with_integer_labels.gradient(jnp.zeros((1, 4)), jnp.array([2])).tolist()
    [[0.25, 0.25, -0.75, 0.25]]
    """

    def evaluate(self, predictions: Rows, labels: Classes, cotangent: Weight) -> tuple[Losses, Rows]:
        here = _is_label(labels, predictions)
        shifted = predictions - jnp.max(predictions, axis=-1, keepdims=True)
        exponentials = jnp.exp(shifted)
        others = jnp.sum(jnp.where(here, 0, exponentials), axis=-1, keepdims=True)
        own = jnp.sum(jnp.where(here, shifted, 0), axis=-1, keepdims=True)
        # The sum of all exponentials less 1; where the label is the likeliest class, that is the sum of the others.
        losses = jnp.log1p(others + jnp.expm1(own)) - own
        scale = cotangent / (others + jnp.exp(own))
        return jnp.squeeze(losses, -1), jnp.where(here, -others, exponentials) * scale


@dataclass(frozen=True)
class CategoricalCrossEntropy(_OfClasses):
    r"""The cross-entropy of labels and probabilities of classes, along the last axis.

    $$ \ell = -\sum_k y_k \log p_k, \qquad \frac{\partial \ell}{\partial p_k} = -\frac{y_k}{p_k}, \qquad
    \frac{\partial^2 \ell}{\partial p_k \partial p_l} = \delta_{kl} \frac{y_k}{p_k^2} $$

    A term with y = 0 is 0, even if p is 0. The derivatives take p as free numbers, whatever their sum.

    Arguments:
        probabilities: p, reals in [0, 1] of shape (..., K).
        labels: y, rows of numbers in [0, 1] with sum 1, of the same shape.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.108.

    >>> categorical_cross_entropy.gradient(jnp.array([0.25, 0.75]), jnp.array([1, 0])).tolist()
    [-4.0, -0.0]
    """

    names = ("probabilities", "labels")
    domain = (0, 1)

    def from_logits(self, activation: Activation) -> Loss | None:
        return softmax_cross_entropy if activation == activations.softmax else None

    def evaluate(self, predictions: Rows, labels: RowsOfLabels, cotangent: Weight) -> tuple[Losses, Rows]:
        p, y = predictions, labels.astype(predictions.dtype)
        return -jnp.sum(term(y, jnp.log(p)), axis=-1), -cotangent * term(y, 1 / p)

    def curvature(self, predictions: Rows, labels: RowsOfLabels) -> Matrices:
        p, y = predictions, labels.astype(predictions.dtype)
        return jnp.where(diagonal(p), jnp.expand_dims(term(y, 1 / p**2), -1), 0)

    def curvature_product(self, predictions: Rows, labels: RowsOfLabels, tangent: Rows) -> Rows:
        p, y = predictions, labels.astype(predictions.dtype)
        return term(y, 1 / p**2) * tangent


@dataclass(frozen=True)
class CategoricalCrossEntropyWithIntegerLabels(_OfIntegers):
    r"""The cross-entropy of integer labels and probabilities of classes, along the last axis.

    $$ \ell = -\log p_y, \qquad \frac{\partial \ell}{\partial p_k} = -\frac{\delta_{k y}}{p_k}, \qquad
    \frac{\partial^2 \ell}{\partial p_k \partial p_l} = \frac{\delta_{kl} \delta_{ky}}{p_k^2} $$

    Arguments:
        probabilities: p, reals in [0, 1] of shape (..., K).
        labels: y, integers from 0 to K - 1 of shape (...).

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.108.

    >>> categorical_cross_entropy_with_integer_labels.gradient(jnp.array([0.25, 0.75]), jnp.array(0)).tolist()
    [-4.0, 0.0]
    """

    names = ("probabilities", "labels")
    domain = (0, 1)

    def from_logits(self, activation: Activation) -> Loss | None:
        return softmax_cross_entropy_with_integer_labels if activation == activations.softmax else None

    def evaluate(self, predictions: Rows, labels: Classes, cotangent: Weight) -> tuple[Losses, Rows]:
        here = _is_label(labels, predictions)
        losses = -jnp.log(jnp.sum(jnp.where(here, predictions, 0), axis=-1))
        return losses, jnp.where(here, -cotangent / predictions, 0)

    def curvature(self, predictions: Rows, labels: Classes) -> Matrices:
        slopes = jnp.where(_is_label(labels, predictions), 1 / predictions**2, 0)
        return jnp.where(diagonal(predictions), jnp.expand_dims(slopes, -1), 0)

    def curvature_product(self, predictions: Rows, labels: Classes, tangent: Rows) -> Rows:
        return jnp.where(_is_label(labels, predictions), tangent / predictions**2, 0)


def _check_smoothing(labels: Any, alpha: Any) -> None:
    require_axes("labels", labels, 1)
    once(require_range, alpha, "alpha", 0, 1)


@checked(_check_smoothing, static=())
def smooth_labels(labels: Rows, alpha: float | Num[Array, ""]) -> Rows:
    r"""Labels moved towards the uniform distribution over the classes.

    $$ (1 - \alpha) \, y_k + \frac{\alpha}{K} $$

    Give them to a loss as its labels.

    Arguments:
        labels: y, rows of probabilities of shape (..., K).
        alpha: how far, in [0, 1].

    Raises `ValueError` for an alpha outside [0, 1], and for labels without an axis of classes.

    Source: Szegedy et al., Rethinking the Inception architecture for computer vision, CVPR (2016), section 7.

    >>> smooth_labels(jnp.array([0.0, 1.0]), 0.5).tolist()
    [0.25, 0.75]
    """
    return (1 - alpha) * labels + alpha / jnp.shape(labels)[-1]


softmax_cross_entropy = SoftmaxCrossEntropy()
softmax_cross_entropy_with_integer_labels = SoftmaxCrossEntropyWithIntegerLabels()
categorical_cross_entropy = CategoricalCrossEntropy()
categorical_cross_entropy_with_integer_labels = CategoricalCrossEntropyWithIntegerLabels()

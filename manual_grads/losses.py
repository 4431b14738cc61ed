r"""Losses by the names and in the argument order of optax, with their derivatives by hand.

Each is an object. Called with predictions (or logits) and labels it gives the losses un-reduced, as in optax, and with
`reduction="sum"` or `"mean"` a number; the mean is over the examples, which lie along the first axis. `gradient`,
`value_and_gradient`, `second_derivative` and `hessian_vector_product` are by the predictions, for any cotangent of the
shape of the value.

From logits, losses and derivatives are finite for every finite logit, and for labels 0 and 1 they keep their relative
accuracy where a probability rounds to 0 or 1. From probabilities they are what they are: infinite where a label has
the probability 0. Labels are not differentiated.
"""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Num

from manual_grads import activations
from manual_grads._activation import Activation
from manual_grads._checks import once, require_axes, require_integers, require_range, require_simplex
from manual_grads._loss import ElementwiseLoss as ElementwiseLoss
from manual_grads._loss import Loss as Loss
from manual_grads._softmax import diagonal

Real = Float[Array, "..."]
Numbers = Num[Array, "..."]
Rows = Float[Array, "*batch K"]
Losses = Float[Array, "*batch"]
Matrices = Float[Array, "*batch K K"]
Classes = Int[Array, "*batch"]


@dataclass(frozen=True)
class SquaredError(ElementwiseLoss):
    r"""The square of the error.

    $$ \ell = (h - y)^2, \qquad \ell' = 2 (h - y), \qquad \ell'' = 2 $$

    Arguments:
        predictions: h, reals of any shape.
        targets: y, numbers of the same shape.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 1.87.

    >>> squared_error(jnp.array([1.0, 3.0]), jnp.array([0.0, 1.0]), reduction="mean").tolist()
    2.5
    """

    names = ("predictions", "targets")

    def evaluate(self, predictions: Real, labels: Numbers, cotangent: Real | float) -> tuple[Real, Real]:
        residuals = predictions - labels.astype(predictions.dtype)
        return residuals * residuals, cotangent * 2 * residuals

    def curvature(self, predictions: Real, labels: Numbers) -> Real:
        return jnp.full_like(predictions, 2)


@dataclass(frozen=True)
class L2Loss(ElementwiseLoss):
    r"""Half of the square of the error.

    $$ \ell = \tfrac12 (h - y)^2, \qquad \ell' = h - y, \qquad \ell'' = 1 $$

    Arguments:
        predictions: h, reals of any shape.
        targets: y, numbers of the same shape.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 5.11.

    >>> l2_loss.gradient(jnp.array([1.0, 3.0]), jnp.array([0.0, 1.0])).tolist()
    [1.0, 2.0]
    """

    names = ("predictions", "targets")

    def evaluate(self, predictions: Real, labels: Numbers, cotangent: Real | float) -> tuple[Real, Real]:
        residuals = predictions - labels.astype(predictions.dtype)
        return residuals * residuals / 2, cotangent * residuals

    def curvature(self, predictions: Real, labels: Numbers) -> Real:
        return jnp.ones_like(predictions)


@dataclass(frozen=True)
class SigmoidBinaryCrossEntropy(ElementwiseLoss):
    r"""The negative log-likelihood of labels in [0, 1], from logits.

    $$ \ell = -y \log \sigma(z) - (1 - y) \log \sigma(-z), \qquad \ell' = \sigma(z) - y, \qquad
    \ell'' = \sigma(z) \, \sigma(-z) $$

    With $t = e^{-|z|}$ the code has $\ell = ([z > 0] - y) \, z + \log(1 + t)$, and $\ell' = (1 - y - y t) / (1 + t)$
    for z > 0, else $(t - y - y t) / (1 + t)$, in which nothing cancels for labels 0 and 1.

    Arguments:
        logits: z, reals of any shape.
        labels: y, numbers in [0, 1] or booleans, of the same shape.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.90 and 4.91.

    >>> print(f"{sigmoid_binary_cross_entropy.gradient(jnp.float32(40.0), jnp.float32(1.0)):.3e}")
    -4.248e-18
    """

    names = ("logits", "labels")

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        super().require_labels(shape, labels)
        once(require_range, labels, "labels", 0, 1)

    def evaluate(self, predictions: Real, labels: Numbers, cotangent: Real | float) -> tuple[Real, Real]:
        z, y = predictions, labels.astype(predictions.dtype)
        # By the sign, and not by |z|: of that JAX takes a derivative at 0 that is not the loss's.
        positive = z > 0
        tail = jnp.exp(jnp.where(positive, -z, z))
        losses = (positive.astype(z.dtype) - y) * z + jnp.log1p(tail)
        return losses, (jnp.where(positive, 1, tail) - y - y * tail) * (cotangent / (1 + tail))

    def curvature(self, predictions: Real, labels: Numbers) -> Real:
        return activations.sigmoid.derivative(predictions)


@dataclass(frozen=True)
class BinaryCrossEntropy(ElementwiseLoss):
    r"""The negative log-likelihood of labels in [0, 1], from probabilities.

    $$ \ell = -y \log p - (1 - y) \log(1 - p), \qquad \ell' = \frac{1 - y}{1 - p} - \frac{y}{p}, \qquad
    \ell'' = \frac{1 - y}{(1 - p)^2} + \frac{y}{p^2} $$

    A term with the factor 0 is 0, also where the other factor is infinite.

    Arguments:
        probabilities: p, reals in [0, 1] of any shape.
        labels: y, numbers in [0, 1] or booleans, of the same shape.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.90.

    >>> binary_cross_entropy(jnp.array([0.0, 0.5, 1.0]), jnp.array([0, 1, 0])).tolist()
    [0.0, 0.6931471824645996, inf]
    """

    names = ("probabilities", "labels")
    domain = (0, 1)

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        super().require_labels(shape, labels)
        once(require_range, labels, "labels", 0, 1)

    def from_logits(self, activation: Activation) -> Loss | None:
        return sigmoid_binary_cross_entropy if activation == activations.sigmoid else None

    def evaluate(self, predictions: Real, labels: Numbers, cotangent: Real | float) -> tuple[Real, Real]:
        p, y = predictions, labels.astype(predictions.dtype)
        losses = -_term(y, jnp.log(p)) - _term(1 - y, _log_complement(p))
        return losses, cotangent * (_term(1 - y, 1 / (1 - p)) - _term(y, 1 / p))

    def curvature(self, predictions: Real, labels: Numbers) -> Real:
        p, y = predictions, labels.astype(predictions.dtype)
        return _term(1 - y, 1 / (1 - p) ** 2) + _term(y, 1 / p**2)


def _log_complement(p: Real) -> Real:
    r"""$\log(1 - p)$, of which `log1p` loses seven bits in float64 for p from 0.29 to 0.41."""
    return jnp.where(p > 0.25, jnp.log(1 - p), jnp.log1p(-p))


def _term(factor: Real, other: Real) -> Real:
    """The product, which is 0 where the factor is, also where the other one is infinite."""
    return jnp.where(factor == 0, 0, factor * other)


class _OfClasses(Loss):
    """A loss of rows of classes, with labels as rows of probabilities."""

    axes = 1

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        super().require_labels(shape, labels)
        once(require_simplex, labels, "labels")


class _OfIntegers(Loss):
    """A loss of rows of classes, with labels as integers from 0 to K - 1."""

    axes = 1

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        require_integers("labels", labels)
        *batch, classes = shape
        if jnp.shape(labels) != tuple(batch):
            given = f"got shape {jnp.shape(labels)}"
            raise ValueError(f"labels must have shape {tuple(batch)}, that of {self.names[0]} without classes, {given}")
        once(require_range, labels, "labels", 0, classes - 1)


def _is_label(labels: Classes, rows: Rows) -> Any:
    """Whether each class is the labelled one."""
    return jax.lax.broadcasted_iota(labels.dtype, rows.shape, rows.ndim - 1) == jnp.expand_dims(labels, -1)


class _OfLogits(Loss):
    """The cross-entropy from logits, of which the second derivative is the same for all labels."""

    names = ("logits", "labels")

    def curvature(self, predictions: Rows, labels: Numbers) -> Matrices:
        return activations.softmax.jacobian(predictions)

    def curvature_product(self, predictions: Rows, labels: Numbers, tangent: Rows) -> Rows:
        return activations.softmax.jacobian_vector_product(predictions, tangent)


@dataclass(frozen=True)
class SoftmaxCrossEntropy(_OfLogits, _OfClasses):
    r"""The cross-entropy of labels and the softmax of logits, along the last axis.

    $$ \ell = -\sum_k y_k \log p_k, \qquad \frac{\partial \ell}{\partial z_k} = p_k - y_k, \qquad
    \frac{\partial^2 \ell}{\partial z_k \partial z_l} = p_k (\delta_{kl} - p_l) $$

    The labels have the sum 1. So with $d_k = e^{z_k - z_{\max}} - y_k$, the sum D of which is that of the exponentials
    less 1, $\ell = z_{\max} - y \cdot z + \log(1 + D)$ and $p_k - y_k = (d_k - y_k D) / (1 + D)$. Where the label is
    all but certain, its d is exactly 0, and D is the sum of what the other classes have.

    Arguments:
        logits: z, reals of shape (..., K).
        labels: y, rows of numbers in [0, 1] with sum 1, of the same shape.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.108 to 4.110.

    >>> softmax_cross_entropy.gradient(jnp.zeros((1, 4)), jnp.array([[0, 0, 1, 0]])).tolist()
    [[0.25, 0.25, -0.75, 0.25]]
    """

    def evaluate(self, predictions: Rows, labels: Numbers, cotangent: Real | float) -> tuple[Losses, Rows]:
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

    def evaluate(self, predictions: Rows, labels: Classes, cotangent: Real | float) -> tuple[Losses, Rows]:
        here = _is_label(labels, predictions)
        shifted = predictions - jnp.max(predictions, axis=-1, keepdims=True)
        exponentials = jnp.exp(shifted)
        others = jnp.sum(jnp.where(here, 0, exponentials), axis=-1, keepdims=True)
        own = jnp.sum(jnp.where(here, shifted, 0), axis=-1, keepdims=True)
        # The sum of all less 1 is that of the others where the label is the likeliest class.
        losses = jnp.log1p(others + jnp.expm1(own)) - own
        scale = cotangent / (others + jnp.exp(own))
        return jnp.squeeze(losses, -1), jnp.where(here, -others, exponentials) * scale


@dataclass(frozen=True)
class CategoricalCrossEntropy(_OfClasses):
    r"""The cross-entropy of labels and probabilities of classes, along the last axis.

    $$ \ell = -\sum_k y_k \log p_k, \qquad \frac{\partial \ell}{\partial p_k} = -\frac{y_k}{p_k}, \qquad
    \frac{\partial^2 \ell}{\partial p_k \partial p_l} = \delta_{kl} \frac{y_k}{p_k^2} $$

    A term with y = 0 is 0, also where p is. The derivatives are those by free numbers p, whatever their sum.

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

    def evaluate(self, predictions: Rows, labels: Numbers, cotangent: Real | float) -> tuple[Losses, Rows]:
        p, y = predictions, labels.astype(predictions.dtype)
        return -jnp.sum(_term(y, jnp.log(p)), axis=-1), -cotangent * _term(y, 1 / p)

    def curvature(self, predictions: Rows, labels: Numbers) -> Matrices:
        p, y = predictions, labels.astype(predictions.dtype)
        return jnp.where(diagonal(p), jnp.expand_dims(_term(y, 1 / p**2), -1), 0)

    def curvature_product(self, predictions: Rows, labels: Numbers, tangent: Rows) -> Rows:
        p, y = predictions, labels.astype(predictions.dtype)
        return _term(y, 1 / p**2) * tangent


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

    def evaluate(self, predictions: Rows, labels: Classes, cotangent: Real | float) -> tuple[Losses, Rows]:
        here = _is_label(labels, predictions)
        losses = -jnp.log(jnp.sum(jnp.where(here, predictions, 0), axis=-1))
        return losses, jnp.where(here, -cotangent / predictions, 0)

    def curvature(self, predictions: Rows, labels: Classes) -> Matrices:
        slopes = jnp.where(_is_label(labels, predictions), 1 / predictions**2, 0)
        return jnp.where(diagonal(predictions), jnp.expand_dims(slopes, -1), 0)

    def curvature_product(self, predictions: Rows, labels: Classes, tangent: Rows) -> Rows:
        return jnp.where(_is_label(labels, predictions), tangent / predictions**2, 0)


squared_error = SquaredError()
l2_loss = L2Loss()
sigmoid_binary_cross_entropy = SigmoidBinaryCrossEntropy()
binary_cross_entropy = BinaryCrossEntropy()
softmax_cross_entropy = SoftmaxCrossEntropy()
softmax_cross_entropy_with_integer_labels = SoftmaxCrossEntropyWithIntegerLabels()
categorical_cross_entropy = CategoricalCrossEntropy()
categorical_cross_entropy_with_integer_labels = CategoricalCrossEntropyWithIntegerLabels()


def smooth_labels(labels: Rows, alpha: float) -> Rows:
    r"""Labels drawn towards the uniform distribution over the classes.

    $$ (1 - \alpha) \, y_k + \frac{\alpha}{K} $$

    The loss of smoothed labels and all its derivatives are those of a loss above, given these labels.

    Arguments:
        labels: y, rows of probabilities of shape (..., K).
        alpha: how far, in [0, 1].

    Raises `ValueError` for an alpha outside [0, 1], and for labels without an axis of classes.

    Source: Szegedy et al., Rethinking the Inception architecture for computer vision, CVPR (2016), section 7.

    >>> smooth_labels(jnp.array([0.0, 1.0]), 0.5).tolist()
    [0.25, 0.75]
    """
    require_axes("labels", labels, 1)
    once(require_range, alpha, "alpha", 0, 1)
    return (1 - alpha) * labels + alpha / jnp.shape(labels)[-1]

"""Losses of each number: squares, and the cross-entropy of two classes."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Bool

from manual_grads import activations
from manual_grads._checks import once, require_range
from manual_grads.activations import Activation
from manual_grads.losses._loss import ElementwiseLoss, Loss, Numbers, Real, Weight, term


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
    largest_curvature = 2

    def evaluate(self, predictions: Real, labels: Numbers, cotangent: Weight) -> tuple[Real, Real]:
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
    largest_curvature = 1

    def evaluate(self, predictions: Real, labels: Numbers, cotangent: Weight) -> tuple[Real, Real]:
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
    for z > 0, else $(t - y - y t) / (1 + t)$. For labels 0 and 1 nothing cancels in these.

    Arguments:
        logits: z, reals of any shape.
        labels: y, numbers in [0, 1] or booleans, of the same shape.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.90 and 4.91.

    >>> print(f"{sigmoid_binary_cross_entropy.gradient(jnp.float32(40.0), jnp.float32(1.0)):.3e}")
    -4.248e-18
    """

    names = ("logits", "labels")
    largest_curvature = 1 / 4
    newton_margin = 1 / 2

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        super().require_labels(shape, labels)
        once(require_range, labels, "labels", 0, 1)

    def evaluate(self, predictions: Real, labels: Numbers, cotangent: Weight) -> tuple[Real, Real]:
        z, y = predictions, labels.astype(predictions.dtype)
        # Not by |z|: JAX's derivative of |z| at 0 would make that of the loss wrong.
        positive = z > 0
        tail = jnp.exp(jnp.where(positive, -z, z))
        losses = (positive.astype(z.dtype) - y) * z + jnp.log1p(tail)
        return losses, (jnp.where(positive, 1, tail) - y - y * tail) * (cotangent / (1 + tail))

    def curvature(self, predictions: Real, labels: Numbers) -> Real:
        return activations.sigmoid.derivative(predictions)

    def curvature_root(self, predictions: Real, labels: Numbers) -> Real:
        r"""$e^{-|z| / 2} \, \sigma(|z|)$, which does not underflow where the second derivative does."""
        size = jnp.abs(predictions)
        wide = size.astype(jnp.promote_types(size.dtype, jnp.float32))  # half precision is rounded once
        return (jnp.exp(-wide / 2) * activations.sigmoid(wide)).astype(size.dtype)

    def separated(self, predictions: Real, rounding: Real, labels: Numbers) -> Bool[Array, ""]:
        """Whether every label is 0 or 1 and every logit has the sign that it asks for."""
        labels = labels.astype(predictions.dtype)
        return jnp.all(((labels == 0) & (predictions < -rounding)) | ((labels == 1) & (predictions > rounding)))


@dataclass(frozen=True)
class BinaryCrossEntropy(ElementwiseLoss):
    r"""The negative log-likelihood of labels in [0, 1], from probabilities.

    $$ \ell = -y \log p - (1 - y) \log(1 - p), \qquad \ell' = \frac{1 - y}{1 - p} - \frac{y}{p}, \qquad
    \ell'' = \frac{1 - y}{(1 - p)^2} + \frac{y}{p^2} $$

    A term with the factor 0 is 0, even if the other factor is infinite.

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

    def evaluate(self, predictions: Real, labels: Numbers, cotangent: Weight) -> tuple[Real, Real]:
        p, y = predictions, labels.astype(predictions.dtype)
        losses = -term(y, jnp.log(p)) - term(1 - y, _log_complement(p))
        return losses, cotangent * (term(1 - y, 1 / (1 - p)) - term(y, 1 / p))

    def curvature(self, predictions: Real, labels: Numbers) -> Real:
        p, y = predictions, labels.astype(predictions.dtype)
        return term(1 - y, 1 / (1 - p) ** 2) + term(y, 1 / p**2)


def _log_complement(p: Real) -> Real:
    r"""$\log(1 - p)$. For p from 0.29 to 0.41, `log1p` alone would lose seven bits in float64."""
    return jnp.where(p > 0.25, jnp.log(1 - p), jnp.log1p(-p))


squared_error = SquaredError()
l2_loss = L2Loss()
sigmoid_binary_cross_entropy = SigmoidBinaryCrossEntropy()
binary_cross_entropy = BinaryCrossEntropy()

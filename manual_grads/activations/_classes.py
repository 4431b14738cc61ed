"""Probabilities of classes, and their logarithms."""

from dataclasses import dataclass

import jax.numpy as jnp

from manual_grads._softmax import diagonal, less_the_mean, normalised
from manual_grads.activations._activation import Activation, Jacobian, Logits, formula


@dataclass(frozen=True)
class Softmax(Activation):
    r"""Probabilities of classes, along the last axis.

    $$ p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad J_{kl} = p_k (\delta_{kl} - p_l), \qquad
    J v = p \odot (v - (p \cdot v) \mathbf{1}) = J^\top v $$

    Adding one number to all logits changes nothing, so that J is singular: its rows and columns have the sum 0.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.104 and 4.106.

    >>> softmax(jnp.array([1e4, 1e4, -1e4])).tolist()
    [0.5, 0.5, 0.0]
    >>> softmax.jacobian(jnp.zeros(2)).tolist()
    [[0.25, -0.25], [-0.25, 0.25]]
    """

    @formula
    def __call__(self, logits: Logits) -> Logits:
        return normalised(logits).probabilities

    @formula
    def jacobian(self, logits: Logits) -> Jacobian:
        p = normalised(logits)
        return _softmax_jacobian(p.probabilities, p.complements)

    @formula
    def jacobian_from_value(self, values: Logits) -> Jacobian:
        return _softmax_jacobian(values, 1 - values)

    @formula
    def jacobian_vector_product(self, logits: Logits, tangent: Logits) -> Logits:
        p, centred = less_the_mean(logits, tangent)
        return p * centred

    @formula
    def vector_jacobian_product(self, logits: Logits, cotangent: Logits) -> Logits:
        """The same as `jacobian_vector_product`, J being symmetric."""
        return self.jacobian_vector_product(logits, cotangent)


def _softmax_jacobian(p: Logits, complements: Logits) -> Jacobian:
    column, row = jnp.expand_dims(p, -1), jnp.expand_dims(p, -2)
    return jnp.where(diagonal(p), column * jnp.expand_dims(complements, -1), -column * row)


@dataclass(frozen=True)
class LogSoftmax(Activation):
    r"""Logarithms of the probabilities of classes, along the last axis.

    $$ h_k = z_k - \log \sum_j e^{z_j}, \qquad J_{kl} = \delta_{kl} - p_l, \qquad
    J v = v - (p \cdot v) \mathbf{1}, \qquad J^\top u = u - (\mathbf{1} \cdot u) \, p $$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.106, divided by the probability.

    >>> log_softmax.jacobian(jnp.zeros(2)).tolist()
    [[0.5, -0.5], [-0.5, 0.5]]
    """

    @formula
    def __call__(self, logits: Logits) -> Logits:
        return normalised(logits).log_probabilities

    @formula
    def jacobian(self, logits: Logits) -> Jacobian:
        p, complements, _, _ = normalised(logits)
        return jnp.where(diagonal(logits), jnp.expand_dims(complements, -1), jnp.expand_dims(-p, -2))

    @formula
    def jacobian_vector_product(self, logits: Logits, tangent: Logits) -> Logits:
        _, centred = less_the_mean(logits, tangent)
        return centred

    @formula
    def vector_jacobian_product(self, logits: Logits, cotangent: Logits) -> Logits:
        p, complements, _, _ = normalised(logits)
        others = jnp.sum(cotangent, axis=-1, keepdims=True) - cotangent
        return complements * cotangent - p * others


softmax = Softmax()
log_softmax = LogSoftmax()

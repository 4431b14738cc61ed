r"""Logistic regression: the negative log-likelihood of labels in [0, 1], and its derivatives.

The logits are $z = X w$, or $z = X w + b$ where the parameters are a tuple `(weights, bias)`. With
$\sigma(z) = 1 / (1 + e^{-z})$, the loss of one example and its derivatives by the logit are

$$
\ell = -y \log \sigma(z) - (1 - y) \log(1 - \sigma(z)), \qquad
\ell' = \sigma(z) - y, \qquad
\ell'' = \sigma(z) (1 - \sigma(z)) .
$$

The code uses equal forms in which nothing cancels, by $1 - \sigma(z) = \sigma(-z)$: they are finite for every finite
logit, and for labels 0 and 1 they keep their relative accuracy in the tails, where $\sigma(z)$ rounds to 0 or 1.

Letters: `n` examples, `m` features. The sum over examples is the default, as in the formulas; `reduction="mean"` is the
sum divided by `n`. Results have the dtype of the logits. Inside `jax.jit` no values are looked at: check a data set by
one call outside.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from manual_grads._checks import (
    Known,
    checked,
    once,
    require_inputs,
    require_numbers,
    require_parameters,
    require_range,
    require_shape,
    require_tangent,
)
from manual_grads._reduction import Reduction, example_weight, require_reduction

Inputs = Float[Array, "n m"]
Labels = Float[Array, " n"] | Int[Array, " n"] | Bool[Array, " n"]
Scalar = Float[Array, ""]
Vector = Float[Array, " m"]
Matrix = Float[Array, "m m"]
Parameters = Vector | tuple[Vector, Scalar]
Hessian = Matrix | tuple[tuple[Matrix, Vector], tuple[Vector, Scalar]]


def _check(parameters: Any, inputs: Any, labels: Any, reduction: Any = "sum") -> None:
    known: Known = {}
    require_reduction(reduction)
    require_inputs(inputs, known)
    require_parameters("parameters", parameters, "m", "", known)
    require_numbers("labels", labels)
    require_shape("labels", labels, "n", known)
    once(require_range, labels, "labels", 0, 1)


def _check_with_tangent(parameters: Any, inputs: Any, labels: Any, tangent: Any, reduction: Any = "sum") -> None:
    _check(parameters, inputs, labels, reduction)
    require_tangent(tangent, parameters)


def sigmoid(logits: Float[Array, "..."]) -> Float[Array, "..."]:
    r"""The logistic function, accurate relative to its value at both ends.

    $$\sigma(z) = \frac{1}{1 + e^{-z}}$$

    Arguments:
        logits: real numbers of any shape.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.59.

    >>> sigmoid(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    """
    return jax.lax.logistic(logits)


def _logits(parameters: Parameters, inputs: Array) -> Array:
    """The linear map of the parameters: X w + b, or X w."""
    if isinstance(parameters, tuple):
        weights, bias = parameters
        return inputs @ weights + bias
    return inputs @ parameters


def _transposed_logits(parameters: Parameters, inputs: Array, cotangent: Array) -> Parameters:
    """The transpose of that map: (X^T r, sum of r), or X^T r. As `r @ X` it leaves the data matrix where it is."""
    if isinstance(parameters, tuple):
        return cotangent @ inputs, jnp.sum(cotangent)
    return cotangent @ inputs


def _curvature(parameters: Parameters, inputs: Array, reduction: Reduction) -> Array:
    """The second derivatives of the losses by the logits, sigma(z) sigma(-z)."""
    logits = _logits(parameters, inputs)
    return example_weight(reduction, len(inputs)) * sigmoid(logits) * sigmoid(-logits)


@checked(_check)
def loss(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Scalar:
    r"""The negative log-likelihood of the labels.

    $$L = \sum_i y_i \, \log(1 + e^{-z_i}) + (1 - y_i) \log(1 + e^{z_i})$$

    Arguments:
        parameters: `weights` of shape (m,), or a tuple `(weights, bias)` with a bias of shape ().
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n,), reals in [0, 1], integers 0 and 1, or booleans.
        reduction: "sum" or "mean" over the examples.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.90.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> print(f"{loss(jnp.zeros(2), inputs, labels):.4f}")  # 2 log 2
    1.3863
    """
    logits = _logits(parameters, inputs)
    labels = labels.astype(logits.dtype)
    losses = labels * jnp.logaddexp(-logits, 0) + (1 - labels) * jnp.logaddexp(logits, 0)
    return example_weight(reduction, len(inputs)) * jnp.sum(losses)


@checked(_check)
def gradient(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Parameters:
    r"""The derivative of `loss` by the parameters, in their structure.

    $$\nabla_w L = X^\top r, \qquad \nabla_b L = \sum_i r_i, \qquad
    r_i = (1 - y_i) \, \sigma(z_i) - y_i \, \sigma(-z_i) = \sigma(z_i) - y_i$$

    Arguments:
        parameters: `weights` of shape (m,), or a tuple `(weights, bias)` with a bias of shape ().
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n,), reals in [0, 1], integers 0 and 1, or booleans.
        reduction: "sum" or "mean" over the examples.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.91.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> gradient(jnp.zeros(2), inputs, labels).tolist()
    [1.0, -1.5]
    """
    logits = _logits(parameters, inputs)
    labels = labels.astype(logits.dtype)
    # sigma(z) - y cancels for y = 1 and large z; each of these terms is exact to rounding.
    residual = (1 - labels) * sigmoid(logits) - labels * sigmoid(-logits)
    return _transposed_logits(parameters, inputs, example_weight(reduction, len(inputs)) * residual)


@checked(_check)
def hessian(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Hessian:
    r"""The second derivative of `loss` by the parameters, nested by their structure twice.

    $$\nabla_w^2 L = X^\top D X, \qquad \nabla_w \nabla_b L = X^\top d, \qquad \nabla_b^2 L = \sum_i d_i, \qquad
    D = \operatorname{diag}(d), \quad d_i = \sigma(z_i) \, \sigma(-z_i)$$

    It is positive semidefinite, and the same for all labels.

    Arguments:
        parameters: `weights` of shape (m,), or a tuple `(weights, bias)` with a bias of shape ().
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n,), reals in [0, 1], integers 0 and 1, or booleans.
        reduction: "sum" or "mean" over the examples.

    Returns the matrix of shape (m, m), or with a bias `((m, m), (m,)), ((m,), ())`, as `jax.hessian` nests it.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.97.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> hessian(jnp.zeros(2), inputs, labels).tolist()
    [[2.5, -0.25], [-0.25, 1.25]]
    """
    curvature = _curvature(parameters, inputs, reduction)
    weights_block = inputs.T @ (curvature[:, None] * inputs)
    if isinstance(parameters, tuple):
        cross_block, bias_block = _transposed_logits(parameters, inputs, curvature)
        return (weights_block, cross_block), (cross_block, bias_block)
    return weights_block


@checked(_check_with_tangent)
def hessian_vector_product(
    parameters: Parameters, inputs: Inputs, labels: Labels, tangent: Parameters, *, reduction: Reduction = "sum"
) -> Parameters:
    r"""The Hessian of `loss` times a vector, in two products with the data and no matrix of shape (m, m).

    $$\nabla_w^2 L \, v = X^\top (d \odot X v), \qquad d_i = \sigma(z_i) \, \sigma(-z_i)$$

    With a bias, $X v$ is $X v + c$ for the tangent $(v, c)$, and the sum of $d \odot (X v + c)$ comes second.

    Arguments:
        parameters: `weights` of shape (m,), or a tuple `(weights, bias)` with a bias of shape ().
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n,), reals in [0, 1], integers 0 and 1, or booleans.
        tangent: the vector, in the structure and shapes of the parameters.
        reduction: "sum" or "mean" over the examples.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6 (1994), 147-160.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> hessian_vector_product(jnp.zeros(2), inputs, labels, jnp.array([1.0, 0.0])).tolist()
    [2.5, -0.25]
    """
    curvature = _curvature(parameters, inputs, reduction)
    return _transposed_logits(parameters, inputs, curvature * _logits(tangent, inputs))

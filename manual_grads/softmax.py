r"""Softmax regression: the cross-entropy of labels over K classes, and its derivatives.

The logits are $Z = X W$, or $Z = X W + \mathbf{1} b^\top$ where the parameters are a tuple `(weights, bias)`. With
$p_k = e^{z_k} / \sum_j e^{z_j}$, the loss of one example and its derivatives by the logits are

$$
\ell = -\sum_k y_k \log p_k, \qquad
\frac{\partial \ell}{\partial z_k} = p_k - y_k, \qquad
\frac{\partial^2 \ell}{\partial z_k \partial z_l} = p_k (\delta_{kl} - p_l) .
$$

The second one needs $\sum_k y_k = 1$, so rows of labels with another sum are refused. All are finite for every finite
logit. The derivatives are computed in equal forms, with $1 - p_k$ as a sum of other probabilities: for one-hot labels
the gradient keeps its relative accuracy where a $p_k$ rounds to 0 or 1, and so does the Hessian for all labels. The
loss of an example is accurate to a rounding of its largest logit, and not relative to a value that is smaller still.

Letters: `n` examples, `m` features, `K` classes. The sum over examples is the default, as in the formulas;
`reduction="mean"` is the sum divided by `n`. Results have the dtype of the logits. Inside `jax.jit` no values are
looked at: check a data set by one call outside.
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
    require_integers,
    require_numbers,
    require_parameters,
    require_range,
    require_shape,
    require_simplex,
    require_tangent,
)
from manual_grads._reduction import Reduction, example_weight, require_reduction

Inputs = Float[Array, "n m"]
Labels = Float[Array, "n K"] | Int[Array, "n K"] | Bool[Array, "n K"] | Int[Array, " n"]
Scalar = Float[Array, ""]
Weights = Float[Array, "m K"]
Bias = Float[Array, " K"]
Parameters = Weights | tuple[Weights, Bias]
WeightsBlock = Float[Array, "m K m K"]
BiasBlock = Float[Array, "K K"]
Hessian = WeightsBlock | tuple[tuple[WeightsBlock, Float[Array, "m K K"]], tuple[Float[Array, "K m K"], BiasBlock]]


def _check(parameters: Any, inputs: Any, labels: Any, reduction: Any = "sum") -> None:
    known: Known = {}
    require_reduction(reduction)
    require_inputs(inputs, known)
    require_parameters("parameters", parameters, "m K", "K", known)
    require_numbers("labels", labels)
    if jnp.ndim(labels) == 1:
        require_integers("labels of one dimension", labels)
        require_shape("labels", labels, "n", known)
        once(require_range, labels, "labels", 0, known["K"][0] - 1)
    else:
        require_shape("labels", labels, "n K", known)
        once(require_simplex, labels, "labels")


def _check_with_tangent(parameters: Any, inputs: Any, labels: Any, tangent: Any, reduction: Any = "sum") -> None:
    _check(parameters, inputs, labels, reduction)
    require_tangent(tangent, parameters)


def _logits(parameters: Parameters, inputs: Array) -> Array:
    """The linear map of the parameters: X W + 1 b^T, or X W."""
    if isinstance(parameters, tuple):
        weights, bias = parameters
        return inputs @ weights + bias[None, :]
    return inputs @ parameters


def _transposed_logits(parameters: Parameters, inputs: Array, cotangent: Array) -> Parameters:
    """The transpose of that map: (X^T R, sum of the rows of R), or X^T R."""
    # (R^T X)^T is X^T R; written so, the data matrix stays where it is also for one class.
    weights_part = (cotangent.T @ inputs).T
    return (weights_part, jnp.sum(cotangent, axis=0)) if isinstance(parameters, tuple) else weights_part


def _label_rows(labels: Array, logits: Array) -> Array:
    """The labels as rows of probabilities."""
    if labels.ndim == 1:
        return jax.nn.one_hot(labels, logits.shape[1], dtype=logits.dtype)
    return labels.astype(logits.dtype)


def _shifted(logits: Array) -> Array:
    """The logits less the largest of their row, which changes no probability, and no exponential can overflow."""
    return logits - jnp.max(logits, axis=1, keepdims=True)


def _probabilities(logits: Array) -> Array:
    exponentials = jnp.exp(_shifted(logits))
    return exponentials / jnp.sum(exponentials, axis=1, keepdims=True)


@checked(_check)
def loss(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Scalar:
    r"""The cross-entropy of the labels and the softmax of the logits.

    $$L = \sum_i \sum_k y_{ik} (\log \sum_j e^{z_{ij}} - z_{ik})$$

    Arguments:
        parameters: `weights` of shape (m, K), or a tuple `(weights, bias)` with a bias of shape (K,).
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n, K), rows of numbers in [0, 1] with sum 1; or shape (n,), integers from 0 to K - 1.
        reduction: "sum" or "mean" over the examples.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.108.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> print(f"{loss(jnp.zeros((2, 4)), inputs, labels):.4f}")  # 2 log 4
    2.7726
    """
    shifted = _shifted(_logits(parameters, inputs))
    log_normaliser = jnp.log(jnp.sum(jnp.exp(shifted), axis=1, keepdims=True))
    losses = _label_rows(labels, shifted) * (log_normaliser - shifted)
    return example_weight(reduction, len(inputs)) * jnp.sum(losses)


@checked(_check)
def gradient(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Parameters:
    r"""The derivative of `loss` by the parameters, in their structure.

    $$\nabla_W L = X^\top R, \qquad \nabla_b L = \sum_i r_i, \qquad R = P - Y$$

    Arguments:
        parameters: `weights` of shape (m, K), or a tuple `(weights, bias)` with a bias of shape (K,).
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n, K), rows of numbers in [0, 1] with sum 1; or shape (n,), integers from 0 to K - 1.
        reduction: "sum" or "mean" over the examples.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.109.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> gradient(jnp.zeros((2, 2)), inputs, labels).tolist()
    [[-1.0, 1.0], [1.5, -1.5]]
    """
    logits = _logits(parameters, inputs)
    probabilities, labels = _probabilities(logits), _label_rows(labels, logits)
    # p - y cancels where both are near 1. Taken off in two parts, y first leaves exactly 0 at a label of 1, and then
    # takes what the other probabilities add up to.
    others = probabilities - labels * jnp.sum(labels * probabilities, axis=1, keepdims=True)
    residual = others - labels * jnp.sum(others, axis=1, keepdims=True)
    return _transposed_logits(parameters, inputs, example_weight(reduction, len(inputs)) * residual)


@checked(_check)
def hessian(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Hessian:
    r"""The second derivative of `loss` by the parameters, nested by their structure twice.

    $$\nabla_{w_k} \nabla_{w_l} L = X^\top D_{kl} X, \qquad
    D_{kl} = \operatorname{diag}_i (p_{ik} (\delta_{kl} - p_{il}))$$

    It is positive semidefinite, the same for all labels, and always singular: adding one vector to all columns of
    `weights` changes nothing. The blocks are symmetric in k and l, so each pair is computed once.

    Arguments:
        parameters: `weights` of shape (m, K), or a tuple `(weights, bias)` with a bias of shape (K,).
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n, K), rows of numbers in [0, 1] with sum 1; or shape (n,), integers from 0 to K - 1.
        reduction: "sum" or "mean" over the examples.

    Returns an array of shape (m, K, m, K), or with a bias `((m, K, m, K), (m, K, K)), ((K, m, K), (K, K))`, as
    `jax.hessian` nests it.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.110.

    >>> inputs, labels = jnp.array([[1.0], [3.0]]), jnp.array([1, 0])
    >>> hessian(jnp.zeros((1, 2)), inputs, labels).reshape(2, 2).tolist()
    [[2.5, -2.5], [-2.5, 2.5]]
    """
    probabilities = _probabilities(_logits(parameters, inputs))
    classes = probabilities.shape[1]
    complements = probabilities @ (1 - jnp.eye(classes, dtype=probabilities.dtype))  # 1 - p, which would cancel
    weight = example_weight(reduction, len(inputs))

    def block(pair: tuple[Array, Array]) -> tuple[Array, Array, Array]:
        row, column = pair
        slope = jnp.where(row == column, complements[:, row], -probabilities[:, column])
        curvature = weight * probabilities[:, row] * slope
        return inputs.T @ (curvature[:, None] * inputs), curvature @ inputs, jnp.sum(curvature)

    rows, columns = jnp.triu_indices(classes)
    pairs = jnp.arange(len(rows))
    pair_of = jnp.zeros((classes, classes), int).at[rows, columns].set(pairs).at[columns, rows].set(pairs)
    weights_blocks, cross_blocks, bias_blocks = jax.lax.map(block, (rows, columns))
    weights_block: Array = weights_blocks[pair_of].transpose(2, 0, 3, 1)
    if isinstance(parameters, tuple):
        cross_block = cross_blocks[pair_of]
        return (weights_block, cross_block.transpose(2, 0, 1)), (cross_block.transpose(0, 2, 1), bias_blocks[pair_of])
    return weights_block


@checked(_check_with_tangent)
def hessian_vector_product(
    parameters: Parameters, inputs: Inputs, labels: Labels, tangent: Parameters, *, reduction: Reduction = "sum"
) -> Parameters:
    r"""The Hessian of `loss` times a matrix, in O(n m K) operations and without the Hessian.

    $$\nabla_W^2 L \, V = X^\top (P \odot (U - (P \odot U) \mathbf{1} \mathbf{1}^\top)), \qquad U = X V$$

    With a bias, $U$ is $X V + \mathbf{1} c^\top$ for the tangent $(V, c)$, and the sum of the rows comes second.

    Arguments:
        parameters: `weights` of shape (m, K), or a tuple `(weights, bias)` with a bias of shape (K,).
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n, K), rows of numbers in [0, 1] with sum 1; or shape (n,), integers from 0 to K - 1.
        tangent: the matrix, in the structure and shapes of the parameters.
        reduction: "sum" or "mean" over the examples.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6 (1994), 147-160.

    >>> inputs, labels = jnp.array([[1.0], [3.0]]), jnp.array([1, 0])
    >>> hessian_vector_product(jnp.zeros((1, 2)), inputs, labels, jnp.array([[1.0, 0.0]])).tolist()
    [[2.5, -2.5]]
    """
    logits = _logits(parameters, inputs)
    probabilities, labels = _probabilities(logits), _label_rows(labels, logits)
    slopes = _logits(tangent, inputs)
    # Only differences of slopes count. Taken from the labelled class, they do not cancel where its p is near 1.
    slopes = slopes - jnp.sum(labels * slopes, axis=1, keepdims=True)
    expected = jnp.sum(probabilities * slopes, axis=1, keepdims=True)
    cotangent = example_weight(reduction, len(inputs)) * probabilities * (slopes - expected)
    return _transposed_logits(parameters, inputs, cotangent)

r"""Softmax regression: the cross-entropy of labels over K classes, and its derivatives.

The logits are $Z = X W$, or $Z = X W + \mathbf{1} b^\top$ where the parameters are a tuple `(weights, bias)`. With
$p_k = e^{z_k} / \sum_j e^{z_j}$, the loss of one example and its derivatives by the logits are

$$
\ell = -\sum_k y_k \log p_k, \qquad
\frac{\partial \ell}{\partial z_k} = p_k - y_k, \qquad
\frac{\partial^2 \ell}{\partial z_k \partial z_l} = p_k (\delta_{kl} - p_l) .
$$

The second one needs $\sum_k y_k = 1$, so rows of labels with another sum are refused. All are finite for every finite
logit. The code uses the equal forms of `losses.softmax_cross_entropy`, in which nothing cancels: for one-hot and
integer labels the loss and the gradient keep their relative accuracy where a $p_k$ rounds to 0 or 1, and so does the
Hessian for all labels.

Letters: `n` examples, `m` features, `K` classes. The sum over examples is the default, as in the formulas;
`reduction="mean"` is the sum divided by `n`. Results have the dtype of the logits. Inside `jax.jit` no values are
looked at: check a data set by one call outside.
"""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from manual_grads import _fit
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
from manual_grads._fit import Fit
from manual_grads._reduction import Reduction, example_weight, require_reduction
from manual_grads._rows import summed
from manual_grads._softmax import normalised
from manual_grads.losses import Loss, softmax_cross_entropy, softmax_cross_entropy_with_integer_labels

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


def _cross_entropy(labels: Array) -> Loss:
    """The loss for labels of this kind."""
    return softmax_cross_entropy_with_integer_labels if jnp.ndim(labels) == 1 else softmax_cross_entropy


@checked(_check, static="reduction")
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
    return _cross_entropy(labels)(_logits(parameters, inputs), labels, reduction=reduction)


@checked(_check, static="reduction")
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
    residuals = _cross_entropy(labels).gradient(_logits(parameters, inputs), labels, reduction=reduction)
    return _transposed_logits(parameters, inputs, residuals)


@checked(_check, static="reduction")
def loss_and_gradient(
    parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
) -> tuple[Scalar, Parameters]:
    r"""Both `loss` and `gradient`, in one forward and one backward pass: what a step of training needs.

    $$ L(W), \qquad \nabla L(W) $$

    Arguments and errors are those of `gradient`, and so is the source.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> value, slope = loss_and_gradient(jnp.zeros((2, 2)), inputs, labels)
    >>> print(f"{value:.4f}", slope.tolist())
    1.3863 [[-1.0, 1.0], [1.5, -1.5]]
    """
    logits = _logits(parameters, inputs)
    value, residuals = _cross_entropy(labels).value_and_gradient(logits, labels, reduction=reduction)
    return value, _transposed_logits(parameters, inputs, residuals)


@checked(_check, static="reduction")
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
    classes = (parameters[0] if isinstance(parameters, tuple) else parameters).shape[1]
    with jax.ensure_compile_time_eval():
        rows, columns = jnp.triu_indices(classes)
        pairs = jnp.arange(len(rows))
        pair_of = jnp.zeros((classes, classes), int).at[rows, columns].set(pairs).at[columns, rows].set(pairs)

    def of_rows(inputs: Array) -> tuple[Array, Array, Array]:
        probabilities, complements, _, _ = normalised(_logits(parameters, inputs))

        def of_pair(pair: tuple[Array, Array]) -> tuple[Array, Array, Array]:
            row, column = pair
            slope = jnp.where(row == column, _column(complements, row), -_column(probabilities, column))
            curvature = _column(probabilities, row) * slope
            return inputs.T @ (curvature[:, None] * inputs), curvature @ inputs, jnp.sum(curvature)

        return jax.lax.map(of_pair, (rows, columns))

    weight = example_weight(reduction, len(inputs))
    weights_blocks, cross_blocks, bias_blocks = (weight * blocks for blocks in summed(of_rows, inputs))

    def arranged(blocks: Array) -> Array:
        return blocks.at[pair_of].get(mode="promise_in_bounds", wrap_negative_indices=False)

    weights_block = arranged(weights_blocks).transpose(2, 0, 3, 1)
    if isinstance(parameters, tuple):
        cross_block = arranged(cross_blocks)
        return (weights_block, cross_block.transpose(2, 0, 1)), (cross_block.transpose(0, 2, 1), arranged(bias_blocks))
    return weights_block


def _column(matrix: Array, index: Array) -> Array:
    return jax.lax.dynamic_index_in_dim(matrix, index, axis=1, keepdims=False, allow_negative_indices=False)


@checked(_check_with_tangent, static="reduction")
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
    logits, slopes = _logits(parameters, inputs), _logits(tangent, inputs)
    cotangent = _cross_entropy(labels).hessian_vector_product(logits, labels, slopes, reduction=reduction)
    return _transposed_logits(parameters, inputs, cotangent)


def _check_newton(parameters: Any, inputs: Any, labels: Any) -> None:
    _check(parameters, inputs, labels)
    classes = jnp.shape(jax.tree.leaves(parameters)[0])[1]
    if classes == 1:
        raise ValueError("parameters must have at least 2 classes, for with 1 the Hessian is 0")


def _filled_hessian(parameters: Weights, inputs: Inputs, labels: Labels) -> Float[Array, "mK mK"]:
    r"""The Hessian as a matrix, and where it is 0, along the shifts, the mean of its diagonal blocks instead.

    With $E = \mathbf{1} \mathbf{1}^\top / K$ this is $H + G \otimes E$ for $G = \sum_k H_{kk} / K$. The gradient and
    $H d$ are orthogonal to all shifts, so the solution has $\sum_k d_k = 0$ and $H d = \nabla L$ for any $G$ with an
    inverse. This one is as large as H in every direction and any units.
    """
    blocks: Any = hessian(parameters, inputs, labels)
    features, classes = parameters.shape
    mean_block = jnp.trace(blocks, axis1=1, axis2=3) / classes
    filled = blocks + mean_block[:, None, :, None] / classes
    return filled.reshape(features * classes, features * classes)


def _separated(logits: Array, rounding: Array, labels: Array) -> Array:
    """Whether each row of labels has one class, whose logit is the largest; then no parameters have the lowest loss."""
    labels = jax.nn.one_hot(labels, logits.shape[1], dtype=bool) if labels.ndim == 1 else labels
    of_label = labels == 1
    least = jnp.sum(jnp.where(of_label, logits - rounding, 0), axis=1)
    most = jnp.max(jnp.where(of_label, -jnp.inf, logits + rounding), axis=1)
    return jnp.all(jnp.all(of_label | (labels == 0), axis=1) & (least > most))


_MODEL = _fit.Model(
    loss_and_gradient=loss_and_gradient,
    hessian=_filled_hessian,
    bound=1 / 2,
    separated=_separated,
    shift=lambda parameters: jnp.broadcast_to(jnp.mean(parameters, axis=1, keepdims=True), parameters.shape),
    spread=lambda changes: jnp.max(jnp.max(changes, axis=1) - jnp.min(changes, axis=1)),
)


@checked(_check_newton, static=())
def newton_direction(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""What Newton's method takes off the parameters: the shortest solution for the gradient and the Hessian.

    $$\nabla^2 L \; d = \nabla L, \qquad \sum_k d_k = 0$$

    The Hessian is singular: adding one vector to all columns of the weights, or one number to all biases, changes
    nothing. The gradient is orthogonal to these shifts, and so is the solution that is taken. The Cholesky factor is
    that of the Hessian with the mean of its diagonal blocks added along the shifts. The direction is the same for the
    sum and the mean over the examples.

    Arguments:
        parameters: `weights` of shape (m, K), or a tuple `(weights, bias)` with a bias of shape (K,), K > 1.
        inputs: finite reals of shape (n, m), an example in each row. Their columns, with one of ones where there is a
            bias, are independent: otherwise there are more solutions, and the result is not finite or not accurate.
        labels: shape (n, K), rows of numbers in [0, 1] with sum 1; or shape (n,), integers from 0 to K - 1.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.92.

    >>> inputs, labels = jnp.array([[2.0, 0.0], [0.0, 4.0]]), jnp.array([1, 0])
    >>> jnp.round(newton_direction(jnp.zeros((2, 2)), inputs, labels), 4).tolist()
    [[0.5, -0.5], [-0.25, 0.25]]
    """
    return _fit.newton_direction(_MODEL, parameters, inputs, labels)


@checked(_check_newton, static=())
def newton_step(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""The parameters after one step of Newton's method, undamped: from afar it can lead away from the minimum.

    $$W - d, \qquad \nabla^2 L \; d = \nabla L, \qquad \sum_k d_k = 0$$

    Arguments and errors are those of `newton_direction`, and so is the source.

    >>> inputs, labels = jnp.array([[2.0, 0.0], [0.0, 4.0]]), jnp.array([1, 0])
    >>> jnp.round(newton_step(jnp.zeros((2, 2)), inputs, labels), 4).tolist()
    [[-0.5, 0.5], [0.25, -0.25]]
    """
    return jax.tree.map(jnp.subtract, parameters, newton_direction(parameters, inputs, labels))


def fit_by_newton(parameters: Parameters, inputs: Inputs, labels: Labels, *, steps: int = 100) -> Fit:
    r"""The parameters with the lowest loss, to rounding, or the reason why there are none.

    $$\hat W = \arg \min_W L(W)$$

    Newton's method is damped as in `training.newton`, and converges from every start. Of the minima, which differ by
    shifts, it finds the one with the start's sums over the classes.

    Arguments:
        parameters: where to start: `weights` of shape (m, K), or a tuple `(weights, bias)` with a bias of shape (K,),
            K > 1.
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n, K), rows of numbers in [0, 1] with sum 1; or shape (n,), integers from 0 to K - 1.
        steps: the number of steps at most, at least 1.

    Returns a `training.Fit`. It has converged only if a minimum is proved to exist; classes that can be separated, and
    columns that are dependent, have a status of their own.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Albert and Anderson, On the existence of maximum likelihood estimates, Biometrika 71 (1984), 1-10.

    >>> inputs, labels = jnp.array([[1.0], [1.0], [1.0], [1.0]]), jnp.array([1, 1, 1, 0])
    >>> fit = fit_by_newton(jnp.zeros((1, 2)), inputs, labels)
    >>> print(f"{fit.status} at log {jnp.exp(fit.parameters[0, 1] - fit.parameters[0, 0]):.4f}")
    converged at log 3.0000
    """
    _check_newton(parameters, inputs, labels)
    return _fit.by_newton(_MODEL, parameters, inputs, labels, steps=steps)


def fit_by_gradient_descent(
    parameters: Parameters,
    inputs: Inputs,
    labels: Labels,
    *,
    learning_rate: float | None = None,
    steps: int,
    tolerance: float,
) -> Fit:
    r"""Gradient descent on the sum of the losses, with a learning rate that never raises it.

    $$W_{t+1} = W_t - \eta \, \nabla L(W_t), \qquad \eta = \frac{2}{\lambda_{\max}(X^\top X)}$$

    No Hessian is larger than $X^\top X / 2$ in each class. With a bias, $X$ has a column of ones.

    Arguments:
        parameters: where to start: `weights` of shape (m, K), or a tuple `(weights, bias)` with a bias of shape (K,),
            K > 1.
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n, K), rows of numbers in [0, 1] with sum 1; or shape (n,), integers from 0 to K - 1.
        learning_rate: $\eta > 0$, if not the one above.
        steps: the number of steps at most, at least 1.
        tolerance: the fit has converged when no entry of the gradient is larger; at least 0.

    Returns a `training.Fit`. Where the classes can be separated, it ends once they are.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Boehning, Multinomial logistic regression algorithm, Annals of the Institute of Statistical Mathematics 44
    (1992), 197-200.

    >>> inputs, labels = jnp.array([[1.0], [1.0], [1.0], [1.0]]), jnp.array([1, 1, 1, 0])
    >>> fit = fit_by_gradient_descent(jnp.zeros((1, 2)), inputs, labels, steps=100, tolerance=1e-4)
    >>> print(f"{fit.status} at log {jnp.exp(fit.parameters[0, 1] - fit.parameters[0, 0]):.3f}")
    converged at log 3.000
    """
    _check_newton(parameters, inputs, labels)
    return _fit.by_gradient_descent(
        _MODEL, parameters, inputs, labels, learning_rate=learning_rate, steps=steps, tolerance=tolerance
    )

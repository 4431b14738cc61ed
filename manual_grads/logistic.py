r"""Logistic regression: the negative log-likelihood of labels in [0, 1], and its derivatives.

The logits are $z = X w$, or $z = X w + b$ where the parameters are a tuple `(weights, bias)`. With
$\sigma(z) = 1 / (1 + e^{-z})$, the loss of one example and its derivatives by the logit are

$$
\ell = -y \log \sigma(z) - (1 - y) \log(1 - \sigma(z)), \qquad
\ell' = \sigma(z) - y, \qquad
\ell'' = \sigma(z) (1 - \sigma(z)) .
$$

The code uses the equal forms of `losses.sigmoid_binary_cross_entropy`, in which nothing cancels: they are finite for
every finite logit, and for labels 0 and 1 they keep their relative accuracy in the tails, where $\sigma(z)$ rounds to
0 or 1.

Letters: `n` examples, `m` features. The sum over examples is the default, as in the formulas; `reduction="mean"` is the
sum divided by `n`. Results have the dtype of the logits. Inside `jax.jit` no values are looked at: check a data set by
one call outside.
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
    require_numbers,
    require_parameters,
    require_range,
    require_shape,
    require_tangent,
)
from manual_grads._fit import Fit
from manual_grads._reduction import Reduction, example_weight, require_reduction
from manual_grads._rows import summed
from manual_grads.activations import sigmoid as sigmoid
from manual_grads.losses import sigmoid_binary_cross_entropy as cross_entropy

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


@checked(_check, static="reduction")
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
    return cross_entropy(_logits(parameters, inputs), labels, reduction=reduction)


@checked(_check, static="reduction")
def gradient(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Parameters:
    r"""The derivative of `loss` by the parameters, in their structure.

    $$\nabla_w L = X^\top r, \qquad \nabla_b L = \sum_i r_i, \qquad
    r_i = \sigma(z_i) - y_i$$

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
    residuals = cross_entropy.gradient(_logits(parameters, inputs), labels, reduction=reduction)
    return _transposed_logits(parameters, inputs, residuals)


@checked(_check, static="reduction")
def loss_and_gradient(
    parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
) -> tuple[Scalar, Parameters]:
    r"""Both `loss` and `gradient`, in one forward and one backward pass: what a step of training needs.

    $$ L(w), \qquad \nabla L(w) $$

    Arguments and errors are those of `gradient`, and so is the source.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> value, slope = loss_and_gradient(jnp.zeros(2), inputs, labels)
    >>> print(f"{value:.4f}", slope.tolist())
    1.3863 [1.0, -1.5]
    """
    value, residuals = cross_entropy.value_and_gradient(_logits(parameters, inputs), labels, reduction=reduction)
    return value, _transposed_logits(parameters, inputs, residuals)


@checked(_check, static="reduction")
def hessian(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Hessian:
    r"""The second derivative of `loss` by the parameters, nested by their structure twice.

    $$\nabla_w^2 L = X^\top D X, \qquad \nabla_w \nabla_b L = X^\top d, \qquad \nabla_b^2 L = \sum_i d_i, \qquad
    D = \operatorname{diag}(d), \quad d_i = \sigma(z_i) \, \sigma(-z_i)$$

    It is positive semidefinite, and the same for all labels. The code makes it of $\sqrt D \, X$, with
    $\sqrt{d_i} = e^{-|z_i| / 2} \, \sigma(|z_i|)$, so that rounding keeps it symmetric.

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

    def of_rows(inputs: Array) -> Hessian:
        size = jnp.abs(_logits(parameters, inputs))
        wide = size.astype(jnp.promote_types(size.dtype, jnp.float32))  # rounded once before the square
        # Roots of the curvatures: what is squared below is symmetric.
        roots = (jnp.exp(-wide / 2) * sigmoid(wide)).astype(size.dtype)
        scaled = roots[:, None] * inputs
        weights_block = scaled.T @ scaled
        if isinstance(parameters, tuple):
            cross_block = roots @ scaled
            return (weights_block, cross_block), (cross_block, roots @ roots)
        return weights_block

    weight = example_weight(reduction, len(inputs))
    return jax.tree.map(lambda block: weight * block, summed(of_rows, inputs))


@checked(_check_with_tangent, static="reduction")
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
    logits, slopes = _logits(parameters, inputs), _logits(tangent, inputs)
    cotangent = cross_entropy.hessian_vector_product(logits, labels, slopes, reduction=reduction)
    return _transposed_logits(parameters, inputs, cotangent)


def _separated(logits: Array, rounding: Array, labels: Array) -> Array:
    """Whether every label is 0 or 1 and every logit has its sign; then no parameters have the lowest loss."""
    labels = labels.astype(logits.dtype)
    return jnp.all(((labels == 0) & (logits < -rounding)) | ((labels == 1) & (logits > rounding)))


_MODEL = _fit.Model(
    loss_and_gradient=loss_and_gradient,
    hessian=hessian,
    bound=1 / 4,
    separated=_separated,
    shift=jnp.zeros_like,
    spread=lambda changes: jnp.max(jnp.abs(changes)),
)


@checked(_check, static=())
def newton_direction(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""What Newton's method takes off the parameters: the gradient, solved with the Hessian by its Cholesky factor.

    $$d = (\nabla^2 L)^{-1} \, \nabla L$$

    It is the same for the sum and the mean over the examples.

    Arguments:
        parameters: `weights` of shape (m,), or a tuple `(weights, bias)` with a bias of shape ().
        inputs: finite reals of shape (n, m), an example in each row. Their columns, with one of ones where there is a
            bias, are independent: otherwise the Hessian has no inverse, and the result is not finite or not accurate.
        labels: shape (n,), reals in [0, 1], integers 0 and 1, or booleans.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.92.

    >>> inputs, labels = jnp.array([[2.0, 0.0], [0.0, 4.0]]), jnp.array([1, 0])
    >>> newton_direction(jnp.zeros(2), inputs, labels).tolist()
    [-1.0, 0.5]
    """
    return _fit.newton_direction(_MODEL, parameters, inputs, labels)


@checked(_check, static=())
def newton_step(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""The parameters after one step of Newton's method, undamped: from afar it can lead away from the minimum.

    $$w - (\nabla^2 L)^{-1} \, \nabla L$$

    Arguments and errors are those of `newton_direction`, and so is the source.

    >>> inputs, labels = jnp.array([[2.0, 0.0], [0.0, 4.0]]), jnp.array([1, 0])
    >>> newton_step(jnp.zeros(2), inputs, labels).tolist()
    [1.0, -0.5]
    """
    return jax.tree.map(jnp.subtract, parameters, newton_direction(parameters, inputs, labels))


def fit_by_newton(parameters: Parameters, inputs: Inputs, labels: Labels, *, steps: int = 100) -> Fit:
    r"""The parameters with the lowest loss, to rounding, or the reason why there are none.

    $$\hat w = \arg \min_w L(w)$$

    Newton's method is damped as in `training.newton`, and converges from every start.

    Arguments:
        parameters: where to start: `weights` of shape (m,), or a tuple `(weights, bias)` with a bias of shape ().
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n,), reals in [0, 1], integers 0 and 1, or booleans.
        steps: the number of steps at most, at least 1.

    Returns a `training.Fit`. It has converged only if a minimum is proved to exist; classes that can be separated, and
    columns that are dependent, have a status of their own.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Albert and Anderson, On the existence of maximum likelihood estimates, Biometrika 71 (1984), 1-10.

    >>> inputs, labels = jnp.array([[1.0], [1.0], [1.0], [1.0]]), jnp.array([1, 1, 1, 0])
    >>> fit = fit_by_newton(jnp.zeros(1), inputs, labels)
    >>> print(f"{fit.status} at log {jnp.exp(fit.parameters[0]):.4f}")
    converged at log 3.0000
    """
    _check(parameters, inputs, labels)
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

    $$w_{t+1} = w_t - \eta \, \nabla L(w_t), \qquad \eta = \frac{4}{\lambda_{\max}(X^\top X)}$$

    No Hessian is larger than $X^\top X / 4$. With a bias, $X$ has a column of ones.

    Arguments:
        parameters: where to start: `weights` of shape (m,), or a tuple `(weights, bias)` with a bias of shape ().
        inputs: finite reals of shape (n, m), an example in each row.
        labels: shape (n,), reals in [0, 1], integers 0 and 1, or booleans.
        learning_rate: $\eta > 0$, if not the one above.
        steps: the number of steps at most, at least 1.
        tolerance: the fit has converged when no entry of the gradient is larger; at least 0.

    Returns a `training.Fit`. Where the classes can be separated, it ends once they are.

    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.

    Source: Nesterov, Lectures on Convex Optimization (2018), theorem 2.1.14.

    >>> inputs, labels = jnp.array([[1.0], [1.0], [1.0], [1.0]]), jnp.array([1, 1, 1, 0])
    >>> fit = fit_by_gradient_descent(jnp.zeros(1), inputs, labels, steps=100, tolerance=1e-4)
    >>> print(f"{fit.status} at log {jnp.exp(fit.parameters[0]):.3f}")
    converged at log 3.000
    """
    _check(parameters, inputs, labels)
    return _fit.by_gradient_descent(
        _MODEL, parameters, inputs, labels, learning_rate=learning_rate, steps=steps, tolerance=tolerance
    )

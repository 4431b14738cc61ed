r"""Softmax regression: the cross-entropy of labels over K classes, and its derivatives.

The logits are $Z = X W$, or $Z = X W + \mathbf{1} b^\top$ where the parameters are a tuple `(weights, bias)`. With
$p_k = e^{z_k} / \sum_j e^{z_j}$, the loss of one example and its derivatives by the logits are

$$
\ell = -\sum_k y_k \log p_k, \qquad
\frac{\partial \ell}{\partial z_k} = p_k - y_k, \qquad
\frac{\partial^2 \ell}{\partial z_k \partial z_l} = p_k (\delta_{kl} - p_l) .
$$

The gradient needs $\sum_k y_k = 1$, so rows of labels with another sum are refused. All are finite for every finite
logit. The code computes them in the form of `losses.softmax_cross_entropy`, in which nothing cancels: for one-hot and
integer labels the loss and the gradient keep their relative accuracy where a $p_k$ rounds to 0 or 1, and so does the
Hessian for all labels.

Letters: `n` examples, `m` features, `K` classes. The sum over the examples is the default, as in the formulas;
`reduction="mean"` divides it by `n`. Results have the dtype of the logits. Inside `jax.jit` values are not checked:
check a data set by one call outside.
"""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Integer, Real, Shaped

from manual_grads import losses
from manual_grads._checks import checked, first, require_integers
from manual_grads._reduction import Reduction
from manual_grads.linear import Fit, LinearModel, documented
from manual_grads.losses import Loss, SoftmaxCrossEntropy

Inputs = Float[Array, "n m"]
Labels = Float[Array, "n K"] | Integer[Array, "n K"] | Bool[Array, "n K"] | Integer[Array, " n"]
Scalar = Float[Array, ""]
Weights = Float[Array, "m K"]
Bias = Float[Array, " K"]
Parameters = Weights | tuple[Weights, Bias]
WeightsBlock = Float[Array, "m K m K"]
BiasBlock = Float[Array, "K K"]
Hessian = WeightsBlock | tuple[tuple[WeightsBlock, Float[Array, "m K K"]], tuple[Float[Array, "K m K"], BiasBlock]]
Size = Real[ArrayLike, ""]
GivenParameters = Float[ArrayLike, "m K"] | tuple[Float[ArrayLike, "m K"], Float[ArrayLike, " K"]]
GivenInputs = Float[ArrayLike, "n m"]
GivenLabels = Shaped[ArrayLike, "n K"] | Integer[ArrayLike, " n"]


@dataclass(frozen=True)
class _CrossEntropy(SoftmaxCrossEntropy):
    """The cross-entropy for labels as rows of probabilities, or, where they have one axis, as integers."""

    def label_axes(self, labels: Any) -> int:
        return 0 if jnp.ndim(labels) == 1 else 1

    def require_labels(self, shape: tuple[int, ...], labels: Any) -> None:
        if jnp.ndim(labels) == 1:
            require_integers("labels of one dimension", labels)
        _for(labels).require_labels(shape, labels)

    def evaluate(self, predictions: Any, labels: Any, cotangent: Any) -> tuple[Array, Array]:
        return _for(labels).evaluate(predictions, labels, cotangent)


def _for(labels: Any) -> Loss:
    """The loss for labels of this kind."""
    integers = jnp.ndim(labels) == 1
    return losses.softmax_cross_entropy_with_integer_labels if integers else losses.softmax_cross_entropy


_MODEL = LinearModel(_CrossEntropy())
_documented = documented(
    parameters="`weights` of shape (m, K), or a tuple `(weights, bias)` with a bias of shape (K,).",
    labels="shape (n, K), rows of numbers in [0, 1] with sum 1; or shape (n,), integers from 0 to K - 1.",
)


@_documented
@checked(_MODEL.check, static="reduction")
def loss(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Scalar:
    r"""The cross-entropy of the labels and the softmax of the logits.

    $$L = \sum_i \sum_k y_{ik} (\log \sum_j e^{z_{ij}} - z_{ik})$$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.108.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> print(f"{loss(jnp.zeros((2, 4)), inputs, labels):.4f}")  # 2 log 4
    2.7726
    """
    return _MODEL.loss(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def gradient(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Parameters:
    r"""The derivative of `loss` by the parameters, in their structure.

    $$\nabla_W L = X^\top R, \qquad \nabla_b L = \sum_i r_i, \qquad R = P - Y$$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.109.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> gradient(jnp.zeros((2, 2)), inputs, labels).tolist()
    [[-1.0, 1.0], [1.5, -1.5]]
    """
    return _MODEL.gradient(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def value_and_gradient(
    parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
) -> tuple[Scalar, Parameters]:
    r"""Both `loss` and `gradient`, in one forward and one backward pass: all that a step of training needs.

    $$ L(W), \qquad \nabla L(W) $$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.108 and 4.109.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> value, slope = value_and_gradient(jnp.zeros((2, 2)), inputs, labels)
    >>> print(f"{value:.4f}", slope.tolist())
    1.3863 [[-1.0, 1.0], [1.5, -1.5]]
    """
    return _MODEL.value_and_gradient(parameters, inputs, labels, reduction=reduction)


loss_and_gradient = value_and_gradient
"""An older name of `value_and_gradient`."""


@_documented
@checked(_MODEL.check, static="reduction")
def hessian(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Hessian:
    r"""The second derivative of `loss` by the parameters, nested by their structure twice.

    $$\nabla_{w_k} \nabla_{w_l} L = X^\top D_{kl} X, \qquad
    D_{kl} = \operatorname{diag}_i (p_{ik} (\delta_{kl} - p_{il}))$$

    It is positive semidefinite, the same for all labels, and always singular: adding one vector to all columns of
    `weights` changes nothing. The blocks are symmetric in k and l, so each pair of classes is computed once.

    Returns an array of shape (m, K, m, K), or with a bias `((m, K, m, K), (m, K, K)), ((K, m, K), (K, K))`, as
    `jax.hessian` nests it.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.110.

    >>> inputs, labels = jnp.array([[1.0], [3.0]]), jnp.array([1, 0])
    >>> hessian(jnp.zeros((1, 2)), inputs, labels).reshape(2, 2).tolist()
    [[2.5, -2.5], [-2.5, 2.5]]
    """
    return _MODEL.hessian(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def hessian_vector_product(
    parameters: Parameters, inputs: Inputs, labels: Labels, tangent: Parameters, *, reduction: Reduction = "sum"
) -> Parameters:
    r"""The Hessian of `loss` times a matrix, in O(n m K) operations and without the Hessian.

    $$\nabla_W^2 L \, V = X^\top (P \odot (U - (P \odot U) \mathbf{1} \mathbf{1}^\top)), \qquad U = X V$$

    With a bias, $U$ is $X V + \mathbf{1} c^\top$ for the tangent $(V, c)$, and the sum of the rows comes second.

    Source: Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6 (1994), 147-160.

    >>> inputs, labels = jnp.array([[1.0], [3.0]]), jnp.array([1, 0])
    >>> hessian_vector_product(jnp.zeros((1, 2)), inputs, labels, jnp.array([[1.0, 0.0]])).tolist()
    [[2.5, -2.5]]
    """
    return _MODEL.hessian_vector_product(parameters, inputs, labels, tangent, reduction=reduction)


@_documented
@checked(_MODEL.check_newton, static=())
def newton_direction(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""What Newton's method subtracts from the parameters: the shortest solution for the gradient and the Hessian.

    $$\nabla^2 L \; d = \nabla L, \qquad \sum_k d_k = 0$$

    The Hessian is singular: adding one vector to all columns of the weights, or one number to all biases, changes
    nothing. The gradient is orthogonal to these shifts, and so is the solution that is taken. It is computed with
    the Cholesky factor of the Hessian plus the mean of its diagonal blocks along the shifts. The direction is the same
    for the sum and the mean over the examples. The columns of the inputs, with one of ones if there is a bias, must be
    independent: otherwise there are more solutions, and the result is not finite or not accurate.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.92.

    >>> inputs, labels = jnp.array([[2.0, 0.0], [0.0, 4.0]]), jnp.array([1, 0])
    >>> jnp.round(newton_direction(jnp.zeros((2, 2)), inputs, labels), 4).tolist()
    [[0.5, -0.5], [-0.25, 0.25]]
    """
    return _MODEL.newton_direction(parameters, inputs, labels)


@_documented
@checked(_MODEL.check_newton, static=())
def newton_step(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""The parameters after one step of Newton's method, undamped: far from the minimum it can lead away from it.

    $$W - d, \qquad \nabla^2 L \; d = \nabla L, \qquad \sum_k d_k = 0$$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.92.

    >>> inputs, labels = jnp.array([[2.0, 0.0], [0.0, 4.0]]), jnp.array([1, 0])
    >>> jnp.round(newton_step(jnp.zeros((2, 2)), inputs, labels), 4).tolist()
    [[-0.5, 0.5], [0.25, -0.25]]
    """
    return _MODEL.newton_step(parameters, inputs, labels)


@_documented
@first(_MODEL.check_fit)
def fit_by_newton(parameters: GivenParameters, inputs: GivenInputs, labels: GivenLabels, *, steps: int = 100) -> Fit:
    r"""The parameters with the lowest loss, to rounding, or the reason why there are none.

    $$\hat W = \arg \min_W L(W)$$

    The fit starts at `parameters`. Newton's method is damped as in `training.newton`, and converges from every start.
    Minima differ by shifts; this one has the start's sums over the classes. There must be at least 2 classes.

    Returns a `training.Fit`. It has converged only if a minimum is proved to exist; classes that can be separated, and
    columns that are dependent, have a status of their own.

    Source: Albert and Anderson, On the existence of maximum likelihood estimates, Biometrika 71 (1984), 1-10.

    >>> inputs, labels = jnp.array([[1.0], [1.0], [1.0], [1.0]]), jnp.array([1, 1, 1, 0])
    >>> fit = fit_by_newton(jnp.zeros((1, 2)), inputs, labels)
    >>> [[of_0, of_1]] = fit.parameters.tolist()
    >>> print(f"{fit.status} at {of_1 - of_0:.4f}")  # log 3
    converged at 1.0986
    """
    return _MODEL.fit_by_newton(parameters, inputs, labels, steps=steps)


@_documented
@first(_MODEL.check_fit)
def fit_by_gradient_descent(
    parameters: GivenParameters,
    inputs: GivenInputs,
    labels: GivenLabels,
    *,
    learning_rate: Size | None = None,
    steps: int,
    tolerance: Size,
) -> Fit:
    r"""Gradient descent on the sum of the losses, with a learning rate that never raises it.

    $$W_{t+1} = W_t - \eta \, \nabla L(W_t), \qquad \eta = \frac{2}{\lambda_{\max}(X^\top X)}$$

    The fit starts at `parameters`. No Hessian is larger than $X^\top X / 2$ in each class. With a bias, $X$ has a
    column of ones. There must be at least 2 classes.

    Returns a `training.Fit`. Where the classes can be separated, it ends once they are.

    Source: Boehning, Multinomial logistic regression algorithm, Annals of the Institute of Statistical Mathematics 44
    (1992), 197-200.

    >>> inputs, labels = jnp.array([[1.0], [1.0], [1.0], [1.0]]), jnp.array([1, 1, 1, 0])
    >>> fit = fit_by_gradient_descent(jnp.zeros((1, 2)), inputs, labels, steps=100, tolerance=1e-4)
    >>> [[of_0, of_1]] = fit.parameters.tolist()
    >>> print(f"{fit.status} at {of_1 - of_0:.3f}")  # log 3
    converged at 1.099
    """
    return _MODEL.fit_by_gradient_descent(
        parameters, inputs, labels, learning_rate=learning_rate, steps=steps, tolerance=tolerance
    )

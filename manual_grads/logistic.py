r"""Logistic regression: the negative log-likelihood of labels in [0, 1], and its derivatives.

The logits are $z = X w$, or $z = X w + b$ where the parameters are a tuple `(weights, bias)`. With
$\sigma(z) = 1 / (1 + e^{-z})$, the loss of one example and its derivatives by the logit are

$$
\ell = -y \log \sigma(z) - (1 - y) \log(1 - \sigma(z)), \qquad
\ell' = \sigma(z) - y, \qquad
\ell'' = \sigma(z) (1 - \sigma(z)) .
$$

The code computes them in the form of `losses.sigmoid_binary_cross_entropy`, in which nothing cancels: they are finite
for every finite logit, and for labels 0 and 1 they keep their relative accuracy in the tails, where $\sigma(z)$ rounds
to 0 or 1.

Letters: `n` examples, `m` features. The sum over the examples is the default, as in the formulas; `reduction="mean"`
divides it by `n`. Results have the dtype of the logits. Inside `jax.jit` values are not checked: check a data set by
one call outside.
"""

from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Integer, Real, Shaped

from manual_grads import losses
from manual_grads._checks import checked, first
from manual_grads._reduction import Reduction
from manual_grads.activations import sigmoid as sigmoid
from manual_grads.linear import Fit, LinearModel, documented

Inputs = Float[Array, "n m"]
Labels = Float[Array, " n"] | Integer[Array, " n"] | Bool[Array, " n"]
Scalar = Float[Array, ""]
Vector = Float[Array, " m"]
Matrix = Float[Array, "m m"]
Parameters = Vector | tuple[Vector, Scalar]
Hessian = Matrix | tuple[tuple[Matrix, Vector], tuple[Vector, Scalar]]
Size = Real[ArrayLike, ""]
GivenParameters = Float[ArrayLike, " m"] | tuple[Float[ArrayLike, " m"], Float[ArrayLike, ""]]
GivenInputs = Float[ArrayLike, "n m"]
GivenLabels = Shaped[ArrayLike, " n"]

_MODEL = LinearModel(losses.sigmoid_binary_cross_entropy)
_documented = documented(
    parameters="`weights` of shape (m,), or a tuple `(weights, bias)` with a bias of shape ().",
    labels="shape (n,), reals in [0, 1], integers 0 and 1, or booleans.",
)


@_documented
@checked(_MODEL.check, static="reduction")
def loss(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Scalar:
    r"""The negative log-likelihood of the labels.

    $$L = \sum_i y_i \, \log(1 + e^{-z_i}) + (1 - y_i) \log(1 + e^{z_i})$$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.90.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> print(f"{loss(jnp.zeros(2), inputs, labels):.4f}")  # 2 log 2
    1.3863
    """
    return _MODEL.loss(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def gradient(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Parameters:
    r"""The derivative of `loss` by the parameters, in their structure.

    $$\nabla_w L = X^\top r, \qquad \nabla_b L = \sum_i r_i, \qquad
    r_i = \sigma(z_i) - y_i$$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.91.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> gradient(jnp.zeros(2), inputs, labels).tolist()
    [1.0, -1.5]
    """
    return _MODEL.gradient(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def value_and_gradient(
    parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
) -> tuple[Scalar, Parameters]:
    r"""Both `loss` and `gradient`, in one forward and one backward pass: all that a step of training needs.

    $$ L(w), \qquad \nabla L(w) $$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.90 and 4.91.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> value, slope = value_and_gradient(jnp.zeros(2), inputs, labels)
    >>> print(f"{value:.4f}", slope.tolist())
    1.3863 [1.0, -1.5]
    """
    return _MODEL.value_and_gradient(parameters, inputs, labels, reduction=reduction)


loss_and_gradient = value_and_gradient
"""An older name of `value_and_gradient`."""


@_documented
@checked(_MODEL.check, static="reduction")
def hessian(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Hessian:
    r"""The second derivative of `loss` by the parameters, nested by their structure twice.

    $$\nabla_w^2 L = X^\top D X, \qquad \nabla_w \nabla_b L = X^\top d, \qquad \nabla_b^2 L = \sum_i d_i, \qquad
    D = \operatorname{diag}(d), \quad d_i = \sigma(z_i) \, \sigma(-z_i)$$

    It is positive semidefinite, and the same for all labels. The code squares $\sqrt D \, X$, with
    $\sqrt{d_i} = e^{-|z_i| / 2} \, \sigma(|z_i|)$, so that it is symmetric in floating point, too.

    Returns the matrix of shape (m, m), or with a bias `((m, m), (m,)), ((m,), ())`, as `jax.hessian` nests it.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.97.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> hessian(jnp.zeros(2), inputs, labels).tolist()
    [[2.5, -0.25], [-0.25, 1.25]]
    """
    return _MODEL.hessian(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def hessian_vector_product(
    parameters: Parameters, inputs: Inputs, labels: Labels, tangent: Parameters, *, reduction: Reduction = "sum"
) -> Parameters:
    r"""The Hessian of `loss` times a vector, in two products with the data and no matrix of shape (m, m).

    $$\nabla_w^2 L \, v = X^\top (d \odot X v), \qquad d_i = \sigma(z_i) \, \sigma(-z_i)$$

    With a bias, $X v$ is $X v + c$ for the tangent $(v, c)$, and the sum of $d \odot (X v + c)$ comes second.

    Source: Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6 (1994), 147-160.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1, 0])
    >>> hessian_vector_product(jnp.zeros(2), inputs, labels, jnp.array([1.0, 0.0])).tolist()
    [2.5, -0.25]
    """
    return _MODEL.hessian_vector_product(parameters, inputs, labels, tangent, reduction=reduction)


@_documented
@checked(_MODEL.check_newton, static=())
def newton_direction(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""What Newton's method subtracts from the parameters: the gradient, solved with the Hessian's Cholesky factor.

    $$d = (\nabla^2 L)^{-1} \, \nabla L$$

    It is the same for the sum and the mean over the examples. The columns of the inputs, with one of ones if there is a
    bias, must be independent: otherwise the Hessian has no inverse, and the result is not finite or not accurate.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.92.

    >>> inputs, labels = jnp.array([[2.0, 0.0], [0.0, 4.0]]), jnp.array([1, 0])
    >>> newton_direction(jnp.zeros(2), inputs, labels).tolist()
    [-1.0, 0.5]
    """
    return _MODEL.newton_direction(parameters, inputs, labels)


@_documented
@checked(_MODEL.check_newton, static=())
def newton_step(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""The parameters after one step of Newton's method, undamped: far from the minimum it can lead away from it.

    $$w - (\nabla^2 L)^{-1} \, \nabla L$$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.92.

    >>> inputs, labels = jnp.array([[2.0, 0.0], [0.0, 4.0]]), jnp.array([1, 0])
    >>> newton_step(jnp.zeros(2), inputs, labels).tolist()
    [1.0, -0.5]
    """
    return _MODEL.newton_step(parameters, inputs, labels)


@_documented
@first(_MODEL.check_fit)
def fit_by_newton(parameters: GivenParameters, inputs: GivenInputs, labels: GivenLabels, *, steps: int = 100) -> Fit:
    r"""The parameters with the lowest loss, to rounding, or the reason why there are none.

    $$\hat w = \arg \min_w L(w)$$

    The fit starts at `parameters`. Newton's method is damped as in `training.newton`, and converges from every start.

    Returns a `training.Fit`. It has converged only if a minimum is proved to exist; classes that can be separated, and
    columns that are dependent, have a status of their own.

    Source: Albert and Anderson, On the existence of maximum likelihood estimates, Biometrika 71 (1984), 1-10.

    >>> inputs, labels = jnp.array([[1.0], [1.0], [1.0], [1.0]]), jnp.array([1, 1, 1, 0])
    >>> fit = fit_by_newton(jnp.zeros(1), inputs, labels)
    >>> [weight] = fit.parameters.tolist()
    >>> print(f"{fit.status} at {weight:.4f}")  # log 3
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

    $$w_{t+1} = w_t - \eta \, \nabla L(w_t), \qquad \eta = \frac{4}{\lambda_{\max}(X^\top X)}$$

    The fit starts at `parameters`. No Hessian is larger than $X^\top X / 4$. With a bias, $X$ has a column of ones.

    Returns a `training.Fit`. Where the classes can be separated, it ends once they are.

    Source: Nesterov, Lectures on Convex Optimization (2018), theorem 2.1.14.

    >>> inputs, labels = jnp.array([[1.0], [1.0], [1.0], [1.0]]), jnp.array([1, 1, 1, 0])
    >>> fit = fit_by_gradient_descent(jnp.zeros(1), inputs, labels, steps=100, tolerance=1e-4)
    >>> [weight] = fit.parameters.tolist()
    >>> print(f"{fit.status} at {weight:.3f}")  # log 3
    converged at 1.099
    """
    return _MODEL.fit_by_gradient_descent(
        parameters, inputs, labels, learning_rate=learning_rate, steps=steps, tolerance=tolerance
    )

r"""Least squares: half the sum of the squares of the errors of a linear prediction, and its derivatives.

The predictions are $h = X w$, or $h = X w + b$ where the parameters are a tuple `(weights, bias)`. The loss of one
example and its derivatives by the prediction are

$$ \ell = \tfrac12 (h - y)^2, \qquad \ell' = h - y, \qquad \ell'' = 1 . $$

The Hessian is the same everywhere, so that one step of Newton's method leads to the minimum.

Letters: `n` examples, `m` features. The sum over the examples is the default, as in the formulas; `reduction="mean"`
divides it by `n`. Results have the dtype of the predictions. Inside `jax.jit` values are not checked: check a data set
by one call outside.
"""

from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Integer, Real, Shaped

from manual_grads import losses
from manual_grads._checks import checked, first
from manual_grads._reduction import Reduction
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

_MODEL = LinearModel(losses.l2_loss)
_documented = documented(
    parameters="`weights` of shape (m,), or a tuple `(weights, bias)` with a bias of shape ().",
    labels="shape (n,), the numbers that are to be predicted.",
)


@_documented
@checked(_MODEL.check, static="reduction")
def loss(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Scalar:
    r"""Half the sum of the squared errors.

    $$L = \tfrac12 \lVert X w - y \rVert^2$$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 3.12.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1.0, 3.0])
    >>> loss(jnp.zeros(2), inputs, labels).tolist()
    5.0
    """
    return _MODEL.loss(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def gradient(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Parameters:
    r"""The derivative of `loss` by the parameters, in their structure.

    $$\nabla_w L = X^\top r, \qquad \nabla_b L = \sum_i r_i, \qquad r_i = h_i - y_i$$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 3.13.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1.0, 3.0])
    >>> gradient(jnp.zeros(2), inputs, labels).tolist()
    [-10.0, 1.0]
    """
    return _MODEL.gradient(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def value_and_gradient(
    parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
) -> tuple[Scalar, Parameters]:
    r"""Both `loss` and `gradient`, in one forward and one backward pass: all that a step of training needs.

    $$ L(w), \qquad \nabla L(w) $$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 3.12 and 3.13.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1.0, 3.0])
    >>> value, slope = value_and_gradient(jnp.zeros(2), inputs, labels)
    >>> value.tolist(), slope.tolist()
    (5.0, [-10.0, 1.0])
    """
    return _MODEL.value_and_gradient(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def hessian(parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Hessian:
    r"""The second derivative of `loss` by the parameters, nested by their structure twice.

    $$\nabla_w^2 L = X^\top X, \qquad \nabla_w \nabla_b L = X^\top \mathbf{1}, \qquad \nabla_b^2 L = n$$

    It is positive semidefinite, and the same for all parameters and labels.

    Returns the matrix of shape (m, m), or with a bias `((m, m), (m,)), ((m,), ())`, as `jax.hessian` nests it.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 3.15, whose inverse it has.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1.0, 3.0])
    >>> hessian(jnp.zeros(2), inputs, labels).tolist()
    [[10.0, -1.0], [-1.0, 5.0]]
    """
    return _MODEL.hessian(parameters, inputs, labels, reduction=reduction)


@_documented
@checked(_MODEL.check, static="reduction")
def hessian_vector_product(
    parameters: Parameters, inputs: Inputs, labels: Labels, tangent: Parameters, *, reduction: Reduction = "sum"
) -> Parameters:
    r"""The Hessian of `loss` times a vector, in two products with the data and no matrix of shape (m, m).

    $$\nabla_w^2 L \, v = X^\top X v$$

    With a bias, $X v$ is $X v + c$ for the tangent $(v, c)$, and the sum of $X v + c$ comes second.

    Source: Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6 (1994), 147-160.

    >>> inputs, labels = jnp.array([[1.0, 2.0], [3.0, -1.0]]), jnp.array([1.0, 3.0])
    >>> hessian_vector_product(jnp.zeros(2), inputs, labels, jnp.array([1.0, 0.0])).tolist()
    [10.0, -1.0]
    """
    return _MODEL.hessian_vector_product(parameters, inputs, labels, tangent, reduction=reduction)


@_documented
@checked(_MODEL.check_newton, static=())
def newton_direction(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""What Newton's method subtracts from the parameters: the gradient, solved with the Hessian's Cholesky factor.

    $$d = (X^\top X)^{-1} X^\top (X w - y)$$

    The columns of the inputs, with one of ones if there is a bias, must be independent: otherwise the Hessian has no
    inverse, and the result is not finite or not accurate.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.92.

    >>> inputs, labels = jnp.array([[1.0, 0.0], [0.0, 2.0]]), jnp.array([1.0, 3.0])
    >>> newton_direction(jnp.zeros(2), inputs, labels).tolist()
    [-1.0, -1.5]
    """
    return _MODEL.newton_direction(parameters, inputs, labels)


@_documented
@checked(_MODEL.check_newton, static=())
def newton_step(parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
    r"""The parameters after one step of Newton's method, which are those with the lowest loss.

    $$\hat w = (X^\top X)^{-1} X^\top y$$

    `fit_by_newton` is more accurate: it works with a factor of the inputs and not of their squares.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 3.15.

    >>> inputs, labels = jnp.array([[1.0, 0.0], [0.0, 2.0]]), jnp.array([1.0, 3.0])
    >>> newton_step(jnp.ones(2), inputs, labels).tolist()
    [1.0, 1.5]
    """
    return _MODEL.newton_step(parameters, inputs, labels)


@_documented
@first(_MODEL.check_fit)
def fit_by_newton(parameters: GivenParameters, inputs: GivenInputs, labels: GivenLabels, *, steps: int = 100) -> Fit:
    r"""The parameters with the lowest loss, to rounding.

    $$\hat w = \arg \min_w L(w)$$

    The fit starts at `parameters`, and takes a step or two from every start.

    Returns a `training.Fit`. Columns that are dependent have a status of their own.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), section 3.1.1.

    >>> inputs, labels = jnp.array([[1.0], [2.0], [3.0]]), jnp.array([2.0, 4.0, 6.0])
    >>> fit = fit_by_newton(jnp.zeros(1), inputs, labels)
    >>> [weight] = fit.parameters.tolist()
    >>> print(f"{fit.status} at {weight:.4f}")
    converged at 2.0000
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

    $$w_{t+1} = w_t - \eta \, \nabla L(w_t), \qquad \eta = \frac{1}{\lambda_{\max}(X^\top X)}$$

    The fit starts at `parameters`. With a bias, $X$ has a column of ones.

    Returns a `training.Fit`. Columns that are dependent have a status of their own.

    Source: Nesterov, Lectures on Convex Optimization (2018), theorem 2.1.14.

    >>> inputs, labels = jnp.array([[1.0], [2.0], [3.0]]), jnp.array([2.0, 4.0, 6.0])
    >>> fit = fit_by_gradient_descent(jnp.zeros(1), inputs, labels, steps=100, tolerance=1e-3)
    >>> [weight] = fit.parameters.tolist()
    >>> print(f"{fit.status} at {weight:.3f}")
    converged at 2.000
    """
    return _MODEL.fit_by_gradient_descent(
        parameters, inputs, labels, learning_rate=learning_rate, steps=steps, tolerance=tolerance
    )

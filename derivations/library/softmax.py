r"""Softmax regression: `manual_grads.softmax` against the definition and its derivatives.

Each claim compares the code with a textbook form, which cancels or overflows in the tails, or with a derivative of the
loss. Claims without a textbook form are checked in the tails as well. With a bias the parameters are the tuple
(W, b).
"""

import jax
import jax.numpy as jnp

from derivations.library._words import along, of_code, probabilities, second_derivative
from gradproof import Index, OneHot, Real, Simplex, claim, derivative
from manual_grads import logistic, softmax


def negative_log_likelihood(Z: jax.Array, Y: jax.Array) -> jax.Array:
    return -jnp.sum(Y * jnp.log(probabilities(Z)))


def rows(labels: jax.Array, W: jax.Array) -> jax.Array:
    """Integer classes as one-hot rows, with a class for each column of W."""
    return jnp.eye(W.shape[1], dtype=W.dtype)[labels]


@claim(
    "softmax.loss",
    r"L = -\sum_i \sum_k y_{ik} \log p_{ik}, \quad p_{ik} = e^{z_{ik}} / \sum_j e^{z_{ij}}, \quad Z = X W",
    textbook=True,
)
def loss(W=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    yield negative_log_likelihood(X @ W, Y)
    yield softmax.loss(W, X, Y)


@claim("softmax.loss-mean", r"\frac{1}{n} L", textbook=True)
def mean_loss(W=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    yield negative_log_likelihood(X @ W, Y) / len(Y)
    yield softmax.loss(W, X, Y, reduction="mean")


@of_code("softmax.loss-in-the-tails", r"L = n \cdot \frac{1}{n} L")
def loss_in_the_tails(W=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    yield softmax.loss(W, X, Y)
    yield len(Y) * softmax.loss(W, X, Y, reduction="mean")


@claim("softmax.loss-bias", r"L, \quad Z = X W + \mathbf{1} b^\top", textbook=True)
def loss_with_bias(W=Real("m K"), b=Real("K"), X=Real("n m"), Y=OneHot("n K")):
    yield negative_log_likelihood(X @ W + b[None, :], Y)
    yield softmax.loss((W, b), X, Y)


@claim("softmax.loss-soft", r"L, \quad \sum_k y_{ik} = 1", textbook=True)
def loss_of_soft_labels(W=Real("m K"), X=Real("n m"), Y=Simplex("n K")):
    yield negative_log_likelihood(X @ W, Y)
    yield softmax.loss(W, X, Y)


@claim("softmax.loss-integers", r"L = -\sum_i \log p_{i y_i}", textbook=True)
def loss_of_integers(W=Real("m K"), X=Real("n m"), y=Index("n", below="K")):
    yield negative_log_likelihood(X @ W, rows(y, W))
    yield softmax.loss(W, X, y)


@of_code("softmax.gradient", r"\nabla L = X^\top R, \quad R = (1 - Y) \odot P - Y \odot (1 - P)")
def gradient(W=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    yield derivative(lambda W: softmax.loss(W, X, Y), W)
    yield softmax.gradient(W, X, Y)


@claim("softmax.gradient-textbook", r"\nabla L = X^\top (P - Y)", textbook=True)
def textbook_gradient(W=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    yield derivative(lambda W: negative_log_likelihood(X @ W, Y), W)
    yield X.T @ (probabilities(X @ W) - Y)
    yield softmax.gradient(W, X, Y)


@of_code("softmax.gradient-mean", r"\frac{1}{n} \nabla L")
def mean_gradient(W=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    yield derivative(lambda W: softmax.loss(W, X, Y, reduction="mean"), W)
    yield softmax.gradient(W, X, Y, reduction="mean")


@of_code("softmax.gradient-bias", r"\nabla_W L = X^\top R, \quad \nabla_b L = \sum_i r_i")
def gradient_with_bias(W=Real("m K"), b=Real("K"), X=Real("n m"), Y=OneHot("n K")):
    yield derivative(lambda parameters: softmax.loss(parameters, X, Y), (W, b))
    yield softmax.gradient((W, b), X, Y)


@of_code("softmax.gradient-mean-bias", r"\frac{1}{n} \nabla_W L, \quad \frac{1}{n} \nabla_b L")
def mean_gradient_with_bias(W=Real("m K"), b=Real("K"), X=Real("n m"), Y=OneHot("n K")):
    yield derivative(lambda parameters: softmax.loss(parameters, X, Y, reduction="mean"), (W, b))
    yield softmax.gradient((W, b), X, Y, reduction="mean")


@of_code("softmax.gradient-soft", r"\nabla L, \quad \sum_k y_{ik} = 1")
def gradient_of_soft_labels(W=Real("m K"), X=Real("n m"), Y=Simplex("n K")):
    yield derivative(lambda W: softmax.loss(W, X, Y), W)
    yield softmax.gradient(W, X, Y)


@of_code("softmax.gradient-integers", r"\nabla L, \quad y_i \in \{0, \dots, K - 1\}")
def gradient_of_integers(W=Real("m K"), X=Real("n m"), y=Index("n", below="K")):
    yield derivative(lambda W: softmax.loss(W, X, y), W)
    yield softmax.gradient(W, X, y)
    yield softmax.gradient(W, X, rows(y, W))


@claim("softmax.gradient-sums-to-zero", r"\sum_k \nabla_{w_k} L = 0", textbook=True)
def gradient_sums_to_zero(W=Real("m K"), X=Real("n m"), Y=Simplex("n K")):
    yield jnp.sum(softmax.gradient(W, X, Y), axis=1)
    yield jnp.zeros_like(W[:, 0])


@claim("softmax.shift", r"W \to W + c \mathbf{1}^\top: \quad L \text{ and } \nabla L \text{ unchanged}", textbook=True)
def shift_invariance(W=Real("m K"), X=Real("n m"), Y=Simplex("n K"), c=Real("m 1")):
    yield softmax.loss(W, X, Y), softmax.gradient(W, X, Y)
    yield softmax.loss(W + c, X, Y), softmax.gradient(W + c, X, Y)


@claim(
    "softmax.two-classes",
    r"K = 2: \quad L(W) = L_\text{logistic}(w_1 - w_2),"
    r" \quad \nabla L(W) = [\nabla L_\text{logistic}, -\nabla L_\text{logistic}]",
    sizes={"K": 2},
    textbook=True,
)
def two_classes(W=Real("m K"), X=Real("n m"), Y=Simplex("n K")):
    w, y = W[:, 0] - W[:, 1], Y[:, 0]
    by_w = logistic.gradient(w, X, y)
    yield logistic.loss(w, X, y), jnp.stack([by_w, -by_w], axis=1)
    yield softmax.loss(W, X, Y), softmax.gradient(W, X, Y)


@claim(
    "softmax.hessian",
    r"\frac{\partial^2 L}{\partial w_{ak} \partial w_{bl}} = \sum_i x_{ia} x_{ib} \, p_{ik} (\delta_{kl} - p_{il})",
    textbook=True,
)
def hessian(W=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    P = probabilities(X @ W)
    D = jnp.stack([jnp.diag(p) - jnp.outer(p, p) for p in P])
    yield second_derivative(lambda W: softmax.loss(W, X, Y), W)
    yield derivative(lambda W: softmax.gradient(W, X, Y), W)
    yield jnp.einsum("ia,ikl,ib->akbl", X, D, X)
    yield len(X) * softmax.hessian(W, X, Y, reduction="mean")
    yield softmax.hessian(W, X, Y)


@claim("softmax.hessian-bias", r"\nabla_W^2 L, \nabla_W \nabla_b L, \nabla_b^2 L", textbook=True)
def hessian_with_bias(W=Real("m K"), b=Real("K"), X=Real("n m"), Y=OneHot("n K")):
    yield second_derivative(lambda parameters: softmax.loss(parameters, X, Y), (W, b))
    yield softmax.hessian((W, b), X, Y)


@claim("softmax.hessian-integers", r"\nabla^2 L, \quad y_i \in \{0, \dots, K - 1\}", textbook=True)
def hessian_of_integers(W=Real("m K"), X=Real("n m"), y=Index("n", below="K")):
    yield derivative(lambda W: softmax.gradient(W, X, y), W)
    yield softmax.hessian(W, X, y)


@of_code(
    "softmax.hessian-symmetric",
    r"\frac{\partial^2 L}{\partial w_{ak} \partial w_{bl}} = \frac{\partial^2 L}{\partial w_{bl} \partial w_{ak}}",
)
def hessian_is_symmetric(W=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    yield softmax.hessian(W, X, Y)
    yield softmax.hessian(W, X, Y).transpose(2, 3, 0, 1)


@claim(
    "softmax.hessian-semidefinite",
    r"\langle V, \nabla^2 L \, V \rangle = \tfrac12 \sum_i \sum_{kl} p_{ik} p_{il} (u_{ik} - u_{il})^2 \ge 0,"
    r" \quad U = X V",
    textbook=True,
)
def hessian_is_semidefinite(W=Real("m K"), X=Real("n m"), Y=OneHot("n K"), V=Real("m K")):
    P, U = probabilities(X @ W), X @ V
    differences = U[:, :, None] - U[:, None, :]
    yield jnp.sum(P[:, :, None] * P[:, None, :] * differences**2) / 2
    yield jnp.sum(V * along(softmax.hessian(W, X, Y), V))


@claim("softmax.hessian-vector-product", r"\nabla^2 L \, V", textbook=True)
def hessian_vector_product(W=Real("m K"), X=Real("n m"), Y=OneHot("n K"), V=Real("m K")):
    yield along(second_derivative(lambda W: softmax.loss(W, X, Y), W), V)
    yield len(X) * softmax.hessian_vector_product(W, X, Y, V, reduction="mean")
    yield softmax.hessian_vector_product(W, X, Y, V)


@claim("softmax.hessian-vector-product-bias", r"\nabla^2 L \, (V, c)", textbook=True)
def hessian_vector_product_with_bias(
    W=Real("m K"), b=Real("K"), X=Real("n m"), Y=OneHot("n K"), V=Real("m K"), c=Real("K")
):
    yield along(derivative(lambda parameters: softmax.gradient(parameters, X, Y), (W, b)), (V, c))
    yield softmax.hessian_vector_product((W, b), X, Y, (V, c))


@of_code(
    "softmax.hessian-vector-product-by-hessian",
    r"(\nabla^2 L) V = X^\top (P \odot (U - (P \odot U) \mathbf{1} \mathbf{1}^\top)), \quad U = X V",
)
def hessian_vector_product_by_hessian(W=Real("m K"), X=Real("n m"), Y=OneHot("n K"), V=Real("m K")):
    yield along(softmax.hessian(W, X, Y), V)
    yield softmax.hessian_vector_product(W, X, Y, V)


@claim(
    "softmax.newton-direction",
    r"\nabla^2 L \; d = \nabla L, \quad \sum_k d_k = 0, \quad K = 3",
    hypotheses=["the columns of X are independent"],
    kinks="at inputs that are zero there is no direction",
    sizes={"n": 2, "m": 1, "K": 3},
    textbook=True,
)
def newton_direction(W=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    d = softmax.newton_direction(W, X, Y)
    yield X.T @ (probabilities(X @ W) - Y), jnp.zeros_like(W[:, 0])
    yield softmax.hessian_vector_product(W, X, Y, d), jnp.sum(d, axis=1)


@claim(
    "softmax.newton-direction-bias",
    r"\nabla^2 L \; (d, c) = (\nabla_W L, \nabla_b L), \quad K = 2",
    hypotheses=["the columns of X and one of ones are independent"],
    kinks="at inputs that are zero there is no direction",
    sizes={"n": 3, "m": 1, "K": 2},
    textbook=True,
)
def newton_direction_with_bias(W=Real("m K"), b=Real("K"), X=Real("n m"), Y=OneHot("n K")):
    residuals = probabilities(X @ W + b[None, :]) - Y
    yield X.T @ residuals, jnp.sum(residuals, axis=0)
    yield softmax.hessian_vector_product((W, b), X, Y, softmax.newton_direction((W, b), X, Y))

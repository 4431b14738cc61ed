r"""Logistic regression: `manual_grads.logistic` against the definition and its derivatives.

Each claim compares the code with a textbook form, which cancels or overflows in the tails, or with a derivative of the
loss. Claims without a textbook form are checked in the tails as well. With a bias the parameters are the tuple
(w, b).
"""

import jax
import jax.numpy as jnp

from derivations.library._words import along, expit, of_code, second_derivative
from gradproof import Binary, Index, Real, Simplex, claim, derivative
from manual_grads import logistic


def negative_log_likelihood(z: jax.Array, y: jax.Array) -> jax.Array:
    return -jnp.sum(y * jnp.log(expit(z)) + (1 - y) * jnp.log(1 - expit(z)))


@claim(
    "logistic.sigmoid",
    r"\sigma(z) = \frac{e^z}{1 + e^z} = 1 - \sigma(-z)",
    textbook=True,
)
def sigmoid(z=Real("n")):
    yield jnp.exp(z) / (1 + jnp.exp(z))
    yield 1 - logistic.sigmoid(-z)
    yield logistic.sigmoid(z)


@claim(
    "logistic.sigmoid-derivative",
    r"\sigma'(z) = \sigma(z) (1 - \sigma(z)) = \sigma(z) \sigma(-z)",
    textbook=True,
)
def derivative_of_sigmoid(z=Real()):
    yield derivative(logistic.sigmoid, z)
    yield logistic.sigmoid(z) * (1 - logistic.sigmoid(z))
    yield logistic.sigmoid(z) * logistic.sigmoid(-z)


@claim(
    "logistic.loss",
    r"L = -\sum_i y_i \log \sigma(z_i) + (1 - y_i) \log(1 - \sigma(z_i)), \quad z = X w",
    textbook=True,
)
def loss(w=Real("m"), X=Real("n m"), y=Binary("n")):
    yield negative_log_likelihood(X @ w, y)
    yield logistic.loss(w, X, y)


@claim("logistic.loss-mean", r"\frac{1}{n} L", textbook=True)
def mean_loss(w=Real("m"), X=Real("n m"), y=Binary("n")):
    yield negative_log_likelihood(X @ w, y) / len(y)
    yield logistic.loss(w, X, y, reduction="mean")


@of_code("logistic.loss-in-the-tails", r"L = n \cdot \frac{1}{n} L")
def loss_in_the_tails(w=Real("m"), X=Real("n m"), y=Binary("n")):
    yield logistic.loss(w, X, y)
    yield len(y) * logistic.loss(w, X, y, reduction="mean")


@claim("logistic.loss-bias", r"L, \quad z = X w + b", textbook=True)
def loss_with_bias(w=Real("m"), b=Real(), X=Real("n m"), y=Binary("n")):
    yield negative_log_likelihood(X @ w + b, y)
    yield logistic.loss((w, b), X, y)


@claim("logistic.loss-soft", r"L, \quad y_i \in (0, 1)", textbook=True)
def loss_of_soft_labels(w=Real("m"), X=Real("n m"), y=Simplex("n 2")):
    yield negative_log_likelihood(X @ w, y[:, 0])
    yield logistic.loss(w, X, y[:, 0])


@claim("logistic.loss-integers", r"L, \quad y_i \text{ as integers}", textbook=True)
def loss_of_integers(w=Real("m"), X=Real("n m"), y=Index("n", below="2")):
    yield -jnp.sum(jnp.log(jnp.where(y == 1, expit(X @ w), 1 - expit(X @ w))))
    yield logistic.loss(w, X, y)


@of_code("logistic.gradient", r"\nabla L = X^\top r, \quad r_i = (1 - y_i) \sigma(z_i) - y_i \sigma(-z_i)")
def gradient(w=Real("m"), X=Real("n m"), y=Binary("n")):
    yield derivative(lambda w: logistic.loss(w, X, y), w)
    yield logistic.gradient(w, X, y)


@claim("logistic.gradient-textbook", r"\nabla L = X^\top (\sigma(X w) - y)", textbook=True)
def textbook_gradient(w=Real("m"), X=Real("n m"), y=Binary("n")):
    yield derivative(lambda w: negative_log_likelihood(X @ w, y), w)
    yield X.T @ (expit(X @ w) - y)
    yield logistic.gradient(w, X, y)


@of_code("logistic.gradient-mean", r"\frac{1}{n} \nabla L")
def mean_gradient(w=Real("m"), X=Real("n m"), y=Binary("n")):
    yield derivative(lambda w: logistic.loss(w, X, y, reduction="mean"), w)
    yield logistic.gradient(w, X, y, reduction="mean")


@of_code("logistic.gradient-bias", r"\nabla_w L = X^\top r, \quad \nabla_b L = \sum_i r_i")
def gradient_with_bias(w=Real("m"), b=Real(), X=Real("n m"), y=Binary("n")):
    yield derivative(lambda parameters: logistic.loss(parameters, X, y), (w, b))
    yield logistic.gradient((w, b), X, y)


@of_code("logistic.gradient-mean-bias", r"\frac{1}{n} \nabla_w L, \quad \frac{1}{n} \nabla_b L")
def mean_gradient_with_bias(w=Real("m"), b=Real(), X=Real("n m"), y=Binary("n")):
    yield derivative(lambda parameters: logistic.loss(parameters, X, y, reduction="mean"), (w, b))
    yield logistic.gradient((w, b), X, y, reduction="mean")


@of_code("logistic.gradient-soft", r"\nabla L, \quad y_i \in (0, 1)")
def gradient_of_soft_labels(w=Real("m"), X=Real("n m"), y=Simplex("n 2")):
    yield derivative(lambda w: logistic.loss(w, X, y[:, 0]), w)
    yield logistic.gradient(w, X, y[:, 0])


@of_code("logistic.gradient-integers", r"\nabla L, \quad y_i \text{ as integers}")
def gradient_of_integers(w=Real("m"), X=Real("n m"), y=Index("n", below="2")):
    yield derivative(lambda w: logistic.loss(w, X, y), w)
    yield logistic.gradient(w, X, y)


@claim("logistic.hessian", r"\nabla^2 L = X^\top D X, \quad d_i = \sigma(z_i) \sigma(-z_i)", textbook=True)
def hessian(w=Real("m"), X=Real("n m"), y=Binary("n")):
    p = expit(X @ w)
    yield second_derivative(lambda w: logistic.loss(w, X, y), w)
    yield derivative(lambda w: logistic.gradient(w, X, y), w)
    yield X.T @ jnp.diag(p * (1 - p)) @ X
    yield len(X) * logistic.hessian(w, X, y, reduction="mean")
    yield logistic.hessian(w, X, y)


@claim("logistic.hessian-bias", r"\nabla_w^2 L, \nabla_w \nabla_b L, \nabla_b^2 L", textbook=True)
def hessian_with_bias(w=Real("m"), b=Real(), X=Real("n m"), y=Binary("n")):
    yield second_derivative(lambda parameters: logistic.loss(parameters, X, y), (w, b))
    yield logistic.hessian((w, b), X, y)


@of_code("logistic.hessian-symmetric", r"\nabla^2 L = (\nabla^2 L)^\top")
def hessian_is_symmetric(w=Real("m"), X=Real("n m"), y=Binary("n")):
    yield logistic.hessian(w, X, y)
    yield logistic.hessian(w, X, y).T


@of_code(
    "logistic.hessian-semidefinite", r"v^\top \nabla^2 L \, v = \sum_i \sigma(z_i) \sigma(-z_i) (x_i^\top v)^2 \ge 0"
)
def hessian_is_semidefinite(w=Real("m"), X=Real("n m"), y=Binary("n"), v=Real("m")):
    squares = jax.nn.sigmoid(X @ w) * jax.nn.sigmoid(-(X @ w)) * (X @ v) ** 2
    yield jnp.sum(squares)
    yield v @ logistic.hessian(w, X, y) @ v


@claim("logistic.hessian-vector-product", r"\nabla^2 L \, v = X^\top D X v", textbook=True)
def hessian_vector_product(w=Real("m"), X=Real("n m"), y=Binary("n"), v=Real("m")):
    yield along(second_derivative(lambda w: logistic.loss(w, X, y), w), v)
    yield len(X) * logistic.hessian_vector_product(w, X, y, v, reduction="mean")
    yield logistic.hessian_vector_product(w, X, y, v)


@claim("logistic.hessian-vector-product-bias", r"\nabla^2 L \, (v, c)", textbook=True)
def hessian_vector_product_with_bias(w=Real("m"), b=Real(), X=Real("n m"), y=Binary("n"), v=Real("m"), c=Real()):
    yield along(derivative(lambda parameters: logistic.gradient(parameters, X, y), (w, b)), (v, c))
    yield logistic.hessian_vector_product((w, b), X, y, (v, c))


@of_code("logistic.hessian-vector-product-by-hessian", r"(\nabla^2 L) v = X^\top (d \odot X v)")
def hessian_vector_product_by_hessian(w=Real("m"), X=Real("n m"), y=Binary("n"), v=Real("m")):
    yield logistic.hessian(w, X, y) @ v
    yield logistic.hessian_vector_product(w, X, y, v)


@claim(
    "logistic.newton-direction",
    r"\nabla^2 L \; d = \nabla L, \quad \text{step} = w - d",
    hypotheses=["the columns of X are independent"],
    kinks="at inputs that are zero there is no direction",
    textbook=True,
)
def newton_direction(w=Real("m"), X=Real("m+2 m"), y=Binary("m+2")):
    by_w = X.T @ (expit(X @ w) - y)
    yield by_w, by_w
    yield (
        logistic.hessian_vector_product(w, X, y, logistic.newton_direction(w, X, y)),
        logistic.hessian_vector_product(w, X, y, w - logistic.newton_step(w, X, y)),
    )


@claim(
    "logistic.newton-direction-bias",
    r"\nabla^2 L \; (d, c) = (\nabla_w L, \nabla_b L)",
    hypotheses=["the columns of X and one of ones are independent"],
    kinks="at inputs that are zero there is no direction",
    textbook=True,
)
def newton_direction_with_bias(w=Real("m"), b=Real(), X=Real("m+2 m"), y=Binary("m+2")):
    residuals = expit(X @ w + b) - y
    yield X.T @ residuals, jnp.sum(residuals)
    yield logistic.hessian_vector_product((w, b), X, y, logistic.newton_direction((w, b), X, y))

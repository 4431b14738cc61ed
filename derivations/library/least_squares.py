r"""Least squares: `manual_grads.least_squares` against the definition and its derivatives.

With a bias the parameters are the tuple (w, b).
"""

import jax
import jax.numpy as jnp

from derivations.library._words import along, of_code, second_derivative
from gradproof import Index, Real, claim, derivative
from manual_grads import least_squares


def half_squares(h: jax.Array, y: jax.Array) -> jax.Array:
    return jnp.sum((h - y) ** 2) / 2


@of_code("least_squares.loss", r"L = \tfrac12 \lVert X w - y \rVert^2")
def loss(w=Real("m"), X=Real("n m"), y=Real("n")):
    yield half_squares(X @ w, y)
    yield len(X) * least_squares.loss(w, X, y, reduction="mean")
    yield least_squares.loss(w, X, y)


@of_code("least_squares.loss-bias", r"L, \quad h = X w + b")
def loss_with_bias(w=Real("m"), b=Real(), X=Real("n m"), y=Real("n")):
    yield half_squares(X @ w + b, y)
    yield least_squares.loss((w, b), X, y)


@of_code("least_squares.gradient", r"\nabla L = X^\top (X w - y)")
def gradient(w=Real("m"), X=Real("n m"), y=Real("n")):
    yield derivative(lambda w: half_squares(X @ w, y), w)
    yield X.T @ (X @ w - y)
    yield len(X) * least_squares.gradient(w, X, y, reduction="mean")
    yield least_squares.gradient(w, X, y)


@of_code("least_squares.gradient-bias", r"\nabla_w L = X^\top r, \quad \nabla_b L = \sum_i r_i")
def gradient_with_bias(w=Real("m"), b=Real(), X=Real("n m"), y=Real("n")):
    yield derivative(lambda parameters: least_squares.loss(parameters, X, y), (w, b))
    yield least_squares.gradient((w, b), X, y)


@of_code("least_squares.gradient-integers", r"\nabla L, \quad y_i \text{ as integers}")
def gradient_of_integers(w=Real("m"), X=Real("n m"), y=Index("n", below="3")):
    yield derivative(lambda w: least_squares.loss(w, X, y), w)
    yield least_squares.gradient(w, X, y)


@of_code("least_squares.value-and-gradient", r"(L, \nabla L)")
def value_and_gradient(w=Real("m"), b=Real(), X=Real("n m"), y=Real("n")):
    yield half_squares(X @ w + b, y), derivative(lambda parameters: least_squares.loss(parameters, X, y), (w, b))
    yield least_squares.value_and_gradient((w, b), X, y)


@of_code("least_squares.hessian", r"\nabla^2 L = X^\top X")
def hessian(w=Real("m"), X=Real("n m"), y=Real("n")):
    yield second_derivative(lambda w: least_squares.loss(w, X, y), w)
    yield X.T @ X
    yield len(X) * least_squares.hessian(w, X, y, reduction="mean")
    yield least_squares.hessian(w, X, y)


@of_code("least_squares.hessian-bias", r"\nabla_w^2 L, \nabla_w \nabla_b L, \nabla_b^2 L")
def hessian_with_bias(w=Real("m"), b=Real(), X=Real("n m"), y=Real("n")):
    yield second_derivative(lambda parameters: least_squares.loss(parameters, X, y), (w, b))
    yield least_squares.hessian((w, b), X, y)


@of_code("least_squares.hessian-vector-product", r"\nabla^2 L \, v = X^\top X v")
def hessian_vector_product(w=Real("m"), X=Real("n m"), y=Real("n"), v=Real("m")):
    yield X.T @ (X @ v)
    yield len(X) * least_squares.hessian_vector_product(w, X, y, v, reduction="mean")
    yield least_squares.hessian_vector_product(w, X, y, v)


@of_code("least_squares.hessian-vector-product-bias", r"\nabla^2 L \, (v, c)")
def hessian_vector_product_with_bias(w=Real("m"), b=Real(), X=Real("n m"), y=Real("n"), v=Real("m"), c=Real()):
    yield along(derivative(lambda parameters: least_squares.gradient(parameters, X, y), (w, b)), (v, c))
    yield least_squares.hessian_vector_product((w, b), X, y, (v, c))


@claim(
    "least_squares.normal-equations",
    r"X^\top X \, d = X^\top (X w - y), \quad X^\top X \, (w - d) = X^\top y",
    hypotheses=["the columns of X are independent"],
    kinks="at inputs that are zero there is no direction",
    textbook=True,
)
def normal_equations(w=Real("m"), X=Real("m+2 m"), y=Real("m+2")):
    yield X.T @ (X @ w - y), X.T @ y
    yield (
        X.T @ (X @ least_squares.newton_direction(w, X, y)),
        X.T @ (X @ least_squares.newton_step(w, X, y)),
    )

"""JAX's derivatives of functions with a hand-written gradient, and sums that are computed in blocks.

JAX's autodiff uses the hand-written rule, dual numbers go around it: both have to find the derivative of the function.
"""

import jax.numpy as jnp

from derivations.library._words import of_code, second_derivative
from gradproof import Binary, Functional, Real, claim, derivative
from manual_grads import logistic, with_gradient
from manual_grads.linear import summed


@of_code("with_gradient.first", r"\mathrm{d} f = \langle \nabla f, \mathrm{d} (w, b) \rangle \text{ for any } f")
def first_derivative(f=Functional(), w=Real("m n"), b=Real("n"), x=Real("n")):
    def loss(parameters, x):
        return f(*parameters, x)

    by_hand = with_gradient(loss, lambda parameters, x: derivative(lambda p: loss(p, x), parameters))
    yield loss((w, b), x), derivative(lambda p: loss(p, x), (w, b))
    yield by_hand((w, b), x), derivative(lambda p: by_hand(p, x), (w, b))


@claim("with_gradient.second", r"\mathrm{d} \nabla L = \nabla^2 L \, \mathrm{d} w", textbook=True)
def derivative_of_gradient(w=Real("m"), X=Real("n m"), y=Binary("n")):
    by_hand = with_gradient(logistic.loss, logistic.gradient, logistic.hessian_vector_product)
    yield second_derivative(lambda w: jnp.sum(jnp.log(1 + jnp.exp((1 - 2 * y) * (X @ w)))), w)
    yield second_derivative(lambda w: by_hand(w, X, y), w)


@of_code(
    "rows.summed",
    r"\sum_i f(x_i, y_i) = \sum_B \sum_{i \in B} f(x_i, y_i), \text{ of one, two or three rows at a time}",
)
def sums_of_blocks(f=Functional(), X=Real("n m"), y=Real("n")):
    def total(X, y):
        return sum(f(x_i, y_i[None]) for x_i, y_i in zip(X, y, strict=True))

    yield (total(X, y),) * 3
    yield tuple(summed(total, X, y, rows=rows) for rows in (1, 2, 3))

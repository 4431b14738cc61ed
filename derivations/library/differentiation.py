"""What JAX finds when it differentiates functions that carry a hand-written gradient, and a product made in blocks.

`derivative` takes the rule by JAX's autodiff, and goes around it by dual numbers: both have to give what the function
itself gives.
"""

import jax.numpy as jnp

from derivations.library._words import second_derivative
from gradproof import Binary, Functional, Real, claim, derivative
from manual_grads import logistic, with_gradient
from manual_grads._gram import weighted_gram


@claim("with_gradient.first", r"\mathrm{d} f = \langle \nabla f, \mathrm{d} (w, b) \rangle \text{ for any } f")
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


@claim("gram.blocks", r"X^\top D X = \sum_i d_i x_i x_i^\top, \text{ one, two or three rows at a time}")
def blocks(X=Real("n m"), d=Real("n")):
    yield (X.T @ jnp.diag(d) @ X,) * 3
    yield tuple(weighted_gram(X, d, rows) for rows in (1, 2, 3))

r"""Losses of logits: short forms of a loss after its activation, and what holds of softmax cross-entropy as a whole."""

import jax.numpy as jnp

from derivations.library._words import of_code, permutations
from gradproof import Binary, Index, OneHot, Real, Simplex, claim
from manual_grads import activations, losses


@claim(
    "losses.softmax-then-cross-entropy",
    r"J^\top \nabla_p \left(-\sum_k y_k \log p_k\right) = p - y",
    textbook=True,
)
def softmax_then_cross_entropy(Z=Real("n K"), Y=Simplex("n K"), c=Real("n")):
    loss = losses.categorical_cross_entropy
    P = activations.softmax(Z)
    yield loss(P, Y), activations.softmax.vector_jacobian_product(Z, loss.gradient(P, Y, c))
    short = loss.from_logits(activations.softmax)
    yield short(Z, Y), short.gradient(Z, Y, c)


@claim(
    "losses.softmax-then-cross-entropy-with-integer-labels",
    r"J^\top \nabla_p (-\log p_y) = p - e_y",
    sizes={"n": 2},
    textbook=True,
)
def softmax_then_cross_entropy_with_integer_labels(Z=Real("n K"), y=Index("n", below="K"), c=Real("n")):
    loss = losses.categorical_cross_entropy_with_integer_labels
    P = activations.softmax(Z)
    yield loss(P, y), activations.softmax.vector_jacobian_product(Z, loss.gradient(P, y, c))
    short = loss.from_logits(activations.softmax)
    yield short(Z, y), short.gradient(Z, y, c)


@claim(
    "losses.sigmoid-then-cross-entropy",
    r"\sigma'(z) \left(\frac{1 - y}{1 - p} - \frac{y}{p}\right) = p - y",
    textbook=True,
)
def sigmoid_then_cross_entropy(z=Real("n"), y=Binary("n"), c=Real("n")):
    loss = losses.binary_cross_entropy
    p = activations.sigmoid(z)
    yield loss(p, y), activations.sigmoid.vector_jacobian_product(z, loss.gradient(p, y, c))
    short = loss.from_logits(activations.sigmoid)
    yield short(z, y), short.gradient(z, y, c)


@claim(
    "losses.softmax-cross-entropy.sums",
    r"\sum_k \frac{\partial \ell}{\partial z_k} = 0, \quad H \mathbf{1} = 0, \quad H = H^\top",
    textbook=True,
)
def softmax_cross_entropy_sums(z=Real("K"), y=Simplex("K"), v=Real("K")):
    loss = losses.softmax_cross_entropy
    H = loss.second_derivative(z, y)
    yield 0.0, jnp.zeros_like(z), H, 0.0
    product = loss.hessian_vector_product(z, y, v)
    yield jnp.sum(loss.gradient(z, y)), jnp.sum(H, axis=1), H.T, jnp.sum(product)


@claim(
    "losses.softmax-cross-entropy.shift",
    r"\ell(z + c \mathbf{1}) = \ell(z), \quad \nabla \ell(z + c \mathbf{1}) = \nabla \ell(z)",
    textbook=True,
)
def softmax_cross_entropy_of_a_shift(z=Real("K"), y=Simplex("K"), c=Real("1")):
    yield losses.softmax_cross_entropy.value_and_gradient(z, y)
    yield losses.softmax_cross_entropy.value_and_gradient(z + c, y)


@of_code(
    "losses.softmax-cross-entropy.permutation",
    r"\ell(\Pi z, \Pi y) = \ell(z, y), \quad \nabla \ell(\Pi z, \Pi y) = \Pi \, \nabla \ell(z, y)",
)
def softmax_cross_entropy_of_a_permutation(z=Real("K"), y=OneHot("K")):
    value, G = losses.softmax_cross_entropy.value_and_gradient(z, y)
    yield [(value, permuted) for permuted in permutations(G)]
    yield list(map(losses.softmax_cross_entropy.value_and_gradient, permutations(z), permutations(y)))


@claim(
    "losses.softmax-cross-entropy.two-classes",
    r"K = 2: \quad \ell(z) = \ell_\text{logistic}(z_1 - z_2)",
    textbook=True,
)
def softmax_cross_entropy_of_two_classes(Z=Real("n 2"), Y=Simplex("n 2")):
    value, G = losses.sigmoid_binary_cross_entropy.value_and_gradient(Z[:, 0] - Z[:, 1], Y[:, 0])
    yield value, jnp.stack([G, -G], axis=1)
    yield losses.softmax_cross_entropy.value_and_gradient(Z, Y)


@of_code("losses.batch", r"\nabla \frac{1}{n} \sum_i \ell_i = \frac{1}{n} [\nabla \ell_1, \dots, \nabla \ell_n]")
def batch(Z=Real("n K"), Y=OneHot("n K")):
    loss = losses.softmax_cross_entropy
    examples = [loss.value_and_gradient(z, y) for z, y in zip(Z, Y, strict=True)]
    yield sum(value for value, _ in examples) / len(Z), jnp.stack([G for _, G in examples]) / len(Z)
    yield loss.value_and_gradient(Z, Y, reduction="mean")

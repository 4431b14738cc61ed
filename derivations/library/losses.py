r"""Losses: `manual_grads.losses` against their definitions and derivatives.

Each loss has two claims. One compares the un-reduced losses and their derivatives, for any cotangent c, with the
textbook's definition, which may overflow or cancel in the tails. The other compares the derivatives of the sum and the
mean, of three examples, with those of the code's own value and gradient, also in the tails. Second derivatives are
compared as whole Hessians, so that the entries the code leaves out are shown to be zero.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from derivations.library._words import along, block_diagonal, expit, of_code, probabilities, second_derivative
from gradproof import Binary, Function, Index, OneHot, Real, Simplex, claim, derivative
from manual_grads import losses
from manual_grads.losses import ElementwiseLoss, Loss

Values = Callable[[jax.Array], jax.Array]


def defined(values: Values, h: jax.Array, v: jax.Array, c: jax.Array) -> Any:
    """Losses, and gradient, Hessian and Hessian-vector product of their sum with the weights c, from a definition."""

    def total(h):
        return jnp.sum(c * values(h))

    H = second_derivative(total, h)
    return values(h), derivative(total, h), H, along(H, v)


def by_hand(loss: Loss, h: jax.Array, y: jax.Array, v: jax.Array, c: jax.Array, reduction: Any = "none") -> Any:
    """The same by hand."""
    return (
        loss(h, y, reduction=reduction),
        loss.gradient(h, y, c, reduction=reduction),
        hessian(loss, loss.second_derivative(h, y, c, reduction=reduction)),
        loss.hessian_vector_product(h, y, v, c, reduction=reduction),
    )


def hessian(loss: Loss, second: jax.Array) -> jax.Array:
    """The whole of it, from the second derivative by each prediction."""
    return block_diagonal(second) if loss.axes else jnp.diag(second.ravel()).reshape(2 * second.shape)


def reduced(loss: Loss, h: jax.Array, y: jax.Array, v: jax.Array) -> Any:
    """Sum and mean, their gradients, and the Hessian and Hessian-vector product of the mean."""
    total, G = jnp.sum(loss(h, y)), derivative(lambda h: jnp.sum(loss(h, y)), h)
    H = derivative(lambda h: loss.gradient(h, y) / len(h), h)
    return (total, G), (total / len(h), G / len(h)), H, along(H, v)


def reduced_by_hand(loss: Loss, h: jax.Array, y: jax.Array, v: jax.Array) -> Any:
    """The same by hand."""
    return (
        loss.value_and_gradient(h, y, reduction="sum"),
        loss.value_and_gradient(h, y, reduction="mean"),
        hessian(loss, loss.second_derivative(h, y, reduction="mean")),
        loss.hessian_vector_product(h, y, v, reduction="mean"),
    )


def bernoulli(p: jax.Array, y: jax.Array) -> jax.Array:
    return -y * jnp.log(p) - (1 - y) * jnp.log(1 - p)


def multinomial(P: jax.Array, Y: jax.Array) -> jax.Array:
    return -jnp.sum(Y * jnp.log(P), axis=-1)


@claim("losses.squared-error", r"\ell = (h - y)^2, \quad \ell' = 2 (h - y), \quad \ell'' = 2", textbook=True)
def squared_error(h=Real("n m"), y=Real("n m"), v=Real("n m"), c=Real("n m")):
    yield defined(lambda h: h**2 - 2 * h * y + y**2, h, v, c)
    yield by_hand(losses.squared_error, h, y, v, c)


@of_code("losses.squared-error.reduced", r"\sum_i \ell_i, \quad \frac{1}{n} \sum_i \ell_i", sizes={"n": 3, "m": 2})
def reduced_squared_error(h=Real("n m"), y=Real("n m"), v=Real("n m")):
    yield reduced(losses.squared_error, h, y, v)
    yield reduced_by_hand(losses.squared_error, h, y, v)


@claim("losses.l2-loss", r"\ell = \tfrac12 (h - y)^2, \quad \ell' = h - y, \quad \ell'' = 1", textbook=True)
def l2_loss(h=Real("n m"), y=Real("n m"), v=Real("n m"), c=Real("n m")):
    yield defined(lambda h: (h**2 - 2 * h * y + y**2) / 2, h, v, c)
    yield by_hand(losses.l2_loss, h, y, v, c)


@of_code("losses.l2-loss.reduced", r"\sum_i \ell_i, \quad \frac{1}{n} \sum_i \ell_i", sizes={"n": 3, "m": 2})
def reduced_l2_loss(h=Real("n m"), y=Real("n m"), v=Real("n m")):
    yield reduced(losses.l2_loss, h, y, v)
    yield reduced_by_hand(losses.l2_loss, h, y, v)


@claim(
    "losses.sigmoid-binary-cross-entropy",
    r"\ell = -y \log \sigma(z) - (1 - y) \log(1 - \sigma(z)), \quad \ell' = \sigma(z) - y,"
    r" \quad \ell'' = \sigma(z) \sigma(-z)",
    textbook=True,
)
def sigmoid_binary_cross_entropy(z=Real("n"), y=Binary("n"), v=Real("n"), c=Real("n")):
    yield defined(lambda z: bernoulli(expit(z), y), z, v, c)
    yield by_hand(losses.sigmoid_binary_cross_entropy, z, y, v, c)


@of_code(
    "losses.sigmoid-binary-cross-entropy.reduced", r"\sum_i \ell_i, \quad \frac{1}{n} \sum_i \ell_i", sizes={"n": 3}
)
def reduced_sigmoid_binary_cross_entropy(z=Real("n 2"), Y=Simplex("n 2 2"), v=Real("n 2")):
    y = Y[..., 0]
    yield reduced(losses.sigmoid_binary_cross_entropy, z, y, v)
    yield reduced_by_hand(losses.sigmoid_binary_cross_entropy, z, y, v)


@claim(
    "losses.binary-cross-entropy",
    r"\ell = -y \log p - (1 - y) \log(1 - p), \quad \ell' = \frac{1 - y}{1 - p} - \frac{y}{p},"
    r" \quad \ell'' = \frac{1 - y}{(1 - p)^2} + \frac{y}{p^2}",
    textbook=True,
)
def binary_cross_entropy(P=Simplex("n 2"), y=Binary("n"), v=Real("n"), c=Real("n")):
    p = P[:, 0]
    yield defined(lambda p: bernoulli(p, y), p, v, c)
    yield by_hand(losses.binary_cross_entropy, p, y, v, c)


@of_code("losses.binary-cross-entropy.reduced", r"\sum_i \ell_i, \quad \frac{1}{n} \sum_i \ell_i", sizes={"n": 3})
def reduced_binary_cross_entropy(P=Simplex("n 2"), y=Binary("n"), v=Real("n")):
    p = P[:, 0]
    yield reduced(losses.binary_cross_entropy, p, y, v)
    yield reduced_by_hand(losses.binary_cross_entropy, p, y, v)


@claim(
    "losses.softmax-cross-entropy",
    r"\ell = -\sum_k y_k \log p_k, \quad p_k = e^{z_k} / \sum_j e^{z_j}, \quad"
    r" \frac{\partial \ell}{\partial z_k} = p_k - y_k, \quad"
    r" \frac{\partial^2 \ell}{\partial z_k \partial z_l} = p_k (\delta_{kl} - p_l)",
    sizes={"n": 2},
    textbook=True,
)
def softmax_cross_entropy(Z=Real("n K"), Y=OneHot("n K"), V=Real("n K"), c=Real("n")):
    yield defined(lambda Z: multinomial(probabilities(Z), Y), Z, V, c)
    yield by_hand(losses.softmax_cross_entropy, Z, Y, V, c)


@of_code(
    "losses.softmax-cross-entropy.reduced", r"\sum_i \ell_i, \quad \frac{1}{n} \sum_i \ell_i", sizes={"n": 3, "K": 2}
)
def reduced_softmax_cross_entropy(Z=Real("n K"), Y=OneHot("n K"), V=Real("n K")):
    yield reduced(losses.softmax_cross_entropy, Z, Y, V)
    yield reduced_by_hand(losses.softmax_cross_entropy, Z, Y, V)


@claim(
    "losses.softmax-cross-entropy-with-integer-labels",
    r"\ell = -\log p_y, \quad \frac{\partial \ell}{\partial z_k} = p_k - \delta_{ky}",
    sizes={"n": 2},
    textbook=True,
)
def softmax_cross_entropy_with_integer_labels(Z=Real("n K"), y=Index("n", below="K"), c=Real("n")):
    def textbook(Z):
        return -jnp.log(probabilities(Z)[jnp.arange(len(Z)), y])

    loss = losses.softmax_cross_entropy_with_integer_labels
    yield textbook(Z), derivative(lambda Z: jnp.sum(c * textbook(Z)), Z)
    yield loss(Z, y), loss.gradient(Z, y, c)


@of_code(
    "losses.softmax-cross-entropy-with-integer-labels.reduced",
    r"\sum_i \ell_i, \quad \frac{1}{n} \sum_i \ell_i",
    sizes={"n": 3, "K": 2},
)
def reduced_softmax_cross_entropy_with_integer_labels(Z=Real("n K"), y=Index("n", below="K"), V=Real("n K")):
    yield reduced(losses.softmax_cross_entropy_with_integer_labels, Z, y, V)
    yield reduced_by_hand(losses.softmax_cross_entropy_with_integer_labels, Z, y, V)


@claim(
    "losses.categorical-cross-entropy",
    r"\ell = -\sum_k y_k \log p_k, \quad \frac{\partial \ell}{\partial p_k} = -\frac{y_k}{p_k}, \quad"
    r" \frac{\partial^2 \ell}{\partial p_k \partial p_l} = \delta_{kl} \frac{y_k}{p_k^2}",
    sizes={"n": 2},
    textbook=True,
)
def categorical_cross_entropy(P=Simplex("n K"), Y=OneHot("n K"), V=Real("n K"), c=Real("n")):
    yield defined(lambda P: multinomial(P, Y), P, V, c)
    yield by_hand(losses.categorical_cross_entropy, P, Y, V, c)


@of_code(
    "losses.categorical-cross-entropy.reduced",
    r"\sum_i \ell_i, \quad \frac{1}{n} \sum_i \ell_i",
    sizes={"n": 3, "K": 2},
)
def reduced_categorical_cross_entropy(P=Simplex("n K"), Y=OneHot("n K"), V=Real("n K")):
    yield reduced(losses.categorical_cross_entropy, P, Y, V)
    yield reduced_by_hand(losses.categorical_cross_entropy, P, Y, V)


@claim(
    "losses.categorical-cross-entropy-with-integer-labels",
    r"\ell = -\log p_y, \quad \frac{\partial \ell}{\partial p_k} = -\frac{\delta_{ky}}{p_k}",
    sizes={"n": 2},
    textbook=True,
)
def categorical_cross_entropy_with_integer_labels(
    P=Simplex("n K"), y=Index("n", below="K"), V=Real("n K"), c=Real("n")
):
    yield defined(lambda P: -jnp.log(P[jnp.arange(len(P)), y]), P, V, c)
    yield by_hand(losses.categorical_cross_entropy_with_integer_labels, P, y, V, c)


@of_code(
    "losses.categorical-cross-entropy-with-integer-labels.reduced",
    r"\sum_i \ell_i, \quad \frac{1}{n} \sum_i \ell_i",
    sizes={"n": 3, "K": 2},
)
def reduced_categorical_cross_entropy_with_integer_labels(
    P=Simplex("n K"), y=Index("n", below="K"), V=Real("n K"), a=Real()
):
    yield reduced(losses.categorical_cross_entropy_with_integer_labels, P, y, V)
    yield reduced_by_hand(losses.categorical_cross_entropy_with_integer_labels, P, y, V)


def of_error(f: Values) -> Loss:
    """A loss as a user writes it, of any function of the error."""

    class Made(ElementwiseLoss):
        def evaluate(self, predictions, labels, cotangent):
            error = predictions - labels
            return f(error), cotangent * slope(f)(error)

        def curvature(self, predictions, labels):
            return slope(slope(f))(predictions - labels)

    return Made()


def slope(f: Values) -> Values:
    """The derivative of an element-wise function, element by element."""
    return lambda h: jax.vmap(lambda h: derivative(f, h))(h.ravel()).reshape(h.shape)


@of_code(
    "losses.elementwise",
    r"\ell = f(h - y): \quad \nabla = c \odot f'(h - y), \quad \nabla^2 v = c \odot f''(h - y) \odot v",
    sizes={"m": 2},
)
def elementwise(f=Function(), h=Real("n m"), y=Real("n m"), v=Real("n m"), c=Real("n m")):
    yield defined(lambda h: f(h - y), h, v, c)
    yield by_hand(of_error(f), h, y, v, c)


@of_code(
    "losses.elementwise.reduced",
    r"a \sum_i f(h_i - y_i), \quad \frac{a}{n} \sum_i f(h_i - y_i)",
    sizes={"n": 3, "m": 2},
)
def reduced_elementwise(f=Function(), h=Real("n m"), y=Real("n m"), v=Real("n m"), a=Real()):
    total = defined(lambda h: jnp.sum(f(h - y)), h, v, a)
    yield total, jax.tree.map(lambda part: part / len(h), total)
    loss = of_error(f)
    yield by_hand(loss, h, y, v, a, "sum"), by_hand(loss, h, y, v, a, "mean")


@claim(
    "losses.soft-labels",
    r"\ell = -\sum_k y_k \log p_k, \quad y_k \in (0, 1), \quad \sum_k y_k = 1",
    sizes={"n": 1, "K": 3},
    textbook=True,
)
def soft_labels(Z=Real("n K"), P=Simplex("n K"), Y=Simplex("n K"), c=Real("n")):
    z, p, y = Z[:, 0], expit(Z[:, 0]), Y[:, 0]
    yield (
        (multinomial(probabilities(Z), Y), c[:, None] * (probabilities(Z) - Y)),
        (multinomial(P, Y), -c[:, None] * Y / P),
        (bernoulli(p, y), c * (p - y)),
        (bernoulli(p, y), c * (p - y) / (p * (1 - p))),
    )
    cases = (
        (losses.softmax_cross_entropy, Z, Y),
        (losses.categorical_cross_entropy, P, Y),
        (losses.sigmoid_binary_cross_entropy, z, y),
        (losses.binary_cross_entropy, p, y),
    )
    yield tuple((loss(h, y), loss.gradient(h, y, c)) for loss, h, y in cases)


@claim("losses.integer-binary-labels", r"\ell, \quad y_i \in \{0, 1\} \text{ as integers or booleans}", textbook=True)
def integer_binary_labels(z=Real("n"), y=Index("n", below="2")):
    p, positive = expit(z), y == 1
    cases = [(losses.sigmoid_binary_cross_entropy, z), (losses.binary_cross_entropy, p)]
    yield [(-jnp.log(jnp.where(positive, p, 1 - p)),) * 2 for _ in cases]
    yield [(loss(h, y), loss(h, positive)) for loss, h in cases]


@claim(
    "losses.smooth-labels",
    r"y' = (1 - \alpha) y + \alpha / K: \quad"
    r" \ell(y') = (1 - \alpha) \ell(y) + \frac{\alpha}{K} \sum_k \ell(e_k), \quad"
    r" \frac{\partial \ell}{\partial z_k} = p_k - y'_k",
    textbook=True,
)
def smooth_labels(Z=Real("n K"), Y=OneHot("n K"), alpha=Real(), c=Real("n")):
    P = probabilities(Z)
    uniform = jnp.full_like(Y, 1 / Y.shape[1])
    mixture = Y + alpha * (uniform - Y)
    value = (1 - alpha) * multinomial(P, Y) + alpha * multinomial(P, uniform)
    yield mixture, value, derivative(lambda Z: jnp.sum(c * multinomial(probabilities(Z), mixture)), Z)
    smooth = losses.smooth_labels(Y, alpha)
    loss = losses.softmax_cross_entropy
    yield smooth, loss(Z, smooth), loss.gradient(Z, smooth, c)

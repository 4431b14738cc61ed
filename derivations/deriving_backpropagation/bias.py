"""Line 376: a bias for logistic and softmax regression, by inputs that begin with a 1.

The loss with a bias says what is meant: the one of the regressions before, with z = w^T x + b. The augmented weights
are the bias over w, and each statement is made for logistic regression and for softmax regression.
"""

import jax
import jax.numpy as jnp

from derivations._words import augmented, columns
from derivations.deriving_backpropagation import logistic_regression as logistic
from derivations.deriving_backpropagation import softmax_regression as softmax
from derivations.deriving_backpropagation._conventions import printed
from gradproof import Binary, OneHot, Real, claim, definition, derivative


def augmented_rows(X: jax.Array) -> jax.Array:
    """The same of each observation x_i, kept as a row."""
    return jnp.vstack([augmented(x_i).T for x_i in columns(X)])


def logistic_loss(b: jax.Array, w: jax.Array, X: jax.Array, y: jax.Array) -> jax.Array:
    """The loss of lines 36 to 38 with z_i = w^T x_i + b."""
    p = logistic.phi(X @ w + b)
    return -jnp.sum(y * jnp.log(p) + (1 - y) * jnp.log(1 - p))


def softmax_loss(b: jax.Array, w: jax.Array, X: jax.Array, Y: jax.Array) -> jax.Array:
    """The loss of lines 87 and 88 with z_i = w^T x_i + b."""
    return sum(softmax.L(softmax.phi(w.T @ x_i + b), y_i) for x_i, y_i in zip(columns(X), columns(Y), strict=True))


augmentation = definition(
    "000.376b",
    r"\tilde{x} = [1, x]^T, \quad w \in \mathbb{R}^{m + 1} \text{ or } \mathbb{R}^{(m + 1) \times K}",
    code=augmented,
    title="augmented inputs",
    source=printed(376),
    covers={"000.376b": "ambiguous"},
    reading="[1, x]^T is the column with 1 above x. For softmax regression the additional element of the weight vector "
    "is an additional row of the matrix.",
)


@claim(
    "000.376a",
    r"\mathcal{L}(b, w; x) = \mathcal{L}([b, w]^T; \tilde{x})",
    title="bias by augmented inputs",
    source=printed(376),
    covers=["000.376a"],
    textbook=True,
)
def bias_by_augmented_inputs(
    X=Real("n m"),
    y=Binary("n"),
    w=Real("m"),
    b=Real(),
    Y=OneHot("n K"),
    W=Real("m K"),
    B=Real("K 1"),
):
    yield logistic_loss(b, w, X, y), softmax_loss(B, W, X, Y)
    yield (
        logistic.loss(jnp.append(b, w), augmented_rows(X), y),
        softmax.loss(jnp.vstack([B.T, W]), augmented_rows(X), Y),
    )


@claim(
    "000.376c",
    r"\tilde{z} = w^T \tilde{x}",
    title="product with augmented inputs",
    source=printed(376),
    covers=["000.376c"],
)
def product_with_augmented_inputs(w=Real("m K"), b=Real("K 1"), x=Real("m 1")):
    yield w.T @ x + b
    yield jnp.vstack([b.T, w]).T @ augmented(x)


@claim(
    "000.376d",
    r"\frac{\partial \mathcal{L}([b, w]^T; \tilde{x})}{\partial [b, w]^T}"
    r" = \left[\frac{\partial \mathcal{L}(b, w; x)}{\partial b},"
    r" \frac{\partial \mathcal{L}(b, w; x)}{\partial w}\right]^T",
    title="the learned value is the bias",
    source=printed(376),
    covers=["000.376d"],
    reading="The derivative by the additional element is the derivative by the bias, so that each step of descent "
    "moves it as it would move the bias.",
    textbook=True,
)
def learned_value_is_the_bias(
    X=Real("n m"),
    y=Binary("n"),
    w=Real("m"),
    b=Real(),
    Y=OneHot("n K"),
    W=Real("m K"),
    B=Real("K 1"),
):
    logistic_by_bias, logistic_by_weights = derivative(lambda bw: logistic_loss(*bw, X, y), (b, w))
    softmax_by_bias, softmax_by_weights = derivative(lambda bw: softmax_loss(*bw, X, Y), (B, W))
    yield jnp.append(logistic_by_bias, logistic_by_weights), jnp.vstack([softmax_by_bias.T, softmax_by_weights])
    yield (
        derivative(lambda w: logistic.loss(w, augmented_rows(X), y), jnp.append(b, w)),
        derivative(lambda w: softmax.loss(w, augmented_rows(X), Y), jnp.vstack([B.T, W])),
    )

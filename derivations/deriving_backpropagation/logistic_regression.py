"""Lines 15 to 58: logistic regression.

No statement of this section tells a row from a column, so that vectors have one axis: w and each x_i have shape (m,),
a product w^T x_i is a number, and @ refuses vectors of different lengths.
"""

import math

import jax
import jax.numpy as jnp

from derivations.deriving_backpropagation._conventions import printed
from gradproof import Binary, Real, claim, definition, derivative, misprint

data = definition(
    "000.21",
    r"(y_1, x_1), \dots, (y_n, x_n), \quad y_i \in \{1, 0\}",
    code=Binary,
    title="binary data",
    source=printed(21),
    covers=["000.21a"],
)


def bernoulli(y: jax.Array, p: jax.Array) -> jax.Array:
    """The probability of the label y where 1 has probability p."""
    return p**y * (1 - p) ** (1 - y)


def phi(z: jax.Array) -> jax.Array:
    """The expit function of line 27."""
    return 1 / (1 + jnp.exp(-z))


def p(w: jax.Array, x: jax.Array) -> jax.Array:
    """The mean response to x."""
    return phi(w.T @ x)


def likelihood(w: jax.Array, X: jax.Array, y: jax.Array) -> jax.Array:
    """The probability of the labels of all observations (x_i, y_i), in line 36."""
    return math.prod(bernoulli(y_i, p(w, x_i)) for x_i, y_i in zip(X, y, strict=True))


def loss(w: jax.Array, X: jax.Array, y: jax.Array) -> jax.Array:
    """The loss as it stands in line 38."""
    return -sum(
        y_i * jnp.log(phi(w.T @ x_i)) + (1 - y_i) * jnp.log(1 - phi(w.T @ x_i)) for x_i, y_i in zip(X, y, strict=True)
    )


model = definition(
    "000.23",
    r"y \sim \text{Bernoulli}(p(x))",
    code=bernoulli,
    title="Bernoulli response",
    source=printed(23),
    covers=["000.23a"],
)
mean_response = definition(
    "000.23b",
    r"p(x) = \phi(w^T x), \quad p_i = p(x_i)",
    code=p,
    title="mean response, and p_i for short",
    source=printed(23, 25, 41),
    covers=["000.23b", "000.25a", "000.41a"],
)
expit = definition(
    "000.27",
    r"\phi(z) = \frac{1}{1 + e^{-z}}",
    code=phi,
    title="expit",
    source=printed(27),
    covers=["000.27a"],
)


@claim(
    "000.33",
    r"-\log \prod_i p_i^{y_i} (1 - p_i)^{1 - y_i} = \sum_i H(y_i, p_i)",
    title="negative log-likelihood is cross-entropy",
    source=printed(33),
    covers=["000.33a"],
    reading="The cross-entropy is that of the label's distribution (1 - y_i, y_i) and the model's (1 - p_i, p_i).",
    textbook=True,
)
def likelihood_is_cross_entropy(w=Real("m"), X=Real("n m"), y=Binary("n")):
    labels = jnp.stack([1 - y, y])
    responses = jnp.stack([1 - phi(X @ w), phi(X @ w)])
    yield -jnp.log(likelihood(w, X, y))
    yield -jnp.sum(labels * jnp.log(responses))


@claim(
    "000.36",
    r"\mathcal{L}(w) = -\log \prod_{i=1}^n p_i^{y_i} (1 - p_i)^{1 - y_i}"
    r" = -\sum_{i=1}^n \left[y_i \log p_i + (1 - y_i) \log(1 - p_i)\right]"
    r" = -\sum_{i=1}^n \left[y_i \log \phi(w^T x_i) + (1 - y_i) \log(1 - \phi(w^T x_i))\right]",
    title="negative log-likelihood",
    source=printed(36, 37, 38),
    covers={"000.36a": "definition", "000.37a": "holds", "000.38a": "holds"},
    textbook=True,
)
def negative_log_likelihood(w=Real("m"), X=Real("n m"), y=Binary("n")):
    responses = phi(X @ w)
    yield -jnp.log(likelihood(w, X, y))
    yield -sum(y_i * jnp.log(p_i) + (1 - y_i) * jnp.log(1 - p_i) for p_i, y_i in zip(responses, y, strict=True))
    yield loss(w, X, y)


@claim(
    "000.47",
    r"\phi'(z) = \phi(z) (1 - \phi(z))",
    title="derivative of expit",
    source=printed(47),
    covers=["000.47a"],
    same_as=["002.333a"],
    textbook=True,
)
def derivative_of_expit(z=Real()):
    yield derivative(phi, z)
    yield phi(z) * (1 - phi(z))


@claim(
    "000.52",
    r"\frac{\partial \mathcal{L}(w)}{\partial w} = \sum_{i=1}^n \frac{\partial \mathcal{L}_i}{\partial \phi(w^T x_i)}"
    r" \frac{\partial \phi(w^T x_i)}{\partial w^T x_i} \frac{\partial w^T x_i}{\partial w}"
    r" = -\sum_{i=1}^n \left[\frac{y_i}{\phi(w^T x_i)} + \frac{1 - y_i}{1 - \phi(w^T x_i)}\right]"
    r" \phi(w^T x_i) (1 - \phi(w^T x_i)) x_i"
    r" = -\sum_{i=1}^n \left[y_i (1 - \phi(w^T x_i)) - (1 - y_i) \phi(w^T x_i)\right] x_i"
    r" = -\sum_{i=1}^n \left[y_i - \phi(w^T x_i)\right] x_i",
    title="gradient of logistic regression",
    source=printed(52, 53, 54, 55, 58),
    covers={
        "000.52a": "holds",
        "000.53a": "misprint",
        "000.54a": "holds",
        "000.55a": "holds",
        "000.58a": "holds",
    },
    correction=r"-\sum_{i=1}^n \left[\frac{y_i}{\phi(w^T x_i)} - \frac{1 - y_i}{1 - \phi(w^T x_i)}\right]"
    r" \phi(w^T x_i) (1 - \phi(w^T x_i)) x_i",
    severity="mathematics",
    textbook=True,
)
def gradient(w=Real("m"), X=Real("n m"), y=Binary("n")):
    data = list(zip(X, y, strict=True))

    def chain(x_i, y_i):
        by_phi = derivative(lambda p_i: -(y_i * jnp.log(p_i) + (1 - y_i) * jnp.log(1 - p_i)), phi(w.T @ x_i))
        return by_phi * derivative(phi, w.T @ x_i) * derivative(lambda w: w.T @ x_i, w)

    yield derivative(lambda w: loss(w, X, y), w)
    yield sum(chain(x_i, y_i) for x_i, y_i in data)
    yield misprint(
        printed=-sum(
            (y_i / phi(w.T @ x_i) + (1 - y_i) / (1 - phi(w.T @ x_i))) * phi(w.T @ x_i) * (1 - phi(w.T @ x_i)) * x_i
            for x_i, y_i in data
        ),
        correct=-sum(
            (y_i / phi(w.T @ x_i) - (1 - y_i) / (1 - phi(w.T @ x_i))) * phi(w.T @ x_i) * (1 - phi(w.T @ x_i)) * x_i
            for x_i, y_i in data
        ),
    )
    yield -sum((y_i * (1 - phi(w.T @ x_i)) - (1 - y_i) * phi(w.T @ x_i)) * x_i for x_i, y_i in data)
    yield -sum((y_i - phi(w.T @ x_i)) * x_i for x_i, y_i in data)

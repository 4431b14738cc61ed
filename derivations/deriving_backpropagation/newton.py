"""Lines 428 to 434: Newton's method for logistic regression.

As in logistic regression a vector has one axis. With one more observation than features the Hessian is invertible,
except on a set of measure zero.
"""

import jax
import jax.numpy as jnp

from derivations._words import inverse
from derivations.deriving_backpropagation._conventions import printed
from derivations.deriving_backpropagation.logistic_regression import loss, phi
from gradproof import Binary, Real, claim, definition, derivative, misprint

INVERTIBLE = "the Hessian is invertible, as it is for x_1, ..., x_n that span the space of features"

faster = definition(
    "000.428",
    title="Newton's method is faster",
    source=printed(428),
    covers={"000.428a": "opinion"},
    reading="No measure of speed and no class of data are given: nothing to compute.",
)


def hessian_of_loss(w: jax.Array, X: jax.Array, y: jax.Array) -> jax.Array:
    """The second derivative of the loss of lines 36 to 38."""
    return derivative(lambda w: derivative(lambda w: loss(w, X, y), w), w)


inverse_of_hessian = definition(
    "000.432",
    r"H_{\mathcal{L}}^{-1}",
    code=inverse,
    title="inverse of the Hessian",
    source=printed(432),
    covers=["000.432a"],
)


@claim(
    "000.430",
    r"w^{(t+1)} \gets w^{(t)} - H_{\mathcal{L}}^{-1}(w^{(t)}) \frac{\partial \mathcal{L}(w^{(t)})}{\partial w^{(t)}}",
    title="Newton's method",
    source=printed(430),
    covers=["000.430a"],
    hypotheses=[INVERTIBLE],
    reading="The second side takes the derivative from line 55 and the Hessian from line 434 as corrected. "
    "As it holds for every w, it holds for every t.",
    textbook=True,
)
def newton(w=Real("m"), X=Real("m+1 m"), y=Binary("m+1")):
    gradient = -sum((y_i - phi(w.T @ x_i)) * x_i for x_i, y_i in zip(X, y, strict=True))
    hessian = sum(phi(w.T @ x_i) * (1 - phi(w.T @ x_i)) * jnp.outer(x_i, x_i) for x_i in X)
    yield w - inverse(hessian_of_loss(w, X, y)) @ derivative(lambda w: loss(w, X, y), w)
    yield w - inverse(hessian) @ gradient


@claim(
    "000.434",
    r"H_{\mathcal{L}}^{-1}(w^{(t)}) = \sum_{i=1}^n \phi(w^T x_i) (1 - \phi(w^T x_i)) x_i x_i^T",
    title="Hessian of logistic regression",
    source=printed(434),
    covers={"000.434a": "misprint", "000.434b": "ambiguous"},
    correction=r"H_{\mathcal{L}}(w^{(t)}) = \sum_{i=1}^n \phi(w^T x_i) (1 - \phi(w^T x_i)) x_i x_i^T",
    severity="mathematics",
    hypotheses=[INVERTIBLE],
    reading="On the right w is the w^{(t)} of the left.",
    textbook=True,
)
def hessian(w=Real("m"), X=Real("m+1 m"), y=Binary("m+1")):
    total = sum(phi(w.T @ x_i) * (1 - phi(w.T @ x_i)) * jnp.outer(x_i, x_i) for x_i in X)
    yield inverse(hessian_of_loss(w, X, y))
    yield misprint(printed=total, correct=inverse(total))

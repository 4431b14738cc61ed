r"""Weight decay: `manual_grads.weight_decay` against the sum of squares, and against the prior that it stands for."""

import jax
import jax.numpy as jnp

from derivations.library._words import of_code
from gradproof import Functional, Positive, Real, claim, derivative
from manual_grads import weight_decay


@of_code("weight_decay.penalty", r"\frac{\lambda}{2} \sum_l \lVert W^l \rVert^2 \text{ and nothing of the biases}")
def penalty(W=Real("m q"), b=Real("q"), V=Real("q K"), w=Real("m"), c=Real(), decay=Positive()):
    yield (
        decay / 2 * jnp.sum(w**2),
        decay / 2 * (jnp.sum(W**2) + jnp.sum(V**2)),
        decay / 2 * (jnp.sum(W[1:] ** 2) + jnp.sum(V[1:] ** 2)),
        decay / 2 * (jnp.sum(W[:-1] ** 2) + jnp.sum(V[:-1] ** 2)),
    )
    yield (
        weight_decay.penalty((w, c), decay),
        weight_decay.penalty([(W, b), V], decay),
        weight_decay.penalty([W, V], decay, ones="leading"),
        weight_decay.penalty([W, V], decay, ones="trailing"),
    )


@of_code(
    "weight_decay.gradient", r"\partial \Omega / \partial W^l = \lambda W^l, \quad \partial \Omega / \partial b^l = 0"
)
def gradient(W=Real("m q"), b=Real("q"), V=Real("q K"), w=Real("m"), c=Real(), decay=Positive()):
    yield (
        derivative(lambda w: decay / 2 * jnp.sum(w**2), w),
        derivative(lambda p: weight_decay.penalty(p, decay), (w, c)),
        derivative(lambda p: weight_decay.penalty(p, decay), [(W, b), V]),
        derivative(lambda p: weight_decay.penalty(p, decay, ones="leading"), [W, V]),
        derivative(lambda p: weight_decay.penalty(p, decay, ones="trailing"), [W, V]),
    )
    yield (
        weight_decay.gradient(w, decay),
        weight_decay.gradient((w, c), decay),
        weight_decay.gradient([(W, b), V], decay),
        weight_decay.gradient([W, V], decay, ones="leading"),
        weight_decay.gradient([W, V], decay, ones="trailing"),
    )


@of_code("weight_decay.regularised", r"\mathcal{L} + \Omega, \quad \nabla \mathcal{L} + \nabla \Omega")
def regularised(loss=Functional(), W=Real("m q"), b=Real("q")):
    def total(parameters):
        weights, bias = parameters
        return loss(weights, bias) + jnp.sum(weights**2) / 8

    def loss_and_gradient(parameters):
        return loss(*parameters), derivative(lambda p: loss(*p), parameters)

    yield total((W, b)), derivative(total, (W, b))
    yield weight_decay.regularised(loss_and_gradient, 0.25)((W, b))


def normal(x: jax.Array, mean: jax.Array | float, deviation: jax.Array) -> jax.Array:
    """The density of the normal distribution."""
    return jnp.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * jnp.sqrt(2 * jnp.pi))


@claim(
    "weight_decay.prior",
    r"-\frac{\sigma^2}{m} \nabla \log \prod_i \mathcal{N}(y_i; h(x_i), \sigma^2) \prod_j \mathcal{N}(w_j; 0, \tau^2)"
    r" = \nabla \left( \frac1m \sum_i \tfrac12 (h(x_i) - y_i)^2 + \frac{\lambda}{2} \lVert w \rVert^2 \right),"
    r" \quad \lambda = \frac{\sigma^2}{m \tau^2}",
    title="weight decay is a Gaussian prior",
    textbook=True,
)
def prior(h=Functional(), w=Real("q"), b=Real(), X=Real("m p"), y=Real("m"), sigma=Positive(), tau=Positive()):
    m = len(X)

    def log_posterior(parameters):
        w, b = parameters
        outputs = jnp.stack([h(x, w, b[None]) for x in X])
        return jnp.sum(jnp.log(normal(y, outputs, sigma))) + jnp.sum(jnp.log(normal(w, 0.0, tau)))

    def mean_square(parameters):
        w, b = parameters
        outputs = jnp.stack([h(x, w, b[None]) for x in X])
        return jnp.mean((outputs - y) ** 2) / 2

    by_w, by_b = derivative(log_posterior, (w, b))
    yield -(sigma**2) / m * by_w, -(sigma**2) / m * by_b
    by_w, by_b = derivative(mean_square, (w, b))
    by_decay, nothing = weight_decay.gradient((w, b), sigma**2 / (m * tau**2))
    yield by_w + by_decay, by_b + nothing

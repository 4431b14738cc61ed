"""Claims that are false, with mistakes that people make in losses, densities and activations."""

import jax.numpy as jnp
import pytest
from adversarially import assert_wrong
from jax import lax, nn
from jax.scipy import special

from gradproof import Binary, Index, Interval, OneHot, Positive, Real, Sign, Simplex, derivative

X, XY, XA = {"x": Real()}, {"x": Real(), "y": Real()}, {"x": Real(), "a": Positive()}
V3 = {"x": Real("n"), "sizes": {"n": 3}}
P = {"p": Interval(low=0, high=1)}
TWO = {"x": Real("n"), "y": Real("n"), "sizes": {"n": 2}}


def norm(x):
    return jnp.sqrt(x @ x)


FALSE = {
    # Losses
    "log cosh, shifted": (lambda x: jnp.log(jnp.cosh(x)), lambda x: nn.softplus(-2 * x) + x - 0.693, X),
    "huber of another width": (
        lambda x, a: derivative(
            lambda x: jnp.where(jnp.abs(x) <= a, 0.5 * x**2, a * (jnp.abs(x) - 0.5 * a)),
            x,
        ),
        lambda x, a: jnp.clip(x, -a, jnp.maximum(a, 1e-3)),
        XA,
    ),
    "huber that jumps": (
        lambda x, a: jnp.where(jnp.abs(x) <= a, 0.5 * x**2, a * jnp.abs(x) - 0.5 * a),
        lambda x, a: jnp.where(jnp.abs(x) <= a, 0.5 * x**2, a * (jnp.abs(x) - 0.5 * a)),
        XA,
    ),
    "pseudo huber": (
        lambda x, a: derivative(lambda x: a**2 * (jnp.sqrt(1 + (x / a) ** 2) - 1), x),
        lambda x, a: x / jnp.sqrt(1 + x**2 / a),
        XA,
    ),
    "pinball, turned round": (
        lambda x, p: derivative(lambda x: jnp.maximum(p * x, (p - 1) * x), x),
        lambda x, p: p - jnp.where(x > 0, 1.0, 0.0),
        {"x": Real(), **P},
    ),
    "poisson with its normaliser": (
        lambda x, a: derivative(lambda a: jnp.exp(x) - a * x + lax.lgamma(a + 1), a),
        lambda x, a: lax.digamma(a) - x,
        XA,
    ),
    "negative binomial": (
        lambda a, p: derivative(lambda a: lax.lgamma(a + 2) - lax.lgamma(a) + a * jnp.log(p), a),
        lambda a, p: 1 / (a + 1) + 1 / (a + 2) + jnp.log(p),
        {"a": Positive(), **P},
    ),
    "beta density": (
        lambda a, p: derivative(lambda a: (a - 1) * jnp.log(p) - 2 * lax.lgamma(a) + lax.lgamma(2 * a), a),
        lambda a, p: jnp.log(p) + lax.digamma(2 * a) - 2 * lax.digamma(a),
        {"a": Positive(), **P},
    ),
    "student": (
        lambda x, a: derivative(lambda x: -(a + 1) / 2 * jnp.log1p(x**2 / a), x),
        lambda x, a: -(a + 1) * x / (1 + x**2 / a),
        XA,
    ),
    "normal by its variance": (
        lambda x, a: derivative(lambda a: -0.5 * jnp.log(a) - 0.5 * x**2 / a, a),
        lambda x, a: 0.5 * (x**2 / a - 1) / a**2,
        XA,
    ),
    "divergence of normals": (
        lambda m, a: derivative(lambda a: 0.5 * (a + m**2 - 1 - jnp.log(a)), a),
        lambda m, a: 0.5 * (1 - 1 / a**2),
        {"m": Real(), "a": Positive()},
    ),
    "divergence that is cut too early": (
        lambda m, a: jnp.maximum(1e-4, 0.5 * (a**2 + m**2 - 1) - jnp.log(a)),
        lambda m, a: 0.5 * (a**2 + m**2 - 1) - jnp.log(a),
        {"m": Real(), "a": Positive()},
    ),
    "weibull": (
        lambda a, x: derivative(lambda a: jnp.log(a) + (a - 1) * jnp.log(x) - x**a, a),
        lambda a, x: 1 / a + jnp.log(x) * (1 - a * x ** (a - 1)),
        {"a": Positive(), "x": Positive()},
    ),
    "cross entropy of the class below": (
        lambda x, i: derivative(lambda x: -nn.log_softmax(x)[i], x),
        lambda x, i: nn.softmax(x) - (jnp.arange(3) == jnp.minimum(i, 1)),
        {"x": Real("K"), "i": Index(below="K"), "sizes": {"K": 3}},
    ),
    "smoothed labels": (
        lambda x, y: derivative(lambda x: -jnp.sum((0.9 * y + 0.1 / 3) * nn.log_softmax(x)), x),
        lambda x, y: nn.softmax(x) - 0.9 * y - 0.1,
        {"x": Real("K"), "y": OneHot("K"), "sizes": {"K": 3}},
    ),
    "focal without its factor": (
        lambda p: derivative(lambda p: -((1 - p) ** 2) * jnp.log(p), p),
        lambda p: -((1 - p) ** 2) / p,
        P,
    ),
    "binary cross entropy that overlooks signs": (
        lambda x, y: nn.relu(x) - x * y + jnp.log1p(jnp.exp(-x)),
        lambda x, y: -y * nn.log_sigmoid(x) - (1 - y) * nn.log_sigmoid(-x),
        {"x": Real(), "y": Binary()},
    ),
    "logistic loss of signs": (
        lambda x, y: derivative(lambda x: nn.softplus(-y * x), x),
        lambda x, y: nn.sigmoid(x) - y,
        {"x": Real(), "y": Sign()},
    ),
    "squared hinge of one margin": (
        lambda x, y: derivative(lambda x: nn.relu(1 - y * x) ** 2, x),
        lambda x, y: -2 * y * nn.relu(1 - y * x) * (y * x < 1) * (x > -1e4),
        {"x": Real(), "y": Sign()},
    ),
    "dice": (
        lambda p, y: derivative(lambda p: 1 - 2 * jnp.sum(p * y) / (jnp.sum(p) + jnp.sum(y)), p),
        lambda p, y: -2 * y / (jnp.sum(p) + jnp.sum(y)),
        {"p": Positive("n"), "y": Binary("n"), "sizes": {"n": 2}},
    ),
    "triplet": (
        lambda x, y: derivative(lambda x: nn.relu(jnp.sum((x - y) ** 2) - jnp.sum(x**2) + 1), x),
        lambda x, y: jnp.where(jnp.sum(y * (y - 2 * x)) > 0, -2 * y, 0.0),
        TWO,
    ),
    "cosine similarity": (
        lambda x, y: derivative(lambda x: x @ y / (norm(x) * norm(y)), x),
        lambda x, y: (y - x * (x @ y)) / (norm(x) * norm(y)),
        TWO,
    ),
    "cosine that is cut": (
        lambda x, y: jnp.clip(x @ y / (norm(x) * norm(y)), -0.999, 0.999),
        lambda x, y: x @ y / (norm(x) * norm(y)),
        TWO,
    ),
    "divergence the other way round": (
        lambda p, q: jnp.sum(p * jnp.log(p / q)),
        lambda p, q: jnp.sum(q * jnp.log(q / p)),
        {"p": Simplex("K"), "q": Simplex("K"), "sizes": {"K": 2}},
    ),
    "entropy of a softmax": (
        lambda x: derivative(lambda x: -jnp.sum(nn.softmax(x) * nn.log_softmax(x)), x),
        lambda x: -nn.softmax(x) * (nn.log_softmax(x) + 1),
        V3,
    ),
    "clipped objective": (
        lambda x, y: derivative(lambda x: jnp.minimum(jnp.exp(x) * y, jnp.clip(jnp.exp(x), 0.8, 1.2) * y), x),
        lambda x, y: jnp.exp(x) * y * ((jnp.exp(x) < 1.2) & (jnp.exp(x) > 0.8)),
        XY,
    ),
    "preferences": (
        lambda x, y: derivative(lambda x: -nn.log_sigmoid(0.1 * (x - y)), x),
        lambda x, y: -0.1 * nn.sigmoid(0.1 * (x - y)),
        XY,
    ),
    "quantile huber": (
        lambda x, p: derivative(
            lambda x: jnp.abs(p - (x < 0)) * jnp.where(jnp.abs(x) < 1, x * x / 2, jnp.abs(x) - 0.5), x
        ),
        lambda x, p: jnp.where(x < 0, p, 1 - p) * jnp.clip(x, -1.0, 1.0),
        {"x": Real(), **P},
    ),
    "tweedie": (
        lambda x, a: derivative(lambda x: 2 * a * jnp.exp(-0.5 * x) + 2 * jnp.exp(0.5 * x), x),
        lambda x, a: jnp.exp(0.5 * x) + a * jnp.exp(-0.5 * x),
        XA,
    ),
    "mean of a beta": (
        lambda a, b: jnp.exp(lax.lgamma(a + 1) + lax.lgamma(a + b) - lax.lgamma(a + b + 1) - lax.lgamma(a)),
        lambda a, b: a / (a + b + 1),
        {"a": Positive(), "b": Positive()},
    ),
    "partial likelihood": (
        lambda x: derivative(lambda x: sum(x[i] - special.logsumexp(x[i:]) for i in range(3)), x),
        lambda x: 1 - jnp.array([sum(jnp.exp(x[j] - special.logsumexp(x[i:])) for i in range(j, 3)) for j in range(3)]),
        V3,
    ),
    # Activations
    "mish": (
        lambda x: derivative(lambda x: x * jnp.tanh(nn.softplus(x)), x),
        lambda x: jnp.tanh(nn.softplus(x)) + x * (1 - jnp.tanh(nn.softplus(x)) ** 2),
        X,
    ),
    "softsign": (lambda x: derivative(lambda x: x / (1 + jnp.abs(x)), x), lambda x: 1 / (1 + x**2), X),
    "elu": (lambda x: derivative(nn.elu, x), lambda x: jnp.minimum(jnp.exp(x), 1 + x**2), X),
    "celu": (
        lambda x, a: derivative(lambda x: nn.relu(x) + jnp.minimum(0, a * (jnp.exp(x / a) - 1)), x),
        lambda x, a: jnp.exp(jnp.minimum(x, 0)),
        XA,
    ),
    "hard swish": (
        lambda x: derivative(lambda x: x * jnp.clip(x + 3, 0, 6) / 6, x),
        lambda x: jnp.clip((2 * x + 3) / 6, 0, 1),
        X,
    ),
    "gelu by tanh": (
        lambda x: nn.gelu(x, approximate=True),
        lambda x: nn.gelu(x, approximate=False),
        X,
    ),
    "gelu with another constant": (
        lambda x: nn.gelu(x, approximate=True),
        lambda x: 0.5 * x * (1 + jnp.tanh(jnp.sqrt(2 / jnp.pi) * (x + 0.04471 * x**3))),
        X,
    ),
    "swish": (
        lambda x, y: derivative(lambda x: nn.silu(x * y), x),
        lambda x, y: nn.sigmoid(x * y) * (y + x * y * (1 - nn.sigmoid(x * y))),
        XY,
    ),
    "softplus with a temperature": (
        lambda x, a: derivative(lambda a: nn.softplus(a * x) / a, a),
        lambda x, a: x * nn.sigmoid(a * x) / a,
        XA,
    ),
    "leaky of any slope": (
        lambda x, a: jnp.where(x > 0, x, a * x),
        lambda x, a: jnp.maximum(x, a * x),
        XA,
    ),
    "soft thresholding": (
        lambda x, a: jnp.sign(x) * nn.relu(jnp.abs(x) - a),
        lambda x, a: jnp.where(jnp.abs(x) > a, x - a, 0.0),
        XA,
    ),
    "smooth step": (
        lambda x: derivative(lambda x: (lambda t: t * t * (3 - 2 * t))(jnp.clip(x, 0, 1)), x),
        lambda x: 6 * x * (1 - x) * (x > 0),
        X,
    ),
    "relu of six at one end": (lambda x: nn.relu6(x), lambda x: nn.relu(x) - nn.relu(x - 6.001), X),
    "sigmoid that is cut": (
        lambda x: nn.log_sigmoid(x),
        lambda x: jnp.where(x < -40, x, jnp.log(nn.sigmoid(x))),
        X,
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted(name):
    first, second, claim = FALSE[name]
    assert_wrong(first, second, **claim)

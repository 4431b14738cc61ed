"""Claims that are true, of the kinds that people bring: losses, densities and activations."""

import jax.numpy as jnp
import pytest
from adversarially import assert_right
from jax import lax, nn
from jax.scipy import special

from gradproof import Binary, Index, Interval, OneHot, Positive, Real, Sign, Simplex, derivative

X, XY, XA = {"x": Real()}, {"x": Real(), "y": Real()}, {"x": Real(), "a": Positive()}
V3 = {"x": Real("n"), "sizes": {"n": 3}}
P = {"p": Interval(low=0, high=1)}
TWO = {"x": Real("n"), "y": Real("n"), "sizes": {"n": 2}}


def norm(x):
    return jnp.sqrt(x @ x)


TRUE = {
    # Losses
    "log cosh": (lambda x: derivative(lambda x: jnp.log(jnp.cosh(x)), x), jnp.tanh, X),
    "stable log cosh": (lambda x: jnp.log(jnp.cosh(x)), lambda x: nn.softplus(-2 * x) + x - jnp.log(2.0), X),
    "huber": (
        lambda x, a: derivative(
            lambda x: jnp.where(jnp.abs(x) <= a, 0.5 * x**2, a * (jnp.abs(x) - 0.5 * a)),
            x,
        ),
        lambda x, a: jnp.clip(x, -a, a),
        XA,
    ),
    "huber as an envelope": (
        lambda x, a: jnp.where(jnp.abs(x) <= a, 0.5 * x**2, a * (jnp.abs(x) - 0.5 * a)),
        lambda x, a: 0.5 * jnp.minimum(jnp.abs(x), a) ** 2 + a * nn.relu(jnp.abs(x) - a),
        XA,
    ),
    "pseudo huber": (
        lambda x, a: derivative(lambda x: a**2 * (jnp.sqrt(1 + (x / a) ** 2) - 1), x),
        lambda x, a: x / jnp.sqrt(1 + (x / a) ** 2),
        XA,
    ),
    "pinball": (
        lambda x, p: derivative(lambda x: jnp.maximum(p * x, (p - 1) * x), x),
        lambda x, p: p - jnp.where(x < 0, 1.0, 0.0),
        {"x": Real(), **P},
    ),
    "poisson": (
        lambda x, a: derivative(lambda x: jnp.exp(x) - a * x + lax.lgamma(a + 1), x),
        lambda x, a: jnp.exp(x) - a,
        XA,
    ),
    "negative binomial": (
        lambda a, p: derivative(lambda a: lax.lgamma(a + 2) - lax.lgamma(a) - jnp.log(2.0) + a * jnp.log(p), a),
        lambda a, p: 1 / a + 1 / (a + 1) + jnp.log(p),
        {"a": Positive(), **P},
    ),
    "gamma density": (
        lambda a, x: derivative(lambda a: (a - 1) * jnp.log(x) - x - lax.lgamma(a), a),
        lambda a, x: jnp.log(x) - lax.digamma(a),
        {"a": Positive(), "x": Positive()},
    ),
    "beta density": (
        lambda a, p: derivative(
            lambda a: (a - 1) * jnp.log(p) + (a - 1) * jnp.log1p(-p) - 2 * lax.lgamma(a) + lax.lgamma(2 * a), a
        ),
        lambda a, p: jnp.log(p * (1 - p)) + 2 * (lax.digamma(2 * a) - lax.digamma(a)),
        {"a": Positive(), **P},
    ),
    "student": (
        lambda x, a: derivative(lambda x: -(a + 1) / 2 * jnp.log1p(x**2 / a), x),
        lambda x, a: -(a + 1) * x / (a + x**2),
        XA,
    ),
    "cauchy": (lambda x, a: derivative(lambda x: jnp.log(a**2 + x**2), x), lambda x, a: 2 * x / (a * a + x * x), XA),
    "normal by its scale": (
        lambda x, a: derivative(lambda a: -jnp.log(a) - 0.5 * (x / a) ** 2, a),
        lambda x, a: ((x / a) ** 2 - 1) / a,
        XA,
    ),
    "divergence of normals": (
        lambda m, a: derivative(lambda a: 0.5 * (a**2 + m**2 - 1 - jnp.log(a**2)), a),
        lambda m, a: a - 1 / a,
        {"m": Real(), "a": Positive()},
    ),
    "divergence is not negative": (
        lambda m, a: jnp.maximum(0.0, 0.5 * (a**2 + m**2 - 1 - jnp.log(a**2))),
        lambda m, a: 0.5 * (a**2 + m**2 - 1) - jnp.log(a),
        {"m": Real(), "a": Positive()},
    ),
    "weibull": (
        lambda a, x: derivative(lambda a: jnp.log(a) + (a - 1) * jnp.log(x) - x**a, a),
        lambda a, x: 1 / a + jnp.log(x) * (1 - x**a),
        {"a": Positive(), "x": Positive()},
    ),
    "cross entropy of a class": (
        lambda x, i: derivative(lambda x: -nn.log_softmax(x)[i], x),
        lambda x, i: nn.softmax(x).at[i].add(-1),
        {"x": Real("K"), "i": Index(below="K"), "sizes": {"K": 3}},
    ),
    "smoothed labels": (
        lambda x, y: derivative(lambda x: -jnp.sum((0.9 * y + 0.1 / 3) * nn.log_softmax(x)), x),
        lambda x, y: nn.softmax(x) - 0.9 * y - 1 / 30,
        {"x": Real("K"), "y": OneHot("K"), "sizes": {"K": 3}},
    ),
    "focal": (
        lambda p: derivative(lambda p: -((1 - p) ** 2) * jnp.log(p), p),
        lambda p: (1 - p) * (2 * jnp.log(p) - (1 - p) / p),
        P,
    ),
    "binary cross entropy from logits": (
        lambda x, y: nn.relu(x) - x * y + jnp.log1p(jnp.exp(-jnp.abs(x))),
        lambda x, y: -y * nn.log_sigmoid(x) - (1 - y) * nn.log_sigmoid(-x),
        {"x": Real(), "y": Binary()},
    ),
    "logistic loss of signs": (
        lambda x, y: derivative(lambda x: nn.softplus(-y * x), x),
        lambda x, y: nn.sigmoid(x) - (y + 1) / 2,
        {"x": Real(), "y": Sign()},
    ),
    "squared hinge": (
        lambda x, y: derivative(lambda x: nn.relu(1 - y * x) ** 2, x),
        lambda x, y: 2 * jnp.minimum(x - y, 0) * (y > 0) + 2 * jnp.maximum(x - y, 0) * (y < 0),
        {"x": Real(), "y": Sign()},
    ),
    "dice": (
        lambda p, y: derivative(lambda p: 1 - 2 * jnp.sum(p * y) / (jnp.sum(p) + jnp.sum(y)), p),
        lambda p, y: 2 * (jnp.sum(p * y) / (jnp.sum(p) + jnp.sum(y)) - y) / (jnp.sum(p) + jnp.sum(y)),
        {"p": Positive("n"), "y": Binary("n"), "sizes": {"n": 2}},
    ),
    "triplet": (
        lambda x, y: derivative(lambda x: nn.relu(jnp.sum((x - y) ** 2) - jnp.sum(x**2) + 1), x),
        lambda x, y: jnp.where(jnp.sum(y * (y - 2 * x)) > -1, -2 * y, 0.0),
        TWO,
    ),
    "cosine similarity": (
        lambda x, y: derivative(lambda x: x @ y / (norm(x) * norm(y)), x),
        lambda x, y: (y - x * (x @ y) / (x @ x)) / (norm(x) * norm(y)),
        TWO,
    ),
    "cosine is at most one": (
        lambda x, y: jnp.clip(x @ y / (norm(x) * norm(y)), -1, 1),
        lambda x, y: x @ y / jnp.sqrt((x @ x) * (y @ y)),
        TWO,
    ),
    "divergence of rows": (
        lambda p, q: derivative(lambda q: jnp.sum(p * jnp.log(p / q)), q),
        lambda p, q: -p / q,
        {"p": Simplex("K"), "q": Simplex("K"), "sizes": {"K": 2}},
    ),
    "jensen and shannon": (
        lambda p, q: jnp.sum(p * jnp.log(2 * p / (p + q)) + q * jnp.log(2 * q / (p + q))) / 2,
        lambda p, q: jnp.log(2.0) + jnp.sum(p * jnp.log(p) + q * jnp.log(q) - (p + q) * jnp.log(p + q)) / 2,
        {"p": Simplex("K"), "q": Simplex("K"), "sizes": {"K": 2}},
    ),
    "entropy of a softmax": (
        lambda x: derivative(lambda x: -jnp.sum(nn.softmax(x) * nn.log_softmax(x)), x),
        lambda x: -nn.softmax(x) * (nn.log_softmax(x) - jnp.sum(nn.softmax(x) * nn.log_softmax(x))),
        V3,
    ),
    "contrast": (
        lambda x, y: derivative(lambda x: -nn.log_softmax(y @ x)[0], x),
        lambda x, y: (nn.softmax(y @ x) - jnp.array([1.0, 0.0])) @ y,
        {"x": Real("n"), "y": Real("n n"), "sizes": {"n": 2}},
    ),
    "clipped objective": (
        lambda x, y: derivative(lambda x: jnp.minimum(jnp.exp(x) * y, jnp.clip(jnp.exp(x), 0.8, 1.2) * y), x),
        lambda x, y: jnp.exp(x) * y * jnp.where(y > 0, jnp.exp(x) < 1.2, jnp.exp(x) > 0.8),
        XY,
    ),
    "preferences": (
        lambda x, y: derivative(lambda x: -nn.log_sigmoid(0.1 * (x - y)), x),
        lambda x, y: -0.1 * nn.sigmoid(0.1 * (y - x)),
        XY,
    ),
    "quantile huber": (
        lambda x, p: derivative(
            lambda x: jnp.abs(p - (x < 0)) * jnp.where(jnp.abs(x) < 1, x * x / 2, jnp.abs(x) - 0.5), x
        ),
        lambda x, p: jnp.where(x < 0, 1 - p, p) * jnp.clip(x, -1.0, 1.0),
        {"x": Real(), **P},
    ),
    "crps of a normal": (
        lambda x: derivative(
            lambda x: (
                x * (2 * (1 + lax.erf(x / jnp.sqrt(2.0))) / 2 - 1) + 2 * jnp.exp(-(x**2) / 2) / jnp.sqrt(2 * jnp.pi)
            ),
            x,
        ),
        lambda x: lax.erf(x / jnp.sqrt(2.0)),
        X,
    ),
    "tweedie": (
        lambda x, a: derivative(lambda x: -a * jnp.exp(-0.5 * x) / -0.5 + jnp.exp(0.5 * x) / 0.5, x),
        lambda x, a: jnp.exp(0.5 * x) - a * jnp.exp(-0.5 * x),
        XA,
    ),
    "dirichlet": (
        lambda a, p: derivative(lambda a: jnp.sum((a - 1) * jnp.log(p) - lax.lgamma(a)) + lax.lgamma(jnp.sum(a)), a),
        lambda a, p: jnp.log(p) - lax.digamma(a) + lax.digamma(jnp.sum(a)),
        {"a": Positive("K"), "p": Simplex("K"), "sizes": {"K": 2}},
    ),
    "mean of a beta": (
        lambda a, b: jnp.exp(lax.lgamma(a + 1) + lax.lgamma(a + b) - lax.lgamma(a + b + 1) - lax.lgamma(a)),
        lambda a, b: a / (a + b),
        {"a": Positive(), "b": Positive()},
    ),
    "partial likelihood": (
        lambda x: derivative(lambda x: sum(x[i] - special.logsumexp(x[i:]) for i in range(3)), x),
        lambda x: (
            1 - jnp.array([sum(jnp.exp(x[j] - special.logsumexp(x[i:])) for i in range(j + 1)) for j in range(3)])
        ),
        V3,
    ),
    # Activations
    "mish": (
        lambda x: derivative(lambda x: x * jnp.tanh(nn.softplus(x)), x),
        lambda x: jnp.tanh(nn.softplus(x)) + x * nn.sigmoid(x) * (1 - jnp.tanh(nn.softplus(x)) ** 2),
        X,
    ),
    "mish in exponentials": (
        lambda x: x * jnp.tanh(nn.softplus(x)),
        lambda x: x * (jnp.exp(2 * x) + 2 * jnp.exp(x)) / (jnp.exp(2 * x) + 2 * jnp.exp(x) + 2),
        X,
    ),
    "softsign": (lambda x: derivative(lambda x: x / (1 + jnp.abs(x)), x), lambda x: 1 / (1 + jnp.abs(x)) ** 2, X),
    "elu": (lambda x: derivative(nn.elu, x), lambda x: jnp.minimum(jnp.exp(x), 1.0), X),
    "celu": (
        lambda x, a: derivative(lambda x: nn.relu(x) + jnp.minimum(0, a * (jnp.exp(x / a) - 1)), x),
        lambda x, a: jnp.exp(jnp.minimum(x, 0) / a),
        XA,
    ),
    "hard swish": (
        lambda x: derivative(lambda x: x * jnp.clip(x + 3, 0, 6) / 6, x),
        lambda x: jnp.where(x > 3, 1.0, jnp.where(x < -3, 0.0, (2 * x + 3) / 6)),
        X,
    ),
    "gelu": (
        lambda x: derivative(lambda x: nn.gelu(x, approximate=False), x),
        lambda x: (1 + lax.erf(x / jnp.sqrt(2.0))) / 2 + x * jnp.exp(-x * x / 2) / jnp.sqrt(2 * jnp.pi),
        X,
    ),
    "swish of a product": (
        lambda x, y: derivative(lambda x: nn.silu(x * y), x),
        lambda x, y: y * nn.sigmoid(x * y) * (1 + x * y * (1 - nn.sigmoid(x * y))),
        XY,
    ),
    "gated unit": (
        lambda x, y: derivative(lambda y: x * nn.sigmoid(y), y),
        lambda x, y: x / (2 + jnp.exp(y) + jnp.exp(-y)),
        XY,
    ),
    "softplus with a temperature": (
        lambda x, a: derivative(lambda a: nn.softplus(a * x) / a, a),
        lambda x, a: (x * nn.sigmoid(a * x) - nn.softplus(a * x) / a) / a,
        XA,
    ),
    "leaky by a maximum": (
        lambda x, p: jnp.where(x > 0, x, p * x),
        lambda x, p: jnp.maximum(x, p * x),
        {"x": Real(), **P},
    ),
    "soft thresholding": (
        lambda x, a: jnp.sign(x) * nn.relu(jnp.abs(x) - a),
        lambda x, a: x - jnp.clip(x, -a, a),
        XA,
    ),
    "smooth step": (
        lambda x: derivative(lambda x: (lambda t: t * t * (3 - 2 * t))(jnp.clip(x, 0, 1)), x),
        lambda x: jnp.where((x > 0) & (x < 1), 6 * x * (1 - x), 0.0),
        X,
    ),
    "sine layer": (
        lambda x, a: derivative(lambda x: x + jnp.sin(a * x) ** 2 / a, x),
        lambda x, a: 1 + jnp.sin(2 * a * x),
        XA,
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_proved(name):
    first, second, claim = TRUE[name]
    assert_right(first, second, **claim)

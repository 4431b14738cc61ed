"""Claims that are false, with mistakes that people make in layers, training, geometry, matrices and guards."""

import jax.numpy as jnp
import pytest
from adversarially import assert_wrong
from jax import lax, nn
from jax.scipy import special

from gradproof import Binary, Index, Interval, Positive, Real, derivative

X, A, XY, XA = {"x": Real()}, {"x": Positive()}, {"x": Real(), "y": Real()}, {"x": Real(), "a": Positive()}
V = {"x": Real("n"), "sizes": {"n": 2}}
V3 = {"x": Real("n"), "sizes": {"n": 3}}
P = {"p": Interval(low=0, high=1)}
TWO = {"x": Real("n"), "y": Real("n"), "sizes": {"n": 2}}


def norm(x):
    return jnp.sqrt(x @ x)


FALSE = {
    # Layers
    "rms norm": (
        lambda x: derivative(lambda x: jnp.sum(x[0] / jnp.sqrt(jnp.mean(x**2))), x),
        lambda x: jnp.array([1.0, 0.0]) * jnp.sqrt(2.0) / norm(x),
        V,
    ),
    "layer norm with another variance": (
        lambda x: (x - jnp.mean(x)) / jnp.sqrt(jnp.var(x) + 1e-5),
        lambda x: (x - jnp.mean(x)) / jnp.sqrt(jnp.var(x, ddof=1) + 1e-5),
        V3,
    ),
    "epsilon outside of the root": (
        lambda x: x / (jnp.sqrt(jnp.mean(x**2)) + 1e-5),
        lambda x: x / jnp.sqrt(jnp.mean(x**2) + 1e-5),
        V,
    ),
    "direction": (
        lambda x: derivative(lambda x: x / norm(x), x),
        lambda x: (jnp.eye(2) - jnp.outer(x, x)) / norm(x),
        V,
    ),
    "attention of two": (
        lambda x, y: derivative(lambda x: nn.softmax(jnp.array([x, y])) @ jnp.array([1.0, -1.0]), x),
        lambda x, y: 0.25 / jnp.cosh((x - y) / 2) ** 2,
        XY,
    ),
    "mask of many": (
        lambda x: nn.softmax(jnp.where(jnp.tril(jnp.ones((2, 2))) > 0, x, -1e9), axis=-1),
        lambda x: nn.softmax(jnp.where(jnp.tril(jnp.ones((2, 2))) > 0, x, -jnp.inf), axis=-1),
        {"x": Real("n n"), "sizes": {"n": 2}},
    ),
    "rotations by angles apart": (
        lambda s, t: jnp.cos(s) * jnp.cos(t) - jnp.sin(s) * jnp.sin(t),
        lambda s, t: jnp.cos(t - s),
        {"s": Real(), "t": Real()},
    ),
    "pooling by steps": (
        lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (2,), (2,), "VALID"),
        lambda x: jnp.maximum(x[:2], x[2:]),
        {"x": Real("n"), "sizes": {"n": 4}},
    ),
    "correlation for convolution": (
        lambda x, y: jnp.convolve(x, y, mode="valid"),
        lambda x, y: jnp.array([x[0] * y[0] + x[1] * y[1], x[1] * y[0] + x[2] * y[1]]),
        {"x": Real("n"), "y": Real("m"), "sizes": {"n": 3, "m": 2}},
    ),
    "recurrent cell": (
        lambda x, y: derivative(lambda y: lax.scan(lambda h, x: (jnp.tanh(y * h + x), None), 0.0, x)[0], y),
        lambda x, y: (1 - jnp.tanh(y * jnp.tanh(x[0]) + x[1]) ** 2) * y,
        {"x": Real("n"), "y": Real(), "sizes": {"n": 2}},
    ),
    "straight through": (
        lambda x: derivative(lambda x: (x + lax.stop_gradient(jnp.sign(x) - x)) ** 2, x),
        lambda x: 2 * x,
        X,
    ),
    "gumbel softmax": (
        lambda x, y, a: derivative(lambda a: jnp.log(nn.softmax((x + y) / a)[0]), a),
        lambda x, y, a: ((x + y) @ nn.softmax((x + y) / a) - (x + y)[0]) / a,
        {**TWO, "a": Positive()},
    ),
    "embedding of another class": (
        lambda x, i: derivative(lambda x: jnp.sum(x[i] ** 2), x),
        lambda x, i: 2 * nn.one_hot(i, 3)[:, None] * x[0],
        {"x": Real("K m"), "i": Index(below="K"), "sizes": {"K": 3, "m": 1}},
    ),
    "dropout that is not scaled": (
        lambda x, y: derivative(lambda x: jnp.sum(x * y / 0.9) ** 2, x),
        lambda x, y: 2 * y * jnp.sum(x * y) / 0.9,
        {"x": Real("n"), "y": Binary("n"), "sizes": {"n": 2}},
    ),
    # Training
    "clipped by each value": (
        lambda x, a: x * jnp.minimum(1.0, a / norm(x)),
        lambda x, a: jnp.clip(x, -a, a),
        {"x": Real("n"), "a": Positive(), "sizes": {"n": 2}},
    ),
    "clipped by the squared norm": (
        lambda x, a: x * jnp.minimum(1.0, a / norm(x)),
        lambda x, a: jnp.where(x @ x > a, a * x / norm(x), x),
        {"x": Real("n"), "a": Positive(), "sizes": {"n": 2}},
    ),
    "momentum": (
        lambda x, p: lax.fori_loop(0, 3, lambda _, v: p * v + (1 - p) * x, 0.0),
        lambda x, p: x * (1 - p**2),
        {"x": Real(), **P},
    ),
    "first step of adam": (lambda x: x / (jnp.sqrt(x**2) + 1e-8), jnp.sign, X),
    "elastic net": (
        lambda x, a: jnp.sign(x) * nn.relu(jnp.abs(x) - a) / (1 + a),
        lambda x, a: jnp.sign(x) * nn.relu(jnp.abs(x) / (1 + a) - a),
        XA,
    ),
    "cosine schedule": (
        lambda p: 0.5 * (1 + jnp.cos(jnp.pi * p)),
        lambda p: jnp.cos(3.1416 * p / 2) ** 2,
        P,
    ),
    "projection on a ball": (
        lambda x: x / jnp.maximum(1.0, norm(x)),
        lambda x: jnp.where(jnp.max(jnp.abs(x)) <= 1, x, x / norm(x)),
        V,
    ),
    "newton for a root": (lambda x, a: x - (x**2 - a) / (2 * x), lambda x, a: (x - a / x) / 2, XA),
    # Geometry and physics
    "angle by a quotient": (lambda x, y: jnp.arctan2(y, x), lambda x, y: jnp.arctan(y / x), XY),
    "angle in the right half": (
        lambda x, y: jnp.arctan2(y, x),
        lambda x, y: 2 * jnp.arctan(y / (jnp.sqrt(x * x + y * y) + jnp.abs(x))),
        XY,
    ),
    "pair potential": (
        lambda a: derivative(lambda a: 4 * (a**-12.0 - a**-6.0), a),
        lambda a: 24 * (1 - 2 / a**6) / a**6,
        {"a": Positive()},
    ),
    "gravity": (
        lambda x: derivative(lambda x: -1 / norm(x), x),
        lambda x: x / (x @ x),
        V,
    ),
    "spring": (
        lambda x, y, a: derivative(lambda x: 0.5 * (norm(x - y) - a) ** 2, x),
        lambda x, y, a: (x - y) * (1 + a / norm(x - y)),
        {**TWO, "a": Positive()},
    ),
    "distance that is guarded too well": (
        lambda x, y: jnp.sqrt(jnp.maximum(x @ x + y @ y - 2 * x @ y, 1e-6)),
        lambda x, y: norm(x - y),
        TWO,
    ),
    "relativistic": (
        lambda p: derivative(lambda p: 1 / jnp.sqrt(1 - p**2), p),
        lambda p: p / jnp.sqrt(1 - p**2),
        P,
    ),
    "oscillator": (
        lambda t: derivative(lambda t: derivative(lambda t: jnp.exp(-t) * jnp.sin(2 * t), t), t),
        lambda t: -jnp.exp(-t) * (3 * jnp.sin(2 * t) + 2 * jnp.cos(2 * t)),
        {"t": Real()},
    ),
    "root of a square": (lambda x: jnp.sqrt(x**2 - 4 * x + 4), lambda x: x - 2, X),
    # Matrices
    "inverse of two": (
        lambda x: jnp.linalg.inv(x),
        lambda x: jnp.array([[x[1, 1], -x[1, 0]], [-x[0, 1], x[0, 0]]]) / (x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0]),
        {"x": Real("n n"), "sizes": {"n": 2}},
    ),
    "logarithm of a determinant": (
        lambda x: derivative(lambda x: jnp.log(jnp.linalg.det(x @ x.T + jnp.eye(2))), x),
        lambda x: jnp.linalg.inv(x @ x.T + jnp.eye(2)) @ x,
        {"x": Real("n n"), "sizes": {"n": 2}},
    ),
    "rank one update": (
        lambda x: jnp.linalg.inv(jnp.eye(2) + jnp.outer(x, x)),
        lambda x: jnp.eye(2) - jnp.outer(x, x) / (1 + norm(x)),
        V,
    ),
    "quadratic form": (
        lambda x, y: derivative(lambda y: y @ x @ y, y),
        lambda x, y: 2 * x @ y,
        {"x": Real("n n"), "y": Real("n"), "sizes": {"n": 2}},
    ),
    "trace of a product": (
        lambda x, y: jnp.trace(x @ y),
        lambda x, y: jnp.sum(x * y),
        {"x": Real("n n"), "y": Real("n n"), "sizes": {"n": 2}},
    ),
    # Kernels, statistics, finance
    "matern kernel": (
        lambda a: derivative(lambda a: (1 + jnp.sqrt(3.0) * a) * jnp.exp(-jnp.sqrt(3.0) * a), a),
        lambda a: -3 * a * jnp.exp(-1.732 * a),
        {"a": Positive()},
    ),
    "call by its spot": (
        lambda a: derivative(
            lambda a: (
                a * (1 + lax.erf((jnp.log(a) + 0.5) / jnp.sqrt(2.0))) / 2
                - (1 + lax.erf((jnp.log(a) - 0.5) / jnp.sqrt(2.0))) / 2
            ),
            a,
        ),
        lambda a: (1 + lax.erf((jnp.log(a) - 0.5) / jnp.sqrt(2.0))) / 2,
        {"a": Positive()},
    ),
    "deviation": (
        lambda x: derivative(jnp.std, x),
        lambda x: (x - jnp.mean(x)) / (2 * jnp.std(x)),
        V3,
    ),
    "variance by other means": (
        lambda x: jnp.mean(x**2) - jnp.mean(jnp.abs(x)) ** 2,
        lambda x: jnp.var(x),
        V3,
    ),
    "median of three": (
        lambda x: jnp.sort(x)[1],
        lambda x: jnp.maximum(jnp.minimum(x[0], x[1]), jnp.minimum(x[1], x[2])),
        V3,
    ),
    "range": (lambda x: jnp.max(x) - jnp.min(x), lambda x: jnp.max(x[:, None] + x[None]), V),
    "one less an exponential": (
        lambda a: jnp.log(-jnp.expm1(-a)),
        lambda a: jnp.where(a < 1e-6, jnp.log(a), jnp.log1p(-jnp.exp(-a))),
        {"a": Positive()},
    ),
    "mixture": (
        lambda x, p: derivative(lambda p: special.logsumexp(jnp.array([jnp.log(p) - x**2, jnp.log1p(-p) - x])), p),
        lambda x, p: jnp.exp(-(x**2)) / (p * jnp.exp(-(x**2)) + (1 - p) * jnp.exp(-x)),
        {"x": Real(), **P},
    ),
    "geometric mean": (
        lambda x, y: jnp.minimum(jnp.sqrt(x * y), (x + y) / 2.001),
        lambda x, y: jnp.sqrt(x * y),
        {"x": Positive(), "y": Positive()},
    ),
    # Guards
    "guard that gives another value": (
        lambda x: jnp.where(x > 1e-8, jnp.log(jnp.where(x > 1e-8, x, 1.0)), 0.0),
        lambda x: jnp.log(x),
        A,
    ),
    "entropy with an epsilon": (
        lambda p: -p * jnp.log(p + 1e-12) - (1 - p) * jnp.log(1 - p + 1e-12),
        lambda p: -special.xlogy(p, p) - special.xlogy(1 - p, 1 - p),
        P,
    ),
    "masked mean": (
        lambda x, y: jnp.sum(x * y) / jnp.maximum(jnp.sum(y), 1),
        lambda x, y: jnp.mean(x * y),
        {"x": Real("n"), "y": Binary("n"), "sizes": {"n": 2}},
    ),
    "wrapped phase": (
        lambda x: x - jnp.floor(x + 0.5),
        lambda x: jnp.where(x - jnp.floor(x) < 0.49, x - jnp.floor(x), x - jnp.floor(x) - 1),
        X,
    ),
    "root of a distance": (
        lambda x: derivative(lambda x: jnp.sqrt(1 + norm(x)), x),
        lambda x: 0.5 * x / (norm(x) * (1 + norm(x))),
        V,
    ),
    "product of no square": (
        lambda x, y: jnp.where(x * x + x * y + y * y < 1e-3, 1.0, x),
        lambda x, y: x,
        XY,
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted(name):
    first, second, claim = FALSE[name]
    assert_wrong(first, second, **claim)

"""Claims that are true, of the kinds that people bring: layers, steps of training, geometry, matrices and guards."""

import jax.numpy as jnp
import pytest
from adversarially import assert_right
from jax import lax, nn
from jax.scipy import special

from gradproof import Binary, Index, Interval, Positive, Real, derivative

X, XY, XA = {"x": Real()}, {"x": Real(), "y": Real()}, {"x": Real(), "a": Positive()}
V = {"x": Real("n"), "sizes": {"n": 2}}
V3 = {"x": Real("n"), "sizes": {"n": 3}}
P = {"p": Interval(low=0, high=1)}
TWO = {"x": Real("n"), "y": Real("n"), "sizes": {"n": 2}}


def norm(x):
    return jnp.sqrt(x @ x)


TRUE = {
    # Layers
    "rms norm": (
        lambda x: derivative(lambda x: jnp.sum(x[0] / jnp.sqrt(jnp.mean(x**2))), x),
        lambda x: (jnp.array([1.0, 0.0]) - x * x[0] / (x @ x)) * jnp.sqrt(2.0) / norm(x),
        V,
    ),
    "layer norm is centred": (
        lambda x: jnp.mean((x - jnp.mean(x)) / jnp.sqrt(jnp.var(x) + 1e-5)) + x[0],
        lambda x: x[0],
        V3,
    ),
    "shift of a layer norm": (
        lambda x, y: (lambda z: (z - jnp.mean(z)) / jnp.sqrt(jnp.var(z) + 1e-5))(x + y),
        lambda x, y: (x - jnp.mean(x)) / jnp.sqrt(jnp.mean(x**2) - jnp.mean(x) ** 2 + 1e-5),
        {"x": Real("n"), "y": Real(), "sizes": {"n": 2}},
    ),
    "direction": (
        lambda x: derivative(lambda x: x / norm(x), x),
        lambda x: (jnp.eye(2) - jnp.outer(x, x) / (x @ x)) / norm(x),
        V,
    ),
    "attention of two": (
        lambda x, y: derivative(lambda x: nn.softmax(jnp.array([x, y])) @ jnp.array([1.0, -1.0]), x),
        lambda x, y: 0.5 / jnp.cosh((x - y) / 2) ** 2,
        XY,
    ),
    "causal mask": (
        lambda x: nn.softmax(jnp.where(jnp.tril(jnp.ones((2, 2))) > 0, x, -jnp.inf), axis=-1),
        lambda x: jnp.array([[1.0, 0.0], [nn.sigmoid(x[1, 0] - x[1, 1]), nn.sigmoid(x[1, 1] - x[1, 0])]]),
        {"x": Real("n n"), "sizes": {"n": 2}},
    ),
    "rotation keeps products": (
        lambda x, y, t: (lambda r: (r @ x) @ (r @ y))(jnp.array([[jnp.cos(t), -jnp.sin(t)], [jnp.sin(t), jnp.cos(t)]])),
        lambda x, y, t: x @ y,
        {**TWO, "t": Real()},
    ),
    "rotations by angles apart": (
        lambda s, t: jnp.cos(s) * jnp.cos(t) + jnp.sin(s) * jnp.sin(t),
        lambda s, t: jnp.cos(t - s),
        {"s": Real(), "t": Real()},
    ),
    "pooling": (
        lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (2,), (2,), "VALID"),
        lambda x: jnp.maximum(x[::2], x[1::2]),
        {"x": Real("n"), "sizes": {"n": 4}},
    ),
    "convolution as a sum": (
        lambda x, y: jnp.convolve(x, y, mode="valid"),
        lambda x, y: jnp.array([x[0] * y[1] + x[1] * y[0], x[1] * y[1] + x[2] * y[0]]),
        {"x": Real("n"), "y": Real("m"), "sizes": {"n": 3, "m": 2}},
    ),
    "recurrent cell": (
        lambda x, y: derivative(lambda y: lax.scan(lambda h, x: (jnp.tanh(y * h + x), None), 0.0, x)[0], y),
        lambda x, y: (1 - jnp.tanh(y * jnp.tanh(x[0]) + x[1]) ** 2) * jnp.tanh(x[0]),
        {"x": Real("n"), "y": Real(), "sizes": {"n": 2}},
    ),
    "gumbel softmax": (
        lambda x, y, a: derivative(lambda a: jnp.log(nn.softmax((x + y) / a)[0]), a),
        lambda x, y, a: ((x + y) @ nn.softmax((x + y) / a) - (x + y)[0]) / a**2,
        {**TWO, "a": Positive()},
    ),
    "embedding": (
        lambda x, i: derivative(lambda x: jnp.sum(x[i] ** 2), x),
        lambda x, i: 2 * nn.one_hot(i, 3)[:, None] * x,
        {"x": Real("K m"), "i": Index(below="K"), "sizes": {"K": 3, "m": 1}},
    ),
    # Training
    "clipped by the norm": (
        lambda x, a: x * jnp.minimum(1.0, a / norm(x)),
        lambda x, a: jnp.where(x @ x > a * a, a * x / norm(x), x),
        {"x": Real("n"), "a": Positive(), "sizes": {"n": 2}},
    ),
    "norm after clipping": (
        lambda x, a: norm(x * jnp.minimum(1.0, a / norm(x))),
        lambda x, a: jnp.minimum(norm(x), a),
        {"x": Real("n"), "a": Positive(), "sizes": {"n": 2}},
    ),
    "decoupled decay": (
        lambda x, a: derivative(lambda x: 0.5 * a * x @ x + jnp.sum(jnp.abs(x)), x),
        lambda x, a: a * x + jnp.sign(x),
        {"x": Real("n"), "a": Positive(), "sizes": {"n": 2}},
    ),
    "first step of adam": (lambda x: 0.1 * x / 0.1 / jnp.sqrt(0.001 * x**2 / 0.001), jnp.sign, X),
    "momentum": (
        lambda x, p: lax.fori_loop(0, 3, lambda _, v: p * v + (1 - p) * x, 0.0),
        lambda x, p: x * (1 - p**3),
        {"x": Real(), **P},
    ),
    "elastic net": (
        lambda x, a: jnp.sign(x) * nn.relu(jnp.abs(x) - a) / (1 + a),
        lambda x, a: (nn.relu(x - a) - nn.relu(-x - a)) / (1 + a),
        XA,
    ),
    "cosine schedule": (
        lambda p: 0.5 * (1 + jnp.cos(jnp.pi * p)),
        lambda p: jnp.cos(jnp.pi * p / 2) ** 2,
        P,
    ),
    "projection on a ball": (
        lambda x: x / jnp.maximum(1.0, norm(x)),
        lambda x: jnp.where(norm(x) <= 1, x, x / norm(x)),
        V,
    ),
    "newton for a root": (lambda x, a: x - (x**2 - a) / (2 * x), lambda x, a: (x + a / x) / 2, XA),
    # Geometry and physics
    "angle between": (
        lambda x, y: derivative(lambda x: jnp.arctan2(y, x), x),
        lambda x, y: -y / (x**2 + y**2),
        XY,
    ),
    "great circle": (
        lambda s, t: jnp.arccos(jnp.clip(jnp.cos(s) * jnp.cos(t) + jnp.sin(s) * jnp.sin(t), -1, 1)) * 0 + s,
        lambda s, t: s,
        {"s": Real(), "t": Real()},
    ),
    "pair potential": (
        lambda a: derivative(lambda a: 4 * (a**-12.0 - a**-6.0), a),
        lambda a: 24 * (1 - 2 / a**6) / a**7,
        {"a": Positive()},
    ),
    "gravity": (
        lambda x: derivative(lambda x: -1 / norm(x), x),
        lambda x: x / (x @ x) ** 1.5,
        V,
    ),
    "softened gravity": (
        lambda x: derivative(lambda x: -1 / jnp.sqrt(x @ x + 0.01), x),
        lambda x: x * (x @ x + 0.01) ** -1.5,
        V,
    ),
    "spring": (
        lambda x, y, a: derivative(lambda x: 0.5 * (norm(x - y) - a) ** 2, x),
        lambda x, y, a: (x - y) * (1 - a / norm(x - y)),
        {**TWO, "a": Positive()},
    ),
    "distance expanded": (lambda x, y: jnp.sqrt(x @ x + y @ y - 2 * x @ y), lambda x, y: norm(x - y), TWO),
    "half plane distance": (
        lambda x, y: derivative(lambda y: jnp.arccosh(1 + x**2 / (2 * y)), y),
        lambda x, y: -jnp.abs(x) / (y * jnp.sqrt(4 * y + x**2)),
        {"x": Real(), "y": Positive()},
    ),
    "relativistic": (
        lambda p: derivative(lambda p: 1 / jnp.sqrt(1 - p**2), p),
        lambda p: p / (1 - p**2) ** 1.5,
        P,
    ),
    "oscillator": (
        lambda t: derivative(lambda t: derivative(lambda t: jnp.exp(-t) * jnp.sin(2 * t), t), t),
        lambda t: -jnp.exp(-t) * (3 * jnp.sin(2 * t) + 4 * jnp.cos(2 * t)),
        {"t": Real()},
    ),
    # Matrices
    "inverse of two": (
        lambda x: jnp.linalg.inv(x),
        lambda x: jnp.array([[x[1, 1], -x[0, 1]], [-x[1, 0], x[0, 0]]]) / (x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0]),
        {"x": Real("n n"), "sizes": {"n": 2}},
    ),
    "determinant of a logarithm": (
        lambda x: derivative(lambda x: jnp.log(jnp.linalg.det(x @ x.T + jnp.eye(2))), x),
        lambda x: 2 * jnp.linalg.inv(x @ x.T + jnp.eye(2)) @ x,
        {"x": Real("n n"), "sizes": {"n": 2}},
    ),
    "rank one update": (
        lambda x: jnp.linalg.inv(jnp.eye(2) + jnp.outer(x, x)),
        lambda x: jnp.eye(2) - jnp.outer(x, x) / (1 + x @ x),
        V,
    ),
    "larger eigenvalue": (
        lambda a, b: (a + b + jnp.sqrt((a - b) ** 2)) / 2,
        lambda a, b: jnp.maximum(a, b),
        {"a": Real(), "b": Real()},
    ),
    "quadratic form": (
        lambda x, y: derivative(lambda y: y @ (x + x.T) @ y, y),
        lambda x, y: 2 * (x + x.T) @ y,
        {"x": Real("n n"), "y": Real("n"), "sizes": {"n": 2}},
    ),
    "evidence of a process": (
        lambda a, y: derivative(lambda a: y @ jnp.linalg.solve(a * jnp.eye(2) + 1, y), a),
        lambda a, y: -jnp.sum(jnp.linalg.solve(a * jnp.eye(2) + 1, y) ** 2),
        {"a": Positive(), "y": Real("n"), "sizes": {"n": 2}},
    ),
    # Kernels, statistics, finance
    "matern kernel": (
        lambda a: derivative(lambda a: (1 + jnp.sqrt(3.0) * a) * jnp.exp(-jnp.sqrt(3.0) * a), a),
        lambda a: -3 * a * jnp.exp(-jnp.sqrt(3.0) * a),
        {"a": Positive()},
    ),
    "periodic kernel": (
        lambda x, a: derivative(lambda x: jnp.exp(-2 * jnp.sin(x / 2) ** 2 / a**2), x),
        lambda x, a: -jnp.sin(x) / a**2 * jnp.exp((jnp.cos(x) - 1) / a**2),
        XA,
    ),
    "call by its spot": (
        lambda a: derivative(
            lambda a: (
                a * (1 + lax.erf((jnp.log(a) + 0.5) / jnp.sqrt(2.0))) / 2
                - (1 + lax.erf((jnp.log(a) - 0.5) / jnp.sqrt(2.0))) / 2
            ),
            a,
        ),
        lambda a: (1 + lax.erf((jnp.log(a) + 0.5) / jnp.sqrt(2.0))) / 2,
        {"a": Positive()},
    ),
    "deviation": (
        lambda x: derivative(jnp.std, x),
        lambda x: (x - jnp.mean(x)) / (3 * jnp.sqrt(jnp.mean(x**2) - jnp.mean(x) ** 2)),
        V3,
    ),
    "guarded variance": (
        lambda x: jnp.maximum(jnp.mean(x**2) - jnp.mean(x) ** 2, 0.0),
        lambda x: jnp.mean((x - jnp.mean(x)) ** 2),
        V3,
    ),
    "median of three": (
        lambda x: jnp.sort(x)[1],
        lambda x: jnp.maximum(jnp.minimum(x[0], x[1]), jnp.minimum(jnp.maximum(x[0], x[1]), x[2])),
        V3,
    ),
    "range": (lambda x: jnp.max(x) - jnp.min(x), lambda x: jnp.max(jnp.abs(x[:, None] - x[None])), V),
    "log odds": (lambda p: derivative(special.logit, p), lambda p: 1 / (p - p * p), P),
    "one less an exponential": (
        lambda a: jnp.log(-jnp.expm1(-a)),
        lambda a: jnp.where(a < 0.5, jnp.log(1 - jnp.exp(-a)), jnp.log1p(-jnp.exp(-a))),
        {"a": Positive()},
    ),
    "mixture": (
        lambda x, p: derivative(lambda p: special.logsumexp(jnp.array([jnp.log(p) - x**2, jnp.log1p(-p) - x])), p),
        lambda x, p: (jnp.exp(-(x**2)) - jnp.exp(-x)) / (p * jnp.exp(-(x**2)) + (1 - p) * jnp.exp(-x)),
        {"x": Real(), **P},
    ),
    # Guards
    "double where": (
        lambda x: derivative(lambda x: jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1.0)), 0.0), x),
        lambda x: jnp.where(x > 0, 0.5 / jnp.sqrt(jnp.where(x > 0, x, 1.0)), 0.0),
        X,
    ),
    "entropy with a guard": (
        lambda p: derivative(lambda p: -special.xlogy(p, p) - special.xlogy(1 - p, 1 - p), p),
        lambda p: special.logit(1 - p),
        P,
    ),
    "masked mean": (
        lambda x, y: jnp.sum(x * y) / jnp.maximum(jnp.sum(y), 1),
        lambda x, y: jnp.where(jnp.sum(y) > 0, jnp.sum(jnp.where(y > 0, x, 0)) / jnp.sum(y), 0.0),
        {"x": Real("n"), "y": Binary("n"), "sizes": {"n": 2}},
    ),
    "wrapped phase": (
        lambda x: x - jnp.floor(x + 0.5),
        lambda x: jnp.where(x - jnp.floor(x) < 0.5, x - jnp.floor(x), x - jnp.floor(x) - 1),
        X,
    ),
    "root of a distance": (
        lambda x: derivative(lambda x: jnp.sqrt(1 + norm(x)), x),
        lambda x: 0.5 * x / (norm(x) * jnp.sqrt(1 + norm(x))),
        V,
    ),
    "cumulative products": (
        lambda x: jnp.cumprod(jnp.exp(x)),
        lambda x: jnp.exp(jnp.cumsum(x)),
        V3,
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_proved(name):
    first, second, claim = TRUE[name]
    assert_right(first, second, **claim)

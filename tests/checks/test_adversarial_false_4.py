"""Claims that are false of what has no value, of labels, loops and angles, or in a region that is narrow."""

import jax.numpy as jnp
import pytest
from adversarially import assert_wrong
from jax import lax, nn
from jax.scipy import special

from gradproof import Binary, Index, Interval, Positive, Real, Simplex, derivative

X, A = {"x": Real()}, {"x": Positive()}
XY, AB = {"x": Real(), "y": Real()}, {"x": Positive(), "y": Positive()}
V = {"x": Real("n"), "sizes": {"n": 2}}
V3 = {"x": Real("n"), "sizes": {"n": 3}}
P = {"p": Interval(low=0, high=1)}

FALSE = {
    "nan below": (lambda x: jnp.where(jnp.log(x) < 0, 1.0, 0.0), lambda x: jnp.where(x < 1, 1.0, 0.0), X),
    "nan not": (lambda x: jnp.where(~(jnp.sqrt(x) > 1), 1.0, 0.0), lambda x: jnp.where(jnp.sqrt(x) <= 1, 1.0, 0.0), X),
    "nan first": (lambda x: 0 * x + 1, lambda x: jnp.maximum(jnp.log(x), 1.0) * 0 + 1, X),
    "masked max": (
        lambda x, m: jnp.max(jnp.where(m > 0, x, -1e3)),
        lambda x, m: jnp.max(jnp.where(m > 0, x, -jnp.inf)),
        {"x": Real("n"), "m": Binary("n"), "sizes": {"n": 2}},
    ),
    "index chain": (
        lambda x, i: x[(i + 1) % 3] - x[i],
        lambda x, i: (jnp.roll(x, 1) - x)[i],
        {"x": Real("K"), "i": Index(below="K"), "sizes": {"K": 3}},
    ),
    "gather grad": (
        lambda x, i: derivative(lambda x: x[i] * x[(i + 1) % 3], x),
        lambda x, i: jnp.zeros(3).at[i].set(x[i]).at[(i + 1) % 3].set(x[(i + 1) % 3]),
        {"x": Real("K"), "i": Index(below="K"), "sizes": {"K": 3}},
    ),
    "two indices": (
        lambda x, i: jnp.zeros(2).at[i].add(x),
        lambda x, i: jnp.zeros(2).at[i].set(x),
        {"x": Real("m"), "i": Index("m", below="K"), "sizes": {"K": 2, "m": 2}},
    ),
    "clip index": (
        lambda x, i: x[i],
        lambda x, i: x[jnp.minimum(i + 1, 2) - 1 + 0 * i],
        {"x": Real("K"), "i": Index(below="K"), "sizes": {"K": 3}},
    ),
    "topk": (lambda x: lax.top_k(x, 2)[0].sum(), lambda x: x.sum() - x[2], V3),
    "cummax": (lambda x: lax.cummax(x)[2], lambda x: jnp.maximum(x[1], x[2]), V3),
    "while": (
        lambda x: lax.while_loop(lambda c: (c < 1) & (c > 0), lambda c: 2 * c, x),
        lambda x: jnp.where((x > 0) & (x < 1), 2 * x, x),
        {"x": Interval(low=0.3, high=2.0)},
    ),
    "scan": (
        lambda x: derivative(lambda x: lax.scan(lambda c, a: (c * a + 1, None), 1.0, x)[0], x),
        lambda x: jnp.array([x[1], x[0]]),
        V,
    ),
    "sinc": (lambda x: derivative(jnp.sinc, x), lambda x: (jnp.cos(jnp.pi * x) - jnp.sinc(x)) / (jnp.pi * x), X),
    "double angle": (lambda x: jnp.tan(2 * x), lambda x: 2 * jnp.tan(x) / (1 + jnp.tan(x) ** 2), X),
    "triple": (lambda x: jnp.sin(3 * x), lambda x: 3 * jnp.sin(x) - 4 * jnp.sin(x) ** 2, X),
    "atan recip": (lambda x: jnp.arctan(x) + jnp.arctan(1 / x), lambda x: jnp.pi / 2 + 0 * x, X),
    "atan sum": (lambda x, y: jnp.arctan(x) + jnp.arctan(y), lambda x, y: jnp.arctan((x + y) / (1 - x * y)), XY),
    "asin sin": (lambda x: jnp.arcsin(jnp.sin(x)), lambda x: x, X),
    "asin sin near": (lambda x: jnp.arcsin(jnp.sin(x)), lambda x: 1 * x, {"x": Interval(low=-1.6, high=1.6)}),
    "log exp": (lambda x, y: (x**y) ** 2, lambda x, y: x ** (y**2), {"x": Positive(), "y": Real()}),
    "log square": (lambda x: jnp.log(x**2), lambda x: 2 * jnp.log(x), X),
    "cbrt": (lambda x: jnp.cbrt(x) ** 3, lambda x: jnp.abs(x), X),
    "power third": (lambda x: jnp.cbrt(x), lambda x: x ** (1 / 3), X),
    "lse": (lambda x: special.logsumexp(x), lambda x: x.max() + jnp.log(2.0), V),
    "hessian": (
        lambda x: derivative(lambda x: derivative(special.logsumexp, x), x),
        lambda x: jnp.diag(nn.softmax(x)) + jnp.outer(nn.softmax(x), nn.softmax(x)),
        V,
    ),
    "max of three": (
        lambda x: x.max(),
        lambda x: jnp.maximum(x[0], jnp.where(x[1] > x[2], x[1], jnp.minimum(x[2], x[0] + 99))),
        V3,
    ),
    "relus": (
        lambda x: nn.relu(x + 1) - 2 * nn.relu(x) + nn.relu(x - 1),
        lambda x: nn.relu(1 - jnp.abs(x)) * jnp.where(x > 0.999, 0.5, 1.0),
        X,
    ),
    "floor mod": (lambda x: jnp.floor(x + 0.5), lambda x: jnp.floor(x + 0.501), X),
    "trunc": (lambda x: jnp.trunc(x), lambda x: jnp.floor(x), X),
    "quantise": (lambda x: jnp.round(4 * x) / 4, lambda x: jnp.floor(4 * x) / 4, X),
    "mod negative": (lambda x: jnp.fmod(x, 1.0), lambda x: jnp.mod(x, 1.0), X),
    "sign of product": (lambda x, y: jnp.sign(x) * jnp.sign(y), lambda x, y: jnp.sign(x * y - 1e-9), XY),
    "norm scale": (lambda x, t: jnp.linalg.norm(t * x), lambda x, t: t * jnp.linalg.norm(x), {**V, "t": Real()}),
    "triangle": (
        lambda x, y: jnp.linalg.norm(x + y),
        lambda x, y: jnp.minimum(jnp.linalg.norm(x + y), 0.99 * (jnp.linalg.norm(x) + jnp.linalg.norm(y))),
        {"x": Real("n"), "y": Real("n"), "sizes": {"n": 2}},
    ),
    "log convex": (
        lambda x, y: jnp.maximum(jnp.log((x + y) / 2.1), (jnp.log(x) + jnp.log(y)) / 2),
        lambda x, y: jnp.log((x + y) / 2.1),
        AB,
    ),
    "exp convex": (
        lambda x, y: jnp.minimum(jnp.exp((x + y) / 2), (jnp.exp(x) + jnp.exp(y)) / 2.01),
        lambda x, y: jnp.exp((x + y) / 2),
        XY,
    ),
    "young": (
        lambda x, y: jnp.maximum(x * y - x * x / 2 - y * y / 2.01, 0.0),
        lambda x, y: 0 * x + nn.relu(-jnp.abs(x)),
        XY,
    ),
    "logit": (lambda p: jnp.clip(p * (1 - p), 0.0, 0.2499999), lambda p: p - p * p, P),
    "entropy bound": (
        lambda p: jnp.minimum(-jnp.sum(p * jnp.log(p)), 0.693),
        lambda p: -jnp.sum(p * jnp.log(p)),
        {"p": Simplex("K"), "sizes": {"K": 2}},
    ),
    "det 3": (lambda x: jnp.linalg.det(jnp.diag(x) + 1), lambda x: x.prod() + x[0] * x[1] + x[1] * x[2], V3),
    "cholesky": (
        lambda a, b: jnp.linalg.cholesky(jnp.array([[a * a, a * b], [a * b, b * b + 1]])),
        lambda a, b: jnp.array([[a, 0], [b, 1.0]]),
        {"a": Real(), "b": Real()},
    ),
    "gamma": (
        lambda x: special.gammaln(2 * x),
        lambda x: special.gammaln(x) + special.gammaln(x + 0.5) + (2 * x - 1) * jnp.log(2.0) - 0.5 * jnp.log(3.14159),
        A,
    ),
    "choose": (lambda x: special.gammaln(x + 2) - special.gammaln(x), lambda x: jnp.log(x) + jnp.log(x + 2), A),
    "thin wedge": (lambda x, y: jnp.where((y > x * x) & (y < x * x + 1e-4 * x), 0.0, y), lambda x, y: 1 * y, XY),
    "far corner": (lambda x, y: jnp.where((x + y > 1e4) & (jnp.abs(x - y) < 1e-2), 0.0, x), lambda x, y: 1 * x, XY),
    "sphere": (lambda x: jnp.where(jnp.abs(x @ x - 1) < 1e-6, 0.0, x[0]), lambda x: x[0], V3),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted(name):
    first, second, claim = FALSE[name]
    assert_wrong(first, second, **claim)

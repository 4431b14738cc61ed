"""Claims that are true of what has no value, of labels, loops, angles, and of regions that an inequality excludes."""

import jax
import jax.numpy as jnp
import pytest
from adversarially import assert_right
from jax import lax, nn
from jax.scipy import special

from gradproof import Binary, Index, Interval, OneHot, Positive, Real, Simplex, derivative

X, A = {"x": Real()}, {"x": Positive()}
XY, AB = {"x": Real(), "y": Real()}, {"x": Positive(), "y": Positive()}
V = {"x": Real("n"), "sizes": {"n": 2}}
V3 = {"x": Real("n"), "sizes": {"n": 3}}
P = {"p": Interval(low=0, high=1)}

TRUE = {
    "nan below": (lambda x: jnp.where(jnp.log(x) < 0, 1.0, 0.0), lambda x: jnp.where((x > 0) & (x < 1), 1.0, 0.0), X),
    "nan to num": (
        lambda x: jnp.nan_to_num(jnp.log(x), nan=0.0),
        lambda x: jnp.where(x > 0, jnp.log(jnp.abs(x)), 0.0),
        X,
    ),
    "log1p neg": (lambda x: jnp.where(jnp.isnan(jnp.log1p(x)), 0.0, 1.0), lambda x: jnp.where(x > -1, 1.0, 0.0), X),
    "inf compare": (lambda x: jnp.where(1 / jnp.exp(x) < jnp.inf, x, 0.0), lambda x: 1 * x, X),
    "maximum with minus inf": (lambda x: jnp.maximum(x, -jnp.inf) + 0 * x, lambda x: x + 0, X),
    "logsumexp with masked": (
        lambda x, y: special.logsumexp(jnp.array([x, -jnp.inf, y])),
        lambda x, y: jnp.logaddexp(x, y),
        XY,
    ),
    "masked max": (
        lambda x, m: jnp.max(jnp.where(m > 0, x, -jnp.inf)),
        lambda x, m: jnp.where(
            m.sum() == 0,
            -jnp.inf,
            jnp.where(m[0] * m[1] == 1, jnp.maximum(x[0], x[1]), jnp.where(m[0] == 1, x[0], x[1])),
        ),
        {"x": Real("n"), "m": Binary("n"), "sizes": {"n": 2}},
    ),
    "one hot entropy": (
        lambda y, x: -jnp.sum(special.xlogy(y, nn.softmax(x))),
        lambda y, x: special.logsumexp(x) - y @ x,
        {"y": OneHot("K"), "x": Real("K"), "sizes": {"K": 3}},
    ),
    "index chain": (
        lambda x, i: x[(i + 1) % 3] - x[i],
        lambda x, i: (jnp.roll(x, -1) - x)[i],
        {"x": Real("K"), "i": Index(below="K"), "sizes": {"K": 3}},
    ),
    "gather grad": (
        lambda x, i: derivative(lambda x: x[i] * x[(i + 1) % 3], x),
        lambda x, i: jnp.zeros(3).at[i].set(x[(i + 1) % 3]).at[(i + 1) % 3].set(x[i]),
        {"x": Real("K"), "i": Index(below="K"), "sizes": {"K": 3}},
    ),
    "two indices": (
        lambda x, i: jnp.sum(x[i]),
        lambda x, i: jnp.bincount(i, length=2) @ x,
        {"x": Real("K"), "i": Index("m", below="K"), "sizes": {"K": 2, "m": 2}},
    ),
    "segment": (
        lambda x, i: jax.ops.segment_sum(x, i, 2),
        lambda x, i: nn.one_hot(i, 2).T @ x,
        {"x": Real("m"), "i": Index("m", below="K"), "sizes": {"K": 2, "m": 2}},
    ),
    "sort grad": (
        lambda x: derivative(lambda x: jnp.sort(x)[0], x),
        lambda x: jnp.where(x == jnp.min(x), 1.0, 0.0),
        V3,
    ),
    "topk": (lambda x: lax.top_k(x, 2)[0].sum(), lambda x: x.sum() - x.min(), V3),
    "argsort": (lambda x: x[jnp.argsort(x)], lambda x: jnp.sort(x), V3),
    "cummax": (lambda x: lax.cummax(x), lambda x: jnp.array([x[0], jnp.maximum(x[0], x[1]), x.max()]), V3),
    "cumlogsumexp": (lambda x: lax.cumlogsumexp(x), lambda x: jnp.log(jnp.cumsum(jnp.exp(x))), V3),
    "while halving": (
        lambda x: lax.while_loop(lambda c: c[1] < 3, lambda c: (c[0] / 2, c[1] + 1), (x, 0))[0],
        lambda x: x / 8,
        X,
    ),
    "while data": (
        lambda x: lax.while_loop(lambda c: (c < 1) & (c > 0), lambda c: 2 * c + 1, x),
        lambda x: jnp.where((x > 0) & (x < 1), 2 * x + 1, x),
        X,
    ),
    "cond nested": (
        lambda x: lax.cond(x > 0, lambda: lax.cond(x > 1, lambda: x, lambda: 1.0), lambda: 0.0),
        lambda x: jnp.where(x > 0, jnp.maximum(x, 1.0), 0.0),
        X,
    ),
    "scan product": (
        lambda x: derivative(lambda x: lax.scan(lambda c, a: (c * a + 1, None), 1.0, x)[0], x),
        lambda x: jnp.array([x[1], x[0] + 1]),
        V,
    ),
    "switch index": (
        lambda x, i: lax.switch(i, [lambda: x, lambda: x**2, lambda: jnp.exp(x)]),
        lambda x, i: jnp.stack([x, x * x, jnp.exp(x)])[i],
        {"x": Real(), "i": Index(below="K"), "sizes": {"K": 3}},
    ),
    "sinc": (
        lambda x: derivative(jnp.sinc, x),
        lambda x: (jnp.cos(jnp.pi * x) - jnp.sin(jnp.pi * x) / (jnp.pi * x)) / x,
        X,
    ),
    "double angle": (lambda x: jnp.tan(2 * x), lambda x: 2 * jnp.tan(x) / (1 - jnp.tan(x) ** 2), X),
    "triple angle": (lambda x: jnp.sin(3 * x), lambda x: 3 * jnp.sin(x) - 4 * jnp.sin(x) ** 3, X),
    "product to sum": (lambda x, y: jnp.sin(x) * jnp.cos(y), lambda x, y: (jnp.sin(x + y) + jnp.sin(x - y)) / 2, XY),
    "atan add half": (lambda x: derivative(lambda x: jnp.arctan(x) + jnp.arctan(1 / x), x), lambda x: 0 * x, X),
    "asin acos": (lambda p: jnp.arcsin(p) + jnp.arccos(p), lambda p: jnp.pi / 2 + 0 * p, P),
    "atanh": (lambda p: jnp.arctanh(p), lambda p: (jnp.log1p(p) - jnp.log1p(-p)) / 2, P),
    "asinh": (lambda x: jnp.arcsinh(x), lambda x: jnp.sign(x) * jnp.log(jnp.abs(x) + jnp.sqrt(x * x + 1)), X),
    "gudermann": (lambda x: jnp.tanh(x / 2), lambda x: jnp.sinh(x) / (1 + jnp.cosh(x)), X),
    "erf odd": (lambda x: special.erfc(-x) + special.erfc(x), lambda x: 2 + 0 * x, X),
    "power sum": (lambda x, y: x**y * x ** (1 - y), lambda x, y: x, {"x": Positive(), "y": Real()}),
    "power grad": (
        lambda x, y: derivative(lambda y: x**y, y),
        lambda x, y: jnp.log(x) * jnp.exp(y * jnp.log(x)),
        {"x": Positive(), "y": Real()},
    ),
    "log base": (lambda x: jnp.log2(x) * jnp.log(2.0), lambda x: jnp.log10(x) * jnp.log(10.0), A),
    "softmax shift of a max": (lambda x: nn.softmax(x - x.max()), lambda x: jnp.exp(x) / jnp.sum(jnp.exp(x)), V3),
    "softmax jac sym": (lambda x: derivative(nn.softmax, x), lambda x: derivative(nn.softmax, x).T, V3),
    "hessian of lse": (
        lambda x: derivative(lambda x: derivative(special.logsumexp, x), x),
        lambda x: jnp.diag(nn.softmax(x)) - jnp.outer(nn.softmax(x), nn.softmax(x)),
        V,
    ),
    "max as a limit": (lambda x, y: jnp.maximum(x, y), lambda x, y: (x + y + jnp.abs(x - y)) / 2, XY),
    "three relus": (lambda x: nn.relu(x + 1) - 2 * nn.relu(x) + nn.relu(x - 1), lambda x: nn.relu(1 - jnp.abs(x)), X),
    "sawtooth": (lambda x: derivative(lambda x: (x - jnp.floor(x)) ** 2, x), lambda x: 2 * (x - jnp.floor(x)), X),
    "quantise": (lambda x: jnp.round(4 * x) / 4, lambda x: jnp.floor(4 * x + 0.5) / 4, X),
    "sign product": (lambda x, y: jnp.sign(x) * jnp.sign(y), lambda x, y: jnp.sign(x * y), XY),
    "log convex": (
        lambda x, y: jnp.maximum(jnp.log((x + y) / 2), (jnp.log(x) + jnp.log(y)) / 2),
        lambda x, y: jnp.log((x + y) / 2),
        AB,
    ),
    "exp convex": (
        lambda x, y: jnp.minimum(jnp.exp((x + y) / 2), (jnp.exp(x) + jnp.exp(y)) / 2),
        lambda x, y: jnp.exp((x + y) / 2),
        XY,
    ),
    "young": (
        lambda x, y: jnp.maximum(x * y - x * x / 2 - y * y / 2, 0.0),
        lambda x, y: 0 * x + nn.relu(-jnp.abs(x)),
        XY,
    ),
    "logit bounds": (lambda p: jnp.clip(p * (1 - p), 0.0, 0.25), lambda p: p - p * p, P),
    "entropy bound": (
        lambda p: jnp.minimum(-jnp.sum(p * jnp.log(p)), jnp.log(2.0)),
        lambda p: -jnp.sum(p * jnp.log(p)),
        {"p": Simplex("K"), "sizes": {"K": 2}},
    ),
    "sigmoid slope bound": (
        lambda x: jnp.minimum(nn.sigmoid(x) * (1 - nn.sigmoid(x)), 0.25),
        lambda x: nn.sigmoid(x) * nn.sigmoid(-x),
        X,
    ),
    "det 3": (
        lambda x: jnp.linalg.det(jnp.diag(x) + 1),
        lambda x: x.prod() + x[0] * x[1] + x[1] * x[2] + x[0] * x[2],
        V3,
    ),
    "solve 3": (lambda x: jnp.linalg.solve(jnp.diag(x), jnp.ones(3)), lambda x: 1 / x, V3),
    "cholesky": (
        lambda a, b: jnp.linalg.cholesky(jnp.array([[a * a, a * b], [a * b, b * b + 1]])),
        lambda a, b: jnp.array([[a, 0], [b, 1.0]]),
        {"a": Positive(), "b": Real()},
    ),
    "expm": (
        lambda x: jnp.linalg.matrix_power(jnp.array([[1.0, x], [0.0, 1.0]]), 3),
        lambda x: jnp.array([[1.0, 3 * x], [0.0, 1.0]]),
        X,
    ),
    "det 4 triangular": (
        lambda x: jnp.linalg.det(jnp.triu(x)),
        lambda x: jnp.prod(jnp.diag(x)),
        {"x": Real("n n"), "sizes": {"n": 3}},
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_proved(name):
    first, second, claim = TRUE[name]
    assert_right(first, second, **claim)

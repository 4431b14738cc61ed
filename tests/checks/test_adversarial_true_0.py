"""Claims that are true and look false, written from the documents alone."""

import jax.numpy as jnp
import pytest
from adversarially import assert_right
from jax import lax, nn

from gradproof import Binary, Index, OneHot, Positive, Real, Sign, derivative

TRUE = {
    # Max / min / clip / sort
    "relu diff": (lambda x: nn.relu(x) - nn.relu(-x), lambda x: x, {"x": Real("n")}),
    "maxmin sum": (
        lambda x, y: jnp.maximum(x, y) + jnp.minimum(x, y),
        lambda x, y: x + y,
        {"x": Real("n"), "y": Real("n")},
    ),
    "max assoc": (
        lambda x, y, z: jnp.maximum(x, jnp.maximum(y, z)),
        lambda x, y, z: jnp.maximum(jnp.maximum(x, y), z),
        {"x": Real(), "y": Real(), "z": Real()},
    ),
    "dsort": (lambda x: derivative(lambda x: jnp.sum(jnp.sort(x)), x), lambda x: jnp.ones_like(x), {"x": Real("n")}),
    "drelu": (
        lambda x: derivative(lambda x: jnp.sum(nn.relu(x)), x),
        lambda x: jnp.where(x > 0, 1.0, 0.0),
        {"x": Real("n")},
    ),
    "dmax0": (
        lambda x: derivative(lambda x: jnp.maximum(x, 0.0), x),
        lambda x: jnp.where(x > 0, 1.0, jnp.where(x == 0, 0.5, 0.0)),
        {"x": Real()},
    ),
    "dleaky": (
        lambda x: derivative(lambda x: jnp.sum(nn.leaky_relu(x, 0.1)), x),
        lambda x: jnp.where(x >= 0, 1.0, 0.1),
        {"x": Real("n")},
    ),
    "drelu sq": (lambda x: derivative(lambda x: nn.relu(x) ** 2, x), lambda x: 2 * nn.relu(x), {"x": Real()}),
    "sort pair": (
        lambda x, y: jnp.sort(jnp.stack([x, y])),
        lambda x, y: jnp.stack([(x + y - jnp.abs(x - y)) / 2, (x + y + jnp.abs(x - y)) / 2]),
        {"x": Real(), "y": Real()},
    ),
    # NaN
    "max nan rev": (
        lambda x: jnp.maximum(jnp.log(x), 0.0),
        lambda x: jnp.where(jnp.log(x) > 0, jnp.log(x), 0.0),
        {"x": Real()},
    ),
    "nan to num": (lambda x: jnp.nan_to_num(jnp.sqrt(x)), lambda x: jnp.sqrt(nn.relu(x)), {"x": Real("n")}),
    "nansum": (lambda x: jnp.nansum(jnp.sqrt(x)), lambda x: jnp.sum(jnp.sqrt(nn.relu(x))), {"x": Real("n")}),
    "sqrt sq": (lambda x: jnp.sqrt(x) ** 2, lambda x: x, {"x": Real()}),
    "nan in dead": (lambda x: x**2, lambda x: jnp.where(x > 0, x * x + 0 * jnp.sqrt(x), x * x), {"x": Real()}),
    "sort nan": (
        lambda x, y: jnp.sort(jnp.stack([jnp.sqrt(x), y]))[0],
        lambda x, y: jnp.where(x < 0, y, jnp.minimum(jnp.sqrt(jnp.abs(x)), y)),
        {"x": Real(), "y": Real()},
    ),
    "isfinite": (
        lambda x: jnp.where(jnp.isfinite(jnp.sqrt(x - 2)), x, 0.0),
        lambda x: jnp.where(x >= 2, x, 0.0),
        {"x": Real()},
    ),
    "isnan two t": (
        lambda x, y: jnp.where(jnp.isnan(jnp.sqrt(x) + jnp.sqrt(y)), 0.0, 1.0),
        lambda x, y: jnp.where((x < 0) | (y < 0), 0.0, 1.0),
        {"x": Real(), "y": Real()},
    ),
    # Roots
    "root abs": (lambda x: jnp.sqrt(x**2), lambda x: jnp.abs(x), {"x": Real("n")}),
    "root prod": (
        lambda x, y: jnp.sqrt(x) * jnp.sqrt(y),
        lambda x, y: jnp.sqrt(x * y),
        {"x": Positive(), "y": Positive()},
    ),
    "cbrt pow pos": (lambda x: jnp.cbrt(x), lambda x: x ** (1 / 3), {"x": Positive()}),
    "root4": (lambda x: jnp.sqrt(x**4), lambda x: x**2, {"x": Real()}),
    "root diff": (
        lambda x, y: jnp.sqrt((x - y) ** 2),
        lambda x, y: jnp.maximum(x - y, y - x),
        {"x": Real(), "y": Real()},
    ),
    "root exp": (lambda x: jnp.sqrt(jnp.exp(2 * x)), lambda x: jnp.exp(x), {"x": Real()}),
    "pow15": (lambda x: x**1.5, lambda x: x * jnp.sqrt(x), {"x": Positive()}),
    "root rat": (
        lambda x, y: 1 / (jnp.sqrt(x) + jnp.sqrt(y)),
        lambda x, y: (jnp.sqrt(x) - jnp.sqrt(y)) / (x - y),
        {"x": Positive(), "y": Positive()},
    ),
    # Exp / log
    "log exp exp": (lambda x: jnp.log(jnp.exp(jnp.exp(x))), lambda x: jnp.exp(x), {"x": Real()}),
    "derfc": (
        lambda x: derivative(lambda x: lax.erfc(x), x),
        lambda x: -1.1283791670955126 * jnp.exp(-x * x),
        {"x": Real()},
    ),
    "log2": (lambda x: jnp.log2(x), lambda x: jnp.log(x) / 0.6931471805599453, {"x": Positive()}),
    "third full": (lambda x: x / 3, lambda x: x * 0.3333333333333333, {"x": Real()}),
    "half log2pi t": (
        lambda x: -(x**2) / 2 - 0.5 * jnp.log(2 * jnp.pi),
        lambda x: -(x**2) / 2 - 0.9189385332046727,
        {"x": Real()},
    ),
    "tanh 2nd": (
        lambda x: derivative(lambda x: derivative(lambda x: jnp.tanh(x), x), x),
        lambda x: -2 * jnp.tanh(x) * (1 - jnp.tanh(x) ** 2),
        {"x": Real()},
    ),
    "silu grad": (
        lambda x: derivative(lambda x: nn.silu(x), x),
        lambda x: nn.sigmoid(x) * (1 + x * (1 - nn.sigmoid(x))),
        {"x": Real()},
    ),
    "powxy": (lambda x, y: x**y, lambda x, y: jnp.exp(y * jnp.log(x)), {"x": Positive(), "y": Real()}),
    # Labels
    "label case": (
        lambda x, z, y: jnp.where(y == 1, x, z),
        lambda x, z, y: y * x + (1 - y) * z,
        {"x": Real("n"), "z": Real("n"), "y": Binary("n")},
    ),
    "label idem": (lambda x, y: y**3 * x, lambda x, y: y * x, {"x": Real("n"), "y": Binary("n")}),
    "onehot pick": (lambda x, t: jnp.sum(t * x), lambda x, t: x[jnp.argmax(t)], {"x": Real("K"), "t": OneHot("K")}),
    "label max": (
        lambda x, y: x * jnp.max(y),
        lambda x, y: x * (1 - jnp.prod(1 - y)),
        {"x": Real(), "y": Binary("n"), "sizes": {"n": 3}},
    ),
    "xor": (
        lambda x, y, z: x * jnp.where(y != z, 1.0, 0.0),
        lambda x, y, z: x * (y + z - 2 * y * z),
        {"x": Real(), "y": Binary(), "z": Binary()},
    ),
    "int onehot": (
        lambda x, i: jnp.sum(nn.one_hot(i, 3) * x, -1),
        lambda x, i: jnp.take_along_axis(x, i[:, None], 1)[:, 0],
        {"x": Real("n K"), "i": Index("n", below="K"), "sizes": {"n": 2, "K": 3}},
    ),
    "int neg wrap": (
        lambda x, i: x[i - 1],
        lambda x, i: jnp.roll(x, 1)[i],
        {"x": Real("K"), "i": Index("n", below="K"), "sizes": {"n": 2, "K": 3}},
    ),
    "label sign t": (
        lambda s, x: nn.sigmoid(s * x),
        lambda s, x: (1 - s) / 2 + s * nn.sigmoid(x),
        {"s": Sign(), "x": Real()},
    ),
    # Division
    "diff squares div": (lambda x, y: (x**2 - y**2) / (x - y), lambda x, y: x + y, {"x": Real(), "y": Real()}),
    "recip sum": (lambda x, y: 1 / x + 1 / y, lambda x, y: (x + y) / (x * y), {"x": Real(), "y": Real()}),
    "contfrac": (lambda x: 1 / (1 + 1 / (1 + 1 / (1 + 1 / x))), lambda x: (2 * x + 1) / (3 * x + 2), {"x": Real()}),
    "geom": (lambda x: 1 + x + x**2 + x**3 + x**4 + x**5, lambda x: (1 - x**6) / (1 - x), {"x": Real()}),
    "partial frac": (
        lambda x: 1 / (x * (x + 1) * (x + 2)),
        lambda x: 0.5 / x - 1 / (x + 1) + 0.5 / (x + 2),
        {"x": Real()},
    ),
    # Derivatives, signs
    "dcube abs t": (lambda x: derivative(lambda x: jnp.abs(x) ** 3, x), lambda x: 3 * x * jnp.abs(x), {"x": Real()}),
    "dlogabs": (lambda x: derivative(lambda x: jnp.log(jnp.abs(x)), x), lambda x: 1 / x, {"x": Real()}),
    "dnorm": (
        lambda x: derivative(lambda x: jnp.sqrt(jnp.sum(x**2)), x),
        lambda x: x / jnp.sqrt(jnp.sum(x**2)),
        {"x": Real("n")},
    ),
    "hess quad": (
        lambda x, A: derivative(lambda x: derivative(lambda x: x @ A @ x, x), x),
        lambda x, A: A + A.T,
        {"x": Real("n"), "A": Real("n n")},
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_proved(name):
    first, second, claim = TRUE[name]
    assert_right(first, second, **claim)

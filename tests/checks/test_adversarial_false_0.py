"""Claims that are false and look true, written from the documents alone."""

import jax.numpy as jnp
import pytest
from adversarially import assert_wrong
from jax import lax, nn

from gradproof import Binary, Index, Positive, Real, derivative

FALSE = {
    # Thin and far regions
    "tiny ball": (lambda x, y: jnp.where(x**2 + y**2 < 1e-08, 1.0, x), lambda x, y: x, {"x": Real(), "y": Real()}),
    "window far": (lambda x: jnp.where(jnp.abs(x - 100000.0) < 0.001, 0.0, x), lambda x: x, {"x": Real()}),
    "tanh tail": (lambda x: jnp.where(jnp.tanh(x) > 0.999999, 0.0, x), lambda x: x, {"x": Real()}),
    "square thin": (
        lambda x, y: jnp.where(x**2 + y**2 < 2.0001 * x * y, 5.0, x),
        lambda x, y: x,
        {"x": Real(), "y": Real()},
    ),
    "sin peak": (lambda x: jnp.where(jnp.sin(x) > 0.99999, 0.0, x), lambda x: x, {"x": Real()}),
    "exp gap": (
        lambda x, y: jnp.where(jnp.exp(x) - jnp.exp(y) > 10000000000.0, 0.0, y),
        lambda x, y: y,
        {"x": Real(), "y": Real()},
    ),
    "quad conj": (
        lambda x, y: jnp.where((y > x**2) & (y < 2 * x - 0.9999), 5.0, x),
        lambda x, y: x,
        {"x": Real(), "y": Real()},
    ),
    # Max / min / clip / sort
    "clip bounds crossed": (
        lambda x, y, z: jnp.clip(x, y, z),
        lambda x, y, z: jnp.maximum(jnp.minimum(x, z), y),
        {"x": Real(), "y": Real(), "z": Real()},
    ),
    "relurelu plus": (lambda x: nn.relu(nn.relu(x) + 1), lambda x: nn.relu(x + 1), {"x": Real("n")}),
    "dmax strict": (
        lambda x: derivative(lambda x: jnp.max(x), x),
        lambda x: (x >= jnp.mean(x)) * 1.0 / jnp.sum(x >= jnp.mean(x)),
        {"x": Real("n"), "sizes": {"n": 4}},
    ),
    "delu sign": (
        lambda x: derivative(lambda x: jnp.sum(nn.elu(x)), x),
        lambda x: jnp.where(x > 0, 1.0, jnp.exp(-x)),
        {"x": Real("n")},
    ),
    "drelu sq abs": (
        lambda x: derivative(lambda x: nn.relu(x) ** 2, x),
        lambda x: x + jnp.abs(x) * jnp.where(x > -3, 1.0, 2.0),
        {"x": Real()},
    ),
    "cummax rev": (
        lambda x: lax.cummax(x),
        lambda x: lax.cummax(x, reverse=True)[::-1],
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    "huber delta": (
        lambda x, d: derivative(lambda x: jnp.where(jnp.abs(x) <= d, x**2 / 2, d * jnp.abs(x) - 0.5 * d), x),
        lambda x, d: jnp.where(jnp.abs(x) <= d, x, d * jnp.sign(x) * jnp.where(x < -2 * d, 0.5, 1.0)),
        {"x": Real(), "d": Positive()},
    ),
    # NaN
    "nan hidden 1": (
        lambda x: jnp.where(jnp.isnan(jnp.sqrt(x)), 1.0, jnp.sqrt(x)),
        lambda x: jnp.sqrt(nn.relu(x)),
        {"x": Real()},
    ),
    "sqrt sq rev": (lambda x: x * 1.5, lambda x: 1.5 * jnp.sqrt(x) ** 2, {"x": Real()}),
    "nan in branch": (lambda x: x**2, lambda x: jnp.where(x > 0, x * x, x * x + 0 * jnp.sqrt(x)), {"x": Real()}),
    "trichotomy": (
        lambda x: jnp.where((jnp.sqrt(x) > 1) | (jnp.sqrt(x) <= 1), 1.0, 0.0) * x,
        lambda x: x,
        {"x": Real()},
    ),
    "pow explog": (lambda x: jnp.power(x, 2), lambda x: jnp.exp(2 * jnp.log(x)), {"x": Real()}),
    "isnan two": (
        lambda x, y: jnp.where(jnp.isnan(jnp.sqrt(x) + jnp.sqrt(y)), 0.0, 1.0),
        lambda x, y: jnp.where(jnp.isnan(jnp.sqrt(x + y)), 0.0, 1.0),
        {"x": Real(), "y": Real()},
    ),
    "masked zero": (
        lambda x: nn.softmax(jnp.where(jnp.arange(3) < 2, x, -jnp.inf))[:2],
        lambda x: nn.softmax(jnp.where(jnp.arange(3) < 2, x, -30.0))[:2],
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    # Roots
    "denest m1": (lambda x: jnp.sqrt(x + 1 - 2 * jnp.sqrt(x)), lambda x: jnp.sqrt(x) - 1, {"x": Positive()}),
    "denest m2": (
        lambda x, y: jnp.sqrt(x + y - 2 * jnp.sqrt(x * y)),
        lambda x, y: jnp.sqrt(x) - jnp.sqrt(y),
        {"x": Positive(), "y": Positive()},
    ),
    "root sinh": (lambda x: jnp.sqrt(jnp.cosh(x) ** 2 - 1), lambda x: jnp.sinh(x), {"x": Real()}),
    "root cos": (lambda x: jnp.sqrt(1 - jnp.sin(x) ** 2), lambda x: jnp.cos(x), {"x": Real()}),
    "root eps": (lambda x: jnp.sqrt(x**2 + 1e-12), lambda x: jnp.abs(x), {"x": Real()}),
    "root3sum": (
        lambda x, y, z: jnp.sqrt(x) + jnp.sqrt(y) + jnp.sqrt(z),
        lambda x, y, z: jnp.sqrt(x + y + z + 2 * jnp.sqrt(x * y) + 2 * jnp.sqrt(y * z)),
        {"x": Positive(), "y": Positive(), "z": Positive()},
    ),
    "root sign3": (
        lambda x, y, z: jnp.sqrt((x - y) ** 2) + jnp.sqrt((y - z) ** 2),
        lambda x, y, z: jnp.abs(x - z),
        {"x": Real(), "y": Real(), "z": Real()},
    ),
    # Exp / log
    "third dec": (lambda x: x / 3, lambda x: x * 0.333333333, {"x": Real()}),
    "tenth dec": (lambda x: 0.1 * x, lambda x: 0.1000000001 * x, {"x": Real()}),
    "pi dec": (lambda x: jnp.pi * x**2, lambda x: 3.141592654 * x**2, {"x": Real()}),
    "e 355": (lambda x: jnp.pi * x, lambda x: 104348 / 33215 * x, {"x": Real()}),
    "ulp40": (lambda x: 0.1 * x, lambda x: (0.1 + 40 * 2.0 ** (-56)) * x, {"x": Real()}),
    "sin3": (lambda x: jnp.sin(3 * x), lambda x: 4 * jnp.sin(x) ** 3 - 3 * jnp.sin(x), {"x": Real()}),
    "exp prod": (lambda x, y: jnp.exp(x * y), lambda x, y: jnp.exp(x) * jnp.exp(y), {"x": Real(), "y": Real()}),
    # Labels
    "label gt": (
        lambda x, z, y: jnp.where(y > 1, x, z),
        lambda x, z, y: y * x + (1 - y) * z,
        {"x": Real("n"), "z": Real("n"), "y": Binary("n")},
    ),
    "real idem": (lambda x, y: y**3 * x, lambda x, y: y * x, {"x": Real(), "y": Real()}),
    "class3 only": (
        lambda x, i: x * jnp.where(i == 3, 2.0, 1.0),
        lambda x, i: x,
        {"x": Real("n"), "i": Index("n", below="K"), "sizes": {"n": 2, "K": 4}},
    ),
    "xor or": (
        lambda x, y, z: x * jnp.where(y != z, 1.0, 0.0),
        lambda x, y, z: x * (y + z - y * z),
        {"x": Real(), "y": Binary(), "z": Binary()},
    ),
    "int shift": (
        lambda x, i: x[i],
        lambda x, i: x[jnp.minimum(i + jnp.where(i == 2, 1, 0), 3)],
        {"x": Real("K"), "i": Index("n", below="K"), "sizes": {"n": 2, "K": 4}},
    ),
    "label pair conj": (
        lambda x, i, j: x * jnp.where((i == 2) & (j == 1) & (x > 5), 3.0, 1.0),
        lambda x, i, j: x,
        {"x": Real(), "i": Index(below="K"), "j": Index(below="K"), "sizes": {"K": 3}},
    ),
    # Division
    "recip sum f": (
        lambda x, y: 1 / (1 / x + 1 / y),
        lambda x, y: x + y - (x**2 + y**2) / (x + y) * 1.0000001,
        {"x": Real(), "y": Real()},
    ),
    "div eps": (lambda x, y: x / y, lambda x, y: x / (y + 1e-08), {"x": Real(), "y": Positive()}),
    "contfrac f": (
        lambda x: 1 / (1 + 1 / (1 + 1 / (1 + 1 / (1 + x)))),
        lambda x: (2 * x + 3) / (3 * x + 4),
        {"x": Real()},
    ),
    "safe div": (
        lambda x, y: x / y,
        lambda x, y: x / jnp.where(jnp.abs(y) < 1e-06, 1.0, y),
        {"x": Real(), "y": Real()},
    ),
    "quot rule": (
        lambda x: derivative(lambda x: jnp.sin(x) / (1 + x**2), x),
        lambda x: (jnp.cos(x) * (1 + x**2) + 2 * x * jnp.sin(x)) / (1 + x**2) ** 2,
        {"x": Real()},
    ),
    # Derivatives, signs
    "dcube abs": (lambda x: derivative(lambda x: jnp.abs(x) ** 3, x), lambda x: 3 * x**2, {"x": Real()}),
    "dlogabs f": (lambda x: derivative(lambda x: jnp.log(jnp.abs(x)), x), lambda x: 1 / jnp.abs(x), {"x": Real()}),
    "dlogx2": (lambda x: derivative(lambda x: jnp.log(x**2), x), lambda x: 2 / jnp.sqrt(x**2), {"x": Real()}),
    "dnorm1": (
        lambda x: derivative(lambda x: jnp.sqrt(jnp.sum(x**2)), x),
        lambda x: x / jnp.sum(jnp.abs(x)),
        {"x": Real("n")},
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted(name):
    first, second, claim = FALSE[name]
    assert_wrong(first, second, **claim)

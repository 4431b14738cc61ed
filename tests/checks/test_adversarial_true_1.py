"""Claims that are true and look false, written from the documents alone."""

import jax
import jax.numpy as jnp
import pytest
from adversarially import assert_right
from jax import lax, nn

from gradproof import Function, Index, Positive, Real, Simplex, derivative

TRUE = {
    # Control flow
    "fori": (
        lambda x: lax.fori_loop(0, 3, lambda i, s: s + x[i] ** 2, 0.0),
        lambda x: jnp.sum(x**2),
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    "scan cumsum": (
        lambda x: lax.scan(lambda c, a: (c + a, c + a), 0.0, x)[1],
        lambda x: jnp.cumsum(x),
        {"x": Real("n")},
    ),
    "scan max grad": (
        lambda x: derivative(lambda x: lax.scan(lambda c, a: (c * a, None), 1.0, x)[0], x),
        lambda x: jnp.stack([x[1] * x[2], x[0] * x[2], x[0] * x[1]]),
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    "while data t": (
        lambda x: lax.while_loop(lambda c: (c[0] < 2) & (c[1] < 10), lambda c: (c[0] + 1, c[1] + x), (0, x))[1],
        lambda x: jnp.where(x < 10, jnp.where(2 * x < 10, 3 * x, 2 * x), x),
        {"x": Positive()},
    ),
    "cond grad": (
        lambda x: derivative(lambda x: lax.cond(x > 0, lambda x: x**2, lambda x: x**3, x), x),
        lambda x: jnp.where(x > 0, 2 * x, 3 * x**2),
        {"x": Real()},
    ),
    "switch": (
        lambda x, i: lax.switch(i, [lambda x: x, lambda x: x**2, jnp.sin], x),
        lambda x, i: jnp.where(i == 0, x, jnp.where(i == 1, x * x, jnp.sin(x))),
        {"x": Real(), "i": Index(below="K"), "sizes": {"K": 3}},
    ),
    "jit nested": (
        lambda x: jax.jit(lambda x: jax.jit(jnp.tanh)(x) * 2)(x),
        lambda x: 2 * (1 - 2 / (jnp.exp(2 * x) + 1)),
        {"x": Real("n")},
    ),
    "cumprod": (lambda x: jnp.cumprod(x)[-1], lambda x: jnp.prod(x), {"x": Real("n")}),
    # Infinities
    "exp log relu": (lambda x: jnp.exp(jnp.log(nn.relu(x))), lambda x: nn.relu(x), {"x": Real()}),
    "max neginf": (
        lambda x, y: jnp.maximum(jnp.log(nn.relu(x)), y),
        lambda x, y: jnp.where(x > 0, jnp.maximum(jnp.log(jnp.where(x > 0, x, 1.0)), y), y),
        {"x": Real(), "y": Real()},
    ),
    "lae neginf": (
        lambda x, y: jnp.logaddexp(jnp.log(nn.relu(x)), y),
        lambda x, y: jnp.log(nn.relu(x) + jnp.exp(y)),
        {"x": Real(), "y": Real()},
    ),
    "zero pow t": (
        lambda x, y: nn.relu(x) ** y,
        lambda x, y: jnp.where(x > 0, jnp.exp(y * jnp.log(jnp.where(x > 0, x, 1.0))), 0.0),
        {"x": Real(), "y": Positive()},
    ),
    "nanmax t": (
        lambda x, y: jnp.nanmax(jnp.stack([jnp.sqrt(x), y])),
        lambda x, y: jnp.where(x < 0, y, jnp.maximum(jnp.sqrt(nn.relu(x)), y)),
        {"x": Real(), "y": Real()},
    ),
    "pow23 t": (lambda x: jnp.cbrt(x) ** 2, lambda x: (x**2) ** (1 / 3), {"x": Real()}),
    # Domains
    "pos abs": (lambda x: jnp.abs(x) + nn.relu(-x), lambda x: x, {"x": Positive("n")}),
    "simplex sum": (
        lambda p, x: jnp.sum(p * (x - jnp.sum(p * x))),
        lambda p, x: jnp.zeros(()),
        {"p": Simplex("K"), "x": Real("K")},
    ),
    "simplex clip": (lambda p: jnp.clip(p, 0, 1) * 2, lambda p: p + p, {"p": Simplex("K")}),
    "simplex last": (lambda p: 1 - p[0] - p[1], lambda p: p[2], {"p": Simplex("K"), "sizes": {"K": 3}}),
    "simplex ent": (
        lambda p: -jnp.sum(p * jnp.log(3 * p)),
        lambda p: -jnp.sum(p * jnp.log(p)) - jnp.log(3.0),
        {"p": Simplex("K"), "sizes": {"K": 3}},
    ),
    # Many comparisons
    "sum relu6": (
        lambda x: jnp.sum(nn.relu(x) - nn.relu(-x)),
        lambda x: jnp.sum(x),
        {"x": Real("n"), "sizes": {"n": 6}},
    ),
    "subadd": (
        lambda x, y: nn.relu(nn.relu(x + y) - nn.relu(x) - nn.relu(y)) + x,
        lambda x, y: x,
        {"x": Real(), "y": Real()},
    ),
    "transitive": (
        lambda x, y, z: jnp.where((x > y) & (y > z) & (z > x), 5.0, x),
        lambda x, y, z: x,
        {"x": Real(), "y": Real(), "z": Real()},
    ),
    "transitive aff": (
        lambda x, y, z: jnp.where((2 * x > 2 * y + 1) & (y > z) & (z > x - 0.25), 5.0, x),
        lambda x, y, z: x,
        {"x": Real(), "y": Real(), "z": Real()},
    ),
    "demorgan": (
        lambda x, y, z: jnp.where(~((x > 0) & ((y > 0) | (z > 0))), x, 0.0),
        lambda x, y, z: jnp.where((x <= 0) | (y <= 0) & (z <= 0), x, 0.0),
        {"x": Real(), "y": Real(), "z": Real()},
    ),
    "minmax duality": (lambda x: -jnp.max(-x), lambda x: jnp.min(x), {"x": Real("n")}),
    "dmaxpool": (
        lambda x, y: derivative(lambda x: jnp.maximum(x, y) ** 2, x),
        lambda x, y: jnp.where(x > y, 2 * x, jnp.where(x == y, x, 0.0)),
        {"x": Real(), "y": Real()},
    ),
    "lip": (
        lambda x, y: jnp.where(jnp.abs(nn.relu(x) - nn.relu(y)) > jnp.abs(x - y), 1.0, y),
        lambda x, y: y,
        {"x": Real(), "y": Real()},
    ),
    # Root signs in far regions
    "rs cbrt neg": (lambda x, y: jnp.cbrt(-x * y), lambda x, y: -jnp.cbrt(x) * jnp.cbrt(y), {"x": Real(), "y": Real()}),
    "rs quad formula t": (
        lambda b, c: (-b + jnp.sqrt(b**2 - 4 * c)) / 2,
        lambda b, c: -2 * c / (b + jnp.sqrt(b**2 - 4 * c)),
        {"q": Real(), "c": Real()},
    ),
    # Constants by coincidence
    "one minus": (lambda x: x * (1 - 0.9), lambda x: x / 10, {"x": Real()}),
    "log ints": (lambda x: x * jnp.log(8.0 + 0 * x) / jnp.log(2.0 + 0 * x), lambda x: 3 * x, {"x": Real()}),
    "exp tenth": (lambda x: jnp.exp(0.1 * x) ** 10, lambda x: jnp.exp(x), {"x": Real()}),
    "two pow": (lambda x: 2.0**x, lambda x: jnp.exp(x * jnp.log(2.0)), {"x": Real()}),
    # Unknown functions
    "fn maxmin": (
        lambda f, x, y: f(jnp.maximum(x, y)) + f(jnp.minimum(x, y)),
        lambda f, x, y: f(x) + f(y),
        {"f": Function(), "x": Real(), "y": Real()},
    ),
    "fn abs": (
        lambda f, x: f(jnp.sqrt(x**2)),
        lambda f, x: jnp.where(x > 0, f(x), f(-x)),
        {"f": Function(), "x": Real()},
    ),
    "fn where": (
        lambda f, x, y: jnp.where(x > y, f(x), f(y)),
        lambda f, x, y: f(jnp.maximum(x, y)),
        {"f": Function(), "x": Real(), "y": Real()},
    ),
    "fn rational": (lambda f, x: f((x**2 - 1) / (x - 1)), lambda f, x: f(x + 1), {"f": Function(), "x": Real()}),
    "fn chain": (
        lambda f, x: derivative(lambda x: f(jnp.sin(x)), x),
        lambda f, x: derivative(f, jnp.sin(x)) * jnp.cos(x),
        {"f": Function(), "x": Real()},
    ),
    "fn two": (
        lambda f, g, x: derivative(lambda x: f(x) * g(x), x),
        lambda f, g, x: derivative(f, x) * g(x) + f(x) * derivative(g, x),
        {"f": Function(), "g": Function(), "x": Real()},
    ),
    "fn sort": (
        lambda f, x: jnp.sum(f(jnp.sort(x))),
        lambda f, x: jnp.sum(f(x)),
        {"f": Function(), "x": Real("n"), "sizes": {"n": 3}},
    ),
    # Matrices, axes, shapes
    "gram fro": (lambda X: jnp.sum((X @ X.T) ** 2), lambda X: jnp.sum((X.T @ X) ** 2), {"X": Real("n m")}),
    "lse hess": (
        lambda x: jnp.sum(derivative(lambda x: derivative(lambda x: nn.logsumexp(x), x), x)),
        lambda x: jnp.zeros(()),
        {"x": Real("n")},
    ),
    "mean grad": (lambda x: derivative(lambda x: jnp.mean(x**3), x), lambda x: 3 * x**2 / len(x), {"x": Real("n")}),
    "var grad": (
        lambda x: derivative(lambda x: jnp.var(x), x),
        lambda x: 2 * (x - jnp.mean(x)) / len(x),
        {"x": Real("n")},
    ),
    "rms": (
        lambda x, e: derivative(lambda x: jnp.sum(x / jnp.sqrt(jnp.mean(x**2) + e)), x),
        lambda x, e: (1 - x * jnp.sum(x) / len(x) / (jnp.mean(x**2) + e)) / jnp.sqrt(jnp.mean(x**2) + e),
        {"x": Real("n"), "e": Positive(), "sizes": {"n": 3}},
    ),
    "cosine": (
        lambda x, y: derivative(lambda x: x @ y / jnp.sqrt(x @ x) / jnp.sqrt(y @ y), x),
        lambda x, y: (y - x * (x @ y) / (x @ x)) / jnp.sqrt(x @ x) / jnp.sqrt(y @ y),
        {"x": Real("n"), "y": Real("n"), "sizes": {"n": 2}},
    ),
    "linreg": (
        lambda v, X, y: derivative(lambda v: jnp.sum((X @ v - y) ** 2), v),
        lambda v, X, y: 2 * X.T @ (X @ v - y),
        {"v": Real("m"), "X": Real("n m"), "y": Real("n")},
    ),
    # Shifts
    "cumsum jac": (
        lambda x: derivative(lambda x: jnp.cumsum(x**2), x),
        lambda x: jnp.tril(jnp.ones((3, 3))) * 2 * x,
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    "tv periodic": (
        lambda x: derivative(lambda x: jnp.sum((x - jnp.roll(x, 1)) ** 2), x),
        lambda x: 2 * (2 * x - jnp.roll(x, 1) - jnp.roll(x, -1)),
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    "rev cumsum": (
        lambda x: jnp.cumsum(x[::-1])[::-1],
        lambda x: jnp.sum(x) - jnp.cumsum(x) + x,
        {"x": Real("n"), "sizes": {"n": 4}},
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_proved(name):
    first, second, claim = TRUE[name]
    assert_right(first, second, **claim)

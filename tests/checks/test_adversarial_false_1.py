"""Claims that are false and look true, written from the documents alone."""

import jax
import jax.numpy as jnp
import pytest
from adversarially import assert_wrong
from jax import lax, nn

from gradproof import Function, Positive, Real, Simplex, derivative

FALSE = {
    # Derivatives, signs
    "hess quad f": (
        lambda x, A: derivative(lambda x: derivative(lambda x: x @ A @ x, x), x),
        lambda x, A: 2 * A,
        {"x": Real("n"), "A": Real("n n"), "sizes": {"n": 2}},
    ),
    # Control flow
    "fori short": (
        lambda x: lax.fori_loop(0, 2, lambda i, s: s + x[i] ** 2, 0.0),
        lambda x: jnp.sum(x**2),
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    "scan exclusive": (
        lambda x: lax.scan(lambda c, a: (c + a, c), 0.0, x)[1],
        lambda x: jnp.cumsum(x),
        {"x": Real("n")},
    ),
    "while data": (
        lambda x: lax.while_loop(lambda c: (c[0] < 4) & (c[1] < 10), lambda c: (c[0] + 1, c[1] + x), (0, x))[1],
        lambda x: 5 * x,
        {"x": Positive()},
    ),
    "cond swap": (
        lambda x, y: lax.cond((x > 0) & (y > 8), lambda: x * y, lambda: x + y),
        lambda x, y: lax.cond((x > 0) & (y > 8.01), lambda: x * y, lambda: x + y),
        {"x": Real(), "y": Real()},
    ),
    "vmap axis": (
        lambda A: jax.vmap(jnp.sum, in_axes=0)(A),
        lambda A: jax.vmap(jnp.sum, in_axes=1)(A),
        {"A": Real("n n"), "sizes": {"n": 2}},
    ),
    # Infinities
    "zero pow": (
        lambda x, y: nn.relu(x) ** y,
        lambda x, y: jnp.where(x > 0, jnp.exp(y * jnp.log(jnp.where(x > 0, x, 1.0))), 1.0),
        {"x": Real(), "y": Positive()},
    ),
    "any nan": (
        lambda x, y: jnp.where(jnp.logical_and(jnp.sqrt(x), y > 0), 1.0, 0.0),
        lambda x, y: jnp.where((x > 0) & (y > 0), 1.0, 0.0),
        {"x": Real(), "y": Real()},
    ),
    "nanmax": (
        lambda x, y: jnp.nanmax(jnp.stack([jnp.sqrt(x), y])),
        lambda x, y: jnp.maximum(jnp.sqrt(nn.relu(x)), y),
        {"x": Real(), "y": Real()},
    ),
    "ne nan": (
        lambda x: jnp.where(jnp.sqrt(x) == jnp.sqrt(x), 1.0, x),
        lambda x: jnp.where(x >= -1, 1.0, x),
        {"x": Real()},
    ),
    "pow23": (lambda x: jnp.cbrt(x) ** 2, lambda x: x ** (2 / 3), {"x": Real()}),
    "clip nanbound": (
        lambda x, y: jnp.where(x < 0, y, jnp.clip(y, -jnp.sqrt(jnp.abs(x)), 1000000000.0)),
        lambda x, y: jnp.clip(y, -jnp.sqrt(x), 1000000000.0),
        {"x": Real(), "y": Real()},
    ),
    # Domains
    "pos huge": (lambda x: jnp.where(x > 1e30, 0.0, 1 / x), lambda x: 1 / x, {"x": Positive()}),
    "simplex corner": (
        lambda p: jnp.where(jnp.max(p) > 0.99999, 0.0, p),
        lambda p: p,
        {"p": Simplex("K"), "sizes": {"K": 3}},
    ),
    "simplex norm": (
        lambda p: jnp.sum(p**2),
        lambda p: 1 - 2 * p[0] * p[1] - 2 * p[1] * p[2],
        {"p": Simplex("K"), "sizes": {"K": 3}},
    ),
    "log pos f": (lambda x: jnp.sqrt(jnp.log(x) ** 2), lambda x: -jnp.log(x), {"x": Positive()}),
    # Many comparisons
    "prod relu6": (lambda x: jnp.prod(nn.relu(x)) + x[0], lambda x: x[0], {"x": Real("n"), "sizes": {"n": 6}}),
    "subadd f": (
        lambda x, y: nn.relu(nn.relu(x) + nn.relu(y) - nn.relu(x + y)) + x,
        lambda x, y: x,
        {"x": Real(), "y": Real()},
    ),
    "transitive f": (
        lambda x, y, z: jnp.where((x > y) & (y > z) & (z + 1e-06 > x), 5.0, x),
        lambda x, y, z: x,
        {"x": Real(), "y": Real(), "z": Real()},
    ),
    "and or not": (
        lambda x, y, z: jnp.where((x > 0) & ((y > 0) | (z > 0)), 1.0, 0.0),
        lambda x, y, z: jnp.where((x > 0) & (y > 0) | (z > 0), 1.0, 0.0),
        {"x": Real(), "y": Real(), "z": Real()},
    ),
    "isotone": (
        lambda x, y: jnp.where((x > y) & (x**3 - 3 * x < y**3 - 3 * y - 3.9), 1.0, y),
        lambda x, y: y,
        {"x": Real(), "y": Real()},
    ),
    # Root signs in far regions
    "rs cubic": (lambda x: jnp.sqrt((x**3 - 3 * x + 10) ** 2), lambda x: x**3 - 3 * x + 10, {"x": Real()}),
    "rs exp": (lambda x: jnp.sqrt((jnp.exp(x) - 1000000.0) ** 2), lambda x: 1000000.0 - jnp.exp(x), {"x": Real()}),
    "rs in1": (lambda x: jnp.sqrt((x**2 - 1) ** 2), lambda x: x**2 - 1, {"x": Real()}),
    "rs thin": (lambda x: jnp.sqrt((x**2 - 2 * x + 0.999999) ** 2), lambda x: x**2 - 2 * x + 0.999999, {"x": Real()}),
    "rs two": (
        lambda x, y: jnp.sqrt((x + y) ** 2) * jnp.sqrt((x - y) ** 2),
        lambda x, y: x**2 - y**2,
        {"x": Real(), "y": Real()},
    ),
    "rs quad formula": (
        lambda b, c: (-b + jnp.sqrt(b**2 - 4 * c)) / 2,
        lambda b, c: jnp.where(b > 0, -2 * c / (b + jnp.sqrt(b**2 - 4 * c)), (-b - jnp.sqrt(b**2 - 4 * c)) / 2),
        {"q": Real(), "c": Real()},
    ),
    # Constants by coincidence
    "pi4": (lambda x: x * jnp.pi**4, lambda x: x * 2143 / 22, {"x": Real()}),
    "add 1e17": (lambda x: x + 1e-17, lambda x: x, {"x": Real()}),
    "add 1e300": (lambda x: x + 1e-300, lambda x: x, {"x": Real()}),
    "half off": (lambda x: 0.5 * x, lambda x: 0.50000001 * x, {"x": Real()}),
    "exp tenth f": (lambda x: jnp.exp(0.1 * x) ** 10, lambda x: jnp.exp(1.00000001 * x), {"x": Real()}),
    "golden": (lambda x: x * 1.618033989, lambda x: x * (1 + jnp.sqrt(5.0)) / 2, {"x": Real()}),
    # Unknown functions
    "fn add": (lambda f, x, y: f(x + y), lambda f, x, y: f(x) + f(y), {"f": Function(), "x": Real(), "y": Real()}),
    "fn relu": (lambda f, x: f(nn.relu(x)), lambda f, x: nn.relu(f(x)), {"f": Function(), "x": Real()}),
    "fn chain f": (
        lambda f, x: derivative(lambda x: f(x**2), x),
        lambda f, x: 2 * x * derivative(f, x),
        {"f": Function(), "x": Real()},
    ),
    "fn chain abs": (
        lambda f, x: derivative(lambda x: f(x**2), x),
        lambda f, x: 2 * jnp.abs(x) * derivative(f, x**2),
        {"f": Function(), "x": Real()},
    ),
    "fn comm": (lambda f, g, x: f(g(x)), lambda f, g, x: g(f(x)), {"f": Function(), "g": Function(), "x": Real()}),
    "fn second": (
        lambda f, x: derivative(lambda x: derivative(lambda x: f(2 * x), x), x),
        lambda f, x: 2 * derivative(lambda x: derivative(f, x), 2 * x),
        {"f": Function(), "x": Real()},
    ),
    # Matrices, axes, shapes
    "trace abc": (
        lambda A, B, C: jnp.trace(A @ B @ C),
        lambda A, B, C: jnp.trace(A @ C @ B),
        {"A": Real("n n"), "B": Real("n n"), "C": Real("n n"), "sizes": {"n": 2}},
    ),
    "gram": (
        lambda X: jnp.sum((X @ X.T) ** 3),
        lambda X: jnp.sum((X.T @ X) ** 3),
        {"X": Real("n n"), "sizes": {"n": 2}},
    ),
    "mean sum": (
        lambda x: derivative(lambda x: jnp.mean(x**3), x),
        lambda x: 3 * x**2 / 2,
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    "bcast sq": (
        lambda A, b: A + b,
        lambda A, b: A + b[:, None],
        {"A": Real("n n"), "b": Real("n"), "sizes": {"n": 2}},
    ),
    "outer T": (
        lambda x, y: jnp.outer(x, y),
        lambda x, y: jnp.outer(y, x),
        {"x": Real("n"), "y": Real("n"), "sizes": {"n": 2}},
    ),
    "linreg sq": (
        lambda v, X, y: derivative(lambda v: jnp.sum((X @ v - y) ** 2), v),
        lambda v, X, y: 2 * X @ (X @ v - y),
        {"v": Real("n"), "X": Real("n n"), "y": Real("n"), "sizes": {"n": 2}},
    ),
    # Shifts
    "roll": (lambda x: jnp.roll(x, 1), lambda x: jnp.roll(x, -1), {"x": Real("n"), "sizes": {"n": 3}}),
    "cumsum jac f": (
        lambda x: derivative(lambda x: jnp.cumsum(x**2), x),
        lambda x: jnp.tril(jnp.ones((3, 3)), -1) * 2 * x + jnp.diag(x),
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    "tv shift": (
        lambda x: derivative(lambda x: jnp.sum(jnp.diff(x) ** 2), x),
        lambda x: 2 * (2 * x - jnp.roll(x, 1) - jnp.roll(x, -1)),
        {"x": Real("n"), "sizes": {"n": 3}},
    ),
    "rev cumsum f": (
        lambda x: jnp.cumsum(x[::-1])[::-1],
        lambda x: jnp.sum(x) - jnp.cumsum(x),
        {"x": Real("n"), "sizes": {"n": 4}},
    ),
    # Found by probing: small forms
    "far conj positive": (
        lambda x: jnp.sum(nn.relu(x - 1)),
        lambda x: jnp.sum(nn.relu(x - 1)) + jnp.where((x[0] > 3) & (x[1] > 4) & (x[2] < 0.1), 1.0, 0.0),
        {"x": Positive("n"), "sizes": {"n": 4}},
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted(name):
    first, second, claim = FALSE[name]
    assert_wrong(first, second, **claim)

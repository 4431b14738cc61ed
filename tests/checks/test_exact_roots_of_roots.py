"""Roots of order four, and roots of numbers that are made of roots: new variables, of which the squares are known."""

import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted, assert_undecided, proved, slope

from gradproof import Positive, Real
from gradproof.worlds.arithmetic import WorldArithmetic

X, A, V = {"x": Real()}, {"x": Positive()}, {"x": Real("n"), "sizes": {"n": 2}}


def norm(x):
    return jnp.sqrt(x @ x)


def root(x):
    return jnp.sqrt(1 + norm(x))


SAME = {
    "root of a root": (lambda x: jnp.sqrt(jnp.sqrt(x)), lambda x: x**0.25, X),
    "fourth root of a square": (lambda x: (x**2) ** 1.25, lambda x: jnp.abs(x) ** 2.5, X),
    "slope of a power": (slope(lambda x: x**0.75), lambda x: 0.75 * x**-0.25, A),
    "slope of the root of a norm": (
        slope(lambda x: jnp.sqrt(norm(x))),
        lambda x: x / (2 * norm(x) * jnp.sqrt(norm(x))),
        V,
    ),
    "slope of the root of more than a norm": (slope(root), lambda x: x / (2 * norm(x) * root(x)), V),
    "odd root": (slope(lambda x: jnp.cbrt(norm(x))), lambda x: x / (3 * norm(x) * jnp.cbrt(norm(x)) ** 2), V),
    "square": (lambda x: root(x) ** 2, lambda x: 1 + norm(x), V),
    "product with itself": (lambda x: root(x) * jnp.sqrt(norm(x) + 1), lambda x: 1 + norm(x), V),
    "sign": (lambda x: jnp.abs(root(x)), lambda x: root(x), V),
}


@pytest.mark.parametrize("name", SAME)
def test_roots_that_are_the_same(name):
    one, other, symbols = SAME[name]
    assert_proved(one, other, **symbols)


OTHER = {
    "root of a root": (lambda x: jnp.sqrt(jnp.sqrt(x)), lambda x: x**0.5, A),
    "fourth root of a square": (lambda x: (x**2) ** 1.25, lambda x: x * jnp.abs(x) ** 1.5, X),
    "slope of a power": (slope(lambda x: x**0.75), lambda x: 0.75 * x**0.25, A),
    "slope of the root of more than a norm": (slope(root), lambda x: x / (norm(x) * root(x)), V),
    "square": (lambda x: root(x) ** 2, lambda x: 1 - norm(x), V),
    "sign": (lambda x: jnp.abs(root(x)), lambda x: -root(x), V),
}


@pytest.mark.parametrize("name", OTHER)
def test_roots_that_are_not(name):
    one, other, symbols = OTHER[name]
    assert_refuted(one, other, **symbols)


def test_of_such_a_root_only_the_square_is_known():
    """The root of 3 + 2 sqrt 2 is 1 + sqrt 2, which is not seen, and is no objection to it either."""
    one, other = lambda x: jnp.sqrt(3 + 2 * jnp.sqrt(2.0)) * x, lambda x: (1 + jnp.sqrt(2.0)) * x
    assert_undecided("", one, other, **X)
    assert_undecided("", lambda x: jnp.where(one(x) == other(x), 1.0, 0.0), lambda x: 0 * x, **X)
    assert_refuted(one, lambda x: (1.001 + jnp.sqrt(2.0)) * x, **X)


def test_a_square_that_is_another_number_would_prove_what_is_false(monkeypatch):
    known = WorldArithmetic.among
    monkeypatch.setattr(WorldArithmetic, "among", lambda self, roots, pool, a: known(self, roots, roots, a))
    assert proved(lambda x: root(x) ** 2, lambda x: root(x), {"x": Real("2")})

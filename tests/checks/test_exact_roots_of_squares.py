"""Roots of squares that are not written as such, of numbers that are met elsewhere."""

import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted, proved, slope

from gradproof import Positive, Real
from gradproof.worlds import WorldArithmetic

X, A, V = {"x": Real()}, {"x": Positive()}, {"x": Real("2")}
XY, AB, VW = {"x": Real(), "y": Real()}, {"x": Positive(), "y": Positive()}, {"x": Real("2"), "y": Real("2")}


def expanded(x):
    return jnp.sqrt(x * x - 2 * x + 1)


def deviation(x):
    return jnp.sqrt(jnp.mean(x * x) - jnp.mean(x) ** 2)


SAME = {
    "expanded": (expanded, lambda x: jnp.abs(x - 1), X),
    "its slope": (slope(expanded), lambda x: jnp.sign(x - 1), X),
    "with an inverse": (lambda x: jnp.sqrt(x + 1 / x + 2), lambda x: jnp.sqrt(x) + 1 / jnp.sqrt(x), A),
    "of either sign": (lambda x: jnp.sqrt(x + 1 / x - 2), lambda x: jnp.abs(jnp.sqrt(x) - 1 / jnp.sqrt(x)), A),
    "of two roots": (lambda x, y: jnp.sqrt(x + y + 2 * jnp.sqrt(x * y)), lambda x, y: jnp.sqrt(x) + jnp.sqrt(y), AB),
    "larger root": (
        lambda x, y: (x + y + jnp.sqrt((x + y) ** 2 - 4 * x * y)) / 2,
        lambda x, y: jnp.maximum(x, y),
        XY,
    ),
    "deviation of two": (deviation, lambda x: jnp.abs(x[0] - x[1]) / 2, V),
    "distance": (lambda x, y: jnp.sqrt(x @ x - 2 * x @ y + y @ y), lambda x, y: jnp.linalg.norm(x - y), VW),
    "hyperbolic": (lambda x: jnp.arccosh(jnp.cosh(x)), lambda x: jnp.abs(x), X),
    "of half of an argument": (lambda x: jnp.sqrt((jnp.cosh(2 * x) - 1) / 2), lambda x: jnp.abs(jnp.sinh(x)), X),
    "circular": (lambda x: jnp.sqrt(1 - jnp.cos(x) ** 2), lambda x: jnp.abs(jnp.sin(x)), X),
    "of half of an angle": (lambda x: jnp.sqrt((1 - jnp.cos(x)) / 2), lambda x: jnp.abs(jnp.sin(x / 2)), X),
}


@pytest.mark.parametrize("name", SAME)
def test_a_root_is_an_absolute_value(name):
    one, other, symbols = SAME[name]
    assert_proved(one, other, **symbols)


OTHER = {
    "expanded": (expanded, lambda x: x - 1, X),
    "in a narrow region": (expanded, lambda x: jnp.where((x > 0.99) & (x < 1), x - 1, jnp.abs(x - 1)), X),
    "of either sign": (lambda x: jnp.sqrt(x + 1 / x - 2), lambda x: jnp.sqrt(x) - 1 / jnp.sqrt(x), A),
    "larger root": (lambda x, y: (x + y - jnp.sqrt((x + y) ** 2 - 4 * x * y)) / 2, lambda x, y: jnp.maximum(x, y), XY),
    "deviation of two": (deviation, lambda x: (x[0] - x[1]) / 2, V),
    "hyperbolic": (lambda x: jnp.arccosh(jnp.cosh(x)), lambda x: x + 0, X),
    "circular": (lambda x: jnp.sqrt(1 - jnp.cos(x) ** 2), lambda x: jnp.sin(x), X),
    "of half of an angle": (lambda x: jnp.sqrt((1 - jnp.cos(x)) / 2), lambda x: jnp.sin(jnp.abs(x) / 2), X),
}


@pytest.mark.parametrize("name", OTHER)
def test_a_root_is_not_the_number_itself(name):
    one, other, symbols = OTHER[name]
    assert_refuted(one, other, **symbols)


@pytest.mark.parametrize("name", ["expanded", "deviation of two", "circular"])
def test_a_sign_that_is_not_asked_for_would_prove_what_is_false(name, monkeypatch):
    monkeypatch.setattr(WorldArithmetic, "with_signs", lambda self, residues, negative: residues)
    one, other, symbols = OTHER[name]
    assert any(proved(one, lambda *values, sign=sign: sign * other(*values), symbols) for sign in (1, -1))

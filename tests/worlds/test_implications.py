"""Signs that follow from others: gates on monotone functions, products and quotients are those on their arguments."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted, proved

from gradproof import Positive, Real
from gradproof.worlds.arithmetic import Implication, WorldArithmetic

X, XY = {"x": Real()}, {"x": Real(), "y": Real()}


def gate(holds):
    return lambda *values: jnp.where(holds(*values), 1.0, 0.0)


SAME = {
    "sigmoid": (lambda x: jax.nn.sigmoid(x) > 0.5, lambda x: x > 0, X),
    "sinh": (lambda x: jnp.sinh(x) > 0, lambda x: x > 0, X),
    "logarithm": (lambda x: jnp.log(x) > 0, lambda x: x > 1, {"x": Positive()}),
    "logarithm of negative numbers, too": (lambda x: jnp.log(x) > 0, lambda x: x > 1, X),
    "exponentials": (lambda x, y: jnp.exp(x) > jnp.exp(y), lambda x, y: x > y, XY),
    "two sigmoids": (lambda x, y: jax.nn.sigmoid(x) > jax.nn.sigmoid(y), lambda x, y: y < x, XY),
    "softmax": (lambda x: jax.nn.softmax(x)[0] > 0.5, lambda x: x[0] > x[1], {"x": Real("2")}),
    "squares": (lambda x, y: x * x > y * y, lambda x, y: jnp.abs(x) > jnp.abs(y), XY),
    "product": (lambda x, y: x * y > 0, lambda x, y: (x > 0) == (y > 0), XY),
    "quotient": (lambda x, y: x / y < 0, lambda x, y: (x > 0) != (y > 0), XY),
}


@pytest.mark.parametrize("name", SAME)
def test_a_gate_is_another_one(name):
    one, other, symbols = SAME[name]
    assert_proved(gate(one), gate(other), **symbols)


def test_gradients_of_gates():
    assert_proved(
        lambda x: jax.nn.relu(jnp.tanh(x)) * x,
        lambda x: jnp.tanh(jax.nn.relu(x)) * x,
        **X,
    )


OTHER = {
    "sigmoid": (lambda x: jax.nn.sigmoid(x) > 0.5, lambda x: x < 0, X),
    "logarithm of either sign": (lambda x: jnp.log(x) > 0, lambda x: jnp.abs(x) > 1, X),
    "logarithm of its negative": (lambda x: (jnp.log(-x) > 0) & (x < 1), lambda x: (jnp.log(-x) > 0) & (x > 1), X),
    "logarithm of its square": (
        lambda x: (jnp.log(x) > -1) | (jnp.log(x * x) > 0),
        lambda x: (jnp.log(x) > -1) | (x > 1),
        X,
    ),
    "exponentials": (lambda x, y: jnp.exp(x) > jnp.exp(y), lambda x, y: x < y, XY),
    "squares": (lambda x, y: x * x > y * y, lambda x, y: x > y, XY),
    "product": (lambda x, y: x * y > 0, lambda x, y: (x > 0) & (y > 0), XY),
    "not of one sign": (lambda x, y: x * y - 1 > 0, lambda x, y: (x > 0) == (y > 0), XY),
}


@pytest.mark.parametrize("name", OTHER)
def test_a_gate_is_not_another_one(name):
    one, other, symbols = OTHER[name]
    assert_refuted(gate(one), gate(other), **symbols)


def excluded(holds):
    """The other way round: what has no inputs is one of the regions that have."""
    return lambda self, outcomes: not holds(self, outcomes)


def test_outcomes_that_are_excluded_wrongly_are_regions_that_are_not_compared(monkeypatch):
    one, other, symbols = OTHER["product"]
    monkeypatch.setattr(Implication, "holds", excluded(Implication.holds))
    assert proved(gate(one), gate(other), symbols)


def test_of_negative_numbers_an_exponential_of_the_logarithm_says_nothing(monkeypatch):
    one, other, symbols = OTHER["logarithm of its square"]
    monkeypatch.setattr(WorldArithmetic, "_where_positive", lambda self, terms: [])
    assert proved(gate(one), gate(other), symbols)

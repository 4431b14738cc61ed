"""Regions that an inequality between polynomials, exponentials or logarithms leaves without inputs."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted, proved

from gradproof import Interval, Positive, Real, Simplex
from gradproof.worlds import WorldArithmetic
from gradproof.worlds.terms import Excluded

X, A, XY, AB = {"x": Real()}, {"x": Positive()}, {"x": Real(), "y": Real()}, {"x": Positive(), "y": Positive()}
V, W = {"x": Real("2")}, {"x": Real("3"), "y": Real("3")}
P = {"p": Interval(low=0, high=1)}


def guarded(holds):
    """Another number where a comparison holds."""
    return lambda *values: jnp.where(holds(*values), 5.0, jnp.ravel(values[0])[0])


def plain(*values):
    return jnp.ravel(values[0])[0]


def norm(x):
    return jnp.sqrt(x @ x)


NOWHERE = {
    "squares": (lambda x, y: x * x + y * y < 2 * x * y, XY),
    "variance": (lambda x: jnp.mean(x * x) - jnp.mean(x) ** 2 < 0, V),
    "norm": (lambda x: norm(x) < x[0], V),
    "Cauchy and Schwarz": (lambda x, y: (x @ y) ** 2 > (x @ x) * (y @ y), W),
    "cosine": (lambda x, y: x @ y / (norm(x) * norm(y)) > 1, {"x": Real("2"), "y": Real("2")}),
    "means": (lambda x, y: jnp.sqrt(x * y) > (x + y) / 2, AB),
    "number and inverse": (lambda x: x + 1 / x < 2, A),
    "in a ball": (lambda x: (x @ x < 1) & (x[0] > 1), V),
    "Motzkin": (lambda x, y: x**4 * y**2 + x**2 * y**4 + 1 < 3 * x * x * y * y, XY),
    "exponential": (lambda x: jnp.exp(x) < 1 + x, X),
    "logarithm": (lambda x: jnp.log(x) > x - 1, A),
    "softplus": (lambda x: x > jax.nn.softplus(x), X),
    "sign by an exponential": (lambda x, y: (jnp.exp(x) > 1) & (x * y > 0) & (y < 0), XY),
    "entropy": (lambda p: p * jnp.log(p) + (1 - p) * jnp.log(1 - p) > 0, P),
    "divergence": (lambda p, q: jnp.sum(p * jnp.log(p / q)) < 0, {"p": Simplex("2"), "q": Simplex("2")}),
}


@pytest.mark.parametrize("name", NOWHERE)
def test_a_region_without_inputs_is_no_objection(name):
    holds, symbols = NOWHERE[name]
    assert_proved(guarded(holds), plain, **symbols)


SOMEWHERE = {
    "squares": (lambda x, y: x * x + y * y < 2.01 * x * y, XY),
    "variance": (lambda x: jnp.mean(x * x) - 1.01 * jnp.mean(x) ** 2 < 0, V),
    "norm": (lambda x: norm(x) < 1.0001 * x[0], V),
    "Cauchy and Schwarz": (lambda x, y: (x @ y) ** 2 > 0.9 * (x @ x) * (y @ y), W),
    "means": (lambda x, y: jnp.sqrt(x * y) > (x + y) / 2.01, AB),
    "number and inverse": (lambda x: x + 1 / x < 2.001, A),
    "in a ball": (lambda x: (x @ x < 1) & (x[0] > 0.99), V),
    "exponential": (lambda x: jnp.exp(x) < 1 + 1.01 * x, X),
    "logarithm": (lambda x: jnp.log(x) > x - 1.001, A),
    "softplus": (lambda x: x > jax.nn.softplus(x) - 0.001, X),
    "entropy": (lambda p: p * jnp.log(p) + (1 - p) * jnp.log(1 - p) > -0.01, P),
    "root of what may be negative": (lambda x: (jnp.sqrt(x) > 1) | (x < -1), X),
    "circle": (lambda x: (jnp.cos(x) < 0.5) & (jnp.cos(x) > -0.5), X),
}


@pytest.mark.parametrize("name", SOMEWHERE)
def test_a_region_with_inputs_is_one(name):
    holds, symbols = SOMEWHERE[name]
    assert_refuted(guarded(holds), plain, **symbols)


def accepted(name, other=plain):
    holds, symbols = SOMEWHERE[name]
    return proved(guarded(holds), other, symbols)


def test_circular_functions_are_made_of_numbers_that_are_not_real(monkeypatch):
    monkeypatch.setattr(WorldArithmetic, "_of_complex", lambda self, function, a: function(a))
    assert accepted("circle")


def test_a_root_is_no_number_of_which_something_is_said_where_it_has_no_value(monkeypatch):
    monkeypatch.setattr(WorldArithmetic, "can_exclude", property(lambda self: self.pairs.relations))
    assert accepted("root of what may be negative", guarded(lambda x: jnp.sqrt(x) > 1))


def test_an_inequality_that_is_too_sharp_would_prove_what_is_false(monkeypatch):
    said = Excluded._exponential
    monkeypatch.setattr(Excluded, "_exponential", lambda self, v, e: said(self, v * 1.01, e))
    assert accepted("exponential")

"""The exact check decides what is rounded to whole numbers: it varies nowhere, and may vanish in whole regions."""

from fractions import Fraction

import jax.numpy as jnp
import pytest
from exactly import assert_derivative, assert_proved, assert_refuted, assert_undecided, proved
from jax import lax

from gradproof import Positive, Real
from gradproof.worlds import WorldArithmetic

X = {"x": Real()}
XY = {"x": Real(), "y": Real()}

DERIVATIVES = {
    "floor": (lambda x: x * jnp.floor(x), lambda x: 1 * jnp.floor(x), jnp.ceil),
    "ceil": (lambda x: x * jnp.ceil(x), lambda x: jnp.floor(x) + 1, jnp.floor),
    "round": (lambda x: x * jnp.round(x), lambda x: jnp.floor(x + 0.5), jnp.floor),
    "trunc": (lambda x: x * jnp.trunc(x), lambda x: jnp.sign(x) * jnp.floor(jnp.abs(x)), jnp.floor),
    "rem": (lambda x: jnp.fmod(x, 3.0) ** 2, lambda x: 2 * x - 6 * jnp.trunc(x / 3), lambda x: 2 * x),
    "mod": (lambda x: jnp.mod(x, 2.0) ** 2, lambda x: 2 * x - 4 * jnp.floor(x / 2), lambda x: 2 * jnp.fmod(x, 2.0)),
    "//": (lambda x: x * (x // 2.0), lambda x: jnp.floor(x / 2), lambda x: jnp.trunc(x / 2)),
    "how far": (
        lambda x: jnp.abs(x - jnp.round(x)),
        lambda x: jnp.sign(x - jnp.round(x)),
        lambda x: jnp.sign(x - jnp.floor(x)),
    ),
    "logarithm of a part": (
        lambda x: jnp.log(x - jnp.floor(x)),
        lambda x: 1 / (x - jnp.floor(x)),
        lambda x: 1 / (jnp.ceil(x) - x),
    ),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_whole_numbers_vary_nowhere(name):
    function, by_hand, wrong = DERIVATIVES[name]
    assert_derivative(function, by_hand, **X)
    assert_refuted(function, lambda x: x * by_hand(x) + 1, **X)
    assert_refuted(by_hand, lambda x: 1 * wrong(x), **X)


def test_what_is_left_has_a_derivative_by_the_divisor():
    assert_derivative(lambda y, x: lax.rem(x, y), lambda y, x: -jnp.trunc(x / y), y=Real(), x=Real())


IDENTITIES = {
    "ceil - floor": (X, lambda x: jnp.ceil(x) - jnp.floor(x), lambda x: 1 + 0 * x),
    "floor(x + 1)": (X, lambda x: jnp.floor(x + 1), lambda x: jnp.floor(x) + 1),
    "floor(floor x)": (X, lambda x: jnp.floor(jnp.floor(x)), lambda x: 1 * jnp.floor(x)),
    "ceil(floor x)": (X, lambda x: jnp.ceil(jnp.floor(x)), lambda x: 1 * jnp.floor(x)),
    "mod": (XY, jnp.mod, lambda x, y: x - y * jnp.floor(x / y)),
    "//": (XY, lambda x, y: x // y, lambda x, y: jnp.floor(x / y)),
    "a part is positive": (X, lambda x: jnp.abs(x - jnp.floor(x)), lambda x: x - 1 * jnp.floor(x)),
    "of numbers": (
        X,
        lambda x: x * (jnp.round(2.5 + 0 * x) + lax.round(-2.5 + 0 * x) + jnp.floor(-1.5)),
        lambda x: -3 * x,
    ),
    "array": ({"x": Real("n")}, lambda x: jnp.sum(jnp.floor(x) * x), lambda x: jnp.floor(x) @ x),
    "round by a part": (X, jnp.round, lambda x: jnp.floor(x) + (x - jnp.floor(x) > 0.5)),
    "three parts": (
        X,
        lambda x: jnp.floor(x + 1 / 3) + jnp.floor(x + 2 / 3),
        lambda x: 2 * jnp.floor(x) + 1.0 * (x - jnp.floor(x) > 2 / 3) + 1.0 * (x - jnp.floor(x) > 1 / 3),
    ),
    "of half less": (X, lambda x: jnp.floor(0.5 - x) + x, lambda x: x - jnp.floor(x + 0.5)),
    "wave": (X, lambda x: jnp.abs(x - jnp.round(x)), lambda x: jnp.minimum(x - jnp.floor(x), jnp.ceil(x) - x)),
    "phase": (
        X,
        lambda x: jnp.mod(x + 0.25, 1.0),
        lambda x: jnp.where(jnp.mod(x, 1.0) < 0.75, jnp.mod(x, 1.0) + 0.25, jnp.mod(x, 1.0) - 0.75),
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_holds(name):
    symbols, left, right = IDENTITIES[name]
    assert_proved(left, right, **symbols)


FALSE = {
    "floor x = 0": (X, lambda x: jnp.where(jnp.floor(x) == 0, x, 0), lambda x: 0 * x),
    "floor x = floor y": (XY, lambda x, y: jnp.where(jnp.floor(x) == jnp.floor(y), x, 0), lambda x, y: 0 * x),
    "floor x > 0": (X, lambda x: jnp.where(jnp.floor(x) > 0, x, 1), lambda x: jnp.where(jnp.floor(x) >= 0, x, 1)),
    "a quotient of zeros": (X, lambda x: 1 + 0 * x, lambda x: jnp.floor(x) / jnp.floor(x)),
    "ceil of a whole number": (X, lambda x: jnp.ceil(jnp.floor(x)), lambda x: jnp.floor(x) + 1),
    "ceil of half a whole number": (
        X,
        lambda x: jnp.ceil(jnp.floor(x) / 2),
        lambda x: jnp.floor(jnp.floor(x) / 2) + 1,
    ),
    "round of half a whole number": (
        X,
        lambda x: jnp.round(jnp.floor(x) / 2),
        lambda x: jnp.floor(jnp.floor(x) / 2 + 0.5),
    ),
    "the first of equal ones": (
        {"x": Real("3")},
        lambda x: jnp.sum(x) * (jnp.argmax(jnp.floor(x)) + jnp.argmax(jnp.floor(x[::-1]))),
        lambda x: 2 * jnp.sum(x),
    ),
    "round by another part": (X, jnp.round, lambda x: jnp.floor(x) + (x - jnp.floor(x) > 0.49)),
    "of a quarter less": (X, lambda x: jnp.floor(0.5 - x) + x, lambda x: x - jnp.floor(x + 0.25)),
    "wave turned round": (
        X,
        lambda x: jnp.abs(x - jnp.round(x)),
        lambda x: jnp.maximum(x - jnp.floor(x), jnp.ceil(x) - x),
    ),
    "phase": (
        X,
        lambda x: jnp.mod(x + 0.25, 1.0),
        lambda x: jnp.where(jnp.mod(x, 1.0) < 0.75, jnp.mod(x, 1.0) + 0.25, jnp.mod(x, 1.0) - 0.25),
    ),
    "floor of a number": (X, lambda x: x * jnp.floor(jnp.pi + 0 * x), lambda x: 4 * x),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_only_seems_an_identity_is_not_proved(name):
    symbols, left, right = FALSE[name]
    assert_refuted(left, right, quick=True, **symbols)


def test_a_part_of_another_number_would_prove_what_is_false(monkeypatch):
    known = WorldArithmetic._known_part

    def more(self, column):
        found = known(self, column)
        return found and (*found[:2], found[2] + Fraction(int(found[2].denominator > 1), 4))

    def part(x):
        return x - jnp.floor(x)

    monkeypatch.setattr(WorldArithmetic, "_known_part", more)
    assert proved(lambda x: part(x) + jnp.floor(x + 0.5) - x, lambda x: jnp.where(part(x) > 0.25, 0.75, -0.25), X)


OPEN = {
    "floor of twice a number": (
        X,
        lambda x: jnp.floor(x) + jnp.floor(x + 0.5),
        lambda x: jnp.floor(2 * x),
        "whole numbers",
    ),
    "the larger whole number": (
        XY,
        lambda x, y: jnp.maximum(jnp.floor(x), jnp.floor(y)),
        lambda x, y: jnp.where(x > y, jnp.floor(x), jnp.floor(y)),
        "whole numbers",
    ),
    "a number of many digits": (
        X,
        lambda x: (jnp.ceil(1e80 + 0 * x) - jnp.floor(1e80 + 0 * x)) * x,
        lambda x: 1 * x,
        "so many digits",
    ),
    "a root of a whole number": (
        {"x": Positive()},
        lambda x: jnp.sqrt(jnp.floor(x)) ** 2,
        lambda x: jnp.floor(x),
        "a whole number",
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_known_of_whole_numbers_is_left_open(name):
    symbols, left, right, why = OPEN[name]
    assert_undecided(why, left, right, **symbols)

"""The exact check decides inverse circular and hyperbolic functions: derivatives, and what is or seems an identity."""

import jax.numpy as jnp
import pytest
from exactly import assert_derivative, assert_proved, assert_refuted, assert_undecided, slope

from gradproof import Interval, Positive, Real

A = {"x": Positive()}
X = {"x": Real()}
XY = {"x": Real(), "y": Real()}
WITHIN = {"x": Interval(low=-1.0, high=1.0)}

DERIVATIVES = {
    "atan": (jnp.arctan, lambda x: 1 / (1 + x * x)),
    "asin": (jnp.arcsin, lambda x: 1 / jnp.sqrt(1 - x * x)),
    "acos": (jnp.arccos, lambda x: -1 / jnp.sqrt(1 - x * x)),
    "asinh": (jnp.arcsinh, lambda x: 1 / jnp.sqrt(1 + x * x)),
    "acosh": (jnp.arccosh, lambda x: 1 / jnp.sqrt(x * x - 1)),
    "atanh": (jnp.arctanh, lambda x: 1 / (1 - x * x)),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_an_inverse_function_has_its_derivative(name):
    function, by_hand = DERIVATIVES[name]
    assert_derivative(function, by_hand, **X)
    assert_derivative(lambda x: x * function(x), lambda x: function(x) + x * by_hand(x), **X)
    assert_proved(slope(slope(function)), slope(by_hand), **X)
    assert_refuted(slope(function), lambda x: -by_hand(x), **X)


def test_the_angle_of_a_point_has_its_derivatives():
    assert_derivative(jnp.arctan2, lambda y, x: x / (x * x + y * y), y=Real(), x=Real())
    assert_derivative(lambda x, y: jnp.arctan2(y, x), lambda x, y: -y / (x * x + y * y), **XY)
    assert_derivative(lambda t, y: jnp.arctan2(y * t, y), lambda t, y: 1 / (1 + t * t), t=Real(), y=Real())
    assert_refuted(slope(jnp.arctan2), lambda y, x: -x / (x * x + y * y), y=Real(), x=Real())


IDENTITIES = {
    "sin(asin x) = x": (X, lambda x: jnp.sin(jnp.arcsin(x)), lambda x: 1 * x),
    "sin(asin x) = x within its domain": (WITHIN, lambda x: jnp.sin(jnp.arcsin(x)), lambda x: 1 * x),
    "cos(asin x)": (X, lambda x: jnp.cos(jnp.arcsin(x)), lambda x: jnp.sqrt(1 - x * x)),
    "cos(acos x) = x": (X, lambda x: jnp.cos(jnp.arccos(x)), lambda x: 1 * x),
    "sin(acos x)": (X, lambda x: jnp.sin(jnp.arccos(x)), lambda x: jnp.sqrt(1 - x * x)),
    "tan(atan x) = x": (X, lambda x: jnp.tan(jnp.arctan(x)), lambda x: 1 * x),
    "cos(atan x)": (X, lambda x: jnp.cos(jnp.arctan(x)), lambda x: 1 / jnp.sqrt(1 + x * x)),
    "sin(2 atan x)": (X, lambda x: jnp.sin(2 * jnp.arctan(x)), lambda x: 2 * x / (1 + x * x)),
    "sin(x + atan y)": (
        XY,
        lambda x, y: jnp.sin(x + jnp.arctan(y)),
        lambda x, y: (jnp.sin(x) + y * jnp.cos(x)) / jnp.sqrt(1 + y * y),
    ),
    "half an angle": (X, lambda x: 2 * jnp.sin(jnp.arctan(x) / 2), lambda x: jnp.sin(0.5 * jnp.arctan(x)) * 2),
    "atan(-x) = -atan x": (X, lambda x: jnp.arctan(-x), lambda x: -jnp.arctan(x)),
    "acos(-x) = pi - acos x": (X, lambda x: jnp.arccos(-x), lambda x: jnp.pi - jnp.arccos(x)),
    "asin + acos": (X, lambda x: jnp.arcsin(x) + jnp.arccos(x), lambda x: jnp.pi / 2 + 0 * x),
    "asinh as a logarithm": (X, jnp.arcsinh, lambda x: jnp.log(x + jnp.sqrt(x * x + 1))),
    "asinh(-x) = -asinh x": (X, lambda x: jnp.arcsinh(-x), lambda x: -jnp.arcsinh(x)),
    "sinh(asinh x) = x": (X, lambda x: jnp.sinh(jnp.arcsinh(x)), lambda x: 1 * x),
    "acosh as a logarithm": (X, jnp.arccosh, lambda x: jnp.log(x + jnp.sqrt(x * x - 1))),
    "cosh(acosh x) = x": (X, lambda x: jnp.cosh(jnp.arccosh(x)), lambda x: 1 * x),
    "atanh as a logarithm": (X, jnp.arctanh, lambda x: jnp.log((1 + x) / (1 - x)) / 2),
    "atanh as two": (X, jnp.arctanh, lambda x: (jnp.log1p(x) - jnp.log1p(-x)) / 2),
    "atanh(tanh x) = x": (X, lambda x: jnp.arctanh(jnp.tanh(x)), lambda x: 1 * x),
    "tanh(atanh x) = x": (X, lambda x: jnp.tanh(jnp.arctanh(x)), lambda x: 1 * x),
    "atan2 to the right": (
        {"x": Positive(), "y": Real()},
        lambda x, y: jnp.arctan2(y, x),
        lambda x, y: jnp.arctan(y / x),
    ),
    "cos of the angle of a point": (
        {"x": Positive(), "y": Real()},
        lambda x, y: jnp.cos(jnp.arctan2(y, x)),
        lambda x, y: x / jnp.sqrt(x * x + y * y),
    ),
    "sin(x + pi)": (X, lambda x: jnp.sin(x + jnp.pi), lambda x: -jnp.sin(x)),
    "cos(x + pi / 2)": (X, lambda x: jnp.cos(x + jnp.pi / 2), lambda x: -jnp.sin(x)),
    "sin pi": (X, lambda x: jnp.sin(jnp.pi + 0 * x), lambda x: x - x),
    "half a quarter": (X, lambda x: 2 * jnp.sin(x + jnp.pi / 4), lambda x: jnp.sin((4 * x + jnp.pi) / 4) * 2),
    "atan 1": (X, lambda x: x * jnp.arctan(jnp.ones_like(x)), lambda x: x * jnp.pi / 4),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_holds(name):
    symbols, left, right = IDENTITIES[name]
    assert_proved(left, right, **symbols)


FALSE = {
    "atan(tan x) = x": (X, lambda x: jnp.arctan(jnp.tan(x)), lambda x: 1 * x),
    "asin(sin x) = x": (X, lambda x: jnp.arcsin(jnp.sin(x)), lambda x: 1 * x),
    "acos(cos x) = x": (X, lambda x: jnp.arccos(jnp.cos(x)), lambda x: 1 * x),
    "acosh(cosh x) = x": (X, lambda x: jnp.arccosh(jnp.cosh(x)), lambda x: 1 * x),
    "atan x + atan 1/x": (X, lambda x: jnp.arctan(x) + jnp.arctan(1 / x), lambda x: jnp.pi / 2 + 0 * x),
    "2 atan x": (X, lambda x: 2 * jnp.arctan(x), lambda x: jnp.arctan(2 * x / (1 - x * x))),
    "atan2 everywhere": (XY, lambda x, y: jnp.arctan2(y, x), lambda x, y: jnp.arctan(y / x)),
    "atan2 turned": (XY, lambda x, y: jnp.arctan2(y, x), lambda x, y: jnp.pi / 2 - jnp.arctan2(x, y)),
    "sin(acos x) = x": (X, lambda x: jnp.sin(jnp.arccos(x)), lambda x: 1 * x),
    "acos(-x) = -acos x": (X, lambda x: jnp.arccos(-x), lambda x: -jnp.arccos(x)),
    "asinh with another sign": (X, jnp.arcsinh, lambda x: jnp.log(x + jnp.sqrt(x * x - 1))),
    "a value beyond the domain": (X, lambda x: 1 * x, lambda x: jnp.sin(jnp.arcsin(x))),
    "atanh without the half": (X, jnp.arctanh, lambda x: jnp.log((1 + x) / (1 - x))),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_only_seems_an_identity_is_refuted(name):
    symbols, left, right = FALSE[name]
    assert_refuted(left, right, **symbols)


OPEN = {
    "atan x + atan 1/x": (A, lambda x: jnp.arctan(x) + jnp.arctan(1 / x), lambda x: jnp.pi / 2 + 0 * x),
    "that they are equal": (
        A,
        lambda x: jnp.where(jnp.arctan(x) + jnp.arctan(1 / x) == jnp.pi / 2, x, 0),
        lambda x: 0 * x,
    ),
    "that one is larger": (
        A,
        lambda x: jnp.maximum(jnp.sign(jnp.arctan(x) + jnp.arctan(1 / x) - jnp.pi / 2), 0) * x,
        lambda x: (jnp.sign(jnp.arctan(x) + jnp.arctan(1 / x) - jnp.pi / 2) + 1) / 2 * x,
    ),
    "cos(pi / 3)": (X, lambda x: jnp.where(jnp.cos(jnp.pi / 3 + 0 * x) == 0.5, x, 0), lambda x: 0 * x),
    "the angle of a number": (X, lambda x: jnp.arctan2(0 * x, x), lambda x: jnp.where(x > 0, 0, jnp.pi)),
    "the arc tangent of infinity": (X, lambda x: x * jnp.arctan(jnp.inf + 0 * x), lambda x: x * jnp.pi / 2),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_known_of_angles_is_left_open(name):
    symbols, left, right = OPEN[name]
    assert_undecided("", left, right, **symbols)

"""The exact check decides functions of numbers: primitives with their derivatives, and identities."""

import math
import re

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_derivative, assert_proved
from jax import lax

from gradproof import Positive, Real


def uses(function, primitive):
    """Whether the primitive is in the function's program."""
    return re.search(rf" {primitive}(\[| )", str(jax.make_jaxpr(function)(1.0))) is not None


def sigma(z):
    return 1 / (1 + jnp.exp(-z))


# Functions of one number. The key is the primitive, then what sets the case apart.

ELEMENTWISE = {
    "add": (lambda x: x + x * x, lambda x: 1 + 2 * x),
    "sub": (lambda x: x * x - x, lambda x: 2 * x - 1),
    "mul": (lambda x: x * (x + 1), lambda x: 2 * x + 1),
    "div": (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
    "neg": (lambda x: -(x * x), lambda x: -2 * x),
    "square": (lambda x: lax.square(x), lambda x: x + x),
    "integer_pow": (lambda x: x**5, lambda x: 5 * x * x * x * x),
    "integer_pow negative": (lambda x: x**-3, lambda x: -3 / (x * x * x * x)),
    "pow integer": (lambda x: lax.pow(x, 3), lambda x: 3 * x * x),
    "exp": (jnp.exp, jnp.exp),
    "expm1": (jnp.expm1, jnp.exp),
    "logistic": (lax.logistic, lambda x: jnp.exp(-x) / (1 + jnp.exp(-x)) ** 2),
    "tanh": (jnp.tanh, lambda x: 4 / (jnp.exp(x) + jnp.exp(-x)) ** 2),
    "sinh": (jnp.sinh, lambda x: (jnp.exp(x) + jnp.exp(-x)) / 2),
    "cosh": (jnp.cosh, lambda x: (jnp.exp(x) - jnp.exp(-x)) / 2),
    "sin": (jnp.sin, jnp.cos),
    "cos": (jnp.cos, lambda x: -jnp.sin(x)),
    "tan": (jnp.tan, lambda x: 1 + jnp.sin(x) ** 2 / jnp.cos(x) ** 2),
    "erf": (lax.erf, lambda x: 2 / jnp.sqrt(jnp.pi) * jnp.exp(-x * x)),
    "erfc": (lax.erfc, lambda x: -2 / jnp.sqrt(jnp.pi) * jnp.exp(-x * x)),
    "erf_inv": (lax.erf_inv, lambda x: jnp.sqrt(jnp.pi) / 2 * jnp.exp(lax.erf_inv(x) ** 2)),
    "cbrt": (jnp.cbrt, lambda x: 1 / (3 * jnp.cbrt(x) ** 2)),
    "max": (lambda x: jnp.maximum(x, 2) * x, lambda x: jnp.where(x > 2, 2 * x, 2)),
    "min": (lambda x: jnp.minimum(x, 2) * x, lambda x: jnp.where(x < 2, 2 * x, 2)),
    "abs": (jnp.abs, lambda x: jnp.where(x > 0, 1.0, -1.0)),
    "sign": (lambda x: jnp.sign(x) * x, lambda x: jnp.where(x > 0, 1.0, -1.0)),
    "clamp": (lambda x: lax.clamp(-1.0, x, 2.0), lambda x: jnp.where(jnp.abs(x - 0.5) < 1.5, 1.0, 0.0)),
    "gt": (lambda x: jnp.where(x > 1, x * x, x), lambda x: jnp.where(x > 1, 2 * x, 1)),
    "ge": (lambda x: jnp.where(x >= 1, x * x, x), lambda x: jnp.where(x > 1, 2 * x, 1)),
    "lt": (lambda x: jnp.where(x < 1, x * x, x), lambda x: jnp.where(x > 1, 1, 2 * x)),
    "le": (lambda x: jnp.where(x <= 1, x * x, x), lambda x: jnp.where(x > 1, 1, 2 * x)),
    "eq": (lambda x: jnp.where(x == 1, 7, x * x), lambda x: 2 * x),
    "ne": (lambda x: jnp.where(x != 1, x * x, 7), lambda x: 2 * x),
    "and": (lambda x: jnp.where((x > 0) & (x < 1), x * x, x), lambda x: jnp.where(jnp.abs(x - 0.5) < 0.5, 2 * x, 1)),
    "or": (lambda x: jnp.where((x < 0) | (x > 1), x, x * x), lambda x: jnp.where(jnp.abs(x - 0.5) < 0.5, 2 * x, 1)),
    "not": (lambda x: jnp.where(~(x > 1), x, x * x), lambda x: jnp.where(x > 1, 2 * x, 1)),
    "is_finite": (lambda x: jnp.where(jnp.isfinite(x), x * x, 0), lambda x: 2 * x),
    "convert_element_type": (lambda x: (x > 0).astype(x.dtype) * x, lambda x: jnp.where(x > 0, 1.0, 0.0)),
    "reduce_precision": (lambda x: lax.reduce_precision(x, 8, 7) * x, lambda x: 2 * x),
    "optimization_barrier": (lambda x: lax.optimization_barrier(x) * x, lambda x: 2 * x),
}

POSITIVE = {
    "sqrt": (jnp.sqrt, lambda x: 1 / (2 * jnp.sqrt(x))),
    "rsqrt": (lax.rsqrt, lambda x: -1 / (2 * x * jnp.sqrt(x))),
    "pow fraction": (lambda x: x**2.5, lambda x: 2.5 * x * jnp.sqrt(x)),
    "pow tenths": (lambda x: x**0.3, lambda x: 0.3 * jnp.exp(-0.7 * jnp.log(x))),
    "pow itself": (lambda x: x**x, lambda x: jnp.exp(x * jnp.log(x)) * (1 + jnp.log(x))),
    "log": (jnp.log, lambda x: 1 / x),
    "log1p": (jnp.log1p, lambda x: 1 / (1 + x)),
}


@pytest.mark.parametrize("name", [*ELEMENTWISE, *POSITIVE])
def test_a_function_of_a_number_has_its_derivative(name):
    function, by_hand = {**ELEMENTWISE, **POSITIVE}[name]
    assert uses(function, name.split()[0])
    assert_derivative(function, by_hand, x=Positive() if name in POSITIVE else Real())


def test_a_function_of_several_numbers_has_its_derivative():
    assert_derivative(lambda b, a: a**b, lambda b, a: a**b * jnp.log(a), b=Real(), a=Positive())
    assert_derivative(
        lambda x, y: jnp.maximum(x, y) * jnp.minimum(x, y) * x, lambda x, y: 2 * x * y, x=Real(), y=Real()
    )


# Identities between functions.

A = {"a": Positive()}
AB = {"a": Positive(), "b": Positive()}
X = {"x": Real()}
XY = {"x": Real(), "y": Real()}


def nested(depth):
    def exponentials(x):
        for _ in range(depth):
            x = jnp.exp(x)
        return x

    return exponentials


IDENTITIES = {
    "exp(log a) = a": (A, lambda a: jnp.exp(jnp.log(a)), lambda a: a),
    "log(exp x) = x": (X, lambda x: jnp.log(jnp.exp(x)), lambda x: x),
    "log(a b) = log a + log b": (AB, lambda a, b: jnp.log(a * b), lambda a, b: jnp.log(a) + jnp.log(b)),
    "log(a / b) = log a - log b": (AB, lambda a, b: jnp.log(a / b), lambda a, b: jnp.log(a) - jnp.log(b)),
    "log(a^3) = 3 log a": (A, lambda a: jnp.log(a**3), lambda a: 3 * jnp.log(a)),
    "exp(x + y) = exp x exp y": (XY, lambda x, y: jnp.exp(x + y), lambda x, y: jnp.exp(x) * jnp.exp(y)),
    "sqrt(a b) = sqrt a sqrt b": (AB, lambda a, b: jnp.sqrt(a * b), lambda a, b: jnp.sqrt(a) * jnp.sqrt(b)),
    "sqrt 1682 = 29 sqrt 2": (X, lambda x: math.sqrt(1682) * x, lambda x: math.sqrt(2) * x * 29),
    "sqrt(21 / 50) = sqrt 42 / 10": (X, lambda x: x * jnp.sqrt(21 / 50), lambda x: jnp.sqrt(42.0) / 10 * x),
    "1 / sqrt 12 = sqrt 3 / 6": (X, lambda x: x * lax.rsqrt(12.0), lambda x: jnp.sqrt(3.0) / 6 * x),
    "sqrt(x^2) = |x|": (X, lambda x: jnp.sqrt(x**2), jnp.abs),
    "a^(1/3) = exp(log a / 3)": (A, lambda a: a ** (1 / 3), lambda a: jnp.exp(jnp.log(a) / 3)),
    "cbrt(x)^3 = x": (X, lambda x: jnp.cbrt(x) ** 3, lambda x: x),
    "rsqrt(a) sqrt(a) = 1": (A, lambda a: lax.rsqrt(a) * jnp.sqrt(a), lambda a: a / a),
    "sin^2 + cos^2 = 1": (X, lambda x: jnp.sin(x) ** 2 + jnp.cos(x) ** 2, lambda x: 1 + 0 * x),
    "sin(x + y)": (XY, lambda x, y: jnp.sin(x + y), lambda x, y: jnp.sin(x) * jnp.cos(y) + jnp.cos(x) * jnp.sin(y)),
    "tanh(x) = 2 sigma(2 x) - 1": (X, jnp.tanh, lambda x: 2 * sigma(2 * x) - 1),
    "sigma(-x) = 1 - sigma(x)": (X, lambda x: lax.logistic(-x), lambda x: 1 - lax.logistic(x)),
    "log1p(expm1 x) = x": (X, lambda x: jnp.log1p(jnp.expm1(x)), lambda x: x),
    "erf(erf_inv x) = x": (X, lambda x: lax.erf(lax.erf_inv(x)), lambda x: 1 * x),
    "erf_inv(erf x) = x": (X, lambda x: -lax.erf_inv(lax.erf(-x)), lambda x: 1 * x),
    "erf(-x) = -erf(x)": (X, lambda x: lax.erf(-x), lambda x: -lax.erf(x)),
    "erf + erfc = 1": (X, lambda x: lax.erf(x) + lax.erfc(x), lambda x: 1 + 0 * x),
    "max(x, y) = (x + y + |x - y|) / 2": (XY, jnp.maximum, lambda x, y: (x + y + jnp.abs(x - y)) / 2),
    "max + min = x + y": (XY, lambda x, y: jnp.maximum(x, y) + jnp.minimum(x, y), lambda x, y: x + y),
    "x sign x = |x|": (X, lambda x: x * jnp.sign(x), jnp.abs),
    "exponentials in one another": (X, nested(6), lambda x: nested(5)(jnp.exp(x / 2) ** 2)),
    "clamp x": (X, lambda x: lax.clamp(-1.0, x, 1.0), lambda x: (jnp.abs(x + 1) - jnp.abs(x - 1)) / 2),
    "log(1 + e^x)": (
        X,
        lambda x: jnp.log1p(jnp.exp(x)),
        lambda x: jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-jnp.abs(x))),
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_holds(name):
    symbols, left, right = IDENTITIES[name]
    assert_proved(left, right, **symbols)

"""The exact check knows of the gamma function how its derivatives follow from each other."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_derivative, assert_proved, assert_refuted, assert_undecided, slope
from jax import lax
from jax.scipy import special

from gradproof import Binary, Interval, Positive, Real, derivative

A = {"x": Positive()}
X = {"x": Real()}


def test_each_function_is_the_derivative_of_the_one_before():
    assert_derivative(lax.lgamma, lambda x: 1 * lax.digamma(x), **X)
    assert_derivative(lax.digamma, lambda x: special.polygamma(1, x), **X)
    assert_derivative(lambda x: special.polygamma(2, x), lambda x: special.polygamma(3, x), **X)
    assert_proved(slope(slope(lambda x: lax.lgamma(x * x))), slope(lambda x: 2 * x * lax.digamma(x * x)), **X)
    assert_refuted(slope(lax.lgamma), lambda x: special.polygamma(1, x), **A)
    assert_refuted(slope(lax.digamma), lambda x: -special.polygamma(1, x), **A)


def test_losses_made_of_it_have_their_gradients():
    def beta(a, b):
        return lax.lgamma(a) + lax.lgamma(b) - lax.lgamma(a + b)

    assert_derivative(beta, lambda a, b: lax.digamma(a) - lax.digamma(a + b), a=Positive(), b=Positive())
    assert_derivative(
        lambda alpha: lax.lgamma(jnp.sum(alpha)) - jnp.sum(lax.lgamma(alpha)),
        lambda alpha: lax.digamma(jnp.sum(alpha)) - lax.digamma(alpha),
        alpha=Positive("n"),
    )
    assert_refuted(
        lambda alpha: derivative(lambda alpha: lax.lgamma(jnp.sum(alpha)) - jnp.sum(lax.lgamma(alpha)), alpha),
        lambda alpha: lax.digamma(jnp.sum(alpha)) + lax.digamma(alpha),
        alpha=Positive("n"),
    )


def test_signs_of_derivatives_are_known():
    assert_proved(lambda x: jnp.abs(special.polygamma(1, x)), lambda x: special.polygamma(1, 2 * x - x), **X)
    assert_proved(lambda x: jnp.abs(special.polygamma(2, x)), lambda x: -special.polygamma(2, x), **A)
    assert_refuted(lambda x: jnp.abs(special.polygamma(2, x)), lambda x: -special.polygamma(2, x), **X)
    assert_refuted(lambda x: jnp.abs(lax.lgamma(x)), lambda x: 1 * lax.lgamma(x), **A)


RECURRENCES = {
    "lgamma": (lambda x: lax.lgamma(x + 1), lambda x: lax.lgamma(x) + jnp.log(x), A),
    "lgamma, the larger argument last": (lambda x: lax.lgamma(x) + jnp.log(x), lambda x: lax.lgamma(x + 1), A),
    "of real numbers": (lambda x: lax.lgamma(x + 1), lambda x: lax.lgamma(x) + jnp.log(jnp.abs(x)), X),
    "several steps": (lambda x: lax.lgamma(x + 3) - lax.lgamma(x), lambda x: jnp.log(x * (x + 1) * (x + 2)), A),
    "digamma": (lambda x: lax.digamma(x + 1), lambda x: lax.digamma(x) + 1 / x, X),
    "trigamma": (lambda x: special.polygamma(1, x + 1), lambda x: special.polygamma(1, x) - 1 / x**2, X),
    "the next one": (lambda x: special.polygamma(2, x + 1), lambda x: special.polygamma(2, x) + 2 / x**3, X),
    "of a number": (lambda x: x * lax.lgamma(5.0), lambda x: x * jnp.log(24.0), X),
    "another one in each region": (
        lambda x: lax.lgamma(jnp.where(x > 1, x + 1, x + 2)),
        lambda x: lax.lgamma(x) + jnp.log(x) + jnp.where(x > 1, 0.0, jnp.log(x + 1)),
        A,
    ),
    "at labels": (lambda x, y: lax.lgamma(x + y) - lax.lgamma(x), lambda x, y: y * jnp.log(x), A | {"y": Binary()}),
}


@pytest.mark.parametrize("name", RECURRENCES)
def test_arguments_that_differ_by_whole_numbers(name):
    one, other, symbols = RECURRENCES[name]
    assert_proved(one, other, **symbols)


OTHERS = {
    "another logarithm": (lambda x: lax.lgamma(x + 1), lambda x: lax.lgamma(x) + jnp.log(x + 1)),
    "half a step": (lambda x: lax.lgamma(x + 0.5), lambda x: lax.lgamma(x) + jnp.log(x) / 2),
    "digamma": (lambda x: lax.digamma(x + 1), lambda x: lax.digamma(x) - 1 / x),
    "trigamma": (lambda x: special.polygamma(1, x + 1), lambda x: special.polygamma(1, x) + 1 / x**2),
    "the next one": (lambda x: special.polygamma(2, x + 1), lambda x: special.polygamma(2, x) - 2 / x**3),
    "of a number": (lambda x: x * lax.lgamma(5.0), lambda x: x * jnp.log(120.0)),
    "the other region": (
        lambda x: lax.lgamma(jnp.where(x > 1, x + 1, x + 2)),
        lambda x: lax.lgamma(x) + jnp.log(x) + jnp.where(x < 1, 0.0, jnp.log(x + 1)),
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_differs_by_something_else(name):
    assert_refuted(*OTHERS[name], **A)


OPEN = {
    "reflection": lambda x: (lax.digamma(1 - x) - lax.digamma(x), jnp.pi / jnp.tan(jnp.pi * x)),
    "duplication": lambda x: (
        lax.lgamma(2 * x) + jnp.log(jnp.pi) / 2,
        lax.lgamma(x) + lax.lgamma(x + 0.5) + (2 * x - 1) * jnp.log(2.0),
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_known_of_it_is_left_open(name):
    symbols = {"x": Interval(low=0, high=1)}
    assert_undecided("", lambda x: OPEN[name](x)[0], lambda x: OPEN[name](x)[1], **symbols)
    assert_undecided("", lambda x: jnp.where(jnp.equal(*OPEN[name](x)), x, 0), lambda x: 0 * x, **symbols)
    assert_refuted(lambda x: OPEN[name](x)[0], lambda x: OPEN[name](x)[1] + jax.nn.relu(x - 0.5), **symbols)

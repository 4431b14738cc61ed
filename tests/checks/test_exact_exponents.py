"""Exponents that no count of terms can decide, in the exact check."""

import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted, assert_undecided

from gradproof import Real


def large(x, y):
    """A quotient with more terms than any bound can have factors."""
    return (1 + x + y) ** 400 / (2 + x - y) ** 400


LARGE_EXPONENTS = {
    "shift": (
        lambda x, y: jnp.exp(x - large(x, y)) / (jnp.exp(x - large(x, y)) + jnp.exp(y - large(x, y))),
        lambda x, y: 1 / (1 + jnp.exp(y - x)),
    ),
    "product": (lambda x, y: jnp.exp(large(x, y)) ** 3, lambda x, y: jnp.exp(3 * large(x, y))),
    "split": (
        lambda x, y: jnp.exp(large(x, y) + x) * jnp.exp(large(x, y) - x),
        lambda x, y: jnp.exp(2 * large(x, y)),
    ),
    "large relation": (lambda x, y: jnp.exp(large(x, y)) ** 100, lambda x, y: jnp.exp(100 * large(x, y))),
    "logarithm": (
        lambda x, y: jnp.exp(large(x, y) + jnp.log(1 + x * x)),
        lambda x, y: jnp.exp(large(x, y)) * (1 + x * x),
    ),
}


@pytest.mark.parametrize("name", LARGE_EXPONENTS)
def test_claims_with_large_exponents_are_proved(name):
    assert_proved(*LARGE_EXPONENTS[name], x=Real(), y=Real())


def test_a_small_change_of_a_large_exponent_is_not_missed():
    """By less than high precision shows it is not refuted, but it is not proved."""

    def changed(by):
        return lambda x, y: jnp.exp(large(x, y)), lambda x, y: jnp.exp(large(x, y) + by)

    assert_refuted(*changed(1e-30), x=Real(), y=Real())
    assert_undecided("no inputs were found at which they differ", *changed(1e-300), x=Real(), y=Real())


def power(inner, outer):
    return lambda x: ((x / (1 + x * x)) ** inner) ** outer


def powers(exponent):
    """Of a degree as large as the square of the exponent: equal ones, and one that is not."""
    return power(exponent, exponent), power(exponent // 2, 2 * exponent), power(exponent // 2, 2 * exponent + 1)


def test_large_degrees_have_more_draws():
    few, many = (assert_proved(*powers(exponent)[:2], x=Real()).draws for exponent in (10, 2000))
    assert many > few
    assert_refuted(*powers(2000)[::2], x=Real())


def test_degrees_may_be_too_large_for_any_bound():
    assert_undecided("degrees are too large for a bound", *powers(100_000)[:2], x=Real())

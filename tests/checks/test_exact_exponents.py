"""Exponents that no count of terms can decide, in the exact check."""

import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted

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


def test_a_small_change_of_a_large_exponent_is_refuted():
    assert_refuted(lambda x, y: jnp.exp(large(x, y)), lambda x, y: jnp.exp(large(x, y) + 1e-300), x=Real(), y=Real())


def power(inner, outer):
    return lambda x: ((x / (1 + x * x)) ** inner) ** outer


@pytest.mark.parametrize(("exponent", "least"), [(10_000, 41), (100_000, 200)], ids=["more towers", "wider towers"])
def test_large_degrees_have_more_draws(exponent, least):
    right, wrong = (power(exponent // 2, 2 * exponent + extra) for extra in (0, 1))
    assert assert_proved(power(exponent, exponent), right, x=Real()).draws >= least
    assert_refuted(power(exponent, exponent), wrong, x=Real())

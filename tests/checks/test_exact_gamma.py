"""The exact check knows of the gamma function how its derivatives follow from each other."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_derivative, assert_proved, assert_refuted, assert_undecided, slope
from jax import lax
from jax.scipy import special

from gradproof import Positive, Real, derivative

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


OPEN = {
    "functional equation": lambda x: (lax.lgamma(x + 1), lax.lgamma(x) + jnp.log(x)),
    "of digamma": lambda x: (lax.digamma(x + 1), lax.digamma(x) + 1 / x),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_known_of_it_is_left_open(name):
    assert_undecided("", lambda x: OPEN[name](x)[0], lambda x: OPEN[name](x)[1], **A)
    assert_undecided("", lambda x: jnp.where(jnp.equal(*OPEN[name](x)), x, 0), lambda x: 0 * x, **A)
    assert_refuted(lambda x: OPEN[name](x)[0], lambda x: OPEN[name](x)[1] + jax.nn.relu(x - 1), **A)

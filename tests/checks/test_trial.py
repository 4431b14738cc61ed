"""What no exact rule covers is compared on the machine: tested, which is no proof, or refuted."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradproof import check, verify
from gradproof.claims.words import explain

X = (np.ones(3),)


def through(function):
    """A loss that applies it, and its gradient."""

    def loss(x):
        return jnp.sum(function(x))

    return loss, jax.grad(loss)


def callback(x):
    """Of which nothing is known at all."""
    return jax.pure_callback(np.sin, jax.ShapeDtypeStruct(x.shape, x.dtype), x, vmap_method="legacy_vectorized")


opaque = jax.custom_jvp(callback)
opaque.defjvps(lambda t, value, x: t * jnp.cos(x))

FUNCTIONS = {
    "bessel": jax.lax.bessel_i1e,
    "callback": opaque,
    "two": lambda x: jax.lax.bessel_i0e(x) * x,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_right_gradient_is_tested_and_no_pass(name):
    loss, gradient = through(FUNCTIONS[name])
    verdict = check(loss, gradient, X)
    assert (verdict.verdict, bool(verdict)) == ("tested", False)
    assert "on the machine the sides agree at 8 inputs" in verdict.why
    assert check(loss, gradient, X, accept=["tested"])


WRONG = {
    "sign": lambda g, x: -g,
    "factor": lambda g, x: 2 * g,
    "a thousandth": lambda g, x: 1.001 * g,
    "offset": lambda g, x: g + 0.1,
    "one entry": lambda g, x: g.at[-1].mul(3),
    "another": lambda g, x: jnp.tanh(x),
    "zero": lambda g, x: 0 * g,
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_wrong_gradient_is_refuted_whatever_it_is_made_of(name, wrong):
    loss, gradient = through(FUNCTIONS[name])
    verdict = check(loss, lambda x: WRONG[wrong](gradient(x), x), X)
    assert verdict.verdict == "refuted", verdict.why
    assert "expected" in explain(verdict)


def test_agreement_of_few_digits_says_nothing():
    loss, gradient = through(jax.lax.bessel_i1e)
    verdict = check(loss, lambda x: gradient(x) * (1 + 1e-5), X)
    assert verdict.verdict == "undecided"
    assert not check(loss, lambda x: gradient(x) * (1 + 1e-5), X, accept=["tested"])


def test_what_vanishes_on_both_sides_is_not_tested():
    def loss(x):
        return jnp.sum(jax.lax.bessel_i1e(jax.lax.stop_gradient(x)))

    assert check(loss, lambda x: 0 * x, X).verdict in ("undecided", "refuted")


def test_digits_are_counted_in_the_format_that_is_computed_in():
    def low(x):
        return jax.lax.bessel_i1e(x.astype(jnp.bfloat16)).astype(x.dtype)

    loss, gradient = through(low)
    assert check(loss, gradient, X).verdict in ("tested", "undecided")
    assert check(loss, lambda x: 4 * gradient(x), X).verdict == "refuted"


def test_what_says_nothing_is_not_tested_either():
    loss, _ = through(jnp.sin)
    claim = check(loss, jnp.cos, X).claim
    assert verify(claim).verdict == "proved"
    same = check(lambda x: jax.lax.bessel_i1e(x) * 0, lambda x: 0 * x, (1.0,))
    assert same.verdict != "tested"


def test_what_rounding_leaves_of_zero_is_no_difference():
    verdict = check(lambda B: jnp.sum(jnp.linalg.eigvalsh(B + B.T)) - 2 * jnp.trace(B), lambda B: 0 * B, (np.eye(2),))
    assert verdict.verdict in ("undecided", "tested"), verdict.why

"""Functions that JAX makes of a series are what they are called, and their derivatives those of the function."""

import jax
import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Real, derivative, verify

log_ndtr, ndtr = jax.scipy.special.log_ndtr, jax.scipy.special.ndtr


def density(z):
    return jnp.exp(-(z**2) / 2 - jnp.log(2 * jnp.pi) / 2)


PROBIT = {
    "right": (lambda z: density(z) / ndtr(z), "proved"),
    "in logarithms": (lambda z: jnp.exp(-(z**2) / 2 - jnp.log(2 * jnp.pi) / 2 - log_ndtr(z)), "proved"),
    "of the other tail": (lambda z: density(z) / ndtr(-z), "refuted"),
    "without the density": (lambda z: 1 / ndtr(z), "refuted"),
    "wrong far out": (lambda z: jnp.where(z < -25, -z, density(z) / ndtr(z)), "refuted"),
}


@pytest.mark.parametrize("name", PROBIT)
def test_the_logarithm_of_the_normal_distribution_is_known_by_its_name(name):
    by_hand, expected = PROBIT[name]
    claim = stated(lambda z: derivative(lambda z: jnp.sum(log_ndtr(z)), z), by_hand, z=Real("n"))
    verdict = verify(claim, quick=True)
    assert verdict.verdict == expected, verdict.why


def test_a_function_of_the_same_name_is_the_users():
    @jax.custom_jvp
    def log_ndtr(z):
        return z**3

    log_ndtr.defjvp(lambda p, t: (log_ndtr(*p), 3 * p[0] ** 2 * t[0]))
    claim = stated(lambda z: derivative(lambda z: jnp.sum(log_ndtr(z)), z), lambda z: 3 * z**2, z=Real("n"))
    assert verify(claim, quick=True).verdict == "proved"


@pytest.mark.parametrize(("number", "expected"), [(0.0, "proved"), (0.5, "refuted")])
def test_the_complement_of_erf_is_positive(number, expected):
    claim = stated(lambda z: jnp.where(jax.lax.erfc(z) > number, z, 0.0), lambda z: 2 * z / 2, z=Real("n"))
    assert verify(claim, quick=True).verdict == expected

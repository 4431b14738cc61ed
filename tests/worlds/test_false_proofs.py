"""False claims that were proved once, each by a mistake in the argument of its own."""

import jax
import jax.numpy as jnp
import pytest
from jax.scipy.special import digamma, erfinv, gammaln
from stated import stated

from gradproof import Real
from gradproof.checks import Study
from gradproof.errors import Undecided
from gradproof.worlds import compare

X, XY = {"x": Real()}, {"x": Real(), "y": Real()}


def proved(one, other, symbols):
    claim = stated(one, other, **symbols)
    try:
        return compare([Study(claim).program({}, "dual")], claim, {}).proved
    except Undecided:
        return False


def gate(one, other):
    """What is chosen by a number that is zero, as one of its signs: a third one is right, and none is chosen here."""

    def gap(x):
        return one(x) - other(x)

    return lambda x: jnp.where(gap(x) > 0, x, jnp.where(gap(x) < 0, x, 2 * x))


def nothing(x, value):
    """Zero, if the value is a number."""
    return x + value - value


FALSE = {
    # Atoms that are not needed together share a colour, and say nothing of each other.
    "absolute value behind another gate": (
        lambda x, y: (jax.nn.relu(y), jnp.abs(jnp.where(x > 0, y, 1.0))),
        lambda x, y: (jax.nn.relu(y), jnp.where(x > 0, y, 1.0)),
        XY,
    ),
    "divided by what is positive behind another gate": (
        lambda x, y: (_positive_whole(x), jax.nn.relu(y), 1 + 0 * x),
        lambda x, y: (_positive_whole(x), jax.nn.relu(y), _over_itself(jnp.where(y > 0, jnp.floor(x), 1.0))),
        XY,
    ),
    # Of infinity there is no residue.
    "one over infinity": (lambda x: 1 / x, lambda x: 1 / (jnp.inf + x), X),
    "one over infinity by a logarithm": (lambda x: 1 / x, lambda x: 1 / (x - jnp.log(x - x)), X),
    # Poles that are met formally.
    "gamma at zero": (
        lambda x: jnp.where(x > 9, jnp.exp(-gammaln(x - x)), x),
        lambda x: jnp.where(x > 9, 5.0, x),
        X,
    ),
    "gamma at a negative whole number": (lambda x: 1 * x, lambda x: nothing(x, gammaln(jnp.float64(-1.0))), X),
    "gamma at whole numbers": (lambda x: 2 * x, lambda x: x + nothing(x, gammaln(jnp.floor(x))), X),
    "digamma at a negative whole number": (lambda x: 1 * x, lambda x: x + 0 * digamma(jnp.float64(-2.0)), X),
    "the inverse of erf at one": (lambda x: 1 * x, lambda x: nothing(x, erfinv(x - x + 1)), X),
    # Powers of negative numbers, if the exponent is whole.
    "powers of a negative number": (
        lambda x: jnp.stack([2 * x, (-2.0) ** jnp.floor(x)]),
        lambda x: jnp.stack([x + x, 7.0]),
        X,
    ),
    "powers to what is rounded": (
        lambda x, y: x ** jnp.round(y),
        lambda x, y: jnp.where(x > 0, x ** jnp.round(y), 7.0),
        XY,
    ),
    "powers to what is whole in a region": (
        lambda x, y: x ** jnp.where(y > 0, 2.0, y),
        lambda x, y: jnp.where(x > 0, x ** jnp.where(y > 0, 2.0, y), 7.0),
        XY,
    ),
    "powers of minus infinity": (
        lambda x: jnp.where(x > 9, (-jnp.inf + 0 * x) ** -0.5, x),
        lambda x: jnp.where(x > 9, 7.0, x),
        X,
    ),
    # Indices out of bounds.
    "taken from outside": (lambda x: x[0], lambda x: x[0] + jnp.take(x, 7), {"x": Real("3")}),
    "filled from outside": (
        lambda x: x.at[jnp.array([7, 0])].get(mode="fill", fill_value=3.0),
        lambda x: jnp.stack([0 * x[0], x[0]]),
        {"x": Real("3")},
    ),
    "whole numbers filled from outside": (
        lambda x: x * jnp.arange(3).at[jnp.array([7, 0])].get(mode="fill", fill_value=0),
        lambda x: x * jnp.array([-1, 0]),
        {"x": Real("2")},
    ),
    # Numbers that are zero by relations that are not looked for.
    "logarithms of powers of pi": (
        gate(lambda x: jnp.log(jnp.pi**2 + 0 * x), lambda x: 2 * jnp.log(jnp.pi + 0 * x)),
        lambda x: 1 * x,
        X,
    ),
    "logarithms of powers of a root": (
        gate(lambda x: jnp.log(3 + 2 * jnp.sqrt(2.0 + 0 * x)), lambda x: 2 * jnp.log(1 + jnp.sqrt(2.0 + 0 * x))),
        lambda x: 1 * x,
        X,
    ),
    "large coefficients of logarithms": (
        gate(lambda x: jnp.log(x**1500), lambda x: 1500 * jnp.log(x)),
        lambda x: 1 * x,
        X,
    ),
    "large powers of exponentials": (
        gate(lambda x: jnp.exp(1500 * x), lambda x: jnp.exp(x) ** 1500),
        lambda x: 1 * x,
        X,
    ),
    "exponents of many digits": (
        gate(lambda x: jnp.exp(1.0001 * x), lambda x: jnp.exp(x) * jnp.exp(0.0001 * x)),
        lambda x: 1 * x,
        X,
    ),
}


def _positive_whole(x):
    whole = jnp.where(jnp.floor(x) > 0, jnp.floor(x), 1.0)
    return whole + whole


def _over_itself(x):
    return x / x


@pytest.mark.parametrize("name", FALSE)
def test_it_is_not_proved(name):
    assert not proved(*FALSE[name])


def test_logarithms_of_numbers_with_pi_and_roots_are_known():
    """As those of normal densities are."""

    def density(x):
        return jnp.where(x > 0, -(x**2) / 2 - jnp.log(2 * jnp.pi) / 2, jnp.log(jnp.sqrt(8 * jnp.pi)))

    def by_hand(x):
        return jnp.where(x > 0, -(x**2) / 2 - jnp.log(jnp.sqrt(2 * jnp.pi)), jnp.log(2.0) + jnp.log(2 * jnp.pi) / 2)

    assert proved(density, by_hand, X)

"""Sizes at which the first side has a value at none of the inputs that are tried."""

import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_undecided

from gradproof import Real


def squares(x):
    return jnp.sum(x * x)


def at(size, then, otherwise=squares):
    """One function at this size or above, and another one below."""
    return lambda x: then(x) if x.shape[0] >= size else otherwise(x)


def narrow(times):
    """A number in a region in which no numbers of float64 are."""

    def function(x):
        return times * squares(x) + 0 * jnp.sqrt(1e-40 - (squares(x) - jnp.pi) ** 2)

    return function


def product(x):
    return x @ x


def test_a_region_that_no_input_met_leaves_a_size_open():
    assert_undecided("sqrt", at(3, narrow(1)), at(3, narrow(2), product), x=Real("n"))


@pytest.mark.parametrize("size", [3, 7])
def test_a_size_without_any_number_is_left_out(size):
    side = at(size, lambda x: jnp.log(-jnp.exp(squares(x))))
    report = assert_proved(side, at(size, lambda x: 2 * squares(x), product), x=Real("n"))
    assert {"n": size} in report.valueless
    # Nothing is said of it then.
    assert {"n": size} not in report.sizes
    assert report.larger != {"n": size}

"""Comparisons in the exact check: outcomes that are seen, imposed, or excluded by a sign."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted, assert_undecided

from gradproof import Real

HERE = r"test_exact_outcomes\.py:\d+"
X = {"x": Real()}
N = {"x": Real("n")}


def test_an_outcome_that_no_input_has_must_not_matter():
    def bounded(value):
        return lambda x: jnp.where(jnp.sin(x) > 2, value, x)

    assert_undecided(rf"outcome of the comparison 'gt' at {HERE}", bounded(5.0), bounded(7.0), **X)
    assert_proved(lambda x: jnp.maximum(jnp.sin(x), 2.0), lambda x: -jnp.minimum(-2.0, -jnp.sin(x)), **X)


NEVER_NEGATIVE = {
    "maximum": lambda x: jnp.maximum(x, 0),
    "minimum": lambda x: -jnp.minimum(0, x),
    "absolute": jnp.abs,
    "square": jnp.square,
    "power": lambda x: x**4,
    "sum": lambda x: jnp.maximum(x, 0) + jnp.abs(x),
    "product": lambda x: jnp.exp(x) * jnp.abs(x),
    "total": lambda x: jnp.sum(jnp.stack([jnp.maximum(x, 0), jnp.abs(x)])),
    "mask": lambda x: jnp.where(x > 0, jnp.exp(x), jnp.zeros_like(x)),
    "chosen": lambda x: jnp.where(x > 0, x, 0),
    "not chosen": lambda x: jnp.where(x < 0, 0, x),
    "turned": lambda x: jnp.where(x >= 0, x, 0),
    "expm1": lambda x: jnp.expm1(jnp.where(x > 0, x, 0)),
    "tanh": lambda x: jnp.tanh(jnp.abs(x)),
    "sinh": lambda x: jnp.sinh(jnp.abs(x)),
}


@pytest.mark.parametrize("name", NEVER_NEGATIVE)
def test_an_outcome_that_the_sign_excludes_is_not_imposed(name):
    value = NEVER_NEGATIVE[name]
    assert_proved(lambda x: jnp.where(value(x) < 0, 5.0, x), lambda x: jnp.where(-value(x) > 0, 7.0, x), **X)
    assert_refuted(lambda x: jnp.where(value(x) > 0, 5.0, x), lambda x: jnp.where(-value(x) < 0, 7.0, x), **X)
    # One less than it is negative somewhere.
    below = [lambda x, c=c: jnp.where(value(x) - 1 < 0, c, x) for c in (5.0, 7.0)]
    assert_refuted(*below, **X)


NEGATIVE_SOMEWHERE = {
    "not chosen": lambda x: jnp.where(x > 0, 0, x),
    "turned": lambda x: jnp.where(x <= 0, x, 0),
    "another number": lambda x: jnp.where(x > 0, x - 1, 0),
    "another threshold": lambda x: jnp.where(x > -1, x, 0),
    "unequal": lambda x: jnp.where(x != 0, x, 0),
    "expm1": lambda x: jnp.expm1(jnp.where(x > 0, 0, x)),
    "tanh": jnp.tanh,
    "sinh": jnp.sinh,
}


@pytest.mark.parametrize("name", NEGATIVE_SOMEWHERE)
def test_an_outcome_that_a_sign_leaves_open_matters(name):
    value = NEGATIVE_SOMEWHERE[name]
    assert_refuted(*(lambda x, c=c: jnp.where(value(x) < 0, c, x) for c in (5.0, 7.0)), **X)


def test_a_constant_that_floating_point_has_none_for_has_its_sign():
    """The two differ where |x| < 1e-400, so that they do at 0."""

    def below(value):
        return lambda x: jnp.where(jnp.abs(x) - jnp.full_like(x, 1e-200) * jnp.full_like(x, 1e-200) < 0, value, x)

    assert assert_refuted(below(5.0), below(7.0), **X).point["x"] == 0


def test_a_number_and_its_negative_are_positive_in_different_regions():
    """2 |x| is 2x in some and -2x in others: neither says of the other one what it is where that is not met."""

    def gated(x):
        twice = jnp.abs(x) + jnp.abs(x)
        return jnp.where(x > 0, 1.0, 2.0) * x**2 + twice - twice

    for factor in (1.0, 2.0):
        assert_refuted(gated, lambda x, factor=factor: factor * x**2, **X)
    assert_proved(gated, lambda x: jnp.where(x <= 0, 2.0, 1.0) * x**2, **X)


def test_what_is_left_of_a_sum_of_positive_numbers_is_positive():
    def share(x):
        return jnp.exp(x[0]) / jnp.sum(jnp.exp(x))

    for value in (lambda x: 1 - share(x), lambda x: jnp.sum(jnp.exp(x)) - jnp.exp(x[1])):
        assert_proved(lambda x, value=value: jnp.abs(value(x)), value, x=Real("3"))
    # Less one that is no term of it, or more than one half, it is not.
    for value in (lambda x: jnp.sum(jnp.exp(x)) - jnp.exp(2 * x[1]), lambda x: 1 - 2 * share(x)):
        assert_refuted(lambda x, value=value: jnp.abs(value(x)), value, x=Real("3"))


def test_rows_with_one_that_is_minus_infinity_have_as_few_regions_as_without():
    def masked(x):
        return jax.nn.logsumexp(jnp.where(jnp.eye(4, dtype=bool), -jnp.inf, x), axis=1)

    def by_hand(x, more=0.0):
        return jnp.log(jnp.sum(jnp.where(jnp.eye(4, dtype=bool), more, jnp.exp(x)), axis=1))

    assert_proved(masked, by_hand, x=Real("4 4"))
    assert_refuted(masked, lambda x: by_hand(x, 0.001), x=Real("4 4"))

"""Numbers that are not formally equal may be equal all the same, where not all is known of what they are made of."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted, assert_undecided

from gradproof import Binary, Positive, Real
from gradproof.programs import unknown

f = unknown.function("f")
XY = {"x": Real(), "y": Real()}

EQUAL = {
    "logarithms": ({"x": Positive(), "y": Positive()}, lambda x, y: (jnp.log(x * y), jnp.log(x) + jnp.log(y))),
    "exponentials": (XY, lambda x, y: (jnp.exp(x + y), jnp.exp(x) * jnp.exp(y))),
    "a root of a square": (XY, lambda x, y: (jnp.sqrt(x * x + 2 * x + 1), jnp.abs(x + 1))),
    "values of a constant function": (XY, lambda x, y: (f(x), f(y))),
}


@pytest.mark.parametrize("name", EQUAL)
def test_numbers_that_are_always_equal_are_not_taken_to_be_different(name):
    symbols, numbers = EQUAL[name]

    def equal(x, y):
        a, b = numbers(x, y)
        return jnp.where(a == b, x, 0)

    def ordered(x, y):
        a, b = numbers(x, y)
        return jnp.where(a < b, x, 0) + jnp.where(a > b, x, 0)

    assert_undecided("", equal, lambda x, y: 0 * x, **symbols)
    assert_undecided("", ordered, lambda x, y: x, **symbols)


def test_what_is_compared_alike_is_equal_whatever_a_function_is():
    assert_proved(lambda x, y: jnp.where(f(x) > f(y), x, y), lambda x, y: jnp.where(f(x) - f(y) > 0, x, y), **XY)
    assert_proved(lambda x, y: jnp.where(f(x) == f(y), x, y), lambda x, y: jnp.where(f(x) - f(y) != 0, y, x), **XY)
    assert_proved(lambda x, y: jnp.where(f(x) == f(2 * x - x), x, y), lambda x, y: x, **XY)


def test_what_does_not_vary_is_known_to_be_positive_whatever_a_function_is():
    assert_proved(lambda x: jnp.sqrt(f(x) ** 2), lambda x: jnp.abs(f(x)), x=Real())
    assert_proved(lambda x: jax.nn.softmax(f(x)).sum(), lambda x: 1 + 0 * x[0], x=Real("3"))
    assert_proved(lambda x: jnp.log(1 + f(x) ** 2) * jnp.sign(1 + f(x) ** 2), lambda x: jnp.log1p(f(x) ** 2), x=Real())


def test_the_first_of_equal_labels_is_another_one_from_behind():
    """Of three different numbers the largest would be the same one."""
    assert_refuted(
        lambda x, y: x * (jnp.argmax(y) + jnp.argmax(y[::-1])), lambda x, y: 2 * x, x=Real(), y=Binary("3"), quick=True
    )

"""A convention states a value, a side or the mean, and is compared with the code; a hint says which one it follows."""

import jax
import jax.numpy as jnp
import pytest
from at_ties import above, accepted, check, relu_slope, slope_of, step_at
from stated import stated

from gradproof import GradproofError, Positive, Real


@pytest.mark.parametrize("words", ["as usual", "left or right", ""])
def test_words_that_state_no_value_and_no_side_are_refused(words):
    with pytest.raises(GradproofError, match="a convention is one value or one side, such as 0"):
        stated(slope_of(jax.nn.relu), relu_slope(0.0), z=Real("n"), convention=words)


# The mean, and what is said of a convention that is false


def sharing(x):
    largest = x == jnp.max(x)
    return largest / jnp.sum(largest)


MEANS = {
    "of two": (lambda x: jnp.maximum(x, 0.0), relu_slope(0.5), Real("n"), True),
    "that is a side": (jax.nn.relu, relu_slope(0.0), Real("n"), False),
    "of a tie at 0.1": (lambda x: jnp.maximum(x, 0.1), lambda x: relu_slope(0.5)(x - 0.1), Real("n"), True),
    "of three": (jnp.max, sharing, Real("3"), True),
    "one after the other": (
        lambda x: jnp.maximum(jnp.maximum(x[0], x[1]), x[2]),
        jax.grad(lambda x: jnp.maximum(jnp.maximum(x[0], x[1]), x[2])),
        Real("3"),
        True,
    ),
}


@pytest.mark.parametrize("name", MEANS)
def test_the_mean_of_the_limits_is_a_convention(name):
    function, by_hand, symbol, right = MEANS[name]
    assert accepted(slope_of(function), by_hand, x=symbol, convention="the mean of the limits") == right


def test_a_mean_that_is_left_open_is_compared_all_the_same():
    def first(x):
        return jax.nn.one_hot(jnp.argmax(x), 3, dtype=x.dtype)

    options = {"x": Real("3"), "kinks": "left open"}
    assert accepted(slope_of(jnp.max), first, **options)
    assert not accepted(slope_of(jnp.max), first, **options, convention="mean")
    assert accepted(
        slope_of(lambda x: jnp.maximum(jnp.maximum(x[0], x[1]), x[2])), sharing, **options, convention="mean"
    )


@pytest.mark.parametrize(
    ("value", "convention", "hint"),
    [
        (0.0, "right", 'side 1 returns 0, the limit from below; to say so, add convention="below"'),
        (0.5, "left", 'side 1 returns 0.5, the mean of the limits 0 and 1; to say so, add convention="mean"'),
        (0.25, 0, "side 1 returns 0.25, between the limits 0 and 1"),
    ],
)
def test_of_a_convention_that_is_false_it_is_said_which_one_the_side_follows(value, convention, hint):
    result = check(
        slope_of(lambda x: jnp.maximum(x, 0.0)), relu_slope(value), x=Real(), convention=convention, kinks="left open"
    )
    assert result.failure.counterexample.diagnosis == hint


def test_where_jax_returns_the_mean_that_is_the_line_to_add():
    failure = check(slope_of(lambda x: jnp.maximum(x, 0.1)), step_at(0.1), x=Real()).failure
    assert failure.counterexample.diagnosis == (
        "side 1 returns 0, the limit from below, and JAX 0.5, the mean of the limits 0 and 1; to leave that open, "
        'add kinks="at a tie any value between the limits" to the claim, or return what JAX does and add '
        'convention="mean"'
    )


def test_a_maximum_that_rounding_ties_is_met():
    """JAX asks which operand the maximum is, which holds on one side of the tie and at it."""
    slope = slope_of(lambda x: jnp.maximum(x * x, 1.44))
    failure = check(slope, lambda x: 2 * x * above(lambda x: x * x, 1.44)(x), x=Positive()).failure
    assert failure.inputs["x"] == 1.2
    assert (failure.expected, failure.given) == (1.2, 0.0)

"""The rule at ties: one limit, JAX's choice, the hull of the limits, and what a convention says."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from at_ties import above, accepted, check, relu_slope, slope_of, step_at
from stated import stated

from gradproof import Positive, Real, derivative, verify
from gradproof.checks.kinks.hull import in_hull

# Where all limits agree


def softplus(z):
    return jnp.maximum(z, 0) + jnp.log1p(jnp.exp(-jnp.abs(z)))


def sigmoid_but(at_zero):
    return lambda z: jnp.where(z == 0, at_zero, jax.nn.sigmoid(z))


@pytest.mark.parametrize("kinks", [None, "left open"])
def test_where_the_limits_agree_only_they_are_right(kinks):
    result = check(slope_of(softplus), jax.nn.sigmoid, z=Real("n"), kinks=kinks)
    assert result.failure is None
    assert {kink.finding for kink in result.kinks} == {"jax"}
    at = result.kinks[0].at
    assert (at.below, at.above, at.expected, at.given) == (0.5, 0.5, 0.0, 0.5)
    for wrong in (0.0, 0.3, jnp.nan):
        failure = check(slope_of(softplus), sigmoid_but(wrong), z=Real("n"), kinks=kinks).failure
        assert not failure.open
        assert failure.expected == 0.5
        assert "the limit from all sides, though JAX returns 0.0" in failure.why


def test_the_first_side_may_be_the_one_that_is_written_by_hand():
    assert accepted(jax.nn.sigmoid, slope_of(softplus), z=Real("n"))
    assert not accepted(sigmoid_but(0.0), slope_of(softplus), z=Real("n"))


def test_functions_without_a_derivative_are_compared_with_each_other():
    assert accepted(lambda z: jnp.sign(z) ** 2, lambda z: jnp.where(z == 0, 0.0, 1.0), z=Real("n"))
    assert not accepted(lambda z: jnp.sign(z) ** 2, jnp.ones_like, z=Real("n"))


# Where they do not


def largest(x):
    return jnp.max(x)


def first_of_the_largest(x):
    return jax.nn.one_hot(jnp.argmax(x), len(x))


def each_of_the_largest(x):
    return jnp.where(x == jnp.max(x), 1.0, 0.0)


@pytest.mark.parametrize(("size", "seed"), [("2", 0), ("3", 0), ("3", 1), ("3", 2), ("5", 0)])
def test_of_several_largest_any_mean_may_be_taken_where_it_is_left_open(size, seed):
    open = {"x": Real(size), "kinks": "of several largest, any", "seed": seed}
    assert accepted(slope_of(largest), first_of_the_largest, **open)
    assert not accepted(slope_of(largest), each_of_the_largest, **open)
    assert not accepted(slope_of(largest), first_of_the_largest, x=Real(size), seed=seed)


def test_what_is_outside_is_said():
    def below_zero(z):
        return jnp.where(z > 0, 1.0, jnp.where(z == 0, -0.5, 0.0))

    outside = check(slope_of(jax.nn.relu), below_zero, z=Real("n"), kinks="left open").failure
    assert "side 1 is -0.5, which is not between its limits 0 and 1" in outside.why
    each = check(slope_of(largest), each_of_the_largest, x=Real("2"), kinks="any").failure
    assert "in the convex hull of the limits, of which the array is no mean" in each.why


def test_the_line_to_add_is_named_where_it_would_help():
    def line_to_add(side):
        return check(slope_of(largest), side, x=Real("2")).failure.counterexample.diagnosis

    assert 'add kinks="at a tie any value between the limits" to the claim' in line_to_add(first_of_the_largest)
    assert line_to_add(each_of_the_largest) is None


def from_above(z):
    return jnp.where(z >= 0, 1.0, 0.0)


def test_the_convention_that_each_side_follows_is_named_with_the_line_that_states_it():
    hint = check(slope_of(jax.nn.relu), from_above, z=Real("n")).failure.counterexample.diagnosis
    assert hint.startswith("side 1 returns 1, the limit from above, and JAX 0, the limit from below; ")
    assert hint.endswith('or return what JAX does and add convention="below"')
    assert accepted(slope_of(jax.nn.relu), step_at(0.0), z=Real("n"), convention="below")
    half = check(slope_of(lambda z: jnp.maximum(z, 0.0)), from_above, z=Real("n")).failure.counterexample.diagnosis
    assert "and JAX 0.5, the mean of the limits 0 and 1; to leave that open, add kinks=" in half


@pytest.mark.parametrize("seed", range(3))
def test_the_limits_of_the_tie_that_is_shown_are_told(seed):
    def by_both(z, y):
        return derivative(lambda p: jnp.sum(2 * jax.nn.relu(p[0]) + 5 * jnp.maximum(p[1], 0)), (z, y))

    def by_hand(z, y):
        return 2 * from_above(z), 5 * from_above(y)

    failure = check(by_both, by_hand, z=Real("n"), y=Real("n"), seed=seed).failure
    told = failure.counterexample.diagnosis
    assert f"returns {failure.given:g}, the limit from above, and JAX {failure.expected:g}, " in told


def test_what_jax_returns_may_be_outside_where_nothing_is_left_open():
    """A custom rule makes 2 of the derivative at 0, and the code follows it."""

    @jax.custom_jvp
    def rectifier(z):
        return jnp.where(z > 0, z, 0.0)

    @rectifier.defjvp
    def _(primals, tangents):
        return rectifier(*primals), two_at_zero(*primals) * tangents[0]

    def two_at_zero(z):
        return jnp.where(z == 0, 2.0, jnp.where(z > 0, 1.0, 0.0))

    assert accepted(slope_of(rectifier), two_at_zero, z=Real("n"))
    assert not accepted(slope_of(rectifier), two_at_zero, z=Real("n"), kinks="left open")


def test_nothing_is_outside_of_limits_that_may_not_all_be_known():
    limits, square = np.eye(8), np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 4)
    assert in_hull(limits, np.ones(8), np.zeros(8)).all()
    assert not in_hull(np.repeat(limits, 4, axis=0), np.ones(8), np.zeros(8)).any()
    assert in_hull(square, np.array([0.5, 1.0]), np.zeros(2)).all()
    assert in_hull(square, np.array([0.5, 1.1]), np.zeros(2)).tolist() == [True, False]


# Ties at numbers of the machine


@pytest.mark.parametrize("threshold", [0.1, 1.2, -0.7, 2**0.5, 1e-3, 123.456])
def test_a_tie_is_met_at_the_number_that_is_stored(threshold):
    failure = check(slope_of(lambda x: jnp.maximum(x, threshold)), step_at(threshold), x=Real("n")).failure
    assert threshold in failure.inputs["x"]
    assert (failure.expected, failure.given) == (0.5, 0.0)
    assert accepted(slope_of(lambda x: jnp.where(x > threshold, x, 0.0)), step_at(threshold), x=Real("n"))


def test_a_threshold_that_the_code_computes_is_the_number_that_the_machine_makes_of_it():
    root = slope_of(lambda x: jnp.maximum(x, jnp.sqrt(2.0)))
    failure = check(root, lambda x: jnp.where(x > jnp.sqrt(2.0), 1.0, 0.0), x=Real("n")).failure
    assert 2**0.5 in failure.inputs["x"]
    third = slope_of(lambda x: jnp.where(x > jnp.divide(1.0, 3.0), x, 0.0))
    assert accepted(third, step_at(1 / 3), x=Real("n"))


def test_a_tie_is_met_through_sums_and_products():
    def sides(side):
        return slope_of(lambda x: jnp.maximum(jnp.sum(x), 7.3)), side

    def step(x):
        return jnp.where(jnp.sum(x) > 7.3, jnp.ones_like(x), 0.0)

    failure = check(*sides(step), x=Real("2")).failure
    assert np.sum(failure.inputs["x"]) == 7.3
    doubled = check(slope_of(lambda x: jnp.maximum(2 * x, 1.3)), lambda x: 2 * step_at(0.65)(x), x=Real()).failure
    assert doubled.inputs["x"] == 0.65


def not_below(number, threshold):
    return lambda x: jnp.where(number(x) >= threshold, 1.0, 0.0)


ROUNDED = {
    "square": (lambda x: x * x, 1.44, Real()),
    "third": (lambda x: x / 3, 0.1, Real()),
    "exponential": (jnp.exp, 2.0, Real()),
    "probability": (jax.nn.sigmoid, 0.3, Real()),
    "norm": (lambda x: jnp.sum(x * x), 1.44, Real("2")),
}


@pytest.mark.parametrize("name", ROUNDED)
def test_a_tie_that_the_machine_makes_by_rounding_is_met(name):
    number, threshold, symbol = ROUNDED[name]
    failure = check(above(number, threshold), not_below(number, threshold), x=symbol).failure
    assert (failure.expected, failure.given) == (0.0, 1.0)
    with jax.enable_x64(True):
        at = jnp.asarray(failure.inputs["x"])
        assert [jax.jit(side(number, threshold))(at) for side in (above, not_below)] == [0.0, 1.0]
    assert accepted(above(number, threshold), above(number, threshold), x=symbol)


@pytest.mark.parametrize("threshold", [2.0, 3.0, 5.0, 0.3, 1.69])
def test_where_no_number_of_the_machine_is_a_tie_there_is_none(threshold):
    result = check(above(lambda x: x * x, threshold), not_below(lambda x: x * x, threshold), x=Positive())
    assert result.failure is None
    assert {(kink.agree, kink.seen) for kink in result.kinks} == {(None, ("<", ">"))}

    def slope(x):
        return jnp.where(x * x > threshold, 2 * x, 0.0)

    assert accepted(slope_of(lambda x: jnp.maximum(x * x, threshold)), slope, x=Positive())


def test_a_tie_of_the_machine_follows_the_rule():
    def rectified(x):
        return jax.nn.relu(x * x - 1.44)

    def at_the_tie(value):
        return lambda x: jnp.where(x * x > 1.44, 2 * x, jnp.where(x * x == 1.44, value, 0.0))

    assert accepted(slope_of(rectified), at_the_tie(0.0), x=Real("n"))
    assert not accepted(slope_of(rectified), at_the_tie(1.0), x=Real("n"))
    assert accepted(slope_of(rectified), at_the_tie(1.0), x=Positive(), kinks="left open")
    assert not accepted(slope_of(rectified), at_the_tie(7.0), x=Positive(), kinks="left open")
    assert not accepted(jax.nn.sigmoid, lambda x: jnp.where(x * x == 1.44, 7.0, jax.nn.sigmoid(x)), x=Real())
    seam = slope_of(lambda x: jnp.where(x * x > 1.44, (x * x - 1.44) ** 2, 0.0))
    assert accepted(seam, lambda x: jnp.where(x * x >= 1.44, 4 * x * (x * x - 1.44), 0.0), x=Real())


THE_SAME = {
    "doubled": lambda x: jnp.where(2 * x * x > 2.88, x, 0.0),
    "divided": lambda x: jnp.where(x * x / 1.44 > 1, x, 0.0),
    "root": lambda x: jnp.where(jnp.abs(x) > 1.2, x, 0.0),
    "difference": lambda x: jnp.where(x * x - 1.44 > 0, x, 0.0),
    "exponential": lambda x: jnp.where(jnp.exp(x * x - 1.44) > 1, x, 0.0),
    "flat": lambda x: jnp.where(jnp.tanh(3 * x * x) > np.tanh(4.32), x, 0.0),
}


@pytest.mark.parametrize("name", THE_SAME)
def test_what_rounding_alone_decides_otherwise_is_no_disagreement(name):
    assert accepted(lambda x: jnp.where(x * x > 1.44, x, 0.0), THE_SAME[name], x=Real())


@pytest.mark.parametrize("square", [4.03, 4.47, 4.68])
def test_a_threshold_and_its_square_are_one_threshold(square):
    """Of float64, the root is on one side of the numbers whose square is the other constant, or on the other."""

    def root(x):
        return jnp.where(jnp.abs(x) > np.sqrt(square), x, 0.0)

    def of_square(x):
        return jnp.where(x * x > square, x, 0.0)

    assert accepted(root, of_square, x=Real("2"))
    assert accepted(of_square, root, x=Real("2"))


def test_what_the_machine_cannot_tell_apart_anywhere_is_no_tie():
    assert accepted(lambda x: jnp.where(x + 1e-20 > x, 1.0, 0.0), jnp.ones_like, x=Real())
    assert accepted(lambda x: jnp.where(1 + x > 1, x, 0.0), jax.nn.relu, x=Real())
    assert accepted(lambda x: jnp.where(jax.nn.sigmoid(x) < 1, x, 0.0), lambda x: x, x=Real())


def test_a_rounded_constant_makes_no_removable_kink():
    """The number of float64 that is nearest to 0.1 is above it, and so is all that is very near."""
    kinks = check(slope_of(lambda x: jax.nn.relu(x - 0.1)), step_at(0.1), x=Real(), kinks="left open").kinks
    assert "jax" not in {kink.finding for kink in kinks}


def test_the_numbers_of_an_array_are_rounded_too():
    thresholds = np.array([0.1, 0.7])

    def at_a_tie(value):
        return lambda x: jnp.where(x > thresholds, 1.0, jnp.where(x == thresholds, value, 0.0))

    assert accepted(slope_of(lambda x: jax.nn.relu(x - thresholds)), at_a_tie(0.0), x=Real("2"))
    larger = slope_of(lambda x: jnp.maximum(x, thresholds))
    assert accepted(larger, at_a_tie(0.5), x=Real("2"))
    assert not accepted(larger, at_a_tie(0.0), x=Real("2"))
    assert accepted(larger, at_a_tie(0.0), x=Real("2"), kinks="left open")


@pytest.mark.parametrize("narrow", [np.float32, np.float16, jnp.bfloat16])
def test_a_tie_at_a_constant_of_few_bits_is_met_at_the_number_that_is_stored(narrow):
    def larger(x):
        return jnp.maximum(x.astype(narrow), narrow(0.1)).astype(x.dtype)

    def at_a_tie(value):
        return lambda x: jnp.where(x.astype(narrow) > narrow(0.1), 1.0, jnp.where(x == narrow(0.1), value, 0.0))

    assert accepted(slope_of(larger), at_a_tie(0.5), x=Real())
    failure = check(slope_of(larger), at_a_tie(0.0), x=Real()).failure
    assert failure.inputs["x"] == float(narrow(0.1))
    assert (failure.expected, failure.given) == (0.5, 0.0)
    assert accepted(slope_of(larger), at_a_tie(0.0), x=Real(), kinks="left open")


def test_several_ties_at_once_are_compared():
    def wrong_together(x, y):
        return jnp.where((x == 0) & (y == 0), 7.0, x + y)

    assert not accepted(lambda x, y: x + y, wrong_together, x=Real(), y=Real())

    def wrong_at_two_numbers(x, y):
        return jnp.where((2 * x == 3) & (y == 2.75), 7.0, x + y)

    assert not accepted(lambda x, y: x + y, wrong_at_two_numbers, x=Real(), y=Real())

    def wrong_at_both(x):
        return jnp.where(jnp.all(x == 0.1), 7.0, x)

    assert not accepted(lambda x: x, wrong_at_both, x=Real("3"))


# Conventions


@pytest.mark.parametrize("convention", [0, "relu'(0) is 0", "below"])
def test_a_convention_that_the_code_follows_is_accepted(convention):
    assert accepted(slope_of(jax.nn.relu), relu_slope(0.0), z=Real("n"), convention=convention)


@pytest.mark.parametrize("convention", [1, 0.5, "relu'(0) is 1", "above"])
def test_one_that_it_does_not_follow_is_refused(convention):
    failure = check(slope_of(jax.nn.relu), relu_slope(0.0), z=Real("n"), convention=convention).failure
    assert f"by the convention {convention!r} it is" in failure.why


@pytest.mark.parametrize(
    ("words", "plain"),
    [("0 at the bound", 0), ("1 at the bound", 1), ("left", "below"), ("the lower one", "below"), ("right", "above")],
)
def test_a_convention_may_be_said_in_other_words(words, plain):
    said, meant = (stated(jnp.abs, jnp.abs, z=Real(), convention=one).stated_convention for one in (words, plain))
    assert said is not None
    assert said == meant


def test_a_convention_is_of_the_code_where_jax_is_left_open():
    half = {"z": Real("n"), "kinks": "JAX takes half"}
    larger = slope_of(lambda z: jnp.maximum(z, 0))
    assert accepted(larger, relu_slope(1.0), **half, convention="right")
    assert not accepted(larger, relu_slope(1.0), **half, convention="left")
    assert not accepted(larger, relu_slope(1.0), z=Real("n"), convention="right")


def test_a_side_is_one_of_the_compared_numbers_whichever_stands_first():
    for side in (lambda z: jnp.where(jnp.less(0.0, z), 1.0, 0.0), lambda z: jnp.where(-z < 0, 1.0, 0.0)):
        assert accepted(slope_of(jax.nn.relu), side, z=Real("n"), convention="below")
        assert not accepted(slope_of(jax.nn.relu), side, z=Real("n"), convention="above")


def test_the_value_of_a_function_is_not_that_of_a_sum_which_holds_it():
    def loss(w, X):
        return jnp.sum(jax.nn.relu(X @ w))

    def sides(w, X):
        return derivative(lambda w: loss(w, X), w)

    def by_hand(w, X):
        return jnp.where(X @ w > 0, 1.0, 0.0) @ X

    symbols = {"w": Real("m"), "X": Real("n m")}
    assert accepted(sides, by_hand, **symbols, convention="relu'(0) is 0")
    assert accepted(sides, by_hand, **symbols, convention="the slope of the negative side")


def test_what_is_jaxs_is_proved_and_said():
    verdict = verify(stated(slope_of(softplus), jax.nn.sigmoid, z=Real("2")))
    assert verdict.verdict == "proved"
    assert {kink.finding for kink in verdict.kinks} == {"jax"}

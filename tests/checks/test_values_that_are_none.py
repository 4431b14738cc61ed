"""Sides that differ where one has no value, or an infinite one, are refuted at inputs at which the machine shows it."""

import jax.numpy as jnp
import numpy as np
import pytest
from exactly import assert_proved, assert_refuted, assert_undecided
from jax.nn import relu, softmax
from jax.scipy.special import xlogy
from stated import stated

from gradproof import Binary, OneHot, Positive, Real, derivative, verify
from gradproof.checks import Study
from gradproof.checks.exact.values import Values

X, XY = {"x": Real()}, {"x": Real(), "y": Real()}
MASKED = {"y": Binary("n"), "x": Real("n")}


def smaller(x, y):
    return jnp.sort(jnp.stack([jnp.sqrt(x), y]))[0]


def larger(x):
    return 1.0 * jnp.argmax(jnp.stack([0 * x, jnp.sqrt(x)]))


DIFFERENT = {
    "sorted": (smaller, lambda x, y: jnp.where(x < 0, y + 1, jnp.minimum(jnp.sqrt(jnp.abs(x)), y)), XY),
    "place of the largest": (larger, lambda x: jnp.where(x > 0, 1.0, 0.0), X),
    "zero times the logarithm of zero": (
        lambda y, x: jnp.where(y > 0, x, 0.0),
        lambda y, x: y * x + 0 * jnp.log(y),
        MASKED,
    ),
    "zero by zero, of labels": (lambda y, x: y * x, lambda y, x: y * y * x / y, MASKED),
    "zero by zero, of maxima": (lambda x: relu(x), lambda x: relu(x) ** 2 / relu(x), X),
    "entropy": (lambda Y: jnp.sum(xlogy(Y, Y)), lambda Y: jnp.sum(Y * jnp.log(Y)), {"Y": OneHot("n K")}),
    "a row that is masked whole": (
        lambda x: 0.5 + 0 * x,
        lambda x: softmax(jnp.where(x > -5, 0.0, -jnp.inf)),
        {"x": Real("2")},
    ),
    "logarithm of zero": (
        lambda x: jnp.where(x > 0, jnp.log(jnp.abs(x)), 0.0),
        lambda x: jnp.log(relu(x)),
        X,
    ),
    "twice the logarithm of zero": (
        lambda y: jnp.where(y > 0, 0.0, -7.0),
        lambda y: 2 * jnp.log(y),
        {"y": Binary("n")},
    ),
    "inverse of zero": (lambda y, x: jnp.where(y > 0, -jnp.exp(x), 0.0), lambda y, x: -jnp.exp(x) / y, MASKED),
    "inverse of a maximum": (lambda x: jnp.where(x > 0, 1 / jnp.abs(x), 0.0), lambda x: 1 / relu(x), X),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_sides_of_which_one_has_no_value_are_told_apart(name):
    first, second, symbols = DIFFERENT[name]
    point = assert_refuted(first, second, **symbols).point
    inputs = [jnp.asarray(point[symbol]) for symbol in symbols]
    expected, given = first(*inputs), second(*inputs)
    assert not np.array_equal(expected, given)
    assert not np.isnan(expected).any()


def test_inputs_at_which_the_first_side_has_no_value_hide_no_others():
    def second(x):
        return jnp.where(x > 0, jnp.log(x) + 0 * jnp.sqrt(jnp.abs(x - 5) - 0.02), 1.0)

    point = assert_refuted(lambda x: jnp.log(x), second, **X).point
    assert np.isnan(second(point["x"]))


SAME = {
    "sorted": (
        smaller,
        lambda x, y: jnp.where(x < 0, y, jnp.minimum(jnp.sqrt(jnp.abs(x)), y)),
        XY,
    ),
    "place of the largest": (larger, lambda x: jnp.where(x > 0, 1.0, 1.0), X),
    "entropy": (
        lambda Y, P: jnp.sum(xlogy(Y, P)),
        lambda Y, P: jnp.sum(Y * jnp.log(P)),
        {"Y": OneHot("n K"), "P": Positive("n K")},
    ),
    "logarithm of zero": (
        lambda x: jnp.where(x > 0, jnp.log(jnp.abs(x)), -jnp.inf),
        lambda x: jnp.log(relu(x)),
        X,
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_sides_that_are_one_where_the_first_has_a_value_are_not(name):
    first, second, symbols = SAME[name]
    assert_proved(first, second, **symbols)


def test_where_the_first_side_is_zero_by_zero_nothing_is_compared():
    first, second, symbols = DIFFERENT["zero by zero, of maxima"]
    assert_proved(second, first, **symbols)


def test_what_the_machine_makes_of_a_mask_is_not_contradicted():
    """A product of a number and a truth value is compiled into a choice, in which there is no zero times infinity."""

    def masked(x):
        return (x > 0) * jnp.log(relu(x))

    assert masked(jnp.array(-1.0)) == 0
    assert_undecided("", lambda x: jnp.where(x > 0, jnp.log(jnp.abs(x)), 0.0), masked, **X)


def test_the_counterexample_shows_what_has_no_value():
    first, second, symbols = DIFFERENT["zero by zero, of maxima"]
    verdict = verify(stated(first, second, **symbols))
    assert verdict.verdict == "refuted"
    assert verdict.counterexample.inputs["x"] <= 0
    assert (verdict.counterexample.expected, verdict.counterexample.given) == (0.0, pytest.approx(np.nan, nan_ok=True))


def test_the_quotient_of_a_number_and_zero_has_the_sign_that_the_machine_shows():
    first, second, symbols = DIFFERENT["inverse of zero"]
    found = verify(stated(first, second, **symbols)).counterexample
    inputs = [jnp.array(found.inputs[symbol]) for symbol in symbols]
    assert float(found.given) in second(*inputs)
    assert np.isinf(float(found.given))


def test_an_input_that_is_zero_is_on_a_kink_where_more_than_it_is_compared():
    """At zero 0.4 more than it is no less than 0.4: JAX shares the slope of a maximum there."""

    def loss(x):
        return jnp.max(jnp.stack([jnp.where(jnp.exp(x) > 1e9, x, 0.0) + 0.4, x + 0.4]))

    claim = stated(lambda x: derivative(loss, x), lambda x: 1 + 0 * x, x=Real(), kinks="any")
    study = Study(claim)
    with study.settings():
        both = Values(study, study.program({}, "autodiff").sides[1], "autodiff").at({}, {"x": np.array(0.0)})
    assert both is None


def test_an_input_that_is_zero_refutes_nothing_where_it_is_divided_by():
    claim = stated(lambda v: jnp.stack([1 / v, 2 * v]), lambda v: jnp.stack([1 / v, 2 * v + 0 / v]), v=Real())
    study = Study(claim)
    with study.settings():
        values = Values(study, study.program({}, "autodiff").sides[1], "autodiff")
        assert values.at({}, {"v": np.array(0.0)}) is None
        assert values.at({}, {"v": np.array(0.5)}) is not None

"""Claims about labels of -1 and 1, and about numbers in an interval."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from exactly import assert_proved, assert_refuted
from stated import stated

from gradproof import Interval, Real, Sign, derivative, verify

DATA = {"w": Real("m"), "X": Real("n m"), "y": Sign("n")}


def loss(w, X, y):
    """Logistic, of labels -1 and 1."""
    return jnp.sum(jnp.logaddexp(0, -y * (X @ w)))


def slope(w, X, y):
    return derivative(lambda w: loss(w, X, y), w)


def right(w, X, y):
    return -(y * jax.nn.sigmoid(-y * (X @ w))) @ X


def test_the_square_of_a_sign_is_one():
    sides = [lambda y: y**2, jnp.ones_like]
    assert_proved(*sides, y=Sign("n"))
    assert_refuted(*sides, y=Real("n"))
    assert_refuted(lambda y: y, jnp.ones_like, y=Sign("n"))


def test_the_gradient_of_the_logistic_loss_is_proved():
    verdict = verify(stated(slope, right, **DATA), quick=True)
    assert verdict.verdict == "proved", verdict.why
    assert set(verdict.code.units) == {"float64", "float32"}


def test_a_formula_that_holds_for_labels_alone_is_proved():
    def by_probability(w, X, y):
        return (jax.nn.sigmoid(X @ w) - (1 + y) / 2) @ X

    assert_proved(slope, by_probability, **DATA, quick=True)
    assert_refuted(slope, by_probability, **{**DATA, "y": Real("n")}, quick=True)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda w, X, y: -jax.nn.sigmoid(-y * (X @ w)) @ X,
        lambda w, X, y: (jax.nn.sigmoid(X @ w) - y) @ X,
    ],
    ids=["label left out", "labels 0 and 1"],
)
def test_a_wrong_gradient_is_refuted_at_labels(wrong):
    verdict = verify(stated(slope, wrong, **DATA))
    assert verdict.verdict == "refuted", verdict.why
    assert np.isin(verdict.counterexample.inputs["y"], (-1.0, 1.0)).all()


SHARES = {"x": Interval("n", low=0, high=1)}


def entropy(x):
    return -jnp.sum(x * jnp.log(x) + (1 - x) * jnp.log1p(-x))


def test_the_derivative_of_the_entropy_is_proved():
    verdict = verify(
        stated(lambda x: derivative(entropy, x), lambda x: jnp.log1p(-x) - jnp.log(x), **SHARES),
    )
    assert verdict.verdict == "proved", verdict.why
    assert set(verdict.code.units) == {"float64", "float32"}


@pytest.mark.parametrize(
    "wrong",
    [lambda x: jnp.log(x) - jnp.log1p(-x), lambda x: -jnp.log(x), lambda x: jnp.where(x > 0.999, 0, 1) * slope_at(x)],
    ids=["sign", "term", "near an end"],
)
def test_a_wrong_derivative_is_refuted_strictly_inside(wrong):
    verdict = verify(stated(lambda x: derivative(entropy, x), wrong, **SHARES))
    assert verdict.verdict == "refuted", verdict.why
    inputs = np.array(verdict.counterexample.inputs["x"])
    assert ((inputs > 0) & (inputs < 1)).all()


def slope_at(x):
    return jnp.log1p(-x) - jnp.log(x)


def test_what_holds_in_an_interval_alone_is_proved_there():
    sides = [lambda x: jnp.abs(x), lambda x: 1 * x]
    assert_proved(*sides, x=Interval("n", low=0, high=2))
    assert_refuted(*sides, x=Interval("n", low=-1, high=2))


def test_a_claim_about_an_interval_has_a_full_report():
    verdict = verify(stated(lambda x: x * (1 - x), lambda x: x - x * x, x=Interval(low=0, high=1)), full=True)
    assert verdict.verdict == "proved", verdict.why
    full = verdict.full
    assert all(found.by_hand.measured and found.below_bound for found in full.accuracy.formats.values())
    assert {fate.by for fate in full.fates} <= {"exact", "floating", "equivalent"}
    assert any(fate.by == "exact" for fate in full.fates)

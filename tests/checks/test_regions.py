"""Errors that only some region of the inputs shows are refused, each for what is wrong there."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.nn import sigmoid
from stated import stated

from gradproof import Binary, Real, derivative, verify
from gradproof.checks import Study, pipeline
from gradproof.checks.floating import check_floating


def logistic(probability):
    """The claim that the gradient of the logistic loss has this probability."""

    def loss(w, X, y):
        z = X @ w
        return jnp.sum(jnp.logaddexp(0, z) - y * z)

    return stated(
        lambda w, X, y: derivative(lambda w: loss(w, X, y), w),
        lambda w, X, y: X.T @ (probability(X @ w) - y),
        w=Real("m"),
        X=Real("n m"),
        y=Binary("n"),
        sizes={"m": 2, "n": 3},
    )


def softplus(slope):
    return stated(lambda z: derivative(lambda z: jnp.sum(jax.nn.softplus(z)), z), lambda z: slope(z), z=Real("2"))


def test_a_probability_that_is_wrong_far_out():
    verdict = verify(logistic(lambda z: jnp.where(jnp.abs(z) > 12, 0.9, sigmoid(z))))
    assert verdict.verdict == "refuted"
    assert "differs from side 0" in verdict.why
    inputs = {name: np.array(values) for name, values in verdict.counterexample.inputs.items()}
    assert np.abs(inputs["X"] @ inputs["w"]).max() > 12


def test_an_overflow():
    verdict = verify(logistic(lambda z: jnp.exp(z) / (1 + jnp.exp(z))))
    assert (verdict.verdict, verdict.code.outcome) == ("proved", "has no value")
    assert "is nan" in verdict.code.why
    inputs = {name: np.array(values) for name, values in verdict.code.at.inputs.items()}
    assert (inputs["X"] @ inputs["w"]).max() > 88


def test_a_value_that_is_wrong_at_zero_alone():
    verdict = verify(logistic(lambda z: jnp.where(z == 0, 1.0, sigmoid(z))))
    assert verdict.verdict == "refuted"
    assert "where the numbers of 'eq' at test_regions.py" in verdict.why
    inputs = {name: np.array(values) for name, values in verdict.counterexample.inputs.items()}
    assert 0 in inputs["X"] @ inputs["w"]


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (softplus(lambda z: jnp.where((z > 12) & (z < 12.001), 0.9, sigmoid(z))), "differs from side 0"),
        (softplus(lambda z: jnp.where(z > 1e3, 0.9, sigmoid(z))), "differs from side 0"),
        (softplus(lambda z: jnp.where(jnp.sum(z) > 7.3, 0.9, sigmoid(z))), "differs from side 0"),
        (
            stated(lambda x: x * 1, lambda x: jnp.where(x[0] == x[1], 2 * x, x), x=Real("3")),
            "where the numbers of 'eq'",
        ),
        (
            stated(lambda x: x * 1, lambda x: jnp.where(jnp.sum(x) == 7.25, 2 * x, x), x=Real("3")),
            "where the numbers of 'eq'",
        ),
    ],
    ids=["12 < z < 12.001", "z > 1000", "sum above 7.3", "equal entries", "sum of 7.25"],
)
def test_a_value_that_is_wrong_in_a_region_that_is_small_or_far(claim, why):
    verdict = verify(claim)
    assert verdict.verdict == "refuted"
    assert why in verdict.why


def underflows(z):
    """The logistic function of negative z, through numbers that float32 has only above -43 / 3."""
    return jnp.exp(6 * z) * jnp.exp(-5 * z) / (1 + jnp.exp(z))


def overflows(z):
    """The logistic function, through numbers that float64 has only below 355."""
    return jnp.exp(2 * z) / (jnp.exp(2 * z) + jnp.exp(z))


@pytest.mark.parametrize(
    ("slope", "dtype"),
    [
        (lambda z: jnp.where(z < -30, underflows(z), sigmoid(z)), "float32"),
        (lambda z: jnp.where((z < -60) & (z > -60.001), underflows(z), sigmoid(z)), "float32"),
        (lambda z: jnp.where((z > 400) & (z < 400.01), overflows(z), sigmoid(z)), "float64"),
    ],
    ids=["z < -30", "-60.001 < z < -60", "400 < z < 400.01"],
)
def test_rounding_in_a_region_that_is_right_but_for_it(slope, dtype):
    """Equal as functions; only the machine's numbers are wrong, and only in the region."""
    verdict = verify(softplus(slope))
    assert verdict.verdict == "proved"
    assert verdict.code.outcome in ("has no value", "differs")
    assert f"in {dtype}" in verdict.code.why


def test_a_narrow_region_is_met_in_floating_point_only_beside_its_boundary(monkeypatch):
    claim = softplus(lambda z: jnp.where((z < -60) & (z > -60.001), underflows(z), sigmoid(z)))
    monkeypatch.setattr(pipeline, "check_floating", lambda study, near: check_floating(study))
    assert verify(claim).code.outcome == "accurate"


def test_points_that_are_given_are_judged():
    claim = stated(lambda z: z * 1, lambda z: jnp.where(jnp.abs(z - 3) < 0.01, z + 1, z), z=Real())
    study = Study(claim, quick=True)
    assert not check_floating(study).failures
    inside = {"z": np.array(3.0)}
    failure = check_floating(study, [inside]).failures[0]
    assert (failure.expected, failure.given) == (3.0, 4.0)


NOT_EVERYWHERE = {
    "where the machine has no value": (
        lambda x: jnp.where(jnp.log(x) <= 0, 1.0, 2.0),
        lambda x: jnp.where(x <= 1, 1.0, 2.0),
        {"x": Real()},
    ),
    "where a domain ends": (
        lambda x, y: jnp.log(x * y),
        lambda x, y: jnp.log(x) + jnp.log(y),
        {"x": Real(), "y": Real()},
    ),
    "far out, of two inputs at once": (
        lambda x, y: x * y,
        lambda x, y: x * y * jnp.where((x > 1e40) & (y > 1e40), 2.0, 1.0),
        {"x": Real(), "y": Real()},
    ),
    "in a conjunction beside many regions": (
        lambda x: jnp.sum(jax.nn.relu(x)),
        lambda x: jnp.sum(jax.nn.relu(x)) + jnp.where((x[0] > 1) & (x[1] > 2) & (x[2] < -1), 1.0, 0.0),
        {"x": Real("4")},
    ),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NOT_EVERYWHERE)
def test_a_region_that_hardly_anybody_meets_is_found(name, seed):
    first, second, symbols = NOT_EVERYWHERE[name]
    verdict = verify(stated(first, second, **symbols), seed=seed)
    assert verdict.verdict == "refuted", verdict.why
    inputs = [np.array(verdict.counterexample.inputs[symbol]) for symbol in symbols]
    assert not np.array_equal(first(*inputs), second(*inputs))


def test_a_verdict_says_that_sides_are_equal_in_every_region():
    verdict = verify(stated(lambda x: jax.nn.relu(x) ** 2, lambda x: jnp.where(x > 0, x * x, 0), x=Real("n")))
    assert verdict.why == "all sides are equal, off the kinks"
    assert verdict.verdict == "proved"


def test_where_regions_are_too_many_the_verdict_is_of_some():
    def gated(x):
        return jnp.prod(1 + jax.nn.relu(x) * jnp.roll(jax.nn.relu(1 - x), 1))

    verdict = verify(stated(lambda x: gated(x), lambda x: jnp.exp(jnp.log(gated(x))), x=Real("12")))
    assert verdict.verdict == "some regions", verdict.why
    assert "more than 512 regions" in verdict.why
    assert not verdict


def test_a_region_that_may_have_no_inputs_is_named():
    sides = [lambda x, y, c=c: jnp.where((jnp.tanh(x) > y) & (y > 1 - 1e-6) & (x < 7), c, x) for c in (1.0, 2.0)]
    verdict = verify(stated(*sides, x=Real(), y=Real()))
    assert verdict.verdict == "undecided"
    assert "for an outcome of the comparison 'lt' at test_regions.py" in verdict.why


def test_inputs_about_the_largest_constants_are_finite():
    largest = 1.7e308
    sides = [lambda x, c=c: jnp.where(x > largest, c, x) for c in (1.0, 2.0)]
    assert verify(stated(*sides, x=Real("n"))).verdict == "refuted"

"""Kinks are found, listed, and compared on the spot."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradproof import Binary, Positive, Real, derivative
from gradproof._claim import Claim
from gradproof._kinks import check_kinks


def check(*sides, quick=False, **symbols):
    """The result for the claim that these functions are equal; they take the symbols in order."""

    def chain(**values):
        for side in sides:
            yield side(*(values[name] for name in symbols))

    return check_kinks(Claim("test", "", "test", chain, symbols), seed=0, quick=quick)


def gradient(z):
    return derivative(lambda z: jnp.sum(jax.nn.softplus(z)), z)


def found(result, comparison):
    (kink,) = (kink for kink in result.kinks if kink.comparison == comparison)
    return kink


def test_a_value_that_is_wrong_at_zero_alone_is_found():
    result = check(gradient, lambda z: jnp.where(z == 0, 0.25, jax.nn.sigmoid(z)), z=Real("n"))
    assert found(result, "eq").agree is False
    assert result.failure is not None
    assert result.failure.comparison == "eq"
    assert (result.failure.expected, result.failure.given) == (0.5, 0.25)
    assert 0.0 in result.failure.inputs["z"]
    assert "test_kinks.py" in result.failure.why
    assert result.failure.counterexample.step == 1


@pytest.mark.parametrize("where", [12.0, 0.375, -3.0])
def test_a_value_that_is_wrong_on_one_other_point_is_found(where):
    result = check(gradient, lambda z: jnp.where(z == where, 0.9, jax.nn.sigmoid(z)), z=Real("n"))
    assert found(result, "eq").agree is False
    assert where in result.failure.inputs["z"]


def test_a_threshold_is_met_exactly_through_a_linear_map():
    result = check(
        lambda w, X: gradient(X @ w),
        lambda w, X: jnp.where(jnp.abs(X @ w) == 12, 0.9, jax.nn.sigmoid(X @ w)),
        w=Real("m"),
        X=Real("n m"),
    )
    assert found(result, "eq").agree is False
    assert 12 in np.abs(result.failure.inputs["X"] @ result.failure.inputs["w"])


def test_a_root_that_is_not_linear_is_met():
    result = check(lambda x: x, lambda x: jnp.where(x * x * x == 27, 0.0, x), x=Positive("n"))
    assert found(result, "eq").agree is False
    assert 3.0 in result.failure.inputs["x"]


def test_agreement_on_a_kink_is_listed():
    result = check(
        lambda z: derivative(lambda z: jnp.sum(jnp.where(jnp.abs(z) <= 1.5, z**2 / 2, 1.5 * jnp.abs(z) - 1.125)), z),
        lambda z: jnp.clip(z, -1.5, 1.5),
        z=Real("n"),
    )
    assert result.failure is None
    assert {kink.comparison for kink in result.kinks} >= {"abs", "le", "max", "min"}
    assert all(kink.agree for kink in result.kinks)
    assert all(kink.where.startswith("test_kinks.py:") for kink in result.kinks)
    assert found(result, "le").seen == ("<", "=", ">")


def test_conventions_of_jax_at_a_kink_are_compared():
    def step(z):
        return jnp.where(z > 0, 1.0, 0.0)

    relu = check(lambda z: derivative(lambda z: jnp.sum(jax.nn.relu(z)), z), step, z=Real("n"))
    assert relu.failure is None
    larger = check(lambda z: derivative(lambda z: jnp.sum(jnp.maximum(z, 0)), z), step, z=Real("n"))
    assert larger.failure is not None
    assert (larger.failure.expected, larger.failure.given) == (0.5, 0.0)


def test_nan_on_a_kink_is_a_disagreement():
    result = check(jnp.abs, lambda z: z * z / jnp.abs(z), z=Real("n"))
    assert result.failure is not None
    assert np.isnan(result.failure.given)


def test_settled_and_dead_comparisons_are_not_listed():
    def guarded(z, y):
        total = jnp.sum(jnp.exp(z))
        safe = jnp.where((total > 0) & (total < jnp.inf) & (z == z), total, 1.0)
        return jnp.where(y == 1, 1.0, 2.0) * jnp.log(safe)

    def plain(z, y):
        return (2 - y) * jnp.log(jnp.sum(jnp.exp(z)))

    result = check(plain, guarded, z=Real("n"), y=Binary("n"))
    assert result.kinks == ()
    assert result.failure is None


def test_a_kink_that_no_input_was_found_on_is_said_to_be_unseen():
    result = check(lambda z: z, lambda z: jnp.where(jnp.exp(z) > jnp.pi, z, z * 1), z=Real("n"))
    (kink,) = result.kinks
    assert kink.agree is None
    assert kink.seen == ("<", ">")


def test_a_claim_without_comparisons_has_no_kinks():
    assert check(gradient_of_square, lambda x: 2 * x, x=Real("n")).kinks == ()


def gradient_of_square(x):
    return derivative(lambda x: jnp.sum(x**2), x)

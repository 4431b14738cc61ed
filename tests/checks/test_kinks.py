"""Kinks are found, listed with what is beside them, and compared on the spot."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stated import stated

from gradproof import Binary, Positive, Real, derivative, verify
from gradproof.checks import Study
from gradproof.checks.kinks import check_kinks
from gradproof.checks.kinks.search import PointSearch


def check(*sides, **claim):
    return check_kinks(Study(stated(*sides, **claim)))


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


def relu_gradient(z):
    return derivative(lambda z: jnp.sum(jax.nn.relu(z)), z)


def step(z):
    return jnp.where(z > 0, 1.0, 0.0)


STEP = f"test_kinks.py:{step.__code__.co_firstlineno + 1}"


def test_the_ledger_has_both_limits_and_what_the_sides_are_on_the_kink():
    (kink,) = (kink for kink in check(relu_gradient, step, z=Real("n")).kinks if kink.where == STEP)
    assert (kink.at.below, kink.at.above) == (0.0, 1.0)
    assert (kink.at.expected, kink.at.given) == (0.0, 0.0)
    assert kink.agree is True
    assert kink.at.entry.startswith("[")
    assert kink.at.inputs["z"][int(kink.at.entry.strip("[]"))] == 0.0


def test_limits_are_those_of_the_curve_and_not_of_the_points_beside_it():
    def bent(z):
        return jnp.where(z > 2, jnp.exp(z), jnp.sin(z) * jnp.abs(z - 2))

    at = found(check(bent, lambda z: bent(z) + 0, z=Real()), "gt").at
    assert at.inputs == {"z": 2.0}
    assert (at.below, at.above) == (0.0, pytest.approx(np.exp(2.0), rel=1e-12))


def test_a_constant_may_stand_first():
    kink = found(check(lambda z: jnp.maximum(0.0, z) / z, step, z=Real(), kinks="open"), "max")
    assert (kink.at.below, kink.at.above) == (0.0, 1.0)


def test_no_limit_is_made_up():
    kink = found(check(lambda z: jnp.where(z > 0, 1 / z, jnp.log(-z)), lambda z: z, z=Real()), "gt")
    assert (kink.at.below, kink.at.above) == (None, None)
    root = found(check(lambda z: jnp.sqrt(jnp.abs(z)), lambda z: z, z=Real()), "abs")
    assert (root.at.below, root.at.above) == (0.0, 0.0)


def test_a_jump_that_is_not_declared_is_a_finding():
    def findings(**options):
        return {kink.finding for kink in check(relu_gradient, step, z=Real("n"), **options).kinks}

    assert findings() == {"undeclared"}
    assert findings(convention="relu'(0) is 0") == {None}
    assert findings(kinks="relu'(0) is left open") == {None}
    assert {kink.finding for kink in check(gradient, jax.nn.sigmoid, z=Real("n")).kinks} == {None}


def test_a_jump_is_found_where_no_number_of_float64_is_on_the_kink():
    def jumps(x):
        return jnp.where(x * x > 2, jnp.exp(x), x)

    (kink,) = check(jumps, lambda x: jumps(x) * 1, x=Positive()).kinks
    assert (kink.agree, kink.finding) == (None, "undeclared")
    x = kink.at.inputs["x"]
    assert x == pytest.approx(np.sqrt(2), abs=1e-14)
    assert (kink.at.below, kink.at.above) == (pytest.approx(x, abs=1e-9), pytest.approx(np.exp(x), rel=1e-9))
    (smooth,) = check(lambda x: jnp.maximum(x, 7.3), lambda x: jnp.maximum(7.3, x), x=Real()).kinks[:1]
    assert smooth.finding is None


def test_a_finding_does_not_change_the_verdict_and_names_the_convention():
    verdict = verify(stated(relu_gradient, step, z=Real("n")))
    assert verdict.verdict == "proved"
    assert "undeclared" in {kink.finding for kink in verdict.kinks}
    declared = verify(stated(relu_gradient, step, z=Real("n"), convention="relu'(0) is 0"))
    assert {kink.convention for kink in declared.kinks} == {"relu'(0) is 0"}


def test_a_convention_that_all_sides_follow_hides_no_disagreement():
    def other(z):
        return jnp.where(z >= 0, 1.0, 0.0)

    assert verify(stated(relu_gradient, other, z=Real("n"), convention="relu'(0) is 1")).verdict == "refuted"
    assert verify(stated(relu_gradient, other, z=Real("n"), kinks="relu'(0) is left open")).verdict == "proved"


def test_where_nothing_jumps_there_is_nothing_to_leave_open():
    def wrong(z):
        return jnp.where(z == 0, 0.25, jax.nn.sigmoid(z))

    assert verify(stated(gradient, wrong, z=Real("n"), kinks="open")).verdict == "refuted"


def test_a_printed_formula_alone_needs_no_value_on_a_kink_that_is_left_open():
    sides = [lambda z: jnp.abs(z) / 2, lambda z: z * z / jnp.abs(z) / 2]
    assert check(*sides, z=Real("n"), kinks="open at 0", stable=False).failure.open
    assert not check(*sides, z=Real("n"), kinks="open at 0").failure.open
    assert not check(*sides, z=Real("n"), stable=False).failure.open


def test_an_outcome_that_no_input_has_is_listed_as_dead():
    def guarded(x):
        return jnp.where(x * x >= 0, x, 0.0) + jnp.where(x**2 + 1 > 1e-3, 0.0, 1.0)

    kinks = {kink.comparison: kink for kink in check(lambda x: x, guarded, x=Real("n")).kinks}
    assert kinks["ge"].dead == ("<",)
    assert kinks["gt"].dead == ("<", "=")
    assert "at 1" in kinks["gt"].looked
    assert "1e+30" in kinks["gt"].looked
    alive = found(check(lambda x: x, lambda x: jnp.where(x > 1e6, x, x + 0), x=Real("n")), "gt")
    assert (alive.dead, alive.looked) == ((), None)


@pytest.mark.parametrize("where", [20.0, 5e4, -1e5, 1e20])
def test_outcomes_that_are_reached_by_solving_are_seen_from_near_and_far(where):
    study = Study(stated(lambda x: x, lambda x: jnp.where(x > where, x, x + 0), x=Real()))
    result = check_kinks(study)
    (kink,) = result.kinks
    assert set(kink.seen) >= {"<", ">"}
    assert kink.dead == ()
    near = np.array([point["x"] for point in (*study.points, *result.near)])
    assert (near == near.astype(np.float32)).all()
    for outcome in (near < where, near > where):
        gaps = abs(near[outcome] - where) / abs(where)
        assert 0 < gaps.min() < 2.0**-18
        assert gaps.max() > 0.1


def test_a_kink_that_no_input_was_found_on_is_said_to_be_unseen():
    result = check(lambda z: z, lambda z: jnp.where(z * z > 2, z, z * 1), z=Real("n"))
    (kink,) = result.kinks
    assert kink.agree is None
    assert kink.seen == ("<", ">")


def test_a_claim_without_comparisons_has_no_kinks():
    assert check(gradient_of_square, lambda x: 2 * x, x=Real("n")).kinks == ()


def gradient_of_square(x):
    return derivative(lambda x: jnp.sum(x**2), x)


def test_a_factor_of_zero_hides_nothing(monkeypatch):
    """Of a tie that is met with zeros everywhere, the sides are compared once more with few."""
    sides = [lambda z, v: v * jnp.where(z > 0, 1.0, 0.01), lambda z, v: v * jnp.where(z >= 0, 1.0, 0.01)]
    whole = PointSearch._whole
    monkeypatch.setattr(PointSearch, "_whole", lambda search, draw: whole(search, np.zeros))
    failure = check(*sides, z=Real("n"), v=Real("n")).failure
    assert (failure.inputs["z"] == 0).sum() == 1
    assert (failure.inputs["v"] != 0).all()
    monkeypatch.setattr(PointSearch, "loosen", lambda search, key: None)
    assert check(*sides, z=Real("n"), v=Real("n")).failure is None


def whole_slope(x):
    return derivative(lambda x: jnp.sum(x * jnp.floor(x)), x)


def test_whole_numbers_are_kinks():
    result = check(whole_slope, lambda x: 1 * jnp.floor(x), x=Real("n"))
    kink = result.kinks[0]
    assert kink.comparison == "floor"
    assert kink.agree
    assert kink.finding == "undeclared"
    assert kink.at.above - kink.at.below == 1
    result = check(whole_slope, lambda x: jnp.ceil(x) - 1, x=Real("n"))
    assert result.failure is not None
    assert result.failure.expected - result.failure.given == 1


def test_the_middle_between_whole_numbers_is_a_kink():
    result = check(
        lambda x: derivative(lambda x: jnp.sum(x * jnp.round(x)), x), lambda x: jnp.floor(x + 0.5), x=Real("n")
    )
    assert result.kinks[0].comparison == "round"
    assert any(x % 1 == 0.5 for x in result.failure.inputs["x"])

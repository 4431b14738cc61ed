"""Sensitivity: near the rounding of each format, and none where the check is blind."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stated import stated

from gradproof import Positive, Real, derivative
from gradproof.checks import Study
from gradproof.checks.floating import check_floating
from gradproof.measures import sensitivity_of


def product(x, y, z):
    return x * y * z


def half_the_square(x, y, z):
    return derivative(lambda x: jnp.sum(x * x * y * z) / 2, x)


# Of three factors, since of two it is exact in float64 for inputs of float32.
PRODUCT = stated(half_the_square, product, x=Real("n"), y=Real("n"), z=Real("n"))


def test_those_of_a_product_are_near_its_rounding():
    limits = sensitivity_of(Study(PRODUCT))
    assert set(limits) == {"float64", "float32"}
    for dtype in limits:
        unit = float(np.finfo(dtype).eps)
        for limit in (limits[dtype].factor.best, limits[dtype].factor.worst):
            assert limit is not None
            # A quarter of a unit is rounded to one.
            assert unit / 4 <= limit <= 4 * unit
        assert limits[dtype].factor.entries == limits[dtype].term.entries == 2


def test_they_are_ordered_and_have_two_digits():
    for limits in sensitivity_of(Study(PRODUCT)).values():
        for limit in (limits.factor, limits.term):
            assert limit.best <= limit.median <= limit.worst
            assert all(x == float(f"{x:.1e}") for x in (limit.best, limit.median, limit.worst))


@pytest.mark.parametrize(("share", "refused"), [(0.25, False), (8.0, True)])
def test_the_check_refuses_a_mistake_above_the_limit_and_no_smaller_one(share, refused):
    limit = sensitivity_of(Study(PRODUCT))["float32"].factor.worst

    def wrong(x, y, z):
        mistake = share * limit if x.dtype == jnp.float32 else 0
        return product(x, y, z) * jnp.where(jnp.arange(len(x)) == 1, 1 + mistake, 1)

    planted = stated(half_the_square, wrong, x=Real("n"), y=Real("n"), z=Real("n"))
    assert bool(check_floating(Study(planted)).failures) == refused


def test_a_blind_check_has_none(monkeypatch):
    from gradproof.checks import floating

    def blind(*arguments):
        return [
            replace(run, outputs=[replace(x, bound=np.full_like(x.bound, np.inf)) for x in run.outputs])
            for run in original(*arguments)
        ]

    original = floating.run_at
    monkeypatch.setattr(floating, "run_at", blind)
    for limits in sensitivity_of(Study(PRODUCT)).values():
        assert limits.factor.best is limits.factor.worst is limits.term.best is limits.term.worst is None
        assert limits.factor.entries == 2


def test_an_entry_that_is_always_zero_has_no_relative_error():
    zeros = stated(lambda x: jnp.diag(x), lambda x: jnp.diag(x), x=Positive("2"))
    limits = sensitivity_of(Study(zeros))["float64"]
    assert (limits.factor.entries, limits.term.entries) == (2, 4)
    assert limits.term.best < 1e-17


def test_the_same_seed_gives_the_same_limits():
    smooth = stated(lambda z: derivative(lambda z: jnp.sum(jax.nn.softplus(z)), z), jax.nn.sigmoid, z=Real("n"))
    assert sensitivity_of(Study(smooth, seed=3)) == sensitivity_of(Study(smooth, seed=3))

"""Runs leave nothing behind, and values tell how far they are from other numbers."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import ctx

from gradproof.errors import Undecided
from gradproof.numerics import Format, Input, RoundingArithmetic, certify, run_at

POINT = np.array([0.75, -1.25, 2.0])
MAKE = {dtype: partial(RoundingArithmetic, Format.of(dtype)) for dtype in ("float64", "float32")}


def traced(function):
    with jax.enable_x64(True):
        return jax.make_jaxpr(function)(POINT)


def run_in_float64(function, points):
    return run_at(MAKE["float64"], traced(function), [[Input(point)] for point in points])


@pytest.mark.parametrize("precision", [53, 77])
def test_the_precision_of_flint_is_what_it_was(precision):
    with ctx.workprec(precision):
        certify(traced(jnp.exp), [[Input(POINT)]])
        (found,) = run_in_float64(jnp.exp, [POINT])
        found.outputs[0].gap(np.exp(POINT))
        assert ctx.prec == precision
        with pytest.raises(Undecided):
            certify(traced(jax.lax.bessel_i0e), [[Input(POINT)]])
        assert ctx.prec == precision


def test_values_do_not_depend_on_the_precision_outside():
    def values():
        (found,) = certify(traced(lambda x: jnp.sin(x) / 3), [[Input(POINT)]])
        return found.outputs[0].value.tolist(), found.outputs[0].gap(np.sin(POINT) / 3).tolist()

    usual = values()
    with ctx.workprec(30):
        assert values() == usual


def test_points_with_different_outcomes_are_run_apart():
    points = [POINT, -POINT, 2 * POINT]
    together = run_in_float64(lambda x: jnp.where(x > 0, jnp.exp(x), x / 3), points)
    for point, found in zip(points, together, strict=True):
        (alone,) = run_in_float64(lambda x: jnp.where(x > 0, jnp.exp(x), x / 3), [point])
        assert found.outputs[0].value.tolist() == alone.outputs[0].value.tolist()
        assert found.outputs[0].bound.tolist() == alone.outputs[0].bound.tolist()
    assert run_in_float64(jnp.exp, []) == []


def test_values_of_any_shape_and_magnitude_have_distances():
    for shape in [(), (1,), (2, 0), (2, 3)]:
        closed = traced(lambda x, shape=shape: jnp.exp(-5000 * x[0] * jnp.ones(shape)))
        (found,) = certify(closed, [[Input(POINT)]])
        output = found.outputs[0]
        assert output.value.shape == output.size.shape == output.gap(np.zeros(shape)).shape == shape
        np.testing.assert_allclose(output.size, -3750 / np.log(2))
        np.testing.assert_array_equal(output.gap(np.zeros(shape)), output.size)
        assert output.within_errors(output).all()


def test_values_that_differ_by_more_than_their_errors_are_told_apart():
    (exact,) = certify(traced(lambda x: x / 3), [[Input(POINT)]])
    (other,) = certify(traced(lambda x: x / 3 + x / 3 * 2.0**-140), [[Input(POINT)]])
    (same,) = certify(traced(lambda x: 2 * x / 6), [[Input(POINT)]])
    assert exact.outputs[0].within_errors(same.outputs[0]).all()
    assert not exact.outputs[0].within_errors(other.outputs[0]).any()


# On kinks


def test_on_a_kink_that_is_known_which_is_the_same_on_both_sides():
    def program(x):
        return jnp.stack([jnp.where(x[0] > x[1], x[0], x[1]), jnp.where(x[0] > x[1], 2 * x[0], x[1])])

    points = [[Input(np.array([1.5, 1.5, 0.0]))]]
    (tied,) = certify(traced(program), points)
    assert tied.tied
    (found,) = certify(traced(program), points, one_sided=True)
    assert not found.tied
    assert found.known[0].tolist() == [True, False]
    assert found.outputs[0].bound[1] == np.inf

"""Cholesky factors and triangular systems, entry by entry: their slopes, and their errors on the machine."""

import itertools
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from gradproof.checks.stepwise import op_by_op
from gradproof.interpreter import Arithmetic, DualArithmetic, triangular
from gradproof.numerics import Format, Input, RoundingArithmetic, certify, run_at
from gradproof.worlds import WorldArithmetic
from gradproof.worlds.atoms import Colours
from gradproof.worlds.draws import Plan
from gradproof.worlds.value import FINITE, kinds

# Dual numbers: the slopes are those of the algorithms themselves


def dual_numbers(*shapes, positive_definite=False):
    """Any ones, or wide matrices times their transposes."""
    exact = WorldArithmetic(Plan(b"seed", origins=True), Colours())
    dual, made = DualArithmetic(exact, 2), []
    for number, shape in enumerate(shapes):
        wide = (*shape[:-1], shape[-1] + positive_definite)
        value = exact.symbol(f"value {number}", wide)
        if positive_definite:
            turned = exact.take([value], triangular.positions(wide).swapaxes(-1, -2))
            value = triangular.product(exact, value, turned)
        made.append(dual._dual(value, exact.symbol(f"slope {number}", (2, *shape))))
    return dual, made


def assert_same(dual, x, y):
    """Where the second has a value: of a factor it is not known to have one for all outcomes of comparisons."""
    for a, b in ((x.value, y.value), (dual.slope(x), dual.slope(y))):
        has_value = kinds(b) == FINITE
        assert has_value.any(axis=0).all()
        assert (a.residues == b.residues).all(axis=1)[has_value].all()


def test_the_slopes_of_a_factor_are_those_of_the_algorithm():
    dual, (a,) = dual_numbers((2, 3, 3), positive_definite=True)
    assert_same(dual, dual.cholesky(a), Arithmetic.cholesky(dual, a))


def test_the_slopes_of_a_solution_are_those_of_the_algorithm():
    dual, (a, b) = dual_numbers((2, 3, 3), (2, 3, 4))
    a = dual.take([a], np.where(np.tri(3, dtype=bool), np.arange(18).reshape(2, 3, 3), -1))
    constant = dual._dual(b.value, None)
    for right_side in (b, constant):
        assert_same(dual, dual.solve_lower(a, right_side), Arithmetic.solve_lower(dual, a, right_side))
    assert_same(
        dual,
        dual.solve_lower(dual._dual(a.value, None), b),
        Arithmetic.solve_lower(dual, dual._dual(a.value, None), b),
    )


# On the machine: results lie within their bounds, in one program and operation by operation

FLAGS = list(itertools.product([False, True], repeat=4))


def solved(left_side, lower, transpose_a, unit_diagonal):
    return partial(
        lax.linalg.triangular_solve,
        left_side=left_side,
        lower=lower,
        transpose_a=transpose_a,
        unit_diagonal=unit_diagonal,
    )


DTYPES = [np.float64, np.float32]


def assert_within(function, *arrays, dtype, jitted=None):
    """Every result lies within its bound of the mathematical value; returns the bounds.

    Arguments:
        jitted: the result of the compiled function, if there is one.
    """
    arrays = [np.asarray(array, dtype) for array in arrays]
    closed = jax.make_jaxpr(function)(*arrays)
    inputs = [Input(array.astype(float)) for array in arrays]
    (found,) = run_at(partial(RoundingArithmetic, Format.of(dtype)), closed, [inputs])
    (bound,) = found.outputs
    (certified,) = certify(closed, [inputs])
    assert certified.known[0].all()
    value = certified.outputs[0]
    ((alone,),) = op_by_op(closed.jaxpr, closed.consts, [x[None] for x in arrays], 1)
    for result in (jax.jit(function)(*arrays) if jitted is None else jitted, alone):
        result = np.asarray(result).astype(float)
        assert np.isfinite(result[np.isfinite(bound.error)]).all()
        gap = np.exp2(value.gap(np.where(np.isfinite(result), result, 0.0)))
        assert (gap <= bound.error).all(), (result, gap, bound.error)
    return bound.error


def triangles(generator, shape):
    """Random matrices with a diagonal that is not small."""
    return generator.normal(size=shape) + 3 * np.eye(shape[-1])


def system(batch, n, k, flags):
    left_side, _, _, unit_diagonal = flags
    generator = np.random.default_rng([5, *flags])
    a = triangles(generator, (*batch, n, n))
    b = generator.normal(size=(*batch, n, k) if left_side else (*batch, k, n))
    # A unit diagonal is small beside the rest, where errors grow with every row.
    return a / n if unit_diagonal else a, b


@cache
def solutions(dtype):
    """By the flags, of one program."""
    systems = [[part.astype(dtype) for part in system((2,), 3, 2, flags)] for flags in FLAGS]
    found = jax.jit(lambda given: [solved(*flags)(*own) for flags, own in zip(FLAGS, given, strict=True)])(systems)
    return dict(zip(FLAGS, found, strict=True))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("flags", FLAGS)
def test_a_solution_lies_within_its_bound(flags, dtype):
    a, b = system((2,), 3, 2, flags)
    assert np.isfinite(assert_within(solved(*flags), a, b, dtype=dtype, jitted=solutions(dtype)[flags])).all()


@pytest.mark.parametrize("flags", [(True, True, False, False), (False, False, True, True)])
@pytest.mark.parametrize(("batch", "n", "k"), [((), 1, 1), ((), 4, 1), ((), 3, 5), ((2, 3), 2, 1), ((), 40, 2)])
def test_solutions_of_other_sizes_lie_within_their_bounds(batch, n, k, flags):
    assert np.isfinite(assert_within(solved(*flags), *system(batch, n, k, flags), dtype=np.float32)).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (2, 3, 3), (80, 80)])
def test_a_factor_lies_within_its_bound(shape, dtype):
    """The largest is factored in blocks."""
    A = np.random.default_rng([6, *shape]).normal(size=shape) / shape[-1]
    error = assert_within(jnp.linalg.cholesky, A + A.swapaxes(-1, -2) + 4 * np.eye(shape[-1]), dtype=dtype)
    assert np.isfinite(error).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_whole_numbers_are_not_exact_where_a_reciprocal_is_taken(dtype):
    """49 times the rounded reciprocal of 49 is not 1."""
    whole = np.arange(1.0, 100.0)
    error = assert_within(solved(True, True, False, False), whole[:, None, None], whole[:, None, None], dtype=dtype)
    powers = 2.0 ** np.floor(np.log2(whole)) == whole
    assert ((error.ravel() == 0) == powers).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_is_said_of_a_factor_that_rounding_may_undo(dtype):
    """Whether the last pivot of this matrix is positive is a matter of rounding, and with it the whole factor."""
    n = 12
    hilbert = (1 / (1.0 + np.arange(n)[:, None] + np.arange(n))).astype(dtype)
    closed = jax.make_jaxpr(jnp.linalg.cholesky)(hilbert)
    (found,) = run_at(partial(RoundingArithmetic, Format.of(dtype)), closed, [[Input(hilbert.astype(float))]])
    (bound,) = found.outputs
    assert np.isinf(bound.error[np.tri(n, dtype=bool)]).all()

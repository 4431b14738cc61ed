"""A program with each operation compiled by itself: the same numbers, of however many operations are made at once."""

import jax
import jax.numpy as jnp
import numpy as np

from gradproof.checks.stepwise import op_by_op


def test_more_numbers_than_are_run_at_once_have_their_values_in_order():
    x = np.random.default_rng(0).normal(size=(3, 1000))
    closed = jax.make_jaxpr(lambda x: jnp.exp(x) * 2)(x[0])
    (found,) = op_by_op(closed.jaxpr, closed.consts, [x], 3)
    # Two functions that are right to two units each.
    np.testing.assert_allclose(found, 2 * np.exp(x), rtol=4 * np.finfo(float).eps)

"""Programs that are taken apart and put together: equations that stay are the same objects."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend import core

from gradproof.programs import rewriting

POINT = np.array([0.75, -1.25, 2.0])


def program(x):
    looped, _ = lax.scan(lambda total, each: (total * each + jnp.pi, None), jnp.ones(()), x)
    return jnp.sort(jnp.exp(x) / 3)[0] * looped


def test_what_is_left_of_a_program_has_the_same_equations():
    origin = rewriting.inlined(jax.make_jaxpr(lambda x: (program(x), jnp.sum(x)))(jnp.ones(3)))
    part = rewriting.restricted(origin, [0])
    assert all(any(equation is other for other in origin.jaxpr.eqns) for equation in part.jaxpr.eqns)
    assert len(part.jaxpr.eqns) < len(origin.jaxpr.eqns)


def test_of_a_loop_that_is_cut_down_there_is_another():
    def two(x):
        (first, second), _ = lax.scan(lambda c, _: ((c[0] * 2, c[1] * x), None), (x, x), None, length=3)
        return first, second

    origin = rewriting.inlined(jax.make_jaxpr(two)(1.0))
    (loop,) = [
        equation for equation in rewriting.restricted(origin, [0]).jaxpr.eqns if equation.primitive.name == "scan"
    ]
    assert len(loop.outvars) == 1


def test_joined_programs_have_the_outputs_of_both():
    first, second = (jax.make_jaxpr(f)(POINT) for f in (lambda x: (x + POINT, 2 * x), lambda x: x * POINT))
    both = rewriting.joined(first, second)
    x = np.array([1.0, 2.0, 3.0])
    outputs = core.jaxpr_as_fun(both)(x)
    assert [output.tolist() for output in outputs] == [(x + POINT).tolist(), (2 * x).tolist(), (x * POINT).tolist()]

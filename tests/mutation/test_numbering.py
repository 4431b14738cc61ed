"""Value numbering: what makes a difference between two programs, and what does not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from gradproof.mutation.numbering import Numbering
from gradproof.programs import rewriting


def numbers(*functions, dtypes=(np.float64,)):
    numbering = Numbering()
    inputs = [jax.ShapeDtypeStruct((3,), dtype) for dtype in dtypes]
    return [numbering.outputs(rewriting.inlined(jax.make_jaxpr(function)(*inputs))) for function in functions]


def looped(factor):
    return lambda x: lax.scan(lambda carry, _: (factor * carry, None), x, None, length=3)[0]


def branched(factor):
    return lambda x: lax.cond(x[0] > 0, lambda x: factor * x, lambda x: x, x)


DIFFERENT = {
    "operation": (lambda x: jnp.sin(x) * jnp.cos(x), lambda x: jnp.sin(x) + jnp.cos(x)),
    "operands": (lambda x: x / 2, lambda x: 2 / x),
    "literal": (lambda x: x * 2.0, lambda x: x * 3.0),
    "zero": (lambda x: x * 0.0, lambda x: x * -0.0),
    "parameter": (lambda x: x**2, lambda x: x**3),
    "constant": (lambda x: x * np.array([1.0, 2.0, 3.0]), lambda x: x * np.array([1.0, 2.0, 4.0])),
    "moved": (lambda x: lax.rev(x, (0,)), lambda x: x),
    "output": (lambda x: lax.sort((x, -x), num_keys=1)[0], lambda x: lax.sort((x, -x), num_keys=1)[1]),
    "loop": (looped(2.0), looped(3.0)),
    "branch": (branched(2.0), branched(3.0)),
}

SAME = {
    "order": (lambda x: jnp.sin(x) * jnp.cos(x), lambda x: (lambda c: jnp.sin(x) * c)(jnp.cos(x))),
    "twice": (lambda x: jnp.sin(x) * jnp.sin(x), lambda x: (lambda s: s * s)(jnp.sin(x))),
    "loop": (looped(2.0), looped(2.0)),
    "branch": (branched(2.0), branched(2.0)),
    "constant": (lambda x: x * np.array([1.0, 2.0, 3.0]), lambda x: x * np.array([1.0, 2.0, 3.0])),
}


@pytest.mark.parametrize(("first", "second"), DIFFERENT.values(), ids=DIFFERENT)
def test_programs_that_differ_have_other_numbers(first, second):
    one, other = numbers(first, second)
    assert one != other


def test_inputs_are_told_apart():
    one, other = numbers(lambda x, y: x - y, lambda x, y: y - x, dtypes=(np.float64, np.float64))
    assert one != other


def test_an_input_of_another_form_is_another_value():
    numbering = Numbering()
    found = {
        numbering.outputs(jax.make_jaxpr(lambda x: x)(jax.ShapeDtypeStruct(shape, dtype)))
        for shape in ((3,), (2,))
        for dtype in (np.float64, np.float32)
    }
    assert len(found) == 4


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME)
def test_order_and_what_is_computed_twice_make_no_difference(first, second):
    one, other = numbers(first, second)
    assert one == other

"""A shape that is wrong is said in the sizes that the claim names."""

import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Real, verify


def joined(h, x):
    return jnp.concatenate([h, x])


CELL = {"W": Real("4m m+k"), "h": Real("m"), "x": Real("k")}
SHAPES = {
    "a factor that lacks a part": (
        lambda W, h, x: jnp.outer(W @ joined(h, x), joined(h, x)),
        lambda W, h, x: jnp.outer(W @ joined(h, x), h),
        CELL,
        "it has the shape [4m, m], and should have [4m, m+k]",
    ),
    "one array of several": (
        lambda W, h, x: {"W": W, "h": h},
        lambda W, h, x: {"W": W + 0, "h": (W @ joined(h, x))},
        CELL,
        "['h'] has the shape [4m], and should have [m]",
    ),
    "an axis too many": (
        lambda a, b: jnp.zeros((len(a), len(b), 3)),
        lambda a, b: jnp.zeros((len(a) * len(b), 4)),
        {"a": Real("n"), "b": Real("m")},
        "it has the shape [n*m, 4], and should have [n, m, 3]",
    ),
    "what no size tells": (
        lambda a, b: a,
        lambda a, b: jnp.zeros(5 * len(a) + 3 * len(b)),
        {"a": Real("n"), "b": Real("m")},
        None,
    ),
    "no sizes": (lambda a: a, lambda a: a[:2], {"a": Real("3")}, None),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_said_in_named_sizes(name):
    right, wrong, symbols, diagnosis = SHAPES[name]
    verdict = verify(stated(right, wrong, **symbols), quick=True)
    assert verdict.verdict == "refuted", verdict.why
    assert verdict.counterexample.diagnosis == diagnosis

"""What the exact check must never let pass."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted, slope
from jax import lax

from gradproof import Binary, Index, OneHot, Real, Simplex

X = {"x": Real()}
N = {"x": Real("n")}


def sigma(z):
    return 1 / (1 + jnp.exp(-z))


FORMS = {
    "column and vector": (lambda x: x, lambda x: x[:, None], "float64[2]", "float64[2,1]"),
    "row and vector": (lambda x: x, lambda x: x[None], "float64[2]", "float64[1,2]"),
    "vector and number": (lambda x: x * 0 + 1, lambda x: jnp.ones(()), "float64[2]", "float64[]"),
    "single entry": (lambda x: x * 0 + 1, lambda x: jnp.ones(1), "float64[2]", "float64[1]"),
    "a difference that was spread": (
        lambda x: x - jnp.ones(x.shape),
        lambda x: x[:, None] - jnp.ones((1, x.size)),
        "float64[2]",
        "float64[2,2]",
    ),
    "float32": (lambda x: x, lambda x: x.astype(jnp.float32), "float64[2]", "float32[2]"),
    "integers": (lambda x: x * 0, lambda x: jnp.zeros(x.shape, int), "float64[2]", "int64[2]"),
    "nothing": (lambda x: x, lambda x: (), "float64[2]", "()"),
    "order": (
        lambda x: {"w": x, "b": x[0]},
        lambda x: (2 * x[0], 2 * x),
        "{'b': float64[], 'w': float64[2]}",
        "(float64[], float64[2])",
    ),
    "names": (
        lambda x: {"w": x, "b": x},
        lambda x: {"w": 2 * x, "c": x},
        "{'b': float64[2], 'w': float64[2]}",
        "{'c': float64[2], 'w': float64[2]}",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_shapes_dtypes_and_trees_must_agree_and_are_named(name):
    left, right, *shapes = FORMS[name]
    difference = assert_refuted(left, right, **N)
    assert list(difference.shapes) == shapes


def test_shapes_that_agree_at_some_sizes_only_are_refuted():
    difference = assert_refuted(lambda x: x.T, lambda x: x, x=Real("n m"))
    assert difference.shapes == ("float64[3,2]", "float64[2,3]")
    assert assert_refuted(lambda x: jnp.sum(x), lambda x: x[..., 0], **N).sizes == {"n": 2}


def test_a_transpose_is_refuted_though_it_is_hidden_at_size_one():
    assert assert_refuted(lambda x: x.T, lambda x: x, x=Real("n n")).sizes == {"n": 2}


def wrong_vjp(rule):
    @jax.custom_vjp
    def square(x):
        return x**2

    square.defvjp(lambda x: (x**2, x), lambda x, cotangent: (rule(x) * cotangent,))
    return square


def wrong_jvp(rule):
    @jax.custom_jvp
    def square(x):
        return x**2

    square.defjvp(lambda primals, tangents: (primals[0] ** 2, rule(primals[0]) * tangents[0]))
    return square


RULES = {
    "custom_vjp without its factor": wrong_vjp(lambda x: x),
    "custom_jvp without its factor": wrong_jvp(lambda x: x),
    "custom_vjp without a gradient": wrong_vjp(lambda x: 0 * x),
    "custom_vjp wrong in its tail": wrong_vjp(lambda x: jnp.where(jnp.abs(x) > 12, x, 2 * x)),
}


@pytest.mark.parametrize("name", RULES)
def test_a_wrong_rule_contradicts_autodiff_where_the_formula_is_right(name):
    assert assert_refuted(slope(RULES[name]), lambda x: 2 * x, **X).oracles == ("autodiff",)


@pytest.mark.parametrize("name", RULES)
def test_a_formula_as_wrong_as_the_rule_contradicts_dual_numbers(name):
    assert assert_refuted(slope(RULES[name]), jax.grad(RULES[name]), **X).oracles == ("dual",)


def test_a_rule_that_ignores_its_cotangent_is_found_once_it_is_not_one():
    @jax.custom_vjp
    def total(x):
        return jnp.sum(x**2)

    total.defvjp(lambda x: (total(x), x), lambda x, cotangent: (2 * x,))
    assert_proved(slope(total), lambda x: 2 * x, **N)
    difference = assert_refuted(slope(lambda x: 3 * total(x)), lambda x: 6 * x, **N)
    assert difference.oracles == ("autodiff",)


def test_a_gradient_that_was_stopped_is_found():
    def loss(x):
        return jnp.sum(x * lax.stop_gradient(x))

    assert assert_refuted(slope(loss), lambda x: 2 * x, **N).oracles == ("autodiff",)
    assert assert_refuted(slope(loss), lambda x: 1 * x, **N).oracles == ("dual",)
    assert assert_refuted(slope(lambda x: lax.stop_gradient(x @ x)), jnp.zeros_like, **N).oracles == ("dual",)


@pytest.mark.parametrize("edge", [12.0, 1e3, 1e8, 1e-8])
def test_an_error_in_a_far_region_is_found(edge):
    def tail(x):
        return jnp.where(jnp.abs(x) > edge, 0.9, sigma(x))

    def middle(x):
        return jnp.where(jnp.abs(x) < edge, 0.5, sigma(x))

    assert assert_refuted(lax.logistic, tail, **X).oracles == ("evaluation",)
    assert_refuted(lax.logistic, middle, **X)


@pytest.mark.parametrize("edge", [12.0, 40.0])
def test_an_error_in_a_far_region_of_one_class_is_found(edge):
    def wrong(z, y):
        return jnp.where(y == 1, jnp.where(z < -edge, z, jax.nn.log_sigmoid(z)), jax.nn.log_sigmoid(-z))

    def right(z, y):
        return jnp.where(y == 1, jax.nn.log_sigmoid(z), jax.nn.log_sigmoid(-z))

    assert_refuted(right, wrong, z=Real("n"), y=Binary("n"))


SLIGHTLY_WRONG = {
    "a constant, by a relative 1e-12": (X, lambda x: 2 * x, lambda x: 2.000000000002 * x),
    "weight decay of 1e-12": (X, lambda x: jnp.exp(x), lambda x: jnp.exp(x) + 1e-12 * x),
    "a term that is far too small for a float": (X, lambda x: 1 + jnp.exp(x), lambda x: 1 + jnp.exp(x) + 1e-30 * x),
    "log for log1p": (X, lambda x: jnp.log1p(jnp.exp(x)), lambda x: jnp.log(jnp.exp(x))),
    "labels only": (
        {"y": Binary("n")},
        lambda y: jnp.sum(y),
        lambda y: jnp.sum(y) + 1e-9 * jnp.prod(y),
    ),
    "one pattern of classes only": (
        {"c": Index("n", below="K")},
        lambda c: jnp.sum(c) * 1.0,
        lambda c: jnp.sum(c) + jnp.where(jnp.all(c == 1), 1e-9, 0.0),
    ),
}


@pytest.mark.parametrize("name", SLIGHTLY_WRONG)
def test_what_is_slightly_wrong_is_refuted(name):
    symbols, right, wrong = SLIGHTLY_WRONG[name]
    assert_refuted(right, wrong, **symbols)


def test_labels_are_no_more_than_their_values():
    assert_proved(lambda y: y**2, lambda y: 1 * y, y=Binary("n"))
    assert_proved(lambda y: jnp.sum(y * y, axis=1), lambda y: jnp.ones(len(y)), y=OneHot("n K"))
    assert_refuted(lambda y: jnp.sum(y * y, axis=1), lambda y: jnp.ones(len(y)), y=Simplex("n K"))
    assert_refuted(lambda y: y**2, lambda y: 1 * y, y=Real("n"))

"""Derivative rules are checked for every cotangent and tangent, and their value is that of the function."""

import jax
import jax.numpy as jnp
import pytest

from gradproof import GradproofError, check_jvp, check_rule, check_vjp


def with_vjp(forward, backward):
    function = jax.custom_vjp(lambda x: jnp.sum(x**2))
    function.defvjp(forward, backward)
    return function


def squares(x):
    return jnp.sum(x**2), x


RULES = {
    "right": (squares, lambda x, g: (2 * x * g,), "proved"),
    "of no cotangent": (squares, lambda x, g: (2 * x,), "refuted"),
    "of its absolute value": (squares, lambda x, g: (2 * x * jnp.abs(g),), "refuted"),
    "of another value": (lambda x: (jnp.sum(x**2) + 1, x), lambda x, g: (2 * x * g,), "refuted"),
    "of another slope": (squares, lambda x, g: (3 * x * g,), "refuted"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_pullback_is_that_of_its_function_for_every_cotangent(name):
    forward, backward, expected = RULES[name]
    assert check_rule(with_vjp(forward, backward), (jnp.ones(3),)).verdict == expected


def test_arguments_that_are_not_differentiated_stay_as_they_are():
    power = jax.custom_vjp(lambda n, x: x**n, nondiff_argnums=(0,))
    power.defvjp(lambda n, x: (x**n, x), lambda n, x, g: (n * x ** (n - 1) * g,))
    verdict = check_rule(power, (3, jnp.ones(2)))
    assert verdict, verdict.why
    assert list(verdict.domains) == ["x", "cotangent"]


def test_whole_numbers_have_no_cotangent():
    picked = jax.custom_vjp(lambda x, i: x[i])
    picked.defvjp(lambda x, i: (x[i], (x, i)), lambda kept, g: (jnp.zeros_like(kept[0]).at[kept[1]].set(g), None))
    assert check_rule(picked, (jnp.ones(3), jnp.array(1)))


@pytest.mark.parametrize(("slope", "expected"), [(jnp.cos, "proved"), (lambda x: -jnp.cos(x), "refuted")])
def test_a_pushforward_is_that_of_its_function_along_every_tangent(slope, expected):
    function = jax.custom_jvp(lambda x, y: jnp.sin(x) * y)
    function.defjvp(
        lambda primals, tangents: (
            function(*primals),
            slope(primals[0]) * primals[1] * tangents[0] + jnp.sin(primals[0]) * tangents[1],
        )
    )
    assert check_rule(function, (jnp.ones(2), jnp.ones(2))).verdict == expected


def test_rules_that_are_plain_functions():
    def product(x, y):
        return x * y

    assert check_vjp(product, lambda x, y, g: (y * g, x * g), (jnp.ones(2), jnp.ones(2)))
    assert not check_vjp(product, lambda x, y, g: (x * g, y * g), (jnp.ones(2), jnp.ones(2)))
    assert check_jvp(product, lambda x, t: (x[0] * x[1], x[0] * t[1] + x[1] * t[0]), (1.0, 2.0))
    assert not check_jvp(product, lambda x, t: (x[0] * x[1], x[0] * t[1] + x[1] * t[1]), (1.0, 2.0))


def test_a_function_without_a_rule_or_without_reals_is_refused_in_a_sentence():
    with pytest.raises(GradproofError, match=r"custom_vjp or jax\.custom_jvp is checked for its rule; given <function"):
        check_rule(lambda x: x, (1.0,))
    with pytest.raises(GradproofError, match="none of those in example_args is real"):
        check_vjp(lambda k: 1.0 * k, lambda k, g: (g,), (jnp.array([1]),))


# Differentiated once more


def stopped(x):
    return jax.lax.stop_gradient(x)


@pytest.mark.parametrize(("kept", "expected"), [(lambda x: x, "proved"), (stopped, "refuted")])
def test_a_pullback_is_right_where_it_is_differentiated_once_more(kept, expected):
    verdict = check_rule(with_vjp(squares, lambda x, g: (2 * kept(x) * g,)), (jnp.ones(3),))
    assert verdict.verdict == expected
    assert ("differentiated once more it is wrong" in verdict.why) == (expected == "refuted")


@pytest.mark.parametrize(("kept", "expected"), [(lambda x: x, "proved"), (stopped, "refuted")])
def test_a_pushforward_is_right_where_it_is_differentiated_once_more(kept, expected):
    function = jax.custom_jvp(lambda x, y: jnp.sin(x) * y)
    function.defjvp(
        lambda p, t: (function(*p), jnp.cos(kept(p[0])) * p[1] * t[0] + jnp.sin(p[0]) * t[1]),
    )
    verdict = check_rule(function, (jnp.ones(2), jnp.ones(2)))
    assert verdict.verdict == expected
    assert ("differentiated once more it is wrong" in verdict.why) == (expected == "refuted")


def test_a_rule_that_is_not_differentiated_once_more_is_right_as_it_is():
    def backward(x, g):
        # JAX takes no derivative of a loop without a fixed number of turns.
        return (jax.lax.while_loop(lambda c: c[0] < 2, lambda c: (c[0] + 1, c[1] + x * g), (0, 0 * x * g))[1],)

    assert check_rule(with_vjp(squares, backward), (jnp.ones(3),))

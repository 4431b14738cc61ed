"""Every derivative rule that a claim's sides contain is examined by itself, and a wrong one is named with its line."""

import json
import sys

import jax
import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Real, check, derivative, verify
from gradproof.checks import Study, pipeline
from gradproof.claims.words import explain
from gradproof.cli import main


def ruled(function, forward, backward):
    made = jax.custom_vjp(function)
    made.defvjp(forward, backward)
    return made


def squared(x):
    return x**2


def kept(x):
    return x**2, x


def examined(function, gradient=None, **options):
    """The verdict on the sum of a function and its gradient, and the one rule that is found in it."""
    truth = stated(
        lambda x: derivative(lambda x: jnp.sum(function(x)), x), gradient or (lambda x: 2 * x), x=Real("n"), **options
    )
    verdict = verify(truth, quick=True)
    (rule,) = verdict.rules
    return verdict, rule


OF_SQUARE = {
    "right": (kept, lambda x, g: (2 * x * g,), "proved", None),
    "of no cotangent": (kept, lambda x, g: (2 * x,), "refuted", "it lacks the factor cotangent"),
    "of its absolute value": (kept, lambda x, g: (2 * x * jnp.abs(g),), "refuted", ""),
    "of another value": (lambda x: (x**2 + 1, x), lambda x, g: (2 * x * g,), "refuted", ""),
    "wrong far out": (kept, lambda x, g: (jnp.where(g > 50, 0.0, 2 * x * g),), "refuted", ""),
    "stopped": (kept, lambda x, g: (2 * jax.lax.stop_gradient(x) * g,), "refuted", "it is zero everywhere"),
}


@pytest.mark.parametrize("name", OF_SQUARE)
def test_a_rule_is_examined_for_every_cotangent_and_once_more(name):
    forward, backward, expected, diagnosis = OF_SQUARE[name]
    verdict, rule = examined(ruled(squared, forward, backward))
    assert verdict.verdict == "proved"
    assert rule.verdict == expected, rule.why
    assert bool(verdict) == (expected == "proved")
    assert rule.function == "squared"
    assert rule.where == f"test_derivative_rules.py:{squared.__code__.co_firstlineno}"
    if diagnosis is not None:
        assert rule.counterexample.diagnosis == diagnosis if diagnosis else rule.counterexample


def test_what_is_wrong_with_a_rule_is_said():
    whys = {name: examined(ruled(squared, *OF_SQUARE[name][:2]))[1].why for name in OF_SQUARE}
    assert whys["of another value"] == "it returns another value than the function"
    assert whys["of no cotangent"] == "it is not the derivative of the function"
    assert whys["stopped"].endswith("but differentiated once more it is not the second derivative")
    assert whys["right"].endswith("and differentiated once more the second derivative")


def test_a_claim_with_a_wrong_rule_is_proved_and_is_no_pass():
    verdict, rule = examined(ruled(squared, *OF_SQUARE["of no cotangent"][:2]))
    assert (verdict.verdict, verdict.as_expected) == ("proved", False)
    assert verdict.why == f"all sides are equal, but the derivative rule of squared ({rule.where}) is wrong"
    text = explain(verdict)
    assert f"the derivative rule of squared ({rule.where}) is wrong: it is not the derivative of the function" in text
    assert "it lacks the factor cotangent" in text


def power(x, y):
    return x**2 * y


OF_TWO = {
    "right": (lambda p, t: (power(*p), 2 * p[0] * p[1] * t[0] + p[0] ** 2 * t[1]), "proved"),
    "without the second": (lambda p, t: (power(*p), 2 * p[0] * p[1] * t[0]), "refuted"),
    "not linear": (lambda p, t: (power(*p), 2 * p[0] * p[1] * t[0] + p[0] ** 2 * t[1] ** 2), "refuted"),
    "of another value": (lambda p, t: (0.0, 2 * p[0] * p[1] * t[0] + p[0] ** 2 * t[1]), "refuted"),
}


@pytest.mark.parametrize("name", OF_TWO)
def test_a_pushforward_is_examined_along_every_tangent(name):
    rule, expected = OF_TWO[name]
    function = jax.custom_jvp(power)
    function.defjvp(lambda p, t: tuple(jnp.asarray(part) + 0 * p[0] for part in rule(p, t)))
    verdict, found = examined(lambda x: function(x, jnp.ones_like(x)))
    assert found.verdict == expected, found.why
    assert bool(verdict) == (expected == "proved")


def test_an_argument_without_a_cotangent_is_named_and_can_be_held_fixed():
    def loss(z, y):
        return jnp.logaddexp(0, z) - y * z

    def held(z, y):
        return loss(z, jax.lax.stop_gradient(y))

    def slope(z, y, g):
        return (jax.nn.sigmoid(z) - y) * g, None

    def of(function):
        return ruled(function, lambda z, y: (function(z, y), (z, y)), lambda kept, g: slope(*kept, g))

    def slope_of_one(z):
        return jax.nn.sigmoid(z) - 1

    verdict, rule = examined(lambda z: of(loss)(z, jnp.ones_like(z)), slope_of_one)
    assert (bool(verdict), rule.verdict) == (False, "refuted")
    assert "it gives none by y, which the function can hold fixed with jax.lax.stop_gradient" in rule.why
    verdict, rule = examined(lambda z: of(held)(z, jnp.ones_like(z)), slope_of_one)
    assert (bool(verdict), rule.verdict) == (True, "surrogate")


# Surrogates


SURROGATES = {
    "round": (lambda x: jnp.round(x), lambda kept, g: (g,), "surrogate"),
    "sign within a window": (jnp.sign, lambda kept, g: (jnp.where(jnp.abs(kept) < 1, g, 0.0),), "surrogate"),
    "floor": (jnp.floor, lambda kept, g: (g,), "surrogate"),
    "held": (lambda x: x + jax.lax.stop_gradient(jnp.tanh(x) - x), lambda kept, g: (g,), "surrogate"),
    "held by a stop_gradient that changes nothing": (
        lambda x: x - jax.lax.stop_gradient(jnp.max(x)) + jnp.max(x),
        lambda kept, g: (2 * g,),
        "refuted",
    ),
    "other than it is held": (
        lambda x: x + jax.lax.stop_gradient(jnp.tanh(x) - x),
        lambda kept, g: (2 * g,),
        "refuted",
    ),
    "that ignores its cotangent": (lambda x: jnp.round(x), lambda kept, g: (jnp.ones_like(g),), "refuted"),
    "of a slope": (jnp.tanh, lambda kept, g: (g,), "refuted"),
}


@pytest.mark.parametrize("name", SURROGATES)
def test_a_surrogate_is_reported_and_not_accused(name):
    function, backward, expected = SURROGATES[name]
    whole = ruled(function, lambda x: (function(x), x), backward)

    def loss(x):
        return x**2 + jax.lax.stop_gradient(whole(x))

    verdict = verify(
        stated(lambda x: derivative(lambda x: jnp.sum(x**2), x) + 0 * loss(x), lambda x: 2 * x, x=Real("n")), quick=True
    )
    (rule,) = verdict.rules
    assert rule.verdict == expected, rule.why


def test_where_a_surrogate_makes_the_difference_it_is_said_to_be_one():
    straight = ruled(lambda x: jnp.round(x), lambda x: (jnp.round(x), None), lambda _, g: (g,))
    verdict, rule = examined(lambda x: straight(x) + x**2)
    assert (verdict.verdict, rule.verdict) == ("refuted", "surrogate")
    assert (
        verdict.counterexample.diagnosis
        == f"the derivative rule of <lambda> ({rule.where}) is a surrogate; side 1 is right"
    )


# Which are examined, and how often


def test_the_rules_of_jax_are_trusted():
    def loss(x):
        return jnp.sum(jax.nn.relu(x) + jax.nn.silu(x)) + jax.nn.logsumexp(x)

    assert (
        verify(stated(lambda x: loss(x) + 0.0 * x[0], lambda x: 2 * loss(x) / 2, x=Real("n")), quick=True).rules == ()
    )


def test_functions_of_custom_gradient_are_the_users():
    triple = jax.custom_gradient(lambda x: (x**2, lambda g: 3 * x * g))
    _, rule = examined(triple)
    assert rule.verdict == "refuted"
    assert rule.where.startswith("test_derivative_rules.py:")


def test_rules_in_loops_and_in_other_rules_are_found_and_each_is_examined_once(monkeypatch):
    inner = ruled(squared, *OF_SQUARE["of no cotangent"][:2])

    @jax.custom_vjp
    def outer(x):
        return inner(x) + x

    outer.defvjp(lambda x: (outer(x), x), lambda x, g: ((2 * x + 1) * g,))

    def loss(x):
        total, _ = jax.lax.scan(lambda c, _: (c + outer(x) + outer(2 * x), None), 0 * x, None, length=2)
        return jnp.sum(total)

    looked = []
    study = Study(
        stated(lambda x: loss(x) + 0 * x, lambda x: loss(x) * jnp.ones_like(x), x=Real("n")), watch=looked.append
    )
    found = pipeline.rules(study, pipeline.Findings()).rules
    assert {rule.function: rule.verdict for rule in found} == {"outer": "proved", "squared": "refuted"}
    assert len([at for at in looked if at.startswith("the derivative rule")]) == 2


def test_a_rule_that_takes_some_arguments_alone_is_examined_by_those():
    from manual_grads import losses, with_gradient

    loss = losses.sigmoid_binary_cross_entropy
    by_hand = with_gradient(loss, loss.gradient, loss.hessian_vector_product)
    verdict = verify(
        stated(lambda x: jax.vmap(by_hand)(x, jnp.ones_like(x)), lambda x: jnp.logaddexp(0, -x), x=Real("n")),
        quick=True,
    )
    assert verdict, verdict.why
    assert [rule.verdict for rule in verdict.rules] == ["proved"]


def test_a_rule_that_does_not_run_is_undecided_and_the_claim_is_not():
    broken = ruled(lambda x: jnp.sum(x**2), lambda x: (jnp.sum(x**2), x), lambda x, g: (2 * x[:1] * g,))
    claim = stated(lambda x: broken(x) + 0 * x, lambda x: jnp.sum(x * x) * jnp.ones_like(x), x=Real("n"))
    verdict = verify(claim, quick=True)
    assert verdict, verdict.why
    (rule,) = verdict.rules
    assert rule.verdict == "undecided"
    assert "it raises ValueError" in rule.why


def test_whole_numbers_and_masks_of_a_rule_take_all_their_values():
    def picked(x, labels):
        return x[labels]

    def masked(x, mask):
        return jnp.where(mask, x**2, 0.0)

    def slope(x, labels, g):
        return jnp.zeros_like(x).at[labels].set(g), None

    for scale, expected in ((2, "proved"), (3, "refuted")):
        one = ruled(
            masked,
            lambda x, m: (masked(x, m), (x, m)),
            lambda k, g, s=scale: (jnp.where(k[1], s * k[0] * g, 0.0), None),
        )
        assert examined(lambda x, one=one: one(x, x > -5) + 0 * x, None)[1].verdict == expected
    several = ruled(picked, lambda x, i: (picked(x, i), (x, i)), lambda kept, g: slope(*kept, g))
    claim = stated(lambda x: several(x, jnp.array([0, 1])) + x[:2], lambda x: 2 * x[:2], x=Real("n"), sizes={"n": 3})
    (rule,) = verify(claim, quick=True).rules
    # Both labels may be one class, and then the cotangents are to be added.
    assert rule.verdict == "refuted"


def test_check_examines_them_too():
    square = ruled(squared, *OF_SQUARE["of no cotangent"][:2])
    verdict = check(lambda x: jnp.sum(square(x)), lambda x: 2 * x, (jnp.ones(3),))
    assert (verdict.verdict, bool(verdict)) == ("proved", False)
    assert [rule.function for rule in verdict.rules] == ["squared"]


def test_the_command_line_names_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "rules.py").write_text(FILE)
    monkeypatch.setattr(sys, "argv", ["gradproof", "verify", "--jobs", "0", "--json", "rules.json", "rules.py"])
    with pytest.raises(SystemExit, match="1"):
        main()
    out = capsys.readouterr().out
    assert "the derivative rule of straight (rules.py:12) is a surrogate: it is not the derivative" in out
    assert "the derivative rule of square (rules.py:6) is wrong: it is not the derivative of the function" in out
    claims = {claim["id"]: claim for claim in json.loads((tmp_path / "rules.json").read_text("utf-8"))["claims"]}
    assert {name: (claim["verdict"], claim["as_expected"]) for name, claim in claims.items()} == {
        "wrong": ("proved", False),
        "surrogate": ("proved", True),
    }
    assert [rule["verdict"] for rule in claims["wrong"]["rules"]] == ["refuted"]


FILE = """
import jax
import jax.numpy as jnp
from gradproof import Real, claim, derivative

@jax.custom_vjp
def square(x):
    return x**2

square.defvjp(lambda x: (x**2, x), lambda x, g: (2 * x,))

@jax.custom_vjp
def straight(x):
    return jnp.round(x)

straight.defvjp(lambda x: (jnp.round(x), None), lambda _, g: (g,))

@claim("wrong")
def wrong(x=Real("n")):
    yield derivative(lambda x: jnp.sum(square(x)), x)
    yield 2 * x

@claim("surrogate", kinks="open")
def surrogate(x=Real("n"), y=Real("n")):
    yield derivative(lambda y: jnp.sum(y * straight(x)), y)
    yield jnp.round(x)
"""

"""Formula and code are two verdicts: what is proved, and what the machine makes of it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stated import stated

import gradproof
from gradproof import GradproofError, Real, check, claim, derivative, verify
from gradproof.claims.words import explain


def softplus(z):
    return jnp.sum(jax.nn.softplus(z))


def slope(z):
    return derivative(softplus, z)


def naive(z):
    return jnp.exp(z) / (1 + jnp.exp(z))


def cancelling(z):
    return 1 - 1 / (1 + jnp.exp(z))


def as_code(side, stable=None):
    return verify(stated(slope, side, z=Real("n"), stable=stable))


def test_a_formula_that_overflows_is_proved_and_its_code_has_no_value():
    verdict = as_code(naive)
    assert (verdict.verdict, bool(verdict)) == ("proved", True)
    assert (verdict.code.outcome, verdict.code.first_is_better) == ("has no value", True)
    assert np.isnan(verdict.code.at.given)
    assert max(verdict.code.at.inputs["z"]) > 700
    assert "the code has no value: in float64, side 1 is nan" in explain(verdict)
    assert "JAX's derivative does better there" in explain(verdict)


def test_where_the_code_is_asked_for_it_is_no_pass():
    verdict = as_code(naive, stable=True)
    assert (verdict.verdict, bool(verdict)) == ("proved", False)
    assert "the code has no value" in explain(verdict)
    assert as_code(jax.nn.sigmoid, stable=True)


def test_more_than_half_of_the_digits_are_lost():
    verdict = as_code(cancelling)
    assert (verdict.verdict, bool(verdict)) == ("proved", True)
    assert (verdict.code.outcome, verdict.code.first_is_better) == ("loses digits", True)
    assert verdict.code.at.given != pytest.approx(verdict.code.at.expected, rel=2**-12)
    assert not as_code(cancelling, stable=True)


def test_what_jax_loses_as_well_is_no_fault_of_the_code():
    """A root of a difference of numbers that are almost equal: both sides compute that."""
    far = {"x": Real(), "y": Real()}
    verdict = verify(
        stated(
            lambda x, y: derivative(lambda x: jnp.sin(x * y * 1e4), x),
            lambda x, y: 1e4 * y * jnp.cos(x * y * 1e4),
            **far,
            stable=True,
        )
    )
    assert verdict.verdict == "proved"
    assert (verdict.code.outcome, verdict.code.first_is_better) == ("loses digits", False)
    assert verdict


def test_a_printed_formula_is_run_at_moderate_inputs():
    verdict = as_code(naive, stable=False)
    assert (verdict.verdict, verdict.code.outcome) == ("proved", "accurate")
    assert verdict.claim.textbook


def test_the_digits_are_those_of_the_least_precise_format():
    def low(z):
        return z.astype(jnp.bfloat16).astype(z.dtype) * 2

    verdict = check(lambda z: jnp.sum(low(z) * z) / 2, lambda z: low(z), (jnp.ones(3),))
    assert verdict.verdict == "proved", verdict.why
    assert verdict.code.outcome == "accurate"


def test_what_overflows_in_attention_and_in_a_focal_loss_is_right():
    def attention(q, k):
        weights = jnp.exp(q * k) / jnp.sum(jnp.exp(q * k))
        return jnp.sum(weights * k)

    def by_hand(q, k):
        weights = jax.nn.softmax(q * k)
        return jnp.sum(weights * k**2) - jnp.sum(weights * k) ** 2

    verdict = check(attention, by_hand, (1.0, jnp.ones(2)), sizes="example")
    assert verdict.verdict == "proved", verdict.why
    assert verdict


def test_stable_and_textbook_contradict_each_other():
    with pytest.raises(GradproofError, match="say one of them"):
        claim("both", stable=True, textbook=True)(lambda x=Real(): (yield x))
    with pytest.raises(GradproofError, match="say one of them"):
        check(softplus, jax.nn.sigmoid, (jnp.ones(2),), stable=True, textbook=True)


def test_where_the_sides_are_not_known_to_be_equal_the_machine_refutes_them():
    """What no exact rule covers is still a difference if rounding does not explain it."""
    verdict = verify(stated(lambda x: jnp.floor(jnp.floor(x) / 2), lambda x: jnp.floor(x / 2) * 1.5, x=Real()))
    assert verdict.verdict == "refuted"


def test_what_is_no_word_of_these_is_refused():
    for accept in ("tested", ["proved"], ["maybe"]):
        with pytest.raises(GradproofError, match="accept is a list of verdicts"):
            check(softplus, jax.nn.sigmoid, (jnp.ones(2),), accept=accept)
    with pytest.raises(GradproofError, match="stable is True, False or None"):
        check(softplus, jax.nn.sigmoid, (jnp.ones(2),), stable="yes")


def test_everybody_can_have_an_explanation():
    assert gradproof.explain(as_code(naive, stable=True)).startswith("stated: proved")

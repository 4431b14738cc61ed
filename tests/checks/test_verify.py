"""Verdicts as a whole: what is said of right, wrong, misprinted and unclear claims."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stated import stated

from gradproof import (
    Counterexample,
    Function,
    Positive,
    Real,
    check,
    claim,
    definition,
    derivative,
    misprint,
    verify,
)
from gradproof.checks import pipeline
from gradproof.errors import Undecided


def softplus(side, **options):
    """A claim about the derivative of softplus."""
    return stated(lambda z: derivative(lambda z: jnp.sum(jax.nn.softplus(z)), z), side, z=Real("n"), **options)


SMALL = {"n": 2}
"""The sizes of a claim for which the grid of sizes is not the point."""


def test_a_right_formula_is_proved_with_all_there_is_to_say():
    verdict = verify(softplus(jax.nn.sigmoid))
    assert (verdict.verdict, verdict.as_expected) == ("proved", True)
    assert verdict.exact.bound_log2 <= -100
    assert verdict.exact.oracles == ("autodiff", "dual")
    assert verdict.exact.sizes == ({"n": 2}, {"n": 3}, {"n": 1})
    assert verdict.code.outcome == "accurate"
    assert set(verdict.code.units) == {"float64", "float32"}
    assert all(0 < units < 4 for units in verdict.code.units.values())
    assert all(kink.agree for kink in verdict.kinks)


@pytest.mark.parametrize(
    "side",
    [
        lambda z: jnp.where(jnp.abs(z) > 12, 0.9, jax.nn.sigmoid(z)),
        lambda z: jnp.where(z > 1e8, 0.9, jax.nn.sigmoid(z)),
        lambda z: jnp.where((z > 3) & (z < 3.00001), 0.9, jax.nn.sigmoid(z)),
        lambda z: jnp.where(z == 0, 0.3, jax.nn.sigmoid(z)),
        lambda z: jax.nn.sigmoid(z) * (1 + 1e-12),
        lambda z: jnp.where(z > 5, jnp.nan, jax.nn.sigmoid(z)),
    ],
    ids=["far", "very far", "narrow", "at zero", "tiny", "nan"],
)
def test_an_error_that_samples_do_not_meet_is_refused(side):
    verdict = verify(softplus(side, sizes=SMALL))
    assert verdict.verdict == "refuted" or "finite" in verdict.why
    assert not verdict.as_expected


@pytest.mark.parametrize("shift", [1e-3, -1e-6, 1e-9, -1e-10])
def test_an_error_between_two_thresholds_is_found(shift):
    @claim("thresholds", sizes={"m": 2, "n": 3})
    def statement(x=Real("m"), W=Real("n m")):
        yield derivative(lambda x: jnp.sum(jnp.abs(W @ x + 0.5)), x)
        yield W.T @ jnp.where(W @ x > -0.5 + shift, 1.0, -1.0)

    @claim("relu", sizes={"m": 2, "n": 3})
    def hinge(A=Real("n m")):
        yield derivative(lambda A: jax.nn.relu(0.5 + jnp.sum(A)), A)
        yield jnp.where(0.5 + shift + jnp.sum(A) > 0, jnp.ones_like(A), 0.0)

    assert verify(statement).verdict == "refuted"
    assert verify(hinge).verdict == "refuted"


def test_a_textbook_formula_may_overflow():
    assert verify(softplus(lambda z: jnp.exp(z) / (1 + jnp.exp(z)), stable=False, sizes=SMALL)).verdict == "proved"


def relu(side, kinks=None):
    def slope(z):
        return derivative(lambda z: jnp.sum(jax.nn.relu(z)), z)

    return stated(slope, side, z=Real("n"), kinks=kinks, sizes=SMALL)


def test_a_convention_on_a_kink_must_be_declared():
    def other(z):
        return (z >= 0) * 1.0

    assert verify(relu(lambda z: (z > 0) * 1.0)).verdict == "proved"
    refused = verify(relu(other))
    assert refused.verdict == "refuted"
    assert refused.counterexample.expected == 0.0
    assert refused.counterexample.given == 1.0
    declared = verify(relu(other, kinks="relu'(0) is left open"))
    assert declared.verdict == "proved"
    assert any(kink.agree is False for kink in declared.kinks)


def chain(correction, *, printed, correct):
    return stated(
        lambda x: derivative(lambda x: jnp.sum(x**3), x),
        lambda x: misprint(printed=printed(x), correct=correct(x)),
        lambda x: 3 * x * x,
        x=Real("n"),
        correction=correction,
        sizes=SMALL,
    )


def test_a_misprint_is_refuted_and_its_correction_proved():
    verdict = verify(chain("3 x^2", printed=lambda x: 2 * x**2, correct=lambda x: 3 * x**2))
    assert (verdict.verdict, verdict.corrected, verdict.as_expected) == ("refuted", True, True)
    assert verdict.counterexample.step == 1
    assert verdict.why.startswith("side 1 as printed differs from side 0")


def test_a_misprint_that_is_right_is_not_as_expected():
    verdict = verify(chain("3 x^2", printed=lambda x: 3 * x**2, correct=lambda x: 3 * x * x))
    assert (verdict.verdict, verdict.as_expected) == ("proved", False)
    assert "said to be a misprint" in verdict.why


def test_a_correction_that_is_wrong_is_not_as_expected():
    verdict = verify(chain("4 x^2", printed=lambda x: 2 * x**2, correct=lambda x: 4 * x**2))
    assert not verdict.as_expected
    assert "corrected" in verdict.why


def test_a_misprint_needs_a_correction():
    verdict = verify(chain(None, printed=lambda x: 2 * x**2, correct=lambda x: 3 * x**2))
    assert verdict.verdict == "undecided"
    assert "correction=" in verdict.why


def test_a_definition_names_its_code():
    verdict = verify(definition("id", code=np.exp, title="exponential"))
    assert (verdict.verdict, verdict.as_expected) == ("definition", True)


def test_the_oracle_that_disagrees_is_named():
    square = jax.custom_vjp(lambda x: jnp.sum(x**2))
    square.defvjp(lambda x: (jnp.sum(x**2), x), lambda x, g: (3 * x * g,))
    right = check(square, lambda x: 2 * x, (np.zeros(3),))
    wrong_alike = check(square, lambda x: 3 * x, (np.zeros(3),))
    assert right.verdict == wrong_alike.verdict == "refuted"
    assert "JAX's autodiff gives it, though it is equal as dual numbers" in right.why
    assert "as dual numbers give it, though it is equal as JAX's autodiff" in wrong_alike.why


def test_a_gradient_that_vanishes_by_accident_is_refused():
    def loss(w):
        return jnp.sum(jax.lax.stop_gradient(w) ** 2)

    verdict = check(loss, lambda w: 0 * w, (np.ones(3),))
    assert verdict.verdict == "refuted"
    assert "dual numbers" in verdict.why


def test_an_unknown_primitive_is_named_with_its_place():
    def loss(x):
        return jnp.sum(jax.lax.bessel_i1e(x))

    verdict = check(loss, jax.grad(loss), (np.ones(3),))
    assert (verdict.verdict, bool(verdict)) == ("tested", False)
    assert "bessel" in verdict.why
    assert "test_verify.py" in verdict.why


def test_a_reason_found_on_the_machine_makes_a_claim_undecided(monkeypatch):
    def unable(*_, **__):
        raise Undecided("the machine is out of reach")

    monkeypatch.setattr(pipeline, "check_kinks", unable)
    verdict = verify(softplus(jax.nn.sigmoid, sizes=SMALL))
    assert (verdict.verdict, verdict.why) == ("undecided", "the machine is out of reach")


def test_a_check_that_is_added_is_made(monkeypatch):
    point = Counterexample({"n": 1}, {"z": [0.0]}, 1, "[0]", 0.5, 0.25, None)

    def refuses(study, found, counterexample=None):
        return found.refused("dislike", "side 1 is disliked", counterexample=counterexample)

    statement = stated(lambda z: 2 * z, lambda z: z + z, z=Real("n"), sizes=SMALL)
    assert verify(statement).verdict == "proved"
    monkeypatch.setattr(pipeline, "CHECKS", (*pipeline.CHECKS, refuses))
    verdict = verify(statement)
    # Without real inputs that show it nothing is refuted.
    assert (verdict.verdict, verdict.why, verdict.counterexample) == ("undecided", "side 1 is disliked", None)
    monkeypatch.setattr(pipeline, "CHECKS", (*pipeline.CHECKS[:-1], partial(refuses, counterexample=point)))
    verdict = verify(statement)
    assert (verdict.verdict, verdict.why, verdict.counterexample) == ("refuted", "side 1 is disliked", point)


def of_misprints(second):
    return stated(
        lambda x: derivative(lambda x: jnp.sum(x**3), x),
        lambda x: misprint(printed=2 * x**2, correct=3 * x**2),
        lambda x: misprint(printed=second(x), correct=3 * x * x),
        x=Real("n"),
        correction="3 x^2",
        sizes=SMALL,
    )


def test_every_misprint_of_a_claim_is_refuted_by_real_inputs():
    assert verify(of_misprints(lambda x: 4 * x**2)).as_expected
    verdict = verify(of_misprints(lambda x: 3 * x**2 + 1e-300 * x**2))
    assert verdict.verdict == "undecided"
    assert verdict.why == "side 2, said to be a misprint, differs from side 0 at no inputs that were tried"
    verdict = verify(of_misprints(lambda x: x * 3 * x))
    assert not verdict.as_expected
    assert verdict.why == "side 2, said to be a misprint, is equal to side 0"


def test_a_claim_that_does_not_trace_is_undecided_with_the_error():
    verdict = check(lambda w, x: w @ x, lambda w, x: x, (np.ones(3), np.ones(4)))
    assert verdict.verdict == "undecided"
    assert "the loss does not trace" in verdict.why


def test_who_watches_is_told_what_is_looked_at():
    seen = []
    claim = stated(lambda x: 2 * x, lambda x: x + x, x=Real("n"))
    assert verify(claim, watch=seen.append).verdict == "proved"
    checks = [what for what in seen if what.startswith("the check ")]
    assert checks == [f"the check {check.__name__!r}" for check in pipeline.CHECKS]
    assert {"n = 2", "n = 3", "n = 1"} <= set(seen)


def test_a_claim_of_one_side_is_undecided():
    assert verify(stated(lambda x: x, x=Real())).verdict == "undecided"


def test_trees_are_compared_leaf_by_leaf():
    def loss(parameters, X, y):
        return jnp.mean((X @ parameters["w"] + parameters["b"] - y) ** 2)

    def gradient(parameters, X, y):
        residual = 2 * (X @ parameters["w"] + parameters["b"] - y) / len(y)
        return {"w": residual @ X, "b": jnp.sum(residual)}

    def bias_only_averaged(parameters, X, y):
        return {**gradient(parameters, X, y), "b": gradient(parameters, X, y)["b"] / len(y)}

    example = ({"w": np.ones(3), "b": np.array(1.5)}, np.ones((4, 3)), np.linspace(0, 1, 4))
    assert check(loss, gradient, example).verdict == "proved"
    refused = check(loss, bias_only_averaged, example)
    assert refused.counterexample.entry.startswith("array 0")


LAYERS = (Real("m k"), Real("k")), (Real("k 1"), (Function(),))


def test_a_parameter_may_be_a_tuple_of_symbols():
    """Its parts are given in their places, and named by them."""

    def outputs(x, layers):
        (W, b), (V, (f,)) = layers
        return f(x @ W + b[None, :]) @ V

    @claim("layers")
    def by_last_weights(x=Real("n m"), layers=LAYERS):
        (W, b), (V, (f,)) = layers
        yield derivative(lambda V: outputs(x, ((W, b), (V, (f,)))).sum(), V)
        yield f(x @ W + b[None, :]).sum(axis=0)[:, None]

    @claim("wrong layers", textbook=True)
    def by_last_weights_without_a_bias(x=Real("n m"), layers=LAYERS):
        (W, b), (V, (f,)) = layers
        yield derivative(lambda V: outputs(x, ((W, b), (V, (f,)))).sum(), V)
        yield f(x @ W).sum(axis=0)[:, None]

    assert by_last_weights.size_names() == ("n", "m", "k")
    assert verify(by_last_weights, quick=True).verdict == "proved"
    refuted = verify(by_last_weights_without_a_bias)
    assert refuted.verdict == "refuted"
    assert {"x", "layers[0][0]", "layers[0][1]", "layers[1][0]"} <= set(refuted.counterexample.inputs)


def test_the_same_seed_gives_the_same_verdict():
    def once(seed):
        statement = stated(
            lambda z, c: derivative(lambda z: jnp.sum(jax.nn.softplus(z)) * c, z),
            lambda z, c: c * (jax.nn.sigmoid(z) - 1),
            z=Real("n"),
            c=Positive(),
            sizes=SMALL,
        )
        verdict = verify(statement, seed=seed)
        return verdict.why, verdict.exact, verdict.counterexample

    assert once(3) == once(3)

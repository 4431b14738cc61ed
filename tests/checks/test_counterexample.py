"""Refutations are what a student can follow: small sizes, simple inputs, and a hint at the mistake."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stated import stated

from gradproof import Binary, Function, Functional, Positive, Real, claim, derivative
from gradproof.checks import Study
from gradproof.checks.counterexample import CounterexampleSearch, find
from gradproof.checks.exact import ExactCheck
from gradproof.checks.exact.differences import Difference


def refutation(statement):
    study = Study(statement)
    report = ExactCheck(study).run()
    assert report.failures, report.undecided
    example = find(study, report.failures[0])
    assert example is not None
    return example


def ridge(wrong):
    """Logistic regression with weight decay, and a gradient that is wrong in some way."""

    def loss(w, X, y, decay):
        z = X @ w
        return jnp.mean(jax.nn.softplus(z) - y * z) + decay * jnp.sum(w**2)

    def data(w, X, y):
        return (jax.nn.sigmoid(X @ w) - y) @ X / len(y)

    @claim("ridge")
    def statement(w=Real("m"), X=Real("n m"), y=Binary("n"), decay=Positive()):
        yield derivative(lambda w: loss(w, X, y, decay), w)
        yield wrong(data(w, X, y), w, y, decay)

    return statement


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda g, w, y, decay: g, "the term 2 decay w is missing"),
        (lambda g, w, y, decay: g + decay * w, "the term decay w is missing"),
        (lambda g, w, y, decay: g + 4 * decay * w, "there is a term 2 decay w too many"),
        (lambda g, w, y, decay: g + 2 * decay * w + 1e-12 * w, "a term 1.0e-12 w is too many"),
        (lambda g, w, y, decay: -(g + 2 * decay * w), "the sign is wrong"),
        (lambda g, w, y, decay: 2 * (g + 2 * decay * w), "it is 2 times what it should be"),
        (lambda g, w, y, decay: len(y) * (g + 2 * decay * w), "it is n times what it should be"),
        (lambda g, w, y, decay: (g + 2 * decay * w) / len(y), "it is 1/n times what it should be"),
        (lambda g, w, y, decay: (g + 2 * decay * w)[::-1], "axis 0 is reversed"),
        (lambda g, w, y, decay: 0 * g, "it is zero everywhere"),
    ],
)
def test_the_diagnosis_names_the_mistake(wrong, hint):
    assert refutation(ridge(wrong)).diagnosis == hint


def test_the_counterexample_is_small_and_simple():
    example = refutation(ridge(lambda g, w, y, decay: g + decay * w))
    assert example.sizes == {"m": 1, "n": 1}
    assert example.inputs == {"w": [1.0], "X": [[1.0]], "y": [0.0], "decay": 1.0}
    assert (example.step, example.entry) == (1, "[0]")
    # sigma(1) + 2 and sigma(1) + 1, in the digits that are shown.
    assert (example.expected, example.given) == (2.73106, 1.73106)


def test_a_difference_too_small_for_six_digits_is_shown_in_more():
    example = refutation(ridge(lambda g, w, y, decay: g + 2 * decay * w * (1 + 1e-12)))
    assert example.expected != example.given


def test_a_shape_is_refuted_by_naming_both():
    example = refutation(ridge(lambda g, w, y, decay: g[:, None]))
    assert (example.entry, example.expected, example.given) == ("shape", "float64[2]", "float64[2,1]")


def test_a_transpose_is_named():
    @claim("outer")
    def statement(W=Real("m k"), x=Real("m"), sigma=Function(), loss=Functional()):
        yield derivative(lambda W: loss(sigma(x @ W)), W)
        by_hidden = derivative(lambda z: loss(sigma(z)), x @ W)
        yield jnp.outer(by_hidden, x)

    assert "transpose" in refutation(statement).diagnosis


def test_a_transposed_square_matrix_is_named():
    @claim("square")
    def statement(W=Real("m m"), x=Real("m"), y=Real("m")):
        yield derivative(lambda W: x @ W @ y, W)
        yield jnp.outer(y, x)

    assert refutation(statement).diagnosis == "it is the transpose of what it should be"


def test_the_step_of_the_chain_that_breaks_is_named():
    @claim("chain")
    def statement(x=Real("n")):
        yield derivative(lambda x: jnp.sum(x**3), x)
        yield 3 * x * x
        yield 3 * x
        yield 3 * x**2

    assert refutation(statement).step == 2


def test_an_error_in_a_region_is_found_there():
    @claim("region")
    def statement(z=Real("n")):
        yield jax.nn.sigmoid(z)
        yield jnp.where(z > 12, 0.9, jax.nn.sigmoid(z))

    example = refutation(statement)
    assert example.inputs["z"][0] > 12
    assert example.diagnosis == "it is right at ordinary inputs, and wrong in a region only"


def test_a_comparison_of_labels_is_no_tie():
    """Code that asks whether a label is 0 does so at every input."""

    @claim("labels")
    def statement(z=Real("n"), y=Binary("n")):
        yield derivative(lambda z: jnp.sum(jnp.where(y == 0, 0.0, y * z**2)), z)
        yield jnp.where(y == 0, 0.0, -2 * y * z)

    assert refutation(statement).diagnosis == "the sign is wrong"


def test_digits_that_have_cancelled_show_no_difference():
    """At -2000 the sum is 0 in any precision that is at hand; both sides are e^-4000."""

    study = Study(stated(lambda z: 1 + jnp.tanh(z), lambda z: 2 * jax.nn.sigmoid(2 * z), z=Real()))
    side = study.program({}, "dual").sides[1]
    search = CounterexampleSearch(study, Difference(side, {}, ("dual",), {}))
    assert search.values.at({}, {"z": np.array(-2000.0)}).gap() == 0

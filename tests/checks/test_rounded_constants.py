"""Claims with constants: rounded ones count as what they stand for, and none refutes by its rounding."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from exactly import assert_derivative, assert_proved, slope
from stated import stated

from gradproof import Positive, Real, verify
from gradproof.checks import Study
from gradproof.checks.floating import check_floating
from gradproof.claims.words import explain

C = 1.764052345967664
DATA = np.random.default_rng(0).normal(size=(2, 2))
TARGETS = np.array([0.1, 0.7])


@jax.jit
def within(x):
    return jnp.where(x > TARGETS, x, TARGETS)


PROVED = {
    "density": (lambda x: x / math.sqrt(2 * math.pi), lambda x: 0.3989422804014327 * x),
    "mean": (lambda x: x * (1 / (784 * 128)), lambda x: x / 784 / 128),
    "power of two": (lambda x: x * 2.0**53, lambda x: (x * 2.0**26) * 2.0**27),
    "folded": (lambda x: 0.1 * x, lambda x: (1 - 0.9) * x),
    "decay": (lambda x: 0.001 * x, lambda x: (1 - 0.999) * x),
    "bits": (lambda x: x / jnp.log(2.0), lambda x: 1.4426950408889634 * x),
    "unread": (lambda x: C * x + x, lambda x: x * (1 + jnp.asarray(C))),
}


@pytest.mark.parametrize("name", PROVED)
def test_rounded_constants_prove(name):
    verdict = verify(stated(*PROVED[name], x=Real()))
    assert verdict.verdict == "proved", verdict.why
    assert verdict.exact.bound_log2 <= -100


RELATED = {
    "a product": (lambda x: math.log(6) * x, lambda x: x * math.log(2) + x * math.log(3)),
    "a sum of exponents": (lambda x: math.e * jnp.exp(x), lambda x: jnp.exp(x + 1)),
    "a logarithm of the program's": (lambda x: math.log(2) + jnp.log(x), lambda x: jnp.log(2 * x)),
}


@pytest.mark.parametrize("name", RELATED)
def test_logarithms_and_exponentials_are_related_where_that_is_needed(name):
    assert_proved(*RELATED[name], x=Positive())


def test_a_logarithm_above_exponentials_is_a_number_where_no_more_is_needed():
    def bits(x):
        return jax.nn.softplus(jnp.tanh(x)) / math.log(2)

    def by_hand(x):
        return jax.nn.sigmoid(jnp.tanh(x)) * (1 - jnp.tanh(x) ** 2) * 1.4426950408889634

    assert_derivative(bits, by_hand, x=Real())
    # Nothing of this is so if it is another number.
    assert verify(stated(slope(bits), lambda x: by_hand(x) * 1.01, x=Real())).verdict == "refuted"


REFUTED = {
    "typo in the tenth digit": (lambda x: x / math.sqrt(2 * math.pi), lambda x: 0.3989422805014327 * x),
    "short decimal": (lambda x: math.sqrt(2 / math.pi) * x, lambda x: 0.79788456 * x),
    "unread, too far off": (lambda x: C * x, lambda x: 1.764052346967664 * x),
    "cancelled": (lambda x: 0 * x, lambda x: (0.1 + 0.2 - 0.3) * x),
}


@pytest.mark.parametrize("name", REFUTED)
def test_constants_that_are_wrong_are_refused(name):
    verdict = verify(stated(*REFUTED[name], x=Real()))
    assert verdict.verdict == "refuted"
    assert verdict.counterexample is not None


@pytest.mark.parametrize(
    "sides",
    [
        (lambda x: 3 * (C * x), lambda x: (3 * C) * x),
        (lambda x: DATA.T @ (DATA @ x), lambda x: (DATA.T @ DATA) @ x),
    ],
    ids=["product", "data"],
)
def test_the_rounding_of_constants_refutes_nothing(sides):
    verdict = verify(stated(*sides, x=Real("2")))
    assert (verdict.verdict, bool(verdict)) == ("up to constants", False)
    assert verify(stated(*sides, x=Real("2")), accept=["up to constants"])
    assert "by no more than the rounding of constants" in verdict.why


@pytest.mark.parametrize(("ulps", "refused"), [(4, False), (40, True)])
def test_the_machine_refutes_no_rounding_of_constants_either(ulps, refused):
    near = C + ulps * math.ulp(C)
    result = check_floating(Study(stated(lambda x: C * x, lambda x: near * x, x=Real())))
    assert bool(result.failures) == refused


def test_the_verdict_names_what_was_read():
    verdict = verify(stated(*PROVED["density"], x=Real()))
    assert {one.constant: one.read_as for one in verdict.exact.readings} == {
        0.3989422804014327: "1/sqrt(2 pi)",
        2.5066282746310002: "sqrt(2 pi)",
    }
    assert -23 < verdict.exact.coincidence_log2 < -20
    assert "reads 2.5066282746310002 as sqrt(2 pi), 0.3989422804014327 as 1/sqrt(2 pi)" in explain(verdict)
    plain = verify(stated(lambda x: 0.1 * x, lambda x: x / 10, x=Positive()))
    assert plain.exact.readings == ()
    assert plain.exact.coincidence_log2 is None
    assert "reads" not in explain(plain)


@pytest.mark.parametrize(
    "sides",
    [
        (lambda x: x - TARGETS, lambda x: -(TARGETS - x)),
        (lambda x: within(x), lambda x: jnp.maximum(x, TARGETS)),
        (
            lambda x: jax.lax.scan(lambda c, y: (c * y, None), x, np.array([[0.1, 0.2], [0.3, 0.7]]))[0],
            lambda x: x * jnp.array([0.03, 0.14]),
        ),
    ],
    ids=["minus", "in a call", "in a loop"],
)
def test_arrays_of_numpy_are_of_the_format_that_is_run(sides):
    verdict = verify(stated(*sides, x=Real("2")))
    assert verdict.verdict == "proved", verdict.why
    assert set(verdict.code.units) == {"float64", "float32"}


def test_a_mask_of_the_largest_number_is_a_number():
    def masked(x):
        return jnp.sum(jnp.where(x > 0, x, jnp.finfo(x.dtype).min))

    verdict = verify(stated(jax.grad(masked), lambda x: (jnp.sign(x) + jnp.abs(jnp.sign(x))) / 2, x=Real("3")))
    assert verdict.verdict == "proved", verdict.why


def test_a_division_may_be_a_product_with_a_rounded_reciprocal():
    """5750.25048828125 / 784 is exact, but not times 1 / 784: no claim is refuted for it."""
    verdict = verify(stated(lambda x: x / 784 / 128, lambda x: x * (1 / (784 * 128)), x=Real()))
    assert verdict.verdict == "proved", verdict.why

"""The report on accuracy: known errors are found, in the units they are known in, and nothing good is blamed."""

import ast
import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradproof
from gradproof import Real, Simplex, derivative
from gradproof.checks.floating import uses
from gradproof.claims.claim import Claim
from gradproof.claims.values import plain
from gradproof.errors import Undecided
from gradproof.measures import sweep as sweeping
from gradproof.measures.accuracy import LADDER, accuracy, with_precision
from gradproof.measures.sweep import DTYPES, sweep


def claim(*sides, textbook=False, **symbols):
    def chain(**values):
        for side in sides:
            yield side(*(values[name] for name in symbols))

    return Claim("test", "", "test", chain, symbols, textbook=textbook)


def measured(*sides, textbook=False, **symbols):
    return accuracy(claim(*sides, textbook=textbook, **symbols), seed=0)


def loss(z):
    """Of a label 1."""
    return jnp.sum(jnp.logaddexp(0, -z))


def slope(z):
    return derivative(loss, z)


# Known cases


def test_a_gradient_that_cancels_is_off_by_thousands_of_ulp():
    report = measured(slope, lambda z: jax.nn.sigmoid(z) - 1, z=Real("2"))
    found = report.formats["float32"]
    assert found.by_hand.worst > 1_000
    assert found.by_hand.at.inputs["z"].max() > 4
    assert found.better == "autodiff"


def test_the_same_gradient_without_a_difference_is_right():
    def stable(z):
        return -jax.nn.sigmoid(-z)

    report = measured(lambda z: derivative(lambda z: jnp.sum(-jnp.log(jax.nn.sigmoid(z))), z), stable, z=Real("2"))
    for dtype in DTYPES:
        found = report.formats[dtype]
        assert found.by_hand.worst < 8
        assert found.by_hand.spoilt == 0
        assert found.below_bound
        assert found.better == "by hand"
    assert report.low_precision.ok


def test_a_formula_that_is_infinite_where_the_value_is_not_is_spoilt():
    report = measured(lambda z: jnp.logaddexp(0, z), lambda z: -jnp.log(1 - jax.nn.sigmoid(z)), z=Real("2"))
    for dtype in DTYPES:
        errors = report.formats[dtype].by_hand
        assert errors.spoilt > 0
        assert errors.spoilt_at.expected > 5
        assert not np.isfinite(errors.spoilt_at.given)


def test_a_textbook_formula_is_measured_at_moderate_inputs():
    textbook = claim(lambda z: jnp.logaddexp(0, z), lambda z: jnp.log(1 + jnp.exp(z)), textbook=True, z=Real("2"))
    assert all(np.abs(sample.point["z"]).max() <= 3 for sample in sweep(textbook, 0))
    assert accuracy(textbook, seed=0).formats["float32"].by_hand.spoilt == 0


# Planted errors


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_error_of_20_ulp_is_reported_as_such(dtype):
    def off(z):
        return jnp.full_like(z, 1 + 20 * float(jnp.finfo(z.dtype).eps))

    errors = measured(jnp.ones_like, off, z=Real("2")).formats[dtype].by_hand
    assert errors.median == errors.worst == pytest.approx(20)
    assert errors.at.expected == 1


def test_an_error_in_bfloat16_alone_is_refused_there():
    def rough(z):
        right = jax.nn.sigmoid(-z)
        return -right * 1.05 if z.dtype == jnp.bfloat16 else -right

    report = measured(slope, rough, z=Real("2"))
    assert not report.low_precision.ok
    assert report.low_precision.by_hand > 2 * report.low_precision.first_side + 0.5
    assert report.formats["float32"].by_hand.worst < 8


def test_an_error_beyond_the_bound_is_reported_as_such():
    report = measured(slope, lambda z: -jax.nn.sigmoid(-z) * jnp.where(z > 5, 1 + 1e-4, 1), z=Real("2"))
    assert not report.formats["float32"].below_bound
    assert report.formats["float32"].bound_ratio_at.inputs["z"].max() > 5


# The referee


@jax.custom_jvp
def square(x):
    return x * x


@square.defjvp
def _(primals, tangents):
    (x,), (t,) = primals, tangents
    return x * x, 2.5 * x * t


def test_a_wrong_rule_of_autodiff_is_measured_and_not_trusted():
    report = measured(lambda x: derivative(lambda x: jnp.sum(square(x)), x), lambda x: 2 * x, x=Real("2"))
    found = report.formats["float64"]
    assert found.by_hand.worst == 0
    assert found.autodiff.worst > 2**50
    assert found.better == "by hand"


def test_the_referee_does_not_differentiate_with_jax():
    package = Path(gradproof.__file__).parent
    family = {"grad", "vjp", "jvp", "jacfwd", "jacrev", "hessian", "linearize", "value_and_grad"}
    for name in (
        "interpreter/dual",
        "numerics/precise",
        "numerics/magnitude",
        "interpreter/evaluator",
        "numerics/one_sided",
    ):
        tree = ast.parse((package / f"{name}.py").read_text())
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not used & family


# Kinks


def test_equal_logits_are_measured_and_the_kink_of_a_rectifier_is_not():
    def own(z):
        e = jnp.exp(z - jnp.max(z))
        return e / jnp.sum(e)

    report = measured(lambda z: derivative(jax.nn.logsumexp, z), own, z=Real("3"))
    assert report.on_kinks > 0
    assert report.formats["float32"].by_hand.worst < 100
    kinked = measured(lambda z: derivative(lambda z: jnp.sum(jnp.abs(z)), z), jnp.sign, z=Real("2"))
    assert kinked.on_kinks > 0
    assert kinked.formats["float64"].by_hand.worst == 0


# The sweep


def test_no_loop_is_longer_than_the_engine_follows(monkeypatch):
    def sums(z):
        return jax.lax.scan(lambda total, x: (total + x, None), jnp.zeros(()), z)[0]

    looped = claim(lambda z: jnp.sum(z), sums, z=Real("n"))
    assert max(sample.sizes["n"] for sample in sweep(looped, 0)) == 10_000
    monkeypatch.setattr(sweeping, "LONGEST_LOOP", 500)
    assert 400 < max(sample.sizes["n"] for sample in sweep(looped, 0)) <= 500


def test_the_sweep_has_the_corners_of_the_domain():
    swept = claim(lambda Z, P: Z, lambda Z, P: Z, Z=Real("n K"), P=Simplex("n K"))
    samples = sweep(swept, 0)
    kinds = {sample.kind for sample in samples}
    assert {"denormal", "corners", "ties", "all sizes one", "large K", "large n"} <= kinds
    assert max(np.abs(sample.point["Z"]).max() for sample in samples) == 1e4
    for sample in samples:
        assert (sample.point["P"].sum(axis=-1) == 1).all()
        for dtype in sample.dtypes:
            for values in sample.point.values():
                assert (values.astype(jnp.dtype(dtype)).astype(float) == values).all()
    for dtype in DTYPES:
        smallest = float(jnp.finfo(dtype).smallest_subnormal)
        assert any((np.abs(sample.point["Z"]) == smallest).any() for sample in samples if sample.dtypes == (dtype,))
    assert {"K": 1_000, "n": 2} in [sample.sizes for sample in samples]
    assert {"K": 2, "n": 10_000} in [sample.sizes for sample in samples]


# Matrix products


def test_all_products_are_run_at_the_precision_asked_for():
    def program(a, b):
        _, rows = jax.lax.scan(lambda c, row: (c, row @ b), 0, a)
        return rows, a @ b

    closed = jax.make_jaxpr(program)(jnp.ones((2, 2)), jnp.ones((2, 2)))
    assert uses(closed.jaxpr, "dot_general")
    for name in LADDER:
        text = str(with_precision(closed, name))
        assert text.count(f"precision={name.upper()}") + text.count(name.upper()) >= 2, text
    assert not uses(jax.make_jaxpr(jnp.sin)(1.0).jaxpr, "dot_general")


def test_the_ladder_is_reported_for_programs_with_products_alone():
    report = measured(lambda A, x: A @ x, lambda A, x: jnp.sum(A * x[None], axis=1), A=Real("2 3"), x=Real("3"))
    assert report.matmul is None
    report = measured(lambda A, x: jnp.sum(A * x[None], axis=1), lambda A, x: A @ x, A=Real("2 3"), x=Real("3"))
    assert set(report.matmul) == set(LADDER)
    assert all(0 < error < 1e-5 for error in report.matmul.values())


# The report


def test_it_is_plain_and_the_same_for_the_same_seed():
    reports = [plain(measured(slope, lambda z: -jax.nn.sigmoid(-z), z=Real("2"))) for _ in range(2)]
    assert json.dumps(reports[0]) == json.dumps(reports[1])
    assert reports[0]["backend"] == jax.default_backend()


def test_what_cannot_be_run_is_said():
    def factor(A):
        return jnp.linalg.cholesky(A @ A.T + 3 * jnp.eye(2, dtype=A.dtype))

    report = measured(factor, factor, A=Real("2 2"))
    assert "bfloat16" in report.formats["bfloat16"].why
    assert report.formats["bfloat16"].by_hand is None
    assert report.formats["float64"].by_hand.measured > 0
    with pytest.raises(Undecided, match="shapes"):
        measured(lambda z: z, jnp.sum, z=Real("2"))
    with pytest.raises(Undecided, match="but one side"):
        measured(jnp.sin, z=Real("2"))

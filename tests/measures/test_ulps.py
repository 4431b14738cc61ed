"""The report on accuracy: known errors are found, in the units they are known in, and nothing good is blamed."""

import ast
import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stated import stated

import gradproof
from gradproof import Real, derivative
from gradproof.checks import Study
from gradproof.claims.words import plain
from gradproof.errors import Undecided
from gradproof.measures import accuracy_of, samples_of

FORMATS = "float64", "float32", "bfloat16"


def measured(*sides, stable=None, **symbols):
    return accuracy_of(Study(stated(*sides, stable=stable, **symbols)))


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
    for dtype in FORMATS:
        found = report.formats[dtype]
        assert found.by_hand.worst < 8
        assert found.by_hand.spoilt == 0
        assert found.below_bound
        assert found.better == "by hand"
    assert report.low_precision.ok


def test_the_derivative_of_jax_is_measured_in_the_formats_that_are_asked_for():
    study = Study(stated(slope, lambda z: jax.nn.sigmoid(z) - 1, z=Real("2")))
    whole, part = accuracy_of(study), accuracy_of(study, autodiff=["float32"])
    assert part.formats["float32"].autodiff.worst == whole.formats["float32"].autodiff.worst > 0
    assert part.formats["float64"].autodiff is None
    assert part.formats["float64"].by_hand.worst == whole.formats["float64"].by_hand.worst > 1_000
    assert whole.low_precision is not None
    assert part.low_precision is None


def test_a_formula_that_is_infinite_where_the_value_is_not_is_spoilt():
    report = measured(lambda z: jnp.logaddexp(0, z), lambda z: -jnp.log(1 - jax.nn.sigmoid(z)), z=Real("2"))
    for dtype in FORMATS:
        errors = report.formats[dtype].by_hand
        assert errors.spoilt > 0
        assert errors.spoilt_at.expected > 5
        assert not np.isfinite(errors.spoilt_at.given)


def test_a_textbook_formula_is_measured_at_moderate_inputs():
    textbook = stated(lambda z: jnp.logaddexp(0, z), lambda z: jnp.log(1 + jnp.exp(z)), stable=False, z=Real("2"))
    assert all(np.abs(sample.point["z"]).max() <= 3 for sample in samples_of(Study(textbook)))
    assert accuracy_of(Study(textbook)).formats["float32"].by_hand.spoilt == 0


# Planted errors


@pytest.mark.parametrize("dtype", FORMATS)
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
    files = [path for room in ("interpreter", "numerics", "fields") for path in (package / room).rglob("*.py")]
    assert len(files) > 20
    for path in files:
        tree = ast.parse(path.read_text("utf-8"))
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

"""The report on accuracy: known errors are found, in the units they are known in, and nothing good is blamed."""

import ast
import json
from pathlib import Path

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax.extend import core

import gradproof
from gradproof import Function, Real, Simplex, derivative
from gradproof.catalogue.collect import select
from gradproof.checks.floating import input_of, uses
from gradproof.claims.claim import Claim
from gradproof.claims.values import plain
from gradproof.errors import Undecided
from gradproof.measures import sweep as sweeping
from gradproof.measures.accuracy import LADDER, accuracy, with_precision
from gradproof.measures.sweep import DTYPES, sweep
from gradproof.numerics.precise import certify
from gradproof.programs.trace import trace
from manual_grads import activations


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


# The library

ILL_CONDITIONED = {
    "activations.silu.derivative": "changes its sign",
    "activations.gelu.derivative": "changes its sign",
    "activations.gelu_tanh.derivative": "changes its sign",
    "losses.sigmoid-binary-cross-entropy.reduced": "labels between 0 and 1 cancel with probabilities",
    "losses.softmax-cross-entropy.reduced": "sums over classes cancel",
    "losses.softmax-cross-entropy-with-integer-labels.reduced": "sums over classes cancel",
}
"""What moves by many units in the last place when an input moves by two, and errs by no more than that."""

ELEMENTWISE = [
    claim
    for claim in select(["activations.*", "losses.*"])
    if not claim.textbook
    and not claim.size_names()
    and not any(isinstance(symbol, Function) for symbol in claim.symbols.values())
]


def test_the_exceptions_are_claims():
    assert set(ILL_CONDITIONED) <= {claim.id for claim in ELEMENTWISE}


@pytest.mark.parametrize("claim", ELEMENTWISE, ids=lambda claim: claim.id)
def test_formulas_of_the_library_are_right_to_a_few_ulp_over_the_whole_domain(claim):
    report = accuracy(claim, seed=0)
    for dtype in ("float64", "float32"):
        found = report.formats[dtype]
        assert found.by_hand.spoilt == 0, found.by_hand.spoilt_at
        assert found.below_bound, found.bound_ratio_at
        if claim.id not in ILL_CONDITIONED:
            assert found.by_hand.worst <= 8, found.by_hand.at
    assert report.formats["bfloat16"].below_bound
    assert report.low_precision.ok, report.low_precision


def beyond_conditioning(claim, dtype):
    """The largest error in units in the last place, less what the value moves by when inputs move by two."""
    samples = [sample for sample in sweep(claim, 0) if dtype in sample.dtypes and sample.kind != "denormal"]
    sizes, names = samples[0].sizes, sorted(samples[0].point)
    samples = [sample for sample in samples if sample.sizes == sizes]
    exact, rounding = trace(claim, sizes, "dual"), trace(claim, sizes, "autodiff", jnp.dtype(dtype))
    first = exact.first
    last = rounding.part(rounding.sides[-1:])
    run = jax.jit(core.jaxpr_as_fun(last))

    def values(points):
        inputs = [[input_of(claim.symbols[name], point[name]) for name in names] for point in points]
        return [None if found.tied else [x.value for x in found.outputs] for found in certify(first, inputs)]

    def moved(point):
        for name in names:
            if input_of(claim.symbols[name], point[name]).continuous:
                for place in np.ndindex(point[name].shape):
                    up = point[name].copy()
                    up[place] = np.nextafter(up[place].astype(dtype), np.asarray(np.inf, dtype))
                    yield {**point, name: up}

    errors = []
    info = jnp.finfo(dtype)
    for sample, at in zip(samples, values([sample.point for sample in samples]), strict=True):
        if at is None:
            continue
        beside = [found for found in values(list(moved(sample.point))) if found is not None]
        given = run(*(np.asarray(sample.point[n], aval.dtype) for n, aval in zip(names, last.in_avals, strict=True)))
        for leaf, value in enumerate(at):
            for place in zip(*np.nonzero(np.atleast_1d(np.abs(value) > float(info.tiny) * 1e8)), strict=True):
                place = place[: value.ndim]
                moves = 2 * sum(abs(found[leaf][place] - value[place]) for found in beside)
                unit = 2.0 ** (np.frexp(float(value[place]))[1] - 1 - info.nmant)
                errors.append(float(abs(float(given[leaf][place]) - value[place]) - moves) / unit)
    # Of none there is no largest; one that is NaN is the largest.
    return np.max(errors)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("claim", [c for c in ELEMENTWISE if c.id in ILL_CONDITIONED], ids=lambda claim: claim.id)
def test_where_values_move_with_the_last_digits_of_inputs_errors_are_no_larger(claim, dtype):
    with jax.enable_x64(True), mpmath.workprec(400):
        assert beyond_conditioning(claim, dtype) <= 8


def logistic(z):
    return 1 / (1 + mpmath.exp(-z))


def exponent(z):
    return mpmath.sqrt(8 / mpmath.pi) * (z + mpmath.mpf("0.044715") * z**3)


def exponent_slope(z):
    return mpmath.sqrt(8 / mpmath.pi) * (1 + 3 * mpmath.mpf("0.044715") * z**2)


PRINTED = {
    activations.sigmoid: (logistic, lambda z: logistic(z) * logistic(-z)),
    activations.tanh: (mpmath.tanh, lambda z: mpmath.sech(z) ** 2),
    activations.relu: (lambda z: max(z, 0), lambda z: mpmath.mpf(z > 0)),
    activations.elu: (lambda z: z if z > 0 else mpmath.expm1(z), lambda z: mpmath.exp(min(z, 0))),
    activations.softplus: (lambda z: mpmath.log1p(mpmath.exp(z)), logistic),
    activations.silu: (lambda z: z * logistic(z), lambda z: logistic(z) * (1 + z * logistic(-z))),
    activations.gelu: (lambda z: z * mpmath.ncdf(z), lambda z: mpmath.ncdf(z) + z * mpmath.npdf(z)),
    activations.gelu_tanh: (
        lambda z: z * logistic(exponent(z)),
        lambda z: logistic(exponent(z)) * (1 + z * exponent_slope(z) * logistic(-exponent(z))),
    ),
}
"""Activations and their derivatives as they are printed."""


SIGN_CHANGES = activations.silu, activations.gelu, activations.gelu_tanh
"""Their derivatives have a zero, near which they move by many units when the logit moves by one."""


def strays(formula, printed, dtype, *, moves=0, lost=lambda z: 1.0):
    """Inputs at which a formula errs by more than 8 units in the last place, or than if its input were off by some.

    Left out are values below the normal numbers, `lost` times.
    """
    generator = np.random.default_rng(0)
    spread = [generator.uniform(-width, width, 300) for width in (2, 10, 25, 100, 800)]
    z = np.concatenate([*spread, np.exp(generator.uniform(-40, 0, 100)) * generator.choice([-1, 1], 100)]).astype(dtype)
    after = np.nextafter(z, np.asarray(np.inf, dtype))
    info = jnp.finfo(dtype)
    found, measured = [], 0
    with jax.enable_x64(True), mpmath.workprec(200):
        for x, beside, given in zip(*map(np.ndarray.tolist, (z, after, np.asarray(formula(z)))), strict=True):
            value = printed(mpmath.mpf(x))
            unit = 2.0 ** (np.frexp(float(abs(value)))[1] - 1 - info.nmant)
            allowed = 8 * unit + moves * abs(printed(mpmath.mpf(beside)) - value)
            # What is a normal number by its last digits only may be rounded to one that is none.
            if abs(value) > float(info.tiny) * (1 + 2.0**-10) * lost(x):
                measured += 1
                if not abs(given - value) <= allowed:
                    found.append(x)
    assert measured > len(z) / 4
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", PRINTED, ids=lambda activation: type(activation).__name__)
def test_activations_are_right_to_8_units_over_the_whole_range(activation, dtype):
    value, slope = PRINTED[activation]
    # XLA's error function in float32 has errors of 3 units where it is -0.8, and twice its distance from -1 is Phi;
    # and the complementary one is lost before what it is multiplied by or added to is.
    gelu = activation is activations.gelu
    lost = (lambda z: max(1.0, 4 * z * z)) if gelu else (lambda z: 1.0)
    assert strays(activation, value, dtype, lost=lost, moves=2 if gelu and dtype == "float32" else 0) == []
    moves = 2 if activation in SIGN_CHANGES else 0
    assert strays(activation.derivative, slope, dtype, lost=lost, moves=moves) == []


def test_an_activation_that_loses_its_tail_strays():
    _, slope = PRINTED[activations.sigmoid]
    lost = strays(lambda z: activations.sigmoid.derivative_from_value(activations.sigmoid(z)), slope, "float32")
    assert lost
    assert min(lost) > 1
    value, _ = PRINTED[activations.gelu]
    assert max(strays(lambda z: z / 2 * (1 + jax.lax.erf(z * np.sqrt(0.5))), value, "float64")) < -1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_products_of_jax_stray_where_a_factor_is_too_small(dtype):
    for activation, function in ((activations.silu, jax.nn.silu), (activations.gelu_tanh, jax.nn.gelu)):
        value, _ = PRINTED[activation]
        assert strays(function, value, dtype)


def test_the_tails_of_gelu_in_bfloat16_are_those_of_float32():
    z = jnp.linspace(-13, 13, 201).astype(jnp.bfloat16)
    for formula in (activations.gelu, activations.gelu.derivative):
        right, given = (np.asarray(formula(x), np.float64) for x in (z.astype(jnp.float32), z))
        # The larger one of the two terms of the derivative, near the zero of which they cancel.
        scale = np.maximum(np.abs(right), np.where(np.abs(z) < 1, 0.25, 0))
        assert (np.abs(given - right) <= 4 * float(jnp.finfo(jnp.bfloat16).eps) * scale).all()

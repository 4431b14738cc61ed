"""Formulas of the library are right to a few units in the last place over their whole domain."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax.extend import core

from gradproof import Function
from gradproof.catalogue.collect import select
from gradproof.checks.study import Study
from gradproof.measures.accuracy import accuracy
from gradproof.measures.sweep import sweep
from gradproof.numerics.precise import certify

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
    report = accuracy(Study(claim))
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
    study = Study(claim)
    samples = [sample for sample in sweep(study) if dtype in sample.dtypes and sample.kind != "denormal"]
    sizes, names = samples[0].sizes, sorted(samples[0].point)
    samples = [sample for sample in samples if sample.sizes == sizes]
    exact, rounding = study.program(sizes, "dual"), study.program(sizes, "autodiff", dtype)
    first = exact.first
    last = rounding.part(rounding.sides[-1:])
    run = jax.jit(core.jaxpr_as_fun(last))

    def values(points):
        found = certify(first, [study.inputs(point) for point in points])
        return [None if run.tied else [x.value for x in run.outputs] for run in found]

    def moved(point):
        for name in names:
            if not claim.symbols[name].label:
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

"""The inputs of the report on accuracy reach the corners of the domain."""

import jax
import jax.numpy as jnp
import numpy as np
from stated import stated

from gradproof import Real, Simplex
from gradproof.checks.study import Study
from gradproof.interpreter import rules
from gradproof.measures.sweep import DTYPES, sweep


def test_no_loop_is_longer_than_the_engine_follows(monkeypatch):
    def sums(z):
        return jax.lax.scan(lambda total, x: (total + x, None), jnp.zeros(()), z)[0]

    study = Study(stated(lambda z: jnp.sum(z), sums, z=Real("n")))
    assert max(sample.sizes["n"] for sample in sweep(study)) == 10_000
    monkeypatch.setattr(rules, "LONGEST_LOOP", 500)
    assert 400 < max(sample.sizes["n"] for sample in sweep(study)) <= 500


def test_the_sweep_has_the_corners_of_the_domain():
    samples = sweep(Study(stated(lambda Z, P: Z, lambda Z, P: Z, Z=Real("n K"), P=Simplex("n K"))))
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

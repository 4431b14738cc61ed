"""The inputs at which accuracy is measured."""

import jax
import jax.numpy as jnp
import numpy as np
from stated import stated

from gradproof import Real, Simplex
from gradproof.checks import Study
from gradproof.measures import samples_of

FORMATS = "float64", "float32", "bfloat16"


def test_no_loop_is_longer_than_the_engine_follows(monkeypatch):
    def sums(z):
        return jax.lax.scan(lambda total, x: (total + x, None), jnp.zeros(()), z)[0]

    looped = stated(lambda z: jnp.sum(z), sums, z=Real("n"))
    assert max(sample.sizes["n"] for sample in samples_of(Study(looped))) == 10_000
    monkeypatch.setattr("gradproof.interpreter.rules.LONGEST_LOOP", 500)
    assert 400 < max(sample.sizes["n"] for sample in samples_of(Study(looped))) <= 500


def test_they_have_the_corners_of_the_domain():
    swept = stated(lambda Z, P: Z, lambda Z, P: Z, Z=Real("n K"), P=Simplex("n K"))
    samples = samples_of(Study(swept))
    kinds = {sample.kind for sample in samples}
    assert {"denormal", "corners", "ties", "all sizes one", "large K", "large n"} <= kinds
    assert max(np.abs(sample.point["Z"]).max() for sample in samples) == 1e4
    for sample in samples:
        assert (sample.point["P"].sum(axis=-1) == 1).all()
        for format in sample.formats:
            for values in sample.point.values():
                assert (values.astype(jnp.dtype(format)).astype(float) == values).all()
    for format in FORMATS:
        smallest = float(jnp.finfo(format).smallest_subnormal)
        assert any((np.abs(sample.point["Z"]) == smallest).any() for sample in samples if sample.formats == (format,))
    assert {"K": 1_000, "n": 2} in [sample.sizes for sample in samples]
    assert {"K": 2, "n": 10_000} in [sample.sizes for sample in samples]

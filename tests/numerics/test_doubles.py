"""Programs in plain float64 give what JAX gives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradproof.interpreter import Evaluator
from gradproof.numerics import DoubleArithmetic
from gradproof.programs import unknown

POINT = np.array([[0.5, -1.25, 3.0], [2.0, 0.0, -40.0]])


@pytest.mark.parametrize(
    "program",
    [
        lambda x: [jnp.exp(x), jnp.expm1(x), jax.nn.sigmoid(x), jnp.tanh(x), jax.lax.erf(x), jax.lax.erfc(x)],
        lambda x: [jnp.log(abs(x) + 1), jnp.log1p(x * x), jnp.sqrt(abs(x)), jnp.cbrt(x), abs(x) ** 1.7, x**-3],
        lambda x: [jnp.sin(x), jnp.cos(x), jnp.tan(x), jnp.sinh(x), jnp.cosh(x)],
        lambda x: [x @ x.T, x.sum(0), x / (x + 7), jnp.pad(x, 1), x[::-1, ::2]],
        lambda x: [jnp.maximum(x, 0.3), jnp.minimum(x, 1), jnp.clip(x, -1, 1), jnp.sort(x), jnp.argmax(x, 1)],
        lambda x: [jax.nn.softmax(x), jax.nn.logsumexp(x), jnp.where(x > 1, x, -x), jnp.isfinite(jnp.exp(-20 * x))],
        lambda x: [unknown.function("f")(x), unknown.functional("g")(x), jax.grad(unknown.functional("g"))(x)],
        lambda x: [jax.scipy.linalg.solve_triangular(jnp.linalg.cholesky(x @ x.T), x, lower=True)],
    ],
    ids=["exponential", "roots", "circular", "linear", "comparing", "guarded", "unknown", "triangular"],
)
def test_a_program_has_the_values_that_jax_gives(program):
    with jax.enable_x64(True):
        closed = jax.make_jaxpr(program)(POINT)
        arithmetic = DoubleArithmetic()
        with np.errstate(all="ignore"):
            found = Evaluator(arithmetic).run_closed(closed, [arithmetic.constant(POINT)])
        for ours, expected in zip(found, jax.jit(program)(POINT), strict=True):
            np.testing.assert_allclose(getattr(ours, "value", ours), expected, rtol=1e-12, atol=1e-300)


def test_far_below_zero_polygamma_says_nothing_and_takes_no_time():
    numbers = DoubleArithmetic()
    order, x = (numbers.constant(np.array(values)) for values in ([1.0, 1.0, 1.0], [-1e12, -2.5, 0.5]))
    found = numbers.polygamma(order, x).value
    assert np.isnan(found[0])
    assert np.isfinite(found[1:]).all()

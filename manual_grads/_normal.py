r"""The standard normal distribution: $\Phi(z)$ and $\varphi(z) = \Phi'(z)$, to a few ulp in the tails, too.

In the tails an error of the exponent $z^2 / 2$ is an error of the value, relative to it, and rounding $z / \sqrt 2$
alone costs $z^2$ ulp. So $s = z / \sqrt 2$ is taken in two parts, $a + d$, where $a$ has half of the digits, so that
its square is exact, and $d$ is what is left, with what rounding took:

$$ e^{-(a + d)^2} = e^{-a^2} e^{-2 d (a + d / 2)}, \qquad
\operatorname{erfc}(a + d) = \operatorname{erfc}(a) - \frac{2}{\sqrt\pi} e^{-a^2} \int_0^d e^{-2 a t - t^2} \, dt . $$

Both are series in $d$. In exact arithmetic $d$ is 0. Half of the digits of bfloat16 and float16 are so few that $d$ is
not small; the values are those of float32, rounded.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Real = Float[Array, "..."]
ROOT_HALF = math.sqrt(0.5)
SCALE = 2.0**24


def _half_of_the_digits(x: Real) -> Real:
    info = jnp.finfo(x.dtype)
    return jax.lax.reduce_precision(x, exponent_bits=info.nexp, mantissa_bits=(info.nmant - 1) // 2)


def _over_root_two(z: Real) -> tuple[Real, Real]:
    """z / sqrt(2) as a + d."""
    root = jnp.asarray(ROOT_HALF, z.dtype)
    high, root_high = _half_of_the_digits(z), _half_of_the_digits(root)
    low, root_low = z - high, root - root_high
    missing = (
        0.5 - root_high * root_high - 2 * root_high * root_low - root_low * root_low
    ) * root  # of the root stored
    a = _half_of_the_digits(z * root)
    # Each product that is not small is exact, with or without fused multiplication.
    return a, (high * root_high - a) + (high * root_low + low * root_high) + low * root_low + z * missing


def normal(z: Real) -> tuple[Real, Real]:
    r"""$\Phi(z)$ and $\varphi(z)$."""
    if jnp.finfo(z.dtype).bits < 32:
        below, density = normal(z.astype(jnp.float32))
        return below.astype(z.dtype), density.astype(z.dtype)
    a, d = _over_root_two(z)
    bell = jnp.exp(-a * a)
    d = jnp.where(bell > 0, d, 0)  # where it underflows there is nothing to correct, and powers of d may overflow
    step = a * d
    integral = d * (1 - step + (2 * step * step - d * d) / 3)
    # XLA's erfc in float64 has errors of 9 ulp below 1, where it takes a rounded erf from 1; this has 3.
    tail = jnp.where(z > -1.40625, 1 + jax.lax.erf(a), jax.lax.erfc(-a))
    # Scaled, since the second term may be too small a number where the sum is none.
    erfc = tail * SCALE + bell * SCALE * integral * (2 / math.sqrt(math.pi))
    # As a difference, since compilers make one exponential of a product of two.
    density = bell + bell * jnp.expm1(-2 * d * (a + d / 2))
    return erfc / (2 * SCALE), density * math.sqrt(0.5 / math.pi)

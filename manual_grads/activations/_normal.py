r"""The standard normal distribution: $\Phi(z)$ and $\varphi(z) = \Phi'(z)$, to a few ulp also in the tails.

In the tails the absolute error of the exponent $z^2 / 2$ is the relative error of the value, and rounding $z / \sqrt 2$
alone costs $z^2$ ulp. So $z / \sqrt 2$ is kept in two parts, $a + d$, where $a$ is so short that $a^2$ is exact:

$$ e^{-(a + d)^2} = e^{-a^2} e^{-2 d (a + d / 2)}, \qquad
\operatorname{erfc}(a + d) = \operatorname{erfc}(a) - \frac{2}{\sqrt\pi} e^{-a^2} \int_0^d e^{-2 a t - t^2} \, dt . $$

Both are computed as series in $d$. In exact arithmetic $d$ is 0. In bfloat16 and float16 half of the digits are so few
that $d$ is not small, so the values are computed in float32 and rounded.
"""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from manual_grads.activations._two_parts import TwoParts, exponential, split, times

Real = Float[Array, "..."]
SCALE = 2.0**24


def _over_root_two(z: Real) -> TwoParts:
    """z / sqrt(2)."""
    root = split(jnp.asarray(math.sqrt(0.5), z.dtype))
    stored = root.high + root.low
    missing = 0.5 - root.high * root.high - 2 * root.high * root.low - root.low * root.low
    return times(split(z), TwoParts(root.high, root.low + missing * stored))


def normal(z: Real) -> tuple[Real, Real]:
    r"""$\Phi(z)$ and $\varphi(z)$."""
    if jnp.finfo(z.dtype).bits < 32:
        below, density = normal(z.astype(jnp.float32))
        return below.astype(z.dtype), density.astype(z.dtype)
    a, d = _over_root_two(z)
    bell = jnp.exp(-a * a)
    # Where the bell underflows there is nothing to correct, and powers of d may overflow.
    d = jnp.where(bell > 0, d, 0)
    step = jnp.where(bell > 0, a, 0) * d
    integral = d * (1 - step + 2 * step * step / 3)  # and less d^3 / 3, which is lost
    # XLA's erfc in float64 subtracts a rounded erf from 1 for arguments below 1, which costs 9 ulp; this costs 3.
    tail = jnp.where(z > -1.40625, 1 + jax.lax.erf(a), jax.lax.erfc(-a))
    # Scaled, because the second term may underflow where the sum does not.
    erfc = tail * SCALE + bell * SCALE * integral * (2 / math.sqrt(math.pi))
    density = exponential(TwoParts(-a * a, -2 * d * (a + d / 2)))
    return erfc / (2 * SCALE), density * math.sqrt(0.5 / math.pi)

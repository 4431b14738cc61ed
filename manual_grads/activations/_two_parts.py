r"""Numbers in two parts, for exponents: an error of one ulp in $u$ is an error of $|u|$ ulp in $e^u$.

$$ u = a + d, $$

Here $a$ has half of the digits, so that the product of two such numbers is exact, and $d$ is the rest, including what
rounding has taken away. In exact arithmetic all of $u$ is in $a$.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Float

Real = Float[Array, "..."]


class TwoParts(NamedTuple):
    """The number `high + low`, not added up."""

    high: Real
    low: Real


def half_of_the_digits(x: Real) -> Real:
    info = jnp.finfo(x.dtype)
    return jax.lax.reduce_precision(x, exponent_bits=info.nexp, mantissa_bits=(info.nmant - 1) // 2)


def split(x: Real) -> TwoParts:
    """The two parts of a stored number."""
    high = half_of_the_digits(x)
    return TwoParts(high, x - high)


def ratio(numerator: int, denominator: int, dtype: DTypeLike) -> TwoParts:
    """A fraction of small integers, to more digits than float64 holds."""
    high = half_of_the_digits(jnp.asarray(numerator / denominator, dtype))
    return TwoParts(high, (numerator - high * denominator) / denominator)


def times(x: TwoParts, y: TwoParts) -> TwoParts:
    # The product of the high parts is exact, with or without fused multiplication.
    product = x.high * y.high
    high = half_of_the_digits(product)
    return TwoParts(high, (product - high) + (x.high * y.low + x.low * (y.high + y.low)))


def plus(x: TwoParts, y: TwoParts) -> TwoParts:
    """A sum. In absolute value, x must not be much smaller than y."""
    high = half_of_the_digits(x.high + y.high)
    return TwoParts(high, ((x.high - high) + y.high) + (x.low + y.low))


def scaled(x: TwoParts, scale: float) -> TwoParts:
    """A product with a float64 number, even if x has a narrower format that cannot hold it."""
    stored = x.high.dtype.type(scale)
    high, low = times(x, split(jnp.asarray(stored)))
    # The rest is added here and not to the low part of the constant: XLA would fold the constants, and round.
    return TwoParts(high, low + (scale - float(stored)) * x.high)


def exponential(x: TwoParts) -> Real:
    r"""$e^a e^d = e^a (1 + d + d^2 / 2 + \dots)$, where a is not positive."""
    power = jnp.exp(x.high)
    d = jnp.where(power > 0, x.low, 0)  # where the power underflows there is nothing to correct, and d may be infinite
    return power + power * (d * (1 + d / 2 * (1 + d / 3 * (1 + d / 4))))

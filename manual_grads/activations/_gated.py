"""Logits times a gate: silu, gelu and its approximation."""

import math
from dataclasses import dataclass

import jax.numpy as jnp

from manual_grads.activations._activation import Elementwise, Real, formula, minus_absolute
from manual_grads.activations._normal import normal
from manual_grads.activations._two_parts import TwoParts, exponential, plus, ratio, scaled, split, times


@dataclass(frozen=True)
class Silu(Elementwise):
    r"""The logit times its logistic function, also called swish.

    $$ h = z \, \sigma(z), \qquad h' = \sigma(z) (1 + z \, \sigma(-z)) $$

    Source: Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural network function approximation in
    reinforcement learning, Neural Networks 107 (2018), 3-11.

    >>> silu.derivative(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [-0.0, 0.5, 1.0]
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        z = _wide(logits)
        return _gated(z, z, jnp.exp(minus_absolute(z) / 2)).astype(logits.dtype)

    @formula
    def derivative(self, logits: Real) -> Real:
        z = _wide(logits)
        return _slope_of_gated(z, jnp.exp(minus_absolute(z) / 2), z).astype(logits.dtype)


def _wide(logits: Real) -> Real:
    """Half precision is computed in float32 and rounded once, at the end."""
    return logits.astype(jnp.promote_types(logits.dtype, jnp.float32))


def _gated(x: Real, z: Real, root: Real) -> Real:
    r"""$x \, \sigma(u)$ by $r = e^{-|u| / 2}$, where u has the sign of z.

    For z < 0 it is $x r^2 / (1 + r^2)$. It is computed as $(x r) r$, since $r^2$ alone may underflow.
    """
    return jnp.where(z > 0, x, x * root * root) / (1 + root * root)


def _slope_of_gated(z: Real, root: Real, elasticity: Real) -> Real:
    r"""The derivative of $z \, \sigma(u)$, where the elasticity is $z u'$."""
    square = root * root
    complement = jnp.where(z > 0, square, 1) / (1 + square)
    return _gated(1 + elasticity * complement, z, root)


@dataclass(frozen=True)
class Gelu(Elementwise):
    r"""The logit times the normal distribution function, with the error function as it is defined.

    $$ h = z \, \Phi(z), \qquad h' = \Phi(z) + z \, \varphi(z), \qquad
    \Phi(z) = \tfrac12 \operatorname{erfc}(-z / \sqrt 2), \quad \varphi(z) = e^{-z^2 / 2} / \sqrt{2 \pi} $$

    Source: Hendrycks and Gimpel, Gaussian error linear units (2016), arXiv 1606.08415.

    >>> gelu.derivative(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        below, _ = normal(logits)
        return logits * below

    @formula
    def derivative(self, logits: Real) -> Real:
        below, density = normal(logits)
        return below + logits * density


_GELU_SCALE = math.sqrt(8 / math.pi)
_GELU_CUBIC = 0.044715


@dataclass(frozen=True)
class GeluTanh(Elementwise):
    r"""The approximation of `gelu` by a hyperbolic tangent.

    $$ h = \tfrac12 z (1 + \tanh \tfrac u2) = z \, \sigma(u), \qquad
    h' = \sigma(u) (1 + z \, u' \, \sigma(-u)), \qquad u = \sqrt{8 / \pi} \, (z + 0.044715 \, z^3) $$

    Source: Hendrycks and Gimpel, Gaussian error linear units (2016), arXiv 1606.08415.

    >>> gelu_tanh.derivative(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        z = _wide(logits)
        return _gated(z, z, exponential(_half_gelu_exponent(z))).astype(logits.dtype)

    @formula
    def derivative(self, logits: Real) -> Real:
        z = _wide(logits)
        exponent = _half_gelu_exponent(z)
        # Where the exponential underflows, the derivative is 0 or 1, and powers of z may overflow.
        x = jnp.where(jnp.exp(exponent.high) > 0, z, 0)
        elasticity = _GELU_SCALE * x * (1 + 3 * _GELU_CUBIC * x * x)
        return _slope_of_gated(z, exponential(exponent), elasticity).astype(logits.dtype)


def _half_gelu_exponent(z: Real) -> TwoParts:
    """-|u| / 2, in two parts, because its absolute error is the relative error of the exponential."""
    # In float64 the rounding error of 29 times the scale is far smaller than that of the scale.
    scale = scaled(ratio(1, 29, z.dtype), 29 * math.sqrt(8 / math.pi) / 2)
    cubic = times(ratio(8943, 200_000, z.dtype), scale)
    x = split(minus_absolute(z))
    return times(x, plus(scale, times(cubic, times(x, x))))


silu = Silu()
gelu = Gelu()
gelu_tanh = GeluTanh()

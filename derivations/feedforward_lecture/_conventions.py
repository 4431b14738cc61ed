"""The document's name, its network, and its layout of derivatives.

A vector is a column, an array of shape (n, 1). Parameters are mappings by the numbers of the layers, 1, ..., L: W_i is
n x n and b_i has n rows for i < L, and W_L is k x n and b_L has k rows. Layer 0 is the input: h_0 = x.
"""

from typing import Any

import chex
import jax
import jax.numpy as jnp

from derivations._words import Activation, ByLayer, lines_of, plus
from gradproof import Real

WEIGHTS = {L: (Real("n n"),) * (L - 1) + (Real("k n"),) for L in (1, 2, 3, 4)}
"""W_1, ..., W_L for each depth L."""

BIASES = {L: (Real("n 1"),) * (L - 1) + (Real("k 1"),) for L in (1, 2, 3, 4)}
"""b_1, ..., b_L for each depth L."""


printed = lines_of("004_e8822369efbfc584.txt")
"""These lines of the document."""


def forward(
    x: jax.Array, W: ByLayer, b: ByLayer, g: Activation, out: Activation
) -> tuple[dict[int, Any], dict[int, Any]]:
    """a_1, ..., a_L and h_0, ..., h_L, in the steps of lines 621 to 630."""
    a, h, L = {}, {0: x}, len(W)
    for i in range(1, L):
        a[i] = plus(b[i], W[i] @ h[i - 1])
        h[i] = g(a[i])
    a[L] = plus(b[L], W[L] @ h[L - 1])
    h[L] = out(a[L])
    return a, h


def output(x: jax.Array, W: ByLayer, b: ByLayer, g: Activation, out: Activation) -> jax.Array:
    """f(x) = h_L."""
    _, h = forward(x, W, b, g, out)
    return h[len(W)]


def identity(a: jax.Array) -> jax.Array:
    """The linear output; with any loss behind it, any output function and any loss in one."""
    return a


def softmax(a: jax.Array) -> jax.Array:
    """Line 240."""
    return jnp.exp(a) / jnp.sum(jnp.exp(a))


def cross_entropy(y: jax.Array, y_hat: jax.Array) -> jax.Array:
    """Line 251."""
    chex.assert_equal_shape([y, y_hat])
    return -jnp.sum(y * jnp.log(y_hat))


def after_h(i: int, h_i: jax.Array, W: ByLayer, b: ByLayer, g: Activation) -> jax.Array:
    """a_L as a function of h_i."""
    for later in range(i + 1, len(W) + 1):
        a = plus(b[later], W[later] @ h_i)
        h_i = g(a)
    return a


def after_a(i: int, a_i: jax.Array, W: ByLayer, b: ByLayer, g: Activation) -> jax.Array:
    """a_L as a function of a_i."""
    return a_i if i == len(W) else after_h(i, g(a_i), W, b, g)

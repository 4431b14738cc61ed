"""The document's name, its network, and its layout of derivatives.

A vector is a column, an array of shape (n, 1). Parameters are mappings by the numbers of the layers, 1, ..., L: W_i is
n x n and b_i has n rows for i < L, and W_L is k x n and b_L has k rows. Layer 0 is the input: h_0 = x.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import chex
import jax
import jax.numpy as jnp

from gradproof import Real, Source, derivative

Layers = Mapping[int, jax.Array]
Activation = Callable[[jax.Array], jax.Array]

WEIGHTS = {L: (Real("n n"),) * (L - 1) + (Real("k n"),) for L in (1, 2, 3, 4)}
"""W_1, ..., W_L for each depth L."""

BIASES = {L: (Real("n 1"),) * (L - 1) + (Real("k 1"),) for L in (1, 2, 3, 4)}
"""b_1, ..., b_L for each depth L."""


def printed(*lines: int) -> Source:
    """These lines of the document."""
    return Source("004_e8822369efbfc584.txt", lines)


def plus(u: jax.Array, v: jax.Array) -> jax.Array:
    """The sum of two arrays of one shape."""
    chex.assert_equal_shape([u, v])
    return u + v


def forward(
    x: jax.Array, W: Layers, b: Layers, g: Activation, out: Activation
) -> tuple[dict[int, Any], dict[int, Any]]:
    """a_1, ..., a_L and h_0, ..., h_L, in the steps of lines 621 to 630."""
    a, h, L = {}, {0: x}, len(W)
    for i in range(1, L):
        a[i] = plus(b[i], W[i] @ h[i - 1])
        h[i] = g(a[i])
    a[L] = plus(b[L], W[L] @ h[L - 1])
    h[L] = out(a[L])
    return a, h


def output(x: jax.Array, W: Layers, b: Layers, g: Activation, out: Activation) -> jax.Array:
    """f(x) = h_L."""
    _, h = forward(x, W, b, g, out)
    return h[len(W)]


def identity(a: jax.Array) -> jax.Array:
    """The linear output; with any loss behind it, any output function and any loss in one."""
    return a


def softmax(a: jax.Array) -> jax.Array:
    """Line 240."""
    return jnp.exp(a) / jnp.sum(jnp.exp(a))


def e(label: int, k: int) -> jax.Array:
    """e(l) of line 389: 1 at the label, which counts from zero, and 0 elsewhere."""
    return put(jnp.zeros((k, 1)), label, 1.0)


def cross_entropy(y: jax.Array, y_hat: jax.Array) -> jax.Array:
    """Line 251."""
    chex.assert_equal_shape([y, y_hat])
    return -jnp.sum(y * jnp.log(y_hat))


def vector_function(components: Sequence[Callable[[jax.Array], jax.Array]]) -> Activation:
    """The function from R^k to R^k with these components."""

    def function(a: jax.Array) -> jax.Array:
        chex.assert_shape(a, (len(components), 1))
        return jnp.stack([component(a) for component in components])[:, None]

    return function


def put(u: jax.Array, i: int, value: jax.Array) -> jax.Array:
    """The column u with another number as its element i, which counts from zero."""
    return u.at[i, 0].set(value)


def partial(function: Callable[[jax.Array], jax.Array], u: jax.Array, i: int) -> jax.Array:
    """The derivative by element i of the column u, which counts from zero."""
    return derivative(lambda u_i: function(put(u, i, u_i)), u[i, 0])


def partial_by_entry(function: Callable[[jax.Array], jax.Array], W: jax.Array, i: int, j: int) -> jax.Array:
    """The derivative by entry (i, j) of the matrix W, which count from zero."""
    return derivative(lambda W_ij: function(W.at[i, j].set(W_ij)), W[i, j])


def gradient(function: Callable[[jax.Array], jax.Array], at: jax.Array) -> jax.Array:
    """The derivative of a number by a column or a matrix, in its shape."""
    chex.assert_rank(at, 2)
    by_entries = derivative(function, at)
    chex.assert_equal_shape([by_entries, at])
    return by_entries


def jacobian(function: Callable[[jax.Array], jax.Array], at: jax.Array) -> jax.Array:
    """The derivative by a column: a row where the function is a number, else a row for each component."""
    chex.assert_shape(at, (None, 1))
    return derivative(function, at).reshape(-1, len(at))


def after_h(i: int, h_i: jax.Array, W: Layers, b: Layers, g: Activation) -> jax.Array:
    """a_L as a function of h_i."""
    for later in range(i + 1, len(W) + 1):
        a = plus(b[later], W[later] @ h_i)
        h_i = g(a)
    return a


def after_a(i: int, a_i: jax.Array, W: Layers, b: Layers, g: Activation) -> jax.Array:
    """a_L as a function of a_i."""
    return a_i if i == len(W) else after_h(i, g(a_i), W, b, g)

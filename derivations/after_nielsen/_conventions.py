"""The document's name, its layout of derivatives, and its network.

A vector is a column, an array of shape (n, 1). Layers are numbered 1, ..., L and parameters 2, ..., L, in mappings by
these numbers; W is n_l x n_{l-1}, and z = W a' + b.
"""

from collections.abc import Callable
from typing import Any

import chex
import jax
import jax.numpy as jnp

from derivations._words import Activation, ByLayer, gradient, hadamard, lines_of, scalar
from gradproof import derivative

printed = lines_of("002_9d46222faf746acb.txt")
"""These lines of the document."""


def d(u: jax.Array, f: Callable[[jax.Array], jax.Array]) -> jax.Array:
    r"""$\vec{d}_{\vec{u}} f$: the column of the derivatives of a number f by the elements of a column u."""
    chex.assert_shape(u, (None, 1))
    return gradient(f, u)


def D(u: jax.Array, f: Callable[[jax.Array], jax.Array]) -> jax.Array:
    r"""$D_{\vec{u}} \vec{f}$: rows by the elements of the column u, columns by those of the column f."""
    chex.assert_shape(u, (None, 1))
    by_element = derivative(f, u)
    chex.assert_shape(by_element, (None, 1, len(u), 1))
    return by_element[:, 0, :, 0].T


def partials(u_i: jax.Array, f: Callable[[jax.Array], jax.Array]) -> jax.Array:
    r"""$\vec{\partial}_{u_i} \vec{f}$: the column of the derivatives of the elements of a column f by one number."""
    chex.assert_rank(u_i, 0)
    by_number = derivative(f, u_i)
    chex.assert_shape(by_number, (None, 1))
    return by_number


def parallel(u: jax.Array, x: Callable[[jax.Array], jax.Array]) -> jax.Array:
    r"""$\vec{d}_{\vec{u}} \vec{x}$ of Proposition 2: the column of $\partial_{u_i} x_i$, for x and u of one length."""
    every = D(u, x)
    chex.assert_shape(every, (len(u), len(u)))
    return jnp.diag(every)[:, None]


def column_put(U: jax.Array, j: int, column: jax.Array) -> jax.Array:
    """The matrix U with another column c_j; j counts from zero."""
    chex.assert_shape(column, (len(U), 1))
    return U.at[:, j].set(column[:, 0])


def column_of(U: jax.Array, j: int) -> jax.Array:
    """The column c_j of the matrix U; j counts from zero."""
    return U[:, j : j + 1]


def dot(u: jax.Array, v: jax.Array) -> jax.Array:
    """The dot product of two columns, a number."""
    return scalar(u.T @ v)


def outer(u: jax.Array, v: jax.Array) -> jax.Array:
    r"""$\vec{u} \otimes \vec{v} = \vec{u} \vec{v}^t$."""
    chex.assert_shape([u, v], (None, 1))
    return u @ v.T


def ones(u: jax.Array) -> jax.Array:
    r"""$\vec{1}$, as long as the column u."""
    chex.assert_shape(u, (None, 1))
    return jnp.ones_like(u)


def cost(y: jax.Array, a: jax.Array) -> jax.Array:
    r"""$C = \frac{1}{2} \|\vec{y} - \vec{a}\|^2$, a number."""
    return jnp.sum(hadamard(y - a, y - a)) / 2


def feedforward(x: jax.Array, W: ByLayer, b: ByLayer, sigma: Activation) -> tuple[dict[int, Any], dict[int, Any]]:
    """z^2, ..., z^L and a^1, ..., a^L, with a^1 = x."""
    z, a = {}, {1: x}
    for layer in W:
        z[layer] = W[layer] @ a[layer - 1]
        chex.assert_equal_shape([z[layer], b[layer]])
        z[layer] = z[layer] + b[layer]
        a[layer] = sigma(z[layer])
    return z, a


def output(x: jax.Array, W: ByLayer, b: ByLayer, sigma: Activation) -> jax.Array:
    """a^L."""
    _, a = feedforward(x, W, b, sigma)
    return a[max(a)]


def output_of_a(layer: int, a_l: jax.Array, W: ByLayer, b: ByLayer, sigma: Activation) -> jax.Array:
    """a^L as a function of a^layer: the layers after it."""
    for later in range(layer + 1, max(W) + 1):
        a_l = sigma(W[later] @ a_l + b[later])
    return a_l


def output_of_z(layer: int, z_l: jax.Array, W: ByLayer, b: ByLayer, sigma: Activation) -> jax.Array:
    """a^L as a function of z^layer."""
    return output_of_a(layer, sigma(z_l), W, b, sigma)

"""The functions that rules may call, in JAX."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

Array = Any


class Machine:
    """As `High`, of arrays of JAX."""

    exp = staticmethod(jnp.exp)
    log = staticmethod(jnp.log)
    sqrt = staticmethod(jnp.sqrt)
    tanh = staticmethod(jnp.tanh)
    sin = staticmethod(jnp.sin)
    cos = staticmethod(jnp.cos)
    erf = staticmethod(jax.lax.erf)
    divide = staticmethod(jnp.divide)
    isnan = staticmethod(jnp.isnan)
    isfinite = staticmethod(jnp.isfinite)
    logical_and = staticmethod(jnp.logical_and)
    logical_or = staticmethod(jnp.logical_or)
    logical_not = staticmethod(jnp.logical_not)
    greater = staticmethod(jnp.greater)
    equal = staticmethod(jnp.equal)
    sign = staticmethod(jnp.sign)
    where = staticmethod(jnp.where)
    maximum = staticmethod(jnp.maximum)
    minimum = staticmethod(jnp.minimum)
    sum = staticmethod(jnp.sum)
    matmul = staticmethod(jnp.matmul)
    transpose = staticmethod(jnp.transpose)
    zeros = staticmethod(jnp.zeros)
    ones = staticmethod(jnp.ones)
    array = staticmethod(jnp.asarray)
    concatenate = staticmethod(jnp.concatenate)
    pi, infinity = jnp.pi, jnp.inf

    def number(self, text: str) -> float:
        return float(text)

    def order(self, a: Array) -> Array:
        """Of a vector; by comparisons, since the exact check does not know how to sort places."""
        places = jnp.arange(a.shape[0])
        before = (a[None, :] < a[:, None]) | ((a[None, :] == a[:, None]) & (places[None, :] < places[:, None]))
        ranks = jnp.sum(before.astype(int), axis=1)
        return jnp.sum(jnp.where(ranks[:, None] == places[None, :], places[:, None], 0), axis=0)

    def take(self, a: Array, index: Array) -> Array:
        return jnp.take_along_axis(a, index, axis=-1)

    def first_largest(self, a: Array) -> Array:
        return jax.nn.one_hot(jnp.argmax(a, axis=-1), a.shape[-1], dtype=a.dtype)

    def one_hot(self, index: Array, count: int) -> Array:
        return jax.nn.one_hot(index, count, dtype=float)

    def cumsum(self, a: Array, *, reverse: bool = False) -> Array:
        return jax.lax.cumsum(a, axis=a.ndim - 1, reverse=reverse)

    def roll(self, a: Array, by: int) -> Array:
        return jnp.roll(a, by, axis=-1)

    def scan(
        self, body: Callable[[Any, Any], tuple[Any, Any]], carry: Any, items: Sequence[Array], *, reverse: bool = False
    ) -> tuple[Any, list[Array]]:
        carry, collected = jax.lax.scan(body, carry, tuple(items), reverse=reverse)
        return carry, list(collected)

    def directions(self, function: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
        count = 1
        for length in shape:
            count *= length
        return jnp.reshape(jax.vmap(function)(jnp.reshape(jnp.eye(count), (count, *shape))), shape)

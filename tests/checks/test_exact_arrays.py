"""The exact check decides functions of arrays: each primitive with its derivative."""

from functools import partial

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_derivative
from jax import lax

from gradproof import Index, Real

# Functions of arrays: symbols, function, derivative by the first symbol.

N = {"x": Real("n")}
NN = {"x": Real("n"), "r": Real("n")}
PLACE = {**NN, "i": Index(below="n")}
ROWS = {"x": Real("K m"), "r": Real("n m"), "c": Index("n", below="K")}


def others(x):
    """The derivative of the product by each factor."""
    return jnp.array([jnp.prod(jnp.delete(x, i)) for i in range(x.size)])


def unit(i, x):
    return jnp.where(jnp.arange(x.size) == i, 1.0, 0.0)


def lower(x):
    """Ones where j <= i."""
    return jnp.array([[float(j <= i) for j in range(x.size)] for i in range(x.size)])


def counts(c, x):
    """Which example has which class."""
    return (jnp.arange(x.shape[0])[:, None] == c[None, :]).astype(x.dtype)


ARRAYS = {
    "dot_general": (
        {"W": Real("n m"), "x": Real("m")},
        lambda W, x: W @ x,
        lambda W, x: jnp.eye(W.shape[0])[:, :, None] * x[None, None, :],
    ),
    "dot_general batched": (
        {"a": Real("b i j"), "c": Real("b j k"), "r": Real("b i k")},
        lambda a, c, r: jnp.sum(r * lax.dot_general(a, c, (((2,), (1,)), ((0,), (0,))))),
        lambda a, c, r: jnp.sum(r[:, :, None, :] * c[:, None, :, :], axis=3),
    ),
    "reduce_sum": (
        {"x": Real("i j k"), "r": Real("j")},
        lambda x, r: r @ jnp.sum(x**2, axis=(0, 2)),
        lambda x, r: 2 * x * r[None, :, None],
    ),
    "reduce_prod": (N, lambda x: lax.reduce_prod(x, (0,)), others),
    "reduce_max": (NN, lambda x, r: jnp.max(x * r), lambda x, r: jnp.where(x * r == jnp.max(x * r), r, 0)),
    "reduce_min": (NN, lambda x, r: jnp.min(x * r), lambda x, r: jnp.where(x * r == jnp.min(x * r), r, 0)),
    "reduce_and": (N, lambda x: jnp.where(jnp.all(x > 0), x @ x, 0), lambda x: jnp.where(jnp.min(x) > 0, 2 * x, 0)),
    "reduce_or": (N, lambda x: jnp.where(jnp.any(x > 0), x @ x, 0), lambda x: jnp.where(jnp.max(x) > 0, 2 * x, 0)),
    "argmax": (
        NN,
        lambda x, r: r[jnp.argmax(x)] * jnp.sum(x),
        lambda x, r: jnp.full(x.shape, jnp.sum(jnp.where(x == jnp.max(x), r, 0))),
    ),
    "argmin": (
        NN,
        lambda x, r: r[jnp.argmin(x)] * jnp.sum(x),
        lambda x, r: jnp.full(x.shape, jnp.sum(jnp.where(x == jnp.min(x), r, 0))),
    ),
    "cumsum": (N, jnp.cumsum, lower),
    "cumsum reversed": (N, partial(lax.cumsum, reverse=True), lambda x: lower(x).T),
    "cumprod": (
        NN,
        lambda x, r: r @ jnp.cumprod(x),
        lambda x, r: sum(r[k] * jnp.pad(others(x[: k + 1]), (0, x.size - k - 1)) for k in range(x.size)),
    ),
    "cummax": (
        NN,
        lambda x, r: r @ lax.cummax(x),
        lambda x, r: sum(r[k] * unit(jnp.argmax(x[: k + 1]), x) for k in range(x.size)),
    ),
    "cummin": (
        NN,
        lambda x, r: r @ lax.cummin(x),
        lambda x, r: sum(r[k] * unit(jnp.argmin(x[: k + 1]), x) for k in range(x.size)),
    ),
    "cumlogsumexp": (
        N,
        lax.cumlogsumexp,
        lambda x: lower(x) * jnp.exp(x)[None, :] / jnp.cumsum(jnp.exp(x))[:, None],
    ),
    "sort": (
        N,
        lambda x: jnp.sort(x) @ jnp.arange(float(x.size)),
        lambda x: jnp.sum((x[:, None] > x[None, :]).astype(x.dtype), axis=1),
    ),
    "gather": (ROWS, lambda x, r, c: jnp.sum(r * x[c] ** 2), lambda x, r, c: 2 * x * (counts(c, x) @ r)),
    "scatter": (PLACE, lambda x, r, i: x.at[i].set(5.0) @ r, lambda x, r, i: (1 - unit(i, x)) * r),
    "scatter-add": (
        ROWS,
        lambda x, r, c: jnp.sum(x.at[c].add(r) ** 3),
        lambda x, r, c: 3 * (x + counts(c, x) @ r) ** 2,
    ),
    "scatter-sub": (ROWS, lambda x, r, c: jnp.sum(x.at[c].subtract(r) * x), lambda x, r, c: 2 * x - counts(c, x) @ r),
    "scatter-mul": (PLACE, lambda x, r, i: x.at[i].multiply(r[0]) @ x, lambda x, r, i: 2 * x * r[0] ** unit(i, x)),
    "dynamic_slice": (
        PLACE,
        lambda x, r, i: lax.dynamic_slice(x, (i,), (1,)) ** 2 @ r[:1],
        lambda x, r, i: 2 * x * unit(i, x) * r[0],
    ),
    "dynamic_update_slice": (
        PLACE,
        lambda x, r, i: lax.dynamic_update_slice(x, r[:1], (i,)) @ x,
        lambda x, r, i: 2 * x + unit(i, x) * (r[0] - 2 * x),
    ),
    "concatenate": (
        NN,
        lambda x, r: jnp.concatenate([x, x * r]) @ jnp.concatenate([r, x]),
        lambda x, r: r + 2 * x * r,
    ),
    "pad": (
        NN,
        lambda x, r: lax.pad(x**2, 3.0, [(2, 1, 1)]) @ lax.pad(r, 0.0, [(2, 1, 1)]),
        lambda x, r: 2 * x * r,
    ),
    "pad negative": (
        NN,
        lambda x, r: jnp.sum(lax.pad(x * r, 0.0, [(-1, 0, 0)])),
        lambda x, r: r * jnp.where(jnp.arange(x.size) > 0, 1, 0),
    ),
    "iota": (N, lambda x: jnp.arange(float(x.size)) @ x**2, lambda x: 2 * x * (jnp.cumsum(jnp.ones(x.shape)) - 1)),
    "rev": (NN, lambda x, r: jnp.flip(x) @ r, lambda x, r: r[::-1]),
    "transpose": (
        {"x": Real("i j"), "r": Real("j i")},
        lambda x, r: jnp.sum(x.T * r),
        lambda x, r: jnp.einsum("ji->ij", r),
    ),
    "split": (
        {"x": Real("4")},
        lambda x: sum(jnp.sum(part**k) for k, part in enumerate(jnp.split(x, 2), 1)),
        lambda x: jnp.where(jnp.arange(4) < 2, 1, 2 * x),
    ),
    "slice": (
        N,
        lambda x: jnp.sum(lax.slice(x, (0,), x.shape, (2,)) ** 2),
        lambda x: jnp.where(jnp.arange(x.size) % 2 == 0, 2 * x, 0),
    ),
    "one-hot": (
        {"z": Real("n K"), "c": Index("n", below="K")},
        lambda z, c: jnp.sum(jax.nn.one_hot(c, z.shape[1]) * z**2),
        lambda z, c: 2 * z * counts(c, z.T).T,
    ),
    "take along an axis": (
        {"z": Real("n K"), "c": Index("n", below="K")},
        lambda z, c: jnp.sum(jnp.take_along_axis(z**2, c[:, None], axis=1)),
        lambda z, c: 2 * z * counts(c, z.T).T,
    ),
    "diagonal": ({"A": Real("n n"), "r": Real("n")}, lambda A, r: jnp.diag(A) @ r, lambda A, r: jnp.diag(r)),
    "conversion": (
        N,
        lambda x: jnp.sum((x.astype(jnp.float32) ** 2).astype(x.dtype)),
        lambda x: 2 * x,
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_a_function_of_arrays_has_its_derivative(name):
    symbols, function, by_hand = ARRAYS[name]
    # Arrays of one named size meet the whole grid, which has size 1 in it, and the others all of their sizes apart.
    names = {name for symbol in symbols.values() for name in symbol.names()}
    assert_derivative(function, by_hand, **symbols, quick=len(names) > 1)

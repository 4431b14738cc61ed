"""Operations on whole arrays: sums, products of matrices, rows of probabilities, largest and sorted entries."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp

from fuzzing.operation import Operation, bilinear, linear

Array = Any


def _spread(xp: Any, a: Array, shape: tuple[int, ...]) -> Array:
    """A number for each row, once for each entry of the row; or a number, everywhere."""
    return xp.ones(shape) * (a[..., None] if len(shape) > 1 else a)


def _rows(xp: Any, a: Array) -> Array:
    return xp.sum(a, axis=-1)


def _share(xp: Any, count: int, a: Array) -> Array:
    return xp.divide(a, xp.number(str(count)))


def _outer(xp: Any, c: Any, a: Array, b: Array) -> Array:
    return a[:, None] * b[None, :]


def _exponentials(xp: Any, a: Array) -> Array:
    return xp.exp(a - _spread(xp, _largest(xp, a), a.shape))


def _largest(xp: Any, a: Array) -> Array:
    return _rows(xp, xp.where(xp.greater(xp.first_largest(a), 0), a, 0))


def _softmax(xp: Any, c: Any, a: Array) -> Array:
    exponentials = _exponentials(xp, a)
    return xp.divide(exponentials, _spread(xp, _rows(xp, exponentials), a.shape))


def _of_softmax(xp: Any, c: Any, xs: Any, y: Array, i: int, t: Array) -> Array:
    return y * (t - _spread(xp, _rows(xp, y * t), y.shape))


def _logsumexp(xp: Any, c: Any, a: Array) -> Array:
    return xp.log(_rows(xp, _exponentials(xp, a))) + _largest(xp, a)


def _log_softmax(xp: Any, c: Any, a: Array) -> Array:
    return a - _spread(xp, _logsumexp(xp, c, a), a.shape)


def _standard(xp: Any, c: Any, a: Array) -> Array:
    return xp.divide(_centered(xp, a), _spread(xp, _deviation(xp, c, a), a.shape))


def _centered(xp: Any, a: Array) -> Array:
    return a - _spread(xp, _share(xp, a.shape[-1], _rows(xp, a)), a.shape)


def _deviation(xp: Any, c: Any, a: Array) -> Array:
    centered = _centered(xp, a)
    return xp.sqrt(c[0] * c[0] + _share(xp, a.shape[-1], _rows(xp, centered * centered)))


def _of_standard(xp: Any, c: Any, xs: Any, y: Array, i: int, t: Array) -> Array:
    """The matrix of slopes is symmetric, so this is for slopes and cotangents alike."""
    projected = _centered(xp, t) - y * _spread(xp, _share(xp, y.shape[-1], _rows(xp, y * t)), y.shape)
    return xp.divide(projected, _spread(xp, _deviation(xp, c, xs[0]), y.shape))


def _unit(xp: Any, c: Any, a: Array) -> Array:
    return xp.divide(a, _spread(xp, xp.sqrt(1 + _rows(xp, a * a)), a.shape))


def _of_unit(xp: Any, c: Any, xs: Any, y: Array, i: int, t: Array) -> Array:
    return xp.divide(
        t - y * _spread(xp, _rows(xp, y * t), y.shape), _spread(xp, xp.sqrt(1 + _rows(xp, xs[0] * xs[0])), y.shape)
    )


def _others(xp: Any, a: Array) -> Array:
    """For each entry the product of the others."""
    count = a.shape[-1]
    return _product(xp, [xp.roll(a, turn) for turn in range(1, count)]) if count > 1 else xp.ones(a.shape)


def _product(xp: Any, factors: list[Array]) -> Array:
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def _wrong(rule: Callable[..., Array]) -> tuple[Callable[..., Array], Callable[..., Array]]:
    return rule, rule


SUMS: dict[str, Operation] = {
    "sum": linear(
        lambda xp, c, a: xp.sum(a),
        lambda xp, c, xs, y, i, t: xp.ones(xs[0].shape) * t,
        jax=lambda c, a: jnp.sum(a),
    ),
    "mean": linear(
        lambda xp, c, a: xp.divide(xp.sum(a), xp.number(str(_count(a)))),
        lambda xp, c, xs, y, i, t: xp.ones(xs[0].shape) * xp.divide(t, xp.number(str(_count(xs[0])))),
        jax=lambda c, a: jnp.mean(a),
        wrong={
            "not divided": lambda xp, c, xs, y, i, t: xp.ones(xs[0].shape) * t,
            "divided by rows": lambda xp, c, xs, y, i, t: (
                xp.ones(xs[0].shape) * xp.divide(t, xp.number(str(xs[0].shape[0])))
            ),
        },
    ),
    "sum of rows": linear(lambda xp, c, a: _rows(xp, a), lambda xp, c, xs, y, i, t: xp.ones(xs[0].shape) * t[:, None]),
    "sum of columns": linear(
        lambda xp, c, a: xp.sum(a, axis=0), lambda xp, c, xs, y, i, t: xp.ones(xs[0].shape) * t[None, :]
    ),
    "running sum": linear(
        lambda xp, c, a: xp.cumsum(a),
        lambda xp, c, xs, y, i, t: xp.cumsum(t, reverse=True),
        jax=lambda c, a: jnp.cumsum(a, axis=-1),
        wrong={"not reversed": lambda xp, c, xs, y, i, t: xp.cumsum(t)},
    ),
    "rolled": linear(
        lambda xp, c, a: xp.roll(a, 1),
        lambda xp, c, xs, y, i, t: xp.roll(t, -1),
        wrong={"rolled again": lambda xp, c, xs, y, i, t: xp.roll(t, 1), "left": lambda xp, c, xs, y, i, t: t},
    ),
    "centered": linear(
        lambda xp, c, a: _centered(xp, a),
        lambda xp, c, xs, y, i, t: _centered(xp, t),
        jax=lambda c, a: a - jnp.mean(a, axis=-1, keepdims=True),
        wrong={"mean forgotten": lambda xp, c, xs, y, i, t: t},
    ),
}

PRODUCTS: dict[str, Operation] = {
    "dot": bilinear(
        lambda xp, c, a, b: xp.sum(a * b),
        lambda xp, c, xs, y, i, t: t * xs[1 - i],
        jax=lambda c, a, b: a @ b,
    ),
    "matrix times": bilinear(
        lambda xp, c, a, b: xp.matmul(a, b),
        lambda xp, c, xs, y, i, t: t[:, None] * xs[1][None, :] if i == 0 else xp.matmul(xp.transpose(xs[0]), t),
        jax=lambda c, a, b: a @ b,
    ),
    "times matrix": bilinear(
        lambda xp, c, a, b: xp.matmul(a, b),
        lambda xp, c, xs, y, i, t: xp.matmul(xs[1], t) if i == 0 else xs[0][:, None] * t[None, :],
        jax=lambda c, a, b: a @ b,
    ),
    "square times": bilinear(
        lambda xp, c, a, b: xp.matmul(a, b),
        lambda xp, c, xs, y, i, t: t[:, None] * xs[1][None, :] if i == 0 else xp.matmul(xp.transpose(xs[0]), t),
        jax=lambda c, a, b: a @ b,
        wrong={
            "not transposed": lambda xp, c, xs, y, i, t: t[:, None] * xs[1][None, :] if i == 0 else xp.matmul(xs[0], t),
            "outer transposed": lambda xp, c, xs, y, i, t: (
                xs[1][:, None] * t[None, :] if i == 0 else xp.matmul(xp.transpose(xs[0]), t)
            ),
        },
    ),
    "matrices": bilinear(
        lambda xp, c, a, b: xp.matmul(a, b),
        lambda xp, c, xs, y, i, t: xp.matmul(t, xp.transpose(xs[1])) if i == 0 else xp.matmul(xp.transpose(xs[0]), t),
        jax=lambda c, a, b: a @ b,
        wrong={
            "not transposed": lambda xp, c, xs, y, i, t: (
                xp.matmul(t, xp.transpose(xs[1])) if i == 0 else xp.matmul(xs[0], t)
            )
        },
    ),
    "outer": bilinear(
        _outer,
        lambda xp, c, xs, y, i, t: xp.matmul(t, xs[1]) if i == 0 else xp.matmul(xp.transpose(t), xs[0]),
        jax=lambda c, a, b: jnp.outer(a, b),
    ),
    "rows shifted": Operation(
        lambda xp, c, a, b: a + b[None, :],
        lambda xp, c, xs, y, i, t: xp.ones(y.shape) * (t if i == 0 else t[None, :]),
        lambda xp, c, xs, y, i, t: t if i == 0 else xp.sum(t, axis=0),
        wrong={
            "mean for sum": (
                lambda xp, c, xs, y, i, t: xp.ones(y.shape) * (t if i == 0 else t[None, :]),
                lambda xp, c, xs, y, i, t: t if i == 0 else _share(xp, t.shape[0], xp.sum(t, axis=0)),
            )
        },
    ),
}


def _count(a: Array) -> int:
    count = 1
    for length in a.shape:
        count *= length
    return count


ROWS: dict[str, Operation] = {
    "softmax": Operation(
        _softmax,
        _of_softmax,
        _of_softmax,
        lambda c, a: jax.nn.softmax(a, axis=-1),
        wrong={
            "sum forgotten": _wrong(lambda xp, c, xs, y, i, t: y * t),
            "diagonal alone": _wrong(lambda xp, c, xs, y, i, t: y * (1 - y) * t),
        },
    ),
    "log softmax": Operation(
        _log_softmax,
        lambda xp, c, xs, y, i, t: t - _spread(xp, _rows(xp, xp.exp(y) * t), y.shape),
        lambda xp, c, xs, y, i, t: t - xp.exp(y) * _spread(xp, _rows(xp, t), y.shape),
        lambda c, a: jax.nn.log_softmax(a, axis=-1),
        wrong={"sum forgotten": _wrong(lambda xp, c, xs, y, i, t: t - xp.exp(y) * t)},
    ),
    "logsumexp": Operation(
        _logsumexp,
        lambda xp, c, xs, y, i, t: _rows(xp, _softmax(xp, c, xs[0]) * t),
        lambda xp, c, xs, y, i, t: _softmax(xp, c, xs[0]) * _spread(xp, t, xs[0].shape),
        lambda c, a: jax.nn.logsumexp(a, axis=-1),
        wrong={
            "not divided": (
                lambda xp, c, xs, y, i, t: _rows(xp, xp.exp(xs[0]) * t),
                lambda xp, c, xs, y, i, t: xp.exp(xs[0]) * _spread(xp, t, xs[0].shape),
            )
        },
    ),
    "standardised": Operation(
        _standard,
        _of_standard,
        _of_standard,
        lambda c, a: (a - jnp.mean(a, -1, keepdims=True)) / jnp.sqrt(c[0] ** 2 + jnp.var(a, -1, keepdims=True)),
        constants=1,
        wrong={
            "deviation taken for constant": _wrong(
                lambda xp, c, xs, y, i, t: xp.divide(_centered(xp, t), _spread(xp, _deviation(xp, c, xs[0]), y.shape))
            )
        },
    ),
    "unit": Operation(
        _unit,
        _of_unit,
        _of_unit,
        lambda c, a: a / jnp.sqrt(1 + jnp.sum(a**2, -1, keepdims=True)),
        wrong={
            "length taken for constant": _wrong(
                lambda xp, c, xs, y, i, t: xp.divide(t, _spread(xp, xp.sqrt(1 + _rows(xp, xs[0] * xs[0])), y.shape))
            )
        },
    ),
}

SELECTED: dict[str, Operation] = {
    "largest": Operation(
        lambda xp, c, a: _largest(xp, a),
        lambda xp, c, xs, y, i, t: _rows(xp, xp.first_largest(xs[0]) * t),
        lambda xp, c, xs, y, i, t: xp.first_largest(xs[0]) * _spread(xp, t, xs[0].shape),
        lambda c, a: jnp.max(a, axis=-1),
        wrong={
            "of the absolute": (
                lambda xp, c, xs, y, i, t: _rows(xp, xp.first_largest(xs[0] * xs[0]) * t),
                lambda xp, c, xs, y, i, t: xp.first_largest(xs[0] * xs[0]) * _spread(xp, t, xs[0].shape),
            )
        },
    ),
    "smallest": Operation(
        lambda xp, c, a: -_largest(xp, -a),
        lambda xp, c, xs, y, i, t: _rows(xp, xp.first_largest(-xs[0]) * t),
        lambda xp, c, xs, y, i, t: xp.first_largest(-xs[0]) * _spread(xp, t, xs[0].shape),
        lambda c, a: jnp.min(a, axis=-1),
        wrong={
            "the largest": (
                lambda xp, c, xs, y, i, t: _rows(xp, xp.first_largest(xs[0]) * t),
                lambda xp, c, xs, y, i, t: xp.first_largest(xs[0]) * _spread(xp, t, xs[0].shape),
            )
        },
    ),
    "sorted": Operation(
        lambda xp, c, a: xp.take(a, xp.order(a)),
        lambda xp, c, xs, y, i, t: xp.take(t, xp.order(xs[0])),
        lambda xp, c, xs, y, i, t: xp.take(t, _ranks(xp, xs[0])),
        lambda c, a: jnp.sort(a, axis=-1),
        wrong={
            "order for ranks": (
                lambda xp, c, xs, y, i, t: xp.take(t, _ranks(xp, xs[0])),
                lambda xp, c, xs, y, i, t: xp.take(t, xp.order(xs[0])),
            )
        },
    ),
    "at the largest": Operation(
        lambda xp, c, a, b: xp.sum(xp.first_largest(a) * b),
        lambda xp, c, xs, y, i, t: xp.sum(xp.first_largest(xs[0]) * t),
        lambda xp, c, xs, y, i, t: xp.first_largest(xs[0]) * t,
        lambda c, a, b: b[jnp.argmax(a)],
        flat=(0,),
        wrong={
            "at its own largest": (
                lambda xp, c, xs, y, i, t: xp.sum(xp.first_largest(xs[1]) * t),
                lambda xp, c, xs, y, i, t: xp.first_largest(xs[1]) * t,
            )
        },
    ),
    "picked": Operation(
        lambda xp, c, a, k: xp.sum(a * xp.one_hot(k, a.shape[0])),
        lambda xp, c, xs, y, i, t: xp.sum(t * xp.one_hot(xs[1], xs[0].shape[0])),
        lambda xp, c, xs, y, i, t: xp.one_hot(xs[1], xs[0].shape[0]) * t,
        lambda c, a, k: a[k],
        flat=(1,),
        wrong={
            "the next": (
                lambda xp, c, xs, y, i, t: xp.sum(xp.roll(t, 1) * xp.one_hot(xs[1], xs[0].shape[0])),
                lambda xp, c, xs, y, i, t: xp.roll(xp.one_hot(xs[1], xs[0].shape[0]) * t, -1),
            )
        },
    ),
    "product": Operation(
        lambda xp, c, a: _product(xp, [a[place] for place in range(a.shape[0])]),
        lambda xp, c, xs, y, i, t: xp.sum(_others(xp, xs[0]) * t),
        lambda xp, c, xs, y, i, t: _others(xp, xs[0]) * t,
        lambda c, a: jnp.prod(a),
        wrong={
            "value over entry": (
                lambda xp, c, xs, y, i, t: xp.sum(xp.divide(y, xs[0]) * t),
                lambda xp, c, xs, y, i, t: xp.divide(y, xs[0]) * t,
            )
        },
    ),
}


def _ranks(xp: Any, a: Array) -> Array:
    order = xp.order(a)
    return xp.order(order)


def _masked(xp: Any, c: Any, a: Array, b: Array) -> Array:
    """Not all of a row: of none there is no softmax, and JAX calls its derivative zero."""
    total = _spread(xp, _rows(xp, b), b.shape)
    return xp.where(xp.greater(b * xp.number(str(b.shape[-1])), total - c[0] * c[0]), a, -xp.infinity)


def _of_masked(xp: Any, c: Any, xs: Any, y: Array, i: int, t: Array) -> Array:
    return _of_softmax(xp, c, xs, y, i, t)


MASKED: dict[str, Operation] = {
    "masked softmax": Operation(
        lambda xp, c, a, b: _softmax(xp, c, _masked(xp, c, a, b)),
        _of_masked,
        _of_masked,
        lambda c, a, b: jax.nn.softmax(
            jnp.where(b * b.shape[-1] > jnp.sum(b, axis=-1, keepdims=True) - c[0] * c[0], a, -jnp.inf), axis=-1
        ),
        constants=1,
        partial=True,
        flat=(1,),
        wrong={"sum forgotten": _wrong(lambda xp, c, xs, y, i, t: y * t)},
    )
}

ARRAYS: dict[str, Operation] = (
    SUMS
    | PRODUCTS
    | SELECTED
    | {name: replace(operation, transcendental=True) for name, operation in (ROWS | MASKED).items()}
)

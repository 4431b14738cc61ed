"""Operations that may have no value, and those that guard against it."""

import sys
from typing import Any

import jax.numpy as jnp

from fuzzing.operation import Operation, entrywise

LARGEST = str(int(sys.float_info.max))


def _positive(xp: Any, a: Any) -> Any:
    return xp.greater(a, 0)


def _inverse(xp: Any, a: Any) -> Any:
    return xp.divide(1, a)


def _number(xp: Any, a: Any) -> Any:
    largest = xp.number(LARGEST)
    ended = xp.where(xp.equal(a, xp.infinity), largest, xp.where(xp.equal(a, -xp.infinity), -largest, a))
    return xp.where(xp.isnan(a), 0, ended)


MISSING: dict[str, Operation] = {
    "log": entrywise(
        lambda xp, c, a: xp.log(a),
        lambda xp, c, y, a: [_inverse(xp, a)],
        jax=lambda c, a: jnp.log(a),
        wrong={"squared": lambda xp, c, y, a: [_inverse(xp, a * a)]},
    ),
    "root": entrywise(
        lambda xp, c, a: xp.sqrt(a),
        lambda xp, c, y, a: [xp.divide(1, 2 * y)],
        jax=lambda c, a: jnp.sqrt(a),
        wrong={"no half": lambda xp, c, y, a: [_inverse(xp, y)]},
    ),
    "quotient": entrywise(
        lambda xp, c, a, b: xp.divide(a, b),
        lambda xp, c, y, a, b: [_inverse(xp, b), -xp.divide(y, b)],
        jax=lambda c, a, b: a / b,
        wrong={"not squared": lambda xp, c, y, a, b: [_inverse(xp, b), -y]},
    ),
    "guarded log": entrywise(
        lambda xp, c, a: xp.where(xp.greater(a, 0), xp.log(a), c[0]),
        lambda xp, c, y, a: [(_positive(xp, a), _inverse(xp, a))],
        jax=lambda c, a: jnp.where(a > 0, jnp.log(a), c[0]),
        constants=1,
        wrong={"guard forgotten": lambda xp, c, y, a: [_inverse(xp, a)]},
    ),
    "guarded root": entrywise(
        lambda xp, c, a: xp.where(xp.greater(a, 0), xp.sqrt(a), 0),
        lambda xp, c, y, a: [(_positive(xp, a), xp.divide(1, 2 * y))],
        jax=lambda c, a: jnp.where(a > 0, jnp.sqrt(a), 0),
        wrong={
            "guard multiplied": lambda xp, c, y, a: [xp.where(_positive(xp, a), 1, 0) * xp.divide(1, 2 * xp.sqrt(a))]
        },
    ),
    "doubly guarded root": entrywise(
        lambda xp, c, a: xp.where(_positive(xp, a), xp.sqrt(xp.where(_positive(xp, a), a, 1)), 0),
        lambda xp, c, y, a: [(_positive(xp, a), xp.divide(1, 2 * y))],
        jax=lambda c, a: jnp.where(a > 0, jnp.sqrt(jnp.where(a > 0, a, 1)), 0),
        wrong={"guard inverted": lambda xp, c, y, a: [(xp.greater(0, a), xp.divide(1, 2 * y))]},
    ),
    "guarded inverse": entrywise(
        lambda xp, c, a: xp.where(xp.greater(a * a, c[0] * c[0]), xp.divide(1, a), a),
        lambda xp, c, y, a: [xp.where(xp.greater(a * a, c[0] * c[0]), -xp.divide(1, a * a), 1)],
        jax=lambda c, a: jnp.where(a**2 > c[0] ** 2, 1 / a, a),
        constants=1,
        wrong={
            "sign forgotten": lambda xp, c, y, a: [xp.where(xp.greater(a * a, c[0] * c[0]), xp.divide(1, a * a), 1)]
        },
    ),
    "NaN to number": entrywise(
        lambda xp, c, a: _number(xp, xp.log(a)),
        lambda xp, c, y, a: [(_positive(xp, a), _inverse(xp, a))],
        jax=lambda c, a: jnp.nan_to_num(jnp.log(a)),
        wrong={"NaN stays": lambda xp, c, y, a: [0 * xp.log(a) + _inverse(xp, a)]},
    ),
    "unless NaN": entrywise(
        lambda xp, c, a, b: xp.where(xp.isnan(xp.sqrt(a)), b, xp.sqrt(a)),
        lambda xp, c, y, a, b: [
            (xp.logical_not(xp.isnan(xp.sqrt(a))), xp.divide(1, 2 * xp.sqrt(a))),
            (xp.isnan(xp.sqrt(a)), None),
        ],
        jax=lambda c, a, b: jnp.where(jnp.isnan(jnp.sqrt(a)), b, jnp.sqrt(a)),
        wrong={
            "other branch": lambda xp, c, y, a, b: [
                (xp.isnan(xp.sqrt(a)), xp.divide(1, 2 * xp.sqrt(a))),
                (xp.logical_not(xp.isnan(xp.sqrt(a))), None),
            ]
        },
    ),
    "if finite": entrywise(
        lambda xp, c, a, b: xp.where(xp.isfinite(xp.log(a)), xp.log(a) * b, b),
        lambda xp, c, y, a, b: [
            (xp.isfinite(xp.log(a)), xp.divide(b, a)),
            xp.where(xp.isfinite(xp.log(a)), xp.log(a), 1),
        ],
        jax=lambda c, a, b: jnp.where(jnp.isfinite(jnp.log(a)), jnp.log(a) * b, b),
        wrong={
            "guard forgotten": lambda xp, c, y, a, b: [
                xp.divide(b, a),
                xp.where(xp.isfinite(xp.log(a)), xp.log(a), 1),
            ]
        },
    ),
    "a log a": entrywise(
        lambda xp, c, a: xp.where(_positive(xp, a), a * xp.log(a), 0),
        lambda xp, c, y, a: [(_positive(xp, a), xp.log(a) + 1)],
        jax=lambda c, a: jnp.where(a > 0, a * jnp.log(a), 0),
        wrong={"one forgotten": lambda xp, c, y, a: [(_positive(xp, a), xp.log(a))]},
    ),
}

MISSING = {
    name: Operation(
        **{**vars(operation), "partial": True, "transcendental": name not in ("quotient", "guarded inverse")}
    )
    for name, operation in MISSING.items()
}

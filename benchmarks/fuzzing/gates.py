"""Operations on entries that compare: rectifiers, thresholds, branches."""

from typing import Any

import jax
import jax.numpy as jnp

from fuzzing.operation import Operation, entrywise


def _below(xp: Any, a: Any, b: Any) -> Any:
    return xp.greater(b, a)


def _within(xp: Any, a: Any, low: Any, high: Any) -> Any:
    return xp.logical_and(xp.greater(a, low), _below(xp, a, high))


def _band(xp: Any, c: Any, a: Any, b: Any) -> Any:
    return xp.logical_and(xp.greater(a, c[0]), _below(xp, b, c[1]))


def _either(xp: Any, c: Any, a: Any, b: Any) -> Any:
    return xp.logical_or(xp.greater(a, c[0]), xp.logical_not(_below(xp, b, c[1])))


ONE: dict[str, Operation] = {
    "relu": entrywise(
        lambda xp, c, a: xp.maximum(a, 0),
        lambda xp, c, y, a: [(xp.greater(a, 0), None)],
        jax=lambda c, a: jax.nn.relu(a),
        wrong={
            "other branch": lambda xp, c, y, a: [(xp.greater(0, a), None)],
            "gate at one": lambda xp, c, y, a: [(xp.greater(a, 1), None)],
        },
    ),
    "leaky relu": entrywise(
        lambda xp, c, a: xp.where(xp.greater(a, 0), a, c[0] * a),
        lambda xp, c, y, a: [xp.where(xp.greater(a, 0), 1, c[0])],
        jax=lambda c, a: jax.nn.leaky_relu(a, c[0]),
        constants=1,
        wrong={
            "gates exchanged": lambda xp, c, y, a: [xp.where(xp.greater(a, 0), c[0], 1)],
            "gate of the value": lambda xp, c, y, a: [xp.where(xp.greater(y, 0), 1, c[0])],
        },
    ),
    "elu": entrywise(
        lambda xp, c, a: xp.where(xp.greater(a, 0), a, xp.exp(xp.minimum(a, 0)) - 1),
        lambda xp, c, y, a: [xp.where(xp.greater(a, 0), 1, y + 1)],
        jax=lambda c, a: jax.nn.elu(a),
        transcendental=True,
        wrong={"one missing": lambda xp, c, y, a: [xp.where(xp.greater(a, 0), 1, y)]},
    ),
    "abs": entrywise(
        lambda xp, c, a: xp.where(xp.greater(a, 0), a, -a),
        lambda xp, c, y, a: [xp.sign(a)],
        jax=lambda c, a: jnp.abs(a),
        wrong={"step for sign": lambda xp, c, y, a: [(xp.greater(a, 0), None)]},
    ),
    "clip": entrywise(
        lambda xp, c, a: xp.minimum(xp.maximum(a, c[0]), c[1]),
        lambda xp, c, y, a: [(_within(xp, a, c[0], c[1]), None)],
        jax=lambda c, a: jnp.clip(a, c[0], c[1]),
        constants=2,
        wrong={
            "upper end forgotten": lambda xp, c, y, a: [(xp.greater(a, c[0]), None)],
            "outside": lambda xp, c, y, a: [(xp.logical_not(_within(xp, a, c[0], c[1])), None)],
        },
    ),
    "threshold": entrywise(
        lambda xp, c, a: xp.where(xp.greater(a, c[0]), a * a, 0),
        lambda xp, c, y, a: [(xp.greater(a, c[0]), 2 * a)],
        jax=lambda c, a: jnp.where(a > c[0], a**2, 0),
        constants=1,
        wrong={
            "gate at zero": lambda xp, c, y, a: [(xp.greater(a, 0), 2 * a)],
            "gate at the square": lambda xp, c, y, a: [(xp.greater(a * a, c[0]), 2 * a)],
        },
    ),
    "soft threshold": entrywise(
        lambda xp, c, a: xp.where(xp.greater(a, c[1]), a - c[1], xp.where(xp.greater(c[0], a), a - c[0], 0)),
        lambda xp, c, y, a: [(xp.logical_not(_within(xp, a, c[0], c[1])), None)],
        jax=lambda c, a: jnp.where(a > c[1], a - c[1], jnp.where(a < c[0], a - c[0], 0)),
        constants=2,
        wrong={"lower end forgotten": lambda xp, c, y, a: [(xp.greater(a, c[1]), None)]},
    ),
    "huber": entrywise(
        lambda xp, c, a: xp.where(_within(xp, a, -1, 1), xp.number("0.5") * a * a, xp.sign(a) * a - xp.number("0.5")),
        lambda xp, c, y, a: [xp.where(_within(xp, a, -1, 1), a, xp.sign(a))],
        jax=lambda c, a: jnp.where(jnp.abs(a) < 1, 0.5 * a**2, jnp.abs(a) - 0.5),
        wrong={"sign forgotten": lambda xp, c, y, a: [xp.where(_within(xp, a, -1, 1), a, 1)]},
    ),
    "hard sigmoid": entrywise(
        lambda xp, c, a: xp.divide(xp.minimum(xp.maximum(a + 3, 0), 6), 6),
        lambda xp, c, y, a: [(_within(xp, a, -3, 3), xp.divide(1, 6))],
        jax=lambda c, a: jax.nn.hard_sigmoid(a),
        wrong={"gate from zero": lambda xp, c, y, a: [(_within(xp, a, 0, 6), xp.divide(1, 6))]},
    ),
}

SEVERAL: dict[str, Operation] = {
    "maximum": entrywise(
        lambda xp, c, a, b: xp.maximum(a, b),
        lambda xp, c, y, a, b: [(xp.greater(a, b), None), (xp.logical_not(xp.greater(a, b)), None)],
        jax=lambda c, a, b: jnp.maximum(a, b),
        wrong={
            "exchanged": lambda xp, c, y, a, b: [(xp.greater(b, a), None), (xp.logical_not(xp.greater(b, a)), None)]
        },
    ),
    "minimum": entrywise(
        lambda xp, c, a, b: xp.minimum(a, b),
        lambda xp, c, y, a, b: [(xp.greater(b, a), None), (xp.logical_not(xp.greater(b, a)), None)],
        jax=lambda c, a, b: jnp.minimum(a, b),
        wrong={"signs for order": lambda xp, c, y, a, b: [(xp.greater(b, 0), None), (xp.greater(0, b), None)]},
    ),
    "branch": entrywise(
        lambda xp, c, a, b: xp.where(xp.greater(a, b), a * b, a - b),
        lambda xp, c, y, a, b: [
            xp.where(xp.greater(a, b), b, 1),
            xp.where(xp.greater(a, b), a, -1),
        ],
        jax=lambda c, a, b: jnp.where(a > b, a * b, a - b),
        wrong={
            "wrong branch": lambda xp, c, y, a, b: [
                xp.where(xp.greater(b, a), b, 1),
                xp.where(xp.greater(b, a), a, -1),
            ]
        },
    ),
    "band": entrywise(
        lambda xp, c, a, b: xp.where(_band(xp, c, a, b), a * b, a + b),
        lambda xp, c, y, a, b: [
            xp.where(_band(xp, c, a, b), b, 1),
            xp.where(_band(xp, c, a, b), a, 1),
        ],
        jax=lambda c, a, b: jnp.where((a > c[0]) & (b < c[1]), a * b, a + b),
        constants=2,
        wrong={
            "or for and": lambda xp, c, y, a, b: [
                xp.where(xp.logical_or(xp.greater(a, c[0]), _below(xp, b, c[1])), b, 1),
                xp.where(xp.logical_or(xp.greater(a, c[0]), _below(xp, b, c[1])), a, 1),
            ]
        },
    ),
    "either": entrywise(
        lambda xp, c, a, b: xp.where(_either(xp, c, a, b), a, b * b),
        lambda xp, c, y, a, b: [(_either(xp, c, a, b), None), (xp.logical_not(_either(xp, c, a, b)), 2 * b)],
        jax=lambda c, a, b: jnp.where((a > c[0]) | ~(b < c[1]), a, b**2),
        constants=2,
        wrong={
            "negation forgotten": lambda xp, c, y, a, b: [
                (xp.logical_or(xp.greater(a, c[0]), _below(xp, b, c[1])), None),
                (xp.logical_not(xp.logical_or(xp.greater(a, c[0]), _below(xp, b, c[1]))), 2 * b),
            ]
        },
    ),
    "choose": entrywise(
        lambda xp, c, k, a, b: xp.where(xp.greater(k, c[0]), a, b),
        lambda xp, c, y, k, a, b: [0, (xp.greater(k, c[0]), None), (xp.logical_not(xp.greater(k, c[0])), None)],
        jax=lambda c, k, a, b: jnp.where(k > c[0], a, b),
        constants=1,
        flat=(0,),
        wrong={
            "other branch": lambda xp, c, y, k, a, b: [
                0,
                (xp.greater(c[0], k), None),
                (xp.logical_not(xp.greater(c[0], k)), None),
            ]
        },
    ),
    "choose between": entrywise(
        lambda xp, c, k, a, b: xp.where(_within(xp, k, c[0], c[1]), a, b),
        lambda xp, c, y, k, a, b: [
            0,
            (_within(xp, k, c[0], c[1]), None),
            (xp.logical_not(_within(xp, k, c[0], c[1])), None),
        ],
        jax=lambda c, k, a, b: jnp.where((k > c[0]) & (k < c[1]), a, b),
        constants=2,
        flat=(0,),
        wrong={
            "one end forgotten": lambda xp, c, y, k, a, b: [
                0,
                (xp.greater(k, c[0]), None),
                (xp.logical_not(xp.greater(k, c[0])), None),
            ]
        },
    ),
    "unless zero": entrywise(
        lambda xp, c, a, b: xp.where(xp.equal(a, 0), b, a * b),
        lambda xp, c, y, a, b: [
            (xp.logical_not(xp.equal(a, 0)), b),
            xp.where(xp.equal(a, 0), 1, a),
        ],
        jax=lambda c, a, b: jnp.where(a == 0, b, a * b),
        wrong={"zero forgotten": lambda xp, c, y, a, b: [b, a]},
    ),
    "sign times": entrywise(
        lambda xp, c, a, b: xp.sign(a) * b,
        lambda xp, c, y, a, b: [0, xp.sign(a)],
        jax=lambda c, a, b: jnp.sign(a) * b,
        flat=(0,),
        wrong={"sign of the other": lambda xp, c, y, a, b: [0, xp.sign(b)]},
    ),
}

GATES: dict[str, Operation] = ONE | SEVERAL

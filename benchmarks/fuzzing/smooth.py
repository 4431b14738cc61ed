"""Operations on entries that have a derivative everywhere."""

from typing import Any

import jax
import jax.numpy as jnp

from fuzzing.operation import Operation, entrywise


def _sigmoid(xp: Any, a: Any) -> Any:
    return xp.divide(1, 1 + xp.exp(-a))


def _softplus(xp: Any, a: Any) -> Any:
    return xp.log(1 + xp.exp(a))


def _normal(xp: Any, a: Any) -> Any:
    """The distribution function of a standard normal."""
    return (1 + xp.erf(xp.divide(a, xp.sqrt(xp.number("2"))))) * xp.number("0.5")


def _density(xp: Any, a: Any) -> Any:
    return xp.divide(xp.exp(-xp.number("0.5") * a * a), xp.sqrt(2 * xp.pi))


RING: dict[str, Operation] = {
    "scale": entrywise(lambda xp, c, a: c[0] * a, lambda xp, c, y, a: [c[0]], constants=1),
    "shift": entrywise(lambda xp, c, a: c[0] + a, lambda xp, c, y, a: [1], constants=1),
    "square": entrywise(
        lambda xp, c, a: a * a,
        lambda xp, c, y, a: [2 * a],
        jax=lambda c, a: a**2,
        wrong={"no 2": lambda xp, c, y, a: [a]},
    ),
    "cube": entrywise(
        lambda xp, c, a: a * a * a,
        lambda xp, c, y, a: [3 * a * a],
        jax=lambda c, a: a**3,
        wrong={"power not lowered": lambda xp, c, y, a: [3 * y]},
    ),
    "add": entrywise(lambda xp, c, a, b: a + b, lambda xp, c, y, a, b: [1, 1]),
    "subtract": entrywise(
        lambda xp, c, a, b: a - b,
        lambda xp, c, y, a, b: [1, -1],
        wrong={"second sign": lambda xp, c, y, a, b: [1, 1]},
    ),
    "multiply": entrywise(
        lambda xp, c, a, b: a * b,
        lambda xp, c, y, a, b: [b, a],
        wrong={"factors exchanged": lambda xp, c, y, a, b: [a, b]},
    ),
    "ratio": entrywise(
        lambda xp, c, a, b: xp.divide(a, 1 + b * b),
        lambda xp, c, y, a, b: [xp.divide(1, 1 + b * b), -xp.divide(2 * a * b, (1 + b * b) * (1 + b * b))],
        jax=lambda c, a, b: a / (1 + b**2),
        wrong={
            "denominator not squared": lambda xp, c, y, a, b: [
                xp.divide(1, 1 + b * b),
                -xp.divide(2 * a * b, 1 + b * b),
            ],
            "inner slope dropped": lambda xp, c, y, a, b: [
                xp.divide(1, 1 + b * b),
                -xp.divide(a, (1 + b * b) * (1 + b * b)),
            ],
        },
    ),
    "blend": entrywise(
        lambda xp, c, y, a, b: y * a + (1 - y) * b,
        lambda xp, c, v, y, a, b: [a - b, y, 1 - y],
        flat=(0,),
        wrong={"labels exchanged": lambda xp, c, v, y, a, b: [a - b, 1 - y, y]},
    ),
}

DEEP: dict[str, Operation] = {
    "exp": entrywise(
        lambda xp, c, a: xp.exp(a),
        lambda xp, c, y, a: [y],
        jax=lambda c, a: jnp.exp(a),
        wrong={"of the value": lambda xp, c, y, a: [xp.exp(y)]},
    ),
    "tanh": entrywise(
        lambda xp, c, a: xp.tanh(a),
        lambda xp, c, y, a: [1 - y * y],
        jax=lambda c, a: jnp.tanh(a),
        wrong={"not squared": lambda xp, c, y, a: [1 - y], "of the input": lambda xp, c, y, a: [1 - a * a]},
    ),
    "sigmoid": entrywise(
        lambda xp, c, a: _sigmoid(xp, a),
        lambda xp, c, y, a: [y * (1 - y)],
        jax=lambda c, a: jax.nn.sigmoid(a),
        wrong={"sign inside": lambda xp, c, y, a: [y * (1 + y)], "of the input": lambda xp, c, y, a: [a * (1 - a)]},
    ),
    "softplus": entrywise(
        lambda xp, c, a: _softplus(xp, a),
        lambda xp, c, y, a: [_sigmoid(xp, a)],
        jax=lambda c, a: jax.nn.softplus(a),
        wrong={"sign inside": lambda xp, c, y, a: [_sigmoid(xp, -a)], "of the value": lambda xp, c, y, a: [xp.exp(-y)]},
    ),
    "log sigmoid": entrywise(
        lambda xp, c, a: -_softplus(xp, -a),
        lambda xp, c, y, a: [_sigmoid(xp, -a)],
        jax=lambda c, a: jax.nn.log_sigmoid(a),
        wrong={"sign inside": lambda xp, c, y, a: [_sigmoid(xp, a)]},
    ),
    "silu": entrywise(
        lambda xp, c, a: a * _sigmoid(xp, a),
        lambda xp, c, y, a: [_sigmoid(xp, a) + y * (1 - _sigmoid(xp, a))],
        jax=lambda c, a: jax.nn.silu(a),
        wrong={"second term dropped": lambda xp, c, y, a: [_sigmoid(xp, a)]},
    ),
    "gelu": entrywise(
        lambda xp, c, a: a * _normal(xp, a),
        lambda xp, c, y, a: [_normal(xp, a) + a * _density(xp, a)],
        jax=lambda c, a: jax.nn.gelu(a, approximate=False),
        wrong={"second term dropped": lambda xp, c, y, a: [_normal(xp, a)]},
    ),
    "bell": entrywise(
        lambda xp, c, a: xp.exp(-a * a),
        lambda xp, c, y, a: [-2 * a * y],
        jax=lambda c, a: jnp.exp(-(a**2)),
        wrong={"no 2": lambda xp, c, y, a: [-a * y]},
    ),
    "log of one and square": entrywise(
        lambda xp, c, a: xp.log(1 + a * a),
        lambda xp, c, y, a: [xp.divide(2 * a, 1 + a * a)],
        jax=lambda c, a: jnp.log1p(a**2),
        wrong={"inner slope dropped": lambda xp, c, y, a: [xp.divide(1, 1 + a * a)]},
    ),
    "root of one and square": entrywise(
        lambda xp, c, a: xp.sqrt(1 + a * a),
        lambda xp, c, y, a: [xp.divide(a, y)],
        jax=lambda c, a: jnp.sqrt(1 + a**2),
        wrong={"half": lambda xp, c, y, a: [xp.divide(a, 2 * y)], "root dropped": lambda xp, c, y, a: [a]},
    ),
    "power": entrywise(
        lambda xp, c, a: (1 + a * a) * xp.sqrt(1 + a * a),
        lambda xp, c, y, a: [3 * a * xp.sqrt(1 + a * a)],
        jax=lambda c, a: (1 + a**2) ** 1.5,
        wrong={"power not lowered": lambda xp, c, y, a: [3 * a * y]},
    ),
    "sin": entrywise(
        lambda xp, c, a: xp.sin(a),
        lambda xp, c, y, a: [xp.cos(a)],
        jax=lambda c, a: jnp.sin(a),
        wrong={"minus": lambda xp, c, y, a: [-xp.cos(a)], "sine": lambda xp, c, y, a: [y]},
    ),
    "cos": entrywise(
        lambda xp, c, a: xp.cos(a),
        lambda xp, c, y, a: [-xp.sin(a)],
        jax=lambda c, a: jnp.cos(a),
        wrong={"no minus": lambda xp, c, y, a: [xp.sin(a)]},
    ),
}

SMOOTH: dict[str, Operation] = RING | {
    name: Operation(**{**vars(operation), "transcendental": True}) for name, operation in DEEP.items()
}

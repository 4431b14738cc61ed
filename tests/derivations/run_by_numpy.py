"""Programs traced by JAX, run by numpy: a claim is evaluated once, and to compile it would take far longer.

JAX itself runs the few operations that have no short equivalent in numpy.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax.extend import core

ELEMENTWISE = {
    "add": np.add,
    "add_any": np.add,
    "cos": np.cos,
    "div": np.divide,
    "eq": np.equal,
    "exp": np.exp,
    "log": np.log,
    "lt": np.less,
    "mul": np.multiply,
    "neg": np.negative,
    "sin": np.sin,
    "square": np.square,
    "sub": np.subtract,
    "tanh": np.tanh,
}


def _broadcast(x: np.ndarray, shape: Sequence[int], broadcast_dimensions: Sequence[int], **_: Any) -> np.ndarray:
    aligned = [1] * len(shape)
    for axis, size in zip(broadcast_dimensions, x.shape, strict=True):
        aligned[axis] = size
    return np.broadcast_to(x.reshape(aligned), shape)


def _product(a: np.ndarray, b: np.ndarray, dimension_numbers: Any, **_: Any) -> np.ndarray:
    contracted, (batch_a, batch_b) = dimension_numbers
    if not batch_a:
        return np.tensordot(a, b, contracted)
    # In NumPy's einsum the axes are named by numbers: those of b after those of a, but for the shared ones.
    axes_a, axes_b = list(range(a.ndim)), list(range(a.ndim, a.ndim + b.ndim))
    for i, j in zip((*batch_a, *contracted[0]), (*batch_b, *contracted[1]), strict=True):
        axes_b[j] = i
    free_a = [axis for axis in axes_a if axis not in (*batch_a, *contracted[0])]
    free_b = [axis for axis in axes_b if axis >= a.ndim]
    return np.einsum(a, axes_a, b, axes_b, [*batch_a, *free_a, *free_b])


def _pad(x: np.ndarray, value: np.ndarray, padding_config: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """Elements apart by `interior`, with `low` and `high` more at the ends; none of these is negative in a claim."""
    places, shape = [], []
    for size, (low, high, interior) in zip(x.shape, padding_config, strict=True):
        assert min(low, high) >= 0
        end = low + max((size - 1) * (interior + 1) + 1, 0)
        places.append(slice(low, end, interior + 1))
        shape.append(end + high)
    out = np.full(shape, value)
    out[tuple(places)] = x
    return out


RULES: dict[str, Callable[..., Any]] = {
    "broadcast_in_dim": _broadcast,
    "concatenate": lambda *xs, dimension: np.concatenate(xs, dimension),
    "convert_element_type": lambda x, new_dtype, **_: x.astype(new_dtype),
    "dot_general": _product,
    "integer_pow": lambda x, y: np.power(x, float(y)),
    "iota": lambda dtype, shape, dimension, **_: _broadcast(
        np.arange(shape[dimension], dtype=dtype), shape, [dimension]
    ),
    "pad": _pad,
    "reduce_sum": lambda x, axes, **_: x.sum(tuple(axes)),
    "reshape": lambda x, new_sizes, **_: x.reshape(new_sizes),
    "select_n": lambda which, *cases: np.choose(which.astype(int), cases),
    "slice": lambda x, start_indices, limit_indices, strides: x[
        tuple(map(slice, start_indices, limit_indices, strides or [1] * x.ndim))
    ],
    "split": lambda x, sizes, axis: np.split(x, np.cumsum(sizes)[:-1], axis),
    "squeeze": lambda x, dimensions: np.squeeze(x, tuple(dimensions)),
    "stack": lambda *xs, axis, **_: np.stack(xs, axis),
    "transpose": lambda x, permutation: x.transpose(permutation),
    "unstack": lambda x, axis: list(np.moveaxis(x, axis, 0)),
}


def run(closed: core.ClosedJaxpr, arguments: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The outputs of a traced program."""
    values = dict(zip(closed.jaxpr.constvars, map(np.asarray, closed.consts), strict=True))
    values.update(zip(closed.jaxpr.invars, arguments, strict=True))

    def read(atom: Any) -> np.ndarray:
        return np.asarray(atom.val) if isinstance(atom, core.Literal) else values[atom]

    for equation in closed.jaxpr.eqns:
        out = _step(equation, list(map(read, equation.invars)))
        values.update(zip(equation.outvars, out, strict=True))
    return list(map(read, closed.jaxpr.outvars))


def _step(equation: Any, inputs: list[np.ndarray]) -> list[np.ndarray]:
    name, params = equation.primitive.name, equation.params
    if name == "jit":
        return run(params["jaxpr"], inputs)
    if name == "cond":
        return run(params["branches"][int(inputs[0])], inputs[1:])
    if name in ELEMENTWISE:
        out = ELEMENTWISE[name](*inputs)
    elif name in RULES:
        out = RULES[name](*inputs, **params)
    else:
        out = equation.primitive.bind(*inputs, **params)
    return list(map(np.asarray, out)) if equation.primitive.multiple_results else [np.asarray(out)]

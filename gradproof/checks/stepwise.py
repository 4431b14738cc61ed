"""A program on the machine with each operation compiled by itself, as code runs that is not jitted."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from jax.extend import core

from gradproof.interpreter import rules
from gradproof.programs import rewriting, unknown

_INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")

# fmt: off
_ELEMENTWISE = frozenset({
    "abs", "acos", "acosh", "add", "add_any", "and", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil",
    "convert_element_type", "cos", "cosh", "digamma", "div", "eq", "erf", "erf_inv", "erfc", "exp", "exp2", "expm1",
    "floor", "ge", "gt", "integer_pow", "is_finite", "le", "lgamma", "log", "log1p", "log2", "logistic", "lt",
    "max", "min", "mul", "ne", "neg", "not", "or", "polygamma", "pow", "rem", "round", "rsqrt", "sign", "sin",
    "sinh", "sqrt", "square", "sub", "tan", "tanh", "xor",
})
# fmt: on

_WIDTH = 1024
"""Element-wise operations are run on arrays of this length, so that each has to be compiled once for all claims."""


def op_by_op(jaxpr: core.Jaxpr, constants: Sequence[Any], arguments: Sequence[Any], points: int) -> list[Any]:
    """Run a program with each operation compiled by itself; those that only move elements are left to numpy.

    The first axis of all arrays is the points.
    """

    def everywhere(value: Any, atom: Any) -> np.ndarray:
        # A float64 array of the claim's is one of the program's format there, which numpy does not say of it.
        return np.broadcast_to(np.asarray(value, atom.aval.dtype), (points, *np.shape(value)))

    values: dict[Any, Any] = dict(zip(jaxpr.constvars, map(everywhere, constants, jaxpr.constvars), strict=True))
    values.update(zip(jaxpr.invars, arguments, strict=True))

    def read(atom: Any) -> Any:
        return everywhere(atom.val, atom) if isinstance(atom, core.Literal) else values[atom]

    for equation in jaxpr.eqns:
        name, params = equation.primitive.name, equation.params
        inputs = [read(atom) for atom in equation.invars]
        inner = next((params[key] for key in _INNER if key in params), None)
        bound = partial(equation.primitive.bind, **params)
        if inner is not None and name != "scan":
            closed = rewriting.closed_of(inner)
            outputs = op_by_op(closed.jaxpr, closed.consts, inputs, points)
        elif name in _ELEMENTWISE:
            outputs = [_flat(bound, inputs)]
        elif name == "unknown":
            # No code of the user's, and a shape of its own in nearly every claim.
            outputs = [unknown.sines(np.sin, *inputs, **params)]
        else:
            moves = name in rules.RULES.moving and name != "gather"
            function = rules.RULES.moving[name].applied(equation) if moves else bound
            results = [function(*(x[i] for x in inputs)) for i in range(points)]
            rows = zip(*(r if isinstance(r, list | tuple) else [r] for r in results), strict=True)
            outputs = [np.stack(list(map(np.asarray, row))) for row in rows]
        values.update(zip(equation.outvars, outputs, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _flat(function: Callable[..., Any], inputs: Sequence[np.ndarray]) -> np.ndarray:
    """An element-wise function, on flat arrays of one length, the last one filled up with ones."""
    rank = max(x.ndim for x in inputs)
    # Literals have no axes but that of the points.
    spread = np.broadcast_arrays(*(x.reshape(len(x), *(1,) * (rank - x.ndim), *x.shape[1:]) for x in inputs))
    count = spread[0].size
    padded = [np.ones(_WIDTH * max(1, -(-count // _WIDTH)), x.dtype) for x in spread]
    for row, x in zip(padded, spread, strict=True):
        row[:count] = x.ravel()
    parts = [function(*(row[i : i + _WIDTH] for row in padded)) for i in range(0, len(padded[0]), _WIDTH)]
    return np.concatenate(list(map(np.asarray, parts)))[:count].reshape(spread[0].shape)

"""What a program says, up to trivial rewriting: a digest of each of its outputs.

Two outputs have one digest if their programs differ in nothing but names, places and order of equations; code that
is dead, repeated or in a call; the order of the operands of a sum, a product, a maximum or a comparison; 0 and 1 where
they change nothing; casts and transposes that change nothing; axes of length 1. Nothing else is known of any operation:
that x + x is 2 x is a statement. The digest depends on no address, path, process or machine.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from gradproof.programs.rewriting import called, closed_of

COMMUTATIVE = ("add", "mul", "max", "min", "eq", "ne", "and", "or", "xor")

SAME = {"add_any": "add", "copy_p": "copy"}
"""Primitives by another name."""

TURNED = {"gt": "lt", "ge": "le"}
"""Those that are another one, with the operands the other way round."""

# fmt: off
ELEMENTWISE = frozenset((
    "abs", "acos", "acosh", "add", "and", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "clamp",
    "convert_element_type", "cos", "cosh", "div", "eq", "erf", "erf_inv", "erfc", "exp", "exp2", "expm1", "floor",
    "integer_pow", "is_finite", "le", "lgamma", "log", "log1p", "log2", "logistic", "lt", "max", "min", "mul", "ne",
    "neg", "nextafter", "not", "one_minus_square", "or", "pow", "rem", "round", "rsqrt", "select_n", "sign", "sin",
    "sinh", "sqrt", "stop_gradient", "sub", "tan", "tanh", "xor",
))
"""Those that an axis of length 1 passes through."""

TOTAL = ELEMENTWISE - frozenset((
    "acos", "acosh", "asin", "atanh", "cbrt", "div", "erf_inv", "integer_pow", "lgamma", "log", "log1p", "log2", "pow",
    "rem", "rsqrt", "sqrt", "tan",
))
# fmt: on
"""Those of them that have a finite value wherever their operands do."""

REDUCTIONS = frozenset(f"reduce_{name}" for name in ("sum", "max", "min", "prod", "and", "or"))

MOVING = frozenset(
    ("broadcast_in_dim", "concatenate", "dot_general", "reshape", "rev", "slice", "squeeze", "transpose")
)
"""Others that have a finite value wherever their operands do."""

PLACING = frozenset(("sharding", "out_sharding", "weak_type", "devices", "srcs", "copy_semantics"))
"""Parameters that say where an array lies, and not what is in it."""


@dataclass(frozen=True)
class Value:
    """What is known of one array: its digest, its shape, on which inputs it depends, and how it was made."""

    digest: str
    shape: tuple[int, ...]
    free: frozenset[str] = frozenset()
    fill: Any = None
    """The number that all entries are, if the program says so."""
    operation: str = ""
    operands: tuple["Value", ...] = ()
    axes: tuple[int, ...] = ()
    """Of a transpose or a reversal."""
    total: bool = True
    """Whether it is known to be finite at all inputs, so that zero times it is zero."""


def fingerprint(closed: core.ClosedJaxpr) -> list[Value]:
    """What is known of each output of a program."""
    return _Reader(0).function(closed.jaxpr, list(map(_constant, closed.consts)))


@dataclass(frozen=True)
class _Reader:
    """Goes through a program and the programs in it.

    Arguments:
        depth: of derivatives in derivatives. What each one is taken by has a name of its own.
    """

    depth: int

    def run(self, jaxpr: core.Jaxpr, consts: Sequence[Value], inputs: Sequence[Value]) -> list[Value]:
        known = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *inputs], strict=True))

        def read(atom: Any) -> Value:
            return _constant(atom.val) if isinstance(atom, core.Literal) else known[atom]

        for equation in jaxpr.eqns:
            outputs = self.step(equation, [read(atom) for atom in equation.invars])
            known.update(zip(equation.outvars, outputs, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def step(self, equation: Any, values: list[Value]) -> list[Value]:
        name, shapes = equation.primitive.name, [v.aval.shape for v in equation.outvars]
        if (inner := called(equation)) is not None:
            outputs = self.run(inner.jaxpr, list(map(_constant, inner.consts)), values)
            # What is differentiated may have a rule of its own, which is as much as another function.
            own_rule = self.depth > 0 and name.startswith("custom")
            return [replace(x, digest=_digest("own rule", x.digest)) for x in outputs] if own_rule else outputs
        if name == "derivative":
            return self.derivative(equation, values, shapes)
        dtypes = [v.aval.dtype for v in (*equation.invars, *equation.outvars)]
        if name == "device_put" or (name == "convert_element_type" and dtypes[0] == dtypes[1]):
            return values
        if len(shapes) == 1 and not list(core.jaxprs_in_params(equation.params)):
            return [_simplest(name, equation.params, values, shapes[0], dtypes[-1])]
        text = name, self.parameters(equation.params), [(v.digest, v.shape) for v in values]
        return [Value(_digest(*text, place), shape, _free(values), total=False) for place, shape in enumerate(shapes)]

    def derivative(self, equation: Any, values: list[Value], shapes: list[tuple[int, ...]]) -> list[Value]:
        """It is zero where the function does not contain what it is differentiated by; no constant for all that."""
        constants = equation.params["constants"]
        points = values[constants:]
        names = [f"at {self.depth} {place}" for place in range(len(points))]
        at = [_named(name, point.shape) for name, point in zip(names, points, strict=True)]
        results = _Reader(self.depth + 1).run(equation.params["jaxpr"], [], [*values[:constants], *at])
        where = [(point.digest, point.shape) for point in points]
        pairs = [(result, place) for result in results for place in range(len(points))]
        return [
            Value(
                _digest("derivative", result.digest, result.shape, where, place),
                shape,
                _free([*points, result]) - set(names),
                total=False,
            )
            if names[place] in result.free
            else replace(_filled(0.0, shape), free=frozenset({"a derivative"}))
            for (result, place), shape in zip(pairs, shapes, strict=True)
        ]

    def parameters(self, value: Any) -> Any:
        """As plain data, without anything that says where or when a program was made."""
        match value:
            case core.ClosedJaxpr() | core.Jaxpr():
                closed = closed_of(value)
                outputs = self.function(closed.jaxpr, list(map(_constant, closed.consts)))
                return [(output.digest, str(aval)) for output, aval in zip(outputs, closed.out_avals, strict=True)]
            case dict():
                kept = [(str(key), item) for key, item in value.items() if item is not None and key not in PLACING]
                return [(key, self.parameters(item)) for key, item in kept]
            case list() | tuple():
                return [self.parameters(item) for item in value]
        return _plain(value)

    def function(self, jaxpr: core.Jaxpr, consts: Sequence[Value]) -> list[Value]:
        """The outputs of a program that is given nothing from outside; its inputs go by their places."""
        variables: Sequence[Any] = jaxpr.invars
        inputs = [_named(f"input {place}", v.aval.shape) for place, v in enumerate(variables)]
        return self.run(jaxpr, consts, inputs)


# Values


def _simplest(name: str, params: Any, values: list[Value], shape: tuple[int, ...], dtype: Any) -> Value:
    """The output of an equation, or what it is one of the operands."""
    name = SAME.get(name, name)
    if name in TURNED:
        name, values = TURNED[name], values[::-1]
    if name == "sub":
        name, values = "add", [values[0], _negative(values[1], dtype)]
    if name == "square":
        name, params = "integer_pow", {"y": 2}
    fills = [value.fill for value in values]
    match name, fills:
        case "add", _ if 0 in _numbers(fills):
            return _spread(_other(values, 0), shape)
        case "mul", _ if 1 in _numbers(fills):
            return _spread(_other(values, 1), shape)
        case "mul", _ if -1 in _numbers(fills):
            return _negative(_spread(_other(values, -1), shape), dtype)
        case "mul", _ if 0 in _numbers(fills) and all(value.total for value in values):
            return _filled(0.0, shape)
        case (("div" | "pow"), [_, 1]):
            return _spread(values[0], shape)
        case "neg", _:
            return _negative(values[0], dtype)
        case "integer_pow", _ if params["y"] == 1:
            return values[0]
        case "select_n", [bool() | int() as taken, *_]:
            return _spread(values[1 + taken], shape)
        case "rev", _ if values[0].operation == "rev" and values[0].axes == params["dimensions"]:
            return values[0].operands[0]
        case "convert_element_type", [number] if number is not None:
            return _filled(np.asarray(number).astype(dtype).item(), shape)
        case (("reshape" | "squeeze" | "transpose" | "copy" | "slice" | "expand_dims"), [number]) if number is not None:
            return _filled(number, shape)
    return _of_axes(name, params, values, shape) or _made(name, params, values, shape)


def _of_axes(name: str, params: Any, values: list[Value], shape: tuple[int, ...]) -> Value | None:
    """The operand itself, where nothing changes but axes of length 1."""
    if not values:
        return None
    first = values[0]
    long = [axis for axis, length in enumerate(first.shape) if length != 1]
    unchanged = replace(first, shape=shape) if _long(first.shape) == _long(shape) else None
    match name:
        case "copy":
            return unchanged
        case "reshape" if params["dimensions"] is None:
            if first.operation == "reshape":
                first = first.operands[0]
            if _long(first.shape) == _long(shape):
                return replace(first, shape=shape)
            digest = _digest("reshape", _long(shape), first.digest, _long(first.shape))
            return replace(first, digest=digest, shape=shape, operation="reshape", operands=(first,), axes=())
        case "squeeze":
            return unchanged
        case "concatenate" | "stack" if len(values) == 1:
            return unchanged
        case "broadcast_in_dim":
            return _spread(first, shape, params["broadcast_dimensions"])
        case "slice" if params["strides"] is None:
            return unchanged
        case name if name in REDUCTIONS and not set(params["axes"]) & set(long):
            return unchanged
        case "transpose":
            axes = tuple(long.index(axis) for axis in params["permutation"] if axis in long)
            if first.operation == "transpose":
                first, axes = first.operands[0], tuple(first.axes[axis] for axis in axes)
            if axes == tuple(range(len(axes))):
                return replace(first, shape=shape)
            digest = _digest("transpose", axes, first.digest)
            return replace(first, digest=digest, shape=shape, operation="transpose", operands=(first,), axes=axes)
    return None


def _made(name: str, params: Any, values: list[Value], shape: tuple[int, ...]) -> Value:
    """A new value."""
    plain = _Reader(0).parameters(dict(params))
    operands: list[Any] = [(value.digest, value.shape) for value in values]
    kept = shape
    if name in ELEMENTWISE:
        # An axis of length 1 of all operands is one of the output.
        operands, kept = [_spread(value, shape).digest for value in values], ()
    elif name in REDUCTIONS:
        long = [axis for axis, length in enumerate(values[0].shape) if length != 1]
        plain = sorted(long.index(axis) for axis in params["axes"] if axis in long)
        operands, kept = [(value.digest, _long(value.shape)) for value in values], ()
    if name in COMMUTATIVE or (name == "dot_general" and not shape and len(values[0].shape) == 1):
        operands.sort()
    axes = params["dimensions"] if name == "rev" else ()
    total = all(value.total for value in values) and name in (TOTAL if name in ELEMENTWISE else REDUCTIONS | MOVING)
    return Value(_digest(name, plain, operands, kept), shape, _free(values), None, name, tuple(values), axes, total)


def _named(name: str, shape: tuple[int, ...]) -> Value:
    return Value(_digest(name), shape, frozenset({name}))


def _negative(value: Value, dtype: Any) -> Value:
    if value.fill is not None and np.dtype(dtype).kind in "if":
        return _filled(-value.fill, value.shape)
    if value.operation == "neg":
        return replace(value.operands[0], shape=value.shape)
    return replace(value, digest=_digest("neg", value.digest), fill=None, operation="neg", operands=(value,), axes=())


def _filled(number: Any, shape: tuple[int, ...]) -> Value:
    # 1 and 1.0 are one number, and so are 0 and -0.
    text = repr(number) if isinstance(number, bool | complex) else repr(float(number) + 0.0)
    return Value(_digest("fill", text), shape, fill=number, total=bool(np.isfinite(number)))


def _constant(value: Any) -> Value:
    if jnp.issubdtype(getattr(value, "dtype", np.bool_), jax.dtypes.prng_key):
        value = jax.random.key_data(value)
    array = np.asarray(value)
    if array.size and (array == array.flat[0]).all():
        return _filled(array.flat[0].item(), array.shape)
    digest = _digest("constant", str(array.dtype), array.shape, array.tobytes().hex())
    return Value(digest, array.shape, total=bool(np.isfinite(array).all()))


def _spread(value: Value, shape: tuple[int, ...], axes: Sequence[int] | None = None) -> Value:
    """An array as one of this shape.

    Arguments:
        axes: which of its axes each axis of the array becomes; those of a number, or each its own, if None.
    """
    if value.fill is not None:
        return _filled(value.fill, shape)
    if _long(value.shape) == _long(shape):
        return replace(value, shape=shape)
    axes = range(len(value.shape)) if axes is None else axes
    long = [axis for axis, length in enumerate(shape) if length != 1]
    places = [long.index(axis) for axis, length in zip(axes, value.shape, strict=True) if length != 1]
    digest = _digest("spread", value.digest, places, _long(shape))
    return Value(digest, shape, value.free, total=value.total)


def _other(values: Sequence[Value], fill: int) -> Value:
    """The operand that is not the first one that is filled with this."""
    at = next(place for place, value in enumerate(values) if value.fill is not None and value.fill == fill)
    return values[1 - at]


def _numbers(fills: Sequence[Any]) -> list[Any]:
    return [fill for fill in fills if fill is not None and not isinstance(fill, bool)]


def _free(values: Sequence[Value]) -> frozenset[str]:
    return frozenset().union(*(value.free for value in values))


def _long(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


# Text


def _digest(*parts: Any) -> str:
    return sha256(repr(parts).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A parameter as something that prints alike everywhere; of what is not data, the kind alone."""
    if value is None or isinstance(value, bool | int | float | complex | str):
        return value
    if isinstance(value, np.dtype | type | enum.Enum):
        return str(value)
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        return _constant(value).digest
    return type(value).__qualname__

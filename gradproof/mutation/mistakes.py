"""The mistakes that people make in a formula, each as edits of one equation: in what it says, not in its order."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from jax import lax
from jax.extend import core

from gradproof.mutation.misplaced import axes, operands, transposes
from gradproof.mutation.operations import Operation, is_real, number
from gradproof.programs import rewriting

SLIGHTLY = 1 + 1e-12
INFINITE = 1e30
"""Larger numbers stand for infinity."""

NEAREST = 3
"""How many other variables are put at each use."""

ARITHMETIC = ("add", "add_any", "sub", "mul", "div")

EXCHANGED: dict[str, tuple[str, ...]] = {
    "add": ("sub", "mul"),
    "add_any": ("sub", "mul"),
    "sub": ("add",),
    "mul": ("add", "div"),
    "div": ("mul",),
    "max": ("min",),
    "min": ("max",),
    "exp": ("expm1",),
    "expm1": ("exp",),
    "log": ("log1p",),
    "log1p": ("log",),
    "sin": ("cos",),
    "cos": ("sin",),
    "sinh": ("cosh",),
    "cosh": ("sinh",),
    "tanh": ("logistic",),
    "logistic": ("tanh",),
    "erf": ("tanh", "erfc"),
    "erfc": ("erf",),
    "sqrt": ("rsqrt",),
    "rsqrt": ("sqrt",),
    "gt": ("ge",),
    "lt": ("le",),
    "ge": ("gt", "lt"),
    "le": ("lt", "gt"),
    "eq": ("ne",),
    "ne": ("eq",),
    "and": ("or",),
    "or": ("and",),
}
REDUCTIONS: dict[str, tuple[str, ...]] = {
    "reduce_sum": ("reduce_max",),
    "reduce_max": ("reduce_sum", "reduce_min"),
    "reduce_min": ("reduce_max",),
    "reduce_prod": ("reduce_sum",),
    "reduce_and": ("reduce_or",),
    "reduce_or": ("reduce_and",),
}
ARGUMENTS = {"argmax": "argmin", "argmin": "argmax"}
CUMULATIVE: dict[str, tuple[str, ...]] = {
    "cumsum": ("cumprod",),
    "cumprod": ("cumsum",),
    "cummax": ("cummin",),
    "cummin": ("cummax",),
    "cumlogsumexp": ("cummax",),
}
COMPARISONS = {"gt": "le", "le": "gt", "lt": "ge", "ge": "lt", "eq": "ne", "ne": "eq"}

EXPONENTIAL = ("exp", "exp2", "expm1", "log", "log1p", "logistic", "tanh", "sinh", "cosh")
POWERS = ("integer_pow", "square", "one_minus_square", "sqrt", "rsqrt", "cbrt")
NONLINEAR = (*EXPONENTIAL, *POWERS, "sin", "cos", "tan", "erf", "erfc", "abs", "sign", "unknown")

MOVING = ("broadcast_in_dim", "copy", "reshape", "rev", "slice", "squeeze", "transpose")
LINEAR = (*MOVING, "convert_element_type", "cumsum", "div", "dot_general", "mul", "neg", "reduce_sum", "stop_gradient")
"""Through these a sign passes, so that it is the same mistake on either side."""


def _is_truth(aval: Any) -> bool:
    return aval.dtype == np.bool_


def _filled(value: Any) -> Callable[[Any], Any]:
    return lambda x: lax.full(x.shape, value, x.dtype) if x.shape else number(value, x)


def _times(factor: float) -> Callable[[Any], Any]:
    return lambda x: lax.mul(x, number(factor, x))


def _spread(x: Any, aval: Any) -> Any:
    """As an element-wise operation spreads an operand."""
    rank = len(aval.shape)
    return x if x.shape == aval.shape else lax.broadcast_in_dim(x, aval.shape, tuple(range(rank - x.ndim, rank)))


def _operation(name: str) -> Callable[..., Any]:
    return getattr(lax, {"and": "bitwise_and", "or": "bitwise_or"}.get(name, name))


def operations(site: Operation) -> Iterator[rewriting.Edit]:
    """One operation for another."""
    name, params, names = site.primitive, site.equation.params, " ".join(site.names)
    if name in EXCHANGED and (is_real(site.aval) or _is_truth(site.aval)):
        for other in EXCHANGED[name]:
            yield site.edit(f"{other} {names}", lambda *xs, other=other: [_operation(other)(*xs)])
    for other in REDUCTIONS.get(name, ()):
        yield site.edit(f"{other} {names}", lambda x, other=other: [_operation(other)(x, params["axes"])])
    if name in ARGUMENTS:
        other = ARGUMENTS[name]
        yield site.edit(f"{other} {names}", lambda x: [_operation(other)(x, *params["axes"], params["index_dtype"])])
    if name in CUMULATIVE:
        kept = {key: params[key] for key in ("axis", "reverse")}
        for other in CUMULATIVE[name]:
            yield site.edit(f"{other} {names}", lambda x, other=other: [_operation(other)(x, **kept)])
        yield site.with_parameter("reverse", not params["reverse"])


def dropped_terms(site: Operation) -> Iterator[rewriting.Edit]:
    """A term for zero, a factor for one."""
    if site.primitive not in ARITHMETIC or not is_real(site.aval):
        return
    aval, (left, right) = site.aval, site.names
    yield site.edit(left, lambda a, b: [_spread(a, aval)])
    if site.primitive == "sub":
        yield site.edit(f"neg {right}", lambda a, b: [lax.neg(_spread(b, aval))])
    elif site.primitive != "div":
        yield site.edit(right, lambda a, b: [_spread(b, aval)])


def signs(site: Operation) -> Iterator[rewriting.Edit]:
    """A result negated, or one use of a term that is used elsewhere, too."""
    equation = site.equation
    if len(equation.outvars) > 1 or not is_real(site.aval):
        return
    if site.primitive == "neg":
        yield site.edit(site.names[0], lambda x: [x])
    elif site.primitive != "sub" and not _sign_passes(site, equation.outvars[0]):
        yield site.edit(f"neg ({site.text})", lambda *xs: [lax.neg(*rewriting.bound(equation, xs))])
    if site.primitive in ("add", "add_any", "sub"):
        first = equation.invars[0]
        if isinstance(first, core.Literal):
            elsewhere = first.val == 0
        else:
            elsewhere = first in site.scope.makers and len(site.scope.uses[first]) == 1
        if not elsewhere:
            yield site.with_operand(0, f"neg {site.names[0]}", lax.neg)


def _sign_passes(site: Operation, variable: Any) -> bool:
    """Whether the negative is planted elsewhere: in what reads the variable, or as one operation for another."""
    uses = site.scope.uses[variable]
    if len(uses) != 1 or (reader := uses[0][0]) is None:
        return False
    return reader.primitive.name in LINEAR or (reader.primitive.name in ARITHMETIC and uses[0][1] == 1)


def constants(site: Operation) -> Iterator[rewriting.Edit]:
    """A number for another."""
    for position, atom in enumerate(site.operands):
        value = site.scope.constant(atom)
        if value is None and atom.aval.shape == () and atom in site.scope.given and is_real(atom.aval):
            name = site.names[position]
            yield _constant(site, position, f"2.0 {name}", _times(2.0))
        elif value is not None and value.shape == () and is_real(value):
            for other in _near(site, position, float(value)):
                yield _constant(site, position, str(number(other, value)), _filled(other))
        elif value is not None and value.size and is_real(value) and np.isfinite(value).all():
            for factor in _factors(site):
                yield _constant(site, position, f"{factor} {site.names[position]}", _times(factor))
    yield from _exponents(site)


def _constant(site: Operation, position: int, name: str, value: Callable[[Any], Any]) -> rewriting.Edit:
    return site.described(
        f"constant {site.names[position]} -> {name} in {site.text}", site.with_operand(position, name, value).rule
    )


def _near(site: Operation, position: int, value: float) -> Iterator[float]:
    """Numbers that people write in place of one."""
    if value == 0:
        yield 1.0
        return
    if not abs(value) < INFINITE:
        yield 0.0
        return
    if value == 2:
        yield 1.0
    yield from (factor * value for factor in _factors(site))
    if 1e-4 < value < 0.4 and abs(value * round(1 / value) - 1) < 1e-6:
        yield 1 / (round(1 / value) - 1)
    if site.primitive == "div" and position == 1 and value.is_integer() and value > 2:
        yield value - 1


def _factors(site: Operation) -> Iterator[float]:
    yield 2.0
    # In arithmetic a sign is a mistake of another kind.
    if site.primitive not in ARITHMETIC:
        yield -1.0
    yield SLIGHTLY


def _exponents(site: Operation) -> Iterator[rewriting.Edit]:
    x = " ".join(site.names)
    if site.primitive == "integer_pow":
        exponent = site.equation.params["y"]
        for other in (exponent - 1, exponent + 1):
            yield site.with_parameter("y", other)
    if site.primitive == "square":
        yield site.edit(x, lambda x: [x])
        yield site.edit(f"integer_pow {x}: y 3", lambda x: [lax.integer_pow(x, 3)])


def masks(site: Operation) -> Iterator[rewriting.Edit]:
    """A condition turned into its opposite, or lost."""
    name = site.primitive
    if name == "select_n" and _is_truth(site.operands[0].aval):
        yield site.with_operand(0, f"not {site.names[0]}", lax.bitwise_not)
    if name == "not":
        yield site.edit(site.names[0], lambda x: [x])
    if name in COMPARISONS:
        other = COMPARISONS[name]
        yield site.edit(f"{other} {' '.join(site.names)}", lambda a, b: [_operation(other)(a, b)])
    for position, atom in enumerate(site.operands):
        if _is_truth(atom.aval):
            yield site.with_operand(position, "all true", _filled(True))
            yield site.with_operand(position, "all false", _filled(False))
        elif _is_mask(site.scope.constant(atom)):
            yield site.with_operand(position, "all 1", _filled(1))
            yield site.with_operand(position, "all 0", _filled(0))


def _is_mask(value: np.ndarray | None) -> bool:
    return value is not None and value.ndim > 0 and is_real(value) and set(np.unique(value)) == {0, 1}


def points(site: Operation) -> Iterator[rewriting.Edit]:
    """A function taken where its value was meant, and the other way round."""
    for position, atom in enumerate(site.operands):
        if isinstance(atom, core.Literal):
            continue
        argument = _argument(site.scope.makers.get(atom))
        if argument is not None:
            yield site.with_variable(position, argument)
        for reader, _ in site.scope.uses[atom]:
            if _argument(reader) is atom and site.scope.born[reader.outvars[0]] < site.at:
                yield site.with_variable(position, reader.outvars[0])


def _argument(equation: Any) -> Any | None:
    """What an element-wise nonlinear function is taken of; a function of two is one where the other is a number."""
    if equation is None:
        return None
    variables = [atom for atom in equation.invars if not isinstance(atom, core.Literal)]
    single = equation.primitive.name in NONLINEAR or equation.primitive.name in ("max", "min", "pow")
    if not single or len(variables) != 1 or variables[0].aval.shape != equation.outvars[0].aval.shape:
        return None
    return variables[0] if is_real(variables[0].aval) else None


def ignored(site: Operation) -> Iterator[rewriting.Edit]:
    """An input that has no influence, at one use or at all."""
    for position, atom in enumerate(site.operands):
        if isinstance(atom, core.Literal) or atom not in site.scope.given or _is_truth(atom.aval):
            continue
        for name, value in (("1", 1), ("0", 0)):
            yield site.with_operand(position, name, _filled(value))
        uses = site.scope.uses[atom]
        if len(uses) > 1 and uses[0] == (site.equation, position):
            for name, value in (("1", 1), ("0", 0)):
                yield site.everywhere(atom, name, _filled(value))


def wires(site: Operation) -> Iterator[rewriting.Edit]:
    """Another value of the same form, such as that of the layer before."""
    for position, atom in enumerate(site.operands):
        if not isinstance(atom, core.Literal):
            yield from (site.with_variable(position, other) for other in site.known(atom)[:NEAREST])


Generator = Callable[[Operation], Iterator[rewriting.Edit]]

KINDS: dict[str, Generator] = {
    "operation": operations,
    "term dropped": dropped_terms,
    "sign": signs,
    "constant": constants,
    "operands": operands,
    "transpose": transposes,
    "axis": axes,
    "mask": masks,
    "point": points,
    "ignored": ignored,
    "wire": wires,
}

"""Programs taken apart and put together: calls put in line, the bodies of loops and branches, one equation exchanged.

Each equation of a program that is put together again keeps its place in the user's code.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core
from jax.extend.source_info_util import user_context
from jax.interpreters import partial_eval

from gradproof.programs.places import INSIDE, is_bell, place

CALLS = (
    "jit",
    "pjit",
    "closed_call",
    "core_call",
    "custom_jvp_call",
    "custom_vjp_call",
    "custom_vjp_call_jaxpr",
    "checkpoint",
    "remat",
    "remat2",
)

PROGRAMS = ("scan", "while", "cond", "custom_linear_solve", "derivative")
"""These hold programs that were traced at fixed shapes, which nothing checks again."""

Rule = Callable[..., Sequence[Any]]
"""Outputs from inputs, in operations of JAX."""

Step = Callable[[Any, Callable[[Any], Any]], Sequence[Any]]
"""The outputs of an equation, from it and the values of variables."""


def bound(equation: Any, values: Sequence[Any], **changed: Any) -> list[Any]:
    """The outputs of an equation at other values, with some of its parameters changed."""
    primitive = equation.primitive
    given, needed = [np.shape(value) for value in values], [atom.aval.shape for atom in equation.invars]
    if primitive.name in PROGRAMS and given != needed:
        raise TypeError(f"{primitive.name} got shapes {given}, not {needed}")
    if primitive.name == "reshape" and math.prod(given[0]) != math.prod(equation.params["new_sizes"]):
        # JAX checks this before it makes the equation, and not when it is made.
        raise TypeError(f"reshape got shape {given[0]}, which is not of size {math.prod(needed[0])}")
    outputs = primitive.bind(*values, **primitive.get_bind_params({**equation.params, **changed}))
    return list(outputs) if primitive.multiple_results else [outputs]


def form(aval: Any) -> str:
    """Shape and dtype."""
    return f"{aval.dtype}[{','.join(map(str, aval.shape))}]"


def forms(avals: Sequence[Any]) -> list[str]:
    return list(map(form, avals))


def restricted(closed: core.ClosedJaxpr, outputs: Sequence[int]) -> core.ClosedJaxpr:
    """The part of a program that some of its outputs need. Equations that are needed unchanged stay the same objects.

    JAX makes each loop and each call anew, even where nothing is taken out of it.
    """
    used = [position in outputs for position in range(len(closed.jaxpr.outvars))]
    jaxpr, _ = partial_eval.dce_jaxpr(closed.jaxpr, used, instantiate=True)
    before = {id(variable): equation for equation in closed.jaxpr.eqns for variable in equation.outvars}

    def whole(equation: Any) -> Any:
        old = next((before[id(v)] for v in equation.outvars if id(v) in before), equation)
        return old if old is equation or _extent(old) == _extent(equation) else equation

    return core.ClosedJaxpr(jaxpr.replace(eqns=[whole(equation) for equation in jaxpr.eqns]), closed.consts)


def _extent(equation: Any) -> int:
    """How much there is in an equation, and in the programs that it runs."""
    inner = sum(_extent(other) for jaxpr in core.jaxprs_in_params(equation.params) for other in jaxpr.eqns)
    return 1 + len(equation.invars) + len(equation.outvars) + inner


def live(closed: core.ClosedJaxpr) -> core.ClosedJaxpr:
    """The same program without dead code."""
    return restricted(closed, range(len(closed.jaxpr.outvars)))


def written(closed: core.ClosedJaxpr) -> str:
    """A program as text: equal for programs that differ in the names of their variables only."""
    keys = [jnp.issubdtype(jnp.result_type(constant), jax.dtypes.prng_key) for constant in closed.consts]
    plain = [jax.random.key_data(x) if key else x for x, key in zip(closed.consts, keys, strict=True)]
    return f"{closed.jaxpr} with {[np.asarray(constant).tolist() for constant in plain]}"


def floats(closed: core.ClosedJaxpr) -> dict[np.dtype, list[float]]:
    """All finite ones in it and in the programs that it runs, once each, by their format."""
    found: dict[np.dtype, dict[float, None]] = {}
    for value in _constants_of(closed.jaxpr, closed.consts):
        array = np.asarray(value)
        if jnp.issubdtype(array.dtype, jnp.floating):
            numbers = np.unique(array.astype(float))
            found.setdefault(array.dtype, {}).update(dict.fromkeys(numbers[np.isfinite(numbers)].tolist()))
    return {dtype: list(numbers) for dtype, numbers in found.items()}


def _constants_of(jaxpr: core.Jaxpr, constants: Any) -> Iterator[Any]:
    # Of keys of random numbers there is no array; and newer versions of JAX list values of the program around it.
    arrays = (value for value in constants if not isinstance(value, jax.core.Tracer))
    yield from (value for value in arrays if hasattr(value, "dtype") and jnp.issubdtype(value.dtype, jnp.floating))
    for atom in [*(atom for equation in jaxpr.eqns for atom in equation.invars), *jaxpr.outvars]:
        if isinstance(atom, core.Literal):
            yield atom.val
    for equation in jaxpr.eqns:
        for value in equation.params.values():
            for inner in value if isinstance(value, list | tuple) else (value,):
                if isinstance(inner, core.ClosedJaxpr):
                    yield from _constants_of(inner.jaxpr, inner.consts)
                elif isinstance(inner, core.Jaxpr):
                    yield from _constants_of(inner, ())


def length(jaxpr: core.Jaxpr) -> int:
    """How many equations a program has."""
    return sum(1 + sum(map(length, core.jaxprs_in_params(equation.params))) for equation in jaxpr.eqns)


def operations(jaxpr: core.Jaxpr) -> frozenset[str]:
    """The names of all primitives in a program."""
    inner = (operations(each) for equation in jaxpr.eqns for each in core.jaxprs_in_params(equation.params))
    return frozenset(equation.primitive.name for equation in jaxpr.eqns).union(*inner)


def uses(jaxpr: core.Jaxpr, name: str) -> bool:
    """Whether a primitive of this name is anywhere in a program."""
    return name in operations(jaxpr)


def formats(jaxpr: core.Jaxpr) -> frozenset[np.dtype]:
    """Those of the real numbers that a program makes."""
    made = {getattr(variable.aval, "dtype", None) for equation in jaxpr.eqns for variable in equation.outvars}
    found = frozenset(dtype for dtype in made if dtype is not None and jnp.issubdtype(dtype, jnp.floating))
    return found.union(*(formats(inner) for equation in jaxpr.eqns for inner in core.jaxprs_in_params(equation.params)))


def constants(closed: core.ClosedJaxpr) -> list[float]:
    """The real numbers that stand in a program by themselves, each once, in the order in which they stand there."""
    return list(dict.fromkeys(float(x) for x in stored(closed) if x.ndim == 0))


def stored(closed: core.ClosedJaxpr) -> list[np.ndarray]:
    """All real numbers that stand in a program, and arrays of them."""
    found = (*closed.consts, *_literals(closed.jaxpr))
    return [np.asarray(x) for x in found if jnp.issubdtype(jnp.result_type(x), jnp.floating)]


def folded(closed: core.ClosedJaxpr) -> core.ClosedJaxpr:
    """The same program with real numbers that it computes of numbers alone, as the square root of 2, computed.

    The machine does so in float64. All other equations stay the same objects.
    """
    known = dict(zip(closed.jaxpr.constvars, closed.consts, strict=True))
    left = []
    for equation in closed.jaxpr.eqns:
        numbers = [atom.val if isinstance(atom, core.Literal) else known.get(atom) for atom in equation.invars]
        if _is_number(equation) and numbers and all(number is not None for number in numbers):
            arguments = [jnp.asarray(x, atom.aval.dtype) for x, atom in zip(numbers, equation.invars, strict=True)]
            known[equation.outvars[0]] = np.asarray(equation.primitive.bind(*arguments, **equation.params))
        else:
            left.append(equation)
    jaxpr = closed.jaxpr.replace(eqns=left, constvars=list(known))
    return core.ClosedJaxpr(jaxpr, list(known.values()))


def _is_number(equation: Any) -> bool:
    """Whether an equation makes one real number, by an operation that runs no other program."""
    made = [variable.aval for variable in equation.outvars]
    inner = list(core.jaxprs_in_params(equation.params))
    return not inner and [(x.shape, jnp.issubdtype(x.dtype, np.floating)) for x in made] == [((), True)]


def _literals(jaxpr: core.Jaxpr) -> Iterator[Any]:
    for equation in jaxpr.eqns:
        yield from (atom.val for atom in equation.invars if isinstance(atom, core.Literal))
        for inner in core.jaxprs_in_params(equation.params):
            yield from _literals(inner)


def traced(closed: core.ClosedJaxpr, step: Step) -> core.ClosedJaxpr:
    """The program of what `step` makes of each equation."""
    return jax.make_jaxpr(lambda *xs: _run(closed, xs, step))(*closed.in_avals)


def _run(closed: core.ClosedJaxpr, arguments: Sequence[Any], step: Step) -> list[Any]:
    jaxpr = closed.jaxpr
    environment = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*closed.consts, *arguments], strict=True))

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, core.Literal) else environment[atom]

    for equation in jaxpr.eqns:
        environment.update(zip(equation.outvars, step(equation, read), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def with_inputs(closed: core.ClosedJaxpr, variables: Sequence[Any]) -> core.ClosedJaxpr:
    """The same program with other variables as inputs."""
    jaxpr = closed.jaxpr
    if list(jaxpr.invars) == list(variables):
        return closed
    names = dict(zip(jaxpr.invars, variables, strict=True))
    eqns = [_renamed(equation, names) for equation in jaxpr.eqns]
    outvars = _named(jaxpr.outvars, names)
    return core.ClosedJaxpr(jaxpr.replace(invars=list(variables), eqns=eqns, outvars=outvars), closed.consts)


def joined(first: core.ClosedJaxpr, second: core.ClosedJaxpr) -> core.ClosedJaxpr:
    """Two programs of the same inputs as one, with the outputs of both."""
    one, other = first.jaxpr, with_inputs(second, first.jaxpr.invars).jaxpr
    whole = one.replace(
        constvars=[*one.constvars, *other.constvars],
        outvars=[*one.outvars, *other.outvars],
        eqns=[*one.eqns, *other.eqns],
        effects=one.effects | other.effects,
    )
    return core.ClosedJaxpr(whole, [*first.consts, *second.consts])


# Calls.


def inlined(closed: core.ClosedJaxpr) -> core.ClosedJaxpr:
    """The same program without calls, including those in the bodies of loops and branches, and without dead code.

    What a call does inside jax has the place of the call. Equations of a program without calls stay the same objects.
    """
    return live(_inlined(closed, None) if _calls(closed) else closed)


def _calls(closed: core.ClosedJaxpr) -> bool:
    return any(
        called(equation) is not None or any(_calls(body.closed) for body in bodies(equation))
        for equation in closed.jaxpr.eqns
    )


def _inlined(closed: core.ClosedJaxpr, caller: Any) -> core.ClosedJaxpr:
    return traced(closed, lambda equation, read: _opened(equation, read, caller))


def _opened(equation: Any, read: Callable[[Any], Any], caller: Any) -> list[Any]:
    own = equation.source_info.traceback
    here = caller if caller is not None and place(equation) == INSIDE else own
    values = [read(atom) for atom in equation.invars]
    if (inner := called(equation)) is not None:
        return _run(inner, values, lambda equation, read: _opened(equation, read, here))
    changed: dict[str, Any] = {}
    for body in bodies(equation):
        changed.update(body.params(equation.params | changed, _inlined(body.closed, here)))
    with user_context(here):
        return bound(equation, values, **changed)


def called(equation: Any) -> core.ClosedJaxpr | None:
    """The program that an equation is a call of."""
    if equation.primitive.name not in CALLS:
        return None
    inner = next(equation.params[key] for key in ("jaxpr", "call_jaxpr", "fun_jaxpr") if key in equation.params)
    # The engine knows this function as a whole.
    return None if is_bell(equation, inner) else closed_of(inner)


def closed_of(program: core.ClosedJaxpr | core.Jaxpr) -> core.ClosedJaxpr:
    """A program with its constants: newer versions of JAX keep them in what was open before."""
    if isinstance(program, core.ClosedJaxpr):
        return program
    constants = getattr(program, "consts", ())
    # They also list values of the program around it there, which it does not name.
    return core.ClosedJaxpr(program, constants if len(constants) == len(program.constvars) else ())


# Bodies.


@dataclass(frozen=True)
class Body:
    """A program that a loop or a branch runs: the parameter in which it stands, and what it is first given."""

    parameter: str
    branch: int | None
    closed: core.ClosedJaxpr
    arguments: tuple[Any, ...]

    def params(self, params: dict[str, Any], other: core.ClosedJaxpr) -> dict[str, Any]:
        """The changed parameter, with another body in its place."""
        if self.branch is None:
            return {self.parameter: other}
        branches = params[self.parameter]
        return {self.parameter: (*branches[: self.branch], other, *branches[self.branch + 1 :])}


def bodies(equation: Any) -> Iterator[Body]:
    """Those that run on the machine at hand."""
    params, atoms = equation.params, tuple(equation.invars)
    match equation.primitive.name:
        case "scan":
            yield Body("jaxpr", None, params["jaxpr"], atoms)
        case "while":
            tested = params["cond_nconsts"]
            carried = tested + params["body_nconsts"]
            yield Body("cond_jaxpr", None, params["cond_jaxpr"], atoms[:tested] + atoms[carried:])
            yield Body("body_jaxpr", None, params["body_jaxpr"], atoms[tested:])
        case "cond":
            platforms = params.get("branches_platforms")
            for branch, closed in enumerate(params["branches"]):
                if platforms is None or branch == _taken(platforms):
                    yield Body("branches", branch, closed, atoms[1:])


def _taken(platforms: Sequence[Sequence[str] | None]) -> int:
    """The branch that is taken here; the one for no platform is for any."""
    return next(i for i, names in enumerate(platforms) if not names or jax.default_backend() in names)


def with_body(closed: core.ClosedJaxpr, at: int, body: Body, other: core.ClosedJaxpr) -> core.ClosedJaxpr:
    """A program in which one equation has another body. Raises `ValueError` where the body does not fit."""
    given, needed = forms(other.out_avals), forms(body.closed.out_avals)
    equation = closed.jaxpr.eqns[at]
    if given != needed:
        raise ValueError(f"the body of {equation.primitive.name} gives {' '.join(given)}, not {' '.join(needed)}")
    changed = equation.replace(params=equation.params | body.params(equation.params, other))
    eqns = [*closed.jaxpr.eqns[:at], changed, *closed.jaxpr.eqns[at + 1 :]]
    return core.ClosedJaxpr(closed.jaxpr.replace(eqns=eqns), closed.consts)


# Edits.


@dataclass(frozen=True)
class Edit:
    """What is put in the place of an equation, or before it: outputs, made anew of inputs by a rule."""

    change: str
    rule: Rule
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    before: bool = False


def edited(closed: core.ClosedJaxpr, at: int, edit: Edit) -> core.ClosedJaxpr:
    """A program with an edit at one equation. Raises JAX's error where it does not trace."""
    new = jax.make_jaxpr(edit.rule)(*(atom.aval for atom in edit.inputs))
    if forms(new.out_avals) == forms([variable.aval for variable in edit.outputs]):
        return _spliced(closed, at, edit, new.jaxpr)
    equation = closed.jaxpr.eqns[at]

    def step(other: Any, read: Callable[[Any], Any]) -> Sequence[Any]:
        with user_context(other.source_info.traceback):
            if other is equation:
                return edit.rule(*map(read, edit.inputs))
            return bound(other, [read(atom) for atom in other.invars])

    return traced(closed, step)


def _spliced(closed: core.ClosedJaxpr, at: int, edit: Edit, new: core.Jaxpr) -> core.ClosedJaxpr:
    jaxpr = closed.jaxpr
    source = jaxpr.eqns[at].source_info
    inside = dict(zip(new.invars, edit.inputs, strict=True))
    placed = [_renamed(equation, inside).replace(source_info=source) for equation in new.eqns]
    outside = dict(zip(edit.outputs, _named(new.outvars, inside), strict=True))
    later = [_renamed(equation, outside) for equation in jaxpr.eqns[at if edit.before else at + 1 :]]
    eqns = [*jaxpr.eqns[:at], *placed, *later]
    return core.ClosedJaxpr(jaxpr.replace(eqns=eqns, outvars=_named(jaxpr.outvars, outside)), closed.consts)


def _renamed(equation: Any, names: dict[Any, Any]) -> Any:
    named = _named(equation.invars, names)
    return equation if named == equation.invars else equation.replace(invars=named)


def _named(atoms: Sequence[Any], names: dict[Any, Any]) -> list[Any]:
    return [atom if isinstance(atom, core.Literal) else names.get(atom, atom) for atom in atoms]

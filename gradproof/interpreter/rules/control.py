"""Programs within programs: calls, loops, branches, derivatives."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.errors import Undecided
from gradproof.interpreter.dual import DualArithmetic
from gradproof.interpreter.rules import indexing
from gradproof.interpreter.running import Running, is_true, is_whole
from gradproof.programs import places, rewriting

LONGEST_LOOP = 10_000


def call(run: Running, equation: Any, *xs: Any, **params: Any) -> list[Any]:
    """A call is what its program is, whatever else JAX says of it."""
    inner = next((params[key] for key in ("jaxpr", "call_jaxpr", "fun_jaxpr") if key in params), None)
    if inner is None:
        raise Undecided(f"the primitive {equation.primitive.name!r} calls no program that the exact engine knows")
    if places.is_bell(equation, inner):
        square = run.arithmetic.integer_power(run.number(xs[0]), 2)
        return [run.arithmetic.exp(run.arithmetic.negative(square))]
    if places.is_log_of_normal(equation, inner):
        return [run.arithmetic.log_of_normal(run.number(xs[0]))]
    if places.is_sign_bit(equation, inner) and not is_whole(xs[0]):
        sign = run.arithmetic.sign(xs[0])
        if not is_true(sign != 0):
            raise Undecided("the sign of zero is asked for")
        return [sign < 0]
    return run.run_closed(rewriting.closed_of(inner), xs)


def expanded(run: Running, equation: Any, *xs: Any, _prim: Any, **_: Any) -> list[Any]:
    """A primitive of newer versions of JAX that is a program of others, such as `nonzero`."""
    avals = [jax.ShapeDtypeStruct(atom.aval.shape, atom.aval.dtype) for atom in equation.invars]
    try:
        closed = jax.make_jaxpr(_prim.expand)(*avals)
    except Exception as error:
        message = " ".join(str(error).split())
        name = type(_prim).__name__
        raise Undecided(f"the primitive {name!r} does not expand: {type(error).__name__}: {message[:400]}") from error
    return run.run_closed(closed, xs)


def scan(
    run: Running, equation: Any, *xs: Any, jaxpr: core.ClosedJaxpr, length: int, reverse: bool, **_: Any
) -> list[Any]:
    # What is carried has one shape inside and outside, what is scanned has an axis more outside. Versions of JAX differ
    # in how else they say so.
    body = jaxpr.jaxpr
    scanned = sum(_shape(o) != _shape(i) for o, i in zip(equation.invars, body.invars, strict=True))
    kept = sum(_shape(o) == _shape(i) for o, i in zip(equation.outvars, body.outvars, strict=True))
    carried = len(xs) - scanned
    fixed = carried - kept
    constants, carry, sequences = list(xs[:fixed]), list(xs[fixed:carried]), xs[carried:]
    if length > LONGEST_LOOP:
        raise Undecided(f"a loop of {length} turns is longer than {LONGEST_LOOP}")
    collected: list[list[Any]] = []
    turns = range(length)
    for turn in reversed(turns) if reverse else turns:
        items = [run.moved(lambda s, turn=turn: s[turn], sequence) for sequence in sequences]
        out = run.run_closed(jaxpr, [*constants, *carry, *items])
        carry = out[: len(carry)]
        collected.append(out[len(carry) :])
    if reverse:
        collected.reverse()
    if not length:
        shapes = [v.aval for v in equation.outvars[len(carry) :]]
        return carry + [run.known(np.zeros(aval.shape, aval.dtype)) for aval in shapes]
    return carry + [run.moved(partial(indexing.stack, axis=0), *items) for items in zip(*collected, strict=True)]


def _shape(atom: Any) -> tuple[int, ...]:
    return atom.aval.shape


def cond(
    run: Running, equation: Any, which: Any, *xs: Any, branches: Sequence[core.ClosedJaxpr], **_: Any
) -> list[Any]:
    return run.run_closed(branches[int(np.clip(int(which), 0, len(branches) - 1))], xs)


def platform_index(run: Running, equation: Any, *, platforms: Sequence[Sequence[str] | None], **_: Any) -> Any:
    """Which branch is for the machine at hand; None is for any."""
    return np.asarray(next(i for i, names in enumerate(platforms) if not names or jax.default_backend() in names))


def while_(
    run: Running,
    equation: Any,
    *xs: Any,
    cond_nconsts: int,
    cond_jaxpr: core.ClosedJaxpr,
    body_nconsts: int,
    body_jaxpr: core.ClosedJaxpr,
) -> list[Any]:
    carried = cond_nconsts + body_nconsts
    test, body, carry = xs[:cond_nconsts], xs[cond_nconsts:carried], list(xs[carried:])
    for _ in range(LONGEST_LOOP):
        (go_on,) = run.run_closed(cond_jaxpr, [*test, *carry])
        if not go_on:
            return carry
        carry = run.run_closed(body_jaxpr, [*body, *carry])
    raise Undecided(f"a while loop did not end in {LONGEST_LOOP} turns")


def linear_solve(run: Running, equation: Any, *xs: Any, const_lengths: Any, jaxprs: Any, **_: Any) -> list[Any]:
    """What its solver makes of the right sides."""
    start = const_lengths.matvec + const_lengths.vecmat
    constants, right = xs[start : start + const_lengths.solve], xs[sum(const_lengths) :]
    return run.run_closed(jaxprs.solve, [*constants, *right])


def shard_map(run: Running, equation: Any, *xs: Any, mesh: Any, **params: Any) -> list[Any]:
    """On a single device the body is the whole program."""
    if mesh.size > 1:
        raise Undecided(f"a shard_map over {mesh.size} devices; a claim is checked on a mesh whose axes have length 1")
    return call(run, equation, *xs, **params)


def axis_index(run: Running, equation: Any, **_: Any) -> Any:
    """There is one device."""
    return np.zeros((), np.int32)


def collective(run: Running, equation: Any, *xs: Any, **_: Any) -> list[Any]:
    """What a device gathers from itself alone, in the shape in which it comes."""
    shapes = map(_shape, equation.outvars)
    return [run.moved(lambda a, shape=shape: a.reshape(shape), x) for x, shape in zip(xs, shapes, strict=True)]


def derivative(run: Running, equation: Any, *xs: Any, jaxpr: core.Jaxpr, constants: int) -> list[Any]:
    """By dual numbers, along every basis direction at once; no rule of JAX is asked."""
    point = [run.number(x) for x in xs[constants:]]
    shapes = [x.shape for x in point]
    dual = DualArithmetic(run.arithmetic, sum(map(math.prod, shapes)))
    values = run.within(dual).run(jaxpr, xs[:constants], dual.basis(point))
    columns = []
    for value in values:
        start = 0
        slope = dual.slope(run.number(value))
        for shape in shapes:
            stop = start + math.prod(shape)

            def rule(index: np.ndarray, start: int = start, stop: int = stop, shape: Any = shape) -> np.ndarray:
                return np.moveaxis(index[start:stop], 0, -1).reshape((*index.shape[1:], *shape))

            columns.append(run.moved(rule, slope))
            start = stop
    return columns

"""Functions in programs that have a derivative rule of their own, by `jax.custom_jvp` or `jax.custom_vjp`.

Both sides of what such a rule says are made here: of the function without its rule, and of JAX with it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend import core

from gradproof.errors import Undecided
from gradproof.programs import places, rewriting
from gradproof.programs.derivative import derivative

CUSTOM = ("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")

_PROGRAMS = ("call_jaxpr", "fun_jaxpr")
_RULES = ("jvp_jaxpr_fun", "fwd_jaxpr_thunk")
_JAX = str(Path(jax.__file__).parent)
_GRADIENT = str(Path("jax", "_src", "custom_derivatives.py"))
"""The functions of `jax.custom_gradient` are called there, whoever wrote them."""


@dataclass(frozen=True, eq=False)
class Ruled:
    """A function with a rule, as a program calls it.

    Arguments:
        by: the inputs that it is differentiated by; None is for all that are real, but for what it closes over.
    """

    equation: Any
    by: tuple[int, ...] | None = None

    @cached_property
    def program(self) -> core.ClosedJaxpr:
        """The function without its rule, and without those of the functions that it calls."""
        return rewriting.inlined(self._own)

    @property
    def _own(self) -> core.ClosedJaxpr:
        params = self.equation.params
        return rewriting.closed_of(next(params[key] for key in _PROGRAMS if key in params))

    @property
    def _source(self) -> tuple[str, str]:
        """Its name, and its file and line in full."""
        return _source(self._own.jaxpr.debug_info)

    @property
    def _rule(self) -> Any:
        """What JAX knows of the rule, or of its first part."""
        params = self.equation.params
        return next((params[key].debug_info for key in _RULES if hasattr(params.get(key), "debug_info")), None)

    @property
    def is_of_jax(self) -> bool:
        """Whether JAX has the function and its rule."""
        places = [self._source[1], _source(self._rule)[1]]
        return all(where.startswith(_JAX) for where in places if where) and _GRADIENT not in places[0]

    @property
    def name(self) -> str:
        name, where = self._source
        return "a function of jax.custom_gradient" if _GRADIENT in where else name

    @property
    def where(self) -> str:
        """Its file and line; those of its rule where JAX has the function; of its call where JAX has both."""
        mine = [where for where in (self._source[1], _source(self._rule)[1]) if where and not where.startswith(_JAX)]
        return Path(mine[0]).name if mine else places.place(self.equation)

    def __str__(self) -> str:
        return f"{self.name} ({self.where})"

    @property
    def is_pushforward(self) -> bool:
        """Whether its rule is that of `custom_jvp`."""
        return self.equation.primitive.name == "custom_jvp_call"

    @property
    def inputs(self) -> list[jax.core.ShapedArray]:
        return [atom.aval for atom in self.equation.invars]

    @property
    def names(self) -> list[str]:
        """Of its inputs: those of its arguments, if each is one array."""
        infos = (self._own.jaxpr.debug_info, self._rule)
        names = next((info.arg_names for info in infos if getattr(info, "arg_names", None)), ())
        closed = self.equation.params.get("num_consts", 0)
        count = len(self.inputs) - closed
        own = [name for name in names if name.isidentifier()][-count:] if count else []
        if len(set(own)) != count:
            own = [f"x{place}" for place in range(count)]
        return [*(f"closed_over{place}" for place in range(closed)), *own]

    @property
    def moving(self) -> list[int]:
        """The inputs that it is differentiated by."""
        if self.by is not None:
            return list(self.by)
        closed = self.equation.params.get("num_consts", 0)
        return [place for place, aval in enumerate(self.inputs) if place >= closed and is_real(aval)]

    def values(self, xs: Sequence[Any]) -> list[Any]:
        """The real ones, by the function alone."""
        return self._real(core.jaxpr_as_fun(self.program)(*xs))

    def _real(self, outputs: Sequence[Any]) -> list[Any]:
        return [out for out in outputs if is_real(out)]

    @property
    def outputs(self) -> list[jax.core.ShapedArray]:
        """The real ones."""
        return self._real(self.program.out_avals)

    @property
    def directions(self) -> list[jax.core.ShapedArray]:
        """What a rule is given beside the inputs: tangents of those that move, or cotangents of the outputs."""
        return [self.inputs[place] for place in self.moving] if self.is_pushforward else self.outputs

    def slopes(self, xs: Sequence[Any], directions: Sequence[Any]) -> list[Any]:
        """The derivative by the function alone: along tangents, or of the sum of outputs with cotangents."""
        point = [xs[place] for place in self.moving]
        if self.is_pushforward:
            return list(derivative(lambda step: self.values(self._put(xs, moved(point, directions, step))), 0.0))
        return list(derivative(lambda at: summed(self.values(self._put(xs, at)), directions), point))

    def by_rule(self, xs: Sequence[Any], directions: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The values and the derivative that JAX makes by the rule. Raises `Undecided` where it raises an error."""
        return self._by_jax(lambda at: self._real(rewriting.bound(self.equation, self._put(xs, at))), xs, directions)

    def by_code(self, xs: Sequence[Any], directions: Sequence[Any]) -> list[Any]:
        """The derivative that JAX makes of the function alone, which a stop_gradient holds fixed."""
        return self._by_jax(lambda at: self.values(self._put(xs, at)), xs, directions)[1]

    def _by_jax(
        self, function: Callable[[Any], list[Any]], xs: Sequence[Any], directions: Sequence[Any]
    ) -> tuple[list[Any], list[Any]]:
        point = [xs[place] for place in self.moving]
        with _said():
            if self.is_pushforward:
                return jax.jvp(function, (point,), (list(directions),))
            values, pullback = jax.vjp(function, point)
            return values, list(pullback(list(directions))[0])

    def second(self, xs: Sequence[Any], directions: Sequence[Any], others: Sequence[Any]) -> list[Any]:
        """The second derivative by the function alone: along other tangents, or of the sum of slopes with others."""
        point = [xs[place] for place in self.moving]

        def along(at: Sequence[Any]) -> Any:
            """The slope of the sum of outputs along the others, which is the sum of slopes with the others."""
            return derivative(lambda step: summed(self.values(self._put(xs, moved(at, others, step))), directions), 0.0)

        if self.is_pushforward:
            return list(
                derivative(lambda step: self.slopes(self._put(xs, moved(point, others, step)), directions), 0.0)
            )
        return list(derivative(along, point))

    def second_by_rule(self, xs: Sequence[Any], directions: Sequence[Any], others: Sequence[Any]) -> list[Any]:
        """The same as JAX makes it of the rule, differentiated once more."""
        point = [xs[place] for place in self.moving]

        def slopes(at: Sequence[Any]) -> list[Any]:
            return self.by_rule(self._put(xs, at), directions)[1]

        with _said():
            if self.is_pushforward:
                return list(jax.jvp(slopes, (point,), (list(others),))[1])
            return list(jax.vjp(slopes, point)[1](list(others))[0])

    def _put(self, xs: Sequence[Any], at: Sequence[Any]) -> list[Any]:
        given = dict(zip(self.moving, at, strict=True))
        return [given.get(place, x) for place, x in enumerate(xs)]


def ruled(jaxpr: core.Jaxpr) -> Iterator[Ruled]:
    """The functions with rules in a program, and in all that it runs."""
    for equation in jaxpr.eqns:
        if equation.primitive.name in CUSTOM:
            yield Ruled(equation)
        for inner in core.jaxprs_in_params(equation.params):
            yield from ruled(inner)


def _source(info: Any) -> tuple[str, str]:
    """The name of a function, and its file and line in full, as JAX knows them."""
    name, _, where = str(getattr(info, "func_src_info", "")).partition(" at ")
    return name, where


@contextmanager
def _said() -> Iterator[None]:
    """What a rule raises is said of it."""
    try:
        yield
    except Undecided:
        raise
    except Exception as error:
        message = " ".join(str(error).split())
        raise Undecided(f"it raises {type(error).__name__}: {message[:400]}") from error


def is_real(value: Any) -> bool:
    return bool(jnp.issubdtype(value.dtype, jnp.floating))


def moved(point: Sequence[Any], directions: Sequence[Any], step: Any) -> list[Any]:
    return [x + jnp.asarray(step, x.dtype) * direction for x, direction in zip(point, directions, strict=True)]


def summed(values: Sequence[Any], weights: Sequence[Any]) -> Any:
    """The sum of all entries, each with its weight."""
    parts = [jnp.sum(value * weight).astype(float) for value, weight in zip(values, weights, strict=True)]
    return sum(parts, jnp.zeros(()))

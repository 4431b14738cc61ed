"""Value numbering: programs that compute the same, operation for operation, have the same numbers.

Names of variables, the order of equations, and values that are computed twice make no difference.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.programs import rewriting

Numbers = tuple[int, ...]


class Numbering:
    """Gives every value a number, in all programs that it is asked about; equal values have equal numbers."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[int, tuple[Any, Hashable]] = {}
        """Parameters and constants by identity, since programs share them; held, so that it is not used again."""

    def outputs(self, closed: core.ClosedJaxpr) -> Numbers:
        """The numbers of a program's outputs."""
        # A program in an equation may have constants that the equation gives it, and not only known ones.
        constants = [
            ("constant", place) if isinstance(constant, jax.core.Tracer) else self._once(constant, _array)
            for place, constant in enumerate(closed.consts)
        ]
        return self._outputs(closed.jaxpr, constants)

    def _outputs(self, jaxpr: core.Jaxpr, constants: Sequence[Hashable]) -> Numbers:
        inputs = [("input", position, rewriting.form(variable.aval)) for position, variable in enumerate(jaxpr.invars)]
        named = zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *inputs], strict=True)
        values: dict[Any, int] = {variable: self._number(what) for variable, what in named}

        def number(atom: Any) -> int:
            return self._number(self._once(atom, _literal)) if isinstance(atom, core.Literal) else values[atom]

        for equation in jaxpr.eqns:
            params = self._once(equation.params, self._parameters)
            made = self._number((equation.primitive.name, params, *map(number, equation.invars)))
            for place, variable in enumerate(equation.outvars):
                values[variable] = self._number(("output", made, place)) if place else made
        return tuple(map(number, jaxpr.outvars))

    def _number(self, what: Hashable) -> int:
        return self._numbers.setdefault(what, len(self._numbers))

    def _once(self, value: Any, key: Callable[[Any], Hashable]) -> Hashable:
        if id(value) not in self._known:
            self._known[id(value)] = value, key(value)
        return self._known[id(value)][1]

    def _parameters(self, params: dict[str, Any]) -> Hashable:
        return tuple((key, self._parameter(value)) for key, value in params.items())

    def _parameter(self, value: Any) -> Hashable:
        match value:
            case core.ClosedJaxpr():
                return "program", self.outputs(value)
            case core.Jaxpr():
                return "program", self._outputs(value, [("constant", place) for place in range(len(value.constvars))])
            case list() | tuple():
                return tuple(map(self._parameter, value))
            case dict():
                return self._parameters(value)
            case np.ndarray():
                return _array(value)
        return value if isinstance(value, Hashable) else repr(value)


def _array(value: Any) -> Hashable:
    array = np.asarray(value)
    return "array", array.dtype, array.shape, array.tobytes()


def _literal(atom: core.Literal) -> Hashable:
    return _array(atom.val)

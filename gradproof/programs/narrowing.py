"""Programs traced with arrays of 64 bits, in a narrower format."""

from typing import Any

import numpy as np
from jax.extend import core


def narrowed(closed: core.ClosedJaxpr, dtype: Any) -> core.ClosedJaxpr:
    """A program that was traced without 64 bits, with no float64 in it.

    JAX remembers what it made of an array of numpy's as long as that is in use, whether there were 64 bits or not.
    """
    return core.ClosedJaxpr(
        _narrowed(closed.jaxpr, dtype),
        [np.asarray(value, dtype) if _is_wide(value) else value for value in closed.consts],
    )


def _is_wide(value: Any) -> bool:
    return getattr(value, "dtype", None) == np.float64


def _narrowed(jaxpr: core.Jaxpr, dtype: Any) -> core.Jaxpr:
    new: dict[Any, Any] = {}

    def variable(atom: Any) -> Any:
        if isinstance(atom, core.Literal) or not _is_wide(atom.aval):
            return atom
        return new.setdefault(atom, core.Var(atom.aval.update(dtype=np.dtype(dtype))))

    def parameter(value: Any) -> Any:
        match value:
            case core.ClosedJaxpr():
                return narrowed(value, dtype)
            case core.Jaxpr():
                return _narrowed(value, dtype)
            case tuple() if any(isinstance(inner, core.ClosedJaxpr) for inner in value):
                inner = map(parameter, value)
                return type(value)(*inner) if hasattr(value, "_fields") else tuple(inner)
        return value

    def equation(old: Any) -> Any:
        return old.replace(
            invars=list(map(variable, old.invars)),
            outvars=list(map(variable, old.outvars)),
            params={name: parameter(value) for name, value in old.params.items()},
        )

    return jaxpr.replace(
        constvars=list(map(variable, jaxpr.constvars)),
        invars=list(map(variable, jaxpr.invars)),
        outvars=list(map(variable, jaxpr.outvars)),
        eqns=list(map(equation, jaxpr.eqns)),
    )

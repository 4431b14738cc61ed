"""Keys of random numbers that are known, and what a program makes of them."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.extend import core

from gradproof.programs.rewriting import bound


def drawn(closed: core.ClosedJaxpr) -> core.ClosedJaxpr:
    """The same program with what it makes of known keys of random numbers made."""
    known = dict(zip(closed.jaxpr.constvars, closed.consts, strict=True))
    if not has_keys(closed):
        return closed
    left = []
    for equation in closed.jaxpr.eqns:
        values = [atom.val if isinstance(atom, core.Literal) else known.get(atom) for atom in equation.invars]
        of_keys = any(map(_is_key, (*equation.invars, *equation.outvars)))
        if of_keys and all(value is not None for value in values):
            known.update(zip(equation.outvars, bound(equation, values), strict=True))
        else:
            left.append(equation)
    known = {variable: value for variable, value in known.items() if not _is_key(variable)}
    return core.ClosedJaxpr(closed.jaxpr.replace(eqns=left, constvars=list(known)), list(known.values()))


def has_keys(closed: core.ClosedJaxpr) -> bool:
    """Whether keys of random numbers are among its constants, or are made in it."""
    made = (atom for equation in closed.jaxpr.eqns for atom in (*equation.invars, *equation.outvars))
    return any(map(_is_key, (*closed.jaxpr.constvars, *made)))


def _is_key(atom: Any) -> bool:
    return bool(jnp.issubdtype(atom.aval.dtype, jax.dtypes.extended))

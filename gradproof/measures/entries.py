r"""Large gradients at a few of their entries: the reference has a direction for each, which would take too long.

The derivatives of f at x by the entries i of a few are those of $t \mapsto f(x')$ at $t_i = x_i$, where x' is x with
t in those places: a program like any other.
"""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.programs import derivative, rewriting

FEW = 8
"""Entries of each gradient."""

Entries = Sequence[np.ndarray | None]
"""For each output, the places that are looked at, as if it had one axis; None for all of them."""


def few_entries(closed: core.ClosedJaxpr) -> Entries | None:
    """Places drawn in each output of a program that is a gradient; None where a derivative is used in another way."""
    jaxpr = closed.jaxpr
    gradients = [equation for equation in jaxpr.eqns if equation.primitive.name == "derivative"]
    used = {id(atom) for equation in jaxpr.eqns for atom in equation.invars}
    if not gradients or any(not _is_gradient(each) or used & set(map(id, each.outvars)) for each in gradients):
        return None
    generator = np.random.default_rng(FEW)
    places = {
        id(variable): np.sort(generator.permutation(variable.aval.size)[:FEW])
        for equation in gradients
        for variable in equation.outvars
    }
    return [places.get(id(variable)) for variable in jaxpr.outvars]


def _is_gradient(equation: Any) -> bool:
    return [variable.aval.shape for variable in equation.params["jaxpr"].outvars] == [()]


def gradients_at(closed: core.ClosedJaxpr, entries: Entries) -> core.ClosedJaxpr:
    """A program with its gradients at those entries, and along no more directions."""
    wanted = {id(variable): places for variable, places in zip(closed.jaxpr.outvars, entries, strict=True)}

    def step(equation: Any, read: Any) -> Sequence[Any]:
        values = [read(atom) for atom in equation.invars]
        if equation.primitive.name != "derivative":
            return rewriting.bound(equation, values)
        constants = equation.params["constants"]
        body, at = core.ClosedJaxpr(equation.params["jaxpr"], values[:constants]), values[constants:]
        # No entry is wanted of what is not returned.
        places = [wanted.get(id(variable), np.arange(0)) for variable in equation.outvars]

        def function(parts: Sequence[Any]) -> Any:
            moved = [
                x.ravel().at[index].set(part).reshape(x.shape) for x, index, part in zip(at, places, parts, strict=True)
            ]
            (value,) = core.jaxpr_as_fun(body)(*moved)
            return value

        with derivative.using("dual"):
            gradient: Sequence[Any] = derivative.derivative(
                function, [x.ravel()[index] for x, index in zip(at, places, strict=True)]
            )
        return gradient

    return rewriting.traced(closed, step)


def at_entries(closed: core.ClosedJaxpr, entries: Entries) -> core.ClosedJaxpr:
    """A program with those entries of its outputs alone."""
    if all(places is None for places in entries):
        return closed

    def program(*arguments: Any) -> list[Any]:
        outputs = core.jaxpr_as_fun(closed)(*arguments)
        return [x if places is None else x.ravel()[places] for x, places in zip(outputs, entries, strict=True)]

    return jax.make_jaxpr(program)(*closed.in_avals)

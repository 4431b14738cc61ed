"""Forms in which frameworks return the gradient by an object: as one like it, or as a mapping by its names."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax

from gradproof.calls.arguments import Part, paths


def alike(argument: Any, parts: Sequence[Part], expected: Any, given: Any) -> Any:
    """A gradient by one argument in the form that is expected, or as it is, where it cannot be.

    It may be an object like the argument, whose parts that are no reals, as functions, stay as they are in it. By an
    object, as a module of flax.nnx, it may be a mapping with the same names, as the `State` that `nnx.grad` returns.

    Arguments:
        argument: the structure of the argument, and what its leaves are.
    """
    structure: Any = jax.tree.structure(expected)
    leaves, form = jax.tree.flatten(given)
    if form == structure:
        return given
    if form == argument:
        kept = [leaf if part.kind == "real" else None for part, leaf in zip(parts, leaves, strict=True)]
        return jax.tree.unflatten(argument, kept)
    if not isinstance(given, Mapping) or isinstance(expected, Mapping):
        return given
    named, wanted = dict(zip(paths(given), leaves, strict=True)), paths(expected)
    return jax.tree.unflatten(structure, [named[name] for name in wanted]) if {*named} == {*wanted} else given

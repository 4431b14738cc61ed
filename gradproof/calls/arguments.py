"""The arguments of an example: which parts of them vary, as reals or whole numbers, and which stay as they are."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from gradproof.errors import GradproofError

Kind = Literal["real", "whole", "truth", "fixed"]
"""What a part is: reals, whole numbers, truth values; or none that varies, as text, functions and keys are."""


@dataclass(frozen=True)
class Part:
    """A leaf of one argument.

    Arguments:
        name: the parameter of the loss, with the path inside it.
        argument: the number of the argument.
    """

    name: str
    argument: int
    value: Any
    kind: Kind

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.value)

    @property
    def may_be_fixed(self) -> bool:
        """Whether it is a number of Python's, which may be a shape, an axis or a choice."""
        return isinstance(self.value, int | float)

    def given(self, value: Any) -> Any:
        """The part with another value, which is one of a symbol."""
        return value != 0 if self.kind == "truth" else value


@dataclass(frozen=True)
class Example:
    """All arguments, as parts of a tree."""

    parts: tuple[Part, ...]
    structure: Any

    @classmethod
    def of(cls, loss: Callable[..., Any], arguments: Sequence[Any]) -> "Example":
        """Raises `GradproofError` for what is no tuple of arguments, and for arrays that are not of finite numbers."""
        require_arguments(arguments)
        leaves, structure = jax.tree.flatten(tuple(arguments))
        # Of an array that stands for its shape alone, any values will do.
        leaves = [
            np.zeros(leaf.shape, leaf.dtype) if isinstance(leaf, jax.ShapeDtypeStruct) else leaf for leaf in leaves
        ]
        places = [(number, path) for number, value in enumerate(arguments) for path in paths(value)]
        names = parameters(loss, len(arguments))
        parts = [
            Part(names[number] + path, number, leaf, _kind(names[number] + path, leaf))
            for (number, path), leaf in zip(places, leaves, strict=True)
        ]
        return cls(tuple(parts), structure)

    @cached_property
    def varying(self) -> dict[str, Part]:
        """By their names the parts that symbols stand for."""
        return {part.name: part for part in self.parts if part.kind != "fixed"}

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """All arguments, with values for the parts that vary."""
        leaves = [part.given(values[part.name]) if part.kind != "fixed" else part.value for part in self.parts]
        return list(jax.tree.unflatten(self.structure, leaves))

    def with_kinds(self, kinds: Mapping[str, Kind]) -> "Example":
        """The same with some parts taken for something else."""
        return replace(self, parts=tuple(replace(part, kind=kinds.get(part.name, part.kind)) for part in self.parts))


def require_arguments(arguments: Any) -> None:
    """Raises `GradproofError` for what is no tuple of arguments."""
    if not isinstance(arguments, tuple | list) or not arguments:
        given = " ".join(repr(arguments).split())[:80]
        raise GradproofError(f"example_args is a tuple of the arguments of the loss, such as (w, x); given {given}")
    for number, argument in enumerate(arguments):
        if inspect.isgenerator(argument):
            raise GradproofError(
                f"argument {number} is a generator, which is gone when it was read once; give an array"
            )


def paths(value: Any) -> list[str]:
    """Of each leaf of a tree the names that lead to it, such as `_layers_0_weight`."""
    return [
        "".join(f"_{jax.tree_util.keystr((key,), simple=True)}" for key in path)
        for path, _ in jax.tree_util.tree_flatten_with_path(value)[0]
    ]


def parameters(loss: Callable[..., Any], count: int) -> list[str]:
    """The names of so many arguments."""
    try:
        names = [p.name for p in inspect.signature(loss).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD]
    except (TypeError, ValueError):
        names = []
    return names[:count] + [f"argument_{i}" for i in range(len(names), count)]


def _kind(name: str, value: Any) -> Kind:
    if isinstance(value, jax.core.Tracer):
        raise GradproofError(f"{name} is an array that JAX traces; call this outside of jit, grad and vmap")
    if isinstance(value, bool | str) or not isinstance(
        value, int | float | complex | np.ndarray | np.generic | jax.Array
    ):
        return "fixed"
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.extended):
        # A key of random numbers.
        return "fixed"
    array = np.asarray(value)
    if array.dtype == bool:
        return "truth"
    if array.dtype.kind in "iu":
        return "whole"
    if not jnp.issubdtype(array.dtype, jnp.floating):
        raise GradproofError(f"example_args are arrays of real numbers; {name} is of dtype {array.dtype}")
    if not np.isfinite(array.astype(np.float64)).all():
        raise GradproofError(f"example_args are finite; {name} has NaN or infinity in it")
    return "real"

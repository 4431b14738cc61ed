"""What a program uses whole numbers for: to index an axis, to name a class, or to calculate with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend import core

Inputs = frozenset[tuple[int, int]]
"""Inputs of a program that a value is made of, by their places, and the number that was added to each."""


@dataclass
class Use:
    """What one input is used for.

    Arguments:
        axes: the lengths of the axes that it indexes, or of the classes that it is one of.
        number: whether something is calculated of it.
    """

    axes: set[int] = field(default_factory=set)
    number: bool = False


def uses_of(closed: core.ClosedJaxpr) -> list[Use]:
    """What each input of a program is used for."""
    found = [Use() for _ in closed.jaxpr.invars]
    _Tracing(found).run(closed.jaxpr, [frozenset([(place, 0)]) for place in range(len(found))])
    return found


class _Tracing:
    """The whole numbers of a program, and which inputs they are made of."""

    def __init__(self, found: Sequence[Use]):
        self.found = found

    def run(self, jaxpr: core.Jaxpr, inputs: Sequence[Inputs]) -> list[Inputs]:
        made: dict[Any, Inputs] = dict(zip(jaxpr.invars, inputs, strict=True))
        columns: dict[Any, list[Inputs]] = {}
        """Of what was put together along the last axis, what each column is made of."""
        counted: dict[Any, int] = {}
        """The variables that hold 0, 1, 2 and so on, by how many they are."""

        def of(atom: Any) -> Inputs:
            return made.get(atom, frozenset()) if isinstance(atom, core.Var) and _whole(atom) else frozenset()

        for equation in jaxpr.eqns:
            name, operands = equation.primitive.name, equation.invars
            if (inner := _inner(equation)) is not None:
                outputs = self._of_inner(equation, inner, of)
                made.update(zip(equation.outvars, outputs, strict=True))
                continue
            if name == "iota":
                counted[equation.outvars[0]] = equation.params["shape"][equation.params["dimension"]]
            elif any(isinstance(atom, core.Var) and atom in counted for atom in operands) and name not in (
                "eq",
                "gather",
            ):
                counted.update(
                    dict.fromkeys(equation.outvars, max(counted.get(a, 0) for a in operands if isinstance(a, core.Var)))
                )
            everything = Inputs().union(*map(of, operands))
            if name in ("add", "sub") and (added := _number(operands[1])) is not None:
                everything = frozenset((p, k + (added if name == "add" else -added)) for p, k in of(operands[0]))
            if name == "concatenate" and equation.params["dimension"] == len(_shape(equation.outvars[0])) - 1:
                columns[equation.outvars[0]] = [of(a) for a in operands for _ in range(_shape(a)[-1])]
            if (axes := _indexed(equation)) is not None:
                for atom, lengths in axes:
                    apart = columns.get(atom) if isinstance(atom, core.Var) else None
                    for made_of, length in zip(apart or [of(atom)] * len(lengths), lengths, strict=True):
                        self._note(made_of, [length])
                everything = of(operands[0])
            elif name == "eq":
                classes = [counted[atom] for atom in operands if isinstance(atom, core.Var) and atom in counted]
                self._note(everything, classes)
            elif any(_is_real(out) for out in equation.outvars):
                for place, _ in everything:
                    self.found[place].number = True
            made.update(dict.fromkeys(equation.outvars, everything))
        return [of(atom) for atom in jaxpr.outvars]

    def _note(self, inputs: Inputs, lengths: Iterable[int]) -> None:
        # A negative index counts from the end: what has the whole length added to it is no class.
        for place, added in inputs:
            self.found[place].axes.update(length - added for length in lengths if length > added)

    def _of_inner(self, equation: Any, inner: Sequence[core.Jaxpr], of: Any) -> list[Inputs]:
        """Of a call, a branch or a loop, whose turns hand on what the one before made."""
        outputs = [Inputs()] * len(equation.outvars)
        for jaxpr in inner:
            given = [of(atom) for atom in equation.invars][len(equation.invars) - len(jaxpr.invars) :]
            if len(given) < len(jaxpr.invars):
                continue
            for _ in range(2):
                results = self.run(jaxpr, given)
                if len(results) != len(outputs):
                    break
                outputs = [a | b for a, b in zip(outputs, results, strict=True)]
                if equation.primitive.name != "scan":
                    break
                start = equation.params["num_consts"]
                carried = range(equation.params["num_carry"])
                given = [g | outputs[k - start] if k - start in carried else g for k, g in enumerate(given)]
        return outputs


def _whole(atom: Any) -> bool:
    return not jnp.issubdtype(atom.aval.dtype, jax.dtypes.extended) and atom.aval.dtype.kind in "iu"


def _number(atom: Any) -> int | None:
    """A whole number that stands in a program."""
    return int(atom.val) if isinstance(atom, core.Literal) and _whole(atom) else None


def _is_real(atom: Any) -> bool:
    return bool(jnp.issubdtype(atom.aval.dtype, jnp.floating))


def _shape(atom: Any) -> tuple[int, ...]:
    return tuple(atom.aval.shape)


def _inner(equation: Any) -> list[core.Jaxpr] | None:
    """The programs in an equation; none in one that has a scalar function alone, as a scatter has."""
    if equation.primitive.name.startswith(("scatter", "reduce", "sort")):
        return None
    found = []
    for value in equation.params.values():
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, core.ClosedJaxpr):
                found.append(each.jaxpr)
            elif isinstance(each, core.Jaxpr):
                found.append(each)
    return found or None


def _indexed(equation: Any) -> list[tuple[Any, list[int]]] | None:
    """The operands that are indices, and the lengths of the axes that they index."""
    name, operands, params = equation.primitive.name, equation.invars, equation.params
    shape = operands[0].aval.shape if operands else ()
    if name == "gather":
        return [(operands[1], [shape[axis] for axis in params["dimension_numbers"].start_index_map])]
    if name.startswith("scatter"):
        return [(operands[1], [shape[axis] for axis in params["dimension_numbers"].scatter_dims_to_operand_dims])]
    if name == "dynamic_slice":
        sizes = params["slice_sizes"]
        return [(atom, [n - size + 1]) for atom, n, size in zip(operands[1:], shape, sizes, strict=True)]
    if name == "dynamic_update_slice":
        sizes = operands[1].aval.shape
        return [(atom, [n - size + 1]) for atom, n, size in zip(operands[2:], shape, sizes, strict=True)]
    return None

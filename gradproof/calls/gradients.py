"""The claim that one function is the derivative of another, at all sizes at which both run."""

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from math import prod
from typing import Any

import jax
import numpy as np

from gradproof.calls.arguments import Example, Kind, parameters
from gradproof.calls.domains import special, stated, symbol_of
from gradproof.calls.functions import Functions, require_callable, shapes_of
from gradproof.calls.sizes import Shapes, changed, free_sizes
from gradproof.claims import Equality
from gradproof.claims.symbols import ArraySymbol, Real
from gradproof.claims.words import kind_of
from gradproof.errors import GradproofError
from gradproof.programs.reading.integers import Use

MOST_ENTRIES = 128
"""Of all arguments together at the sizes of an example, if it is compared at others."""


@dataclass(frozen=True, kw_only=True)
class GradientClaim(Equality):
    """Of two functions, which run at some sizes and not at others.

    Arguments:
        example: their arguments.
        by: the numbers of those that the gradient is by.
        own: the sizes of the example.
        fits: whether both run at some sizes, and fit together.
    """

    example: Example
    by: tuple[int, ...]
    own: Mapping[str, int]
    fits: Callable[[Mapping[str, int]], bool] = field(compare=False)

    def where(self, symbols: Mapping[str, ArraySymbol]) -> "GradientClaim":
        """The same claim for arguments in narrower domains."""
        narrow = {name: symbol.with_shape(self.shape_of(name)) for name, symbol in symbols.items()}
        return replace(self, symbols={**self.symbols, **narrow})

    def side(self, step: int) -> str:
        return "the gradient" if step else "the loss"

    def shape_of(self, name: str) -> str:
        return " ".join(map(str, self.symbols[name].dimensions))

    def size_grid(self, *, in_order: bool = False) -> list[dict[str, int]]:
        rows = [row for row in super().size_grid(in_order=in_order) if self.fits(row)]
        own = [] if rows and (self._is_large or self.own in rows) else [dict(self.own)]
        return [*rows, *own]

    def sizes_to_try(self) -> list[dict[str, int]]:
        return [dict(self.own)] if self.own not in self.size_grid() else []

    @property
    def _is_large(self) -> bool:
        return sum(prod(symbol.shape(self.own)) for symbol in self.arrays.values()) > MOST_ENTRIES

    def larger_sizes(self) -> dict[str, int]:
        larger = super().larger_sizes()
        return larger if self.fits(larger) else dict(self.own)


def gradient_claim(
    loss: Callable[..., Any],
    gradient: Callable[..., Any],
    example_args: Sequence[Any],
    *,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    domains: Any = None,
    sizes: str | None = None,
    stable: bool | None = None,
    textbook: bool = False,
    **said: Any,
) -> GradientClaim:
    """The claim that the second function is the derivative of the first.

    Arguments:
        said: of the claim, as its kinks.
    """
    example = Example.of(loss, example_args)
    for name, function in (("loss", loss), ("gradient", gradient)):
        require_callable(name, function, example_args)
    functions = Functions(loss, gradient, _by(argnums, len(example_args)), isinstance(argnums, tuple | list), has_aux)
    if sizes not in (None, "example"):
        raise GradproofError(f'sizes is "example", for those of the example alone, or left out; given {sizes!r}')
    symbols = stated(domains, example, len(example_args))
    example = _with_fixed_numbers(functions, _with_reals(functions, example))
    uses = functions.uses(example, shapes_of(example)) if _has_whole(example, symbols) else {}
    example = _with_numbers(functions, example, symbols, uses)
    functions = functions.as_returned(example)
    _require_arrays(functions, example, example_args)
    shapes = shapes_of(example)
    groups = [] if sizes else free_sizes(shapes, partial(functions.fit, example))
    letters = dict(zip(string.ascii_lowercase, groups, strict=False))
    names = {axis: letter for letter, group in letters.items() for axis in group}
    own = {letter: shapes[group[0][0]][group[0][1]] for letter, group in letters.items()}

    def text(name: str) -> str:
        return " ".join(names.get((name, axis), str(length)) for axis, length in enumerate(shapes[name]))

    below = _below(functions, example, shapes, letters, own, uses)
    found = {
        name: symbols[name].with_shape(text(name)) if name in symbols else symbol_of(part, text(name), below.get(name))
        for name, part in example.varying.items()
    }

    @cache
    def fit(*lengths: int) -> bool:
        new = changed(shapes, list(zip(letters.values(), lengths, strict=True)))
        return functions.fit(example, new)

    def sides(**values: Any) -> Any:
        yield from functions.sides(example, values)

    return GradientClaim(
        id=_name(gradient, "gradient"),
        title=f"{_name(gradient, 'gradient')} is the derivative of {_name(loss, 'loss')}",
        sides=sides,
        symbols=found,
        example=example,
        by=functions.by,
        own=own,
        fits=lambda sizes: fit(*(sizes[letter] for letter in letters)),
        stable=Equality.stability(stable, textbook=textbook),
        **said,
    )


def special_parts(claim: GradientClaim) -> dict[str, list[ArraySymbol]]:
    """What is special about the arguments that the gradient is not by, and of which nothing else is said."""
    parts = {name: part for name, part in claim.example.varying.items() if part.argument not in claim.by}
    found = {name: special(part) for name, part in parts.items() if type(claim.symbols[name]) is Real}
    return {name: symbols for name, symbols in found.items() if symbols}


def _require_arrays(functions: Functions, example: Example, arguments: Sequence[Any]) -> None:
    """Raises `GradproofError` for lists of numbers, which are no arrays to JAX, where the functions do not run."""
    for number, argument in enumerate(arguments):
        leaves = jax.tree.leaves(argument)
        if isinstance(argument, list) and all(isinstance(leaf, int | float) for leaf in leaves):
            if functions.runs(example):
                return
            name = parameters(functions.loss, len(arguments))[number]
            raise GradproofError(
                f"{name} is a list, which JAX takes for {len(leaves)} numbers and not for an array; "
                f"give jnp.array({name})"
            )


def _by(argnums: int | Sequence[int], count: int) -> tuple[int, ...]:
    """The numbers of the arguments, from the first one."""
    given = argnums if isinstance(argnums, tuple | list) else (argnums,)
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in given)
    numbers = [int(n) % count for n in given if whole and -count <= n < count]
    if not given or len(set(numbers)) < len(given):
        raise GradproofError(
            f"argnums are numbers of arguments, {-count} to {count - 1}, each given once; given {argnums!r}"
        )
    return tuple(numbers)


def _with_reals(functions: Functions, example: Example) -> Example:
    """What is differentiated is real; raises `GradproofError` for arrays of whole numbers there, and for nothing."""
    parts = [part for part in example.parts if part.argument in functions.by]
    for part in parts:
        if part.kind == "whole" and not part.may_be_fixed:
            raise GradproofError(f"the gradient is by {part.name}, an array of {part.value.dtype}; give one of floats")
    example = example.with_kinds({part.name: "real" for part in parts if part.kind == "whole"})
    for number in functions.by:
        if not any(part.argument == number and part.kind == "real" for part in example.parts):
            argument = jax.tree.unflatten(
                example.structure.children()[number], [part.value for part in example.parts if part.argument == number]
            )
            raise GradproofError(
                f"the gradient is by argument {number}, which is {kind_of(argument)} and holds no real numbers; "
                "give an array of floats, a tree of these, or other argnums"
            )
    return example


def _with_fixed_numbers(functions: Functions, example: Example) -> Example:
    """Numbers of Python's that must be known, as shapes and axes must, stay as they are."""
    numbers = [p for p in example.varying.values() if p.may_be_fixed and p.argument not in functions.by]
    if functions.runs(example):
        return example
    fixed: dict[str, Kind] = {part.name: "fixed" for part in numbers}
    for name in list(fixed):
        fewer = {other: kind for other, kind in fixed.items() if other != name}
        if functions.runs(example.with_kinds(fewer)):
            fixed = fewer
    return example.with_kinds(fixed)


def _has_whole(example: Example, symbols: Mapping[str, ArraySymbol]) -> bool:
    return any(part.kind == "whole" and name not in symbols for name, part in example.varying.items())


def _with_numbers(
    functions: Functions, example: Example, symbols: Mapping[str, ArraySymbol], uses: Mapping[str, Use]
) -> Example:
    """Whole numbers that index nothing are any reals; raises `GradproofError` where they are neither."""
    for name, part in example.varying.items():
        if part.kind != "whole" or name in symbols or (name in uses and uses[name].axes):
            continue
        if functions.runs(real := example.with_kinds({name: "real"})) or not uses:
            example = real
        elif part.may_be_fixed:
            example = example.with_kinds({name: "fixed"})
        else:
            raise GradproofError(
                f"the whole numbers {name} index no axis that is seen; say what they are, "
                f'as in domains={{"{name}": Index(below="5")}}'
            )
    return example


def _below(
    functions: Functions,
    example: Example,
    shapes: Shapes,
    letters: Mapping[str, Sequence[tuple[str, int]]],
    own: Mapping[str, int],
    uses: Mapping[str, Use],
) -> dict[str, str]:
    """For whole numbers that index an axis: its length, as a size or a size and a number, which other lengths show."""
    indices = {name: min(use.axes) for name, use in uses.items() if use.axes and name in example.varying}
    if not indices:
        return {}
    others = {letter: 2 * max(own.values()) + 3 * place + 1 for place, letter in enumerate(letters)}
    there = functions.uses(example, changed(shapes, [(group, others[letter]) for letter, group in letters.items()]))
    found = {}
    for name, length in indices.items():
        lengths = there[name].axes if name in there else set[int]()
        more = {letter: length - own[letter] for letter in letters}
        sizes = [letter for letter in letters if more[letter] >= 0 and others[letter] + more[letter] in lengths]
        found[name] = str(length)
        for letter in sorted(sizes, key=more.__getitem__)[:1]:
            found[name] = f"{letter}+{more[letter]}" if more[letter] else letter
    return found


def _name(function: Callable[..., Any], other: str) -> str:
    return getattr(function, "__name__", other)

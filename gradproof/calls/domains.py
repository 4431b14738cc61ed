"""The symbols that stand for the arguments of an example, and what is special about these."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from gradproof.calls.arguments import Example, Part
from gradproof.claims.symbols import ArraySymbol, Binary, Index, OneHot, Positive, Real, Sign, Simplex
from gradproof.errors import GradproofError

Domains = Mapping[str, ArraySymbol]


def stated(domains: Any, example: Example, count: int) -> dict[str, ArraySymbol]:
    """What a caller says of the parts of arguments: by names, or a symbol or a tree of symbols for each argument.

    Raises `GradproofError` for what is no symbol, and for names and trees that do not fit the arguments.
    """
    if domains is None:
        return {}
    if isinstance(domains, Mapping):
        unknown = [name for name in domains if not _named(name, example)]
        if unknown:
            known = ", ".join(example.varying)
            raise GradproofError(f"domains names arguments, which are {known}; given {unknown[0]!r}")
        found = {part: _symbol(symbol) for name, symbol in domains.items() for part in _named(name, example)}
        return _fitting(found, example)
    if not isinstance(domains, tuple | list) or len(domains) > count:
        raise GradproofError(
            f"domains is a mapping from names of arguments to symbols, or a tuple of at most {count} symbols, one for "
            f"each argument, with None for any real; given {domains!r}"
        )
    found = {}
    for number, given in enumerate(domains):
        parts = [part for part in example.parts if part.argument == number]
        if isinstance(given, ArraySymbol):
            found.update({part.name: given for part in parts if part.kind != "fixed"})
            continue
        leaves = jax.tree.leaves(given, is_leaf=lambda leaf: leaf is None)
        if given is not None and len(leaves) != len(parts):
            raise GradproofError(
                f"domains has a symbol, or None, for each part of an argument; argument {number} has {len(parts)} "
                f"parts, given {len(leaves)}"
            )
        if given is not None:
            pairs = zip(parts, leaves, strict=True)
            found.update({part.name: _symbol(leaf) for part, leaf in pairs if leaf is not None})
    return _fitting(found, example)


def _fitting(found: dict[str, ArraySymbol], example: Example) -> dict[str, ArraySymbol]:
    """The symbols, unless one has other axes than its argument, or rows where that has none."""
    for name, symbol in found.items():
        axes, given = len(example.varying[name].shape), len(symbol.dimensions)
        rows = isinstance(symbol, OneHot | Simplex)
        if (rows and axes == 0) or (given not in (0, axes) and not (rows and given == 1)):
            raise GradproofError(f"domains says {symbol!r} of {name}, which has {axes} axes; take a symbol that fits")
    return found


def _named(name: str, example: Example) -> list[str]:
    """The parts of an argument of this name, or the part."""
    return [part for part in example.varying if part == name or part.startswith(f"{name}_")]


def _symbol(given: Any) -> ArraySymbol:
    if not isinstance(given, ArraySymbol):
        raise GradproofError(f"domains are symbols, such as Positive() or Binary(); given {given!r}")
    return given


def special(part: Part) -> list[ArraySymbol]:
    """What the values of a part have in common, the most special first."""
    values = np.asarray(part.value)
    if part.kind != "real" or not values.size:
        return []
    rows = values.ndim > 0 and values.shape[-1] > 1
    # Where all are ones they hold a place, and are no labels.
    labels = bool((values != values.flat[0]).any())
    found: list[tuple[bool, ArraySymbol]] = [
        (rows and bool(np.isin(values, (0, 1)).all() and (values.sum(axis=-1) == 1).all()), OneHot("K")),
        (labels and bool(np.isin(values, (0, 1)).all()), Binary()),
        (labels and bool((np.abs(values) == 1).all()), Sign()),
        (rows and bool((values >= 0).all() and np.allclose(values.sum(axis=-1), 1)), Simplex("K")),
        (bool((values > 0).all()), Positive()),
    ]
    return [symbol for holds, symbol in found if holds]


def symbol_of(part: Part, shape: str, below: str | None) -> ArraySymbol:
    """Of a part of which nothing is said.

    Arguments:
        below: the length of the axis that a whole number indexes.
    """
    if part.kind == "truth":
        return Binary(shape)
    if part.kind == "whole":
        return Index(shape, below=below or "1")
    return Real(shape)

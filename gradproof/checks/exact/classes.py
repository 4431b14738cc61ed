"""Sizes at which labels are as large as the numbers that a program compares them with: others never meet these."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from jax.extend import core

from gradproof.checks.study import Study
from gradproof.claims.symbols import Index
from gradproof.errors import Undecided
from gradproof.programs import derivative

COMPARED = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "min", "max", "clamp"})

MOST = 16
"""The largest number that classes are taken up to."""


def larger_classes(study: Study, tried: Sequence[Mapping[str, int]]) -> dict[str, int] | None:
    """Sizes above those that were tried, with one class more than any number needs; None where none is needed."""
    symbols = [symbol for symbol in study.claim.symbols.values() if isinstance(symbol, Index)]
    names = {name for symbol in symbols for name in symbol.below.names} & set(study.free_sizes)
    if not names or not tried:
        return None
    known = max(symbol.below.at(sizes) for symbol in symbols for sizes in tried)
    numbers = _numbers(study.program(tried[0], derivative.ORACLES[0]).closed.jaxpr)
    if not (beyond := [number for number in numbers if known <= number <= MOST]):
        return None
    sizes = {name: max(beyond) + 2 if name in names else 1 for name in study.free_sizes}
    sizes |= study.claim.sizes
    try:
        study.program(sizes, derivative.ORACLES[0])
    except Undecided:
        return None
    return sizes


def _numbers(jaxpr: core.Jaxpr) -> Iterator[int]:
    """The whole numbers that stand in comparisons."""
    for equation in jaxpr.eqns:
        if equation.primitive.name in COMPARED:
            for atom in equation.invars:
                if isinstance(atom, core.Literal) and np.asarray(atom.val).dtype.kind in "iu":
                    yield int(atom.val)
        for inner in core.jaxprs_in_params(equation.params):
            yield from _numbers(inner)

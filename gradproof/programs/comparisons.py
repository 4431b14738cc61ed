"""Where in the user's code a program compares numbers."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jax.extend import core

from gradproof.programs.places import INSIDE, place


@dataclass(frozen=True)
class Site:
    """A comparison in the user's code: the place, the primitive, and which of several there."""

    where: str
    comparison: str
    number: int = 0


def sites_of(jaxpr: core.Jaxpr) -> dict[int, Site]:
    """The equations of a program by identity, each with its place in the user's code."""
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[int, Site] = {}
    for equation, where in _equations(jaxpr, INSIDE):
        if id(equation) not in found:
            name = (where, equation.primitive.name)
            found[id(equation)] = Site(*name, counts[name])
            counts[name] += 1
    return found


def _equations(jaxpr: core.Jaxpr, outer: str) -> Iterator[tuple[Any, str]]:
    """All equations; one inside jax has the place of the call that led there."""
    for equation in jaxpr.eqns:
        here = place(equation)
        here = outer if here == INSIDE else here
        yield equation, here
        for value in equation.params.values():
            for inner in value if isinstance(value, list | tuple) else (value,):
                if isinstance(inner, core.ClosedJaxpr):
                    yield from _equations(inner.jaxpr, here)
                elif isinstance(inner, core.Jaxpr):
                    yield from _equations(inner, here)

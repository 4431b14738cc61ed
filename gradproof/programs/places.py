"""Where equations come from: the user's files and lines, and the comparisons among them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
from jax.extend import core

INSIDE = "inside jax"

_SELF = str(Path(__file__).parents[1])
_JAX = str(Path(jax.__file__).parent)


def place(equation: Any) -> str:
    """The user's file and line that an equation comes from."""
    traceback = equation.source_info.traceback
    for frame in traceback.frames if traceback is not None else ():
        if not frame.file_name.startswith((_SELF, _JAX)) and not frame.file_name.startswith("<"):
            return f"{Path(frame.file_name).name}:{frame.line_num}"
    return INSIDE


def is_bell(equation: Any, inner: Any) -> bool:
    """Whether this is JAX's own e^(-x^2), which newer versions make of bits and a polynomial, to the last place."""
    return equation.primitive.name == "custom_jvp_call" and _made_by_jax(inner, "exp_neg_sq")


def is_log_of_normal(equation: Any, inner: Any) -> bool:
    """Whether this is JAX's own logarithm of the normal distribution, which it makes of a series far out."""
    return equation.primitive.name == "custom_jvp_call" and _made_by_jax(inner, "log_ndtr")


def is_sign_bit(equation: Any, inner: Any) -> bool:
    """Whether this is JAX's own question for the sign, which it reads from bits."""
    return _made_by_jax(inner, "signbit")


def _made_by_jax(inner: Any, name: str) -> bool:
    """Whether a program is that of a function of JAX."""
    made_by = str(getattr(inner, "jaxpr", inner).debug_info.func_src_info)
    return made_by.startswith(f"{name} ") and str(Path(_JAX) / "_src") in made_by


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

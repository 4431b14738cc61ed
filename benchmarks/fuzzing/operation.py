"""What an operation of a program is: its value in any arithmetic, its code in JAX, and its rules by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Array = Any
Rule = Callable[..., Array]
Slope = Any
"""An array; or a mask and an array, which count only where the mask is true; or a mask and None, for the slope 1."""


@dataclass(frozen=True)
class Operation:
    """One operation. `c` are its constants, `xs` its arguments, `y` its value, `i` the place of an argument.

    Arguments:
        value: of `(xp, c, *xs)`, where `xp` is `High` or `Machine`.
        push: of `(xp, c, xs, y, i, t)`: what a slope t of one argument adds to the slope of the value.
        pull: of `(xp, c, xs, y, i, t)`: what a cotangent t of the value is to one argument.
        jax: of `(c, *xs)`, as a user writes it; by default the value.
        constants: how many constants there are; "thresholds" rise.
        partial: whether some arguments have no value.
        transcendental: whether it counts for how deep such are nested.
        flat: the places of arguments that have no slope.
        wrong: rules with a mistake, as pairs of push and pull.
    """

    value: Rule
    push: Rule
    pull: Rule
    jax: Callable[..., Array] | None = None
    constants: int = 0
    partial: bool = False
    transcendental: bool = False
    flat: tuple[int, ...] = ()
    wrong: Mapping[str, tuple[Rule, Rule]] = field(default_factory=dict)


def by_slopes(slopes: Callable[..., Sequence[Slope]]) -> Rule:
    """The rule of an operation on entries, for slopes and cotangents alike."""

    def rule(xp: Any, c: Any, xs: Any, y: Array, i: int, t: Array) -> Array:
        slope = slopes(xp, c, y, *xs)[i]
        if not isinstance(slope, tuple):
            return slope * t
        mask, factor = slope
        return xp.where(mask, t if factor is None else factor * t, 0)

    return rule


def entrywise(
    value: Rule,
    slopes: Callable[..., Sequence[Slope]],
    *,
    wrong: Mapping[str, Callable[..., Sequence[Slope]]] | None = None,
    **more: Any,
) -> Operation:
    """An operation on entries, of arguments of one shape. Slopes are of `(xp, c, y, *xs)`."""
    rule = by_slopes(slopes)
    mistakes = {name: (by_slopes(other), by_slopes(other)) for name, other in (wrong or {}).items()}
    return Operation(value, rule, rule, wrong=mistakes, **more)


def linear(value: Rule, pull: Rule, *, wrong: Mapping[str, Rule] | None = None, **more: Any) -> Operation:
    """An operation that is linear in its only argument; a mistake is one in the rule for cotangents."""

    def push(xp: Any, c: Any, xs: Any, y: Array, i: int, t: Array) -> Array:
        return value(xp, c, t)

    return Operation(value, push, pull, wrong={name: (push, other) for name, other in (wrong or {}).items()}, **more)


def bilinear(value: Rule, pull: Rule, *, wrong: Mapping[str, Rule] | None = None, **more: Any) -> Operation:
    """An operation that is linear in each of its two arguments."""

    def push(xp: Any, c: Any, xs: Any, y: Array, i: int, t: Array) -> Array:
        return value(xp, c, *xs[:i], t, *xs[i + 1 :])

    return Operation(value, push, pull, wrong={name: (push, other) for name, other in (wrong or {}).items()}, **more)

"""A rule: what makes the outputs of a primitive, and which of its parameters it takes."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradproof.errors import Undecided

IMMATERIAL = frozenset(
    (
        "accuracy",
        "indices_are_sorted",
        "is_stable",
        "out_dtype",
        "out_sharding",
        "precision",
        "preferred_element_type",
        "sharding",
        "unique_indices",
        "weak_type",
    )
)
"""Parameters that say how and where a result is made, or promise what holds anyway, and not what the result is."""


@dataclass(frozen=True)
class Rule:
    """A function of a primitive's inputs, and of its parameters as keywords."""

    function: Callable[..., Any]
    required: frozenset[str]
    accepted: frozenset[str]
    accepts_any: bool

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Rule":
        """The rule of a function whose parameters by keyword are those of the primitive.

        A function with `**_` needs no others, whatever they are, as where they say how a program is called.
        """
        parameters = inspect.signature(function).parameters.values()
        keywords = [p for p in parameters if p.kind == p.KEYWORD_ONLY]
        return cls(
            function,
            frozenset(p.name for p in keywords if p.default is p.empty),
            frozenset(p.name for p in keywords),
            any(p.kind == p.VAR_KEYWORD for p in parameters),
        )

    def applied(self, equation: Any) -> Callable[..., Any]:
        """The function with the parameters of an equation.

        Raises `Undecided` where they are others than the rule knows: versions of JAX differ in them.
        """
        params: Mapping[str, Any] = equation.params
        if not self.required <= params.keys():
            raise _unknown_form(equation, f"it lacks {', '.join(sorted(self.required - params.keys()))}")
        if self.accepts_any:
            return partial(self.function, **params)
        if unknown := params.keys() - self.accepted - IMMATERIAL:
            raise _unknown_form(equation, f"it has {', '.join(sorted(unknown))}")
        return partial(self.function, **{name: value for name, value in params.items() if name in self.accepted})


def _unknown_form(equation: Any, why: str) -> Undecided:
    return Undecided(
        f"the primitive {equation.primitive.name!r} is not of a form that the exact engine knows ({why} as a parameter)"
    )


@dataclass(frozen=True)
class Rules:
    """Rules by the name of the primitive, of three kinds."""

    moving: Mapping[str, Rule]
    """Of primitives that only move elements: functions of numpy arrays, which are given positions."""
    whole: Mapping[str, Rule]
    """Of integers and truth values: functions of numpy arrays."""
    numbers: Mapping[str, Rule]
    """Of all else: functions of the running evaluator, the equation and its inputs."""

"""Matrix products at each precision that the backend offers, and the errors that they make in float32."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.checks.judgement import gap
from gradproof.numerics import Value
from gradproof.programs import rewriting

PRECISIONS = ("default", "high", "highest")
"""The precisions of matrix products; programs have the last unless they say otherwise."""


def with_precision(closed: core.ClosedJaxpr, name: str) -> core.ClosedJaxpr:
    """The same program with all matrix products at another precision."""
    precision = (jax.lax.Precision(name),) * 2

    def products(closed: core.ClosedJaxpr) -> core.ClosedJaxpr:
        return rewriting.traced(closed, step)

    def step(equation: Any, read: Callable[[Any], Any]) -> Sequence[Any]:
        changed: dict[str, Any] = {}
        if equation.primitive.name == "dot_general":
            changed["precision"] = precision
        for body in rewriting.bodies(equation):
            changed.update(body.params(equation.params | changed, products(body.closed)))
        return rewriting.bound(equation, [read(atom) for atom in equation.invars], **changed)

    return products(rewriting.inlined(closed))


@dataclass
class ProductErrors:
    """By precision, the largest error relative to the largest entry of an output."""

    largest: dict[str, float] = field(default_factory=dict)

    def add(self, results: Mapping[str, np.ndarray], values: Sequence[Value], measured: np.ndarray) -> None:
        if not measured.any():
            return
        largest = float(values[0].size[measured].max())
        for name, result in results.items():
            errors = np.minimum.reduce([gap(result, value) for value in values])
            error = float(np.exp2(np.max(errors, where=measured & np.isfinite(result), initial=-np.inf) - largest))
            self.largest[name] = max(self.largest.get(name, 0.0), error)

    def record(self) -> dict[str, float] | None:
        return {name: self.largest[name] for name in PRECISIONS} if self.largest else None

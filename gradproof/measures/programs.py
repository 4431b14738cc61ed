"""What a measurement of accuracy runs: the reference, and the programs of both sides in each format."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from gradproof.checks import Study
from gradproof.checks.inputs import Point
from gradproof.errors import Undecided
from gradproof.measures.entries import Entries, at_entries, few_entries, gradients_at
from gradproof.measures.inputs import LOW
from gradproof.measures.products import PRECISIONS, with_precision
from gradproof.numerics import Input
from gradproof.programs import rewriting


class Programs:
    """A claim at one assignment of sizes: its reference, and what the machine runs, compiled together."""

    def __init__(
        self,
        study: Study,
        sizes: Mapping[str, int],
        formats: Sequence[str],
        *,
        first_in: Collection[str],
        few: bool,
        each_precision: bool,
    ):
        self.study, self.names = study, study.claim.inputs
        exact = study.program(sizes, "dual")
        self.first, self.last = exact.sides[0], exact.sides[-1]
        if self.first is self.last:
            raise Undecided("there is but one side")
        if self.first.form != self.last.form:
            raise Undecided("the sides have different shapes")
        self.reference = exact.first
        self.is_derivative = rewriting.uses(self.reference.jaxpr, "derivative")
        self.entries: Entries = [None] * len(self.first.avals)
        if few and (entries := few_entries(self.reference)) is not None:
            self.entries = entries
            self.reference = gradients_at(self.reference, entries)
        self.by_hand: dict[str, core.ClosedJaxpr] = {}
        """By format, the last side."""
        self.programs: dict[str, core.ClosedJaxpr] = {}
        """By format, the first side where it is wanted, and the last; by precision of products, the last in float32."""
        self.why: dict[str, str] = {}
        for format in formats:
            try:
                program = study.program(sizes, "autodiff", jnp.dtype(format))
                self.by_hand[format] = at_entries(program.part([self.last]), self.entries)
                wanted = [self.first, self.last] if format in first_in else [self.last]
                self.programs[format] = at_entries(program.part(wanted), [*self.entries] * len(wanted))
            except Undecided as reason:
                self.why[format] = str(reason)
        self.products = "float32" in self.programs and rewriting.uses(self.by_hand["float32"].jaxpr, "dot_general")
        if each_precision and self.products:
            self.programs |= {name: with_precision(self.by_hand["float32"], name) for name in PRECISIONS[:-1]}
        try:
            self.compiled = self._compiled()
        except NotImplementedError as reason:
            # The backend has no kernel for an operation in this format.
            self.why[LOW] = f"it cannot be compiled: {reason}"
            self.programs.pop(LOW, None)
            self.compiled = self._compiled()

    def _compiled(self) -> Any:
        # One program for all of them: most of the time that a small program takes is the same for each.
        functions = {key: core.jaxpr_as_fun(closed) for key, closed in self.programs.items()}
        avals = {
            key: [jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in closed.in_avals]
            for key, closed in self.programs.items()
        }
        run = jax.jit(lambda arguments: {key: function(*arguments[key]) for key, function in functions.items()})
        return run.lower(avals).compile()

    def run(self, point: Point) -> dict[str, list[np.ndarray]]:
        """The outputs of each program."""
        arguments = {
            key: [np.asarray(point[name], aval.dtype) for name, aval in zip(self.names, closed.in_avals, strict=True)]
            for key, closed in self.programs.items()
        }
        return {key: [np.asarray(x) for x in outputs] for key, outputs in self.compiled(arguments).items()}

    def place(self, leaf: int, index: tuple[int, ...]) -> tuple[int, ...]:
        """Where an entry that is measured stands in its output."""
        places = self.entries[leaf]
        if places is None:
            return index
        return tuple(map(int, np.unravel_index(places[index], self.last.avals[leaf].shape)))

    def inputs(self, point: Point) -> list[Input]:
        """The point for an arithmetic; at corners probabilities are zero, and so not positive."""
        found = self.study.inputs(point)
        return [replace(item, positive=item.positive and bool((item.values > 0).all())) for item in found]

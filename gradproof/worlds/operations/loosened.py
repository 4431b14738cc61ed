"""Sums over many comparisons, as polynomials in their outcomes: one value in place of one for each world."""

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np

from gradproof.worlds.atoms import LOOSE, gated, members, union
from gradproof.worlds.bound import Degree
from gradproof.worlds.operations.elements import Elements
from gradproof.worlds.value import Value

MOST_LOOSENED = 64
"""As many combinations of outcomes, of at most six atoms."""

OF_WEIGHTS = Degree(6.0, {}, 16.0)
"""Of the weights of a combination: one for each atom, and one less the others for the last outcome of each."""


class Loosened(Elements):
    """The weights of outcomes, and what is made of them."""

    def loosened(self, a: Value) -> Value:
        """Each element as a polynomial in the outcomes of its atoms, which are free: one value in place of many.

        Worlds are images of it, in which each outcome is 1 and the others are 0. So what holds of it holds in all
        worlds; not the other way round, since that outcomes are their own squares is forgotten.
        """
        if a.support is None or not gated(a.support).any() or a.kind is not None:
            return a
        atoms, count = self.atoms, math.prod(a.shape)
        supports = a.support.ravel().copy()
        if any(atoms.combinations(s) > MOST_LOOSENED for s in supports):
            return a
        if missing := {s for s in supports if not atoms.covered(s)}:
            atoms.recolour(missing)
        atoms.need_all(supports)
        names = [name for name in ("residues", "slope") if getattr(a, name) is not None]
        wide = {name: np.broadcast_to(getattr(a, name), (atoms.worlds, self.field.draws, *a.shape)) for name in names}
        flat = {name: x.reshape(atoms.worlds, self.field.draws, count) for name, x in wide.items()}
        made: dict[str, Any] = {name: x[:1].copy() for name, x in flat.items()}
        for j in range(count):
            if supports[j] <= LOOSE:
                continue
            for name, x in flat.items():
                made[name][0, :, j] = self._interpolated(np.ascontiguousarray(x[:, :, j]), supports[j])
            supports[j] = LOOSE
        made = {name: x.reshape(1, self.field.draws, *a.shape) for name, x in made.items()}
        degree = self.degrees.product(self.degrees.of_worlds(a.degree), self.degrees.which(OF_WEIGHTS))
        return replace(a, support=supports.reshape(a.shape), degree=degree, rational=None, **made)

    def _interpolated(self, values: np.ndarray, support: int) -> np.ndarray:
        """The sum over all combinations of outcomes, each times the weights of these outcomes."""
        field, atoms = self.field, self.atoms
        chosen = members(support)
        outcome = [atoms.outcome(atom) for atom in chosen]
        total = np.zeros((1, field.draws), np.int64)
        for outcomes in itertools.product(*(range(atoms.outcomes[atom]) for atom in chosen)):
            here = np.all([o == given for o, given in zip(outcome, outcomes, strict=True)], axis=0)
            term = values[int(np.argmax(here))][None]
            for atom, given in zip(chosen, outcomes, strict=True):
                term = field.multiply(term, self._weight(atom, given))
            total = field.add(total, term)
        return total[0]

    def _weight(self, atom: int, outcome: int) -> np.ndarray:
        """Of an outcome: free, but for the sum of those of one atom, which is 1."""
        field, key = self.field, self.atoms.keys[atom]
        last = self.atoms.outcomes[atom] - 1
        if outcome < last:
            return field.fresh(f"outcome {outcome}", key)[None]
        total = np.ones((1, field.draws), np.int64)
        for other in range(last):
            total = field.subtract(total, self._weight(atom, other))
        return total

    def together(self, *values: Value) -> list[Value]:
        """What is about to be combined: loosened, where that depends on too many atoms."""
        support = union(*(value.support for value in values))
        if support is None or all(self.atoms.combinations(s) <= self.plan.combinations for s in set(support.ravel())):
            return list(values)
        return [self.loosened(value) for value in values]

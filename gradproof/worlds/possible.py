"""Which outcomes comparisons can have together, as far as linear relations between the compared numbers say.

That x > 1 and x < 0 are not both true is seen in x - 1 and x, of which the second is the first plus 1. Relations are
found as those between exponents are, and hold in every draw; that some signs contradict them is decided exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import z3

from gradproof.worlds.pairs import MOST_COEFFICIENT, SPARE_WITNESSES, Independent
from gradproof.worlds.residues import Column

Outcomes = Mapping[int, int]
"""Of atoms, by their numbers."""


@dataclass(frozen=True)
class Condition:
    """What the outcomes of one atom say.

    Arguments:
        signs: for each outcome, numbers and the signs that they have.
        degree: of all these numbers, whole.
        height: of them.
        comparison: the equation in which they are compared.
    """

    signs: Sequence[Sequence[tuple[Column, int]]]
    degree: float
    height: float
    comparison: Any

    @property
    def number(self) -> Column | None:
        """The one of which the outcomes are signs."""
        column, _ = self.signs[0][0]
        return column if all(len(each) == 1 and each[0][0] is column for each in self.signs) else None


class Possible:
    """The linear relations between the numbers that some atoms are about.

    Arguments:
        positive: numbers that are known to be positive, and may say something of the others.
    """

    def __init__(self, space: Independent, conditions: Mapping[int, Condition], positive: Sequence[Column]):
        self.space, self.conditions = space, conditions
        self.known: dict[bytes, Any] = {}
        self.names = 0
        self.relations = 0
        """How many relations were looked for."""
        one = np.ones(space.field.draws, np.int64)
        space.add(one, 0)
        self.terms: list[Any] = [z3.RealVal(1)]
        for condition in conditions.values():
            for signs in condition.signs:
                for column, _ in signs:
                    self.term(column)
        self.solver = z3.Solver()
        self.solver.add(*(self.term(column) > 0 for column in positive))
        self.literals: dict[tuple[int, int], Any] = {}
        """By atom and outcome, what stands for this outcome."""
        self.excluded: list[frozenset[tuple[int, int]]] = []
        """Outcomes that contradict each other."""

    def term(self, column: Column) -> Any:
        """A number as a combination of those before."""
        key = column.tobytes()
        if key not in self.known:
            self.relations += 1
            self.known[key] = self._combined(column) if self._room() else self._fresh()
        return self.known[key]

    def _combined(self, column: Column) -> Any:
        found = self.space.relation(column)
        if found is None:
            self.space.add(column, len(self.terms))
            self.terms.append(self._fresh())
            return self.terms[-1]
        return z3.Sum([_number(factor) * self.terms[place] for place, factor in found]) if found else z3.RealVal(0)

    def _room(self) -> bool:
        return len(self.space.columns) < self.space.here.sum() - SPARE_WITNESSES

    def _fresh(self) -> Any:
        self.names += 1
        return z3.Real(f"t{self.names}")

    def together(self, outcomes: Outcomes) -> bool:
        """Whether nothing that is known excludes these outcomes."""
        pairs = {(atom, outcome) for atom, outcome in outcomes.items() if atom in self.conditions}
        if any(excluded <= pairs for excluded in self.excluded):
            return False
        literals = {self.literal(*pair): pair for pair in sorted(pairs)}
        if self.solver.check(*literals) != z3.unsat:
            return True
        self.excluded.append(frozenset(literals[literal] for literal in self.solver.unsat_core()))
        return False

    def literal(self, atom: int, outcome: int) -> Any:
        """A variable that says that an atom has an outcome."""
        if (atom, outcome) not in self.literals:
            self.literals[atom, outcome] = holds = z3.Bool(f"{atom} is {outcome}")
            for column, sign in self.conditions[atom].signs[outcome]:
                self.solver.add(z3.Implies(holds, self.term(column) * sign > 0 if sign else self.term(column) == 0))
        return self.literals[atom, outcome]

    def beside(self) -> tuple[float, float]:
        """Bounds on degree and height of the relations that were looked for: of sums of all numbers at once."""
        degree = sum(c.degree * len(c.signs) * max(map(len, c.signs)) for c in self.conditions.values())
        height = sum(c.height * len(c.signs) * max(map(len, c.signs)) for c in self.conditions.values())
        return degree, height + 2 * np.log2(MOST_COEFFICIENT) * len(self.terms)


def _number(factor: Fraction) -> Any:
    return z3.Q(factor.numerator, factor.denominator)

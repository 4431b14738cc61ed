"""Which outcomes no inputs have: of polynomials over the reals that is decided (z3, nonlinear arithmetic).

That x x + y y < 2 x y is true nowhere is seen in what its sides are made of. Of exponentials and logarithms only
inequalities are said, and of other functions nothing: what has a solution then need not have inputs.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import z3

from gradproof.worlds.possible import Condition, Outcomes
from gradproof.worlds.residues import Column, Field
from gradproof.worlds.terms.recorded import Step

EFFORT = 2_000_000
"""Of one question, as z3 counts it: the same on every machine."""

MOST_EXPONENT = 8
MOST_DEGREE = 8
MOST_NAMES = 32
MOST_EXPONENTIALS = 6
MOST_POSITIVE = 16


class Excluded:
    """The numbers that some atoms are about, as polynomials in what they are made of.

    Arguments:
        steps: how numbers were made.
        positive: those that are known to be positive.
        is_positive: whether another one is.
    """

    def __init__(
        self,
        field: Field,
        steps: Mapping[bytes, Step],
        positive: Sequence[Column],
        is_positive: Callable[[Column], bool],
    ):
        self.field, self.steps, self.is_positive = field, steps, is_positive
        self.context = z3.Context()
        """Of its own: what was asked before leaves no trace in the answers."""
        self.known: dict[bytes, Any] = {}
        self.degree: dict[bytes, int] = {}
        """Of what is known, as a polynomial."""
        self.names = 0
        self.facts: list[Any] = []
        """What holds of all that was named."""
        self.exponentials: list[tuple[Any, Any]] = []
        """Exponents, and what is positive and their exponential."""
        self.positive = positive

    def holds(self, conditions: Mapping[int, Condition], outcomes: Outcomes) -> bool:
        """Whether no inputs have these outcomes."""
        signs = [
            (self.term(column), sign)
            for atom, outcome in outcomes.items()
            if atom in conditions
            for column, sign in conditions[atom].signs[outcome]
        ]
        if not signs or self.names > MOST_NAMES:
            return False
        solver = z3.SolverFor("QF_NRA", ctx=self.context)
        solver.set("rlimit", EFFORT)
        solver.add(*(term * sign > 0 if sign else term == 0 for term, sign in signs))
        positive = [self.term(column) for column in self.positive[:MOST_POSITIVE] if column.tobytes() in self.steps]
        solver.add(*(term > 0 for term in positive), *self.facts, *self._convex())
        return bool(solver.check() == z3.unsat)

    def term(self, column: Column) -> Any:
        """A number as a polynomial in others, which are named."""
        key = column.tobytes()
        if key not in self.known:
            constant = self.field.rational(column)
            if constant is not None:
                self.known[key] = z3.Q(constant.numerator, constant.denominator, ctx=self.context)
                self.degree[key] = 0
            else:
                # What is made of itself, the other way round, has a name while that is looked at.
                self.known[key], self.degree[key] = self._named(column), 1
                if (step := self.steps.get(key)) is not None:
                    self.known[key], self.degree[key] = self._made(self.known[key], step)
        return self.known[key]

    def _made(self, name: Any, step: Step) -> tuple[Any, int]:
        """What a step makes, and its degree; its name, where that is too large."""
        parts = [self.term(np.frombuffer(each, np.int64)) for each in step.of]
        degrees = [self.degree[each] for each in step.of]
        match step.rule:
            case "sum":
                return z3.Sum(parts), max(degrees)
            case "product" if sum(degrees) <= MOST_DEGREE:
                return z3.Product(parts), sum(degrees)
            case "power":
                self._power(name, parts[0], step.exponent)
            case "exp":
                self._exponential(parts[0], name)
            case "log" if self.is_positive(np.frombuffer(step.of[0], np.int64)):
                self._exponential(name, parts[0])
        return name, 1

    def _named(self, column: Column) -> Any:
        self.names += 1
        name = z3.Real(f"x{self.names}", ctx=self.context)
        for sign, each in ((1, column), (-1, self.field.negative(column[None])[0])):
            if self.is_positive(each):
                self.facts.append(sign * name > 0)
        return name

    def _power(self, name: Any, of: Any, exponent: Fraction) -> None:
        n, order = exponent.numerator, exponent.denominator
        if max(abs(n), order) <= MOST_EXPONENT:
            left, right = [name] * order + [of] * max(-n, 0), [of] * max(n, 0)
            self.facts.append(z3.Product(left) == (z3.Product(right) if right else 1))

    def _exponential(self, exponent: Any, power: Any) -> None:
        """It is positive; of a number that is no variable, the inverse is one, too."""
        self.facts.append(power > 0)
        self.exponentials.append((exponent, power))
        if z3.is_rational_value(power):
            self.exponentials.append((-exponent, 1 / power))

    def _convex(self) -> list[Any]:
        """The exponential lies above each of its tangents, and so is an increasing function."""
        pairs = [(z3.RealVal(0, self.context), z3.RealVal(1, self.context)), *self.exponentials[:MOST_EXPONENTIALS]]
        return [e >= f * (1 + v - w) for (v, e), (w, f) in itertools.permutations(pairs, 2)]

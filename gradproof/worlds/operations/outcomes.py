"""What is compared: known signs, and atoms that decide the others."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.atoms import Colours, Support, members
from gradproof.worlds.draws import Plan
from gradproof.worlds.errors import Unlucky
from gradproof.worlds.operations.positive import Positive
from gradproof.worlds.pairs import Independent
from gradproof.worlds.possible import Condition, Possible
from gradproof.worlds.residues import Column
from gradproof.worlds.sites import OUTCOMES, Sites


class Outcomes(Positive):
    """The atoms of a run, and what their outcomes say of numbers."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.known_atoms: dict[bytes, tuple[int, np.ndarray, Column]] = {}
        """By what proportional columns have in common: the atom, its first residues, its column."""
        self.joint: dict[bytes, list[tuple[int, list[bytes], list[np.ndarray]]]] = {}
        """The atoms of numbers that are others in each world: what these have in common, and their first residues."""
        self.conditions: dict[int, Condition] = {}
        """What the outcomes of atoms say of numbers."""
        self.compared: dict[int, tuple[np.ndarray, Support]] = {}
        """Where the numbers that atoms are about have values and are compared, and the atoms that this depends on."""
        self.sites = Sites()

    def at(self, equation: Any) -> None:
        super().at(equation)
        self.sites.begin(equation)

    def note_compared(self, atom: Support, worlds: slice, beside: Support) -> None:
        for number in members(atom):
            where, by = self.compared.get(number, (np.zeros(self.atoms.worlds, bool), 0))
            where[worlds] = True
            self.compared[number] = where, by | beside

    def sign_where_positive(self, column: Column) -> tuple[np.ndarray, Support]:
        """The sign of a multiple of a number known to be positive, or of its inverse; in other worlds 0."""
        outcome, support = np.zeros(self.atoms.worlds), 0
        if (column == 0).any():
            return outcome, support
        for each in (column, self.field.inverse(column[None])[0]):
            for known, ratio in self.known_multiples(each):
                outcome[known.worlds & (outcome == 0)] = 1.0 if ratio > 0 else -1.0
                support |= known.support
                if outcome.all():
                    return outcome, support
        return outcome, support

    def is_unit(self, column: Column, worlds: slice, beside: Support) -> bool:
        if super().is_unit(column, worlds, beside):
            return True
        outcome, support = self.sign_where_positive(column)
        self.atoms.need(support | beside)
        return bool((outcome != 0)[worlds].all())

    def atom(
        self,
        column: Column,
        slope: Column | None,
        beside: int,
        size: tuple[float, float],
        *,
        may_vanish: bool = False,
    ) -> tuple[np.ndarray, int]:
        """The sign of a number in each world, and the atom that decides it, as a support.

        Arguments:
            size: bounds on its degree and height.
        """
        worlds = self.atoms.worlds
        if (column == 0).any():
            raise Unlucky("a number that is compared with zero is zero in a draw")
        if constant := self.field.rational(column):
            return np.full(worlds, 1.0 if constant > 0 else -1.0), 0
        key, heads = self.field.normal(column)
        if key not in self.known_atoms:
            if sign := self.sign_of_product(column, slope) or self.sign_of_exponent(column):
                return np.full(worlds, float(sign)), 0
            for atom, _, other in list(self.known_atoms.values()):
                quotient = self.field.multiply(column[None], self.field.inverse(other[None]))[0]
                if ratio := self.multiple_of_positive(quotient):
                    return self._outcome(atom, ratio), 1 << atom
            number = self.atoms.add(key, 3 if may_vanish else 2, beside)
            self.known_atoms[key] = number, heads, column
            signs = [[(column, s)] for s in OUTCOMES[: 2 + may_vanish]]
            self.conditions[number] = Condition(signs, *size, self.equation)
            self.sites.note(number)
        atom, reference, _ = self.known_atoms[key]
        ratio = self.field.ratio(heads, reference)
        if ratio is None:
            raise Undecided("two numbers that are compared with zero differ by an irrational factor")
        return self._outcome(atom, ratio), 1 << atom

    def joint_atom(
        self, gaps: Sequence[Sequence[Column]], outcomes: int, beside: int, *, turned: bool = False
    ) -> tuple[int, bool]:
        """One atom for all worlds, of numbers that are others in each, or of none; and whether theirs are negative.

        Arguments:
            turned: whether an atom of negative multiples of these numbers is theirs, too.
        """
        field = self.field
        keys, heads = [b""] * len(gaps), [np.ones(len(field.distinct), np.int64)] * len(gaps)
        for world, gap in enumerate(gaps):
            first = next((column for column in gap if column.any()), None)
            if first is None:
                continue
            if (first == 0).any():
                raise Unlucky("two numbers that are compared are equal in a draw")
            _, heads[world] = field.normal(first)
            keys[world] = b"".join(field.scaled(column, heads[world]).tobytes() for column in gap)
        # It has the same name however many worlds there are.
        name = b"joint %d " % outcomes + b" ".join(sorted(set(keys)))
        known = self.joint.setdefault(name, [])
        for number, others, references in known:
            ratios = [field.ratio(mine, theirs) for mine, theirs in zip(heads, references, strict=True)]
            signs = {
                0 if ratio is None else (ratio > 0) - (ratio < 0)
                for key, ratio in zip(keys, ratios, strict=True)
                if key
            }
            if others == keys and (signs == {1} or (turned and signs == {-1})):
                return number, signs == {-1}
        number = self.atoms.add(b"%d " % len(known) + name, outcomes, beside)
        known.append((number, keys, heads))
        return number, False

    def possible(self, support: Support) -> Possible:
        """What is known of the numbers that these atoms are about."""
        conditions = {atom: self.conditions[atom] for atom in members(support) if atom in self.conditions}
        self.learn_sums()
        found = Possible(Independent(self.field), conditions, self.positive_columns)
        # A relation may be one between all of these numbers, and those that are positive.
        degree, height = np.sum([found.beside(), *self.positive_sizes], axis=0).tolist()
        self.degree, self.height = max(self.degree, degree), max(self.height, height)
        self.decisions += found.relations
        return found

    def _outcome(self, atom: int, ratio: Fraction) -> np.ndarray:
        signs = np.array(OUTCOMES, float)[self.atoms.outcome(atom)]
        return signs if ratio > 0 else -signs

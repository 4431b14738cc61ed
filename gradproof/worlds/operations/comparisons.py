"""Comparisons: known signs, atoms, and the outcomes that they have in each world."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.atoms import Colours, Support, filled, loose, members, union
from gradproof.worlds.cases import Whole, made, support_of, worlds_of
from gradproof.worlds.draws import Plan
from gradproof.worlds.errors import Unlucky
from gradproof.worlds.operations.positive import Positive
from gradproof.worlds.pairs import Independent
from gradproof.worlds.possible import Condition, Possible
from gradproof.worlds.residues import Column, columns
from gradproof.worlds.sites import OUTCOMES, Sites
from gradproof.worlds.value import (
    ANY,
    FINITE,
    INFINITE,
    NEGATIVE,
    NONE,
    POSITIVE,
    ZERO,
    Value,
    kinds,
    none_where,
    signs_of_square,
)


class Comparisons(Positive):
    """The sign of a number is known, or an atom decides it."""

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

    def sign(self, a: Value) -> Whole:
        """-1, 0 or 1 for each element; NaN where there is no value."""
        if a.rational is not None:
            return np.array([(x > 0) - (x < 0) for x in a.rational.ravel()], float).reshape(a.shape)
        self.require_no_quotient(a)
        self.decide(a)
        count, worlds = math.prod(a.shape), self.atoms.worlds
        wide, slopes = self.columns_of(a)
        kind = np.broadcast_to(kinds(a), (len(wide), *a.shape)).reshape(len(wide), count)
        support = np.zeros(count, object) if a.support is None else a.support.ravel().copy()
        possible = a.signs.ravel()
        # A polynomial in outcomes that is not zero may be zero in a world, and what is vague wherever it pleases.
        may_vanish = np.broadcast_to(loose(a.support) | bool(a.vague), a.shape).ravel()
        values, asked = np.zeros((worlds, count)), False
        for j in range(count):
            outcomes: dict[bytes, tuple[np.ndarray, Support]] = {}
            before = support[j]
            joint = self.plan.joint and len(wide) > 1 and not may_vanish[j]
            together = self._joint_sign(wide[:, j], kind[:, j], before) if joint else None
            for w in range(len(wide)):
                column = wide[w, j]
                key, vanishes = column.tobytes(), bool(may_vanish[j]) and not self.varies(column)
                if kind[w, j] != FINITE:
                    outcome = np.full(worlds, np.nan if kind[w, j] == NONE else np.sign(kind[w, j]), float)
                elif not column.any():
                    outcome = np.zeros(worlds)
                elif possible[j] & (ANY if vanishes else ~ZERO) in (POSITIVE, NEGATIVE):
                    outcome = np.full(worlds, 1.0 if possible[j] & POSITIVE else -1.0)
                else:
                    asked = True
                    self.require_relations(a)
                    here = slice(None) if len(wide) == 1 else slice(w, w + 1)
                    outcome, by = self.sign_where_positive(column)
                    known = outcome != 0
                    if known[here].any():
                        support[j] |= by
                    if not known[here].all():
                        if together is not None:
                            outcomes[key] = together
                            support[j] |= together[1]
                        elif key not in outcomes:
                            along = None if slopes is None else slopes[w, j]
                            size = self.degrees.whole(a.degree)
                            self.sites.element = j
                            outcomes[key] = self.atom(column, along, before, size, may_vanish=vanishes)
                            self.sites.element = None
                            support[j] |= outcomes[key][1]
                        self.note_compared(outcomes[key][1], here, before)
                        outcome = np.where(known, outcome, outcomes[key][0])
                    # An atom of a number that may be zero does not know that it has no other sign.
                    outcome = outcome if possible[j] & NEGATIVE else np.abs(outcome)
                    outcome = outcome if possible[j] & POSITIVE else -np.abs(outcome)
                if len(wide) == 1:
                    values[:, j] = outcome
                else:
                    values[w, j] = outcome[w]
        if asked:
            self.decide_up_to_constants(a, 1 + len(self.known_atoms) + len(self.joint))
        shape = (worlds, *a.shape)
        return made(self.atoms, values.reshape(shape), support.reshape(a.shape) if support.any() else None)

    def note_compared(self, atom: Support, worlds: slice, beside: Support) -> None:
        for number in members(atom):
            where, by = self.compared.get(number, (np.zeros(self.atoms.worlds, bool), 0))
            where[worlds] = True
            self.compared[number] = where, by | beside

    def varies(self, column: Column) -> bool:
        """Whether it is known to be zero on kinks at most, though it is made of what may be zero in a region."""
        return False

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

    def compare(self, a: Value, b: Value, holds: Callable[[Whole], Whole]) -> Whole:
        below, above = holds(np.array([-1.0, 1.0]))
        if below != above or a.vague or b.vague or loose(a.support).any() or loose(b.support).any():
            return holds(self.order(a, b))
        # What asks for equality alone needs no sign: different numbers are equal on a kink at most.
        gap = self.difference(a, b)
        self.require_no_quotient(gap)
        self.decide(gap)
        kind = kinds(gap)
        distance = np.where(kind == NONE, np.nan, np.where((kind == FINITE) & gap.zeros, 0.0, 1.0))
        return holds(made(self.atoms, distance, gap.support))

    def order(self, a: Value, b: Value) -> Whole:
        """The sign of a - b."""
        return self.sign(self.difference(a, b))

    def difference(self, a: Value, b: Value) -> Value:
        """The difference a - b; equal infinities are equal."""
        difference = self.subtract(a, b)
        x, y = kinds(a), kinds(b)
        same = (np.abs(x) == INFINITE) & (x == y)
        if same.any():
            kind = np.where(same, FINITE, kinds(difference))
            wide = (len(kind), *difference.residues.shape[1:])
            residues = np.where(same[:, None], 0, np.broadcast_to(difference.residues, wide))
            difference = replace(difference, residues=residues, kind=kind, rational=None)
        return difference

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
            if sign := self.sign_of_product(column, slope):
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

    def _joint_sign(self, row: np.ndarray, kind: np.ndarray, beside: int) -> tuple[np.ndarray, Support] | None:
        """The sign of what is another number in some worlds, and its atom: one for all of them."""
        gaps: list[list[Column]] = []
        for column, finite in zip(row, kind == FINITE, strict=True):
            unknown = finite and column.any() and not self.sign_where_positive(column)[0].all()
            gaps.append([column] if unknown else [])
        if len({column.tobytes() for gap in gaps for column in gap}) < 2:
            return None
        number, turned = self.joint_atom(gaps, 2, beside, turned=True)
        signs = np.array(OUTCOMES, float)[self.atoms.outcome(number)] * (-1 if turned else 1)
        for column in {gap[0].tobytes(): gap[0] for gap in gaps if gap}.values():
            here = np.array([bool(gap) and (gap[0] == column).all() for gap in gaps])
            for sign, each in ((1, column), (-1, self.field.negative(column[None])[0])):
                self.learn_positive(each, here & (signs == sign), beside | 1 << number)
        return signs, 1 << number

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

    def signs_in(self, a: Value, worlds: np.ndarray, support: np.ndarray) -> np.ndarray:
        """What an atom decides, and by it which element this is: an absolute value is not negative."""
        signs = np.array(a.signs)
        if self.worlds(a) > 1 or a.kind is not None:
            return signs
        here = worlds.reshape(len(worlds), -1)
        for place, column in enumerate(columns(a.residues)[0]):
            if (column == 0).any():
                continue
            key, heads = self.field.normal(column)
            if key not in self.known_atoms:
                continue
            atom, reference, _ = self.known_atoms[key]
            # The worlds say nothing of atoms that they were not chosen by, which may share a colour.
            if not support.ravel()[place] >> atom & 1 or (ratio := self.field.ratio(heads, reference)) is None:
                continue
            outcomes = self._outcome(atom, ratio)[here[:, place]]
            bits = [bit for bit, sign in ((NEGATIVE, -1), (ZERO, 0), (POSITIVE, 1)) if (outcomes == sign).any()]
            signs.ravel()[place] &= sum(bits)
        return signs

    def require_no_quotient(self, a: Value) -> None:
        """Raises `Undecided` where a number that may be infinite, of a sign that is not known, is compared."""
        none = kinds(a) == NONE
        if (none.reshape(len(none), -1).any(axis=1) & self.divided).any():
            raise Undecided("a number is compared that may be the quotient of another one and zero")

    def require_relations(self, a: Value) -> None:
        """Raises `Undecided` where a number is compared that relations between exponentials might tell to be zero."""
        if a.vague and not self.pairs.relations:
            raise Undecided("numbers are compared of which relations are not looked for")

    # What follows from signs

    def signs_everywhere(self, a: Value) -> tuple[np.ndarray, np.ndarray | None]:
        """The sign in each world, and the atoms that this and the value depend on."""
        signs = self.sign(a)
        return worlds_of(signs), union(a.support, support_of(signs))

    def maximum(self, a: Value, b: Value) -> Value:
        return self._none_if_either(super().maximum(a, b), a, b)

    def minimum(self, a: Value, b: Value) -> Value:
        return self._none_if_either(super().minimum(a, b), a, b)

    def _none_if_either(self, chosen: Value, a: Value, b: Value) -> Value:
        """The larger of two numbers of which one is none is none."""
        if a.kind is None and b.kind is None:
            return chosen
        none = (kinds(a) == NONE) | (kinds(b) == NONE)
        support = union(chosen.support, a.support, b.support)
        return self.settled(replace(chosen, kind=none_where(none, chosen.kind), rational=None, support=support))

    def absolute(self, a: Value) -> Value:
        result = super().absolute(a)
        return result if result.rational is not None else replace(result, signs=signs_of_square(a.signs))

    def finite(self, a: Value) -> Whole:
        if a.kind is None:
            return np.ones(a.shape, bool)
        self.require_no_quotient(a)
        support = a.support if a.support is not None else filled(0, a.shape)
        values = (
            np.broadcast_to(a.kind == FINITE, (self.atoms.worlds, *a.shape)) if len(a.kind) > 1 else a.kind == FINITE
        )
        return made(self.atoms, np.asarray(values), support)

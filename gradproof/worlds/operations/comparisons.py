"""Comparisons: known signs, atoms, and the outcomes that they have in each world."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.atoms import Support, filled, loose, union
from gradproof.worlds.cases import Whole, made, support_of, worlds_of
from gradproof.worlds.operations.outcomes import Outcomes
from gradproof.worlds.residues import Column, columns
from gradproof.worlds.sites import OUTCOMES
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


class Comparisons(Outcomes):
    """The sign of a number is known, or an atom decides it."""

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

    def varies(self, column: Column) -> bool:
        """Whether it is known to be zero on kinks at most, though it is made of what may be zero in a region."""
        return False

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

"""Comparisons: known signs, atoms, and the outcomes that they have in each world."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.atoms import Colours, filled, loose, union
from gradproof.worlds.cases import Whole, made, support_of, worlds_of
from gradproof.worlds.draws import Plan
from gradproof.worlds.errors import Unlucky
from gradproof.worlds.operations.positive import Positive
from gradproof.worlds.residues import Column, columns
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
        self.maxima: dict[bytes, list[tuple[int, np.ndarray, int]]] = {}
        """The same for the largest of several numbers, and whether it is that or the smallest."""

    def sign(self, a: Value) -> Whole:
        """-1, 0 or 1 for each element; NaN where there is no value."""
        if a.rational is not None:
            return np.array([(x > 0) - (x < 0) for x in a.rational.ravel()], float).reshape(a.shape)
        self.decide(a, 1 + len(self.known_atoms))
        count, worlds = math.prod(a.shape), self.atoms.worlds
        wide, slopes = self.columns_of(a)
        kind = np.broadcast_to(kinds(a), (len(wide), *a.shape)).reshape(len(wide), count)
        support = np.zeros(count, object) if a.support is None else a.support.ravel().copy()
        possible = a.signs.ravel()
        # A polynomial in outcomes that is not zero may be zero in a world.
        may_vanish = np.broadcast_to(loose(a.support), a.shape).ravel()
        values = np.zeros((worlds, count))
        for j in range(count):
            outcomes: dict[bytes, np.ndarray] = {}
            before = support[j]
            for w in range(len(wide)):
                column = wide[w, j]
                key = column.tobytes()
                if kind[w, j] != FINITE:
                    outcome = np.full(worlds, np.nan if kind[w, j] == NONE else np.sign(kind[w, j]), float)
                elif not column.any():
                    outcome = np.zeros(worlds)
                elif possible[j] & (ANY if may_vanish[j] else ~ZERO) in (POSITIVE, NEGATIVE):
                    outcome = np.full(worlds, 1.0 if possible[j] & POSITIVE else -1.0)
                else:
                    if key not in outcomes:
                        along = None if slopes is None else slopes[w, j]
                        outcomes[key], atom = self.atom(column, along, before, may_vanish=bool(may_vanish[j]))
                        support[j] |= atom
                    outcome = outcomes[key]
                if len(wide) == 1:
                    values[:, j] = outcome
                else:
                    values[w, j] = outcome[w]
        shape = (worlds, *a.shape)
        return made(self.atoms, values.reshape(shape), support.reshape(a.shape) if support.any() else None)

    def order(self, a: Value, b: Value) -> Whole:
        """The sign of a - b; equal infinities are equal."""
        difference = self.subtract(a, b)
        x, y = kinds(a), kinds(b)
        same = (np.abs(x) == INFINITE) & (x == y)
        if same.any():
            kind = np.where(same, FINITE, kinds(difference))
            wide = (len(kind), *difference.residues.shape[1:])
            residues = np.where(same[:, None], 0, np.broadcast_to(difference.residues, wide))
            difference = replace(difference, residues=residues, kind=kind, rational=None)
        return self.sign(difference)

    def places(self, x: Value, sign: int) -> Whole:
        """Where along the last axis the largest is, or the smallest: the first of them.

        Of three or more different numbers it is one atom, with an outcome for each.
        """
        worlds, count = self.atoms.worlds, x.shape[-1]
        own, rows = self.worlds(x), math.prod(x.shape[:-1])
        self.decide(x, count)
        wide, slopes = self.columns_of(x)
        picks = np.zeros((worlds, rows), np.int64)
        support = np.zeros(rows, object)
        if x.support is not None:
            support[:] = np.bitwise_or.reduce(x.support.reshape(rows, count), axis=-1)
        for r in range(rows):
            before, known = support[r], {}
            here = slice(r * count, (r + 1) * count)
            for w in range(own):
                key = wide[w, here].tobytes()
                if key not in known:
                    along = None if slopes is None else slopes[w, here]
                    known[key], atom = self._place(wide[w, here], along, sign, before)
                    support[r] |= atom
                picks[:, r] = np.where(np.arange(worlds) == w, known[key], picks[:, r]) if own > 1 else known[key]
        shape = x.shape[:-1]
        return made(self.atoms, picks.reshape(worlds, *shape), support.reshape(shape) if support.any() else None)

    def _place(self, items: np.ndarray, slopes: np.ndarray | None, sign: int, beside: int) -> tuple[np.ndarray, int]:
        """Of the columns of one row: the place in each world, and the atom as a support."""
        field, worlds = self.field, self.atoms.worlds
        first: dict[bytes, int] = {}
        for place, column in enumerate(items):
            first.setdefault(column.tobytes(), place)
        distinct = list(first.values())
        if len(distinct) == 1:
            return np.zeros(worlds, np.int64), 0
        if len(distinct) == 2:
            i, j = distinct
            gap = field.subtract(items[i][None], items[j][None])[0]
            along = None if slopes is None else field.subtract(slopes[i][None], slopes[j][None])[0]
            larger, atom = self.atom(gap, along, beside)
            return np.where(larger * sign > 0, i, j), atom
        # Neither the order of the numbers nor a common summand nor a positive factor makes it another comparison.
        total = np.zeros((1, field.draws), np.int64)
        for place in distinct:
            total = field.add(total, items[place][None])
        times = np.full((1, field.draws), len(distinct))
        centred = [
            (field.subtract(field.multiply(times, items[place][None]), total)[0].tobytes(), place) for place in distinct
        ]
        ordered = [place for _, place in sorted(centred)]
        gaps = [field.subtract(items[place][None], items[ordered[0]][None])[0] for place in ordered[1:]]
        if (gaps[0] == 0).any():
            raise Unlucky("two numbers that are compared are equal in a draw")
        _, heads = field.normal(gaps[0])
        key = b"".join(field.scaled(gap, heads).tobytes() for gap in gaps)
        known = self.maxima.setdefault(key, [])
        for number, reference, other in known:
            ratio = field.ratio(heads, reference)
            if ratio is not None and ratio * other * sign > 0:
                return np.array(ordered)[self.atoms.outcome(number)], 1 << number
        number = self.atoms.add(b"largest %d " % len(known) + key, len(ordered), beside)
        known.append((number, heads, sign))
        return np.array(ordered)[self.atoms.outcome(number)], 1 << number

    def atom(
        self, column: Column, slope: Column | None, beside: int, *, may_vanish: bool = False
    ) -> tuple[np.ndarray, int]:
        """The sign of a number in each world, and the atom that decides it, as a support."""
        worlds = self.atoms.worlds
        if (column == 0).any():
            raise Unlucky("a number that is compared with zero is zero in a draw")
        key, heads = self.field.normal(column)
        if (reference := self.known_positive(key)) is not None and (ratio := self.field.ratio(heads, reference)):
            return np.full(worlds, 1.0 if ratio > 0 else -1.0), 0
        if key not in self.known_atoms:
            if sign := self.sign_of_product(column, slope):
                return np.full(worlds, float(sign)), 0
            for atom, _, other in list(self.known_atoms.values()):
                quotient = self.field.multiply(column[None], self.field.inverse(other[None]))[0]
                if ratio := self.multiple_of_positive(quotient):
                    return self._outcome(atom, ratio), 1 << atom
            self.known_atoms[key] = self.atoms.add(key, 3 if may_vanish else 2, beside), heads, column
        atom, reference, _ = self.known_atoms[key]
        ratio = self.field.ratio(heads, reference)
        if ratio is None:
            raise Undecided("two numbers that are compared with zero differ by an irrational factor")
        return self._outcome(atom, ratio), 1 << atom

    def _outcome(self, atom: int, ratio: Fraction) -> np.ndarray:
        signs = np.array([-1.0, 1.0, 0.0])[self.atoms.outcome(atom)]
        return signs if ratio > 0 else -signs

    def signs_in(self, a: Value, worlds: np.ndarray) -> np.ndarray:
        """Where an atom decides a sign, that is the outcome there: an absolute value is not negative."""
        signs = a.signs.copy()
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
            if (ratio := self.field.ratio(heads, reference)) is None:
                continue
            outcomes = self._outcome(atom, ratio)[here[:, place]]
            bits = [bit for bit, sign in ((NEGATIVE, -1), (ZERO, 0), (POSITIVE, 1)) if (outcomes == sign).any()]
            signs.ravel()[place] &= sum(bits)
        return signs

    # What follows from signs

    def where_positive(self, a: Value) -> tuple[np.ndarray, np.ndarray | None]:
        """In each world, and the atoms that this and the value depend on."""
        signs = self.sign(a)
        return np.nan_to_num(worlds_of(signs), nan=0.0) > 0, union(a.support, support_of(signs))

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
        support = a.support if a.support is not None else filled(0, a.shape)
        values = (
            np.broadcast_to(a.kind == FINITE, (self.atoms.worlds, *a.shape)) if len(a.kind) > 1 else a.kind == FINITE
        )
        return made(self.atoms, np.asarray(values), support)

    def rationals(self, a: Value) -> np.ndarray | None:
        return a.rational

    def fraction(self, a: Value) -> Fraction | None:
        values: Any = set() if a.rational is None else set(a.rational.ravel().tolist())
        return values.pop() if len(values) == 1 else None

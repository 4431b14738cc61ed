"""The largest of several numbers, as one atom with an outcome for each of them."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gradproof.worlds.atoms import Colours, loose
from gradproof.worlds.cases import Whole, made
from gradproof.worlds.draws import Plan
from gradproof.worlds.errors import Unlucky
from gradproof.worlds.operations.comparisons import Comparisons
from gradproof.worlds.possible import Condition
from gradproof.worlds.residues import Column
from gradproof.worlds.value import FINITE, INFINITE, NONE, Value


class Largest(Comparisons):
    """Of two numbers it is the sign of their difference."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.maxima: dict[bytes, list[tuple[int, np.ndarray, int]]] = {}
        """By what proportional rows have in common: the atom, its first residues, and whether it is of the largest."""
        self.rows: list[tuple[int, list[bytes], list[np.ndarray], int]] = []
        """Those of all atoms, centred, in the order of its outcomes."""

    def places(self, x: Value, sign: int) -> Whole:
        """Where along the last axis the largest is, or the smallest: the first of them.

        Of three or more different numbers it is one atom, with an outcome for each.
        """
        candidates = _candidates(x, sign)
        if self.plan.pairwise or candidates is None or x.vague or loose(x.support).any():
            # One by one, where some are infinite or none, or may be equal.
            return super().places(x, sign)
        worlds, count = self.atoms.worlds, x.shape[-1]
        own, rows = self.worlds(x), math.prod(x.shape[:-1])
        self.decide_up_to_constants(x, count)
        wide, slopes = self.columns_of(x)
        picks = np.zeros((worlds, rows), np.int64)
        support = np.zeros(rows, object)
        if x.support is not None:
            support[:] = np.bitwise_or.reduce(x.support.reshape(rows, count), axis=-1)
        for r in range(rows):
            before, known = support[r], {}
            among = np.flatnonzero(candidates[r])
            here = r * count + among
            varied = own > 1 and len({row[here].tobytes() for row in wide}) > 1
            if self.plan.joint and varied:
                place, atom = self._joint_place(wide[:, here], sign, before)
                picks[:, r] = among[place]
                support[r] |= atom
                continue
            for w in range(own):
                key = wide[w, here].tobytes()
                if key not in known:
                    along = None if slopes is None else slopes[w, here]
                    place, atom = self._place(wide[w, here], along, sign, before, self.degrees.whole(x.degree))
                    known[key] = among[place], atom
                    support[r] |= atom
                place, atom = known[key]
                self.note_compared(atom, slice(None) if own == 1 else slice(w, w + 1), before)
                picks[:, r] = np.where(np.arange(worlds) == w, place, picks[:, r]) if own > 1 else place
        shape = x.shape[:-1]
        return made(self.atoms, picks.reshape(worlds, *shape), support.reshape(shape) if support.any() else None)

    def _joint_place(self, rows: np.ndarray, sign: int, beside: int) -> tuple[np.ndarray, int]:
        """Of one row, the columns of each world: one atom for all worlds, whose outcome is the place."""
        field = self.field
        # What is smallest is the largest of the negative numbers.
        pairs = [(row[1:], row[:1]) if sign > 0 else (row[:1], row[1:]) for row in rows]
        gaps = [list(field.subtract(*np.broadcast_arrays(*pair))) for pair in pairs]
        number, _ = self.joint_atom(gaps, rows.shape[1], beside)
        return self.atoms.outcome(number), 1 << number

    def is_beyond(self, a: Value, b: Value, sign: int) -> Whole:
        """One that is none is the largest and the smallest."""
        return super().is_beyond(a, b, sign) | (self.valueless(a) & ~self.valueless(b))

    def valueless(self, a: Value) -> Whole:
        """Where there is no value, not even an infinite one."""
        return ~self.finite(replace(a, kind=None if a.kind is None else np.where(a.kind == NONE, NONE, FINITE)))

    def _place(
        self, items: np.ndarray, slopes: np.ndarray | None, sign: int, beside: int, size: tuple[float, float]
    ) -> tuple[np.ndarray, int]:
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
            larger, support = self.sign_where_positive(gap)
            if larger.all() and not support:
                return np.where(larger * sign > 0, i, j), 0
            larger, atom = self.atom(gap, along, beside, size)
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
        maxima = self.maxima.setdefault(key, [])
        for number, reference, other in maxima:
            ratio = field.ratio(heads, reference)
            if ratio is not None and ratio * other * sign > 0:
                return np.array(ordered)[self.atoms.outcome(number)], 1 << number
        numbers = {place: np.frombuffer(row, np.int64) for row, place in centred}
        if (known_by := self._times_positive(numbers, sign)) is not None:
            number, places = known_by
            return np.array(places)[self.atoms.outcome(number)], 1 << number
        number = self.atoms.add(b"largest %d " % len(maxima) + key, len(ordered), beside)
        maxima.append((number, heads, sign))
        columns = [numbers[place] for place in ordered]
        self.rows.append((number, [column.tobytes() for column in columns], columns, sign))
        gaps_of = [
            [(field.subtract(items[a][None], items[b][None])[0], sign) for b in ordered if b != a] for a in ordered
        ]
        self.conditions[number] = Condition(gaps_of, *size, self.equation)
        return np.array(ordered)[self.atoms.outcome(number)], 1 << number

    def _times_positive(self, numbers: Mapping[int, Column], sign: int) -> tuple[int, list[int]] | None:
        """The atom of a row of which this is a positive multiple; and by its outcomes the places in this row."""
        field, (first, *_) = self.field, numbers
        for number, keys, columns, other in self.rows:
            if len(keys) != len(numbers) or other != sign or (numbers[first] == 0).any():
                continue
            for column in columns:
                if (column == 0).any():
                    continue
                over = field.multiply(column[None], field.inverse(numbers[first][None]))
                # The quotient comes out as a row over another one: of all elements alike.
                found = {field.multiply(over, each[None])[0].tobytes(): place for place, each in numbers.items()}
                if found.keys() == set(keys) and (ratio := self.multiple_of_positive(over[0])) and ratio > 0:
                    return number, [found[key] for key in keys]
        return None


def _candidates(x: Value, sign: int) -> np.ndarray | None:
    """In each row those that are finite, if all others are known to be beyond them; None if that is not so."""
    rows = (math.prod(x.shape[:-1]), x.shape[-1])
    if x.kind is None:
        return np.ones(rows, bool)
    finite = (x.kind == FINITE).all(axis=0).reshape(rows)
    beyond = (x.kind == -sign * INFINITE).all(axis=0).reshape(rows)
    return finite if (finite | beyond).all() and finite.any(axis=1).all() else None

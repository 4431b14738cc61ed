"""Functions of which nothing is known but their derivatives: the error function, and those that a claim leaves open."""

import itertools
import math

import numpy as np

from gradproof.worlds.degree import Degree
from gradproof.worlds.operations.circular import Circular
from gradproof.worlds.operations.functions import require_no_infinity
from gradproof.worlds.residues import Column, Residues, from_columns
from gradproof.worlds.value import ANY, FINITE, Value, none_where


class Unknown(Circular):
    """Equal arguments have equal values."""

    def erf(self, a: Value) -> Value:
        def slope() -> Residues:
            bell = self.exp(self.negative(self.multiply(a, a)))
            return self.multiply(bell, self.constant(np.full(a.shape, 2 / math.sqrt(math.pi)))).residues

        require_no_infinity(a, "erf")
        residues = self.of_columns(a, lambda column, _: self.odd("erf", column))
        return self._made(a, residues, slope, Degree(1.0), a.signs, a.kind)

    def unknown(self, a: Value, name: str, order: int, event: bool) -> Value:
        require_no_infinity(a, f"the function {name}")
        if event:
            return self._unknown_of_rows(a, name, order)
        residues = self.of_columns(a, lambda column, _: self.field.fresh(f"{name} {order}", column.tobytes()))
        signs = np.full(a.shape, ANY, np.int8)

        def slope() -> Residues:
            return self.of_columns(a, lambda column, _: self.field.fresh(f"{name} {order + 1}", column.tobytes()))

        return self._made(a, residues, slope, Degree(1.0), signs, a.kind, vague=True)

    def _unknown_of_rows(self, a: Value, name: str, order: int) -> Value:
        """A function of vectors, and its derivatives, which are symmetric."""
        worlds, count = self.worlds(a), a.shape[-1]
        rows = np.broadcast_to(a.residues, (worlds, *a.residues.shape[1:])).reshape(worlds, self.field.draws, -1, count)
        slopes = None if a.slope is None else np.broadcast_to(a.slope, (worlds, *a.slope.shape[1:])).reshape(rows.shape)

        def entry(row: np.ndarray, places: tuple[int, ...]) -> Column:
            return self.field.fresh(f"{name} {sorted(places)}", np.ascontiguousarray(row).tobytes())

        entries = list(itertools.product(range(count), repeat=order))
        made = np.zeros((rows.shape[2] * len(entries), worlds, self.field.draws), np.int64)
        along = np.zeros_like(made)
        for r, w in itertools.product(range(rows.shape[2]), range(worlds)):
            for e, places in enumerate(entries):
                made[r * len(entries) + e, w] = entry(rows[w, :, r], places)
                if slopes is not None:
                    for k in range(count):
                        term = self.field.multiply(entry(rows[w, :, r], (*places, k))[None], slopes[w, :, r, k][None])
                        total = along[r * len(entries) + e, w][None]
                        along[r * len(entries) + e, w] = self.field.add(total, term)[0]
        self.decide(a)
        shape = (*a.shape[:-1], *(count,) * order)
        support = None
        if a.support is not None:
            of_rows = np.asarray(np.bitwise_or.reduce(a.support, axis=-1), object)
            support = np.broadcast_to(of_rows.reshape(*of_rows.shape, *(1,) * order), shape)
        kind = None
        if a.kind is not None:
            none = (a.kind != FINITE).any(axis=-1)
            kind = none_where(np.broadcast_to(none.reshape(*none.shape, *(1,) * order), (len(none), *shape)), None)
        return self.settled(
            Value(
                from_columns(made, shape),
                np.full(shape, ANY, np.int8),
                Degree(1.0),
                slope=None if slopes is None else from_columns(along, shape),
                kind=kind,
                support=support,
                vague=True,
            )
        )

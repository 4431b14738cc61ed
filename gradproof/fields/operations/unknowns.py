"""Unknown functions: equal arguments give equal values, and nothing else is known. They are keyed hashes."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import special

from gradproof.fields.degree import Degree
from gradproof.fields.draws import Draws
from gradproof.fields.operations.constants import Constants
from gradproof.fields.towers import column
from gradproof.programs import unknown


class Unknowns(Constants):
    """Functions of a claim that have a name and no formula, and the error function."""

    def erf(self, a: Draws) -> Draws:
        """An unknown odd function: that is all that its algebra needs."""
        up = self._hashed("erf", a, special.erf(a.real))
        down = self._hashed("erf", self.negative(a), -special.erf(a.real))
        return replace(self.add(up, self.negative(down)), real=special.erf(a.real))

    def unknown(self, a: Draws, name: str, order: int, event: bool) -> Draws:
        real = unknown.sines(np.sin, a.real, name, order, event)
        if not event:
            return self._hashed(f"{name}'{order}", a, real)
        count = a.shape[-1]
        batch = a.shape[:-1]
        entries = np.indices((count,) * order).reshape(order, -1).T if order else np.zeros((1, 0), int)
        # Partial derivatives commute: each is keyed by its variables in order.
        key = self._vector_key(name, a)
        columns = [
            self._hashed(f"{name}'{sorted(entry.tolist())}", key, real.reshape(*batch, -1)[..., i])
            for i, entry in enumerate(entries)
        ]
        size = math.prod(batch)
        index = np.arange(len(columns) * size).reshape(len(columns), *batch)
        return self.take(columns, np.moveaxis(index, 0, -1).reshape(real.shape))

    def _vector_key(self, name: str, a: Draws) -> Draws:
        """One number for each vector; different vectors have different numbers, except by accident."""
        weights = self.symbol_for(f"{name} weights {a.shape[-1]}", (a.shape[-1],))
        spread = self.take([weights], np.broadcast_to(np.arange(a.shape[-1]), a.shape))
        return self.sum(self.multiply(a, spread))

    def _hashed(self, name: str, a: Draws, real: np.ndarray) -> Draws:
        self._count_accident(a.degree)

        def mixed(x: np.ndarray, prime: np.ndarray) -> np.ndarray:
            state: Any
            salt = np.random.default_rng([self.towers.seed, *name.encode()]).integers(1, 2**62, (2, len(prime)))
            with np.errstate(over="ignore"):
                state = x.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + column(salt[0], x).astype(np.uint64)
                for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
                    state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
                state = (state ^ (state >> np.uint64(31))) ^ column(salt[1], x).astype(np.uint64)
            return (state % column(prime, x).astype(np.uint64)).astype(np.int64)

        return Draws(
            a.shape,
            self._levelwise(mixed, a),
            real,
            Degree(),
            self._no_torsion,
            undefined=a.undefined,
            label=a.label,
        )

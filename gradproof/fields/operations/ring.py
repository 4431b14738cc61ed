"""Sums, products and quotients, level by level; elements moved from place to place."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from gradproof.fields.draws import Draws, either, fractions, signs_of_all, signs_of_square, signs_of_sum
from gradproof.fields.operations import torsion
from gradproof.fields.operations.constants import Constants
from gradproof.fields.towers import column, inverse, multiply


class Ring(Constants):
    """What a field has, on draws."""

    def add(self, a: Draws, b: Draws) -> Draws:
        if a.rational is not None and b.rational is not None:
            return self._rational(a.rational + b.rational)
        levels = self._levelwise(lambda x, y, p: (x + y) % column(p, x), a, b)
        with np.errstate(invalid="ignore", over="ignore"):
            real = a.real + b.real
        return self._combine(
            a,
            b,
            levels,
            real,
            a.degree + b.degree,
            torsion=torsion.of_sum(self.towers, a, b),
            signs=signs_of_sum(a.signs, b.signs),
        )

    def multiply(self, a: Draws, b: Draws) -> Draws:
        if a.rational is not None and b.rational is not None:
            return self._rational(a.rational * b.rational)
        levels = self._levelwise(lambda x, y, p: multiply(x, y, column(p, x)), a, b)
        if b.rational is not None:
            rest = torsion.scaled(self.towers, a, b.rational)
        elif a.rational is not None:
            rest = torsion.scaled(self.towers, b, a.rational)
        else:
            rest = torsion.of_product(self.towers, a, b)
        with np.errstate(invalid="ignore", over="ignore"):
            real = a.real * b.real
        products = [s * t for s in a.signs for t in b.signs]
        signs = (min(products), max(products)) if a is not b else signs_of_square(a)
        return self._combine(a, b, levels, real, a.degree * b.degree, torsion=rest, signs=signs)

    def negative(self, a: Draws) -> Draws:
        if a.rational is not None:
            return self._rational(-a.rational)
        return replace(
            a,
            levels=self._levelwise(lambda x, p: -x % column(p, x), a),
            torsion=torsion.scaled(self.towers, a, np.full(a.shape, Fraction(-1), object)),
            real=-a.real,
            signs=(-a.signs[1], -a.signs[0]),
        )

    def reciprocal(self, a: Draws) -> Draws:
        if a.rational is not None and all(v != 0 for v in a.rational.ravel()):
            return self._rational(fractions(lambda v: 1 / v, a.rational))
        zero = self._identically_zero(a)
        self._count_accident(a.degree)
        levels = self._levelwise(lambda x, p: self._inverse(x, p, zero), a)
        with np.errstate(divide="ignore", over="ignore"):
            real = 1 / a.real
        return replace(
            a,
            levels=levels,
            real=real,
            degree=a.degree.inverse(),
            torsion=tuple(None if t is None else (t == 1).astype(np.int64) for t in a.torsion),
            rational=None,
            undefined=either(a.undefined, zero if zero.any() else None),
        )

    def _inverse(self, x: np.ndarray, prime: np.ndarray, zero: np.ndarray) -> np.ndarray:
        self._need(x != 0, zero)
        return inverse(x, column(prime, x))

    def integer_power(self, a: Draws, exponent: int) -> Draws:
        result = super().integer_power(a, exponent)
        if exponent % 2 == 0 and result is not a and result.rational is None:
            return replace(result, signs=signs_of_square(a))
        return result

    def sum(self, x: Draws) -> Draws:
        count = x.shape[-1]
        if x.rational is not None:
            return self._rational(x.rational.sum(axis=-1) if count else np.full(x.shape[:-1], Fraction(0), object))
        with np.errstate(invalid="ignore", over="ignore"):
            real = x.real.sum(axis=-1)
        return Draws(
            x.shape[:-1],
            self._levelwise(lambda v, p: v.sum(axis=-1) % column(p, v[..., 0]) if count else v.sum(axis=-1), x),
            real,
            x.degree.times(count),
            torsion.of_total(self.towers, x),
            undefined=None if x.undefined is None else np.asarray(x.undefined.any(axis=-1)),
            signs=x.signs if count else (0, 0),
            label=x.label,
        )

    def take(self, pool: Sequence[Draws], index: np.ndarray) -> Draws:
        index = np.asarray(index, np.int64)
        sizes = [math.prod(array.shape) for array in pool]
        used = _used(sizes, index)
        chosen = [array for array, use in zip(pool, used, strict=True) if use] or [self.filled(0.0, ())]
        if sum(used) < len(pool) or not any(used):
            offsets = np.cumsum([0, *sizes])
            moved = np.cumsum([0, *(size if use else 0 for size, use in zip(sizes, used, strict=True))])
            shifted = np.full(index.shape, -1)
            for i, use in enumerate(used):
                inside = (index >= offsets[i]) & (index < offsets[i + 1])
                if use:
                    shifted = np.where(inside, index - offsets[i] + moved[i], shifted)
            index = shifted
        filled = bool((index < 0).any())
        if all(array.rational is not None for array in chosen):
            flat = np.concatenate([array.rational.ravel() for array in chosen])
            picked = np.asarray(flat[index], object)
            if filled:
                picked[index < 0] = Fraction(0)
            return self._rational(picked)
        draws = self.towers.draws

        def pick(arrays: list[np.ndarray], fill: Any) -> np.ndarray:
            flat = arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)
            picked = flat[..., index]
            return np.where(index < 0, fill, picked) if filled else picked

        levels = tuple(
            None
            if any(array.levels[i] is None for array in chosen)
            else pick([array.levels[i].reshape(draws, -1) for array in chosen], 0)
            for i in range(self.towers.levels)
        )
        torsion = tuple(
            None
            if all(array.torsion[i] is None for array in chosen)
            else pick(
                [
                    np.ones((draws, math.prod(array.shape)), np.int64)
                    if array.torsion[i] is None
                    else array.torsion[i].reshape(draws, -1)
                    for array in chosen
                ],
                1,
            )
            for i in range(self.towers.levels)
        )
        undefined: Any = None
        if any(array.undefined is not None for array in chosen):
            undefined = pick(
                [np.zeros(math.prod(a.shape), bool) if a.undefined is None else a.undefined.ravel() for a in chosen],
                False,
            )
            undefined = undefined if undefined.any() else None
        degree = chosen[0].degree
        for array in chosen[1:]:
            degree = degree.largest(array.degree)
        return Draws(
            index.shape,
            levels,
            pick([array.real.ravel() for array in chosen], 0.0),
            degree,
            torsion,
            None,
            undefined,
            signs=signs_of_all([array.signs for array in chosen] + [(0, 0)] * filled),
            label=any(array.label for array in chosen),
        )


def _used(sizes: list[int], index: np.ndarray) -> list[bool]:
    edges = np.cumsum([0, *sizes])
    return [bool(((index >= low) & (index < high)).any()) for low, high in itertools.pairwise(edges)]

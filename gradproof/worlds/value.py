"""An array of numbers in all worlds and draws, and what is known of them."""

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from gradproof.worlds.bound import CONSTANT, Which
from gradproof.worlds.residues import Residues

NEGATIVE, ZERO, POSITIVE = 1, 2, 4
ANY = NEGATIVE | ZERO | POSITIVE
"""Sets of signs, as bits."""

FREE, VAGUE = 1, 2
"""Why something may be zero that is not formally, as bits."""

FINITE, INFINITE, NONE = 0, 1, 2
"""Kinds of values; minus infinity is -INFINITE, and a value that is none is what the machine calls NaN."""


@dataclass(frozen=True)
class Value:
    """An array of numbers.

    Arguments:
        residues: of shape (worlds or 1, draws, *shape).
        signs: the set of signs that each element may have.
        degree: of each element, as a number of the table of degrees.
        slope: the derivative along one random derivation, where relations are looked for; None is zero.
        kind: of shape (worlds or 1, *shape), where some element is not finite.
        support: the atoms that each element depends on, where some element does.
        rational: the numbers themselves, where they are known and rational.
        vague: whether an element that is not zero formally may be zero all the same, as not all relations are known of
            what it is made of: functions that a claim leaves open (FREE), or others (VAGUE).
    """

    residues: Residues
    signs: np.ndarray
    degree: Which = field(default_factory=lambda: CONSTANT)
    slope: Residues | None = None
    kind: np.ndarray | None = None
    support: np.ndarray | None = None
    rational: np.ndarray | None = None
    vague: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return self.residues.shape[2:]

    @property
    def zeros(self) -> np.ndarray:
        """Which elements are zero, in each world: those whose residues are, in all draws."""
        zero = (self.residues == 0).all(axis=1)
        return zero if self.kind is None else zero & (self.kind == FINITE)


def signs_of(values: np.ndarray) -> np.ndarray:
    """Of known numbers."""
    found = [POSITIVE if x > 0 else NEGATIVE if x < 0 else ZERO for x in values.ravel()]
    return np.array(found, np.int8).reshape(values.shape)


def _table(rule: Callable[[int, int], int]) -> np.ndarray:
    bits = ((NEGATIVE, -1), (ZERO, 0), (POSITIVE, 1))
    table = np.zeros((8, 8), np.int8)
    for a in range(8):
        for b in range(8):
            for i, s in bits:
                for j, t in bits:
                    if a & i and b & j:
                        table[a, b] |= rule(s, t)
    return table


def _bit(sign: int) -> int:
    return {-1: NEGATIVE, 0: ZERO, 1: POSITIVE}[sign]


OF_SUM = _table(lambda s, t: ANY if s * t < 0 else _bit(max(-1, min(1, s + t))))
OF_PRODUCT = _table(lambda s, t: _bit(s * t))
OF_NEGATIVE = np.array([0, 4, 2, 6, 1, 5, 3, 7], np.int8)


def signs_of_square(signs: np.ndarray) -> np.ndarray:
    return ((signs & ZERO) | np.where(signs & (NEGATIVE | POSITIVE), POSITIVE, 0)).astype(np.int8)


def kinds(x: Value) -> np.ndarray:
    return np.zeros((1, *x.shape), np.int8) if x.kind is None else x.kind


def kind_or_none(kind: np.ndarray) -> np.ndarray | None:
    return kind.astype(np.int8) if (kind != FINITE).any() else None


def vague_of(values: Sequence[Value]) -> int:
    """Of what is one of these."""
    return reduce(operator.or_, (value.vague for value in values), 0)


def none_where(holds: np.ndarray, kind: np.ndarray | None) -> np.ndarray | None:
    """The kinds, with no value in some places."""
    if not holds.any():
        return kind
    return np.where(holds, NONE, FINITE if kind is None else kind).astype(np.int8)


def fractions(function: Callable[..., Any], *arrays: np.ndarray) -> np.ndarray:
    """An array of objects, element by element."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), object)


def rational_roots(squares: np.ndarray) -> np.ndarray | None:
    """The square roots of rational numbers, if all of them are rational."""
    roots = [rational_root(x) for x in squares.ravel()]
    if any(root is None for root in roots):
        return None
    made = np.empty(len(roots), object)
    made[:] = roots
    return made.reshape(squares.shape)


def rational_root(square: Fraction) -> Fraction | None:
    if square < 0:
        return None
    root = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
    return root if root**2 == square else None

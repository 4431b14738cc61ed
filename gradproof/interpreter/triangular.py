"""Cholesky factors and triangular systems, entry by entry, in any arithmetic.

Matrices are the last two axes. LAPACK, in blocks or not, makes each entry of the same sum of products, in an order of
its own, and divides it by an entry of the diagonal or multiplies it by the rounded reciprocal. Each entry is made of
just these operations here, for which error bounds hold in any order and in either way.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

import numpy as np


class Operations(Protocol):
    """What these algorithms need of an arithmetic."""

    def take(self, pool: Sequence[Any], index: np.ndarray) -> Any: ...

    def sum(self, x: Any) -> Any: ...

    def add(self, a: Any, b: Any) -> Any: ...

    def multiply(self, a: Any, b: Any) -> Any: ...

    def negative(self, a: Any) -> Any: ...

    def reciprocal(self, a: Any) -> Any: ...

    def power(self, a: Any, exponent: Fraction) -> Any: ...

    def filled(self, value: float | Fraction, shape: tuple[int, ...]) -> Any: ...


def cholesky(arithmetic: Operations, a: Any) -> Any:
    """The lower factor, zero above the diagonal; only the lower triangle is read."""
    n = a.shape[-1]
    entry = positions(a.shape)
    factor = _Filled(arithmetic, a.shape)
    for j in range(n):
        column = arithmetic.take([a], entry[..., j:, j])
        if j:
            column = _less(arithmetic, column, factor.at(np.s_[..., j:, :j]), factor.at(np.s_[..., j : j + 1, :j]))
        place = positions(column.shape)
        root = arithmetic.power(arithmetic.take([column], place[..., :1]), Fraction(1, 2))
        below = arithmetic.take([column], place[..., 1:])
        factor.put(np.s_[..., j : j + 1, j], root)
        factor.put(np.s_[..., j + 1 :, j], _times(arithmetic, below, arithmetic.reciprocal(root)))
    return _spoilt(arithmetic, factor.at(np.s_[...]))


def _spoilt(arithmetic: Operations, factor: Any) -> Any:
    """Undefined as a whole where a pivot is not positive, as JAX has it: the last root needs all those before it."""
    last = arithmetic.take([factor], np.broadcast_to(positions(factor.shape)[..., -1:, -1:], factor.shape))
    return arithmetic.add(factor, arithmetic.multiply(arithmetic.filled(0.0, factor.shape), last))


def solve_lower(arithmetic: Operations, a: Any, b: Any) -> Any:
    """The x of a x = b, row by row; only the lower triangle of a is read."""
    entry, right = positions(a.shape), positions(b.shape)
    inverses = arithmetic.reciprocal(arithmetic.take([a], entry.diagonal(0, -2, -1)))
    solved = _Filled(arithmetic, b.shape)
    for i in range(a.shape[-1]):
        row = arithmetic.take([b], right[..., i, :])
        if i:
            known = solved.at(np.s_[..., :i, :], transposed=True)
            row = _less(arithmetic, row, known, arithmetic.take([a], entry[..., i : i + 1, :i]))
        inverse = arithmetic.take([inverses], positions(inverses.shape)[..., i : i + 1])
        solved.put(np.s_[..., i, :], _times(arithmetic, row, inverse))
    return solved.at(np.s_[...])


def product(arithmetic: Operations, a: Any, b: Any) -> Any:
    """The matrix product; the left factor has all axes in front that the right one has."""
    left = positions(a.shape)[..., :, None, :]
    right = positions(b.shape).swapaxes(-1, -2)[..., None, :, :]
    shape = np.broadcast_shapes(left.shape, right.shape)
    terms = (arithmetic.take([x], np.broadcast_to(index, shape)) for x, index in ((a, left), (b, right)))
    return arithmetic.sum(arithmetic.multiply(*terms))


def positions(shape: Sequence[int]) -> np.ndarray:
    return np.arange(math.prod(shape)).reshape(shape)


class _Filled:
    """An array that is made piece by piece; zero where nothing was put."""

    def __init__(self, arithmetic: Operations, shape: tuple[int, ...]):
        self.arithmetic = arithmetic
        self.pieces: list[Any] = []
        self.size = 0
        self.place = np.full(shape, -1)

    def put(self, where: Any, piece: Any) -> None:
        place = positions(piece.shape)
        self.place[where] = self.size + place
        self.pieces.append(piece)
        self.size += place.size

    def at(self, where: Any, *, transposed: bool = False) -> Any:
        place = self.place[where]
        return self.arithmetic.take(self.pieces, place.swapaxes(-1, -2) if transposed else place)


def _times(arithmetic: Operations, x: Any, factor: Any) -> Any:
    """x times a factor that is spread to its shape."""
    spread = np.broadcast_to(positions(factor.shape), x.shape)
    return arithmetic.multiply(x, arithmetic.take([factor], spread))


def _less(arithmetic: Operations, x: Any, a: Any, b: Any) -> Any:
    """x less the products of a and b along their last axis, as one sum."""
    products = arithmetic.negative(_times(arithmetic, a, b))
    places = [positions(x.shape)[..., None], math.prod(x.shape) + positions(products.shape)]
    return arithmetic.sum(arithmetic.take([x, products], np.concatenate(places, axis=-1)))

"""Products of arrays, Cholesky factors and triangular systems."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradproof.interpreter.running import Running


def dot_general(run: Running, equation: Any, a: Any, b: Any, *, dimension_numbers: Any) -> Any:
    (contract_a, contract_b), (batch_a, batch_b) = dimension_numbers
    a, b = run.number(a), run.number(b)
    free_a = [axis for axis in range(len(a.shape)) if axis not in (*contract_a, *batch_a)]
    free_b = [axis for axis in range(len(b.shape)) if axis not in (*contract_b, *batch_b)]
    batch, left, right, inner = (
        [x.shape[axis] for axis in axes] for x, axes in ((a, batch_a), (a, free_a), (b, free_b), (a, contract_a))
    )
    shape = (*batch, *left, *right, math.prod(inner))

    def arranged(x: Any, axes: Sequence[int], at: int, gap: int) -> Any:
        """Axes in the order batch, left, right, inner, with the ones that x lacks put in at a place."""

        def rule(index: np.ndarray) -> np.ndarray:
            ordered = index.transpose(axes)
            merged = ordered.reshape([*ordered.shape[: len(axes) - len(inner)], shape[-1]])
            return np.broadcast_to(np.expand_dims(merged, tuple(range(at, at + gap))), shape)

        return run.moved(rule, x)

    product = run.arithmetic.multiply(
        arranged(a, [*batch_a, *free_a, *contract_a], len(batch) + len(left), len(right)),
        arranged(b, [*batch_b, *free_b, *contract_b], len(batch), len(left)),
    )
    return run.arithmetic.sum(product)


def cholesky(run: Running, equation: Any, a: Any, **_: Any) -> Any:
    return run.arithmetic.cholesky(run.number(a))


def triangular_solve(
    run: Running,
    equation: Any,
    a: Any,
    b: Any,
    *,
    left_side: bool,
    lower: bool,
    transpose_a: bool,
    conjugate_a: bool,
    unit_diagonal: bool,
) -> Any:
    """With the triangle below and on the left: transposed where it must be, and in reverse order where it is above."""
    # Of x a = b the transposed is a' x' = b'. Real numbers are their own conjugates.
    transposed = transpose_a == left_side
    order = -1 if lower == transposed else 1
    n = a.shape[-1]
    diagonal = np.eye(n, dtype=bool) & unit_diagonal

    def triangle(entry: np.ndarray, one: np.ndarray) -> np.ndarray:
        turned = (entry.swapaxes(-1, -2) if transposed else entry)[..., ::order, ::order]
        return np.where(diagonal, one, np.where(np.tri(n, dtype=bool), turned, -1))

    def columns(entry: np.ndarray) -> np.ndarray:
        return entry if left_side else entry.swapaxes(-1, -2)

    a = run.moved(triangle, a, run.arithmetic.filled(1.0, ()))
    b = run.moved(lambda entry: columns(entry)[..., ::order, :], b)
    return run.moved(lambda entry: columns(entry[..., ::order, :]), run.arithmetic.solve_lower(a, b))

"""Products of arrays, convolutions, factors of matrices and triangular systems."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.interpreter.rules.windows import slid
from gradproof.interpreter.running import Running, is_true


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


def convolution(
    run: Running,
    equation: Any,
    a: Any,
    kernel: Any,
    *,
    window_strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    lhs_dilation: Sequence[int],
    rhs_dilation: Sequence[int],
    dimension_numbers: Any,
    feature_group_count: int,
    batch_group_count: int,
) -> Any:
    """The products of each window with each feature's kernel, as one sum."""
    numbers, out = dimension_numbers, equation.outvars[0].aval.shape
    batch, features, *spread = (out[axis] for axis in numbers.out_spec)
    size = [kernel.shape[axis] for axis in numbers.rhs_spec]
    group = np.arange(features) * (feature_group_count * batch_group_count) // features
    shape = (batch, features, *spread, math.prod(size[1:]))
    # Of each feature, the rows and the channels of its group.
    rows = np.arange(batch)[:, None] + (group * batch if batch_group_count > 1 else 0 * group)
    channels = np.arange(size[1]) + (group * size[1] if feature_group_count > 1 else 0 * group)[:, None]

    def windows(entry: np.ndarray) -> np.ndarray:
        found = slid(
            entry.transpose(numbers.lhs_spec),
            -1,
            window_dimensions=(1, 1, *size[2:]),
            window_strides=(1, 1, *window_strides),
            padding=((0, 0), (0, 0), *padding),
            base_dilation=(1, 1, *lhs_dilation),
            window_dilation=(1, 1, *rhs_dilation),
        )
        return np.moveaxis(found[rows[:, :, None], channels[None]], 2, -2).reshape(shape)

    def kernels(entry: np.ndarray) -> np.ndarray:
        flat = entry.transpose(numbers.rhs_spec).reshape(features, -1)
        return np.broadcast_to(flat.reshape(features, *(1 for _ in spread), -1), shape)

    a, kernel = run.moved(windows, run.number(a)), run.moved(kernels, run.number(kernel))
    total = run.arithmetic.sum(run.arithmetic.multiply(a, kernel))
    return run.moved(lambda entry: entry.transpose(np.argsort(numbers.out_spec)), total)


def cholesky(run: Running, equation: Any, a: Any, **_: Any) -> Any:
    return run.arithmetic.cholesky(run.number(a))


def lu(run: Running, equation: Any, a: Any) -> list[Any]:
    """Elimination, where each pivot is the largest that is left in its column; and the rows in their new order."""
    a = run.number(a)
    *outer, m, n = a.shape
    if not m or not n:
        raise Undecided("an LU decomposition of no numbers")
    rows: Any = np.broadcast_to(np.arange(m, dtype=np.int32), (*outer, m))
    pivots: list[Any] = []
    for k in range(min(m, n)):
        column = run.moved(lambda entry, k=k: entry[..., None, k:, k], a)
        pivots.append(run.arithmetic.places(run.arithmetic.multiply(column, column), 1) + k)
        a = run.moved(partial(_exchanged, k=k, axis=-2), a, pivots[k])
        rows = run.moved(partial(_exchanged, k=k, axis=-1), rows, pivots[k])
        a = _eliminated(run, a, k)
    return [a, np.concatenate(pivots, axis=-1).astype(np.int32), rows]


def permutation(run: Running, equation: Any, pivots: Any, *, permutation_size: int) -> Any:
    """What exchanges, one after the other, make of the order of rows."""
    if not is_true((pivots >= 0) & (pivots < permutation_size)):
        raise Undecided("a pivot is no row")
    rows: Any = np.broadcast_to(np.arange(permutation_size, dtype=np.int32), (*pivots.shape[:-1], permutation_size))
    for k in range(pivots.shape[-1]):
        rows = run.moved(partial(_exchanged, k=k, axis=-1), rows, pivots[..., k : k + 1])
    return rows


def _exchanged(x: np.ndarray, pivot: np.ndarray, *, k: int, axis: int) -> np.ndarray:
    """With the element at k and that at the pivot in each other's place."""
    place = np.arange(x.shape[axis])
    order = np.where(place == k, pivot, np.where(place == pivot, k, place))
    order = order[..., None] if axis == -2 else order
    return np.take_along_axis(x, np.broadcast_to(order, x.shape), axis)


def _eliminated(run: Running, a: Any, k: int) -> Any:
    """What is below a pivot becomes the factors, and what is right of that loses as many times the pivot's row."""
    shape = (*a.shape[:-2], a.shape[-2] - k - 1, a.shape[-1] - k - 1)
    below, pivot = (
        run.moved(lambda entry, r=r: np.broadcast_to(entry[..., r, k], shape[:-1]), a)
        for r in (slice(k + 1, None), slice(k, k + 1))
    )
    factors = run.arithmetic.divide(below, pivot)
    times, row = (
        run.moved(lambda entry: np.broadcast_to(entry[..., None], shape), factors),
        run.moved(lambda entry: np.broadcast_to(entry[..., k : k + 1, k + 1 :], shape), a),
    )
    rest = run.arithmetic.subtract(
        run.moved(lambda entry: entry[..., k + 1 :, k + 1 :], a), run.arithmetic.multiply(times, row)
    )

    def joined(entry: np.ndarray, factors: np.ndarray, rest: np.ndarray) -> np.ndarray:
        out = np.array(entry)
        out[..., k + 1 :, k], out[..., k + 1 :, k + 1 :] = factors, rest
        return out

    return run.moved(joined, a, factors, rest)


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

"""Primitives that move elements and change none: each as a rule on numpy arrays.

The engine applies a rule to arrays of positions and so learns where each element of the result comes from; this is
all that any arithmetic needs. Position -1 stands for a zero that was not in the operands.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.interpreter.positions import Positions

Array = np.ndarray[Any, Any]
Shape = Sequence[int]
Axes = Sequence[int]


def broadcast_in_dim(x: Array, *, shape: Shape, broadcast_dimensions: Axes) -> Array:
    spread = [1] * len(shape)
    for axis, place in enumerate(broadcast_dimensions):
        spread[place] = x.shape[axis]
    return np.broadcast_to(x.reshape(spread), shape)


def reshape(x: Array, *, new_sizes: Shape, dimensions: Axes | None = None) -> Array:
    return (x if dimensions is None else x.transpose(dimensions)).reshape(new_sizes)


def squeeze(x: Array, *, dimensions: Axes) -> Array:
    return x.reshape([n for axis, n in enumerate(x.shape) if axis not in dimensions])


def expand_dims(x: Array, *, dimensions: Axes) -> Array:
    return np.expand_dims(x, tuple(dimensions))


def transpose(x: Array, *, permutation: Axes) -> Array:
    return x.transpose(permutation)


def reverse(x: Array, *, dimensions: Axes) -> Array:
    return np.flip(x, tuple(dimensions))


def slice_(x: Array, *, start_indices: Shape, limit_indices: Shape, strides: Shape | None) -> Array:
    strides = strides or (1,) * x.ndim
    return x[tuple(map(slice, start_indices, limit_indices, strides))]


def concatenate(*xs: Array, dimension: int) -> Array:
    return np.concatenate(xs, axis=dimension)


def stack(*xs: Array, axis: int) -> Array:
    return np.stack(xs, axis=axis)


def unstack(x: Array, *, axis: int) -> list[Array]:
    return [np.take(x, i, axis=axis) for i in range(x.shape[axis])]


def split(x: Array, *, sizes: Shape, axis: int) -> list[Array]:
    return np.split(x, np.cumsum(sizes)[:-1], axis=axis)


def tile(x: Array, *, reps: Shape) -> Array:
    return np.tile(x, reps)


def pad(x: Array, value: Array, *, padding_config: Any) -> Array:
    low, high, inner = np.array(padding_config).reshape(-1, 3).T
    n = np.array(x.shape, int)
    dilated = low + high + n + np.maximum(n - 1, 0) * inner
    result = np.full(dilated, value)
    place, keep = [], []
    for axis in range(x.ndim):
        positions = low[axis] + np.arange(n[axis]) * (inner[axis] + 1)
        inside = (positions >= 0) & (positions < dilated[axis])
        place.append(positions[inside])
        keep.append(np.flatnonzero(inside))
    result[np.ix_(*place)] = x[np.ix_(*keep)] if x.ndim else x
    return result


def dynamic_slice(x: Array, *starts: Any, slice_sizes: Shape) -> Array:
    return x[_window(x.shape, starts, slice_sizes)]


def dynamic_update_slice(x: Array, update: Array, *starts: Any) -> Array:
    result = x.copy()
    result[_window(x.shape, starts, update.shape)] = update
    return result


def _window(shape: Shape, starts: Any, sizes: Shape) -> tuple[slice, ...]:
    return tuple(
        slice(begin, begin + size)
        for begin, size in (
            (min(max(int(start), 0), n - size), size) for n, start, size in zip(shape, starts, sizes, strict=True)
        )
    )


def select_n(which: Array, *cases: Array) -> Array:
    which = np.broadcast_to(np.asarray(which, np.int64), cases[0].shape)
    return np.take_along_axis(np.stack(cases), which[None], axis=0)[0]


def gather(
    x: Array, indices: Array, *, dimension_numbers: Any, slice_sizes: Shape, mode: Any, fill_value: Any
) -> Array:
    numbers = dimension_numbers
    inner = [a for a in range(x.ndim) if a not in numbers.collapsed_slice_dims + numbers.operand_batching_dims]
    batch = list(indices.shape[:-1])
    outer, offsets = iter(batch), iter(inner)
    shape = [
        slice_sizes[next(offsets)] if axis in numbers.offset_dims else next(outer)
        for axis in range(len(batch) + len(numbers.offset_dims))
    ]
    place, inside = _positions(
        x.shape,
        indices,
        tuple(shape),
        numbers.offset_dims,
        inner,
        numbers.start_index_map,
        dict(zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True)),
        slice_sizes,
        mode,
    )
    if not inside.all() and not (isinstance(x, Positions) and fill_value == 0):
        raise Undecided("an index is out of bounds, and what JAX puts there is no number of the array")
    picked = x.ravel()[np.where(inside, place, 0)] if x.size else np.full(shape, -1)
    return np.where(inside, picked, -1)


def scatter_places(shape: Shape, indices: Array, updates_shape: Shape, *, dimension_numbers: Any, mode: Any) -> Array:
    """For each update, the position it goes to, or -1 where it falls outside."""
    numbers = dimension_numbers
    inner = [a for a in range(len(shape)) if a not in numbers.inserted_window_dims + numbers.operand_batching_dims]
    sizes = [1] * len(shape)
    for axis, window in zip(inner, numbers.update_window_dims, strict=True):
        sizes[axis] = updates_shape[window]
    place, inside = _positions(
        shape,
        indices,
        updates_shape,
        numbers.update_window_dims,
        inner,
        numbers.scatter_dims_to_operand_dims,
        dict(zip(numbers.operand_batching_dims, numbers.scatter_indices_batching_dims, strict=True)),
        sizes,
        mode,
    )
    return np.where(inside, place, -1)


def _positions(
    shape: Shape,
    indices: Array,
    windows_shape: Shape,
    window_axes: Axes,
    inner: Axes,
    start_map: Axes,
    batching: Mapping[int, int],
    sizes: Shape,
    mode: Any,
) -> tuple[Array, Array]:
    """Where in an array of `shape` each element of the windows lies, and whether it lies inside."""
    grid = np.indices(windows_shape)
    batch = [grid[a] for a in range(len(windows_shape)) if a not in window_axes]
    coordinate = [np.zeros(windows_shape, np.int64) for _ in shape]
    inside = np.ones(windows_shape, bool)
    for component, axis in enumerate(start_map):
        start = indices[(*batch, component)] if batch else np.broadcast_to(indices[component], windows_shape)
        top = shape[axis] - sizes[axis]
        if str(mode).upper().endswith("CLIP"):
            start = np.clip(start, 0, top)
        elif not str(mode).upper().endswith("PROMISE_IN_BOUNDS"):
            inside &= (start >= 0) & (start <= top)
        coordinate[axis] = coordinate[axis] + start
    for axis, index_axis in batching.items():
        coordinate[axis] = batch[index_axis]
    for axis, window in zip(inner, window_axes, strict=True):
        coordinate[axis] = coordinate[axis] + grid[window]
    clipped = [np.clip(c, 0, max(n - 1, 0)) for c, n in zip(coordinate, shape, strict=True)]
    if not shape or not math.prod(shape):
        return np.zeros(windows_shape, np.int64), inside
    return np.ravel_multi_index(clipped, shape), inside

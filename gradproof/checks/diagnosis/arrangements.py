"""Mistakes in the order of arrays and entries: exchanged, transposed, reversed, shifted."""

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import numpy as np

from gradproof.checks.diagnosis.case import Case, Explanation

MOST_ARRAYS = 5
"""Of so many all orders are tried."""

MOST_AXES = 4
"""Of so many all orders are tried."""


def exchanged(case: Case) -> Iterator[Explanation]:
    if not 1 < len(case.leaves) <= MOST_ARRAYS:
        return
    shapes = [array.shape for array in case.expected(case.first)]
    given = [array.shape for array in case.given(case.first)]
    for order in permutations(range(len(case.leaves))):
        if list(order) == sorted(order) or [given[i] for i in order] != shapes:
            continue
        moved = [
            case.names[leaf].removeprefix("the derivative by ") for leaf, i in zip(case.leaves, order, strict=True)
        ]
        names = f"{', '.join(moved[:-1])} and {moved[-1]}"
        yield Explanation(
            lambda it, names=names: f"{names} are exchanged",
            lambda sample, order=order: [case.given(sample)[i] for i in order],
        )


def transposed(case: Case) -> Iterator[Explanation]:
    axes = case.expected(case.first)[0].ndim
    if not 2 <= axes <= MOST_AXES:
        return
    for order in sorted(permutations(range(axes)), key=lambda order: order != (*range(axes - 2), axes - 1, axes - 2)):
        if order == tuple(range(axes)):
            continue
        swapped = [axis for axis, other in enumerate(order) if axis != other]
        last_two = swapped == [axes - 2, axes - 1]
        text = "the transpose of what {}" if last_two else f"what {{}} with axes in the order {order}"
        yield Explanation(
            lambda it, text=text: f"{it.it} {it.be} {text.format(it.should)}",
            lambda sample, order=order: [
                array.transpose(order) if array.ndim == len(order) else array for array in case.expected(sample)
            ],
            of="expected",
        )


def moved(case: Case) -> Iterator[Explanation]:
    """Reversed or shifted along an axis."""
    changes: tuple[tuple[str, Callable[[Any, int], Any]], ...] = (
        ("reversed", np.flip),
        ("shifted by one", lambda x, axis: np.roll(x, 1, axis)),
        ("shifted by one", lambda x, axis: np.roll(x, -1, axis)),
    )
    for axis in range(max(array.ndim for array in case.expected(case.first))):
        for text, change in changes:
            yield Explanation(
                lambda it, axis=axis, text=text: f"axis {axis} is {text}{it.within}",
                lambda sample, axis=axis, change=change: [
                    change(array, axis) if array.ndim > axis else array for array in case.expected(sample)
                ],
                of="expected",
            )


def shifted(case: Case) -> Iterator[Explanation]:
    """By one along an axis, so that one end is lost."""
    if len(case.leaves) != 1:
        return
    (leaf,) = case.leaves
    for axis in range(case.first.expected[leaf].ndim):
        for step in (1, -1):
            at = [sample.floats for sample in case.samples if case.differs(sample)]
            kept = [
                (_part(expected[leaf], axis, -step), _part(given[leaf], axis, step), _part(expected[leaf], axis, step))
                for expected, given, _ in at
            ]
            # Where neighbours are alike a shift cannot be seen.
            if all(here.size and not np.array_equal(here, unmoved) for here, _, unmoved in kept):
                yield Explanation(
                    lambda it, axis=axis: f"axis {axis} is shifted by one{it.within}, and one end of it is lost",
                    lambda sample, axis=axis, step=step: [
                        _unshifted(sample.given[leaf], sample.expected[leaf], axis, step)
                    ],
                )


def _part(x: np.ndarray, axis: int, step: int) -> np.ndarray:
    """All but one end of an axis."""
    return np.delete(x, 0 if step > 0 else -1, axis)


def _unshifted(given: np.ndarray, expected: np.ndarray, axis: int, step: int) -> np.ndarray:
    """What is given, moved back; the end that is lost is as it should be."""
    end = np.take(expected, [-1 if step > 0 else 0], axis)
    kept = _part(given, axis, step)
    return np.concatenate([kept, end] if step > 0 else [end, kept], axis)

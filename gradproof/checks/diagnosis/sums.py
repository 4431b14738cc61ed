"""Mistakes in sums: over an axis that is to stay, taken as a mean, or running along an axis."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from gradproof.checks.diagnosis.case import Case, Explanation


def summed(case: Case) -> Iterator[Explanation]:
    """What is given is the same along axes: a sum or a mean of what is right."""
    axes = case.expected(case.first)[0].ndim
    for count in range(1, axes + 1):
        for over in combinations(range(axes), count):
            for text, change in _SUMS:
                yield Explanation(
                    lambda it, over=over, text=text: f"{it.it} {it.be} {text} over {named_axes(over)}",
                    lambda sample, over=over, change=change: [
                        np.broadcast_to(change(array, over), array.shape) if array.ndim > max(over) else array
                        for array in case.expected(sample)
                    ],
                    of="expected",
                )


def running(case: Case) -> Iterator[Explanation]:
    """A sum that runs along an axis, missing or too many; a mean that is taken away, or is not."""
    for axis in range(case.expected(case.first)[0].ndim):
        for text, change in _RUNNING:
            for of in ("given", "expected"):
                yield Explanation(
                    lambda it, axis=axis, text=text, of=of: (
                        f"{text} axis {axis} is {'missing' if of == 'given' else 'too many'}{it.within}"
                    ),
                    lambda sample, axis=axis, change=change, of=of: [
                        change(array, axis) if array.ndim > axis else array
                        for array in (case.given(sample) if of == "given" else case.expected(sample))
                    ],
                    of=of,
                )


def named_axes(axes: tuple[int, ...]) -> str:
    if len(axes) == 1:
        return f"axis {axes[0]}"
    return f"axes {', '.join(map(str, axes[:-1]))} and {axes[-1]}"


Change = Callable[[Any, Any], Any]

_SUMS: tuple[tuple[str, Change], ...] = (
    ("summed", lambda x, axes: np.sum(x, axis=axes, keepdims=True)),
    ("averaged", lambda x, axes: np.sum(x, axis=axes, keepdims=True) / int(np.prod([x.shape[a] for a in axes]))),
)

_RUNNING: tuple[tuple[str, Change], ...] = (
    ("a running sum along", lambda x, axis: np.cumsum(x, axis)),
    ("a running sum from the end of", lambda x, axis: np.flip(np.cumsum(np.flip(x, axis), axis), axis)),
    ("taking away the mean along", lambda x, axis: x - np.sum(x, axis, keepdims=True) / x.shape[axis]),
)

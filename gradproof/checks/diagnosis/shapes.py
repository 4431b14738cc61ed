"""Mistakes that give a side another shape: sums left out or too many, transposes, arrays exchanged."""

from collections.abc import Iterator
from itertools import combinations

import mpmath
import numpy as np

from gradproof.checks.diagnosis import arrangements
from gradproof.checks.diagnosis.case import Arrays, Case, Explanation, Hypothesis, Sample, equal
from gradproof.checks.diagnosis.sums import named_axes
from gradproof.programs import Side


def shape_hint(expected: Side, given: Side) -> str | None:
    """What the forms of two sides say by themselves."""
    if expected.structure != given.structure:
        return None
    dtypes = {(a.dtype, b.dtype) for a, b in zip(expected.avals, given.avals, strict=True) if a.dtype != b.dtype}
    wrong = [(a.shape, b.shape) for a, b in zip(expected.avals, given.avals, strict=True) if a.shape != b.shape]
    if not wrong and len(dtypes) == 1:
        ((right, other),) = dtypes
        return f"the numbers are of dtype {other} and should be of {right}"
    if wrong and all(sorted(a) == sorted(b) for a, b in wrong):
        return "the axes are in another order: a transpose is missing or too many"
    if wrong and all([n for n in a if n != 1] == [n for n in b if n != 1] for a, b in wrong):
        return "an axis of length one is missing or too many"
    return None


def not_summed(case: Case) -> Iterator[Explanation]:
    """What is given has axes more, over which it is to be summed."""
    more = case.given(case.first)[0].ndim - case.expected(case.first)[0].ndim
    if more <= 0:
        return
    for axes in combinations(range(case.given(case.first)[0].ndim), more):
        if all(sample.given[case.leaves[0]].shape[axis] == 1 for sample in case.samples for axis in axes):
            continue
        yield Explanation(
            lambda it, axes=axes: f"{it.it} {it.be} not summed over {named_axes(axes)}{_length(case, axes)}",
            lambda sample, axes=axes: [
                np.asarray(np.sum(array, axis=axes), object) if array.ndim > max(axes) else array
                for array in case.given(sample)
            ],
        )


def summed(case: Case) -> Iterator[Explanation]:
    """What is given has lost axes to a sum."""
    less = case.expected(case.first)[0].ndim - case.given(case.first)[0].ndim
    for axes in combinations(range(case.expected(case.first)[0].ndim), max(less, 0)):
        for text, mean in (("summed", False), ("averaged", True)):
            yield Explanation(
                lambda it, axes=axes, text=text: f"{it.it} {it.be} {text} over {named_axes(axes)}, which should stay",
                lambda sample, axes=axes, mean=mean: [_sum(array, axes, mean=mean) for array in case.expected(sample)],
                of="expected",
            )


def _sum(array: np.ndarray, axes: tuple[int, ...], *, mean: bool) -> np.ndarray:
    if not axes or array.ndim <= max(axes):
        return array
    found = np.sum(array, axis=axes)
    return np.asarray(found / int(np.prod([array.shape[axis] for axis in axes])) if mean else found, object)


def over_the_wrong_axis(case: Case) -> Iterator[Explanation]:
    """Vectors of other lengths with the same sum over all entries: both are sums of the same numbers."""
    yield Explanation(
        lambda it: f"the sum{' of' + it.within[3:] if it.names else ''} is over the wrong axis{_lengths(case)}",
        lambda sample: _if_same_sums(case, sample),
    )


def _if_same_sums(case: Case, sample: Sample) -> Arrays:
    for a, b in zip(case.expected(sample), case.given(sample), strict=True):
        if a.ndim != 1 or b.ndim != 1 or not a.size or not b.size:
            return ()
        sums = np.array([a.sum()], object), np.array([b.sum()], object)
        if not equal(*sums).all() or equal(sums[0], np.array([mpmath.mpf(0)], object)).all():
            return ()
    return case.expected(sample)


def _lengths(case: Case) -> str:
    if len(case.leaves) > 1:
        return ""
    (leaf,) = case.leaves
    right, other = (_name(case, [getattr(s, of)[leaf].shape[0] for s in case.samples]) for of in ("expected", "given"))
    return f": there are {other} entries, and should be {right}" if right and other else ""


def _length(case: Case, axes: tuple[int, ...]) -> str:
    lengths = [_name(case, [case.given(sample)[0].shape[axis] for sample in case.samples]) for axis in axes]
    return f", of length {' and '.join(filter(None, lengths))}" if all(lengths) else ""


def _name(case: Case, lengths: list[int]) -> str | None:
    """The size that an axis has in all samples."""
    sizes = case.samples[0].sizes
    found = [name for name in sizes if [sample.sizes[name] for sample in case.samples] == lengths]
    return found[0] if found else None


SHAPES: tuple[Hypothesis, ...] = (
    arrangements.exchanged,
    arrangements.transposed,
    not_summed,
    summed,
    over_the_wrong_axis,
)

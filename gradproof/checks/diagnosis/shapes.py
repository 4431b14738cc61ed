"""Mistakes that give a side another shape: sums left out or too many, transposes, arrays exchanged."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import mpmath
import numpy as np

from gradproof.checks.diagnosis import arrangements
from gradproof.checks.diagnosis.case import Arrays, Case, Explanation, Hypothesis, Sample, equal
from gradproof.checks.diagnosis.sums import named_axes
from gradproof.programs import Side

Sizes = Mapping[str, int]

MOST_TIMES = 4
"""Multiples of sizes that a length is looked for among."""


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


def named_shapes(sides: Sequence[tuple[Side, Side]], sizes: Sequence[Sizes]) -> str | None:
    """What the first array with another shape has for one, and should have.

    Arguments:
        sides: at each of two assignments the side that is right, and the other one.
        sizes: these assignments.
    """
    if len({(right.structure, given.structure) for right, given in sides}) > 1:
        return None
    (right, given), (right_there, given_there) = sides
    if right.structure != given.structure:
        return None
    leaf = next(i for i, (a, b) in enumerate(zip(right.avals, given.avals, strict=True)) if a.shape != b.shape)
    names = [
        _named(here.avals[leaf].shape, there.avals[leaf].shape, sizes)
        for here, there in ((given, given_there), (right, right_there))
    ]
    if None in names or names[0] == names[1]:
        return None
    which = given.entry_name(leaf, ()) if len(given.avals) > 1 else "it"
    return f"{which} has the shape [{names[0]}], and should have [{names[1]}]"


def _named(here: Sequence[int], there: Sequence[int], sizes: Sequence[Sizes]) -> str | None:
    if len(here) != len(there):
        return None
    names = [_called(pair, sizes) for pair in zip(here, there, strict=True)]
    return None if None in names else ", ".join(map(str, names))


def _called(lengths: tuple[int, int], sizes: Sequence[Sizes]) -> str | None:
    """The simplest name of a length."""
    if lengths[0] == lengths[1]:
        return str(lengths[0])
    return next((text for text, *found in _known_lengths(sizes) if tuple(found) == lengths), None)


def _known_lengths(sizes: Sequence[Sizes]) -> Iterator[tuple[str, int, int]]:
    here, there = sizes
    for name in here:
        yield name, here[name], there[name]
    for name in here:
        for times in range(2, MOST_TIMES + 1):
            yield f"{times}{name}", times * here[name], times * there[name]
        for more in (1, -1):
            yield f"{name}{more:+d}", here[name] + more, there[name] + more
    for a, b in combinations(here, 2):
        yield f"{a}+{b}", here[a] + here[b], there[a] + there[b]
        yield f"{a}*{b}", here[a] * here[b], there[a] * there[b]

"""Mistakes in some entries: the diagonal, a row, a gate, or where a label or a symbol has a value."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.checks.diagnosis.case import Case, Explanation, Sample
from gradproof.checks.diagnosis.factors import constant_ratio
from gradproof.checks.diagnosis.library import Item, items
from gradproof.checks.diagnosis.numbers import Numbers
from gradproof.checks.diagnosis.terms import said_of_term

ENOUGH = 12
"""So many values of a label or a symbol must tell right from wrong."""


@dataclass(frozen=True)
class Place:
    """Some of the entries of an array, as a subject with its verb."""

    text: str
    mask: Callable[..., np.ndarray]
    """From a sample."""


def place(case: Case) -> Iterator[Explanation]:
    """All entries are right but those at a place that has a name."""
    if len(case.leaves) != 1:
        return
    (leaf,) = case.leaves
    if not all(sample.expected[leaf].shape for sample in case.samples):
        return
    for found in (*_diagonal(case, leaf), *_slices(case, leaf), *_conditions(case, leaf)):
        masks = [found.mask(sample) for sample in case.samples]
        some = any(mask.any() and not mask.all() for mask in masks)
        pairs = [(sample.wrong[leaf], mask) for sample, mask in zip(case.samples, masks, strict=True)]
        if some and all(_only(wrong, mask) for wrong, mask in pairs if wrong.any()):
            yield from _explained(case, leaf, found)


def _only(wrong: np.ndarray, mask: np.ndarray) -> bool:
    """Whether all that is wrong is at the place, and most of that is."""
    there = int(np.count_nonzero(mask))
    return not bool((wrong & ~mask).any()) and there < 2 * int(np.count_nonzero(wrong))


def _explained(case: Case, leaf: int, found: Place) -> Iterator[Explanation]:
    for how, change in (*_how(case, leaf, found), ("", lambda sample: sample.expected[leaf])):
        yield Explanation(
            lambda it, how=how: f"only {found.text} wrong{it.within}{how}",
            lambda sample, change=change: [np.where(found.mask(sample), change(sample), sample.given[leaf])],
        )


def _how(case: Case, leaf: int, found: Place) -> Iterator[tuple[str, Callable[..., np.ndarray]]]:
    """What is wrong there: a factor."""
    at = [(sample, found.mask(sample)) for sample in case.samples]
    rows = [(s.floats[1][leaf][mask], s.floats[0][leaf][mask]) for s, mask in at]
    if not any(given.any() for given, _ in rows):
        yield ", and zero", lambda sample: sample.expected[leaf]
        return
    numbers = Numbers(case)
    ratios = [constant_ratio(given, expected) for given, expected in rows]
    if None not in ratios:
        for ratio in numbers.named([r for r in ratios if r is not None]):
            yield f", by a factor of {ratio.text}", lambda s, ratio=ratio: s.given[leaf] / ratio.at(s)
    first, mask = case.first, found.mask(case.first)
    given, expected = first.floats[1][leaf][mask], first.floats[0][leaf][mask]
    for item, values in items(case, leaf):
        if constant_ratio(given * np.broadcast_to(values, mask.shape)[mask], expected) is not None:
            yield f", and lacks the factor {item.text}", lambda s, item=item: s.given[leaf] * item.at(s)
        gap = first.floats[2][leaf][mask]
        if constant_ratio(gap, np.broadcast_to(values, mask.shape)[mask]) is not None:
            gaps = [_gap_over(sample, leaf, item, mask) for sample, mask in at]
            for ratio in numbers.named(gaps):
                yield (
                    f": {said_of_term(ratio, item.text)}",
                    lambda s, ratio=ratio, item=item: s.given[leaf] - ratio.at(s) * item.at(s),
                )


def _gap_over(sample: Sample, leaf: int, item: Item, mask: np.ndarray) -> float:
    """The difference over an array, at a place."""
    found = constant_ratio(sample.floats[2][leaf][mask], item.rounded_at(sample, mask.shape)[mask])
    return float("nan") if found is None else found


# Places


def _diagonal(case: Case, leaf: int) -> Iterator[Place]:
    shapes = [sample.expected[leaf].shape for sample in case.samples]
    if all(len(shape) == 2 and shape[0] == shape[1] for shape in shapes):
        yield Place("the diagonal is", lambda s: np.eye(len(s.expected[leaf]), dtype=bool))
        for text, lower, upper in (("above", 1, 99), ("below", -99, -1)):
            yield Place(
                f"the entries {text} the diagonal are",
                lambda s, lower=lower, upper=upper: _band(len(s.expected[leaf]), lower, upper),
            )
        yield Place("the entries off the diagonal are", lambda s: ~np.eye(len(s.expected[leaf]), dtype=bool))


def _band(n: int, lower: int, upper: int) -> np.ndarray:
    steps = np.arange(n) - np.arange(n)[:, None]
    return np.asarray((lower <= steps) & (steps <= upper))


def _slices(case: Case, leaf: int) -> Iterator[Place]:
    """One index along an axis, and all but one."""
    axes = case.first.expected[leaf].ndim
    for axis in range(axes):
        lengths = {sample.expected[leaf].shape[axis] for sample in case.samples}
        one, many = _ENTRIES.get((axes, axis), (f"index {{}} of axis {axis}", f"indices of axis {axis}"))
        inner = range(1, min(lengths) - 1) if len(lengths) == 1 else ()
        for index in (0, *inner, -1):
            last = index == -1
            number = str(min(lengths) - 1) if last and len(lengths) == 1 else "last" if last else str(index)
            name = f"the last {one.format('').strip()}" if number == "last" else one.format(number)
            yield Place(f"{name} is", lambda s, axis=axis, index=index: _at(s.expected[leaf].shape, axis, index))
            if min(lengths) > 2 or len(lengths) > 1:
                yield Place(
                    f"the {many} but {name.removeprefix('the ')} are",
                    lambda s, axis=axis, index=index: ~_at(s.expected[leaf].shape, axis, index),
                )


_ENTRIES = {(1, 0): ("entry {}", "entries"), (2, 0): ("row {}", "rows"), (2, 1): ("column {}", "columns")}


def _at(shape: tuple[int, ...], axis: int, index: int) -> np.ndarray:
    mask = np.zeros(shape, bool)
    np.moveaxis(mask, axis, 0)[index] = True
    return mask


def _conditions(case: Case, leaf: int) -> Iterator[Place]:
    """Where a label has a value, or a symbol a sign."""
    shape = case.first.expected[leaf].shape
    for name, symbol in case.claim.arrays.items():
        have = np.shape(case.first.inputs[name])
        count = sum(np.size(sample.inputs[name]) for sample in case.samples)
        if not have or have != shape[: len(have)] or count < ENOUGH:
            continue
        tests: list[tuple[str, Callable[..., Any]]]
        if symbol.label or symbol.integer:
            values = sorted({float(x) for sample in case.samples for x in np.ravel(sample.inputs[name])})
            tests = [(f"{name} = {value:g}", lambda x, value=value: x == value) for value in values]
        elif symbol.unbounded:
            tests = [(f"{name} > 0", lambda x: x > 0), (f"{name} < 0", lambda x: x < 0)]
        else:
            continue
        for text, test in tests:
            yield Place(
                f"the entries where {text} are",
                lambda s, name=name, test=test: _spread(test(np.asarray(s.inputs[name])), s.expected[leaf].shape),
            )


def _spread(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if mask.shape != shape[: mask.ndim]:
        return np.zeros(shape, bool)
    return np.broadcast_to(mask.reshape(*mask.shape, *(1,) * (len(shape) - mask.ndim)), shape)

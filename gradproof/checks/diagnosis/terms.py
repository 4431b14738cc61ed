"""Mistakes in a term: missing, doubled or of another factor, a product of symbols or a constant."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from gradproof.checks.diagnosis.case import Case, Explanation, Sample, Subject
from gradproof.checks.diagnosis.factors import constant_ratio
from gradproof.checks.diagnosis.library import Item, items, other_arrays
from gradproof.checks.diagnosis.numbers import LOOK, Numbers, Ratio


def constant(case: Case) -> Iterator[Explanation]:
    """All entries are too large by the same number."""
    gaps = [np.concatenate([sample.floats[2][leaf].ravel() for leaf in case.leaves]) for sample in case.samples]
    found = [constant_ratio(gap, np.ones(gap.shape)) for gap in gaps]
    if not all(found):
        return
    first = case.first
    exact = next(a.ravel()[0] - b.ravel()[0] for a, b in zip(case.given(first), case.expected(first), strict=True))
    for ratio in Numbers(case).named([r for r in found if r is not None], exact):
        yield Explanation(
            lambda it, ratio=ratio: _offset(ratio, it, one=gaps[0].size == 1),
            lambda sample, ratio=ratio: [array - ratio.at(sample) for array in case.given(sample)],
        )


def _offset(ratio: Ratio, it: Subject, *, one: bool) -> str:
    if one and ratio.form.above:
        return _said(ratio, "", it)
    entries = "" if one else " at all entries"
    return f"{it.it} {it.be} too {'small' if ratio.negative else 'large'} by {ratio.absolute.text}{entries}"


def term(case: Case) -> Iterator[Explanation]:
    """A product of symbols, times a number or a size, is missing or too many."""
    yield from _terms(case, partly=False)


def term_in_part(case: Case) -> Iterator[Explanation]:
    """The same at some of the entries."""
    yield from _terms(case, partly=True)


def _terms(case: Case, *, partly: bool) -> Iterator[Explanation]:
    if len(case.leaves) != 1:
        return
    (leaf,) = case.leaves
    gap = case.first.floats[2][leaf]
    if partly and (gap.all() or sum(np.count_nonzero(sample.floats[2][leaf]) for sample in case.samples) < 4):
        return
    numbers = Numbers(case)
    for item, values in (*items(case, leaf), *other_arrays(case, leaf)):
        ratio = constant_ratio(gap, np.where(gap != 0, values, 0.0) if partly else values)
        if not ratio or np.isnan(ratio):
            continue
        ratios = [_at(sample, leaf, item, partly=partly) for sample in case.samples]
        for name in numbers.named(ratios, _exact(case.first, leaf, item)):
            yield Explanation(
                lambda it, name=name, item=item: _said(name, item.text, it) + (" at some entries" if partly else ""),
                lambda sample, name=name, item=item: [
                    sample.given[leaf] - name.at(sample) * item.at(sample) * _where(sample, leaf, partly=partly)
                ],
            )


def _said(ratio: Ratio, product: str, it: Subject) -> str:
    return f"{said_of_term(ratio, product)}{it.within}"


def said_of_term(ratio: Ratio, product: str) -> str:
    """What it means that given - expected is this ratio times a product."""
    text = ratio.absolute.times(product)
    if ratio.decimal is not None:
        return f"a term {text} is {'missing' if ratio.negative else 'too many'}"
    if ratio.form.difference is not None:
        put, due = (replace(ratio, form=form).absolute.times(product) for form in ratio.form.difference)
        if ratio.negative:
            put, due = due, put
        return f"there is a term {put} in the place of {due}"
    return f"the term {text} is missing" if ratio.negative else f"there is a term {text} too many"


def _where(sample: Sample, leaf: int, *, partly: bool) -> np.ndarray | int:
    """The entries that are wrong, or all."""
    return sample.wrong[leaf].astype(int) if partly else 1


def _at(sample: Sample, leaf: int, item: Item, *, partly: bool) -> float:
    gap = sample.floats[2][leaf]
    values = item.rounded_at(sample, gap.shape)
    found = constant_ratio(gap, np.where(gap != 0, values, 0.0) if partly else values)
    return float("nan") if found is None else found


def _exact(sample: Sample, leaf: int, item: Item) -> Any:
    """The ratio of the difference and an array, at the first entry that has one."""
    gap = np.asarray(sample.given[leaf] - sample.expected[leaf], object)
    values = np.broadcast_to(item.at(sample), gap.shape)
    return next((a / b for a, b in zip(gap.ravel(), values.ravel(), strict=True) if a != 0 and b != 0), None)


MOST_EXCHANGED = 16
"""Of so many arrays each may stand in the place of each other."""


def exchanged_term(case: Case) -> Iterator[Explanation]:
    """One term stands in the place of another."""
    if len(case.leaves) != 1:
        return
    (leaf,) = case.leaves
    large = max(case.samples, key=lambda sample: sample.expected[leaf].size)
    gap = large.floats[2][leaf]
    if gap.size < 3:
        return
    numbers = Numbers(case)
    shape = case.first.expected[leaf].shape
    usual = [item for item, values in items(case, leaf, paired=False) if values.shape == shape][:MOST_EXCHANGED]
    for wrong, right in combinations(usual, 2):
        found = [_both(sample, leaf, wrong, right) for sample in (large, *case.samples)]
        if found[0] is None:
            continue
        ratios = [(np.nan, np.nan) if each is None else each for each in found[1:]]
        for a in numbers.named([each[0] for each in ratios]):
            for b in numbers.named([each[1] for each in ratios]):
                if a.negative != b.negative:
                    pairs = [(a, wrong), (b, right)]
                    put, due = (
                        ratio.absolute.times(item.text) for ratio, item in sorted(pairs, key=lambda p: p[0].negative)
                    )
                    yield Explanation(
                        lambda it, put=put, due=due: f"there is a term {put} in the place of {due}{it.within}",
                        lambda sample, a=a, b=b, wrong=wrong, right=right: [
                            sample.given[leaf] - a.at(sample) * wrong.at(sample) - b.at(sample) * right.at(sample)
                        ],
                    )


def _both(sample: Sample, leaf: int, first: Item, second: Item) -> tuple[float, float] | None:
    """The numbers a and b with given - expected = a first + b second; None if there are none, or several."""
    gap = sample.floats[2][leaf].ravel()
    shape = sample.expected[leaf].shape
    columns = np.stack([item.rounded_at(sample, shape).ravel() for item in (first, second)], axis=1)
    if gap.size < 2 or not np.isfinite(columns).all():
        return None
    solution, _, rank, _ = np.linalg.lstsq(columns, gap, rcond=None)
    near = abs(columns @ solution - gap) <= LOOK * (abs(gap) + abs(columns) @ abs(solution))
    if rank < 2 or not near.all() or not (abs(solution) > LOOK * abs(solution).max()).all():
        return None
    return float(solution[0]), float(solution[1])

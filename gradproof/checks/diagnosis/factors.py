"""Mistakes in a factor: a number, a size, a symbol, or an array of these."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradproof.checks.diagnosis.case import Case, Explanation, Sample, Subject
from gradproof.checks.diagnosis.library import Item, items
from gradproof.checks.diagnosis.numbers import LOOK, Numbers, Ratio


def zero(case: Case) -> Iterator[Explanation]:
    yield Explanation(
        lambda it: f"{it.it} {it.be} zero everywhere",
        lambda sample: [0 * array for array in case.expected(sample)],
        of="expected",
    )


def factor(case: Case) -> Iterator[Explanation]:
    """All entries are too large by the same factor."""
    rows = [(_joined(sample.floats[1], case), _joined(sample.floats[0], case)) for sample in case.samples]
    found = [constant_ratio(given, expected) for given, expected in rows]
    if None in found:
        return
    for ratio in Numbers(case).named([r for r in found if r is not None], _exact(case)):
        yield Explanation(
            lambda it, ratio=ratio: said_of(ratio, it),
            lambda sample, ratio=ratio: [ratio.at(sample) * array for array in case.expected(sample)],
            of="expected",
        )


def said_of(ratio: Ratio, it: Subject) -> str:
    if ratio.decimal is None and ratio.text == "-1":
        return f"the sign of {it.it} is wrong" if it.names else "the sign is wrong"
    return f"{it.it} {it.be} {ratio.text} times what {it.should}"


def array_factor(case: Case) -> Iterator[Explanation]:
    """An array that is a factor of each entry is missing, or too many."""
    if len(case.leaves) != 1:
        return
    (leaf,) = case.leaves
    first = case.first
    expected, given = first.floats[0][leaf], first.floats[1][leaf]
    if expected.size < 2:
        return
    numbers = Numbers(case)
    for item, values in items(case, leaf):
        with np.errstate(all="ignore"):
            missing = constant_ratio(given * values, expected)
            doubled = constant_ratio(given, expected * values)
        for ratio, lacks in ((missing, True), (doubled, False)):
            # Where all entries of the array are the same it is no more than a number.
            if (
                ratio is None
                or np.isnan(ratio)
                or not any(np.ptp(item.rounded_at(sample, sample.expected[leaf].shape)) for sample in case.samples)
            ):
                continue
            ratios = [_at(sample, leaf, item, lacks=lacks) for sample in case.samples]
            for name in numbers.named(ratios):
                yield Explanation(
                    lambda it, name=name, item=item, lacks=lacks: _lacking(name, item.text, it, lacks=lacks),
                    lambda sample, name=name, item=item, lacks=lacks: [
                        sample.given[leaf] * item.at(sample) / name.at(sample)
                        if lacks
                        else sample.given[leaf] / item.at(sample) / name.at(sample)
                    ],
                )


def _lacking(ratio: Ratio, text: str, it: Subject, *, lacks: bool) -> str:
    """given * array = ratio * expected, or given = ratio * array * expected."""
    if lacks:
        line = f"{it.it} {it.verb('lacks', 'lack')} the factor {text}"
    else:
        line = f"there is a factor {text} too many{it.within}"
    return line if ratio.text == "1" else f"{line}, and then {it.be} {ratio.text} times what {it.should}"


def _at(sample: Sample, leaf: int, item: Item, *, lacks: bool) -> float:
    expected, given = sample.floats[0][leaf], sample.floats[1][leaf]
    values = item.rounded_at(sample, expected.shape)
    found = constant_ratio(given * values, expected) if lacks else constant_ratio(given, expected * values)
    return float("nan") if found is None else found


def constant_ratio(top: np.ndarray, bottom: np.ndarray) -> float | None:
    """The number c with top = c bottom, as far as rounding shows; NaN where all are zero."""
    top, bottom = np.broadcast_arrays(top, bottom)
    some = bottom != 0
    if not some.any():
        return float("nan") if not top.any() else None
    ratio = top[some].flat[0] / bottom[some].flat[0]
    if not np.isfinite(ratio):
        return None
    fits = abs(top - ratio * bottom) <= LOOK * (abs(top) + abs(ratio * bottom))
    return float(ratio) if fits.all() else None


def _joined(arrays: Sequence[np.ndarray], case: Case) -> np.ndarray:
    return np.concatenate([arrays[leaf].ravel() for leaf in case.leaves])


def _exact(case: Case) -> Any:
    pairs = (
        (a, b)
        for given, expected in zip(case.given(case.first), case.expected(case.first), strict=True)
        for a, b in zip(given.ravel(), expected.ravel(), strict=True)
    )
    return next((a / b for a, b in pairs if b != 0), None)

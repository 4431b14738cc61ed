"""Ties that the machine makes by rounding: 1.2 * 1.2 is 1.44 in float64, where real numbers are not equal.

Such a point is as near to the kink as float64 allows, and there the program returns what it makes of equality. It
counts only if nothing else is left to rounding: all comparisons that change their outcome when one input is moved a
little may be ties and are taken for that, all others are sure, and the compiled sides return what they do where these
numbers are equal. That they are equal numpy says, or else the sides, if they return something else on either side of
the kink.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradproof.checks.inputs import Point
from gradproof.checks.kinks.comparisons import ComparingArithmetic, Key
from gradproof.checks.kinks.visits import Differences, Visit, Visits
from gradproof.numerics import run_at

BESIDE = 2.0**-20
"""How far the input is moved to see which outcomes change, in proportion to its size."""

Outcomes = Mapping[Key, np.ndarray]
"""The signs of differences, for each comparison in the order in which a program makes them; NaN is none."""


class DecidedArithmetic(ComparingArithmetic):
    """What rounding may decide in any way is decided as it is said to be."""

    def __init__(self, outcomes: Outcomes) -> None:
        super().__init__()
        self.said = outcomes
        self.made: dict[Key, int] = {}
        self.here = np.zeros(())
        """What is said of the numbers that are compared now."""
        self.ties = np.zeros((), bool)
        """Where they are equal because it is said."""
        self.otherwise = False
        """Whether something is known to be otherwise than equal that was said to be decided by rounding."""

    def note_comparison(self, a: Any, b: Any, kind: int) -> None:
        key = id(self.equation), kind
        start = self.made.get(key, 0)
        self.made[key] = start + a.value.size
        found = self.said.get(key, np.zeros(0))[start : start + a.value.size]
        self.here = found.reshape(a.value.shape) if found.size == a.value.size else np.full(a.value.shape, np.nan)
        self.ties = np.zeros(a.value.shape, bool)
        super().note_comparison(a, b, kind)
        if self.ties.any():
            self.observations[key].ties += int(self.ties.sum())

    def compared(self, a: Any, b: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        sign, sure, tie = super().compared(a, b)
        decided = ~np.isnan(self.here) & ~sure
        self.otherwise |= bool((~np.isnan(self.here) & sure & (sign != 0)).any())
        self.ties = decided & (self.here == 0)
        return np.where(decided, np.nan_to_num(self.here), sign).astype(np.int64), sure | decided, tie | self.ties


def tie_of_the_machine(visits: Visits, key: Key, point: Point, name: str, place: Any) -> Visit | None:
    """The visit to a point at which the machine takes a comparison for a tie, if all is clear there.

    Arguments:
        name: of the input along which the point was found, next to a tie.
        place: of its entry.
    """
    before, after = _changing(visits, point, name, place)
    if np.isnan(before.get(key, np.array(np.nan))).all():
        return None
    visit = _decided(visits, point, {key: 0 * signs for key, signs in before.items()})
    if visit is None or key not in visit.tied():
        return None
    equal = (np.array(visits.differences_at(point).get(key, ())) == 0) & ~np.isnan(before[key])
    if equal.any() or not any(_decided(visits, point, outcomes) for outcomes in (before, after)):
        return visit
    return None


def _changing(visits: Visits, point: Point, name: str, place: Any) -> tuple[Outcomes, Outcomes]:
    """The outcomes of the comparisons that change along an input, before the point and after it."""

    def at(step: float) -> Differences:
        values = np.array(point[name])
        values[place] += step * np.abs(values[place])
        return visits.differences_at({**point, name: values})

    ends: tuple[dict[Key, np.ndarray], dict[Key, np.ndarray]] = {}, {}
    before, after = at(-BESIDE), at(BESIDE)
    for key in before:
        if len(before[key]) == len(after.get(key, ())):
            signs = np.sign(before[key]), np.sign(after[key])
            # JAX asks of a maximum which of its operands it is: on one side they are equal.
            changes = (signs[0] != signs[1]) & ~np.isnan(signs[0] + signs[1])
            for end, found in zip(ends, signs, strict=True):
                end[key] = np.where(changes, found, np.nan)
    return ends


def _decided(visits: Visits, point: Point, outcomes: Outcomes) -> Visit | None:
    """The visit to a point where these are the outcomes, if that is all that is not sure, and is so on the machine."""
    numbers = DecidedArithmetic(outcomes)
    (run,) = run_at(lambda points: numbers, visits.closed, [visits.study.inputs(point)])
    visit = Visit(point, numbers.observations, run.outputs, not run.ambiguous, exact=False)
    return visit if visit.sure and not numbers.otherwise and _is_so(visits, visit) else None


def _is_so(visits: Visits, visit: Visit) -> bool:
    """Whether the compiled sides are what they are here."""
    results = visits.study.outputs(visit.point)
    start = 0
    for side in visits.sides:
        for result, value in zip(results[side.outputs], visit.outputs[start:], strict=False):
            numbers = np.asarray(result, float)
            bounded = np.isfinite(value.bound) | (value.bound == -np.inf)
            near = value.gap(np.where(np.isfinite(numbers), numbers, 0.0)) <= value.bound
            if not (near & np.isfinite(numbers))[bounded].all():
                return False
        start += len(side.avals)
    return True

"""Comparisons: equality is decided by the fields, and which of two different numbers is larger by the real point."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradproof.fields.draws import ANY, Draws, Signs, bounded, defined, signs_of_fractions
from gradproof.fields.needs import NeedsLabels
from gradproof.fields.operations.constants import Constants
from gradproof.fields.towers import Towers
from gradproof.interpreter import Redraw


@dataclass
class Comparison:
    """What was seen of one comparison in the code: `outcomes` are the signs of the difference.

    Those whose sign is known beforehand, as for a sum of exponentials against zero, are not recorded.
    """

    equation: Any
    outcomes: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Told:
    """What the outcome of a comparison with zero tells of the number: its signs where it does not hold, and where."""

    outcome: np.ndarray
    number: Draws
    signs: Sequence[Signs]


class Forced:
    """The opposite outcome for one comparison in the code, wherever the same two things are compared again."""

    def __init__(self, is_target: Callable[[Any], bool]):
        self.is_target = is_target
        self.turned: set[int] = set()
        self.learning = True

    def __call__(self, equation: Any, sign: np.ndarray, fingerprint: np.ndarray) -> np.ndarray:
        if self.learning and self.is_target(equation):
            self.turned.update(fingerprint.ravel().tolist())
        return np.where(np.isin(fingerprint, list(self.turned)), -sign, sign)


class Comparisons(Constants):
    """What is compared, with which outcomes, and what these tell of the numbers."""

    def __init__(
        self,
        towers: Towers,
        generator: np.random.Generator,
        forced: Forced | None = None,
        *,
        by_rank: bool = False,
        logarithms: bool = True,
    ):
        super().__init__(towers, generator, by_rank=by_rank, logarithms=logarithms)
        self.comparisons: dict[int, Comparison] = {}
        self.forced = forced
        self._told: dict[int, Told] = {}
        """By the identity of an outcome: what it tells."""
        self._told_last: dict[int, Told] = {}

    def noted(self) -> Any:
        notes = self.alive.copy(), self.accidents, self.heights, self.comparisons, self._told_last
        self.accidents, self.heights, self.comparisons, self._told_last = 0.0, 0.0, {}, {}
        return notes

    def note(self, notes: Any) -> None:
        alive, accidents, heights, comparisons, told = notes
        self.alive &= alive
        self.accidents += accidents
        self.heights += heights
        self._told |= told
        self._told_last |= told
        for identity, found in comparisons.items():
            self.comparisons.setdefault(identity, Comparison(found.equation)).outcomes.update(found.outcomes)

    def sign(self, a: Draws) -> np.ndarray:
        if a.rational is not None:
            return signs_of_fractions(a.rational)
        if a.label:
            raise NeedsLabels("a comparison depends on the labels")
        undefined = np.zeros(a.shape, bool) if a.undefined is None else a.undefined
        zero = self._identically_zero(a)
        unsure = ~undefined & ~zero & ~(np.abs(a.real) > 0)
        if (unsure | np.isnan(a.real)).any():
            raise Redraw("the real point is too near a kink, or leaves the range of floating point")
        sign = np.where(zero, 0, np.sign(a.real)).astype(np.int64)
        self._count_accident(a.degree)
        if undefined.any() or a.signs[0] == a.signs[1]:
            return sign
        if a.signs == ANY:
            comparison = self.comparisons.setdefault(id(self.equation), Comparison(self.equation))
            comparison.outcomes.update(np.unique(sign).tolist())
        return sign if self.forced is None else self.forced(self.equation, sign, self._fingerprint(a))

    def _fingerprint(self, a: Draws) -> np.ndarray:
        """A number for each element that equals another's exactly where the values agree up to sign."""
        level = next(i for i, x in enumerate(a.levels) if x is not None)
        first = int(np.argmax(self.alive))
        x, p = a.levels[level][first], int(self.towers.primes[level][first])
        return np.minimum(x, p - x)

    def order(self, a: Draws, b: Draws) -> np.ndarray:
        for x, y, flip in ((a, b, 1), (b, a, -1)):
            if x.undefined is not None and y.undefined is None:
                # An infinite constant, against finite numbers.
                return flip * np.where(
                    x.undefined,
                    np.sign(np.nan_to_num(x.real)),
                    self.sign(self.subtract(defined(a), defined(b))) * flip,
                ).astype(np.int64)
        return self.sign(self.subtract(a, b))

    def compare(self, a: Draws, b: Draws, holds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        outcome = super().compare(a, b, holds)
        if b.rational is not None and not b.rational.any():
            of = holds(np.arange(-1, 2))
            signs = [np.flatnonzero(of == whether) - 1 for whether in (False, True)]
            told = Told(outcome, a, [(int(s[0]), int(s[-1])) for s in signs])
            self._told[id(outcome)] = self._told_last[id(outcome)] = told
        return outcome

    def cases(self, which: np.ndarray, *cases: Draws) -> Sequence[Draws]:
        """A number that was compared with zero has, where it is chosen, the signs that led to it."""
        if id(which) not in self._told:
            return cases
        told = self._told[id(which)]
        return [bounded(x, s) if x is told.number else x for x, s in zip(cases, told.signs, strict=True)]

    def maximum(self, a: Draws, b: Draws) -> Draws:
        return bounded(super().maximum(a, b), (max(a.signs[0], b.signs[0]), max(a.signs[1], b.signs[1])))

    def minimum(self, a: Draws, b: Draws) -> Draws:
        return bounded(super().minimum(a, b), (min(a.signs[0], b.signs[0]), min(a.signs[1], b.signs[1])))

    def absolute(self, a: Draws) -> Draws:
        return bounded(super().absolute(a), (0, 1))

    def equal(self, a: Draws, b: Draws) -> np.ndarray:
        """Where two values agree at every level that both reach, in every draw."""
        shared = [i for i in range(self.towers.levels) if a.levels[i] is not None and b.levels[i] is not None]
        if not shared:
            raise self.exhausted()
        same = np.ones(a.shape, bool)
        for i in shared:
            same &= (a.levels[i][self.alive] == b.levels[i][self.alive]).all(axis=0)
        return same

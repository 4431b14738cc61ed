r"""The rule at ties: what a side may return where compared numbers are equal.

Let the limits be those of the first side, at a point on a kink, from all regions that meet there.

1. Where they agree, there is one right value, and it is theirs. A derivative that JAX takes may miss it, and is then
   reported as JAX's; what is written by hand may not.
2. Where they do not, what is written by hand must return what JAX returns there.
3. A claim with `kinks=` leaves that open: each array may be anything in the convex hull of its limits.
4. A claim with `convention=` states the value that is returned where the limits differ, or the side whose limit it is,
   or that it is their mean. Where several numbers are tied at once, that may be the mean of all limits, the middle of
   those of the entry, or what JAX makes of taking one mean after the other.

Where no limit is known, what is written by hand must return what JAX returns, or, with `kinks=`, it is open. Sides
without a derivative are compared with each other: they are functions, and a function has a value wherever it has one.
Printed formulas (`textbook`) whose kinks are left open need not have a value there.

An infinity is no number (`pairs.py`). An entry in which the first side is NaN for another reason than the tie is not
compared: it has no value in any of the regions that meet there, or has one as soon as the inputs are moved that the tie
does not need.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jax.extend import core

from gradproof.checks.kinks.comparisons import Key
from gradproof.checks.kinks.hull import in_hull, means
from gradproof.checks.kinks.limits import Limits, Line, Lines, limits
from gradproof.checks.kinks.pairs import Pair, error_of, resolution, without_values
from gradproof.checks.kinks.search import PointSearch
from gradproof.checks.kinks.visits import Visit
from gradproof.checks.study import Study
from gradproof.programs import Side, places, rewriting


@dataclass(frozen=True)
class Entry:
    """An entry that is not as on the other side of the claim, or not as it must be."""

    leaf: int
    place: tuple[int, ...]
    side: Side
    expected: float
    given: float
    open: bool
    """Whether the claim leaves it open."""
    why: str
    of_jax: bool = False
    """Whether it is JAX's derivative that is not as it must be."""
    unconventional: bool = False
    """Whether it is not as the claim says in its convention."""


@dataclass(frozen=True)
class Judged:
    """What was found at one point."""

    agreed: bool
    """Whether some entry of some side agrees with the first side's."""
    differing: Sequence[Entry]
    """Those that do not agree, or that break the rule."""
    of_jax: Sequence[Entry]
    """Those at which JAX's derivative is not the only limit, and what is written by hand is."""


class Rule:
    """The rule at ties of one claim."""

    def __init__(self, study: Study, search: PointSearch, lines: Lines, sides: Sequence[Side]):
        self.study, self.claim, self.search, self.lines, self.sides = study, study.claim, search, lines, sides
        self.convention = self.claim.stated_convention
        self._all_move = all(symbol.free or symbol.label for symbol in self.claim.arrays.values())
        exact = study.exact
        by_step = {(side.step, side.role): side for side in exact.sides}
        self.by_hand = [
            not rewriting.uses(exact.part([by_step[side.step, side.role]]).jaxpr, "derivative") for side in sides
        ]
        self._of_first = study.program(study.sizes, "autodiff").only_first().sites
        self._first: dict[int, tuple[Line, Limits]] = {}
        self._around: dict[int, list[Limits]] = {}
        self._without: dict[int, list[np.ndarray]] = {}
        self._judged: dict[int, Judged] = {}
        self.unmet: str | None = None
        """What is left open of a value that may be outside of the hull of all limits."""
        self._hulls: dict[tuple[int, int, str, int], np.ndarray] = {}

    def prepare(self, visits: Sequence[Visit]) -> None:
        """Find limits at points with each set of comparisons tied, all together: where few and many numbers are."""
        if all(self.by_hand) and self.convention is None:
            return
        alike: dict[frozenset[Key], list[Visit]] = {}
        for visit in sorted(visits, key=Visit.ties):
            alike.setdefault(frozenset(visit.tied()), []).append(visit)
        chosen = {id(group[place]): group[place] for group in alike.values() for place in (0, -1)}
        lines = [next(self.lines.through(visit.point, self.lines.steps(visit))) for visit in chosen.values()]
        self._first = dict(zip(chosen, zip(lines, limits(self.study, lines), strict=True), strict=True))

    def first(self, visit: Visit) -> tuple[Line, Limits]:
        """A line through a point, and the limits along it."""
        if id(visit) not in self._first:
            line = next(self.lines.through(visit.point, self.lines.steps(visit)))
            (found,) = limits(self.study, [line])
            self._first[id(visit)] = line, found
        return self._first[id(visit)]

    def around(self, visit: Visit) -> list[Limits]:
        """The limits along lines in all directions."""
        if id(visit) not in self._around:
            rays = self.lines.around(visit.point, self.lines.steps(visit))
            self._around[id(visit)] = [self.first(visit)[1], *limits(self.study, rays)]
        return self._around[id(visit)]

    def _met(self, array: Pair) -> list[np.ndarray]:
        """The limits of an array along all these lines."""
        return [end[array.leaf] for one in self.around(array.visit) for end in (one.before, one.after)]

    def judge(self, visit: Visit) -> Judged:
        if id(visit) not in self._judged:
            self._judged[id(visit)] = self._judge(visit)
        return self._judged[id(visit)]

    def _judge(self, visit: Visit) -> Judged:
        agreed, differing, of_jax = False, list[Entry](), list[Entry]()
        for array in self._arrays(visit):
            agreed |= bool((array.same & ~array.valueless & ~array.unbounded).any())
            for place in map(tuple, np.argwhere(self._questions(array)).tolist()):
                entry = self._ruled(array, place)
                if entry is not None:
                    (of_jax if entry.of_jax else differing).append(entry)
            differing += self._unconventional(array)
        return Judged(agreed, differing, of_jax)

    def _arrays(self, visit: Visit) -> Iterator[Pair]:
        results = self.study.outputs(visit.point)
        runs, start = [], 0
        for side in self.sides:
            runs.append(visit.outputs[start : start + len(side.avals)])
            start += len(side.avals)
        first = self.sides[0]
        for side, ours, by_hand in zip(self.sides[1:], runs[1:], self.by_hand[1:], strict=True):
            for leaf, (a, b) in enumerate(zip(runs[0], ours, strict=True)):
                expected, given = (np.asarray(results[each.outputs][leaf], float) for each in (first, side))
                valueless = without_values(expected, given, a, b)
                asked = np.isnan(expected) & np.isnan(a.size) & ~valueless
                if asked.any():
                    valueless = valueless | (asked & self._lacking(visit)[leaf])
                no_number = ~(np.isfinite(expected) & np.isfinite(given))
                overflown = no_number & (a.size < np.inf) & (b.size < np.inf) & (not self.claim.stable)
                overflown |= no_number & (no_number.any() and _has_no_inverse(visit, self.search.closed.jaxpr))
                errors = error_of(expected, a), error_of(given, b)
                by_whom = self.by_hand[0], by_hand
                yield Pair(visit, side, leaf, (expected, given), errors, valueless, overflown, by_whom)

    def _lacking(self, visit: Visit) -> list[np.ndarray]:
        """Where the first side has no value at a point for another reason than its ties."""
        if id(visit) not in self._without:
            other = self.study.outputs(self.search.loosened_at(visit))[self.sides[0].outputs]
            nowhere = [
                np.logical_and.reduce(parts) for parts in zip(*(x.none for x in self.around(visit)), strict=True)
            ]
            self._without[id(visit)] = [
                np.isfinite(np.asarray(there, float)) | none for there, none in zip(other, nowhere, strict=True)
            ]
        return self._without[id(visit)]

    def _questions(self, array: Pair) -> np.ndarray:
        """The entries of which one line does not say that they are right."""
        differ = ~array.same & ~array.valueless & ~array.unbounded
        if not array.asks or not self._all_move or not (differ.any() or id(array.visit) in self._first):
            return differ
        found = self.first(array.visit)[1]
        one_limit = found.jumps()[array.leaf] == 0
        limit = found.after[array.leaf]
        several = (array.same | array.valueless) & (self.claim.kinks is None)
        right = np.where(one_limit, array.same & array.near(limit), several)
        return np.asarray(~right & ~array.unbounded & ~(array.valueless & self.claim.textbook))

    # One entry

    def _ruled(self, array: Pair, place: tuple[int, ...]) -> Entry | None:
        """The entry, if it is not as on the other side or not as it must be."""
        opened = self.claim.kinks is not None
        same = bool(array.same[place] or array.valueless[place])
        if not self._all_move or not (array.asks or opened):
            return None if same else self._other(array, place, open=opened)
        limits = self._limits(array, place)
        low, high = float(limits.min()), float(limits.max())
        if not np.isfinite(limits).all():
            return None if same else self._other(array, place, open=opened)
        # A printed formula need not have a value on a kink that is left open.
        no_value = not np.isfinite(array.hand[place]) and self.claim.textbook and opened
        if high - low <= resolution(limits[-1]):
            right = bool(array.near(limits[-1])[place])
            if not array.asks:
                return self._other(array, place, open=right or no_value)
            if right or not any(array.by_hand):
                return None if same else self._other(array, place, open=True, of_jax=right)
            return self._other(array, place, open=True) if no_value else self._missed(array, place, float(limits[-1]))
        if not opened:
            return None if same else self._other(array, place, open=False)
        if no_value or self._within(array)[place]:
            if not no_value:
                self._note_unmet(array, place, low, high)
            return None if same else self._other(array, place, open=True)
        return self._outside(array, place, low, high)

    def _note_unmet(self, array: Pair, place: tuple[int, ...], low: float, high: float) -> None:
        """What is beyond all limits that were met, of which there may be more."""
        judged = self.sides[0] if array.judged == 0 else array.side
        value = float(array.hand[place])
        near = any(array.near(np.asarray(end))[place] for end in (low, high))
        if not low <= value <= high and not near:
            self.unmet = (
                f"at a tie side {judged.step} is {value:.6g}, beyond the limits {low:.6g} to {high:.6g} that were met; "
                "there may be others, so that it is not known whether it is in their hull"
            )

    def _limits(self, array: Pair, place: tuple[int, ...]) -> np.ndarray:
        """The limits of an entry: those along one line where they differ and that settles it."""
        first = self.first(array.visit)[1]
        enough = self.claim.kinks is None and first.jumps()[array.leaf][place] != 0
        found = [first] if enough else self.around(array.visit)
        return np.array([end[array.leaf][place] for one in found for end in (one.before, one.after)])

    def _within(self, array: Pair) -> np.ndarray:
        """Which entries are in the hull of the limits, as far as all of these were met."""
        key = id(array.visit), array.side.step, array.side.role, array.leaf
        if key not in self._hulls:
            found = [end.ravel() for end in self._met(array)]
            within = in_hull(np.array(found), array.hand.ravel(), array.errors[array.judged].ravel())
            self._hulls[key] = within.reshape(array.hand.shape)
        return self._hulls[key]

    def hint(self, visit: Visit, entry: Entry) -> str | None:
        """What to write in the claim, where it leaves nothing open and this is a choice that it might."""
        array = next((one for one in self._arrays(visit) if (one.side, one.leaf) == (entry.side, entry.leaf)), None)
        if array is None or not self._all_move or not array.asks:
            return None
        if not entry.unconventional and (self.claim.kinks is not None or array.same[entry.place]):
            return None
        low, high = (float(pick([end[entry.place] for end in self._met(array)])) for pick in (min, max))
        if not high - low > resolution(np.array(high)) or not self._within(array)[entry.place]:
            return None
        values = array.hand, array.values[1 - array.judged]
        hand, jax = (_followed(float(x[entry.place]), low, high, self._ends(array, entry.place)) for x in values)
        return _advice(self.sides[0] if array.judged == 0 else array.side, hand, jax, entry.unconventional)

    def _ends(self, array: Pair, place: tuple[int, ...]) -> tuple[float, float] | None:
        """The limits of an entry from below and from above, where all comparisons that are tied say the same."""
        line, found = self.first(array.visit)
        before, after = (float(limit[array.leaf][place]) for limit in (found.before, found.after))
        falling = {line.falls(key) != self.search.turned(key) for key in _about(array.visit, line, self._of_first)}
        return None if len(falling) != 1 else (after, before) if falling.pop() else (before, after)

    # What is said of an entry

    def _other(
        self,
        array: Pair,
        place: tuple[int, ...],
        *,
        open: bool,
        of_jax: bool = False,
    ) -> Entry:
        """It differs from that of the other side."""
        expected, given = (float(values[place]) for values in array.values)
        why = f"side {array.side.step} is {given} and side 0 is {expected}"
        return Entry(array.leaf, place, array.side, expected, given, open, why, of_jax)

    def _missed(self, array: Pair, place: tuple[int, ...], limit: float) -> Entry:
        given = float(array.hand[place])
        judged = self.sides[0] if array.judged == 0 else array.side
        jax = f", though JAX returns {float(array.values[1 - array.judged][place])}"
        why = f"side {judged.step} is {given} and must be {limit:.13g}, the limit from all sides{jax}"
        return Entry(array.leaf, place, judged, limit, given, False, why)

    def _outside(self, array: Pair, place: tuple[int, ...], low: float, high: float) -> Entry:
        given = float(array.hand[place])
        judged = self.sides[0] if array.judged == 0 else array.side
        why = f"side {judged.step} is {given}, which is not {_hull(given, low, high)}"
        return Entry(array.leaf, place, judged, float(array.values[1 - array.judged][place]), given, False, why)

    def _unconventional(self, array: Pair) -> Iterator[Entry]:
        """The entries that jump and are not as the claim says in its convention."""
        if id(array.visit) not in self._first or self.convention is None or not self._all_move:
            return
        if array.asks and not any(array.by_hand):
            return
        line, found = self.first(array.visit)
        before, after = found.before[array.leaf], found.after[array.leaf]
        wrong = found.jumps()[array.leaf] > 0
        if self.convention.side is None:
            wanted = [np.full(array.hand.shape, self.convention.value)]
            if self.convention.of_a_function:
                # Only where it is a limit of the entry can it be the whole of it, and not a part.
                wrong = wrong & ((before == wanted[0]) | (after == wanted[0]))
        elif self.convention.side == "mean":
            wanted = means(self._met(array), (before + after) / 2, array.values[1 - array.judged])
        else:
            ends = {
                (self.convention.side == "above") != (line.falls(key) != self.search.turned(key))
                for key in _about(array.visit, line, self._of_first)
            }
            wanted = [after if end else before for end in ends]
        if not wanted:
            return
        for limit in wanted:
            wrong = wrong & ~array.near(limit)
        judged = self.sides[0] if array.judged == 0 else array.side
        for place in map(tuple, np.argwhere(wrong).tolist()):
            expected, given = float(wanted[0][place]), float(array.hand[place])
            why = (
                f"side {judged.step} is {given}, and by the convention {self.claim.convention!r} it is {expected:.13g}"
            )
            yield Entry(array.leaf, place, judged, expected, given, False, why, unconventional=True)


def _hull(given: float, low: float, high: float) -> str:
    """Of the limits, as far as a value is not in it."""
    if low <= given <= high:
        return "in the convex hull of the limits, of which the array is no mean"
    return f"between its limits {low:.6g} and {high:.6g}"


def _about(visit: Visit, line: Line, of_first: Container[int]) -> list[Key]:
    """The comparisons that a convention is about: those of the first side, if it has any."""
    tied = [key for key in visit.tied() if line.turns(key)]
    return [key for key in tied if key[0] in of_first] or tied


def _advice(side: Side, hand: str, jax: str, unconventional: bool) -> str:
    """What each side returns, and the line to add to the claim."""
    if unconventional:
        return f"side {side.step} returns {hand}{_or_this(hand, '; to say so,')}"
    line = 'to leave that open, add kinks="at a tie any value between the limits" to the claim'
    return f"side {side.step} returns {hand}, and JAX {jax}; {line}{_or_this(jax, ', or return what JAX does and')}"


def _or_this(followed: str, first: str) -> str:
    """The line to add where a value is one that a convention names."""
    side = followed.rpartition(" from ")[2]
    stated = "mean" if ", the mean of " in followed else side if side in ("below", "above") else None
    return "" if stated is None else f'{first} add convention="{stated}"'


def _followed(value: float, low: float, high: float, ends: tuple[float, float] | None) -> str:
    """A value at a tie, as one of the limits there or as what lies between them."""
    near = [abs(value - end) <= resolution(np.array(end)) for end in (low, high, (low + high) / 2)]
    names = ["the smaller limit", "the larger limit", f"the mean of the limits {low:.6g} and {high:.6g}"]
    if ends is not None:
        below, above = ends
        names[:2] = (
            ["the limit from below", "the limit from above"]
            if below < above
            else ["the limit from above", "the limit from below"]
        )
    which = next((name for name, is_near in zip(names, near, strict=True) if is_near), None)
    return f"{value:.6g}, {which or f'between the limits {low:.6g} and {high:.6g}'}"


def _has_no_inverse(visit: Visit, jaxpr: core.Jaxpr) -> bool:
    """Whether pivots alone are equal there: a matrix that a claim divides by may be singular."""
    sites = places.sites_of(jaxpr)
    return all(sites[identity].comparison == "lu" for identity, _ in visit.tied())

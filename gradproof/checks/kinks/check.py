r"""Kinks: inputs exactly on each comparison of a claim's code, whether the sides agree there, and what is near them.

Off the kinks the exact check speaks. On one, where two compared numbers are equal, every program follows a convention
of its own, and JAX's derivative does, too. The sides are run there on the machine, and judged by the rule of `rule.py`.
The report has a line for each comparison: the outcomes that were met, those that no input was found for, and one point
on the kink with the limits of the first side from both sides of it. Where these differ, the claim has to say which
convention it follows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gradproof.checks.floating import Failure
from gradproof.checks.inputs import Point
from gradproof.checks.kinks.comparisons import OUTCOMES, Key
from gradproof.checks.kinks.limits import Limits, Line, Lines, limits
from gradproof.checks.kinks.rule import Entry, Rule
from gradproof.checks.kinks.search import PointSearch
from gradproof.checks.kinks.together import find_ties_together
from gradproof.checks.kinks.visits import Visit
from gradproof.checks.study import Study
from gradproof.claims.verdict import Counterexample, Finding, Kink, Tie
from gradproof.claims.words import plain
from gradproof.programs import places, rewriting


@dataclass(frozen=True)
class Disagreement(Failure):
    """Two sides that differ on a kink."""

    where: str
    comparison: str
    open: bool
    """Whether the claim leaves it open."""
    visit: Visit
    at: Entry
    hint: str | None = None
    """What to do about it."""

    @property
    def counterexample(self) -> Counterexample:
        return replace(super().counterexample, diagnosis=self.hint)


@dataclass(frozen=True)
class KinkResult:
    """All kinks of a claim and the gravest disagreement on one.

    For each kink there is one of the `points` on it or very near it. Those `near` the kinks, and far from them, have
    each outcome of each comparison that was found off the kinks.
    """

    kinks: tuple[Kink, ...] = ()
    failure: Disagreement | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    near: tuple[Point, ...] = ()
    undecided: str | None = None
    """Of a value that is beyond the limits that were met, where there may be more."""


def check_kinks(study: Study) -> KinkResult:
    """Find the kinks of a claim and compare all sides on each.

    Raises `Undecided` where the engine cannot run the sides.
    """
    with study.settings():
        return _Kinks(study).result()


class _Kinks:
    """The kinks of a claim, with the points at which they were met."""

    def __init__(self, study: Study):
        self.study, self.claim, self.sizes = study, study.claim, study.sizes
        self.program = study.program(study.sizes, "autodiff")
        self.sides = [side for side in self.program.sides if side.role != "printed"]
        self.closed = rewriting.folded(self.program.part(self.sides))
        self.sites = places.sites_of(self.closed.jaxpr)
        self.search = PointSearch(study, self.closed, self.sides)
        self.lines = Lines(self.search, study.seed)
        self.across: dict[Key, Line] = {}
        self.rule = Rule(study, self.search, self.lines, self.sides)

    def result(self) -> KinkResult:
        keys = self.search.keys()
        if not keys:
            return KinkResult(sizes=self.sizes)
        for key in keys:
            self.examine(key)
        find_ties_together(self.search)
        self.rule.prepare([visit for visit in self.search.visits if visit.sure and visit.tied()])
        through = {id(line): line for line in self.across.values()}
        approached = dict(zip(through, limits(self.study, list(through.values())), strict=True))
        places: dict[tuple[str, str], list[Key]] = {}
        for key in keys:
            site = self.sites[key[0]]
            places.setdefault((site.where, site.comparison), []).append(key)
        kinks, disagreements = [], []
        for (where, comparison), group in places.items():
            agree, found = self.compare(where, comparison, group)
            kinks.append(self.kink(where, comparison, group, agree, approached))
            disagreements += found
        disagreements += self.several_at_once()
        # Gravest is one that is not left open; at a point on several kinks, one that the first side does not have.
        # Fewer ties have fewer limits, which are all met.
        first = self.program.only_first().sites.values()
        old = {(site.where, site.comparison) for site in first}
        disagreements.sort(key=lambda found: (found.open, (found.where, found.comparison) in old, found.visit.ties()))
        failure = disagreements[0] if disagreements else None
        if failure is not None and not failure.open:
            failure = replace(failure, hint=self.rule.hint(failure.visit, failure.at))
        return KinkResult(
            tuple(kinks),
            failure,
            self.sizes,
            tuple({id(line.point): line.point for line in self.across.values()}.values()),
            (*self.near(), *self.far(keys)),
            self.rule.unmet,
        )

    def examine(self, key: Key) -> None:
        """Find ties, and each of the other outcomes."""
        if not self.search.ties(key):
            self.search.find_tie(key)
        self.search.loosen(key)
        line = self.lines.across(key)
        if line is not None:
            self.across[key] = line
        ends = (line.before, line.after) if line is not None and line.crosses(key) else ()
        for outcome in sorted({"<", ">"} - self.search.outcomes(key)):
            if not self.search.find_outcome(key, outcome):
                any(self.search.confirm(key, outcome, end) for end in ends)

    # Where floating point is to be judged

    def near(self) -> Iterator[Point]:
        crossing = {id(line): line for key, line in self.across.items() if line.crosses(key)}
        for line in crossing.values():
            yield line.before
            yield line.after

    def far(self, keys: list[Key]) -> Iterator[Point]:
        """As few points off the kinks as have every outcome that the check in floating point does not meet by itself.

        A textbook formula is not run far out.
        """
        if self.claim.textbook:
            return
        near = {id(point) for point in self.near()}
        off = [visit for visit in self.search.visits if not visit.tied() and id(visit.point) not in near]
        met = [{(key, outcome) for key in keys for outcome in visit.outcomes(key) - {"="}} for visit in off]
        wanted = set().union(*met)
        for point in self.study.points:
            if not wanted:
                return
            wanted -= self.search.outcomes_in_float64(point)
        while wanted:
            best = max(range(len(off)), key=lambda i: len(met[i] & wanted))
            wanted -= met[best]
            yield off[best].point

    # What the sides do there

    def compare(self, where: str, comparison: str, keys: list[Key]) -> tuple[bool | None, list[Disagreement]]:
        """Whether the sides agree on this kink, at the points that lie on as few others as can be."""
        here = self.visits_on(set(keys))
        agree: bool | None = None
        disagreements = []
        for visit in here:
            judged = self.rule.judge(visit)
            differing = bool(judged.differing or judged.of_jax)
            if judged.agreed or differing:
                agree = agree is not False and not differing
            disagreements += [self.disagreement(where, comparison, visit, entry) for entry in judged.differing]
        return agree, disagreements

    def visits_on(self, keys: set[Key]) -> list[Visit]:
        here = [visit for visit in self.search.visits if visit.sure and visit.tied() & keys]
        fewest = min((len(visit.tied()) for visit in here), default=0)
        return [visit for visit in here if len(visit.tied()) == fewest]

    def several_at_once(self) -> Iterator[Disagreement]:
        """Where the sides differ at points that lie on several kinks at once."""
        for visit in self.search.visits:
            if visit.sure and visit.tied():
                site = self.sites[next(key[0] for key in visit.observations if key in visit.tied())]
                for entry in self.rule.judge(visit).differing:
                    yield self.disagreement(site.where, site.comparison, visit, entry)

    def disagreement(self, where: str, comparison: str, visit: Visit, entry: Entry) -> Disagreement:
        return Disagreement(
            f"where the numbers of {comparison!r} at {where} are equal, {entry.why}",
            entry.side.step,
            self.sizes,
            visit.point,
            entry.side.entry_name(entry.leaf, entry.place),
            entry.expected,
            entry.given,
            where,
            comparison,
            entry.open,
            visit,
            entry,
        )

    # The report

    def kink(
        self, where: str, comparison: str, keys: list[Key], agree: bool | None, approached: Mapping[int, Limits]
    ) -> Kink:
        """The line of a comparison, with the point on it at which the first side jumps most."""
        seen = set().union(*(self.search.outcomes(key) for key in keys))
        near = {"="} if any(key in self.search.close for key in keys) else set()
        dead = tuple(sorted(OUTCOMES - seen - near))
        entries = [
            (0.0 if np.isnan(jump) else float(jump), leaf, place, key)
            for key in keys
            if key in self.across
            for leaf, jumps in enumerate(approached[id(self.across[key])].jumps())
            for place, jump in np.ndenumerate(jumps)
        ]
        at, jump = None, 0.0
        finding: Finding | None = None
        if entries:
            jump, leaf, place, key = max(entries, key=lambda entry: entry[0])
            at = self.tie(key, self.across[key], approached[id(self.across[key])], leaf, place)
        of_jax = [(visit, entry) for visit in self.visits_on(set(keys)) for entry in self.rule.judge(visit).of_jax]
        if jump > 0 and self.claim.kinks is None and self.claim.stated_convention is None:
            finding = "undeclared"
        elif jump == 0 and of_jax:
            finding = "jax"
            visit, entry = of_jax[0]
            at = self.tie(min(visit.tied() & set(keys)), *self.rule.first(visit), entry.leaf, entry.place)
        convention = self.claim.convention if self.claim.convention is not None else self.claim.kinks
        return Kink(
            where,
            comparison,
            tuple(sorted(seen)),
            agree,
            dead,
            self.search.looked() if dead else None,
            at,
            None if convention is None else str(convention),
            finding,
        )

    def tie(self, key: Key, line: Line, approached: Limits, leaf: int, place: tuple[int, ...]) -> Tie:
        """One entry at a point on a kink; of the sides, the one that differs from the first, or else the next."""
        results = self.study.outputs(line.point)
        first = self.sides[0]
        given = [float(results[side.outputs][leaf][place]) for side in self.sides[1:]]
        expected = float(results[first.outputs][leaf][place])
        ends = [_number(limit[leaf][place]) for limit in (approached.before, approached.after)]
        below, above = reversed(ends) if line.falls(key) != self.search.turned(key) else ends
        return Tie(
            self.sizes,
            {name: plain(values) for name, values in line.point.items()},
            first.entry_name(leaf, place),
            below,
            above,
            expected,
            next((y for y in given if y != expected), expected),
        )


def _number(limit: float) -> float | None:
    return None if np.isnan(limit) else float(limit)

"""The sides in every region at once, as a claim is checked from size to size."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradproof.checks.exact.differences import Report
from gradproof.checks.study import Study
from gradproof.errors import NotCovered, Undecided
from gradproof.programs import Program, places
from gradproof.worlds import Found, TooManyRegions, Way, compare, ways


class Regions:
    """How sides were compared at the size before, and what was left open."""

    def __init__(self, study: Study, report: Report):
        self.study, self.report = study, report
        self.ways = ways(study.claim)
        self.way = self.ways[0]
        """How they were compared at the size before."""
        self.crowded = False
        """Whether there were more regions than can be told apart, when sides were last compared."""
        self.reason: Undecided | None = None
        """Why the last comparison was undecided."""
        self.patient = study.planted
        """Whether to compare at once as well as can be: it is known that inputs show nothing, or that it was needed."""
        self.cut_short = False
        """Whether the last comparison was not."""

    def compare(self, programs: Sequence[Program], sizes: Mapping[str, int], *, quick: bool = False) -> Found:
        """All sides in every region; nothing is found where that is undecided.

        Arguments:
            quick: in the way that was the right one at the size before, and no other.
        """
        if quick:
            found = self._compared(programs, sizes, [self.way], quick=not self.patient)
            self.cut_short = found.loosened and not self.patient
            return found
        if self.cut_short:
            found = self._compared(programs, sizes, [self.way])
            if found.proved:
                self.patient = True
                return found
        # With fewer regions only what had too many, as far as it was tried.
        left_out = {self.way} if self.crowded else {self.way, replace(self.way, fewer=True)}
        return self._compared(programs, sizes, [way for way in self.ways if way not in left_out])

    def _compared(
        self, programs: Sequence[Program], sizes: Mapping[str, int], tried: Sequence[Way], *, quick: bool = False
    ) -> Found:
        report, entropy = self.report, self.study.entropy_at(sizes)
        self.reason = None
        try:
            found = compare(programs, self.study.claim, sizes, entropy, tried, quick=quick)
        except Undecided as reason:
            self.crowded = isinstance(reason, TooManyRegions)
            found, self.reason = Found(), reason if self.crowded else NotCovered(reason.why, reason.where)
        if found.proved and found.way is not None:
            self.way = found.way
            report.bound_log2 = max(report.bound_log2, found.bound_log2)
            report.draws = max(report.draws, found.draws)
            report.entries |= found.entries
            report.zero &= found.zero
        return found

    def unsettled(self, programs: Sequence[Program], found: Found) -> Undecided:
        """Why sides are neither known to be equal, nor at some inputs to differ."""
        if self.reason is not None:
            return self.reason
        apart = [differing for differing in found.differences if not differing.loosened]
        if not apart:
            return Undecided("the regions, or those of whole numbers, are too many to be told apart")
        comparisons: Sequence[Any] = next((differing.comparisons for differing in apart if differing.comparisons), ())
        if not comparisons:
            return Undecided("the sides are not known to be equal, and no inputs were found at which they differ")
        sites = {identity: site for program in programs for identity, site in program.sites.items()}
        known = [sites[id(equation)] for equation in comparisons if id(equation) in sites]
        name = f"the comparison {_said(known[-1])}" if known else "a comparison"
        return Undecided(f"the sides differ for an outcome of {name} that no input was found to have")


def _said(site: places.Site) -> str:
    return f"{site.comparison!r} at {site.where}"

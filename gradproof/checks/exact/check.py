"""The exact check: all sides in every region over prime fields, at every size of the grid, by both oracles.

What is equal there is equal: `SOUNDNESS.md` of `gradproof.worlds` says in which sense, and with which probability of
error. What is not is looked for at real inputs, in high precision. Sides that differ at some are refuted; sides of
which neither is known are undecided.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain

from gradproof.checks.exact.classes import larger_classes
from gradproof.checks.exact.differences import Difference, Report, alike, require_sides, shape_differences
from gradproof.checks.exact.met import met
from gradproof.checks.exact.narrow import approached
from gradproof.checks.exact.points import Sampled, around, ordinary, sampled
from gradproof.checks.exact.regions import Regions
from gradproof.checks.exact.vacuous import refuse_same_program, refuse_shape_alone, refuse_zeros
from gradproof.checks.exact.values import Values
from gradproof.checks.inputs import Point
from gradproof.checks.study import Study
from gradproof.errors import Undecided
from gradproof.programs import Program, Side, derivative, rewriting
from gradproof.worlds import Found, TooManyRegions

LONG = 1000
"""As many equations make a long program."""


class ExactCheck:
    """The exact check of one claim, as it goes from size to size."""

    def __init__(self, study: Study):
        self.study, self.claim, self.report = study, study.claim, Report()
        self.sides: tuple[Side, ...] = ()
        self.regions = Regions(study, self.report)
        self.later = False
        """Whether a derivative is asked for after the first side."""
        self.open: Undecided | None = None
        """Why a size is left open; at others a difference may show all the same."""
        self.values: dict[tuple[int, str, str], Values] = {}
        """By step, role and oracle."""
        self._sampled: tuple[Program, Sampled] | None = None
        """The sides at many inputs, of the last program that was so run."""

    def run(self) -> Report:
        """Compare every side with the first one; stop at the first size at which one differs that should not.

        What is printed in a misprint is to differ at some size; one at which it does is enough.
        """
        try:
            for sizes in self.study.grid[:1] if self.study.quick else self.study.grid:
                self.check_size(sizes)
                if self.report.failures:
                    return self.report
            if self.open is None and not (self.study.quick or self.study.planted):
                self.check_larger()
                more = larger_classes(self.study, self.report.sizes)
                if more is not None and not self.report.failures:
                    self.check_size(more)
            if self.report.failures:
                return self.report
            if self.open is not None:
                raise self.open
            if not self.study.planted:
                self.refuse_vacuous()
        except Undecided as reason:
            self.report.undecided = reason
        return self.report

    def refuse_vacuous(self) -> None:
        """Refuse sides that are equal, or a misprint that is one, in a way that says nothing."""
        refuse_shape_alone(self.claim, self.report)
        if not self.study.corrects and self.report.zero:
            oracle = derivative.ORACLES[len(self.report.oracles) - 1]
            refuse_zeros(self.study.program(self.report.sizes[0], oracle), self.report)

    @property
    def judged(self) -> list[Side]:
        """The sides that are to equal the first one."""
        return [side for side in self.sides[1:] if side.role != "printed"]

    def programs(self, sizes: Mapping[str, int]) -> list[Program]:
        """All sides by the first oracle, and those with a derivative in them by the second."""
        whole = self.study.program(sizes, derivative.ORACLES[0])
        require_sides(whole, corrects=self.study.corrects)
        self.sides = whole.sides
        if not whole.asks_derivative:
            return [whole]
        # At the first size it is traced whole, for `refuse_same_program`.
        only_first = bool(self.report.sizes) and not self.later
        second = self.study.program(sizes, derivative.ORACLES[1], first_only=only_first)
        if not self.report.sizes:
            others = [side for side in second.sides[1:] if side.role != "printed"]
            self.later = any(rewriting.uses(second.part([side]).jaxpr, "derivative") for side in others)
        return [whole, second if self.later else second.only_first()]

    def check_size(self, sizes: dict[str, int]) -> None:
        """Compare all sides at one size."""
        self.study.at(sizes)
        programs = self.programs(sizes)
        self.report.oracles = tuple(p.oracle for p in programs) if len(programs) > 1 else ("evaluation",)
        self.report.sizes.append(sizes)
        for difference in shape_differences(programs[0], sizes):
            self.report.add(difference)
        if self.report.failures:
            return
        if len(self.report.sizes) == 1 and not self.study.planted:
            refuse_same_program([self.study.program(sizes, program.oracle) for program in programs])
        found = self.compared(programs, sizes)
        if self.report.failures or self.open is not None:
            return
        if not found.proved:
            self.search(programs, sizes, found)
            self.open = self.unsettled(programs, found)
            if isinstance(self.open, TooManyRegions) and not self.report.failures and not self.study.planted:
                oracles = derivative.ORACLES[: len(self.report.oracles)]
                values = [self.values_of(side, oracle) for side in self.judged for oracle in oracles]
                self.report.met = met(self.study, programs[0], sizes, values, self.sampled(programs[0], sizes).some())
        if not self.report.failures and not found.valued:
            self.note_values(programs[0], sizes, found)
        self.examine_misprints(programs, sizes, found)

    def check_larger(self) -> None:
        """Compare the sides at larger sizes, if other operations are made there: the program asks for a size."""
        sizes = self.claim.larger_sizes()
        if not self.claim.size_names() or not self.report.sizes:
            return
        here, there = (_operations(self.study, each) for each in (self.report.sizes[0], sizes))
        if there and here != there:
            self.check_size(sizes)
            self.report.larger = sizes if sizes in self.report.sizes else None

    def compared(self, programs: list[Program], sizes: Mapping[str, int]) -> Found:
        """What is found of all regions, unless the sides differ at some ordinary inputs.

        These are looked at before what takes long: planted mistakes mostly show there, and claims mostly are true.
        """
        if self.study.planted or self.open is not None:
            self.look(sizes)
        if self.report.failures or self.open is not None:
            return Found()
        found = self.regions.compare(programs, sizes, quick=True)
        if found.proved:
            return found
        if not self.study.planted:
            self.look(sizes)
        # Many inputs at once take less long than all regions.
        if not self.report.failures and self.can_be_shown:
            self.look_at_many(programs[0], sizes)
        return found if self.report.failures else self.regions.compare(programs, sizes)

    def check_near(self, sizes: Mapping[str, int], points: Iterable[Point]) -> None:
        """Look near points on kinks, where regions meet that may be too narrow to be met otherwise."""
        if self.open is None or self.report.failures:
            return
        self.programs(sizes)
        for point in points:
            for near in around(self.study, sizes, point):
                if any(self.note_difference(side, sizes, near) for side in self.judged):
                    return

    def differ_at(self, sizes: Mapping[str, int], points: Iterable[Point]) -> bool:
        """Whether a side differs at some of these inputs in high precision, which then is a difference."""
        self.programs(sizes)
        return any(self.note_difference(side, sizes, point) for point in points for side in self.judged)

    def unsettled(self, programs: list[Program], found: Found) -> Undecided:
        """Why the sides are neither equal nor different."""
        reasons = (values.rounding() for values in self.values.values())
        return next(filter(None, reasons), None) or self.regions.unsettled(programs, found)

    # Real inputs

    def look(self, sizes: Mapping[str, int]) -> None:
        """Look for a difference at ordinary inputs."""
        for point in ordinary(self.study, sizes):
            for side in self.judged:
                self.note_difference(side, sizes, point)
            if self.report.failures:
                return

    @property
    def can_be_shown(self) -> bool:
        """Whether high precision runs the sides; where it cannot, the machine perhaps does not end."""
        return any(values.run for values in self.values.values())

    def look_at_many(self, program: Program, sizes: Mapping[str, int]) -> None:
        """Look where the sides plainly differ in float64, of many inputs; a long program takes longer than it saves."""
        if rewriting.length(program.closed.jaxpr) > LONG:
            return
        found = self.sampled(program, sizes)
        any(self.note_difference(side, sizes, point) for side in self.judged for point in found.plain_suspects(side))

    def sampled(self, program: Program, sizes: Mapping[str, int]) -> Sampled:
        """The sides at many inputs, which are run once at each size."""
        if self._sampled is None or self._sampled[0] is not program:
            self._sampled = program, sampled(self.study, program, sizes)
        return self._sampled[1]

    def search(self, programs: list[Program], sizes: Mapping[str, int], apart: Found) -> None:
        """Look for a difference at many inputs.

        Arguments:
            apart: where the sides differ over the fields; if it is whatever is compared, ordinary inputs would show it.
        """
        by_outcomes = any(differing.comparisons or differing.loosened for differing in apart.differences)
        if not self.can_be_shown:
            return
        found = self.sampled(programs[0], sizes)
        for side in self.judged:
            self.search_for(side, found, sizes, by_outcomes=by_outcomes)
            if self.report.failures:
                return
        for side in self.judged:
            regions = [region for each in apart.differences if each.side is side for region in each.regions]
            points = approached(self.study, programs[0], sizes, regions, found.points)
            if any(self.note_difference(side, sizes, point) for point in points):
                return

    def search_for(self, side: Side, found: Sampled, sizes: Mapping[str, int], *, by_outcomes: bool) -> bool:
        """Whether a side differs at some of many inputs."""
        points = chain(found.suspects(side), found.some() if by_outcomes else ())
        return any(self.note_difference(side, sizes, point) for point in points)

    def note_difference(self, side: Side, sizes: Mapping[str, int], point: Point) -> bool:
        """Report a side that differs from the first one at these inputs, by some oracle."""
        count = len(self.report.oracles)
        oracles = derivative.ORACLES[:count]
        against = tuple(o for o in oracles if self.values_of(side, o).differ_at(sizes, point))
        if against:
            alone = not all(self.values_of(side, o).run for o in oracles)
            self.report.add(Difference(side, sizes, against if count > 1 else self.report.oracles, point, alone=alone))
        return bool(against)

    def values_of(self, side: Side, oracle: derivative.Oracle) -> Values:
        return self.values.setdefault((side.step, side.role, oracle), Values(self.study, side, oracle))

    def note_values(self, program: Program, sizes: dict[str, int], found: Found) -> None:
        """Note sizes at which the first side has a value at none of many inputs; raises `Undecided` at the first sizes.

        There nothing is compared, as where a mask leaves nothing of one example; but at the first sizes something must.
        """
        has = partial(self.values_of(self.sides[1], derivative.ORACLES[0]).has_value_at, sizes)
        stays = self.open is not None and found.may_be_numbers
        if stays or any(map(has, ordinary(self.study, sizes))) or any(map(has, self.sampled(program, sizes).valued())):
            return
        if len(self.report.sizes) == 1:
            raise Undecided("no side has a finite value at any of the inputs that were tried: nothing is compared")
        self.report.sizes.remove(sizes)
        self.report.valueless.append(sizes)
        self.open = None

    # Misprints

    def examine_misprints(self, programs: list[Program], sizes: Mapping[str, int], found: Found) -> None:
        """Look for inputs at which what is printed is wrong."""
        known = {difference.side.step for difference in self.report.misprints if difference.shapes is None}
        for side in self.sides[1:]:
            if side.role != "printed" or side.step in known | self.report.rearranged:
                continue
            if not alike(self.sides[0], side):
                values = self.values_of(side, derivative.ORACLES[0])
                if any(values.differ_at(sizes, point) for point in ordinary(self.study, sizes)):
                    self.report.rearranged.add(side.step)
            elif not self.is_settled(side, programs, sizes, in_some_region=side.step in found.misprints):
                self.report.unequal.add(side.step)

    def is_settled(
        self, side: Side, programs: list[Program], sizes: Mapping[str, int], *, in_some_region: bool
    ) -> bool:
        """Whether what is printed differs at some inputs, or in no region; many are looked at where it does in some."""
        if any(self.note_difference(side, sizes, point) for point in ordinary(self.study, sizes)):
            return True
        if not in_some_region:
            return True
        return self.search_for(side, self.sampled(programs[0], sizes), sizes, by_outcomes=True)


def _operations(study: Study, sizes: Mapping[str, int]) -> frozenset[str]:
    """The names of all that is made; none where the sides do not trace."""
    with suppress(Undecided):
        return rewriting.operations(study.program(sizes, derivative.ORACLES[-1]).closed.jaxpr)
    return frozenset()

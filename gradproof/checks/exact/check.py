"""The exact check: all sides over prime fields, at every size of the grid, by both oracles.

`SOUNDNESS.md` says what it proves, and with which probability of error.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from itertools import islice

import numpy as np

from gradproof.checks.exact.differences import Report, require_sides, shape_differences
from gradproof.checks.exact.plans import adapting
from gradproof.checks.exact.point import NoValue, PointCheck
from gradproof.checks.exact.regions import Regions, is_long, suspects
from gradproof.checks.exact.vacuous import refuse_same_program, refuse_shape_alone, refuse_zeros
from gradproof.checks.inputs import Point
from gradproof.checks.labels import enumerable, patterns
from gradproof.checks.study import Study
from gradproof.errors import Undecided
from gradproof.fields import FieldArithmetic, Forced, inputs, needs, towers
from gradproof.interpreter import Redraw
from gradproof.programs import Program, Side, derivative, places
from gradproof.worlds import Found

SCALES = (1.0, 10.0, 0.1, 100.0)
"""Magnitudes of the real points of a claim that compares; one that does not needs a single point."""

FAR = (1e3, 1e-3, 1e4, 1e-6, 1e6, 1e9, 1e-9, 1e12, 1e20, 1e30)
"""Magnitudes tried where an outcome of a comparison was not seen yet."""

WIDTHS = (1e-6, 1e-12)
"""Distances from a kink at which regions near it are looked for."""

TRIES = 8


class ExactCheck:
    """The exact check of one claim, as it goes from size to size."""

    def __init__(self, study: Study):
        self.study, self.claim, self.report = study, study.claim, Report()
        self.sides: tuple[Side, ...] = ()
        labels = [symbol for symbol in study.claim.arrays.values() if symbol.label]
        self.has_labels = bool(labels)
        self.plan = towers.Plan(enumerate_labels=any(symbol.integer for symbol in labels))
        self.regions = Regions(study, self.report)

    def run(self) -> Report:
        """Compare every side with the first one; stop at the first size at which one differs that should not.

        What is printed in a misprint is to differ at some size; one at which it does is enough.
        """
        try:
            for sizes in self.study.grid[:1] if self.study.quick else self.study.grid:
                self.check_size(sizes)
                if self.report.failures:
                    return self.report
            if not self.regions.everywhere:
                self.adapt(self.check_unseen)
            if not self.report.failures:
                self.regions.require_settled()
            if not self.study.planted:
                self.refuse_vacuous()
        except Undecided as reason:
            self.report.undecided = str(reason)
        return self.report

    def refuse_vacuous(self) -> None:
        """Refuse sides that are equal, or a misprint that is one, in a way that says nothing."""
        refuse_shape_alone(self.claim, self.report)
        if not self.study.corrects and self.report.zero:
            oracle = derivative.ORACLES[len(self.report.oracles) - 1]
            refuse_zeros(self.study.program(self.report.sizes[0], oracle), self.report)

    def programs(self, sizes: Mapping[str, int]) -> list[Program]:
        """All sides by the first oracle, and the first side by the second, where they differ."""
        whole = self.study.program(sizes, derivative.ORACLES[0])
        require_sides(whole, corrects=self.study.corrects)
        self.sides = whole.sides
        if not whole.asks_derivative:
            return [whole]
        # At the first size it is traced whole, for `refuse_same_program`.
        second = self.study.program(sizes, derivative.ORACLES[1], first_only=bool(self.report.sizes))
        return [whole, second.only_first()]

    def check_size(self, sizes: dict[str, int]) -> None:
        programs = self.programs(sizes)
        self.report.oracles = tuple(p.oracle for p in programs) if len(programs) > 1 else ("evaluation",)
        self.report.sizes.append(sizes)
        for difference in shape_differences(programs[0], sizes):
            self.report.add(difference)
        if self.report.failures:
            return
        if len(self.report.sizes) == 1 and not self.study.planted:
            refuse_same_program([self.study.program(sizes, program.oracle) for program in programs])
        found = Found() if self.study.planted else self.regions.compare(programs, sizes, quick=True)
        if not found.proved:
            if found.differences and is_long(programs[0]):
                self.regions.require_no_suspects(sizes)
            self.look_once(programs, sizes)
            if self.report.failures:
                return
            if self.study.planted:
                found = self.regions.compare(programs, sizes, quick=True)
            found = found if found.proved else self.regions.compare(programs, sizes)
        self.regions.leave(programs, found)
        try:
            if not (found.proved and found.valued and self.all_refuted()):
                self.adapt(lambda: self.check_points(programs, sizes))
        except Undecided:
            # The sides may have no values at the same points just because they differ.
            if found.differences:
                self.look_for(sizes)
            if self.report.failures:
                return
            raise
        if found.by_outcomes and not self.report.failures:
            self.look_for(sizes)

    def look_once(self, programs: list[Program], sizes: dict[str, int]) -> None:
        """Compare the sides at one point, where most mistakes show. If they are equal there, that proves nothing."""
        self.report.rests_on_points = False
        with suppress(Undecided):
            self.adapt(lambda: self.check_points(programs, sizes, most=1))

    def all_refuted(self) -> bool:
        """Whether every misprint was found to be one, by its numbers."""
        refuted = self.report.rearranged | {d.side.step for d in self.report.misprints if d.shapes is None}
        return all(side.role != "printed" or side.step in refuted for side in self.sides)

    def look_for(self, sizes: dict[str, int]) -> None:
        """Look for inputs of a region in which the sides differ."""
        programs = self.programs(sizes)
        for number, suspect in enumerate(suspects(self.study, sizes, self.report.oracles)):
            key = [self.study.entropy_at(sizes), 9, number]
            with suppress(Undecided):
                self.adapt(partial(self.check_one_more, programs, sizes, suspect.point, suspect.pattern, key))
            if self.report.failures:
                return
            self.report.suspects.append(suspect)

    def adapt(self, attempt: Callable[[], None]) -> None:
        """Try with larger and larger plans."""

        def with_plan(plan: towers.Plan) -> None:
            if plan != self.plan:
                # Points of a plan that was given up prove nothing.
                self.plan = plan
                self.report.drop_failures()
            attempt()

        adapting(self.plan, with_plan, has_labels=self.has_labels)

    def check_points(self, programs: list[Program], sizes: dict[str, int], most: int | None = None) -> None:
        """Compare the sides at real points.

        Arguments:
            most: how many, if not as many as are enough.
        """
        integers_only = not self.plan.enumerate_labels
        if (fewer := enumerable(self.claim, sizes, self.study.free_sizes, integers_only=integers_only)) != sizes:
            programs, sizes = self.programs(fewer), fewer
            self.report.sizes[-1] = fewer
        for number, pattern in enumerate(islice(patterns(self.claim, sizes, integers_only=integers_only), most)):
            # Later patterns of labels meet fewer points, a large one among them.
            scales = SCALES if number == 0 else (SCALES[number % 3], SCALES[-1])
            for index, scale in enumerate(scales[:most]):
                arithmetic = self.check_near_scale(programs, sizes, scale, pattern, [number, index])
                if self.report.failures:
                    if self.has_labels and not self.plan.enumerate_labels:
                        # False where labels are any reals; perhaps true where they are labels.
                        raise needs.NeedsLabels("the sides differ where labels are any reals")
                    return
                # The first size meets more real points than the others.
                least = 2 if len(self.report.sizes) == 1 else 0
                if not arithmetic.comparisons or (index >= least and not self.unseen()):
                    break

    def check_near_scale(
        self, programs: list[Program], sizes: Mapping[str, int], scale: float, pattern: Point, key: list[int]
    ) -> FieldArithmetic:
        """One real point; those that are too near a kink, or outside the domain, are drawn anew."""
        reasons: list[Redraw] = []
        for attempt in range(TRIES):
            generator = np.random.default_rng([self.study.entropy_at(sizes), *sizes.values(), *key, attempt])
            # Later attempts are gentler: most failures are overflows.
            point = inputs.real_point(self.claim, sizes, generator, scale / 3**attempt if scale > 1 else scale)
            try:
                return self.check_point(programs, sizes, {**point, **pattern}, pattern, generator)
            except Redraw as why:
                reasons.append(why)
        self.report.valueless = all(isinstance(why, NoValue) and why.where_first_has for why in reasons)
        if all(isinstance(why, NoValue) and why.nowhere for why in reasons):
            raise Undecided("no side has a finite value at any of the points that were tried: nothing is compared")
        raise Undecided(f"no inputs were found that both sides can be compared at: {reasons[-1]}")

    def check_point(
        self,
        programs: list[Program],
        sizes: Mapping[str, int],
        point: Point,
        pattern: Point,
        generator: np.random.Generator,
    ) -> FieldArithmetic:
        return PointCheck(self.study, self.plan, programs, sizes, self.report).check(point, pattern, generator)

    def check_near(self, sizes: dict[str, int], points: Iterable[Point]) -> None:
        """Compare the sides near points on kinks, where regions meet that may be too narrow to be met otherwise."""
        if self.regions.everywhere:
            return
        programs = self.programs(sizes)
        symbols = self.claim.arrays
        for number, point in enumerate(points):
            pattern = {name: values for name, values in point.items() if symbols[name].label}
            for index, width in enumerate(WIDTHS):
                generator = np.random.default_rng([self.study.entropy_at(sizes), 6, number, index])
                steps = {
                    name: width * np.maximum(abs(x), 1) * generator.uniform(0.1, 1, x.shape)
                    for name, x in point.items()
                }
                for sign in (1, -1):
                    near = {name: x + sign * steps[name] if symbols[name].unbounded else x for name, x in point.items()}
                    key = [self.study.entropy_at(sizes), 6, number, index, 1 + sign]
                    self.adapt(partial(self.check_one_more, programs, sizes, near, pattern, key))
                    if self.report.failures:
                        return

    def check_one_more(
        self, programs: list[Program], sizes: Mapping[str, int], point: Point, pattern: Point, key: list[int]
    ) -> None:
        """One point more; where it cannot be compared, others were."""
        with suppress(Redraw, needs.NeedsDraws):
            self.check_point(programs, sizes, point, pattern, np.random.default_rng(key))

    # Outcomes of comparisons that no point has had.

    def unseen(self) -> list[places.Site]:
        """The comparisons with only one outcome so far."""
        return [
            site
            for site, outcomes in self.report.outcomes.items()
            if site.comparison not in ("eq", "ne") and not {-1, 1} <= outcomes and outcomes != {0}
        ]

    def check_unseen(self) -> None:
        """Look for inputs with the outcomes not seen yet; failing that, compare the sides as if there were some."""
        sizes = self.report.sizes[0]
        pattern = next(patterns(self.claim, sizes, integers_only=not self.plan.enumerate_labels))
        programs: list[Program] = []
        for index, scale in enumerate(FAR):
            if not self.unseen():
                return
            programs = programs or self.programs(sizes)
            generator = np.random.default_rng([self.study.entropy_at(sizes), 7, index])
            point = inputs.real_point(self.claim, sizes, generator, scale)
            with suppress(Redraw):
                self.check_point(programs, sizes, {**point, **pattern}, pattern, generator)
            if self.report.failures:
                return
        for site in self.unseen():
            if self.differs_if_forced(site, programs, sizes, pattern):
                raise Undecided(
                    f"the sides differ for an outcome of the comparison {site.comparison!r} at {site.where} "
                    "that no input was found to have"
                )

    def differs_if_forced(
        self, site: places.Site, programs: list[Program], sizes: dict[str, int], pattern: Point
    ) -> bool:
        """Whether the sides differ once this comparison has the other outcome, wherever it is made."""
        known = {identity for program in programs for identity, other in program.sites.items() if other == site}
        forced = Forced(lambda equation: id(equation) in known)
        report = Report()
        with suppress(Redraw):
            # The first run learns what is compared there; the second turns it round on every side.
            for _ in range(2):
                report = Report(oracles=self.report.oracles)
                generator = np.random.default_rng([self.study.entropy_at(sizes), 8])
                point = {**inputs.real_point(self.claim, sizes, generator, 1.0), **pattern}
                PointCheck(self.study, self.plan, programs, sizes, report, forced).check(point, pattern, generator)
                forced.learning = False
        return bool(report.failures)

"""One real point of the exact check, with many draws, at which all sides are compared."""

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from gradproof.checks.exact.differences import Difference, Report, form
from gradproof.checks.inputs import Point
from gradproof.checks.study import Study
from gradproof.fields import Draws, FieldArithmetic, Forced, bound, inputs, needs, towers
from gradproof.interpreter import Evaluator, Memory, Redraw
from gradproof.programs import Program, Side

TARGET = -100.0
"""The bound on accepting a false claim, as a power of 2."""

MANY_REPEATS = 128


class NoValue(Redraw):
    """A side has no finite value.

    Arguments:
        where_first_has: whether the first side has one.
        nowhere: whether no side has one.
    """

    def __init__(self, *, where_first_has: bool, nowhere: bool):
        super().__init__("a side has no finite value, as where a logarithm is taken of a number that is not positive")
        self.where_first_has, self.nowhere = where_first_has, nowhere


class PointCheck:
    """Where the sides are compared, and the report that says how they do.

    Arguments:
        programs: all sides by the first oracle, and the first side by the second, if they differ.
        forced: the comparison that is turned round.
    """

    def __init__(
        self,
        study: Study,
        plan: towers.Plan,
        programs: list[Program],
        sizes: Mapping[str, int],
        report: Report,
        forced: Forced | None = None,
    ):
        self.study, self.plan, self.programs, self.sizes = study, plan, programs, sizes
        self.report, self.forced = report, forced

    def check(self, point: Point, pattern: Point, generator: np.random.Generator) -> FieldArithmetic:
        """Compare all sides at a real point.

        Raises `Redraw` where they cannot be compared.
        """
        arithmetic, results = self.run(point, pattern, generator)
        firsts = [outputs[program.sides[0].outputs] for program, outputs in zip(self.programs, results, strict=True)]
        if any(map(_has_no_value, results)):
            every = [*firsts, *(results[0][side.outputs] for side in self.programs[0].sides)]
            raise NoValue(where_first_has=not any(map(_has_no_value, firsts)), nowhere=all(map(_has_no_value, every)))
        if not arithmetic.alive.any():
            raise needs.NeedsDraws("no draw was found in which every root and power exists")
        sides = self.programs[0].sides
        self.look_for_numbers(arithmetic, firsts[0])
        for side in sides[1:]:
            given = results[0][side.outputs]
            if form(side) != form(sides[0]):
                self.look_for_rearranged(arithmetic, side, firsts[0], given)
                continue
            against = tuple(
                program.oracle
                for program, first in zip(self.programs, firsts, strict=True)
                if not all(arithmetic.equal(a, b).all() for a, b in zip(first, given, strict=True))
            )
            if against and arithmetic.simplified and not _far_apart(firsts, given):
                raise needs.NeedsLogarithms("the sides differ where nothing is known of constants that are logarithms")
            if against:
                oracles = against if len(self.programs) > 1 else self.report.oracles
                self.report.add(Difference(side, self.sizes, oracles, point, pattern))
                continue
            for first in firsts:
                self.add_bound(arithmetic, first, given)
        for program in self.programs:
            self.add_outcomes(arithmetic, program)
        return arithmetic

    def look_for_numbers(self, arithmetic: FieldArithmetic, first: list[Draws]) -> None:
        """Note whether the first side has entries, and whether these are zero."""
        entries = [a for a in first if math.prod(a.shape)]
        self.report.entries |= bool(entries)
        if self.report.zero:
            self.report.zero = all(arithmetic.equal(a, arithmetic.filled(0.0, a.shape)).all() for a in entries)

    def look_for_rearranged(
        self, arithmetic: FieldArithmetic, side: Side, first: list[Draws], given: list[Draws]
    ) -> None:
        """Note whether a misprint of other shapes has other numbers, too, or the same in another order."""
        if side.step in self.report.rearranged:
            return
        same = [a.real.size for a in first] == [b.real.size for b in given] and all(
            arithmetic.equal(a, arithmetic.take([b], np.arange(b.real.size).reshape(a.shape))).all()
            for a, b in zip(first, given, strict=True)
        )
        if not same:
            self.report.rearranged.add(side.step)

    def run(
        self, point: Point, pattern: Point, generator: np.random.Generator
    ) -> tuple[FieldArithmetic, list[list[Draws]]]:
        """The outputs of each program."""
        drawn = towers.towers_for(self.study.entropy_at(self.sizes), self.plan)
        arithmetic = FieldArithmetic(
            drawn, generator, self.forced, by_rank=self.plan.by_rank, logarithms=self.plan.logarithms
        )
        # What is forced or counted by rank depends on more than the inputs of an equation.
        memory = Memory() if self.forced or self.plan.by_rank else self.study.memory
        record = memory.record(lambda: self.key(point, generator))
        record.begin(arithmetic)
        # What is drawn later is drawn after them.
        arguments, generator.bit_generator.state = record.recall(
            arithmetic,
            inputs.field_inputs,
            (),
            lambda: (inputs.field_inputs(self.study.claim, arithmetic, point, pattern), generator.bit_generator.state),
        )
        results = [Evaluator(arithmetic, record).run_closed(program.closed, arguments) for program in self.programs]
        return arithmetic, [list(map(arithmetic.lifted, outputs)) for outputs in results]

    def key(self, point: Point, generator: np.random.Generator) -> Hashable:
        """What the inputs depend on."""
        values = {name: Memory.content(x) for name, x in point.items()}
        state: Any = str(generator.bit_generator.state)
        return FieldArithmetic, self.study.entropy_at(self.sizes), self.plan, state, tuple(values.items())

    def add_outcomes(self, arithmetic: FieldArithmetic, program: Program) -> None:
        for identity, comparison in arithmetic.comparisons.items():
            if identity in program.sites:
                self.report.outcomes.setdefault(program.sites[identity], set()).update(comparison.outcomes)

    def add_bound(self, arithmetic: FieldArithmetic, first: list[Draws], given: list[Draws]) -> None:
        """The largest bound over all comparisons of sides that were made."""
        if self.forced is not None or not self.report.rests_on_points:
            return
        worst = max(
            (bound.bound_log2(arithmetic, a, b) for a, b in zip(first, given, strict=True) if math.prod(a.shape)),
            default=-math.inf,
        )
        if worst > TARGET:
            if not worst < 0:
                raise needs.NeedsDraws(
                    "the degrees are too large for a bound on the probability of error", towers=math.inf
                )
            if arithmetic.live_towers() < 0.8 * self.plan.towers and self.plan.repeats < MANY_REPEATS:
                raise needs.NeedsDraws("too few draws were found in which every root and power exists")
            # Some primes never have a root that is needed; the others must do.
            raise needs.NeedsDraws(
                "the degrees are too large for the number of draws",
                towers=math.ceil(1.1 * self.plan.towers * TARGET / worst),
            )
        self.report.bound_log2 = max(self.report.bound_log2, worst)
        self.report.draws = max(self.report.draws, int(arithmetic.alive.sum()))


def _has_no_value(values: Iterable[Draws]) -> bool:
    return any(value.undefined is not None and value.undefined.any() for value in values)


def _far_apart(firsts: Iterable[Iterable[Draws]], given: Iterable[Draws]) -> bool:
    """Whether the values at the real point tell a side from each first one, whatever is known of constants."""
    given = list(given)
    return all(
        any(not np.allclose(a.real, b.real, rtol=1e-3, equal_nan=True) for a, b in zip(first, given, strict=True))
        for first in firsts
    )

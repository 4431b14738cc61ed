"""The exact check: all sides over prime fields, at every size of the grid, by both oracles.

`SOUNDNESS.md` says what it proves, and with which probability of error.
"""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from jax.extend import core

from gradproof.checks import points as scenes
from gradproof.claims.claim import Claim
from gradproof.claims.sizes import grid
from gradproof.claims.symbols import Index, Real, Symbol
from gradproof.errors import Undecided
from gradproof.fields.arithmetic import Draws, Exhausted, FieldArithmetic, Forced, NeedsCircle, NeedsLabels
from gradproof.fields.towers import WIDE_BITS, WIDE_LEVELS, NeedsDraws, Towers
from gradproof.interpreter import memory
from gradproof.interpreter.arithmetic import Redraw
from gradproof.interpreter.evaluator import Evaluator
from gradproof.programs.derivative import ORACLES
from gradproof.programs.places import INSIDE, place
from gradproof.programs.surgery import written
from gradproof.programs.trace import Program, Side, trace

TARGET = -100.0
"""The bound on accepting a false claim, as a power of 2."""

SCALES = (1.0, 10.0, 0.1, 100.0)
"""Magnitudes of the real points of a claim that compares; one that does not needs a single point."""

FAR = (1e3, 1e-3, 1e4, 1e-6, 1e6, 1e9, 1e-9, 1e12, 1e20, 1e30)
"""Magnitudes tried where an outcome of a comparison was not seen yet."""

WIDTHS = (1e-6, 1e-12)
"""Distances from a kink at which regions beside it are looked for."""

TRIES = 8
MOST_LEVELS = 6
MOST_TOWERS = 64
MANY_REPEATS = 128
BY_RANK_REPEATS = 32
MOST_REPEATS = 2048


@dataclass(frozen=True)
class Site:
    """A comparison in the user's code: the place, the primitive, and which of several there."""

    where: str
    comparison: str
    number: int = 0


@dataclass(frozen=True)
class Difference:
    """Two sides that differ: at which sizes, labels and real point, and which oracles the side contradicts."""

    side: Side
    sizes: Mapping[str, int]
    oracles: tuple[str, ...]
    point: Mapping[str, np.ndarray]
    pattern: Mapping[str, np.ndarray]
    shapes: tuple[str, str] | None = None


@dataclass
class Report:
    """What the exact check found."""

    draws: int = 0
    bound_log2: float = -math.inf
    sizes: list[dict[str, int]] = field(default_factory=list)
    oracles: tuple[str, ...] = ()
    differences: list[Difference] = field(default_factory=list)
    outcomes: dict[Site, set[int]] = field(default_factory=dict)
    undecided: str | None = None
    valueless: bool = False
    """Whether some side was found to have no value wherever the first one has, at all points that were tried."""

    @property
    def failures(self) -> list[Difference]:
        """The differences that are not those of a misprint."""
        return [difference for difference in self.differences if difference.side.role != "printed"]

    @property
    def misprints(self) -> list[Difference]:
        """Where a misprint was found to be one: once for each."""
        return [difference for difference in self.differences if difference.side.role == "printed"]

    def drop_failures(self) -> None:
        self.differences = self.misprints


@dataclass(frozen=True)
class Plan:
    """The fields to draw from, and whether labels get their values one by one."""

    levels: int = 1
    towers: int = 10
    repeats: int = 4
    circular: bool = False
    enumerate_labels: bool = False
    wide: bool = False
    by_rank: bool = False
    """Whether exponents are counted, and not their terms."""


@lru_cache(maxsize=16)
def towers_for(seed: int, plan: Plan) -> Towers:
    bits = WIDE_BITS if plan.wide else 0
    return Towers(seed, plan.towers, plan.repeats, plan.levels, plan.circular, bits)


class NoValue(Redraw):
    """A side has no finite value, whether or not it is the first one."""

    def __init__(self, *, where_first_has: bool):
        super().__init__("a side has no finite value, as where a logarithm is taken of a number that is not positive")
        self.where_first_has = where_first_has


def check_exact(claim: Claim, *, seed: int = 0, quick: bool = False) -> Report:
    """Compare every side with the first one; stops at the first size at which one differs that should not.

    What is printed in a misprint is to differ at some size; one at which it does is enough.
    """
    return ExactCheck(claim, seed).run(quick=quick)


class ExactCheck:
    """One claim under examination."""

    def __init__(self, claim: Claim, seed: int):
        self.claim, self.seed, self.report = claim, seed, Report()
        self.sides: tuple[Side, ...] = ()
        has_classes = any(isinstance(symbol, Index) for symbol in claim.symbols.values())
        self.plan = Plan(enumerate_labels=has_classes)

    def run(self, *, quick: bool) -> Report:
        sizes_list = grid(self.claim.size_names(), self.claim.sizes)
        try:
            for sizes in sizes_list[:1] if quick else sizes_list:
                self.check_size(sizes)
                if self.report.failures:
                    return self.report
            self.adapting(self.check_unseen)
        except Undecided as reason:
            self.report.undecided = str(reason)
        return self.report

    def programs(self, sizes: Mapping[str, int]) -> list[Program]:
        """All sides by the first oracle, and the first side by the second, where they differ."""
        whole = trace(self.claim, sizes, ORACLES[0])
        check_sides(self.claim, whole)
        self.sides = whole.sides
        if not whole.asks_derivative:
            return [whole]
        # At the first size it is traced whole, for `refuse_same_program`.
        return [whole, trace(self.claim, sizes, ORACLES[1], first_only=bool(self.report.sizes)).only_first()]

    def check_size(self, sizes: dict[str, int]) -> None:
        programs = self.programs(sizes)
        self.report.oracles = tuple(p.oracle for p in programs) if len(programs) > 1 else ("evaluation",)
        self.report.sizes.append(sizes)
        for difference in shape_differences(programs[0], sizes):
            self.add_difference(difference)
        if self.report.failures:
            return
        if len(self.report.sizes) == 1:
            refuse_same_program(trace(self.claim, sizes, programs[-1].oracle))
        self.adapting(lambda: self.check_scenes(programs, sizes))

    def adapting(self, attempt: Callable[[], None]) -> None:
        """Try with larger and larger plans."""
        while True:
            try:
                attempt()
            except Exhausted:
                if self.plan.levels >= MOST_LEVELS:
                    raise
                self.plan = replace(self.plan, levels=self.plan.levels + 1)
            except NeedsCircle:
                self.plan = replace(self.plan, circular=True)
            except NeedsLabels:
                self.plan = replace(self.plan, enumerate_labels=True)
            except NeedsDraws as need:
                self.plan = self.larger_plan(need)
            else:
                return
            # Scenes of a plan that was given up prove nothing.
            self.report.drop_failures()

    def larger_plan(self, need: NeedsDraws) -> Plan:
        if need.towers:
            if self.plan.towers < need.towers <= MOST_TOWERS:
                return replace(self.plan, towers=int(need.towers))
            if not self.plan.wide and self.plan.levels <= WIDE_LEVELS:
                return replace(self.plan, towers=Plan.towers, wide=True)
            if not self.plan.by_rank and self.plan.levels > 1:
                return replace(
                    self.plan, towers=Plan.towers, repeats=max(self.plan.repeats, BY_RANK_REPEATS), by_rank=True
                )
        elif self.has_labels() and not self.plan.enumerate_labels:
            return replace(self.plan, enumerate_labels=True)
        elif self.plan.repeats < MOST_REPEATS:
            return replace(self.plan, repeats=self.plan.repeats * 8)
        raise Undecided(str(need)) from None

    def has_labels(self) -> bool:
        return any(scenes.is_label(symbol) for symbol in self.claim.symbols.values())

    def check_scenes(self, programs: list[Program], sizes: dict[str, int]) -> None:
        kinds: Any = Symbol if self.plan.enumerate_labels else Index
        if (fewer := self.enumerable(sizes, kinds)) != sizes:
            programs, sizes = self.programs(fewer), fewer
            self.report.sizes[-1] = fewer
        for number, pattern in enumerate(scenes.patterns(self.claim, sizes, kinds)):
            # Later patterns of labels meet fewer points, a large one among them.
            scales = SCALES if number == 0 else (SCALES[number % 3], SCALES[-1])
            for index, scale in enumerate(scales):
                arithmetic = self.check_scene(programs, sizes, scale, pattern, [number, index])
                if self.report.failures:
                    if self.has_labels() and not self.plan.enumerate_labels:
                        # False where labels are any reals; perhaps true where they are labels.
                        raise NeedsLabels("the sides differ where labels are any reals")
                    return
                if not arithmetic.comparisons or (index >= self.least_scenes() and not self.unseen()):
                    break

    def least_scenes(self) -> int:
        """The first size meets more real points than the others."""
        return 2 if len(self.report.sizes) == 1 else 0

    def enumerable(self, sizes: dict[str, int], kinds: Any) -> dict[str, int]:
        """The sizes, made smaller until the patterns of labels can be enumerated."""
        sizes = dict(sizes)
        while scenes.count_patterns(self.claim, sizes, kinds) > scenes.MOST_PATTERNS:
            free = [name for name in self.claim.size_names() if sizes[name] > 1]
            if not free:
                raise Undecided("there are too many patterns of labels to enumerate")
            sizes[max(free, key=lambda name: sizes[name])] -= 1
        return sizes

    def check_scene(
        self,
        programs: list[Program],
        sizes: Mapping[str, int],
        scale: float,
        pattern: Mapping[str, np.ndarray],
        key: list[int],
    ) -> FieldArithmetic:
        """One real point; those that are too near a kink, or outside the domain, are drawn anew."""
        reasons: list[Redraw] = []
        for attempt in range(TRIES):
            generator = np.random.default_rng([self.seed, *sizes.values(), *key, attempt])
            # Later attempts are gentler: most failures are overflows.
            point = scenes.real_point(self.claim, sizes, generator, scale / 3**attempt if scale > 1 else scale)
            try:
                return self.check_point(programs, sizes, {**point, **pattern}, pattern, generator)
            except Redraw as why:
                reasons.append(why)
        self.report.valueless = all(isinstance(why, NoValue) and why.where_first_has for why in reasons)
        raise Undecided(f"no inputs were found that both sides can be compared at: {reasons[-1]}")

    def check_point(
        self,
        programs: list[Program],
        sizes: Mapping[str, int],
        point: Mapping[str, np.ndarray],
        pattern: Mapping[str, np.ndarray],
        generator: np.random.Generator,
        forced: Forced | None = None,
    ) -> FieldArithmetic:
        towers = towers_for(self.seed, self.plan)
        arithmetic = FieldArithmetic(towers, generator, forced, by_rank=self.plan.by_rank)
        record = memory.FORGETFUL if forced or self.plan.by_rank else memory.record(lambda: self.key(point, generator))
        record.begin(arithmetic)
        # What is drawn later is drawn after them.
        inputs, generator.bit_generator.state = record.recall(
            arithmetic,
            scenes.field_inputs,
            (),
            lambda: (scenes.field_inputs(self.claim, arithmetic, point, pattern), generator.bit_generator.state),
        )
        results = [Evaluator(arithmetic, record).run_closed(program.closed, inputs) for program in programs]
        results = [list(map(arithmetic.lifted, outputs)) for outputs in results]
        firsts = [outputs[program.sides[0].outputs] for program, outputs in zip(programs, results, strict=True)]
        if any(map(_has_no_value, results)):
            raise NoValue(where_first_has=not any(map(_has_no_value, firsts)))
        if not arithmetic.alive.any():
            raise NeedsDraws("no draw was found in which every root and power exists")
        for side in programs[0].sides[1:]:
            given = results[0][side.outputs]
            if _form(side) != _form(programs[0].sides[0]):
                continue
            against = tuple(
                program.oracle
                for program, first in zip(programs, firsts, strict=True)
                if not all(arithmetic.equal(a, b).all() for a, b in zip(first, given, strict=True))
            )
            if against:
                oracles = against if len(programs) > 1 else self.report.oracles
                self.add_difference(Difference(side, sizes, oracles, point, pattern))
                continue
            for first in firsts:
                self.add_bound(arithmetic, first, given)
        self.add_outcomes(arithmetic, programs)
        return arithmetic

    def key(self, point: Mapping[str, np.ndarray], generator: np.random.Generator) -> Hashable:
        """What the inputs depend on."""
        values = {name: memory.content(x) for name, x in point.items()}
        return FieldArithmetic, self.seed, self.plan, str(generator.bit_generator.state), tuple(values.items())

    def add_difference(self, difference: Difference) -> None:
        found = difference.side
        if found.role != "printed" or all(found.step != other.side.step for other in self.report.misprints):
            self.report.differences.append(difference)

    def add_outcomes(self, arithmetic: FieldArithmetic, programs: Iterable[Program]) -> None:
        for program in programs:
            known = sites(program)
            for identity, comparison in arithmetic.comparisons.items():
                if identity in known:
                    self.report.outcomes.setdefault(known[identity], set()).update(comparison.outcomes)

    def add_bound(self, arithmetic: FieldArithmetic, first: list[Draws], given: list[Draws]) -> None:
        """The largest bound over all comparisons of sides that were made."""
        if arithmetic.forced is not None:
            return
        worst = max(
            (bound_log2(arithmetic, a, b) for a, b in zip(first, given, strict=True) if math.prod(a.shape)),
            default=-math.inf,
        )
        if worst > TARGET:
            if not worst < 0:
                raise NeedsDraws("the degrees are too large for a bound on the probability of error", towers=math.inf)
            if arithmetic.live_towers() < 0.8 * self.plan.towers and self.plan.repeats < MANY_REPEATS:
                raise NeedsDraws("too few draws were found in which every root and power exists")
            # Some primes never have a root that is needed; the others must do.
            raise NeedsDraws(
                "the degrees are too large for the number of draws",
                towers=math.ceil(1.1 * self.plan.towers * TARGET / worst),
            )
        self.report.bound_log2 = max(self.report.bound_log2, worst)
        self.report.draws = max(self.report.draws, int(arithmetic.alive.sum()))

    def check_near(self, sizes: dict[str, int], points: Iterable[Mapping[str, np.ndarray]]) -> None:
        """Compare the sides beside points on kinks, where regions meet that may be too narrow to be met otherwise."""
        programs = self.programs(sizes)
        symbols = self.claim.symbols
        for number, point in enumerate(points):
            pattern = {name: values for name, values in point.items() if scenes.is_label(symbols[name])}
            for index, width in enumerate(WIDTHS):
                generator = np.random.default_rng([self.seed, 6, number, index])
                steps = {
                    name: width * np.maximum(abs(x), 1) * generator.uniform(0.1, 1, x.shape)
                    for name, x in point.items()
                }
                for sign in (1, -1):
                    beside = {
                        name: x + sign * steps[name] if isinstance(symbols[name], Real) else x
                        for name, x in point.items()
                    }
                    key = [self.seed, 6, number, index, 1 + sign]
                    self.adapting(partial(self.check_beside, programs, sizes, beside, pattern, key))
                    if self.report.failures:
                        return

    def check_beside(
        self,
        programs: list[Program],
        sizes: Mapping[str, int],
        point: Mapping[str, np.ndarray],
        pattern: Mapping[str, np.ndarray],
        key: list[int],
    ) -> None:
        """One point more; where it cannot be compared, others were."""
        with suppress(Redraw, NeedsDraws):
            self.check_point(programs, sizes, point, pattern, np.random.default_rng(key))

    def unseen(self) -> list[Site]:
        """The comparisons of which only one outcome was seen."""
        return [
            site
            for site, outcomes in self.report.outcomes.items()
            if site.comparison not in ("eq", "ne") and not {-1, 1} <= outcomes and outcomes != {0}
        ]

    def check_unseen(self) -> None:
        """Look for inputs with the outcomes not seen yet; failing that, compare the sides as if there were some."""
        sizes = self.report.sizes[0]
        kinds: Any = Symbol if self.plan.enumerate_labels else Index
        pattern = next(iter(scenes.patterns(self.claim, sizes, kinds)))
        programs: list[Program] = []
        for index, scale in enumerate(FAR):
            if not self.unseen():
                return
            programs = programs or self.programs(sizes)
            generator = np.random.default_rng([self.seed, 7, index])
            point = scenes.real_point(self.claim, sizes, generator, scale)
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
        self, site: Site, programs: list[Program], sizes: dict[str, int], pattern: Mapping[str, np.ndarray]
    ) -> bool:
        """Whether the sides differ once this comparison has the other outcome, wherever it is made."""
        known = {identity for program in programs for identity, other in sites(program).items() if other == site}
        forced = Forced(lambda equation: id(equation) in known)
        trial = ExactCheck(self.claim, self.seed)
        trial.plan = self.plan
        with suppress(Redraw):
            # The first run learns what is compared there; the second turns it round on every side.
            for _ in range(2):
                trial.report = Report()
                generator = np.random.default_rng([self.seed, 8])
                point = {**scenes.real_point(self.claim, sizes, generator, 1.0), **pattern}
                trial.check_point(programs, sizes, point, pattern, generator, forced)
                forced.learning = False
        return bool(trial.report.failures)


def _has_no_value(values: Iterable[Draws]) -> bool:
    return any(value.undefined is not None and value.undefined.any() for value in values)


def shape_differences(program: Program, sizes: Mapping[str, int]) -> list[Difference]:
    first = program.sides[0]
    return [
        Difference(side, sizes, (), {}, {}, (_form(first), _form(side)))
        for side in program.sides[1:]
        if _form(side) != _form(first)
    ]


def _form(side: Side) -> str:
    return side.shapes if side.structure.num_leaves == 1 else f"{side.structure} of {side.shapes}"


def check_sides(claim: Claim, program: Program) -> None:
    if len(program.sides) < 2 or program.sides[0].role != "side":
        raise Undecided("a claim needs two sides, the first of which is no misprint")
    misprinted = any(side.role == "printed" for side in program.sides)
    if misprinted and claim.correction is None:
        raise Undecided("a claim that yields a misprint needs correction=, with what is right")
    if claim.correction is not None and not misprinted:
        raise Undecided("a claim with a correction must yield the misprint that it corrects")


def refuse_same_program(program: Program) -> None:
    """A side that is the same code as the first one says nothing."""
    first = written(program.first)
    for side in program.sides[1:]:
        if written(program.part([side])) == first:
            raise Undecided(f"side {side.step} is the same program as side 0, so that nothing is compared")


@lru_cache(maxsize=8)
def sites(program: Program) -> dict[int, Site]:
    """The equations of a program by identity, each with its place in the user's code."""
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[int, Site] = {}
    for equation, where in _equations(program.closed.jaxpr, INSIDE):
        if id(equation) not in found:
            name = (where, equation.primitive.name)
            found[id(equation)] = Site(*name, counts[name])
            counts[name] += 1
    return found


def _equations(jaxpr: core.Jaxpr, outer: str) -> Iterator[tuple[Any, str]]:
    """All equations; one inside jax has the place of the call that led there."""
    for equation in jaxpr.eqns:
        here = place(equation)
        here = outer if here == INSIDE else here
        yield equation, here
        for value in equation.params.values():
            for inner in value if isinstance(value, list | tuple) else (value,):
                if isinstance(inner, core.ClosedJaxpr):
                    yield from _equations(inner.jaxpr, here)
                elif isinstance(inner, core.Jaxpr):
                    yield from _equations(inner, here)


def bound_log2(arithmetic: FieldArithmetic, a: Draws, b: Draws) -> float:
    """The bound on the probability that a and b, if they differ, agree in every draw that was made."""
    live = arithmetic.towers.by_tower(arithmetic.alive)
    if arithmetic.exponents is not None:
        live[list(arithmetic.exponents.witnesses)] = 0
    bad, vanishing = chances_log2(arithmetic, a, b)
    return sum(min(math.log2(2**bad + 2 ** (vanishing * float(repeats))), 0.0) for repeats in live[live > 0])


def chances_log2(arithmetic: FieldArithmetic, a: Draws, b: Draws) -> tuple[float, float]:
    """Bounds on the probabilities that a tower makes a and b agree, and that one draw does, where they differ."""
    difference = a.degree + b.degree
    towers = arithmetic.towers
    smallest = math.log2(towers.smallest)
    # Inputs are drawn from a part of each field. Draws without the roots that are needed are not counted, and with r
    # independent ones a difference has 2^r conjugates, of which any may vanish: as many as one draw in so many is kept.
    kept = max(arithmetic.alive.mean(), 1 / towers.draws)
    vanishing = (4 if towers.circular else 2) * (difference.numerator + arithmetic.accidents) / kept**2
    height = difference.height.top + arithmetic.heights
    bad = math.log2(towers.levels * (1 + height / smallest)) - towers.entropy
    return bad, min(math.log2(max(vanishing, 1)) - smallest, 0)

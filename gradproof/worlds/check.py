"""All sides of a claim in every region, at one size."""

import copy
import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np

from gradproof.claims import Equality
from gradproof.errors import Undecided
from gradproof.programs import Program, Side
from gradproof.worlds.arithmetic import WorldArithmetic
from gradproof.worlds.atoms import LOOSE, MOST_WORLDS, Colours, filled, loose, members
from gradproof.worlds.bound.evidence import ATTEMPTS, bound_log2, enough
from gradproof.worlds.cases import made
from gradproof.worlds.draws import Base, Plan
from gradproof.worlds.errors import (
    NeedsColours,
    NeedsOrigins,
    NeedsRoots,
    NeedsWitnesses,
    TooLoose,
    TooManyRegions,
    Unbounded,
    Unlucky,
)
from gradproof.worlds.evaluator import WorldEvaluator
from gradproof.worlds.sites import Label, Region
from gradproof.worlds.value import ANY, FINITE, NONE, Value, kinds

TARGET = -100.0
"""The bound on accepting a false claim, as a power of 2."""

WITNESSES = 32
FEW = 8
"""Combinations of outcomes that terms of a sum may depend on together, where more are too many regions."""
MANY = 128
MOST_WITNESSES = 4096
MOST_ORDER = 1_000_000


@dataclass(frozen=True)
class Differing:
    """Where two sides differ: an element of an output, and the comparisons that decide that they do.

    Arguments:
        comparisons: their equations; none if the sides differ whatever is compared.
        loosened: whether they differ as polynomials in outcomes, and perhaps for no outcomes.
        regions: some in which they differ.
    """

    side: Side
    output: int
    element: tuple[int, ...]
    comparisons: Sequence[Any]
    loosened: bool
    regions: Sequence[Region] = ()


@dataclass(frozen=True)
class Way:
    """How sides can be compared.

    Arguments:
        labels: for what they are, or for any numbers.
        witnesses: draws by which relations are looked for; none are if 0.
        fewer: with fewer regions than there are, as one atom may stand for several, and sums may be loosened.
        pairwise: with the largest of several numbers found by comparing two at a time, as signs follow from others.
    """

    labels: bool
    witnesses: int
    fewer: bool = False
    pairwise: bool = False


@dataclass
class Found:
    """What a comparison found: nothing, to begin with."""

    bound_log2: float = 0.0
    """On the probability that sides which differ were found to be equal, as a power of 2."""
    draws: int = 0
    differences: list[Differing] = field(default_factory=list)
    valued: bool = True
    """Whether the first side has a value in all worlds."""
    at_numbers: bool = False
    """Whether a side differs from it in some world in which it is a number."""
    entries: bool = False
    """Whether it has any numbers in it."""
    zero: bool = False
    """Whether these are all zero, where they have a value."""
    outputs: Mapping[bytes, Base] = field(default_factory=dict)
    """What the sides came to, in all draws."""
    misprints: set[int] = field(default_factory=set)
    """The steps of the misprints that differ."""
    way: Way | None = None
    """In which of the ways this was found."""

    @property
    def loosened(self) -> bool:
        """Whether they differ as sums that forget that outcomes are their own squares."""
        return any(differing.loosened for differing in self.differences)

    @property
    def may_be_numbers(self) -> bool:
        """Whether the first side may have numbers from which a side differs."""
        return self.at_numbers or not self.differences

    @property
    def compared(self) -> bool:
        """Whether they differ for outcomes of comparisons alone, in each of the worlds."""
        return all(differing.comparisons and not differing.loosened for differing in self.differences)

    @property
    def proved(self) -> bool:
        """Whether the sides are equal wherever the first one has a value."""
        return not self.differences and self.bound_log2 <= TARGET


def ways(claim: Equality) -> list[Way]:
    """What makes more claims true comes last, and takes longer."""
    reals = any(symbol.label and not symbol.integer for symbol in claim.arrays.values())
    return [
        way
        for labels in ((False, True) if reals else (False,))
        for way in (
            *(Way(labels, witnesses) for witnesses in (0, WITNESSES)),
            *(Way(labels, witnesses, fewer=True) for witnesses in (0, WITNESSES)),
            Way(labels, WITNESSES, pairwise=True),
        )
    ]


def compare(
    programs: Sequence[Program],
    claim: Equality,
    sizes: Mapping[str, int],
    seed: int = 0,
    tried: Sequence[Way] | None = None,
    *,
    quick: bool = False,
) -> Found:
    """Compare all sides of the first program with the first side of each.

    Arguments:
        seed: what draws begin with: a hash of the programs.
        tried: the ways to compare them in, until they are found to be equal; by default all. With fewer regions they
            are compared only where they are too many.
        quick: not as well as can be where they differ as loosened sums, which takes longest.
    """
    entropy = hashlib.blake2b(str(seed).encode()).digest()
    found, reason, unbounded, told_apart = Found(), None, None, set[Way]()
    for way in ways(claim) if tried is None else tried:
        if way.fewer and replace(way, fewer=False) in told_apart:
            continue
        told_apart.add(way)
        comparison = Comparison(programs, claim, sizes, way.labels, quick)
        plan = Plan(entropy, witnesses=way.witnesses, pairwise=way.pairwise)
        try:
            found, reason = comparison.in_fewer_regions(plan) if way.fewer else comparison.found(plan), None
        except Unbounded as undecided:
            # All is equal here: what differs in another way is what that does not know.
            unbounded = undecided
            continue
        except Undecided as undecided:
            reason = undecided
            if isinstance(undecided, TooManyRegions):
                told_apart.discard(way)
            continue
        found.way = way
        if found.proved:
            return found
    if (reason := unbounded or reason) is not None:
        raise reason
    return found


@dataclass(frozen=True)
class Comparison:
    """All sides of the first program and the first side of each, at one size.

    Arguments:
        labels: whether labels that are numbers are only those, and not any numbers.
        quick: whether loosened sums are enough where sides differ as these.
    """

    programs: Sequence[Program]
    claim: Equality
    sizes: Mapping[str, int]
    labels: bool
    quick: bool = False

    def found(self, plan: Plan) -> Found:
        """Where sides differ as sums that forget that outcomes are their own squares, as many are told apart as can."""
        whole = replace(plan, combinations=MOST_WORLDS)
        try:
            found = self.adapted(plan, Colours())
        except TooLoose:
            if self.quick:
                raise
            return self.adapted(whole, Colours())
        if found.loosened and not self.quick:
            with suppress(TooManyRegions):
                found = self.adapted(whole, Colours())
        return found

    def in_fewer_regions(self, plan: Plan) -> Found:
        """With one atom for all largest numbers of a row; if that is not enough, with loosened sums."""
        plan = replace(plan, joint=True)
        with suppress(TooManyRegions):
            return self.found(plan)
        return self.found(replace(plan, combinations=FEW))

    def adapted(self, plan: Plan, colours: Colours) -> Found:
        """With more draws, colours, witnesses and roots, as they turn out to be needed."""
        while True:
            try:
                found, arithmetic = self.once(plan, colours)
                if found.differences and (again := arithmetic.again(found.outputs, found.compared)):
                    plan = again
                    continue
                if found.bound_log2 <= TARGET or found.differences:
                    return found
                if (larger := enough(arithmetic, TARGET)) is None:
                    raise Unbounded("the degrees are too large for a bound on the probability of error")
                plan = plan.with_draws(primes=larger[0], repeats=larger[1])
                colours.forget()
            except NeedsColours:
                continue
            except NeedsOrigins:
                plan = replace(plan, origins=True)
            except Unlucky:
                plan = plan.with_draws(attempt=plan.attempt + 1)
                colours.forget()
                if plan.attempt == ATTEMPTS:
                    raise Undecided("no draws were found in which every denominator is a unit") from None
            except NeedsWitnesses:
                witnesses = 2 * plan.witnesses  # beside so many draws more primes cost little, and degrees are high
                plan = plan.with_draws(witnesses=witnesses, primes=plan.primes if witnesses < MANY else 24)
                colours.forget()
                if plan.witnesses > MOST_WITNESSES:
                    raise Undecided("there are too many independent exponentials") from None
            except NeedsRoots as need:
                plan = plan.with_draws(order=need.order)
                if plan.order > MOST_ORDER:
                    raise Undecided("exponents have large denominators") from None

    def once(self, plan: Plan, colours: Colours) -> tuple[Found, WorldArithmetic]:
        """With just these. What is decided counts for later runs, too, that are made for it."""
        arithmetic = WorldArithmetic(plan, colours)
        try:
            return self.run(arithmetic), arithmetic
        finally:
            colours.decisions = arithmetic.decisions + arithmetic.roots.compared
            colours.degree, colours.height = arithmetic.degree, arithmetic.height

    def run(self, arithmetic: WorldArithmetic) -> Found:
        programs = self.programs
        arguments = inputs(self.claim, arithmetic, self.sizes, labels=self.labels)
        evaluator = WorldEvaluator(arithmetic)
        results = [list(map(arithmetic.lifted, evaluator.run_closed(p.closed, arguments))) for p in programs]
        found = Found(draws=arithmetic.field.draws)
        found.outputs = arithmetic.bases(list(chain.from_iterable(results)))
        firsts = [outputs[p.sides[0].outputs] for p, outputs in zip(programs, results, strict=True)]
        found.entries = any(math.prod(a.shape) for a in firsts[0])
        found.zero = all(bool((a.zeros | (kinds(a) != FINITE)).all()) for a in firsts[0])
        for side in programs[0].sides[1:]:
            given = results[0][side.outputs]
            if side.role != "printed":
                found.differences += self.by_others(arithmetic, side, firsts[0], results[1:], found)
            if [a.shape for a in firsts[0]] != [b.shape for b in given]:
                # A misprint of other shapes.
                continue
            apart = [
                differing(arithmetic, side, number, a, b, found)
                for first in firsts
                for number, (a, b) in enumerate(zip(first, given, strict=True))
            ]
            if side.role != "printed":
                found.differences += chain.from_iterable(apart)
            elif any(apart):
                found.misprints.add(side.step)
        arithmetic.atoms.require_covered()
        found.bound_log2 = bound_log2(arithmetic)
        return found

    def by_others(
        self,
        arithmetic: WorldArithmetic,
        side: Side,
        first: Sequence[Value],
        results: Sequence[Sequence[Value]],
        found: Found,
    ) -> Iterator[Differing]:
        """Where a side is another one by the other oracles, if they were asked for it."""
        for program, outputs in zip(self.programs[1:], results, strict=True):
            for same in program.sides[1:]:
                if (same.step, same.role) != (side.step, side.role):
                    continue
                for number, (a, b) in enumerate(zip(first, outputs[same.outputs], strict=True)):
                    if a.shape == b.shape:
                        yield from differing(arithmetic, side, number, a, b, found)


def inputs(claim: Equality, arithmetic: WorldArithmetic, sizes: Mapping[str, int], *, labels: bool) -> list[Any]:
    """Those of the claim's program.

    Arguments:
        labels: whether labels that are numbers are only those, and not any numbers.
    """
    arguments: list[Any] = []
    for name in claim.inputs:
        symbol = claim.arrays[name]
        shape = symbol.shape(sizes)
        if symbol.integer or (labels and symbol.label):
            arguments.append(label(arithmetic, name, symbol, sizes))
        elif symbol.rows:
            free = arithmetic.symbol(name, (*shape[:-1], shape[-1] - 1))
            rows = arithmetic.rows_of_sum_one(free)
            # Of several positive numbers with the sum one each is less than one.
            below = 1.0 if symbol.positive and shape[-1] > 1 else math.inf
            arguments.append(free_label(rows) if symbol.label else arithmetic.between(rows, symbol.bounds[0], below))
        elif symbol.label:
            arguments.append(free_label(arithmetic.symbol(name, shape)))
        else:
            array = arithmetic.symbol(name, shape, positive=symbol.positive)
            arguments.append(arithmetic.between(array, *symbol.bounds))
    return arguments


def free_label(a: Value) -> Value:
    """Labels as any numbers. What is not zero for any numbers may be zero for labels, as where y is compared with 1."""
    return replace(a, signs=np.full(a.shape, ANY, np.int8), support=filled(LOOSE, a.shape))


def label(arithmetic: WorldArithmetic, name: str, symbol: Any, sizes: Mapping[str, int]) -> Any:
    """Each of its independent parts is an atom, with an outcome for each value: rows of one-hot labels, or elements."""
    shape = symbol.shape(sizes)
    parts = shape[:-1] if symbol.rows else shape
    of_one = copy.copy(symbol)
    of_one.dimensions = symbol.dimensions[len(parts) :]
    values = np.stack(list(of_one.values(sizes)))
    atoms = arithmetic.atoms
    out = np.zeros((atoms.worlds, *shape), values.dtype)
    support = np.zeros(shape, object)
    for part in np.ndindex(parts):
        number = atoms.add(f"{name} {part}".encode(), len(values), 0)
        arithmetic.sites.labels[number] = [Label(name, part, value) for value in values]
        outcome = atoms.outcome(number)
        out[(slice(None), *part)] = values[outcome].reshape(atoms.worlds, *shape[len(parts) :])
        support[part] = 1 << number
    cases = made(atoms, out, support)
    return cases if symbol.integer else arithmetic.constant(cases)


def differing(
    arithmetic: WorldArithmetic, side: Side, number: int, a: Value, b: Value, found: Found
) -> list[Differing]:
    """The elements that differ in some world in which the first side has a value."""
    atoms = arithmetic.atoms
    if loose(a.support).any() != loose(b.support).any():
        a, b = arithmetic.loosened(a), arithmetic.loosened(b)
    worlds = max(arithmetic.worlds(a), arithmetic.worlds(b))
    x, y = kinds(a), kinds(b)
    same = (a.residues == b.residues).all(axis=1)
    agree = np.broadcast_to(np.where((x == FINITE) & (y == FINITE), same, x == y), (worlds, *a.shape))
    # What is divided by zero is infinite to the machine, and may come to a value again.
    divided = arithmetic.divided if worlds > 1 else np.array([arithmetic.divided.any()])
    divided = divided.reshape(-1, *(1 for _ in a.shape))
    valued = np.broadcast_to((x != NONE) | divided, agree.shape)
    agree = agree & ~((x == NONE) & divided)
    found.valued &= bool((x == FINITE).all())
    found.at_numbers |= bool((~agree & (x == FINITE)).any())
    arithmetic.decide(a)
    arithmetic.decide(b)
    wrong_ones = []
    zero = np.zeros(a.shape, object)
    either = np.bitwise_or(zero if a.support is None else a.support, zero if b.support is None else b.support)
    supports = np.asarray(either, object)
    for element in np.ndindex(a.shape):
        atoms.need(int(supports[element]))
        wrong = valued[(slice(None), *element)] & ~agree[(slice(None), *element)]
        if regions := arithmetic.existing(int(supports[element]), wrong):
            known = [arithmetic.conditions.get(atom) for atom in members(int(supports[element]))]
            comparisons = [condition.comparison for condition in known if condition is not None]
            where = [arithmetic.sites.region(outcomes) for outcomes in regions]
            wrong_ones.append(Differing(side, number, element, comparisons, bool(supports[element] & LOOSE), where))
            break
    return wrong_ones

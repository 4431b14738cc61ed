"""All sides of a claim in every region, at one size."""

import copy
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradproof.claims import Equality
from gradproof.errors import Undecided
from gradproof.programs import Program, Side
from gradproof.worlds.arithmetic import WorldArithmetic
from gradproof.worlds.atoms import Colours, loose, members
from gradproof.worlds.cases import made
from gradproof.worlds.draws import Plan
from gradproof.worlds.errors import NeedsColours, NeedsRoots, NeedsWitnesses, TooManyRegions, Unlucky
from gradproof.worlds.evaluator import WorldEvaluator
from gradproof.worlds.evidence import ATTEMPTS, bound_log2
from gradproof.worlds.value import FINITE, NONE, Value, kinds

TARGET = -100.0
"""The bound on accepting a false claim, as a power of 2."""

MOST_REPEATS = 64
WITNESSES = 32
FEW = 8
"""Combinations of outcomes that terms of a sum may depend on together, where more are too many regions."""
MOST_WITNESSES = 4096
MOST_ORDER = 1_000_000


@dataclass(frozen=True)
class Differing:
    """Where two sides differ: an element of an output, and the outcomes of the atoms that it depends on."""

    side: Side
    output: int
    element: tuple[int, ...]
    outcomes: Mapping[bytes, int]


@dataclass
class Found:
    bound_log2: float = -math.inf
    differences: list[Differing] = field(default_factory=list)
    valued: bool = False


def compare(program: Program, claim: Equality, sizes: Mapping[str, int], seed: int = 0) -> Found:
    """Without relations first, and with labels for any numbers; then with what makes more claims true."""
    entropy = hashlib.blake2b(f"{seed} {program.closed.jaxpr}".encode()).digest()
    reals = any(symbol.label and not symbol.integer for symbol in claim.arrays.values())
    ways = [(labels, witnesses) for labels in ((False, True) if reals else (False,)) for witnesses in (0, WITNESSES)]
    found, reason = Found(), None
    for labels, witnesses in ways:
        try:
            found, reason = examined(program, claim, sizes, Plan(entropy, witnesses=witnesses), labels=labels), None
        except Undecided as undecided:
            reason = undecided
            continue
        if found.valued and not any(d.side.role != "printed" for d in found.differences):
            return found
    if reason is not None:
        raise reason
    return found


def examined(program: Program, claim: Equality, sizes: Mapping[str, int], plan: Plan, *, labels: bool) -> Found:
    """Where the regions are too many to be told apart, sums forget that outcomes are their own squares."""
    try:
        return adapted(program, claim, sizes, plan, labels=labels)
    except TooManyRegions:
        return adapted(program, claim, sizes, replace(plan, combinations=FEW), labels=labels)


def adapted(program: Program, claim: Equality, sizes: Mapping[str, int], plan: Plan, *, labels: bool) -> Found:
    colours = Colours()
    while True:
        try:
            found = once(program, claim, sizes, plan, colours, labels=labels)
            if found.bound_log2 <= TARGET or found.differences:
                return found
            if plan.repeats >= MOST_REPEATS:
                raise Undecided("the degrees are too large for a bound on the probability of error")
            plan = replace(plan, repeats=2 * plan.repeats)
        except NeedsColours:
            continue
        except Unlucky:
            plan = replace(plan, attempt=plan.attempt + 1)
            if plan.attempt == ATTEMPTS:
                raise Undecided("no draws were found in which every denominator is a unit") from None
        except NeedsWitnesses:
            plan = replace(plan, witnesses=2 * plan.witnesses)
            if plan.witnesses > MOST_WITNESSES:
                raise Undecided("there are too many independent exponentials") from None
        except NeedsRoots as need:
            plan = replace(plan, order=need.order)
            if plan.order > MOST_ORDER:
                raise Undecided("exponents have large denominators") from None


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
            arguments.append(arithmetic.rows_of_sum_one(free))
        else:
            arguments.append(arithmetic.symbol(name, shape, positive=symbol.positive))
    return arguments


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
        outcome = atoms.outcome(number)
        out[(slice(None), *part)] = values[outcome].reshape(atoms.worlds, *shape[len(parts) :])
        support[part] = 1 << number
    cases = made(atoms, out, support)
    return cases if symbol.integer else arithmetic.constant(cases)


def once(
    program: Program, claim: Equality, sizes: Mapping[str, int], plan: Plan, colours: Colours, *, labels: bool
) -> Found:
    arithmetic = WorldArithmetic(plan, colours)
    arguments = inputs(claim, arithmetic, sizes, labels=labels)
    outputs = WorldEvaluator(arithmetic).run_closed(program.closed, arguments)
    outputs = [arithmetic.lifted(x) for x in outputs]
    found = Found()
    first = outputs[program.sides[0].outputs]
    for side in program.sides[1:]:
        for number, (a, b) in enumerate(zip(first, outputs[side.outputs], strict=True)):
            found.differences += differing(arithmetic, side, number, a, b, found)
    arithmetic.atoms.require_covered()
    found.bound_log2 = bound_log2(arithmetic)
    return found


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
    valued = np.broadcast_to(x != NONE, agree.shape)
    found.valued |= bool(valued.any()) or not math.prod(a.shape)
    arithmetic.decide(a)
    arithmetic.decide(b)
    wrong_ones = []
    zero = np.zeros(a.shape, object)
    either = np.bitwise_or(zero if a.support is None else a.support, zero if b.support is None else b.support)
    supports = np.asarray(either, object)
    for element in np.ndindex(a.shape):
        atoms.need(int(supports[element]))
        wrong = valued[(slice(None), *element)] & ~agree[(slice(None), *element)]
        if wrong.any():
            world = int(np.argmax(wrong))
            outcomes = {atoms.keys[k]: int(atoms.outcome(k)[world]) for k in members(int(supports[element]))}
            wrong_ones.append(Differing(side, number, element, outcomes))
            break
    return wrong_ones

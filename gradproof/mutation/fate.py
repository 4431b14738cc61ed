"""The kill matrix: mistakes planted in the hand-written sides of a claim, and the check that refuses each.

A mistake is planted at one assignment of sizes, since a mutant has the shapes that it was made at: the first of the
grid at which all patterns of labels can be tried. Mutants are those of the program in float64. In float32 their twin is
run, the mutant of that program with the same change; where it has none, as for a factor that float32 does not tell from
1, the side is run there as it stands, and the mistake judged in float64 only.

A mutant that no check refuses is given to a referee, who knows nothing of the first side: it compares the mutant with
what it was made of, in high precision and at other inputs than those of the checks.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain, islice, zip_longest

import jax
import numpy as np
from jax.extend import core

from gradproof.checks import Study, examine
from gradproof.checks.floating import DTYPES
from gradproof.checks.inputs import SWEEP, drawn
from gradproof.checks.labels import MOST_PATTERNS, count_patterns
from gradproof.claims import Claim, Equality
from gradproof.claims.verdict import BY, By, Fate
from gradproof.errors import GradproofError, Undecided
from gradproof.interpreter import Memory
from gradproof.mutation.mistakes import KINDS
from gradproof.mutation.mutants import Mutant, mutants_of
from gradproof.numerics import Run, certify
from gradproof.programs import Program, Side, derivative, rewriting

MOST = 200
"""Mistakes that are planted in a claim unless another number is asked for."""

_NUMBER = re.compile(r"(?<![\w.])-?\d+(\.\d*)?(e[+-]?\d+)?(?![\w.])")


def outcomes(found: Iterable[Fate]) -> tuple[By, ...]:
    """What may become of mistakes, with every check that refused one of these."""
    first = BY.index("equivalent")
    return (*BY[:first], *dict.fromkeys(fate.by for fate in found if fate.by not in BY), *BY[first:])


def fates(study: Study, *, most: int | None) -> Iterator[Fate]:
    """Plant mistakes in each hand-written side of a claim, and see what becomes of them.

    Arguments:
        study: of the claim; its seed is that of the sample, too.
        most: how many at most, spread evenly over the kinds; all if None.

    Raises `GradproofError` where a side is refused as it stands, so that nothing is shown by refusing its mutants.
    """
    with jax.enable_x64(True):
        sides = hand_sides(study)
        for hand in sides:
            hand.refuse_if_wrong()
        found = [(hand, mutant) for hand in sides for mutant in hand.mutants]
    for index in sample([mutant.kind for _, mutant in found], study.seed, most):
        hand, mutant = found[index]
        with jax.enable_x64(True):
            by, why = hand.fate(mutant)
        yield Fate(study.claim.id, mutant.kind, mutant.where, mutant.change, by, why)


def version(claim: Claim) -> str:
    """A text that changes with what is claimed; empty where nothing is to be proved."""
    if not isinstance(claim, Equality):
        return ""
    with jax.enable_x64(True):
        return Study(claim).version


def hand_sides(study: Study) -> list["HandSide"]:
    """All sides but the first, and of a misprint what is correct."""
    sides = study.program(_sizes(study.claim), derivative.ORACLES[0]).sides
    return [HandSide(study, side) for side in sides[1:] if side.role != "printed"]


def sample(kinds: Sequence[str], seed: int, most: int | None) -> list[int]:
    """Which to take of mutants of these kinds, in their order: one of each kind in turn, drawn at random."""
    places: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for index, kind in enumerate(kinds):
        places[kind].append(index)
    for number, indices in enumerate(places.values()):
        np.random.default_rng([seed, number]).shuffle(indices)
    turns = chain.from_iterable(zip_longest(*places.values()))
    return sorted(islice((index for index in turns if index is not None), most))


def _sizes(claim: Equality) -> dict[str, int]:
    found = claim.size_grid()
    return next((sizes for sizes in found if count_patterns(claim, sizes) <= MOST_PATTERNS), found[0])


class HandSide:
    """A side in which mistakes are planted."""

    def __init__(self, study: Study, side: Side):
        self.study, self.claim, self.side = study, study.claim, side
        self.sizes = _sizes(study.claim)
        self.memory = Memory()
        self._firsts: dict[tuple[derivative.Oracle, str], Program] = {}

    @cached_property
    def programs(self) -> dict[str, core.ClosedJaxpr]:
        """This side alone, by dtype."""
        return {
            dtype: rewriting.inlined(self.study.program(self.sizes, derivative.ORACLES[0], dtype).part([self.side]))
            for dtype in DTYPES
        }

    @cached_property
    def mutants(self) -> list[Mutant]:
        return list(mutants_of(self.programs["float64"], self.claim.inputs))

    @cached_property
    def twins(self) -> Mapping[int, core.ClosedJaxpr]:
        """For the identity of a mutant, that of the program in float32."""
        found = self.mutants, mutants_of(self.programs["float32"], self.claim.inputs)
        groups, others = map(_by_change, found)
        return {
            id(mutant): twin.closed
            for change, ours in groups.items()
            if len(ours) == len(others[change])
            for mutant, twin in zip(ours, others[change], strict=True)
            if twin.closed is not None
        }

    def planted(self, mutant: Mutant) -> Study:
        """The claim at one assignment of sizes, with its first side and the mutant in the place of this one."""
        return Study(
            self.claim,
            seed=self.study.seed,
            backend=self.study.backend,
            sizes=self.sizes,
            source=partial(self.program, mutant),
            memory=self.memory,
            # With the draws of the claim, its mutants recall what its equations made.
            entropy=self.study.entropy,
        )

    def program(self, mutant: Mutant, oracle: derivative.Oracle, dtype: str) -> Program:
        """The first side and a mutant."""
        closed = mutant.closed if dtype == "float64" else self.twins.get(id(mutant))
        return self.first(oracle, dtype).with_side(
            self.programs[dtype] if closed is None else closed, self.side.structure
        )

    def first(self, oracle: derivative.Oracle, dtype: str) -> Program:
        """The first side, of the inputs of this one. Its mutants share the equations of both."""
        if (oracle, dtype) not in self._firsts:
            alone = self.study.program(self.sizes, oracle, dtype, first_only=True)
            inputs = self.programs[dtype].jaxpr.invars
            self._firsts[oracle, dtype] = replace(alone, closed=rewriting.with_inputs(alone.closed, inputs))
        return self._firsts[oracle, dtype]

    def refuse_if_wrong(self) -> None:
        """Examine this side as it stands, and note what it makes, which its mutants share."""
        with self.memory.noting():
            by, why = self.fate(Mutant("", "", "", self.programs["float64"]))
        if by != "equivalent":
            raise GradproofError(
                f"claim {self.claim.id!r}: side {self.side.step} is refused as it stands ({by}: {why}), which shows "
                "nothing of its mutants; see what `gradproof verify` says of it"
            )

    def fate(self, mutant: Mutant) -> tuple[By, str]:
        """The first check that refuses a mutant, and what it says."""
        if mutant.closed is None:
            return "shape", mutant.why
        given, needed = rewriting.forms(mutant.closed.out_avals), rewriting.forms(self.side.avals)
        if given != needed:
            return "shape", f"{' '.join(given)}, not {' '.join(needed)}"
        found = examine(self.planted(mutant))
        if found.refusal is not None:
            return found.refusal.by, found.refusal.why
        # All checks say that it is equal, or one does not know.
        open_question = next(map(str, found.open_questions), None)
        difference, compared = self.compared(mutant.closed, undefined=open_question is not None)
        if difference is not None:
            return ("survivor" if open_question is None else "floating"), difference
        if open_question is None and not compared:
            open_question = "at no input of the referee are both values known"
        return ("equivalent", "") if open_question is None else ("undecided", open_question)

    # The referee

    @cached_property
    def expected(self) -> list[tuple[Mapping[str, np.ndarray], Run]]:
        """Inputs at which something is known of this side, and what."""
        points = [
            drawn(self.claim, self.sizes, kind, np.random.default_rng([self.study.seed, len(SWEEP), index]))
            for index, kind in enumerate(SWEEP)
        ]
        found = zip(points, self.certified(self.programs["float64"], points), strict=True)
        return [(point, ours) for point, ours in found if any(known.any() for known in ours.known)]

    def certified(self, closed: core.ClosedJaxpr, points: Iterable[Mapping[str, np.ndarray]]) -> list[Run]:
        return certify(closed, [self.study.inputs(point) for point in points], memory=self.memory)

    def compared(self, closed: core.ClosedJaxpr, *, undefined: bool) -> tuple[str | None, int]:
        """How a program differs from this side at inputs where both are known, and the number of entries compared.

        Arguments:
            undefined: whether it differs where it has no value, too.
        """
        try:
            others = self.certified(closed, [point for point, _ in self.expected])
        except Undecided:
            return None, 0
        compared = 0
        # Numbers that are equal everywhere are not a kink.
        identity = all(theirs.tied for theirs in others)
        for (point, ours), theirs in zip(self.expected, others, strict=True):
            if self.claim.kinks is not None and (ours.tied or (theirs.tied and not identity)):
                continue
            parts = zip(ours.outputs, theirs.outputs, ours.known, theirs.known, strict=True)
            for x, y, known, also_known in parts:
                both = known & also_known
                compared += int(both.sum())
                apart = both & ~x.within_errors(y)
                if undefined:
                    apart |= known & np.isnan(y.size)
                if apart.any():
                    entry = tuple(np.argwhere(apart)[0].tolist())
                    inputs = {name: values.tolist() for name, values in point.items()}
                    return f"{float(y.value[entry])} and not {float(x.value[entry])} at {inputs}", compared
        return None, compared


def _by_change(found: Iterable[Mutant]) -> Mapping[tuple[str, str, str], list[Mutant]]:
    """Mutants by what is changed, with numbers as float32 has them."""
    groups: dict[tuple[str, str, str], list[Mutant]] = defaultdict(list)
    for mutant in found:
        change = _NUMBER.sub(lambda match: str(np.float32(match[0])), mutant.change)
        groups[mutant.kind, mutant.where, change].append(mutant)
    return groups

"""Trials of false claims: how often they are accepted, and how often that is allowed."""

import itertools
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from false_claims import CLAIMS
from scipy.stats import binomtest

from gradproof.checks import Study
from gradproof.errors import Undecided
from gradproof.worlds import WorldArithmetic
from gradproof.worlds.atoms import Colours
from gradproof.worlds.bound import evidence
from gradproof.worlds.check import Comparison
from gradproof.worlds.draws import Plan
from gradproof.worlds.errors import NeedsColours, Unlucky

SURE = 1e-6


class Tally(NamedTuple):
    """Of trials that were made, those that accepted the claim, and the share that the bound allows."""

    made: int
    accepted: int
    allowed: float

    @property
    def exceeds_bound(self) -> bool:
        return binomtest(self.accepted, self.made, self.allowed, "greater").pvalue < SURE


@cache
def comparison(name: str) -> Comparison:
    claim = CLAIMS[name].claim
    study = Study(claim)
    sizes = study.grid[0]
    return Comparison([study.program(sizes, "dual")], claim, sizes, labels=False)


def accepted(name: str, plan: Plan) -> tuple[bool, WorldArithmetic | None]:
    """Whether all decisions of one run together have the sides equal; an unlucky draw accepts nothing."""
    colours = Colours()
    with suppress(Unlucky, Undecided):
        while True:
            with suppress(NeedsColours):
                found, arithmetic = comparison(name).once(plan, colours)
                return not found.differences, arithmetic
    return False, None


def trials(name: str, count: int) -> list[tuple[bool, float]]:
    """Whether each accepts the claim, and the share that its run says itself, if it came to an end."""
    made = []
    for plan in itertools.islice(CLAIMS[name].plans(), count):
        accepts, arithmetic = accepted(name, plan)
        # The run itself is not kept: many of them would be millions of objects.
        made.append((accepts, 0.0 if arithmetic is None else stated(name, arithmetic)))
    return made


def allowed(made: list[tuple[bool, float]]) -> float:
    """The largest share that a run says itself."""
    return min(max(share for _, share in made), 1.0)


def stated(name: str, arithmetic: WorldArithmetic) -> float:
    """Of the bound what is about the event that the claim tries, for as many decisions as may be wrong."""
    case = CLAIMS[name]
    root, draws = evidence.root_of_all(arithmetic), arithmetic.plan.repeats - arithmetic.field.scaling
    one = {
        "draw": root,
        "draws": min(root, 1.0) ** draws,
        "prime": evidence.bad_prime(arithmetic),
        "all": 2 ** evidence.accident_log2(arithmetic),
    }
    return min(case.wrong, evidence.decisions(arithmetic)) * one[case.event]


@cache
def counted(name: str) -> tuple[int, float]:
    """How many of its trials accept a claim, and what is allowed."""
    made = trials(name, CLAIMS[name].trials)
    return sum(accepts for accepts, _ in made), allowed(made)


def tally(name: str) -> Tally:
    return Tally(CLAIMS[name].trials, *counted(name))


def tally_with_other_bound(name: str) -> Tally:
    """With a bound that is counted otherwise now, and nothing else: a few trials say what that allows."""
    return Tally(CLAIMS[name].trials, counted(name)[0], allowed(trials(name, 4)))

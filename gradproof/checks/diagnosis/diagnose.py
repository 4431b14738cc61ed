"""Which explanation is believed: the first one that fits at every sample."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import mpmath
import numpy as np

from gradproof.checks.diagnosis import arrangements, factors, places, substitutes, sums, terms
from gradproof.checks.diagnosis.case import PRECISION, Case, Explanation, Hypothesis, Rerun, Sample
from gradproof.claims import Equality

HYPOTHESES: tuple[Hypothesis, ...] = (
    factors.zero,
    factors.factor,
    arrangements.exchanged,
    arrangements.transposed,
    arrangements.moved,
    sums.summed,
    sums.running,
    terms.constant,
    terms.term,
    factors.array_factor,
    terms.exchanged_term,
    places.place,
    terms.term_in_part,
    substitutes.substituted,
    arrangements.shifted,
)
"""The most specific and the most natural first."""


@dataclass(frozen=True)
class Diagnosis:
    """A hint, and the explanations of arrays that it is made of."""

    text: str
    explained: tuple[tuple[Case, Explanation], ...] = ()


def diagnose(
    claim: Equality,
    samples: Sequence[Sample],
    names: Sequence[str],
    rerun: Rerun | None = None,
    hypotheses: Sequence[Hypothesis] = HYPOTHESES,
) -> Diagnosis | None:
    """The first explanation that fits every sample.

    Arguments:
        names: of the arrays of a side, as subjects of a sentence.
        rerun: what is right at other inputs.
    """
    if len(samples) < 2:
        return None
    # Infinities and NaN are ordinary where something is tried that may fit.
    with mpmath.workprec(PRECISION), np.errstate(all="ignore"):
        count = len(samples[0].expected)
        if any(len(sample.expected) != count or len(sample.given) != count for sample in samples):
            # How many arrays there are depends on sizes.
            return None
        if not any(_differs(sample) for sample in samples):
            return Diagnosis("it is right at ordinary inputs, and wrong in a region only")
        wrong = tuple(leaf for leaf in range(count) if any(sample.wrong[leaf].any() for sample in samples))
        if not wrong:
            return None
        case = Case(claim, samples, wrong, names, rerun)
        explained = _together(case, hypotheses) or _one_by_one(case, hypotheses)
        if explained is not None:
            said = "; ".join(explanation.said(part.subject()) for part, explanation in explained)
            return Diagnosis(f"{said}{_others(case)}", explained)
        if len(wrong) < count:
            subject = case.subject()
            return Diagnosis(f"{subject.it} {subject.be} wrong{_others(case)}")
    return None


def _differs(sample: Sample) -> bool:
    """Whether the sides have other numbers, however little they differ."""
    return any(
        a.shape != b.shape or any(x != y for x, y in zip(a.ravel(), b.ravel(), strict=True))
        for a, b in zip(sample.expected, sample.given, strict=True)
    )


Explained = tuple[tuple[Case, Explanation], ...]


def _together(case: Case, hypotheses: Sequence[Hypothesis]) -> Explained | None:
    for hypothesis in hypotheses:
        for explanation in hypothesis(case):
            if case.explained_by(explanation):
                return ((case, explanation),)
    return None


def _one_by_one(case: Case, hypotheses: Sequence[Hypothesis]) -> Explained | None:
    """An explanation for each array that is wrong, or none."""
    if len(case.leaves) == 1:
        return None
    found: Explained = ()
    for leaf in case.leaves:
        one = _together(replace(case, leaves=(leaf,)), hypotheses)
        if one is None:
            return None
        found += one
    return found


def _others(case: Case) -> str:
    right = len(case.samples[0].expected) - len(case.leaves)
    return "" if not right else "; the other is right" if right == 1 else "; the others are right"

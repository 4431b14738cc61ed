"""The full report on a claim that is proved: how accurate it is, and which mistakes in it would have been refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from gradproof.checks.study import Study
from gradproof.errors import GradproofError, Undecided
from gradproof.measures.accuracy import Accuracy, accuracy
from gradproof.measures.sensitivity import Limits, detection_limits
from gradproof.mutation.fate import MOST, Fate, fates


@dataclass(frozen=True)
class Full:
    """What is known of a claim beyond its verdict."""

    accuracy: Accuracy
    limits: Mapping[str, Limits]
    """By dtype."""
    fates: tuple[Fate, ...]


def full_report(study: Study) -> Full:
    """Measure a claim, and plant mistakes in it.

    Raises `GradproofError` where its sides cannot be compared on the machine.
    """
    try:
        measured, limits = accuracy(study), detection_limits(study)
    except Undecided as reason:
        raise GradproofError(
            f"claim {study.claim.id!r} is proved, and cannot be measured: {reason}; verify it without --full"
        ) from None
    return Full(measured, limits, tuple(fates(study, most=MOST)))

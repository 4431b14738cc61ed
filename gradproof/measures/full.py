"""The full report on a claim that is proved: how accurate it is, and which mistakes in it would have been refused."""

from gradproof.checks import Study
from gradproof.claims.verdict import Full
from gradproof.errors import GradproofError, Undecided
from gradproof.measures.accuracy import accuracy_of
from gradproof.measures.sensitivity import sensitivity_of
from gradproof.mutation import MOST, fates


def full_report(study: Study) -> Full:
    """Measure a claim, and plant mistakes in it.

    Raises `GradproofError` if its sides cannot be compared on the machine.
    """
    study.at("accuracy")
    try:
        measured, sensitivity = accuracy_of(study), sensitivity_of(study)
    except Undecided as reason:
        raise GradproofError(
            f"claim {study.claim.id!r} is proved, and cannot be measured: {reason}; verify it without --full"
        ) from None
    planted = []
    study.at("mistakes")
    for fate in fates(study, most=MOST):
        planted.append(fate)
        study.at(f"mistakes, of which {len(planted)} are done")
    return Full(measured, sensitivity, tuple(planted))

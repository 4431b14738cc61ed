"""How many regions were met in which the sides agree: what there is to say where they are too many to be told apart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gradproof.checks.exact.values import Values
from gradproof.checks.inputs import Point
from gradproof.checks.kinks.visits import Differences, Visits
from gradproof.checks.study import Study
from gradproof.programs import Program


@dataclass(frozen=True)
class Met:
    """Regions, at these sizes."""

    sizes: Mapping[str, int]
    regions: int
    comparisons: int
    """How many numbers are compared, so that there are at most as many regions as they have outcomes together."""


def met(
    study: Study, program: Program, sizes: Mapping[str, int], values: Sequence[Values], points: Iterable[Point]
) -> Met:
    """The regions of those of some points at which the sides agree.

    Arguments:
        values: the sides in high precision, by each oracle.
    """
    visits = Visits(study, program.closed, program.sides)
    here = (point for point in points if all(each.agree_at(sizes, point) for each in values))
    found = list(_signs(visits.differences_at(point) for point in here))
    return Met(sizes, len(set(found)), max(map(len, found), default=0))


def _signs(differences: Iterable[Differences]) -> Iterator[tuple[float, ...]]:
    """The signs of all that is compared at a point; what lies on a kink is in no region."""
    for each in differences:
        signs = np.nan_to_num(np.sign([d for key in sorted(each) for d in each[key]]), nan=2.0)
        if signs.all():
            yield tuple(signs.tolist())

"""Where the sides do not trace at all sizes: which size the code fixes, as by an array that it closes over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from gradproof.checks.study import Study
from gradproof.errors import Undecided
from gradproof.programs import derivative, trace

LENGTHS = (2, 3, 4, 5, 6, 7, 8, 10, 16, 32, 64)
"""Those that are tried for one size; of 1 nothing is seen, as it is spread to any other."""

Row = Mapping[str, int]


@dataclass(frozen=True)
class Fit:
    """Sizes at which the sides fit together, and what to write if these are meant."""

    rows: Sequence[Row] = ()
    advice: str = ""


def what_fits(study: Study) -> Fit:
    """Where the sides fit; nowhere if no such sizes are found."""
    rows = study.grid[:2]
    for name in study.free_sizes:
        for length in LENGTHS:
            fitting = [{**row, name: length} for row in rows]
            if all(_fits(study, row) for row in fitting):
                fixed = f"sizes={{{name!r}: {length}}}"
                return Fit(fitting, f"they fit where {name} is {length}: if that is meant, add {fixed} to the claim")
    for one, other in combinations(study.free_sizes, 2):
        fitting = [{**row, other: row[one]} for row in rows]
        if all(_fits(study, row) for row in fitting):
            return Fit(fitting, f"they fit where {one} and {other} are equal: if that is meant, name both {one!r}")
    return Fit()


def _fits(study: Study, sizes: Row) -> bool:
    """Whether the sides trace there, and have one form."""
    try:
        program = trace(study.claim, sizes, derivative.ORACLES[0])
    except Undecided:
        return False
    return all(side.form == program.sides[0].form for side in program.sides[1:])

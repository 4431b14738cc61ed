"""Where the sides do not trace at all sizes: which size the code fixes, as by an array that it closes over."""

from collections.abc import Mapping
from itertools import combinations

from gradproof.checks.study import Study
from gradproof.errors import Undecided
from gradproof.programs import derivative, trace

LENGTHS = (2, 3, 4, 5, 6, 7, 8, 10, 16, 32, 64)
"""Those that are tried for one size; of 1 nothing is seen, as it is spread to any other."""

Row = Mapping[str, int]


def what_fits(study: Study) -> str:
    """The sizes at which the sides fit together, and what to write then; nothing where none are found."""
    rows = study.grid[:2]
    for name in study.free_sizes:
        for length in LENGTHS:
            if all(_fits(study, {**row, name: length}) for row in rows):
                fixed = f"sizes={{{name!r}: {length}}}"
                return f"they fit where {name} is {length}: if that is meant, add {fixed} to the claim"
    for one, other in combinations(study.free_sizes, 2):
        if all(_fits(study, {**row, other: row[one]}) for row in rows):
            return f"they fit where {one} and {other} are equal: if that is meant, name both {one!r}"
    return ""


def _fits(study: Study, sizes: Row) -> bool:
    """Whether the sides trace there, and have one form."""
    try:
        program = trace(study.claim, sizes, derivative.ORACLES[0])
    except Undecided:
        return False
    return all(side.form == program.sides[0].form for side in program.sides[1:])

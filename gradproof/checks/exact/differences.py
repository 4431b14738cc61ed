"""What the exact check found: differences of sides, and what was drawn."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gradproof.checks.exact.met import Met
from gradproof.errors import Undecided
from gradproof.programs import Program, Side


@dataclass(frozen=True)
class Difference:
    """Two sides that differ: at which sizes and inputs, and which oracles the side contradicts."""

    side: Side
    sizes: Mapping[str, int]
    oracles: tuple[str, ...]
    point: Mapping[str, np.ndarray]
    shapes: tuple[str, str] | None = None
    alone: bool = False
    """Whether an oracle that is not contradicted could not run the sides, so that it is no witness."""


@dataclass
class Report:
    """What the exact check found."""

    draws: int = 0
    bound_log2: float = -math.inf
    sizes: list[dict[str, int]] = field(default_factory=list)
    larger: Mapping[str, int] | None = None
    """Sizes above those of the grid at which other operations are made, so that the sides were compared there, too."""
    valueless: list[dict[str, int]] = field(default_factory=list)
    """Sizes at which the first side was found to have a value at no inputs, so that nothing is compared there."""
    met: Met | None = None
    """Where there are too many regions to be told apart, those in which the sides were seen to agree."""
    oracles: tuple[str, ...] = ()
    differences: list[Difference] = field(default_factory=list)
    undecided: Undecided | None = None
    entries: bool = False
    """Whether the first side has any numbers in it, at some size."""
    zero: bool = True
    """Whether these were all zero, at all sizes."""
    rearranged: set[int] = field(default_factory=set)
    """The steps of misprints in which the numbers differ from those of the first side, and not only the shapes."""
    unequal: set[int] = field(default_factory=set)
    """The steps of misprints that differ from the first side in some region, for which no inputs were found."""

    @property
    def failures(self) -> list[Difference]:
        """The differences that are not those of a misprint."""
        return [difference for difference in self.differences if difference.side.role != "printed"]

    @property
    def misprints(self) -> list[Difference]:
        """Where a misprint was found to be one: once for each."""
        return [difference for difference in self.differences if difference.side.role == "printed"]

    def add(self, difference: Difference) -> None:
        """Note a difference; of a misprint the first one."""
        found = difference.side
        if found.role != "printed" or all(found.step != other.side.step for other in self.misprints):
            self.differences.append(difference)


def shape_differences(program: Program, sizes: Mapping[str, int]) -> list[Difference]:
    """The sides that have another structure, shape or dtype than the first one."""
    first = program.sides[0]
    return [
        Difference(side, sizes, (), {}, _told_apart(first, side))
        for side in program.sides[1:]
        if not alike(first, side)
    ]


def alike(first: Side, second: Side) -> bool:
    """Whether two sides have one structure, and arrays of the same shapes and dtypes."""
    return (first.structure, first.avals) == (second.structure, second.avals)


def _told_apart(first: Side, second: Side) -> tuple[str, str]:
    """Both in words."""
    if first.written != second.written:
        return first.written, second.written
    return first.written, f"{second.written} with other static fields"


def require_sides(program: Program, *, corrects: bool) -> None:
    """Refuse sides that do not make a claim.

    Arguments:
        corrects: whether the claim has a correction.
    """
    if len(program.sides) < 2 or program.sides[0].role != "side":
        yields = f"; this one yields {len(program.sides)}: yield each side by itself" if len(program.sides) < 2 else ""
        raise Undecided(f"a claim needs two sides, the first of which is no misprint{yields}")
    misprinted = any(side.role == "printed" for side in program.sides)
    if misprinted and not corrects:
        raise Undecided("a claim that yields a misprint needs correction=, with what is right")
    if corrects and not misprinted:
        raise Undecided("a claim with a correction must yield the misprint that it corrects")


_BLAME = {
    ("evaluation",): "",
    ("autodiff", "dual"): ", by JAX's autodiff and by dual numbers alike",
    ("autodiff",): (
        " as JAX's autodiff gives it, though it is equal as dual numbers give it: a derivative rule of the loss is "
        "wrong, or a stop_gradient is in the way"
    ),
    ("dual",): (
        " as dual numbers give it, though it is equal as JAX's autodiff gives it: a derivative rule of the loss and "
        "this side are wrong alike"
    ),
}


def in_words(difference: Difference) -> str:
    """That a side differs, and from which derivative."""
    name = f"side {difference.side.step}"
    match difference.side.role:
        case "printed":
            name += " as printed"
        case "correct":
            name += ", corrected,"
    if difference.shapes is not None:
        expected, given = difference.shapes
        return f"{name} is {given} and side 0 is {expected}"
    return f"{name} differs from side 0{'' if difference.alone else _BLAME[difference.oracles]}"

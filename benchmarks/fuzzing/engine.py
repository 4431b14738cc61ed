"""What the exact check of gradproof says of a claim, and of nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fuzzing.pair import Pair
from fuzzing.writer import SHAPES
from gradproof import Binary, Index, Positive, Real, Sign, derivative
from gradproof.checks import Study
from gradproof.checks.pipeline import Findings, exact
from gradproof.claims import Equality

Word = Literal["proved", "refuted", "undecided", "failed"]

SYMBOLS = {name: Real(shape) for name, shape in SHAPES.items()} | {
    "k": Index("", below="n"),
    "p": Positive(),
    "q": Positive("n"),
    "y": Binary("n"),
    "s": Sign("m"),
}

NEEDED = -100
"""A proof that is not this sure, as a power of two, is none."""


@dataclass(frozen=True)
class Said:
    """A verdict, why, and the inputs that it shows, if any."""

    word: Word
    why: str = ""
    inputs: Mapping[str, Any] | None = None


def claimed(pair: Pair, *, planted: bool) -> Equality:
    """That the derivative of the program is the gradient by hand."""
    loss, by_hand = pair.sides(planted=planted)

    def sides(**values: Any) -> Any:
        yield derivative(lambda x: loss(x, values), values[pair.by])
        yield by_hand(values)

    return Equality(
        id="fuzz", title="fuzz", sides=sides, symbols={name: SYMBOLS[name] for name in pair.symbols}, sizes=pair.sizes
    )


def said(claim: Equality) -> Said:
    """The verdict of the exact check alone."""
    study = Study(claim)
    try:
        with study.settings():
            found = exact(study, Findings())
    except Exception as error:
        return Said("failed", f"{type(error).__name__}: {error}")
    if found.refusal is not None:
        difference = found.refusal.difference
        return Said("refuted", found.refusal.why, None if difference is None else difference.point)
    if found.open_questions:
        return Said("undecided", str(found.open_questions[0]))
    if found.report.bound_log2 > NEEDED:
        return Said("undecided", "the bound is too large")
    return Said("proved")

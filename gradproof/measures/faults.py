"""What a full report finds to mend: errors that no code should make, undeclared jumps, and mistakes not refused."""

from collections.abc import Iterable, Iterator, Sequence

from gradproof.claims import Equality
from gradproof.claims.verdict import NOT_REFUSED, Kink, Verdict
from gradproof.claims.words import shown


def faultless(verdicts: Sequence[Verdict]) -> bool:
    """Whether full reports show no error to mend, no undeclared jump, and no mistake that is not refused."""
    fates = (fate for verdict in verdicts if verdict.full is not None for fate in verdict.full.fates)
    return not (
        any(errors_to_mend(verdicts)) or undeclared_jumps(verdicts) or any(fate.by in NOT_REFUSED for fate in fates)
    )


def errors_to_mend(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """A line for each error that no code should make. Formulas of a textbook are not code."""
    for verdict in verdicts:
        if verdict.full is None or (isinstance(verdict.claim, Equality) and verdict.claim.textbook):
            continue
        accuracy = verdict.full.accuracy
        for format, here in accuracy.formats.items():
            where = f"{verdict.claim.id} in {format}"
            if here.by_hand is not None and here.by_hand.spoilt_at is not None:
                spoilt = here.by_hand.spoilt_at
                yield f"{where}: {spoilt.given} and not {spoilt.expected} at {shown(spoilt.inputs)}"
            if here.below_bound is False:
                yield f"{where}: an error exceeds its bound, at {shown(here.bound_ratio_at)}"
        low = accuracy.low_precision
        if low is not None and not low.ok:
            yield (
                f"{verdict.claim.id} in bfloat16: errs by {low.by_hand:.1f} units of the largest entry, where the "
                f"first side errs by {low.first_side:.1f}"
            )


def undeclared_jumps(verdicts: Iterable[Verdict]) -> list[tuple[Verdict, Kink]]:
    return [(verdict, kink) for verdict in verdicts for kink in verdict.kinks if kink.finding == "undeclared"]

"""What the command line prints of full reports: accuracy, detection limits, kinks and mistakes."""

from collections import Counter
from collections.abc import Iterator, Sequence

from gradproof.claims import Equality
from gradproof.claims.values import shown
from gradproof.claims.verdict import Kink, Tie, Verdict
from gradproof.cli.tables import plain_console, plain_table
from gradproof.cli.terminal import print_matrix
from gradproof.measures.accuracy import Errors
from gradproof.measures.full import Full
from gradproof.measures.sensitivity import Limit
from gradproof.mutation.fate import NOT_REFUSED


def print_full(verdicts: Sequence[Verdict]) -> None:
    """The tables of all claims with a full report, and what is to be mended."""
    found = [(verdict, verdict.full) for verdict in verdicts if verdict.full is not None]
    console = plain_console()
    if not found:
        console.print("\nno claim is proved, so that there is nothing to measure")
        return
    console.print("\naccuracy, in units in the last place of the value, and the smallest error refused\n")
    _print_accuracy(found)
    console.print("\nkinks\n")
    _print_kinks(verdicts)
    console.print("\nmistakes that were planted, and the check that refused them\n")
    print_matrix([fate for _, full in found for fate in full.fates])


def faultless(verdicts: Sequence[Verdict]) -> bool:
    """Whether full reports show no error to mend, no undeclared jump, and no mistake that is not refused."""
    found = [(verdict, verdict.full) for verdict in verdicts if verdict.full is not None]
    return not (
        any(_to_mend(found))
        or _undeclared(verdicts)
        or any(fate.by in NOT_REFUSED for _, full in found for fate in full.fates)
    )


def _print_accuracy(found: Sequence[tuple[Verdict, Full]]) -> None:
    numbers = "median", "worst", "jax median", "jax worst", "of bound", "factor", "term"
    table = plain_table("claim", "format", *numbers[:4], "better", *numbers[4:], numbers=numbers)
    for verdict, full in found:
        for dtype, here in full.accuracy.formats.items():
            if here.by_hand is None:
                table.add_row(verdict.claim.id, dtype, here.why or "")
                continue
            limits = full.limits.get(dtype)
            table.add_row(
                verdict.claim.id,
                dtype,
                *_errors(here.by_hand),
                *_errors(here.autodiff),
                here.better or "",
                "" if here.bound_ratio is None else f"{here.bound_ratio:.2f}",
                *((_limit(limits.factor), _limit(limits.term)) if limits else ("", "")),
            )
    console = plain_console()
    console.print(table)
    formats = [here for _, full in found for here in full.accuracy.formats.values()]
    better = Counter(here.better for here in formats if here.better is not None)
    backend = found[0][1].accuracy.backend
    console.print(
        f"\non {backend}: the formula by hand is the better one {better['by hand']} times, JAX's derivative "
        f"{better['autodiff']} times, and neither {better['equal']} times"
    )
    for line in _to_mend(found):
        console.print(line)
    products = [full.accuracy.matmul for _, full in found if full.accuracy.matmul]
    if products:
        worst = ", ".join(f"{name} {max(rungs[name] for rungs in products):.1e}" for name in products[0])
        console.print(f"largest error in float32 by the precision of matrix products: {worst}")


def _to_mend(found: Sequence[tuple[Verdict, Full]]) -> Iterator[str]:
    """What no code should do; formulas of a textbook are not code."""
    for verdict, full in found:
        if isinstance(verdict.claim, Equality) and verdict.claim.textbook:
            continue
        for dtype, here in full.accuracy.formats.items():
            where = f"{verdict.claim.id} in {dtype}"
            if here.by_hand is not None and here.by_hand.spoilt_at is not None:
                spoilt = here.by_hand.spoilt_at
                yield f"{where}: {spoilt.given} and not {spoilt.expected} at {shown(spoilt.inputs)}"
            if here.below_bound is False:
                yield f"{where}: an error exceeds its bound, at {shown(here.bound_ratio_at)}"
        low = full.accuracy.low_precision
        if low is not None and not low.ok:
            yield (
                f"{verdict.claim.id} in bfloat16: errs by {low.by_hand:.1f} units of the largest entry, where the "
                f"first side errs by {low.first_side:.1f}"
            )


def _print_kinks(verdicts: Sequence[Verdict]) -> None:
    numbers = "below", "above", "jax", "by hand"
    table = plain_table(
        "claim", "where", "comparison", "seen", "dead", *numbers, "agree", "convention", numbers=numbers
    )
    for verdict in verdicts:
        for kink in verdict.kinks:
            table.add_row(
                verdict.claim.id, kink.where, kink.comparison, "".join(kink.seen), "".join(kink.dead), *_tie(kink)
            )
    console = plain_console()
    console.print(table)
    undeclared = _undeclared(verdicts)
    console.print(f"\n{len(undeclared)} undeclared jumps")
    for verdict, kink in undeclared:
        inputs = shown(kink.at.inputs) if kink.at is not None else ""
        console.print(f"{verdict.claim.id}: {kink.comparison} at {kink.where} jumps at {inputs}")


def _undeclared(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, Kink]]:
    return [(verdict, kink) for verdict in verdicts for kink in verdict.kinks if kink.finding is not None]


def _tie(kink: Kink) -> tuple[str, ...]:
    at: Tie | None = kink.at
    values = ("", "", "", "") if at is None else map(_value, (at.below, at.above, at.expected, at.given))
    agree = {None: "", True: "yes", False: "no"}[kink.agree]
    return (*values, agree, kink.convention or kink.finding or "")


def _value(x: float | None) -> str:
    return "none" if x is None else f"{x:.6g}"


def _errors(errors: Errors | None) -> tuple[str, str]:
    if errors is None:
        return "", ""
    worst = "spoilt" if errors.spoilt else "" if errors.worst is None else f"{errors.worst:.3g}"
    return "" if errors.median is None else f"{errors.median:.2g}", worst


def _limit(limit: Limit) -> str:
    """The median over the entries."""
    return "never" if limit.median is None else f"{limit.median:.1e}"

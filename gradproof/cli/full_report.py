"""What the command line prints of full reports: accuracy, sensitivity, kinks and mistakes."""

from collections import Counter
from collections.abc import Sequence

from gradproof.claims.verdict import Errors, Full, Kink, SmallestError, Verdict
from gradproof.claims.words import shown
from gradproof.cli.console import plain_console, plain_table
from gradproof.cli.mistakes import print_matrix
from gradproof.measures import faults


def print_full(verdicts: Sequence[Verdict]) -> None:
    """The tables of all claims with a full report, and what has to be mended."""
    found = [(verdict, verdict.full) for verdict in verdicts if verdict.full is not None]
    console = plain_console()
    if not found:
        console.print("\nno claim is proved, so there is nothing to measure")
        return
    console.print("\naccuracy, in units in the last place of the value, and the smallest error refused\n")
    _print_accuracy(found)
    console.print("\nkinks\n")
    _print_kinks(verdicts)
    console.print("\nmistakes that were planted, and the check that refused them\n")
    print_matrix([fate for _, full in found for fate in full.fates])


def _print_accuracy(found: Sequence[tuple[Verdict, Full]]) -> None:
    numbers = "median", "worst", "jax median", "jax worst", "of bound", "factor", "term"
    table = plain_table("claim", "format", *numbers[:4], "better", *numbers[4:], numbers=numbers)
    for verdict, full in found:
        for format, here in full.accuracy.formats.items():
            if here.by_hand is None:
                table.add_row(verdict.claim.id, format, here.why or "")
                continue
            sensitivity = full.limits.get(format)
            table.add_row(
                verdict.claim.id,
                format,
                *_errors(here.by_hand),
                *_errors(here.autodiff),
                here.better or "",
                "" if here.bound_ratio is None else f"{here.bound_ratio:.2f}",
                *((_smallest(sensitivity.factor), _smallest(sensitivity.term)) if sensitivity else ("", "")),
            )
    console = plain_console()
    console.print(table)
    formats = [here for _, full in found for here in full.accuracy.formats.values()]
    better = Counter(here.better for here in formats if here.better is not None)
    backend = found[0][1].accuracy.backend
    console.print(
        f"\non {backend}: the formula by hand is more accurate {better['by hand']} times, JAX's derivative "
        f"{better['autodiff']} times, and neither {better['equal']} times"
    )
    for line in faults.errors_to_mend(verdict for verdict, _ in found):
        console.print(line)
    products = [full.accuracy.matmul for _, full in found if full.accuracy.matmul]
    if products:
        worst = ", ".join(f"{name} {max(errors[name] for errors in products):.1e}" for name in products[0])
        console.print(f"largest error in float32 by the precision of matrix products: {worst}")


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
    undeclared = faults.undeclared_jumps(verdicts)
    console.print(f"\n{len(undeclared)} undeclared jumps")
    for verdict, kink in undeclared:
        inputs = shown(kink.at.inputs) if kink.at is not None else ""
        console.print(f"{verdict.claim.id}: {kink.comparison} at {kink.where} jumps at {inputs}")


def _tie(kink: Kink) -> tuple[str, ...]:
    at = kink.at
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


def _smallest(error: SmallestError) -> str:
    """The median over the entries."""
    return "never" if error.median is None else f"{error.median:.1e}"

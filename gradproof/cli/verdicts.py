"""What the command line prints of claims and verdicts: a table of many, and everything about one."""

import inspect
import math
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from rich.text import Text

from gradproof.claims import Claim
from gradproof.claims.verdict import Verdict
from gradproof.claims.words import assignments, at_a_tie, explain, line_numbers, lines, read
from gradproof.cli.console import plain_console, plain_table


def print_list(claims: Sequence[Claim]) -> None:
    table = plain_table("claim", "title", "expected", "document", "lines", numbers=("lines",))
    for claim in claims:
        source = (claim.source.document, line_numbers(claim.source)) if claim.source else ("", "")
        table.add_row(claim.id, claim.title, claim.expected, *source)
    plain_console().print(table)


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """A table, a line for each misprint, all there is to say of what is not as expected, and the count."""
    formats = sorted({format for verdict in verdicts for format in verdict.floating}, reverse=True)
    table = plain_table(
        "claim", "verdict", "as expected", "bound", *formats, "kinks", "seconds", numbers=("bound", "kinks", "seconds")
    )
    for verdict in verdicts:
        table.add_row(
            verdict.claim.id,
            verdict.verdict,
            Text("yes", style="green") if verdict.as_expected else Text("no", style="bold red"),
            _bound(verdict),
            *(f"{verdict.floating[format]:.1e}" if format in verdict.floating else "" for format in formats),
            str(len(verdict.kinks)),
            f"{verdict.seconds:.2f}",
        )
    console = plain_console()
    console.print(table)
    misprints = [verdict for verdict in verdicts if verdict.as_expected and verdict.claim.correction]
    if misprints:
        console.print()
    for verdict in misprints:
        console.print(f"{verdict.claim.id}: misprint; correct is {verdict.claim.correction}")
    read_so = [verdict for verdict in verdicts if verdict.as_expected and read(verdict)]
    if read_so:
        console.print()
    for verdict in read_so:
        console.print(f"{verdict.claim.id}: {read(verdict)}", soft_wrap=True)
    of_jax = [(verdict, [kink for kink in verdict.kinks if kink.finding == "jax"]) for verdict in verdicts]
    if any(kinks for _, kinks in of_jax):
        console.print()
    for verdict, kinks in of_jax:
        for kink in kinks[:1]:
            console.print(f"{verdict.claim.id}: {at_a_tie(kink)}")
    failures = [verdict for verdict in verdicts if not verdict.as_expected]
    for verdict in failures:
        console.print(f"\n{explain(verdict)}")
    counts = Counter(verdict.verdict for verdict in verdicts)
    found = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    console.print(f"\n{found}; {f'{len(failures)} not as expected' if failures else 'all as expected'}")


def print_whole(verdict: Verdict) -> None:
    """Everything about one claim."""
    claim, exact = verdict.claim, verdict.exact
    rows = {
        "title": claim.title,
        "printed": f"{claim.source.document}, {lines(claim.source)}" if claim.source else None,
        "equation": claim.source.equation if claim.source else None,
        "covers": ", ".join(f"{name} ({statement})" for name, statement in claim.covers.items()),
        "reading": claim.reading,
        "hypotheses": "; ".join(claim.hypotheses),
        "expected": claim.expected,
        "correction": f"{claim.correction} ({claim.severity})" if claim.correction else None,
        "same as": ", ".join(claim.same_as),
        "bound": f"{_bound(verdict)}, from {exact.draws} draws" if exact and exact.bound_log2 is not None else None,
        "by chance": f"2^{math.ceil(exact.coincidence_log2)}" if exact and exact.coincidence_log2 is not None else None,
        "sizes": "; ".join(map(assignments, exact.sizes)) if exact else None,
        "oracles": ", ".join(exact.oracles) if exact else None,
        "floating": ", ".join(f"{format} {error:.1e}" for format, error in verdict.floating.items()),
        "kinks": "; ".join(f"{kink.comparison} ({kink.where})" for kink in verdict.kinks),
    }
    console = plain_console()
    console.print(f"{explain(verdict)}\n")
    for name, text in rows.items():
        if text:
            console.print(f"  {name:<10}  {text}")
    code = claim.code
    if code is not None:
        # What is not written in Python has no source to show.
        with suppress(OSError, TypeError):
            console.print(f"\n{inspect.getsource(code)}")


def _bound(verdict: Verdict) -> str:
    if verdict.exact is None or verdict.exact.bound_log2 is None or not math.isfinite(verdict.exact.bound_log2):
        return ""
    return f"2^{math.ceil(verdict.exact.bound_log2)}"

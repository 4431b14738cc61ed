"""What the command line prints. Lines are as long as they are: a terminal folds them, and a file keeps ids whole."""

import inspect
import math
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from gradproof import _parallel
from gradproof._claim import Claim
from gradproof._errata import heading, rows
from gradproof._explain import assignments, explain
from gradproof._statements import Coverage
from gradproof._verdict import Verdict

_NUMBERS = ("bound", "kinks", "lines", "seconds", "statements", "covered", "missing", "doubled", "unknown")


def verified(claims: Sequence[Claim], targets: Sequence[str], *, seed: int, quick: bool, backend: str) -> list[Verdict]:
    """Verify each claim, with a progress bar if someone is looking."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    verdicts = []
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=len(claims))
        for verdict in _parallel.verdicts(claims, targets, seed=seed, quick=quick, backend=backend):
            verdicts.append(verdict)
            progress.update(task, advance=1, description=verdict.claim.id)
    return verdicts


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """A table, a line for each misprint, all there is to say of what is not as expected, and the count."""
    dtypes = sorted({dtype for verdict in verdicts for dtype in verdict.floating}, reverse=True)
    table = _table("claim", "verdict", "as expected", "bound", *dtypes, "kinks", "seconds")
    for verdict in verdicts:
        table.add_row(
            verdict.claim.id,
            verdict.verdict,
            Text("yes", style="green") if verdict.as_expected else Text("no", style="bold red"),
            _bound(verdict),
            *(f"{verdict.floating[dtype]:.1e}" if dtype in verdict.floating else "" for dtype in dtypes),
            str(len(verdict.kinks)),
            f"{verdict.seconds:.2f}",
        )
    console = _console()
    console.print(table)
    misprints = [verdict for verdict in verdicts if verdict.as_expected and verdict.claim.correction]
    if misprints:
        console.print()
    for verdict in misprints:
        console.print(f"{verdict.claim.id}: misprint; correct is {verdict.claim.correction}")
    failures = [verdict for verdict in verdicts if not verdict.as_expected]
    for verdict in failures:
        console.print(f"\n{explain(verdict)}")
    counts = Counter(verdict.verdict for verdict in verdicts)
    found = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    console.print(f"\n{found}; {f'{len(failures)} not as expected' if failures else 'all as expected'}")


def print_list(claims: Sequence[Claim]) -> None:
    table = _table("claim", "title", "expected", "document", "lines")
    for claim in claims:
        source = (claim.source.document, _lines(claim)) if claim.source else ("", "")
        table.add_row(claim.id, claim.title, claim.expected, *source)
    _console().print(table)


def print_whole(verdict: Verdict) -> None:
    """Everything about one claim."""
    claim, exact = verdict.claim, verdict.exact
    rows = {
        "title": claim.title,
        "printed": f"{claim.source.document}, {_where(claim)}" if claim.source else None,
        "equation": claim.source.equation if claim.source else None,
        "covers": ", ".join(f"{name} ({statement})" for name, statement in claim.covers.items()),
        "reading": claim.reading,
        "hypotheses": "; ".join(claim.hypotheses),
        "expected": claim.expected,
        "correction": f"{claim.correction} ({claim.severity})" if claim.correction else None,
        "same as": ", ".join(claim.same_as),
        "bound": f"{_bound(verdict)}, from {exact.draws} draws" if exact and exact.bound_log2 is not None else None,
        "sizes": "; ".join(map(assignments, exact.sizes)) if exact else None,
        "oracles": ", ".join(exact.oracles) if exact else None,
        "floating": ", ".join(f"{dtype} {error:.1e}" for dtype, error in verdict.floating.items()),
        "kinks": "; ".join(f"{kink.comparison} ({kink.where})" for kink in verdict.kinks),
    }
    console = _console()
    console.print(f"{explain(verdict)}\n")
    for name, text in rows.items():
        if text:
            console.print(f"  {name:<10}  {text}")
    code = claim.sides or claim.code
    if code is not None:
        # What is not written in Python has no source to show.
        with suppress(OSError, TypeError):
            console.print(f"\n{inspect.getsource(code)}")


def print_coverage(found: Sequence[Coverage]) -> None:
    """A table, and the ids that are not covered once."""
    table = _table("document", "statements", "covered", "missing", "doubled", "unknown")
    for part in found:
        lists = part.missing, part.doubled, part.unknown
        table.add_row(part.document, str(part.count), str(part.count - len(part.missing)), *map(str, map(len, lists)))
    console = _console()
    console.print(table)
    for part in found:
        for name in ("missing", "doubled", "unknown"):
            if ids := getattr(part, name):
                console.print(f"\n{part.document}, {name}: {', '.join(ids)}")
        if part.misplaced:
            console.print(
                f"\n{part.document}, claims that do not name all lines of theirs: {', '.join(part.misplaced)}"
            )


def print_errata(verdicts: Sequence[Verdict]) -> None:
    """Each finding, and their count by seriousness."""
    console = _console()
    for verdict in verdicts:
        console.print(heading(verdict.claim))
        found = rows(verdict)
        for name, text in found.items():
            console.print(f"  {name:<{max(map(len, found))}}  {text}")
        console.print()
    counts = Counter(verdict.claim.severity for verdict in verdicts)
    console.print(", ".join(f"{count} {severity}" for severity, count in counts.items()) or "nothing is printed wrong")


def _console() -> Console:
    return Console(width=1000, markup=False, highlight=False, emoji=False, soft_wrap=True)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, justify="right" if name in _NUMBERS else "left")
    return table


def _bound(verdict: Verdict) -> str:
    if verdict.exact is None or verdict.exact.bound_log2 is None:
        return ""
    return f"2^{math.ceil(verdict.exact.bound_log2)}"


def _where(claim: Claim) -> str:
    return f"{'lines' if claim.source and len(claim.source.lines) > 1 else 'line'} {_lines(claim)}"


def _lines(claim: Claim) -> str:
    return ", ".join(map(str, claim.source.lines)) if claim.source else ""

"""What the command line prints."""

import inspect
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from gradproof.catalogue.errata import heading, rows
from gradproof.catalogue.statements import Coverage
from gradproof.claims.claim import Claim
from gradproof.claims.verdict import Verdict
from gradproof.claims.words import assignments, explain
from gradproof.cli import parallel
from gradproof.cli.tables import plain_console, plain_table
from gradproof.mutation.fate import NOT_REFUSED, Fate, outcomes
from gradproof.mutation.mistakes import KINDS
from gradproof.mutation.results import Results

Result = TypeVar("Result")


def verified(
    claims: Sequence[Claim],
    targets: Sequence[str],
    *,
    seed: int = 0,
    quick: bool = False,
    full: bool = False,
    backend: str,
) -> list[Verdict]:
    """Verify each claim, with a progress bar if someone is looking."""
    found = parallel.verdicts(claims, targets, seed=seed, quick=quick, full=full, backend=backend)
    return [verdict for _, verdict in _watched(claims, found)]


def planted(claims: Sequence[Claim], targets: Sequence[str], *, file: Results, backend: str) -> list[Fate]:
    """Plant mistakes in each claim, but for those that the file knows, with a progress bar if someone is looking."""
    known = file.known(claims)
    left = [claim for claim in claims if claim.id not in known]
    found = parallel.fates(left, targets, seed=file.seed, most=file.most, backend=backend)
    for claim, fates in _watched(left, found):
        file.add(claim, fates)
        known[claim.id] = fates
    return [fate for claim in claims for fate in known[claim.id]]


def _watched(claims: Sequence[Claim], results: Iterable[Result]) -> Iterator[tuple[Claim, Result]]:
    """Each claim and its result, as they come."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=len(claims))
        for claim, result in zip(claims, results, strict=True):
            yield claim, result
            progress.update(task, advance=1, description=claim.id)


def print_matrix(fates: Sequence[Fate]) -> None:
    """How many mistakes of each kind each check refused, and those that none did."""
    counts = Counter((fate.kind, fate.by) for fate in fates)
    columns = outcomes(fates)
    table = plain_table("kind", *columns, "all", numbers=(*columns, "all"))
    for kind in KINDS:
        row = [counts[kind, by] for by in columns]
        if any(row):
            table.add_row(kind, *map(str, row), str(sum(row)))
    row = [sum(counts[kind, by] for kind in KINDS) for by in columns]
    table.add_row("all", *map(str, row), str(len(fates)))
    console = plain_console()
    console.print(table)
    *refused, equivalent, undecided, survived = row
    console.print(
        f"\n{len(fates)} mistakes in {len({fate.claim for fate in fates})} claims: {sum(refused)} refused, "
        f"{equivalent} equivalent, {undecided} undecided, {survived} survived"
    )
    for fate in fates:
        if fate.by in NOT_REFUSED:
            console.print(f"\n{fate.claim}: {fate.by}\n\n  {fate.where}: {fate.change}\n  {fate.why}")


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """A table, a line for each misprint, all there is to say of what is not as expected, and the count."""
    dtypes = sorted({dtype for verdict in verdicts for dtype in verdict.floating}, reverse=True)
    table = plain_table(
        "claim", "verdict", "as expected", "bound", *dtypes, "kinks", "seconds", numbers=("bound", "kinks", "seconds")
    )
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
    console = plain_console()
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
    table = plain_table("claim", "title", "expected", "document", "lines", numbers=("lines",))
    for claim in claims:
        source = (claim.source.document, _lines(claim)) if claim.source else ("", "")
        table.add_row(claim.id, claim.title, claim.expected, *source)
    plain_console().print(table)


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


def print_coverage(found: Sequence[Coverage]) -> None:
    """A table, and the ids that are not covered once."""
    counts = "statements", "covered", "missing", "doubled", "unknown"
    table = plain_table("document", *counts, numbers=counts)
    for part in found:
        lists = part.missing, part.doubled, part.unknown
        table.add_row(part.document, str(part.count), str(part.count - len(part.missing)), *map(str, map(len, lists)))
    console = plain_console()
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
    console = plain_console()
    for verdict in verdicts:
        console.print(heading(verdict.claim))
        found = rows(verdict)
        for name, text in found.items():
            console.print(f"  {name:<{max(map(len, found))}}  {text}")
        console.print()
    counts = Counter(verdict.claim.severity for verdict in verdicts)
    console.print(", ".join(f"{count} {severity}" for severity, count in counts.items()) or "nothing is printed wrong")


def _bound(verdict: Verdict) -> str:
    if verdict.exact is None or verdict.exact.bound_log2 is None:
        return ""
    return f"2^{math.ceil(verdict.exact.bound_log2)}"


def _where(claim: Claim) -> str:
    return f"{'lines' if claim.source and len(claim.source.lines) > 1 else 'line'} {_lines(claim)}"


def _lines(claim: Claim) -> str:
    return ", ".join(map(str, claim.source.lines)) if claim.source else ""

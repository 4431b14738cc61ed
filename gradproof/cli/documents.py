"""What the command line prints of documents: their coverage and errata."""

from collections import Counter
from collections.abc import Container, Sequence

from gradproof.catalogue import errata, statements
from gradproof.claims.verdict import Verdict
from gradproof.cli.console import plain_console, plain_table


def print_coverage(found: Sequence[statements.Coverage], settled: Container[str] | None = None) -> None:
    """A table, and the ids that are not covered exactly once.

    Arguments:
        settled: the ids of claims whose verdicts are as expected, if these were read.
    """
    counts: tuple[str, ...] = ("statements", "covered", "missing", "doubled", "unknown")
    if settled is not None:
        counts = (*counts, "as expected")
    table = plain_table("document", *counts, numbers=counts)
    for part in found:
        lists = part.missing, part.doubled, part.unknown
        row = [part.count, part.count - len(part.missing), *map(len, lists)]
        if settled is not None:
            row.append(sum(claim in settled for claim in part.by.values()))
        table.add_row(part.document, *map(str, row))
    console = plain_console()
    console.print(table)
    for part in found:
        for name in ("missing", "doubled", "unknown"):
            if ids := getattr(part, name):
                console.print(f"\n{part.document}, {name}: {', '.join(ids)}")
        if part.misplaced:
            console.print(f"\n{part.document}, claims that do not name all of their lines: {', '.join(part.misplaced)}")


def print_errata(verdicts: Sequence[Verdict], stale: Container[str] = ()) -> None:
    """Each finding, and how many there are of each severity."""
    console = plain_console()
    for verdict in verdicts:
        console.print(errata.heading(verdict.claim, stale))
        found = errata.rows(verdict)
        for name, text in found.items():
            console.print(f"  {name:<{max(map(len, found))}}  {text}")
        console.print()
    counts = Counter(verdict.claim.severity for verdict in verdicts)
    console.print(", ".join(f"{count} {severity}" for severity, count in counts.items()) or "nothing is printed wrong")

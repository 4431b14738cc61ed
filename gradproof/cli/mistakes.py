"""What the command line prints of planted mistakes."""

from collections import Counter
from collections.abc import Sequence

from gradproof.claims.verdict import NOT_REFUSED, Fate
from gradproof.cli.console import plain_console, plain_table
from gradproof.mutation import KINDS, outcomes


def print_matrix(fates: Sequence[Fate]) -> None:
    """How many mistakes of each kind each check refused, and the mistakes that none did."""
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

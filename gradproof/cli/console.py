"""How the command line lays things out. Lines are never cut: a terminal folds them, and a file keeps ids whole."""

from collections.abc import Collection

from rich.console import Console
from rich.table import Table


def plain_console() -> Console:
    """A console that prints text as it is."""
    return Console(width=1000, markup=False, highlight=False, emoji=False, soft_wrap=True)


def plain_table(*columns: str, numbers: Collection[str] = ()) -> Table:
    """A table without lines; columns of numbers are aligned to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, justify="right" if name in numbers else "left")
    return table

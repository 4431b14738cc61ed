"""A long computation in pieces, with a progress bar if stderr is a terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

PIECES = 100
PATIENCE = 1.0  # seconds before the bar appears


def piece(total: int) -> int:
    """The size of a piece: the last one may be smaller."""
    return -(-total // PIECES)


def pieces(total: int, name: str) -> Iterator[tuple[int, int]]:
    """The start and the size of each piece of `total`, whether or not the bar is shown."""
    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with ExitStack() as shown:
        progress = None
        for start in range(0, total, piece(total)):
            if progress is None and sys.stderr.isatty() and time.monotonic() - began > PATIENCE:
                progress = shown.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
                task = progress.add_task(name, total=total)
            if progress is not None:
                progress.update(task, completed=start)
            yield start, min(piece(total), total - start)

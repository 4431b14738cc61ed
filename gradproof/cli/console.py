"""How the command line lays things out.

On a terminal, or where COLUMNS says how wide one is, a line that is too long goes on below its second column. A file
keeps its lines whole. No word is ever cut.
"""

import re
import shutil
import sys
from collections.abc import Collection, Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

_STYLE = re.compile(r"\x1b\[[\d;]*m")
_COLUMN = re.compile(r"(?:\S| (?! ))+ {2,}(?=\S)")
"""The first column of a line of several, such as a name before its value."""


def plain_console() -> Console:
    """A console that prints text as it is."""
    file: Any = _Folding(sys.stdout)
    return Console(file=file, width=1000, markup=False, highlight=False, emoji=False, soft_wrap=True)


def columns() -> int:
    """How many there are; 0 where there are as many as one likes."""
    return shutil.get_terminal_size(fallback=(0, 0)).columns


def folded(line: str, most: int) -> Iterator[str]:
    """A line as several of at most so many columns, but for longer words; those after the first are indented."""
    plain = _STYLE.sub("", line)
    first = _COLUMN.match(plain.lstrip())
    margin = len(plain) - len(plain.lstrip()) + (len(first[0]) if first is not None else 0)
    if margin > most // 2:
        margin = 4
    made = ""
    for word in re.findall(r" *[^ ]+", line.rstrip()):
        if made.strip() and len(_STYLE.sub("", made + word)) > most:
            yield made
            made = " " * margin + word.lstrip()
        else:
            made += word
    yield made


class _Folding:
    """A file whose lines are folded as they are written."""

    def __init__(self, file: Any):
        self._file = file

    def write(self, text: str) -> int:
        most = columns() or len(text)
        self._file.write("\n".join("\n".join(folded(line, most)) for line in text.split("\n")))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def plain_table(*columns: str, numbers: Collection[str] = ()) -> Table:
    """A table without lines; columns of numbers are aligned to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, justify="right" if name in numbers else "left")
    return table

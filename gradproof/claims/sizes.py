"""The sizes at which a claim is checked.

Bugs hide in square matrices, single outputs, single examples and sizes of which one is twice another, and so do wrong
transposes and factors. The grid has sizes that all differ and exceed one, in rising and in falling order, so that each
pair is seen in both orders; all equal; all equal to one; each one alone equal to one, and each pair equal to one. Where
one is alone equal to one, the others are equal in pairs, which differ, so that of three sizes each pair is equal while
the third one is not. Each size is twice another one in some row.

A program that asks in Python whether a size exceeds a number is another one where it does. It is traced at larger
sizes, too, and where other operations are made there, it is checked there.

Each row is one more program to trace and to run over the fields, which is most of what a claim costs. So there are at
most `MOST`, of which the last are left out: of five sizes or more, pairs equal to one.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

MOST = 14


def grid(names: Sequence[str], fixed: Mapping[str, int]) -> list[dict[str, int]]:
    """Size assignments, the one with all sizes different first."""
    count = len(names)
    if count == 0:
        return [dict(fixed)]
    rising = list(range(2, 2 + count))
    falling = [4, 2] if count == 2 else rising[::-1]
    rows = [rising, falling, [3] if count == 1 else [2] * count]
    if count > 1:
        rows += [_with_ones(count, [single]) for single in range(count)]
    rows.append([1] * count)
    rows += [[2, 4]] if count == 2 else [_with_ones(count, pair) for pair in combinations(range(count), 2)]
    distinct = list(dict.fromkeys(tuple(row) for row in rows))
    return [{**dict(zip(names, row, strict=True)), **fixed} for row in distinct[:MOST]]


def larger(names: Sequence[str], fixed: Mapping[str, int]) -> dict[str, int]:
    """Sizes that all differ, and exceed those of the grid: where a program asks for them it may be another one."""
    return {**{name: 6 + place for place, name in enumerate(names, 1)}, **fixed}


def _with_ones(count: int, which: Sequence[int]) -> list[int]:
    """Some sizes equal to one, and of the others two at a time equal."""
    others = iter(size for size in range(2, 2 + count) for _ in range(2))
    return [1 if place in which else next(others) for place in range(count)]

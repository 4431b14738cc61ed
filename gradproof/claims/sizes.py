"""The sizes at which a claim is checked.

Bugs hide in square matrices, single outputs and single examples, and so do wrong transposes and factors. The grid has
sizes that all differ and exceed one, in rising and in falling order (so that each pair is seen in both orders), all
equal, each one alone equal to one, and all equal to one.
"""

from collections.abc import Mapping, Sequence


def grid(names: Sequence[str], fixed: Mapping[str, int]) -> list[dict[str, int]]:
    """Size assignments, the one with all sizes different first."""
    count = len(names)
    if count == 0:
        return [dict(fixed)]
    rising = list(range(2, 2 + count))
    rows = [rising, rising[::-1], [3] if count == 1 else [2] * count]
    if count > 1:
        rows += [[1 if i == single else rising[i] for i in range(count)] for single in range(count)]
    rows.append([1] * count)
    distinct = dict.fromkeys(tuple(row) for row in rows)
    return [{**dict(zip(names, row, strict=True)), **fixed} for row in distinct]

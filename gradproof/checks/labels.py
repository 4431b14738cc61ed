"""The values that the labels of a claim have together."""

import itertools
import math
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from gradproof.claims import Equality
from gradproof.errors import Undecided

MOST_PATTERNS = 16
"""More patterns of labels than this are not enumerated; the grid has sizes with fewer."""


def count_patterns(claim: Equality, sizes: Mapping[str, int], *, integers_only: bool = False) -> int:
    """How many values all labels have together, or all that are integers."""
    labels = (symbol for symbol in claim.arrays.values() if symbol.label and (symbol.integer or not integers_only))
    return math.prod(symbol.count(sizes) for symbol in labels)


def enumerable(
    claim: Equality, sizes: Mapping[str, int], free: Collection[str], *, integers_only: bool
) -> dict[str, int]:
    """The sizes, of which the free ones are made smaller until the patterns of labels can be enumerated."""
    smaller = dict(sizes)
    while count_patterns(claim, smaller, integers_only=integers_only) > MOST_PATTERNS:
        names = [name for name in free if smaller[name] > 1]
        if not names:
            raise Undecided("there are too many patterns of labels to enumerate")
        smaller[max(names, key=lambda name: smaller[name])] -= 1
    return smaller


def patterns(
    claim: Equality, sizes: Mapping[str, int], *, integers_only: bool = False
) -> Iterator[dict[str, np.ndarray]]:
    """Every value of all labels, or of all that are integers."""
    labels = {
        name: symbol for name, symbol in claim.arrays.items() if symbol.label and (symbol.integer or not integers_only)
    }
    for chosen in itertools.product(*(list(symbol.values(sizes)) for symbol in labels.values())):
        yield dict(zip(labels, chosen, strict=True))

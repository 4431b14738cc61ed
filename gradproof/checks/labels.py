"""The values that the labels of a claim have together."""

import math
from collections.abc import Mapping

from gradproof.claims import Equality

MOST_PATTERNS = 16
"""Mistakes are planted at sizes with no more patterns of labels than this, if the grid has some."""


def count_patterns(claim: Equality, sizes: Mapping[str, int]) -> int:
    """How many values all labels have together."""
    return math.prod(symbol.count(sizes) for symbol in claim.arrays.values() if symbol.label)

"""Which fields to draw from."""

from dataclasses import dataclass
from functools import lru_cache

from gradproof.fields.towers import WIDE_BITS, Towers


@dataclass(frozen=True)
class Plan:
    """The fields to draw from, and whether labels get their values one by one."""

    levels: int = 1
    towers: int = 10
    repeats: int = 4
    circular: bool = False
    enumerate_labels: bool = False
    wide: bool = False
    by_rank: bool = False
    """Whether exponents are counted, and not their terms."""


@lru_cache(maxsize=16)
def towers_for(seed: int, plan: Plan) -> Towers:
    """The towers of a plan: a pure function, which takes longer than most checks."""
    bits = WIDE_BITS if plan.wide else 0
    return Towers(seed, plan.towers, plan.repeats, plan.levels, plan.circular, bits)

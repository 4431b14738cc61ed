"""What the constants of programs stand for."""

import math
from collections.abc import Iterable

from jax.extend import core

from gradproof.claims.verdict import Constant
from gradproof.interpreter import constants
from gradproof.programs import rewriting


def readings(programs: Iterable[core.ClosedJaxpr]) -> tuple[tuple[Constant, ...], float | None]:
    """The constants that are read as other numbers, and the bound on the chance of that.

    The bound is the base-2 logarithm of the sum over all constants for which a number near them was looked for.
    """
    found: dict[float, str] = {}
    looked: dict[tuple[float, int], float] = {}
    for closed in programs:
        for value, bits, reading in _read(closed):
            if not reading.plain:
                looked[value, bits] = 2 ** constants.chance_log2(bits)
            if reading.named:
                found[value] = str(reading.number)
    chance = round(min(math.log2(sum(looked.values())), 0.0), 1) if found else None
    return tuple(Constant(value, text) for value, text in found.items()), chance


def unread(closed: core.ClosedJaxpr) -> list[float]:
    """The constants that stand for no number that is known."""
    return [value for value, _, reading in _read(closed) if reading.unread]


def _read(closed: core.ClosedJaxpr) -> list[tuple[float, int, constants.Reading]]:
    return [
        (value, constants.significand(dtype), reading)
        for dtype, values in rewriting.floats(closed).items()
        for value, reading in zip(values, constants.read_all(tuple(values), constants.significand(dtype)), strict=True)
    ]

r"""Floating-point constants as the numbers a person meant.

A program says 0.1 or 1/3 or sqrt(2/pi), and the machine stores the nearest binary fraction. A constant is read as the
first of these that rounds to it: a decimal of at most 15 digits; a fraction of small integers; the same times a power
of the square root of pi; the square root of a small fraction, times such a power; else the binary fraction itself.
Different constants are never read as the same number, since each reading rounds to its constant.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from flint import arb, ctx, fmpq

LARGEST = 10_000

_PRECISION = 120


@dataclass(frozen=True)
class Reading:
    r"""$r\,\pi^{j/2}$, or $\sqrt{r}\,\pi^{j/2}$ with its sign."""

    rational: Fraction
    half_powers_of_pi: int = 0
    root: bool = False
    sign: int = 1


@lru_cache(maxsize=4096)
def read(value: float) -> Reading:
    """The number that a finite float64 stands for."""
    exact = Fraction(value)
    decimal = Fraction(f"{value:.15g}")
    if float(decimal) == value:
        return Reading(decimal)
    if (simple := _simple(exact, value)) is not None:
        return Reading(simple)
    with ctx.workprec(_PRECISION):
        for power in (1, -1, 2, -2):
            scale = arb.pi().sqrt() ** power
            near = _fraction(arb(value) / scale).limit_denominator(LARGEST)
            if near and float(_ball(near) * scale) == value:
                return Reading(near, power)
        for power in (0, 1, -1, 2, -2):
            scale = arb.pi().sqrt() ** power
            square = _fraction((arb(value) / scale) ** 2).limit_denominator(LARGEST)
            if square and square.numerator < LARGEST and float(_ball(square).sqrt() * scale) == abs(value):
                return Reading(square, power, True, 1 if value > 0 else -1)
    return Reading(exact)


def _simple(exact: Fraction, value: float) -> Fraction | None:
    near = exact.limit_denominator(LARGEST)
    return near if near and float(near) == value and abs(near.numerator) < 10**9 else None


def _ball(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))


def _fraction(x: arb) -> Fraction:
    """The midpoint."""
    middle = x.mid().fmpq()
    return Fraction(int(middle.p), int(middle.q))

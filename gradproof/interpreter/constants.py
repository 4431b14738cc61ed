r"""Floating-point constants as the numbers a person meant.

A program says 0.1 or 1/3 or sqrt(2/pi), and the machine stores a binary fraction near it. Python, numpy and JAX fold
constants by a few operations, so that it may be off by a little. A constant whose significand has $p$ bits is read by
the first of these rules that fits:

1. itself, if it is a whole number below $2^p$, has at most $p/2$ significant bits, or is the largest of its format;
2. itself, as a decimal of at most $\log_{10} 2^{p/2}$ digits that rounds to it;
3. the first number of the families in `candidates.py` within two units in the last place of it;
4. itself, as a decimal of at most 12 digits (of a float32 at most 3) that rounds to it: of a thousand numbers at random
   no more than one is;
5. $1 - d$ or $d - 1$ for a decimal $d$ of as many digits as in 2, if that is what floating point makes of it;
6. none: it stands for any number within two units in the last place.

In formats narrower than float32 rules 3 to 5 are left out: there are too few numbers to tell one that is meant.

What is not read is computed with as it stands where sides are to be proved equal, and as an interval where they are to
be refuted.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from gradproof.interpreter.candidates import ULPS as ULPS
from gradproof.interpreter.candidates import nearby, nearest
from gradproof.interpreter.closed_forms import Base as Base
from gradproof.interpreter.closed_forms import ClosedForm as ClosedForm
from gradproof.interpreter.closed_forms import Euler as Euler
from gradproof.interpreter.closed_forms import Log as Log
from gradproof.interpreter.closed_forms import Pi as Pi
from gradproof.interpreter.closed_forms import Root as Root

DOUBLE, SINGLE = 53, 24

_LARGEST = tuple((2 - 2.0**-bits) * 2.0**most for bits, most in ((52, 1023), (23, 127), (10, 15), (7, 127)))
"""Of float64, float32, float16 and bfloat16: masks are filled with them."""


@dataclass(frozen=True)
class Reading:
    """What a constant stands for.

    Arguments:
        number: what it is computed with.
        error: a bound on what lies between the two, in units in the last place of the constant.
        named: whether it is read as a number that is not the constant as it is written.
        unread: whether it may be any number within the error.
        plain: whether it is told before any number near it is looked for.
    """

    number: ClosedForm
    error: float
    named: bool = False
    unread: bool = False
    plain: bool = False


def read(value: float, bits: int = DOUBLE) -> Reading:
    """The number that a finite constant stands for, by the size of its significand."""
    return read_all((value,), bits)[0]


@lru_cache(maxsize=4096)
def read_all(values: tuple[float, ...], bits: int = DOUBLE) -> list[Reading]:
    """The numbers that finite constants stand for."""
    found = {value: _as_it_is(value, bits) for value in values}
    if bits < SINGLE:
        return [found[value] or _unread(value) for value in values]
    left = np.array([abs(value) for value, reading in found.items() if reading is None])
    near = dict(zip(left.tolist(), nearest(left, bits), strict=True))
    return [found[value] or _otherwise(value, near[abs(value)], bits) for value in values]


def numbers(values: np.ndarray, bits: int) -> tuple[list[ClosedForm], np.ndarray]:
    """What the finite constants of an array stand for, each once, and which of these stands at each place."""
    flat = values.ravel().tolist()
    place = {value: number for number, value in enumerate(dict.fromkeys(flat))}
    found = [reading.number for reading in read_all(tuple(place), bits)]
    return found, np.array([place[value] for value in flat], np.int64).reshape(values.shape)


def chance_log2(bits: int = DOUBLE) -> float:
    """The base-2 logarithm of a bound on the chance that a constant taken at random is read as some other number.

    At random means: each significand is as likely as any other. A binade has 2 to the power bits - 1 of them, and the
    fifth rule makes no more than one constant of each decimal and sign.
    """
    return math.log2(nearby(bits) + 2 * 10.0 ** _few(bits)) - (bits - 1)


def distance(reading: Reading, value: float, bits: int) -> float:
    """A bound on what lies between a constant and what it stands for."""
    return reading.error * _ulp(value, bits)


def significand(dtype: np.dtype) -> int:
    """The bits of a format's significand."""
    return int(jnp.finfo(dtype).nmant) + 1


def _few(bits: int) -> int:
    """The digits of a decimal that is told before all others."""
    return math.floor(bits // 2 * math.log10(2))


def _as_it_is(value: float, bits: int) -> Reading | None:
    """By the first two rules."""
    exact = Fraction(value)
    width = (abs(exact.numerator) // (exact.numerator & -exact.numerator)).bit_length() if value else 0
    whole = exact.denominator == 1 and abs(value) < 2.0**bits
    if whole or width <= bits // 2 or abs(value) in _LARGEST:
        return Reading(ClosedForm(exact), 0.0, plain=True)
    written = _as_written(value, bits, _few(bits))
    return None if written is None else replace(written, plain=True)


def _otherwise(value: float, near: ClosedForm | None, bits: int) -> Reading:
    """By the other rules."""
    if near is not None:
        return Reading(near if value > 0 else near.negative, ULPS, named=True)
    written = _as_written(value, bits, math.floor((bits - 1) * math.log10(2)) - 3)
    return written or _from_one(value, bits) or _unread(value)


def _unread(value: float) -> Reading:
    return Reading(ClosedForm(Fraction(value)), ULPS, unread=True)


def _as_written(value: float, bits: int, digits: int) -> Reading | None:
    """A decimal of so many digits that rounds to it. Narrow formats have none."""
    if digits < 1:
        return None
    text = f"{value:.{digits}g}"
    return Reading(ClosedForm(Fraction(text)), 0.5) if _rounded(float(text), bits) == value else None


def _from_one(value: float, bits: int) -> Reading | None:
    """1 - d or d - 1."""
    for sign in (1, -1):
        decimal = 1 - sign * Fraction(value)
        if decimal <= 0 or Fraction(_rounded(float(decimal), bits)) != decimal:
            continue
        written = _as_written(float(decimal), bits, _few(bits))
        if written is not None:
            number = sign * (1 - written.number.rational)
            return Reading(ClosedForm(number), math.ldexp(1, -bits) / _ulp(value, bits), named=True)
    return None


def _ulp(value: float, bits: int) -> float:
    return math.ldexp(1, math.frexp(value)[1] - bits)


def _rounded(value: float, bits: int) -> float:
    """To a significand of so many bits."""
    if not math.isfinite(value):
        return value
    mantissa, exponent = math.frexp(value)
    return math.ldexp(round(math.ldexp(mantissa, bits)), exponent - bits)

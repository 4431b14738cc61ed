r"""The numbers that a constant may stand for, and a fast way to those that are near it.

Each family turns a constant $v$ into some $t(v)$, which is a *simple* rational number if $v$ is a number of the family:
$v / \kappa$ for a factor $\kappa$, $v^2$ for a root, $e^v$ for a logarithm. A rational number $p/q$ is simple if
$p q \le N$ for the family's $N$, or if it is a decimal of at most $\log_{10} N$ digits. The simple fraction near $t$ is
among its convergents, so that no list of numbers is gone through.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from flint import arb, ctx

from gradproof.interpreter.closed_forms import HALF, Base, ClosedForm, Euler, Log, Pi, Root, root_of

ULPS = 2
"""How many units in the last place a constant may be from what it stands for: it may be made by a few operations."""

PRECISION = 200

_CHUNK = 256

Forms = Sequence[Callable[[Fraction], ClosedForm]]


@dataclass(frozen=True)
class Family:
    """Numbers of some forms, each of which a simple rational number tells.

    Arguments:
        turned: t(v) of positive v, in float64, with a column for each form.
        forms: the number with this t, of each form.
        steepness: how many times the relative error of t is that of v.
        smaller: by how many powers of 2 N is smaller than 2 to half the bits of the significand.
        spread: over how many binades of t, between 1/N and N, a binade of v is spread at most; the others are left out.
    """

    turned: Callable[[np.ndarray], np.ndarray]
    forms: Forms
    steepness: Callable[[np.ndarray], np.ndarray]
    smaller: int
    spread: float

    def most(self, bits: int) -> float:
        """N, for constants with a significand of so many bits."""
        return 2.0 ** (bits // 2 - self.smaller)

    def count(self, bits: int) -> float:
        r"""How many numbers of the family a binade has at most.

        With $p q \le N$ and $1 \le p/q < 2$ there are at most $\sum_{q \le \sqrt{N/2}} (q + 1)$ and
        $\sum_{\sqrt{N/2} < q \le \sqrt N} (N/q - q + 1)$ fractions, together $N \ln 2 / 2 + \sqrt N$ and a rounding;
        multiplied by any power of 2 there are no more. No binade has more than $N / 2 + 1$ decimals.
        """
        most = self.most(bits)
        if most < 1:
            return 0.0
        return len(self.forms) * self.spread * (most * (math.log(2) + 1) / 2 + 2 * math.sqrt(most) + 2)


@cache
def families() -> tuple[Family, ...]:
    """All of them, the simplest first."""
    factors = tuple(_factors())
    with ctx.workprec(PRECISION):
        scales = np.array([float(1 / factor.ball) for factor in factors])
        pi = {power: float(arb.pi() ** power) for power in range(-2, 3)}
    return (
        Family(lambda v: v[:, None], (ClosedForm,), _steepness(1), 0, 1),
        Family(lambda v: (v**2)[:, None] * np.array([pi[-j] for j in _PI]), _each(_root_with_pi), _steepness(2), 8, 2),
        Family(lambda v: v[:, None] * scales, tuple(map(_multiple, factors)), _steepness(1), 8, 1),
        Family(lambda v: (v**3)[:, None], (lambda r: root_of(r, 3),), _steepness(3), 8, 3),
        Family(lambda v: np.exp(v)[:, None], (_logarithm,), lambda v: v, 8, 18),
        Family(
            lambda v: np.exp(2 * v)[:, None] * np.array([pi[-j] for j in _PI]),
            _each(_half_logarithm),
            lambda v: 2 * v,
            8,
            20,
        ),
        Family(lambda v: np.stack([np.log(v), -np.log(v)], axis=1), (_exp, _decay), _steepness_of_log, 16, 12),
    )


def nearby(bits: int) -> float:
    """How many constants of a binade are near a number of some family, at most: 2 * `ULPS` + 1 for each number."""
    return (2 * ULPS + 1) * sum(family.count(bits) for family in families())


def nearest(values: np.ndarray, bits: int) -> list[ClosedForm | None]:
    """For each positive number the first of all families that is within `ULPS` of it."""
    found: list[ClosedForm | None] = [None] * len(values)
    for family, start in itertools.product(families(), range(0, len(values), _CHUNK)):
        left = [i for i in range(start, min(start + _CHUNK, len(values))) if found[i] is None]
        most = family.most(bits)
        if not left or most < 1:
            continue
        v = values[left]
        with np.errstate(all="ignore"):
            t = family.turned(v)
            steepness = family.steepness(v)[:, None]
            # What float64 makes of t is not exact.
            near = t * (steepness * ULPS * 2.0 ** (1 - bits) + (steepness + 8) * 2.0**-52)
            # Numbers far out would be many where a binade is spread over several.
            largest = 1e30 if family.spread == 1 else most
            near = np.where((t >= 1 / largest) & (t <= largest) & (near < t / 4), near, np.nan)
            simple = [*_fractions(t, near, most), *_decimals(t, near, most)]
        for row, column, rational in simple:
            form = family.forms[column](rational)
            if found[left[row]] is None and is_near(form, float(v[row]), bits):
                found[left[row]] = form
    return found


def is_near(form: ClosedForm, value: float, bits: int) -> bool:
    """Whether a number is within `ULPS` of a constant with a significand of so many bits."""
    with ctx.workprec(PRECISION):
        return bool(abs(form.ball - arb(value)) <= ULPS * arb(2) ** (math.frexp(value)[1] - bits))


def _fractions(t: np.ndarray, near: np.ndarray, most: float) -> Iterator[tuple[int, int, Fraction]]:
    """The first convergent of each t that is near it and simple, with its place."""
    place = np.flatnonzero(~np.isnan(near))
    t, near, columns = t.ravel()[place], near.ravel()[place], t.shape[1]
    rest, p, q, before_p, before_q = t, np.ones_like(t), np.zeros_like(t), np.zeros_like(t), np.ones_like(t)
    while len(place):
        whole = np.floor(rest)
        p, before_p = whole * p + before_p, p
        q, before_q = whole * q + before_q, q
        simple = p * q <= most
        hits = simple & (p > 0) & (abs(t * q - p) <= near * q)
        for i in np.flatnonzero(hits).tolist():
            yield *divmod(int(place[i]), columns), Fraction(int(p[i]), int(q[i]))
        # What is left over of an integer is none.
        left = np.flatnonzero(simple & ~hits & (rest > whole))
        place, t, near, rest = place[left], t[left], near[left], 1 / (rest - whole)[left]
        p, q, before_p, before_q = p[left], q[left], before_p[left], before_q[left]


def _decimals(t: np.ndarray, near: np.ndarray, most: float) -> Iterator[tuple[int, int, Fraction]]:
    """Each decimal of few digits that is near t."""
    digits = math.floor(math.log10(most))
    if digits < 1:
        return
    exponent = digits - 1 - np.floor(np.log10(t))
    scale = 10.0**exponent
    whole = np.rint(t * scale)
    for row, column in np.argwhere(abs(t * scale - whole) <= near * scale + whole * 2.0**-50).tolist():
        yield row, column, Fraction(int(whole[row, column])) / Fraction(10) ** int(exponent[row, column])


# The forms

_PI = (0, 1, -1, 2, -2)


def _factors() -> Iterator[ClosedForm]:
    """Products of at most two of: a root, a power of pi, of e, of a logarithm; and of three as a normal density has."""
    half = (HALF, -HALF)
    one = (Fraction(1), Fraction(-1))
    roots = [(Root(Fraction(n)), HALF) for n in (2, 3, 5, 6, 7, 10)]
    pis = [(Pi(), k) for k in (*half, *one, Fraction(2), Fraction(-2))]
    es = [(Euler(), k) for k in (*half, *one, Fraction(2), Fraction(-2))]
    two_pi = ClosedForm(Fraction(2), ((Pi(), Fraction(1)),))
    integers = [Log(ClosedForm(Fraction(n))) for n in (2, 3, 5, 7, 10)]
    others = [Log(ClosedForm(Fraction(1), ((Pi(), Fraction(1)),))), Log(two_pi)]
    logs: list[tuple[Base, Fraction]] = [(log, k) for log in (*integers, *others) for k in one]
    logs += [(integers[0], k) for k in half]
    kinds: list[list[tuple[Base, Fraction]]] = [[*roots], [*pis], [*es], logs]
    for kind in kinds:
        yield from (ClosedForm(Fraction(1), (power,)) for power in kind)
    for first, second in itertools.combinations(kinds, 2):
        yield from (ClosedForm(Fraction(1), powers) for powers in itertools.product(first, second))
    for above, below in itertools.permutations(integers, 2):
        yield ClosedForm(Fraction(1), ((above, Fraction(1)), (below, Fraction(-1))))
    for powers in itertools.product(roots, pis[:2], es[:2]):
        yield ClosedForm(Fraction(1), powers)


def _multiple(factor: ClosedForm) -> Callable[[Fraction], ClosedForm]:
    return lambda r: ClosedForm(r, factor.powers)


def _each(form: Callable[[Fraction, int], ClosedForm]) -> Forms:
    """The forms with each power of pi."""
    return tuple(_with_pi(form, power) for power in _PI)


def _with_pi(form: Callable[[Fraction, int], ClosedForm], power: int) -> Callable[[Fraction], ClosedForm]:
    return lambda r: form(r, power)


def _root_with_pi(r: Fraction, power: int) -> ClosedForm:
    root = root_of(r, 2)
    return ClosedForm(root.rational, (*root.powers, *_pi(Fraction(power, 2))))


def _half_logarithm(r: Fraction, power: int) -> ClosedForm:
    return ClosedForm(HALF, ((Log(ClosedForm(r, _pi(Fraction(power)))), Fraction(1)),))


def _pi(exponent: Fraction) -> tuple[tuple[Base, Fraction], ...]:
    return ((Pi(), exponent),) if exponent else ()


def _logarithm(r: Fraction) -> ClosedForm:
    return ClosedForm(Fraction(1), ((Log(ClosedForm(r)), Fraction(1)),))


def _exp(r: Fraction) -> ClosedForm:
    return ClosedForm(Fraction(1), ((Euler(), r),))


def _decay(r: Fraction) -> ClosedForm:
    return _exp(-r)


def _steepness(power: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda v: np.full_like(v, power)


def _steepness_of_log(v: np.ndarray) -> np.ndarray:
    return 1 / abs(np.log(v))

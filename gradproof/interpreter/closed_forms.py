r"""Numbers that a person writes: a rational number, times powers of roots, of pi, of e and of logarithms."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from flint import arb, ctx, fmpq

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Root:
    """A rational number, of which only a root is taken."""

    of: Fraction


@dataclass(frozen=True)
class Pi:
    r"""$\pi$."""


@dataclass(frozen=True)
class Euler:
    r"""$e$."""


@dataclass(frozen=True)
class Log:
    """The logarithm of such a number."""

    of: "ClosedForm"


Base = Root | Pi | Euler | Log


@dataclass(frozen=True)
class ClosedForm:
    r"""$r \prod b_i^{k_i}$ with rational $r$ and exponents $k_i$."""

    rational: Fraction
    powers: tuple[tuple[Base, Fraction], ...] = ()

    @property
    def ball(self) -> arb:
        """Its value, to the precision of flint's context."""
        value = _ball(self.rational)
        for base, exponent in self.powers:
            value = value * _ball_of(base) ** _ball(exponent)
        return value

    def __float__(self) -> float:
        with ctx.workprec(128):
            return float(self.ball)

    @property
    def negative(self) -> "ClosedForm":
        return replace(self, rational=-self.rational)

    def __str__(self) -> str:
        return _text(self)


def root_of(x: Fraction, degree: int) -> ClosedForm:
    """The root of a positive rational number; of a square root the square factors are taken out."""
    if degree != 2:
        return ClosedForm(Fraction(1), ((Root(x), Fraction(1, degree)),))
    outside, inside = _square_part(x.numerator * x.denominator)
    rational = Fraction(outside, x.denominator)
    return ClosedForm(rational, ((Root(Fraction(inside)), HALF),) if inside != 1 else ())


def _square_part(n: int) -> tuple[int, int]:
    """s and f where n is s^2 f and f has no square factor, or only one that is the square of a large number."""
    outside, rest, d = 1, n, 2
    while d * d <= rest and d < 5000:
        if rest % (d * d) == 0:
            rest, outside = rest // (d * d), outside * d
        else:
            d += 1
    root = math.isqrt(rest)
    return (outside * root, 1) if root * root == rest else (outside, rest)


def _ball(x: Fraction) -> arb:
    return arb(fmpq(x.numerator, x.denominator))


def _ball_of(base: Base) -> arb:
    match base:
        case Root():
            return _ball(base.of)
        case Pi():
            return arb.pi()
        case Euler():
            return arb(1).exp()
        case Log():
            return base.of.ball.log()


def _text(form: ClosedForm) -> str:
    """As one writes it: what is under a root together, what is below the bar together."""
    # Of a rational number and a root of it, the square root is of a2 / b2 with what is left before it.
    rational, rest, squares = abs(form.rational), [], Fraction(1)
    for base, exponent in form.powers:
        if isinstance(base, Root) and exponent == HALF:
            squares *= base.of
        else:
            rest.append((base, exponent))
    above, inside_above = _square_part((rational**2 * squares).numerator)
    below, inside_below = _square_part((rational**2 * squares).denominator)
    whole: tuple[list[str], list[str]] = ([str(above)] * (above != 1), [str(below)] * (below != 1))
    under: tuple[list[str], list[str]] = (
        [str(inside_above)] * (inside_above != 1),
        [str(inside_below)] * (inside_below != 1),
    )
    for base, exponent in rest:
        if isinstance(base, Euler):
            whole[0].append("e" if exponent == 1 else f"exp({exponent})")
        elif exponent.denominator == 2 and abs(exponent) == HALF and not isinstance(base, Root):
            under[exponent < 0].append(_name(base))
        else:
            power = abs(exponent)
            shown = f"^{power}" if power.denominator == 1 else f"^({power})"
            whole[exponent < 0].append(_name(base) + (shown if power != 1 else ""))
    if under[0]:
        whole[0].append(f"sqrt({_ratio(*under)})")
    elif under[1]:
        whole[1].append(f"sqrt({' '.join(under[1])})")
    return ("-" if form.rational < 0 else "") + _ratio(*whole)


def _ratio(above: list[str], below: list[str]) -> str:
    top = " ".join(above) or "1"
    if not below:
        return top
    return f"{top}/{below[0]}" if len(below) == 1 else f"{top}/({' '.join(below)})"


def _name(base: Base) -> str:
    match base:
        case Root():
            return f"({base.of})" if base.of.denominator != 1 else str(base.of)
        case Log():
            return f"log({base.of})"
        case Pi():
            return "pi"
        case Euler():
            return "e"

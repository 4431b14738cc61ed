"""Circular functions, and what is inverse to them and to hyperbolic ones.

Of an angle it is known what its exponential is; inverse hyperbolic functions are logarithms.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.atoms import Colours, union
from gradproof.worlds.bound import VARIABLE
from gradproof.worlds.draws import Plan
from gradproof.worlds.operations.functions import Functions, require_no_infinity, signed_as
from gradproof.worlds.pairs import Pair
from gradproof.worlds.residues import LOW, Column, Residues
from gradproof.worlds.value import ANY, FINITE, NONE, POSITIVE, VAGUE, ZERO, Value

ARCS_OF_TANGENTS = {Fraction(0): Fraction(0), Fraction(1): Fraction(1, 4)}
ARCS_OF_SINES = {Fraction(0): Fraction(0), Fraction(1, 2): Fraction(1, 6), Fraction(1): Fraction(1, 2)}
"""Over pi."""


@dataclass(frozen=True)
class Angle:
    """An angle, and what makes its cosine and its sine."""

    value: Value
    parts: Callable[[], tuple[Value, Value]]


class Circular(Functions):
    """Angles are new variables. Their cosines and sines are worked out where circular functions are taken."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.angles: list[Angle] = []
        """Those that are not in the table of pairs yet."""
        self.turned = False
        """Whether a quarter turn was met."""

    def sin(self, a: Value) -> Value:
        up, down = self._circular(a)
        return self._half_turned(self.subtract(up, down))

    def cos(self, a: Value) -> Value:
        up, down = self._circular(a)
        half = self.multiply(self.add(up, down), self.filled(Fraction(1, 2), a.shape))
        return self._of_any_sign(half)

    def _circular(self, a: Value) -> tuple[Value, Value]:
        """e^ia and e^-ia, which have no sign; there is none of infinity."""
        while self.angles:
            self._pair(self.angles.pop())
        turn = self.field.times_i
        kind = None if a.kind is None else np.where(a.kind == FINITE, FINITE, NONE)
        turned = replace(
            a,
            residues=turn(a.residues),
            slope=None if a.slope is None else turn(a.slope),
            rational=None,
            kind=kind,
        )
        up = self._of_any_sign(self._exponential(turned))
        # It is zero nowhere, whatever it is related to.
        return up, replace(self.reciprocal(replace(up, vague=0)), vague=up.vague)

    def _half_turned(self, a: Value) -> Value:
        """a / 2i."""
        turn = self.field.times_i
        half = self.multiply(a, self.filled(Fraction(-1, 2), a.shape))
        out = replace(
            half,
            residues=turn(half.residues),
            slope=None if half.slope is None else turn(half.slope),
            rational=None,
        )
        return self._of_any_sign(out)

    def _of_any_sign(self, a: Value) -> Value:
        return replace(a, signs=np.full(a.shape, ANY, np.int8)) if a.rational is None else a

    # Hyperbolic functions

    def cosh(self, a: Value) -> Value:
        """The square of the hyperbolic sine is one less than its square."""
        if not self.plan.steps:
            return super().cosh(a)
        self.squares.append(self.sinh(a))
        return super().cosh(a)

    def asinh(self, a: Value) -> Value:
        require_no_infinity(a, "asinh")
        total = self.add(a, self.power(self.one_plus_square(a), Fraction(1, 2)))
        # Whatever a is, the root is larger than its absolute value.
        total = self.remember(replace(total, signs=np.full(a.shape, POSITIVE, np.int8)), always=True)
        return signed_as(a, self.log(total))

    def acosh(self, a: Value) -> Value:
        return _not_negative(super().acosh(a))

    def atanh(self, a: Value) -> Value:
        half = signed_as(a, super().atanh(a))
        # Where it has a value, the number is positive whose logarithm is twice as much.
        quotient = self.divide(self.add(self.ones(a), a), self.subtract(self.ones(a), a))
        signs, support = np.full(a.shape, POSITIVE, np.int8), union(quotient.support, half.support)
        self.remember(replace(quotient, signs=signs, kind=half.kind, support=support))
        return half

    # Angles

    def atan(self, a: Value) -> Value:
        if (known := self._known_arc(a, ARCS_OF_TANGENTS)) is not None:
            return known
        square = self.one_plus_square(a)

        def parts() -> tuple[Value, Value]:
            cosine = self.remember(self.power(square, Fraction(-1, 2)))
            return cosine, self.multiply(a, cosine)

        return self._angle("atan", a, lambda: self.reciprocal(square).residues, square, parts)

    def asin(self, a: Value) -> Value:
        if (known := self._known_arc(a, ARCS_OF_SINES)) is not None:
            return known
        square = self.one_minus_square(a)
        kind, _, support = self.kinds_of_positive(square)
        within = replace(a, kind=kind, support=union(a.support, support))

        def parts() -> tuple[Value, Value]:
            return self.remember(self.power(square, Fraction(1, 2))), a

        return self._angle("asin", within, lambda: self.power(square, Fraction(-1, 2)).residues, square, parts)

    def acos(self, a: Value) -> Value:
        return _not_negative(super().acos(a))

    def atan2(self, a: Value, b: Value) -> Value:
        require_no_infinity(a, "an angle")
        require_no_infinity(b, "an angle")
        if (self.signs_everywhere(a)[0] == 0).any():
            raise Undecided("the angle of a point whose second coordinate is zero, of a sign that is not known")
        return super().atan2(a, b)

    def learn_quarter(self, root: Value) -> None:
        """From the root of pi: the exponential of a quarter turn is i."""
        if not self.turned:
            self.turned = True
            quarter = self.multiply(self.multiply(root, root), self.filled(Fraction(1, 2), ()))
            self.angles.append(Angle(quarter, lambda: (self.filled(0.0, ()), self.filled(1.0, ()))))

    def _known_arc(self, a: Value, arcs: Mapping[Fraction, Fraction]) -> Value | None:
        """Of numbers of which all are known to be rational multiples of pi."""
        require_no_infinity(a, "an inverse circular function")
        if a.rational is None or any(abs(x) not in arcs for x in a.rational.ravel()):
            return None
        parts = np.empty(a.shape, object)
        parts[...] = np.frompyfunc(lambda x: arcs[abs(x)] * (1 if x > 0 else -1), 1, 1)(a.rational)
        return self.multiply(self.known(parts), self.filled(math.pi, a.shape))

    def _angle(
        self,
        name: str,
        a: Value,
        slope: Callable[[], Residues],
        square: Value,
        parts: Callable[[], tuple[Value, Value]],
    ) -> Value:
        """An odd function.

        Arguments:
            square: what a root is taken of, if its exponential is asked for.
        """
        residues = self.of_columns(a, lambda column, _: self.odd(name, column))
        angle = self._made(a, residues, slope, VARIABLE, a.signs, a.kind, vague=VAGUE)
        if not (square.residues > LOW).any():
            self.angles.append(Angle(angle, parts))
        return angle

    def _pair(self, angle: Angle) -> None:
        """The exponential of an angle is its cosine, and i times its sine."""
        cosine, sine = angle.parts()
        turned, power = self.field.times_i(angle.value.residues), self.field.times_i(sine.residues)
        power = self.field.add(power, cosine.residues)
        degree = self.degrees.sum(cosine.degree, sine.degree)
        self.decide(angle.value)
        exponents, _ = self.columns_of(replace(angle.value, residues=turned, slope=None))
        powers, _ = self.columns_of(replace(angle.value, residues=power, slope=None))
        worlds = max(len(exponents), len(powers))
        count = worlds * exponents.shape[1]
        self.exponents = self.exponents[0] + count, self.exponents[1] + 20 * count
        for w in range(worlds):
            pairs = zip(exponents[w % len(exponents)], powers[w % len(powers)], strict=True)
            for place, (exponent, of) in enumerate(pairs):
                if exponent.any() and exponent.tobytes() not in self.pairs.of_exponent:
                    size = self.degrees.at(degree, w, place)
                    self.pairs.add_sized(Pair(exponent, of, None, None, size, positive=True))

    def odd(self, name: str, column: Column) -> Column:
        """A new variable for each argument, up to its sign."""
        if not column.any():
            return column
        minus = self.field.negative(column[None])[0]
        if tuple(column) < tuple(minus):
            return self.field.fresh(name, column.tobytes())
        return self.field.negative(self.field.fresh(name, minus.tobytes())[None])[0]


def _not_negative(a: Value) -> Value:
    signs = a.signs & (ZERO | POSITIVE)
    return a if a.rational is not None else replace(a, signs=np.where(signs, signs, ZERO).astype(np.int8))

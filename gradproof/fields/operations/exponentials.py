"""Exponentials, logarithms, sine and cosine: from one level of a tower to the next."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gradproof.errors import Undecided
from gradproof.fields.degree import Degree
from gradproof.fields.draws import ANY, POSITIVE, Draws, either
from gradproof.fields.needs import NeedsCircle
from gradproof.fields.operations.ring import Ring
from gradproof.fields.towers import LARGEST_ORDER, column, inverse, multiply, raise_to
from gradproof.interpreter import Redraw


class Exponentials(Ring):
    """exp takes sums at one level to products at the next; log takes them back."""

    def exp(self, a: Draws) -> Draws:
        zero = np.zeros(a.shape, bool)
        if a.undefined is not None:
            zero = a.undefined & (a.real == -np.inf)
        if a.rational is not None and all(v == 0 for v in a.rational.ravel()):
            return self.filled(1.0, a.shape)
        self._count_accident(a.degree)
        levels: list[np.ndarray | None] = [None]
        for i in range(self.towers.levels - 1):
            below, torsion = a.levels[i], a.torsion[i]
            if below is None:
                levels.append(None)
                continue
            value = self.towers.power(i, below)
            if torsion is not None:
                self._need(torsion != 0, zero)
                value = multiply(value, torsion, column(self.towers.primes[i + 1], value))
            levels.append(np.where(zero, 0, value))
        with np.errstate(over="ignore", under="ignore"):
            real = np.exp(a.real)
        undefined = None if a.undefined is None else a.undefined & ~zero
        return Draws(
            a.shape,
            tuple(levels),
            real,
            self._degree_of_exponential(a, zero),
            self._no_torsion,
            undefined=undefined,
            signs=(0, 1) if zero.any() else POSITIVE,
            label=a.label,
        )

    def _degree_of_exponential(self, a: Draws, zero: np.ndarray) -> Degree:
        if self.exponents is None:
            return a.degree.exponential()
        exponents = a.levels[self.exponents.level]
        if exponents is None:
            raise self.exhausted()
        degree, accident = self.exponents.degree(np.where(zero, 0, exponents), a.degree, self.alive)
        self._count_accident(accident)
        return degree

    def _outside(self, a: Draws) -> np.ndarray:
        """The elements that are not positive. Those that only underflow, or overflow, say nothing."""
        outside = ~(a.real > 0)
        defined = np.ones(a.shape, bool) if a.undefined is None else ~a.undefined
        rounded = defined & ((a.real == 0) & ~self._identically_zero(a) | ~np.isfinite(a.real))
        if rounded.any():
            raise Redraw("the real point leaves the range of floating point")
        return outside

    def log(self, a: Draws) -> Draws:
        bad = self._outside(a)
        if a.rational is not None and all(v == 1 for v in a.rational.ravel()):
            return self.filled(0.0, a.shape)
        self._count_accident(a.degree)
        levels: list[np.ndarray | None] = []
        torsions: list[np.ndarray | None] = []
        for i in range(self.towers.levels - 1):
            above = a.levels[i + 1]
            if above is None:
                levels.append(None)
                torsions.append(None)
                continue
            if self.towers.primes[i].max() > LARGEST_ORDER:
                raise Undecided("a logarithm is taken above too many exponentials")
            self._need(above != 0, bad)
            prime, order = column(self.towers.primes[i + 1], above), self.towers.primes[i]
            above = np.where(above == 0, 1, above)
            smooth = self._projected(above, i, prime, order)
            logarithm = self.towers.logarithm(i, smooth)
            levels.append(logarithm)
            rest = multiply(above, inverse(smooth, prime), prime)
            torsions.append(None if (rest == 1).all() else rest)
        with np.errstate(divide="ignore", invalid="ignore"):
            real = np.log(a.real)
        return Draws(
            a.shape,
            (*levels, None),
            real,
            a.degree.logarithm(),
            (*torsions, None),
            undefined=either(a.undefined, bad if bad.any() else None),
            label=a.label,
        )

    def _projected(self, x: np.ndarray, level: int, prime: np.ndarray, order: np.ndarray) -> np.ndarray:
        """The factor of x that lies in the subgroup of this order; the rest has an order that divides the cofactor."""
        cofactor = (self.towers.primes[level + 1] - 1) // order
        exponent = np.array(
            [k * pow(int(k), -1, int(q)) for k, q in zip(cofactor.tolist(), order.tolist(), strict=True)]
        )
        return raise_to(x, column(exponent, x), prime)

    def sin(self, a: Draws) -> Draws:
        return self._circular(a, np.sin, -1)

    def cos(self, a: Draws) -> Draws:
        return self._circular(a, np.cos, 1)

    def _circular(self, a: Draws, function: Callable[[np.ndarray], np.ndarray], sign: int) -> Draws:
        """(e^{iz} - e^{-iz}) / 2i, or (e^{iz} + e^{-iz}) / 2."""
        if not self.towers.circular:
            raise NeedsCircle("sine and cosine need a root of -1")
        turned = replace(
            a,
            levels=tuple(
                None if x is None else multiply(x, column(root, x), column(p, x))
                for x, root, p in zip(a.levels, self.towers.roots, self.towers.primes, strict=True)
            ),
            rational=None,
            real=np.zeros(a.shape),
            signs=ANY,
        )
        up = self.exp(turned)
        down = self.reciprocal(up)
        both = self.add(up, down if sign > 0 else self.negative(down))
        half = self.multiply(both, self.filled(0.5, a.shape))
        levels = half.levels
        if sign < 0:
            levels = tuple(
                None if x is None else multiply(x, column(-root % p, x), column(p, x))
                for x, root, p in zip(levels, self.towers.roots, self.towers.primes, strict=True)
            )
        with np.errstate(invalid="ignore"):
            return replace(half, levels=levels, real=function(a.real), signs=ANY)

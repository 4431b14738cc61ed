"""Inputs and constants: random elements of each field, and known numbers as the ones a person meant."""

import math
from collections.abc import Hashable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from gradproof.fields.degree import Degree
from gradproof.fields.draws import ANY, POSITIVE, Draws, bounded, fractions, signs_of_all, signs_of_fractions
from gradproof.fields.operations.base import FieldBase
from gradproof.fields.towers import Towers, multiply
from gradproof.interpreter import constants
from gradproof.interpreter.constants import Base, ClosedForm, Euler, Log, Pi, Root


class Constants(FieldBase):
    """Numbers that a program begins with."""

    def __init__(self, towers: Towers, generator: np.random.Generator, *, by_rank: bool, logarithms: bool):
        super().__init__(towers, generator, by_rank=by_rank)
        self.logarithms = logarithms
        """Whether constants that are logarithms, or powers of e, are so in the fields, too."""
        self.unrelated: dict[Hashable, Draws] = {}
        """The numbers of which nothing is known but that they are positive."""

    def resume(self, other: "Constants") -> None:
        self.unrelated = dict(other.unrelated)

    @property
    def simplified(self) -> bool:
        """Whether there is a constant of which the fields could know more."""
        return any(key != Pi() for key in self.unrelated)

    def unrelated_number(self, key: Hashable, real: float) -> Draws:
        """The same positive number whenever it is asked for by this key."""
        if key not in self.unrelated:
            self.unrelated[key] = self.symbol(np.array(real), positive=True)
        return self.unrelated[key]

    def lifted(self, value: Any) -> Draws:
        """A number, or integers and truth values as numbers."""
        return self.constant(value) if isinstance(value, np.ndarray) else value

    def symbol(self, real: np.ndarray, *, positive: bool = False, label: bool = False) -> Draws:
        """An input: independent and uniform at every level of every draw; `real` is its real value."""
        draw = self._positive if positive else self._signed
        levels = [draw(level, np.asarray(real, float)) for level in range(self.towers.levels)]
        return Draws(
            real.shape,
            tuple(levels),
            np.asarray(real, float),
            Degree(),
            self._no_torsion,
            signs=POSITIVE if positive else ANY,
            label=label,
        )

    def symbol_for(self, name: str, shape: tuple[int, ...]) -> Draws:
        """The same random numbers whenever this name is asked for."""
        generator, self.generator = self.generator, np.random.default_rng([self.towers.seed, *name.encode()])
        try:
            return self.symbol(np.ones(shape))
        finally:
            self.generator = generator

    def _signed(self, level: int, real: np.ndarray) -> np.ndarray:
        """Squares for positive reals and their negatives for negative ones, so that the root of x^2 is |x|."""
        prime = self.towers.primes[level].reshape((-1,) + (1,) * real.ndim)
        root = self.generator.integers(0, prime, (self.towers.draws, *real.shape))
        square = multiply(root, root, prime)
        if self.towers.circular:
            square = multiply(square, square, prime)
        return np.where(real < 0, -square % prime, square)

    def _positive(self, level: int, real: np.ndarray) -> np.ndarray:
        """Powers of g, which have logarithms without torsion; squares at the lowest level."""
        if level == 0:
            return self._signed(level, np.abs(real))
        below = self.towers.primes[level - 1].reshape((-1,) + (1,) * real.ndim)
        return self.towers.power(level - 1, self.generator.integers(0, below, (self.towers.draws, *real.shape)))

    def constant(self, values: np.ndarray) -> Draws:
        values = np.asarray(values)
        if values.dtype != object and values.dtype.kind == "f":
            known = self.towers.constants
            key = values.shape, values.dtype, values.tobytes()
            if key not in known:
                made = self._read(values)
                if made.rational is None:
                    return made
                known[key] = made, self.towers.residues(tuple(made.rational.ravel()))[1]
            found, exist = known[key]
            self.alive &= exist
            return found
        return self._rational(fractions(Fraction, values.astype(object)))

    def _rational(self, values: np.ndarray) -> Draws:
        values = np.asarray(values, object)
        flat = list(values.ravel())
        rows, exist = self.towers.residues(tuple(flat))
        self.alive &= exist
        levels = [residues.reshape((self.towers.draws, *values.shape)) for residues in rows]
        real = np.array([_real(v) for v in flat], float).reshape(values.shape)
        return Draws(
            values.shape,
            tuple(levels),
            real,
            Degree.of_constants(flat),
            self._no_torsion,
            values,
            signs=signs_of_all([(sign, sign) for sign in signs_of_fractions(values).ravel().tolist()])
            if values.size
            else ANY,
        )

    def _read(self, values: np.ndarray) -> Draws:
        """Floating-point constants, as the numbers they stand for."""
        bits = constants.significand(values.dtype)
        values = values.astype(np.float64)
        finite = np.isfinite(values)
        if not finite.all():
            known = self._read(np.where(finite, values, 0.0))
            return replace(known, real=values, undefined=~finite, rational=None, signs=ANY)
        numbers, places = constants.numbers(values, bits)
        if all(not number.powers for number in numbers):
            return self._rational(fractions(lambda place: numbers[place].rational, places))
        return self.take(list(map(self._made, numbers)), places)

    def _made(self, number: ClosedForm) -> Draws:
        product = self.filled(number.rational, ())
        for base, exponent in number.powers:
            factor = self._power_of(base, exponent)
            product = factor if product.rational == 1 else self.multiply(product, factor)
        # Its size is known better than that of what it is made of.
        real = np.array(float(number))
        sign = int(np.sign(real))
        return bounded(replace(product, real=real), (sign, sign))

    def _power_of(self, base: Base, exponent: Fraction) -> Draws:
        match base:
            case Euler() if self.logarithms:
                return self.exp(self.filled(exponent, ()))
            case Euler():
                root = exponent.denominator
                return self.power(self.unrelated_number((base, root), math.exp(1 / root)), exponent * root)
            case Pi():
                return self.power(self.unrelated_number(base, math.sqrt(math.pi)), 2 * exponent)
            case Root():
                return self.power(self.filled(base.of, ()), exponent)
            case Log() if not self.logarithms:
                return self.power(self.unrelated_number(base, math.log(base.of)), exponent)
            case Log():
                return self.power(self.log(self._made(base.of)), exponent)


def _real(value: Fraction) -> float:
    """In floating point, where a sum of the largest numbers is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf

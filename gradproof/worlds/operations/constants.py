"""Constants of programs, as the numbers that a person meant."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from gradproof.interpreter import constants
from gradproof.interpreter.constants import Base, ClosedForm, Euler, Log, Pi, Root
from gradproof.worlds.operations.unknown import Unknown
from gradproof.worlds.residues import columns
from gradproof.worlds.value import FINITE, INFINITE, NEGATIVE, NONE, POSITIVE, Value, fractions


class Constants(Unknown):
    """Fractions, roots, logarithms and powers of e as such; pi is a number of which nothing else is known."""

    def read(self, values: np.ndarray) -> Value:
        bits = constants.significand(values.dtype)
        values = values.astype(np.float64)
        finite = np.isfinite(values)
        if not finite.all():
            known = self.read(np.where(finite, values, 0.0))
            kind = np.where(np.isnan(values), NONE, np.where(values > 0, INFINITE, -INFINITE))
            return replace(known, kind=np.where(finite, FINITE, kind)[None].astype(np.int8), rational=None)
        numbers, places = constants.numbers(values, bits)
        if all(not number.powers for number in numbers):
            return self.known(fractions(lambda place: numbers[place].rational, places))
        return self.take(list(map(self._of_form, numbers)), places)

    def _of_form(self, number: ClosedForm) -> Value:
        product = self.filled(number.rational, ())
        for base, exponent in number.powers:
            product = self.multiply(product, self._power_of(base, exponent))
        sign = POSITIVE if float(number) > 0 else NEGATIVE
        if product.rational is not None:
            return product
        product = replace(product, signs=np.full((), sign, np.int8))
        self.remember(product if sign == POSITIVE else self.negative(product), always=True)
        return product

    def _power_of(self, base: Base, exponent: Fraction) -> Value:
        match base:
            case Euler():
                return self.exp(self.filled(exponent, ()))
            case Pi():
                root = replace(self.symbol("the square root of pi", (), positive=True), slope=None)
                self.learn_quarter(root)
                self.pairs.add_constant(columns(root.residues)[0][0])
                return self.power(root, 2 * exponent)
            case Root():
                return self.power(self.filled(base.of, ()), exponent)
            case Log():
                return self.power(self.log(self._of_form(base.of)), exponent)

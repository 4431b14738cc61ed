"""Sums, products and quotients."""

import math
from dataclasses import replace
from fractions import Fraction

import jax.numpy as jnp
import numpy as np

from gradproof.worlds.atoms import union
from gradproof.worlds.bound import VARIABLE
from gradproof.worlds.cases import Cases, Whole, made, support_of, worlds_of
from gradproof.worlds.errors import Unlucky
from gradproof.worlds.operations.loosened import Loosened
from gradproof.worlds.residues import columns
from gradproof.worlds.value import (
    ANY,
    FINITE,
    INFINITE,
    NEGATIVE,
    NONE,
    OF_NEGATIVE,
    OF_PRODUCT,
    OF_SUM,
    POSITIVE,
    VAGUE,
    Value,
    fractions,
    kind_or_none,
    kinds,
    none_where,
    signs_of_square,
)


class Ring(Loosened):
    """What a ring has, and inverses."""

    def constant(self, values: Whole) -> Value:
        if isinstance(values, Cases):
            return self.of_cases(values)
        values = np.asarray(values)
        if values.dtype != object and jnp.issubdtype(values.dtype, jnp.floating):
            return self.read(values)
        return self.known(fractions(Fraction, values.astype(object)))

    def read(self, values: np.ndarray) -> Value:
        """Floating-point constants as the numbers they stand for."""
        raise NotImplementedError

    def symbol(self, name: str, shape: tuple[int, ...], *, positive: bool = False) -> Value:
        """An input: independent and uniform in every draw."""
        residues = self.field.fresh_array(f"input {name}", shape)
        if positive:
            # Squares, so that their roots are positive.
            residues = self.field.multiply(residues, residues)
            self.roots.remember(columns(residues)[0])
        slope = self.field.fresh_array(f"slope of input {name}", shape) if self.plan.witnesses else None
        signs = np.full(shape, POSITIVE if positive else NEGATIVE | POSITIVE, np.int8)
        return Value(residues, signs, VARIABLE, slope=slope)

    def add(self, a: Value, b: Value) -> Value:
        if a.rational is not None and b.rational is not None:
            return self.known(a.rational + b.rational)
        field = self.field
        a, b = self.together(a, b)
        slope = a.slope if b.slope is None else b.slope if a.slope is None else field.add(a.slope, b.slope)
        return self.settled(
            Value(
                field.add(a.residues, b.residues),
                OF_SUM[a.signs, b.signs],
                self.degrees.sum(a.degree, b.degree),
                slope=slope,
                kind=_kind_of_sum(a, b),
                support=union(a.support, b.support),
                vague=a.vague | b.vague,
            )
        )

    def multiply(self, a: Value, b: Value) -> Value:
        if a.rational is not None and b.rational is not None:
            return self.known(a.rational * b.rational)
        field = self.field
        equal = self._equal(a, b)
        if equal.all():
            self.squares.append(a)
        left = None if a.slope is None else field.multiply(a.slope, b.residues)
        right = None if b.slope is None else field.multiply(a.residues, b.slope)
        slope = left if right is None else right if left is None else field.add(left, right)
        kind, support = self._kind_of_product(a, b)
        return self.settled(
            Value(
                field.multiply(a.residues, b.residues),
                np.where(equal, signs_of_square(a.signs), OF_PRODUCT[a.signs, b.signs]),
                self.degrees.product(a.degree, b.degree),
                slope=slope,
                kind=kind,
                support=union(a.support, b.support, support),
                vague=a.vague | b.vague,
            )
        )

    def _equal(self, a: Value, b: Value) -> np.ndarray:
        """Which elements are the same in all worlds, as in the sum of squares that a matrix times itself is."""
        if a is b or not (a.signs & b.signs & NEGATIVE).any():
            return np.full(a.shape, a is b)
        self.decide(a, beside=self.degrees.whole(b.degree))
        return np.asarray((a.residues == b.residues).all(axis=(0, 1)))

    def _kind_of_product(self, a: Value, b: Value) -> tuple[np.ndarray | None, np.ndarray | None]:
        """And the atoms that this depends on, besides those of both."""
        if a.kind is None and b.kind is None:
            return None, None
        x, y = kinds(a), kinds(b)
        none = (x == NONE) | (y == NONE)
        endless = ~none & ((x != FINITE) | (y != FINITE))
        (s, atoms), (t, others) = self._extended_sign(a, endless), self._extended_sign(b, endless)
        kind = np.where(none | (endless & (s * t == 0)), NONE, np.where(endless, s * t * INFINITE, FINITE))
        return kind_or_none(kind), union(atoms, others)

    def _extended_sign(self, a: Value, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """In each world, of numbers and infinities, and the atoms that decide it; only where it is asked."""
        kind, support = kinds(a), None
        asked = asked.any(axis=0) & (kind == FINITE).any(axis=0)
        known = np.where(a.zeros, 0, np.where(a.signs == POSITIVE, 1, np.where(a.signs == NEGATIVE, -1, 0)))
        if (asked & (a.signs != POSITIVE) & (a.signs != NEGATIVE) & ~a.zeros.all(axis=0)).any():
            signs = self.sign(a)
            known, support = worlds_of(signs), support_of(signs)
        return np.where(np.abs(kind) == INFINITE, np.sign(kind), known), support

    def negative(self, a: Value) -> Value:
        if a.rational is not None:
            return self.known(-a.rational)
        field = self.field
        kind = a.kind if a.kind is None else np.where(np.abs(a.kind) == INFINITE, -a.kind, a.kind)
        slope = None if a.slope is None else field.negative(a.slope)
        return replace(a, residues=field.negative(a.residues), slope=slope, kind=kind, signs=OF_NEGATIVE[a.signs])

    def divide(self, a: Value, b: Value) -> Value:
        """The quotient of zero and zero is none, whatever signs these zeros have."""
        none = b.zeros & (a.zeros | (kinds(a) == NONE))
        if not none.any():
            return super().divide(a, b)
        self.decide(a)
        self.decide(b)
        support = union(a.support, b.support)
        where = made(self.atoms, np.broadcast_to(none, (self.atoms.worlds, *b.shape)), support)
        quotient = super().divide(a, self.select(where, [b, self.ones(b)]))
        support = union(quotient.support, support)
        return self.settled(replace(quotient, kind=none_where(none, quotient.kind), rational=None, support=support))

    def reciprocal(self, a: Value) -> Value:
        if a.rational is not None and all(x != 0 for x in a.rational.ravel()):
            return self.known(fractions(lambda x: 1 / x, a.rational))
        field = self.field
        zero = a.zeros
        self.require_tight(a)
        self.decide(a)
        self.require_units(a, zero)
        zero, support = self.where_zero(a)
        skip = ((a.residues == 0).all(axis=1) | (kinds(a) != FINITE))[:, None]
        residues = np.where(skip, 0, field.inverse(np.where(skip, 1, a.residues)))
        slope = None
        if a.slope is not None:
            slope = field.negative(field.multiply(field.multiply(residues, residues), a.slope))
        # 1/0 may have either sign, and is none; one over infinity is zero.
        self.note_quotients(zero)
        kind = none_where(zero, None if a.kind is None else np.where(a.kind == NONE, NONE, FINITE))
        signs = np.where(zero.any(axis=0), ANY, a.signs).astype(np.int8)
        return self.settled(
            Value(
                residues,
                signs,
                self.degrees.inverse(a.degree, math.prod(a.shape), len(a.residues)),
                slope=slope,
                kind=kind if kind is None else kind_or_none(kind),
                support=support,
                vague=a.vague,
            )
        )

    def where_zero(self, a: Value) -> tuple[np.ndarray, np.ndarray | None]:
        """In each world, and the atoms that this and the value depend on."""
        if not a.vague & VAGUE or ((a.signs == POSITIVE) | (a.signs == NEGATIVE)).all():
            return a.zeros, a.support
        signs, support = self.signs_everywhere(a)
        return np.asarray(signs == 0), support

    def signs_everywhere(self, a: Value) -> tuple[np.ndarray, np.ndarray | None]:
        """The sign in each world, and the atoms that this and the value depend on."""
        raise NotImplementedError

    def require_units(self, a: Value, zero: np.ndarray) -> None:
        """Raises `Unlucky` where a number that is not zero is zero in a draw."""
        finite = kinds(a) == FINITE
        if ((a.residues == 0).any(axis=1) & ~zero & finite).any():
            raise Unlucky("a denominator is zero in a draw")

    def sum(self, x: Value) -> Value:
        count = x.shape[-1]
        if x.rational is not None:
            return self.known(x.rational.sum(axis=-1) if count else np.full(x.shape[:-1], Fraction(0), object))
        if count == 0:
            return self.filled(0.0, x.shape[:-1])
        if x.support is not None:
            total = np.asarray(np.bitwise_or.reduce(x.support, axis=-1), object)
            if any(self.atoms.combinations(s) > self.plan.combinations for s in set(total.ravel())):
                x = self.loosened(x)
        signs = x.signs[..., 0]
        for k in range(1, count):
            signs = OF_SUM[signs, x.signs[..., k]]
        kind = None
        if x.kind is not None:
            up, down = (x.kind == INFINITE).any(axis=-1), (x.kind == -INFINITE).any(axis=-1)
            none = (x.kind == NONE).any(axis=-1) | (up & down)
            kind = kind_or_none(np.where(none, NONE, np.where(up, INFINITE, np.where(down, -INFINITE, FINITE))))
        support = None if x.support is None else np.asarray(np.bitwise_or.reduce(x.support, axis=-1), object)
        return self.settled(
            Value(
                self.field.sum(x.residues),
                signs,
                self.degrees.total(x.degree, count),
                slope=None if x.slope is None else self.field.sum(x.slope),
                kind=kind,
                support=support,
                vague=x.vague,
            )
        )

    def integer_power(self, a: Value, exponent: int) -> Value:
        if exponent < 0:
            # Of an inverse more is known than of that of a power.
            return self.integer_power(self.reciprocal(a), -exponent)
        result = super().integer_power(a, exponent)
        if exponent % 2 == 0 and exponent > 0 and result.rational is None:
            return replace(result, signs=signs_of_square(a.signs))
        return result


def _kind_of_sum(a: Value, b: Value) -> np.ndarray | None:
    if a.kind is None and b.kind is None:
        return None
    x, y = kinds(a), kinds(b)
    none = (x == NONE) | (y == NONE) | (x * y == -INFINITE * INFINITE)
    return kind_or_none(np.where(none, NONE, np.where(x != FINITE, x, y)))

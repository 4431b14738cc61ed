"""Square roots in F_p[i], in which every element of F_p has one.

The root of a square is the one that is a square itself; so roots of squares are multiplicative. That of a number that
is no square is i times the root of its negative, or minus that, at random. A radicand that is, times a product of
earlier ones, a square in every draw has for its root the product of theirs and of a root of that square.
"""

import itertools
from fractions import Fraction

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.draws import Drawn
from gradproof.worlds.pairs import factors
from gradproof.worlds.residues import BITS, LOW, Column

MOST_MEMBERS = 6


class Roots:
    """The radicands of one run."""

    def __init__(self, field: Drawn):
        self.field = field
        self.radicands: list[Column] = []
        self.numbers: dict[bytes, int] = {}
        self.roots: list[Column] = []
        self.patterns: list[tuple[int, int]] = []
        """Independent sets of draws in which products of radicands are no squares, and which radicands these are of."""
        self.odd: dict[bytes, int] = {}
        """The orders of roots that are unique, by what they are taken of."""
        self.squares: set[bytes] = set()
        """Numbers that are squares in every draw and no constants, of which a root was taken."""

    def power(self, column: Column, exponent: Fraction) -> Column:
        """A power to a fraction: an odd root, of which there is one in F_p, of which a square root may be taken."""
        field, order = self.field, exponent.denominator
        even = order & -order
        odd = order // even
        if even > 2 or odd not in (1, 3, 5, 7, 9):
            raise Undecided(f"roots of order {order} are not known to the exact engine")
        if odd > 1:
            self.odd[column.tobytes()] = odd
            if (column > LOW).any():
                raise Undecided("a root is taken of a number that is made of roots")
            column = field.power(column[None], np.array([pow(odd, -1, int(p) - 1) for p in field.primes]))[0]
        base = (self.square_root(column) if even == 2 else column)[None]
        made = field.power(base, abs(exponent.numerator))
        return (made if exponent > 0 else field.inverse(made))[0]

    def square_root(self, a: Column) -> Column:
        if (a > LOW).any():
            raise Undecided("a root is taken of a number that is made of roots")
        constant = self.field.rational(a)
        return self._of_column(a) if constant is None else self.of_rational(constant)

    def of_rational(self, constant: Fraction) -> Column:
        """The root of a rational number: of its largest square divisor, and of each other prime factor."""
        field = self.field
        if constant < 0:
            raise Undecided("a root is taken of a negative number")
        root = np.ones((1, field.draws), np.int64)
        for part, inverted in ((constant.numerator, False), (constant.denominator, True)):
            for prime, times in factors(part):
                made = field.constant(Fraction(prime) ** (times // 2))[None]
                if times % 2:
                    made = field.multiply(made, self._of_column(field.constant(Fraction(prime)), prime=True)[None])
                root = field.multiply(root, field.inverse(made) if inverted else made)
        return root[0]

    def _of_column(self, a: Column, *, prime: bool = False) -> Column:
        """Each sign of the root of a prime number is as good, whatever roots of numbers there were before."""
        field = self.field
        if (number := self.numbers.get(a.tobytes())) is not None:
            return self.roots[number]
        square = self.is_square(a)
        pattern = int.from_bytes(np.packbits(~square).tobytes(), "big")
        made_of = 1 << len(self.radicands)
        for other, of in self.patterns:
            if pattern ^ other < pattern:
                pattern, made_of = pattern ^ other, made_of ^ of
        members = [number for number in range(len(self.radicands)) if made_of >> number & 1]
        if pattern or (prime and all(field.rational(self.radicands[number]) is not None for number in members)):
            root = self._drawn_root(a, square)
            if pattern:
                self.patterns.append((pattern, made_of))
                self.patterns.sort(reverse=True)
            self.numbers[a.tobytes()] = len(self.radicands)
            self.radicands.append(a)
            self.roots.append(root)
            return root
        product = root = np.ones((1, field.draws), np.int64)
        for number in members:
            product = field.multiply(product, self.radicands[number][None])
            root = field.multiply(root, self.roots[number][None])
        quotient = field.multiply(a[None], field.inverse(product))
        return field.multiply(root, self._of_square(quotient, members)[None])[0]

    def _of_square(self, a: np.ndarray, members: list[int]) -> Column:
        """The root of a square; it is positive where that is, times squares of some radicands, a rational number."""
        field = self.field
        for chosen in itertools.product((0, 1), repeat=min(len(members), MOST_MEMBERS)):
            product = np.ones((1, field.draws), np.int64)
            for number, times in zip(members, chosen, strict=False):
                if times:
                    product = field.multiply(product, self.radicands[number][None])
            constant = field.rational(field.multiply(a, field.multiply(product, product))[0])
            if constant is not None and constant > 0:
                return field.multiply(self.of_rational(constant)[None], field.inverse(product))[0]
        self.squares.add(a.tobytes())
        return self._root_of_square(a)[0]

    def is_square(self, a: Column) -> np.ndarray:
        return np.asarray(self.field.power(a[None], (self.field.primes - 1) // 2)[0] == 1)

    def _root_of_square(self, a: np.ndarray) -> np.ndarray:
        """The power by (p + 1) / 4."""
        return self.field.power(a, (self.field.primes + 1) // 4)

    def _drawn_root(self, a: Column, square: np.ndarray) -> Column:
        field = self.field
        p = field.primes
        root = self._root_of_square(np.where(square, a, p - a)[None])[0]
        turned = field.fresh("conjugate", a.tobytes()) % 2 == 0
        root = np.where(turned, p - root, root)
        field.complex = True
        return np.where(square, root, root << BITS)

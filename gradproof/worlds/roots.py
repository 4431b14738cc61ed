"""Square roots in F_p[i], in which every element of F_p has one.

What is drawn as a square is positive, and so is its root that is a square; products and quotients of these have the
products and quotients of the roots. The root of any other number is one of the two at random: that of a number that is
no square is i times the root of its negative. A radicand that is, times a product of earlier ones, a square in every
draw has for its root the product of theirs and of a root of that square.
"""

import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import lcm

import numpy as np

from gradproof.errors import Undecided
from gradproof.worlds.draws import Drawn
from gradproof.worlds.pairs import factors
from gradproof.worlds.residues import BITS, LOW, Column

Base = tuple[Column, tuple[float, float]]
"""A number that was squared, and bounds on its degree and height."""

MOST_MEMBERS = 6
MOST_BASES = 64
MOST_FACTORS = 256


class Roots:
    """The radicands of one run."""

    def __init__(self, field: Drawn):
        self.field = field
        self.radicands: list[Column] = []
        self.numbers: dict[bytes, int] = {}
        self.roots: list[Column] = []
        self.patterns: list[tuple[int, int]] = []
        """Independent sets of draws in which products of radicands are no squares, and which radicands these are of."""
        self.of: dict[tuple[bytes, int], Column] = {}
        """The square roots, by what they are taken of and the order of the whole root."""
        self.made_of: dict[tuple[bytes, int], list[Column]] = {}
        """By a number and the order of a root of it, radicands of whose roots that was made, if all are positive."""
        self.bases: dict[bytes, Base] = {}
        """By squares what they are squares of, with bounds on its degree and height."""
        self.base_of: dict[tuple[bytes, int], list[Base]] = {}
        """The numbers that it is a product with: its sign is that of these."""
        self.looked = 0
        """How often a number was looked up among those squares."""
        self.odd: dict[bytes, int] = {}
        """The orders of roots that are unique, by what they are taken of."""
        self.squares: dict[bytes, Column] = {}
        """Numbers that are squares in every draw, of what is not known, of which a root was taken; and this root."""
        self.positive: dict[bytes, tuple[Column, int]] = {}
        """What was drawn as a square, and what was made of that; and how often a root was taken to make it."""
        self.new = False
        """Whether a root is a new variable, of a number that is made of roots, or of a product that may be negative."""
        self.halved = 0
        """How often a root was taken of a root of these, at most."""
        self.compared = 0
        """With how many products and quotients of them numbers were compared."""

    def power(self, column: Column, exponent: Fraction) -> Column:
        """A power to a fraction: an odd root, of which there is one in F_p, of which a square root may be taken."""
        field, order, key = self.field, exponent.denominator, column.tobytes()
        even = order & -order
        odd = order // even
        if even > 2 or odd not in (1, 3, 5, 7, 9):
            raise Undecided(f"roots of order {order} are not known to the exact engine")
        if (column > LOW).any():
            # It is made of roots.
            return self.fresh_power(column, exponent)
        if odd > 1:
            self.odd[key] = lcm(odd, self.odd.get(key, 1))
            column = field.power(column[None], np.array([pow(odd, -1, int(p) - 1) for p in field.primes]))[0]
        if even == 2:
            if (key, order) not in self.of:
                # It is taken once: what was made of it goes on with the same sign, whatever is squared later.
                self.of[key, order], self.made_of[key, order], self.base_of[key, order] = self.square_root(column)
            column = self.of[key, order]
        made = field.power(column[None], abs(exponent.numerator))
        return (made if exponent > 0 else field.inverse(made))[0]

    def square_root(self, a: Column) -> tuple[Column, list[Column], list[Base]]:
        """And the radicands of whose roots it is made, besides numbers; and the bases of the square that is left."""
        field = self.field
        constant = field.rational(a)
        if constant is not None:
            return self.of_rational(constant), [], []
        root, members, bases = self._of_column(a)
        free = [self.radicands[number] for number in members if field.rational(self.radicands[number]) is None]
        return root, free, bases

    def fresh_power(self, column: Column, exponent: Fraction) -> Column:
        """That of a root that is a new variable, and is positive."""
        self.new = True
        field, order = self.field, exponent.denominator
        root = field.fresh_square(f"root {order}", column.tobytes())
        self.remember([root])
        whole, rest = divmod(abs(exponent.numerator), order)
        power = field.multiply(field.power(column[None], whole), field.power(root[None], rest))
        return (power if exponent > 0 else field.inverse(power))[0]

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
                    made = field.multiply(made, self._of_column(field.constant(Fraction(prime)), prime=True)[0][None])
                root = field.multiply(root, field.inverse(made) if inverted else made)
        return root[0]

    def _of_column(self, a: Column, *, prime: bool = False) -> tuple[Column, list[int], list[Base]]:
        """Each sign of the root of a prime number is as good, whatever roots of numbers there were before."""
        field = self.field
        if (number := self.numbers.get(a.tobytes())) is not None:
            return self.roots[number], [], []
        if (base := self.bases.get(a.tobytes())) is not None and not prime:
            self.looked += 1
            return base[0], [], [base]
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
            return root, [], []
        product = root = np.ones((1, field.draws), np.int64)
        for number in members:
            product = field.multiply(product, self.radicands[number][None])
            root = field.multiply(root, self.roots[number][None])
        quotient = field.multiply(a[None], field.inverse(product))
        rest, bases = self._of_square(quotient, members)
        return field.multiply(root, rest[None])[0], members, bases

    def _of_square(self, a: np.ndarray, members: list[int]) -> tuple[Column, list[Base]]:
        """The root of a square, or the bases of it; it is positive where that is, times squares of some radicands."""
        field, candidates = self.field, list(self._with_squares(a, members))
        for square, times in candidates:
            root = self._positive_root(square)
            constant = field.rational(square)
            if root is None and constant is not None and constant > 0:
                root = self.of_rational(constant)
            if root is not None:
                return field.multiply(root[None], field.inverse(times))[0], []
        for square, times in candidates:
            if (found := self._of_bases(square)) is not None:
                root, bases = found
                return field.multiply(root[None], field.inverse(times))[0], bases
        root = self.squares[a.tobytes()] = self._of_any_sign(self._root_of_square(a)[0], a)
        return root, []

    def _of_bases(self, square: Column) -> tuple[Column, list[Base]] | None:
        """The root of the square of a number that was squared, or of its inverse, or of the product of two such."""
        field = self.field
        self.looked += 2 * (1 + min(len(self.bases), MOST_BASES))
        for each in (square, field.inverse(square[None])[0]):
            base, others = self.bases.get(each.tobytes()), list(self.bases.items())[:MOST_BASES]
            found = None if base is None else (base[0][None], [base])
            for key, other in others if found is None else ():
                rest = field.multiply(each[None], field.inverse(np.frombuffer(key, np.int64)[None]))
                if (base := self.bases.get(rest.tobytes())) is not None:
                    found = field.multiply(other[0][None], base[0][None]), [other, base]
                    break
            if found is not None:
                root, bases = found
                return (root if each is square else field.inverse(root))[0], bases
        return None

    def _with_squares(self, a: np.ndarray, members: list[int]) -> Iterator[tuple[Column, np.ndarray]]:
        """A number times the squares of products of some radicands, and these products."""
        for chosen in itertools.product((0, 1), repeat=min(len(members), MOST_MEMBERS)):
            product = np.ones((1, self.field.draws), np.int64)
            for number, times in zip(members, chosen, strict=False):
                if times:
                    product = self.field.multiply(product, self.radicands[number][None])
            yield self.field.multiply(a, self.field.multiply(product, product))[0], product

    @property
    def radicals(self) -> list[tuple[Column, Column]]:
        """What roots were taken of that may be a square of some number, though of none that is known; and the roots."""
        squares = ((np.frombuffer(key, np.int64), root) for key, root in self.squares.items())
        return [*zip(self.radicands, self.roots, strict=True), *squares]

    def remember(self, columns: Iterable[Column], times: int = 0) -> None:
        """Numbers that were drawn as squares."""
        for column in columns:
            self.positive.setdefault(column.tobytes(), (column, times))

    def _positive_root(self, a: Column) -> Column | None:
        """Of what was drawn as a square, of its inverse, or of a product or quotient of two: the root that is one."""
        if (times := self._times(a)) is None:
            return None
        root = self._root_of_square(a[None])[0]
        self.remember([a], times)
        self.remember([root], times + 1)
        self.halved = max(self.halved, times + 1)
        return root

    def _times(self, a: Column) -> int | None:
        field, known = self.field, self.positive
        self.compared += 2
        either = a, field.inverse(a[None])[0]
        for each in either:
            if each.tobytes() in known:
                return known[each.tobytes()][1]
        if len(known) > MOST_FACTORS:
            return None
        for factor, times in known.values():
            self.compared += 4 * len(known)
            for each, other in itertools.product(either, (factor, field.inverse(factor[None])[0])):
                rest = field.multiply(each[None], other[None])[0].tobytes()
                if rest in known:
                    return max(times, known[rest][1])
        return None

    def is_square(self, a: Column) -> np.ndarray:
        return np.asarray(self.field.power(a[None], (self.field.primes - 1) // 2)[0] == 1)

    def _root_of_square(self, a: np.ndarray) -> np.ndarray:
        """The power by (p + 1) / 4."""
        return self.field.power(a, (self.field.primes + 1) // 4)

    def _drawn_root(self, a: Column, square: np.ndarray) -> Column:
        field, p = self.field, self.field.primes
        root = self._root_of_square(np.where(square, a, p - a)[None])[0]
        root = self._of_any_sign(root, a)
        field.complex = True
        return np.where(square, root, root << BITS)

    def _of_any_sign(self, root: Column, a: np.ndarray) -> Column:
        """It or its negative, at random in each draw."""
        turned = self.field.fresh("conjugate", a.tobytes()) % 2 == 0
        return np.where(turned, self.field.primes - root, root)

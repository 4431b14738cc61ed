"""Residues: a number in every draw, as an element of F_p or of F_p[i], whose i is a root of -1.

An array of residues has two axes in front: worlds (or a single one, where all are the same) and draws. Every draw has
a prime of its own, of 31 bits and 3 modulo 4, so that -1 has no root in F_p. An element of F_p[i] is packed into one
integer, its imaginary part above the lowest 31 bits.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod

import numpy as np
from flint import nmod

BITS = 31
SPARE = 60
LOW = (1 << BITS) - 1
FEW = 256
"""As many inverses are as quickly found one by one."""

Residues = np.ndarray
"""int64, of shape (worlds, draws, *shape)."""

Column = np.ndarray
"""Those of one element in one world: int64, one for each draw."""


class Field:
    """The fields of all draws, side by side.

    Arguments:
        primes: the prime of each draw.
        spare: bits that they have more together than a rational number that they determine.
    """

    def __init__(self, primes: np.ndarray, spare: int = SPARE):
        self.primes, self.spare = primes, spare
        self.draws = len(primes)
        self.complex = False
        """Whether a number was made that is not in F_p."""
        self.scaling = False
        """Whether numbers were compared up to constants, for which the first draw of each prime is spent."""
        distinct = sorted(set(primes.tolist()))
        self.distinct = distinct
        self.first = np.array([int(np.argmax(primes == p)) for p in distinct])
        self.where = np.searchsorted(distinct, primes)
        self._inverses: dict[bytes, np.ndarray] = {}
        self._constants: dict[Fraction, np.ndarray] = {}
        self._first = int((primes == primes[0]).sum())
        """How many draws there are over the first prime, which may be many."""
        self._ones = [nmod(1, p) for p in distinct]
        self._others = [self._ones[place] for place in self.where[self._first :].tolist()]
        self._remainders = list(_remainders(distinct))
        """For each prime the product of those before, and its inverse."""
        self._normal: dict[bytes, tuple[bytes, np.ndarray]] = {}
        self._of_heads: dict[bytes, np.ndarray] = {}
        """Inverses of one residue for each prime."""
        self._shaped: dict[int, np.ndarray] = {}
        """The primes, for arrays with so many axes."""

    @property
    def is_told_by_two(self) -> bool:
        """Whether two draws are of the first prime, so that these tell most numbers that are not proportional."""
        return self._first > 1 and not self.complex

    def prime(self, like: np.ndarray) -> np.ndarray:
        if like.ndim not in self._shaped:
            self._shaped[like.ndim] = self.primes.reshape((1, -1) + (1,) * (like.ndim - 2))
        return self._shaped[like.ndim]

    def imaginary(self, *xs: np.ndarray) -> bool:
        return self.complex and any(x.size and int(x.max()) > LOW for x in xs)

    def add(self, a: Residues, b: Residues) -> Residues:
        p = self.prime(a)
        if not self.imaginary(a, b):
            return _below(a + b, p)
        return _packed(_below((a & LOW) + (b & LOW), p), _below((a >> BITS) + (b >> BITS), p))

    def negative(self, a: Residues) -> Residues:
        p = self.prime(a)
        if not self.imaginary(a):
            return _below(p - a, p)
        return _packed(_below(p - (a & LOW), p), _below(p - (a >> BITS), p))

    def subtract(self, a: Residues, b: Residues) -> Residues:
        return self.add(a, self.negative(b))

    def multiply(self, a: Residues, b: Residues) -> Residues:
        return self._product(a, b, self.prime(a))

    def _product(self, a: Residues, b: Residues, p: np.ndarray) -> Residues:
        if not self.imaginary(a, b):
            return a * b % p
        u, x, v, y = a & LOW, a >> BITS, b & LOW, b >> BITS
        return _packed((u * v % p + (p - x * y % p)) % p, (u * y % p + x * v % p) % p)

    def times_i(self, a: Residues) -> Residues:
        self.complex = True
        return self.multiply(a, np.full((1, self.draws) + (1,) * (a.ndim - 2), 1 << BITS))

    def sum(self, x: Residues) -> Residues:
        """Along the last axis."""
        p = self.prime(x)[..., 0]
        if not self.imaginary(x):
            return x.sum(axis=-1) % p
        return _packed((x & LOW).sum(axis=-1) % p, (x >> BITS).sum(axis=-1) % p)

    def power(self, x: Residues, exponent: int | np.ndarray) -> Residues:
        """To a power that is not negative, one for all draws or one for each."""
        e = np.asarray(exponent).reshape((1, -1) + (1,) * (x.ndim - 2))
        p, real, out = self.prime(x), not self.imaginary(x), np.ones_like(x)

        def times(a: Residues, b: Residues) -> Residues:
            return a * b % p if real else self._product(a, b, p)

        for bit in range(int(e.max()).bit_length()):
            if bit:
                x = times(x, x)
            taken = (e >> bit & 1).astype(bool)
            if taken.all():
                out = times(out, x)
            elif taken.any():
                out = np.where(taken, times(out, x), out)
        return out

    def inverse(self, x: Residues) -> Residues:
        """Of residues that are not zero; those of one draw together, by a tree of products."""
        flat = x.reshape(*x.shape[:2], -1)
        count = flat.shape[-1]
        if count == 0:
            return x
        if count == 1:
            return self._inverse(flat).reshape(x.shape)
        if count % 2:
            flat = np.concatenate([flat, np.ones((*flat.shape[:2], 1), np.int64)], axis=-1)
        a, b = flat[..., ::2], flat[..., 1::2]
        both = self.inverse(self.multiply(a, b))
        out = np.empty_like(flat)
        out[..., ::2], out[..., 1::2] = self.multiply(both, b), self.multiply(both, a)
        return out[..., :count].reshape(x.shape)

    def _inverse(self, x: Residues) -> Residues:
        if not self.imaginary(x):
            return self._reciprocal(x)
        p, re, im = self.prime(x), x & LOW, x >> BITS
        norm = self._reciprocal((re * re % p + im * im % p) % p)
        return _packed(re * norm % p, (p - im) % p * norm % p)

    def _reciprocal(self, x: Residues) -> Residues:
        """The inverse of what is in F_p: of a single column by Euclid's algorithm, and once."""
        if x.size > self.draws:
            return self.power(x, self.primes - 2)
        key = x.tobytes()
        if key not in self._inverses:
            first, flat = self._first, x.ravel()
            rest = zip(flat[first:].tolist(), self._others, strict=True)
            found = np.array([int(one / value) if value else 0 for value, one in rest], np.int64)
            self._inverses[key] = np.append(_inverses(flat[:first], int(self.primes[0])), found)
        return self._inverses[key].reshape(x.shape).copy()

    def constant(self, value: Fraction) -> np.ndarray:
        """One number, in every draw; raises `ZeroDivisionError` where a prime divides its denominator."""
        if value not in self._constants:
            n, d = value.numerator, value.denominator
            for p in self.distinct:
                if d % p == 0:
                    raise ZeroDivisionError(f"{d} is a multiple of the prime {p}")
            made = [n % p * (1 if d == 1 else pow(d, -1, p)) % p for p in self.distinct]
            self._constants[value] = np.array(made)[self.where]
        return self._constants[value].copy()

    def rational(self, column: np.ndarray, most: int | None = None) -> Fraction | None:
        """The rational number that a column (one residue for each draw) is in every draw.

        Arguments:
            most: the largest numerator or denominator; what the primes determine with some bits to spare, if none.
        """
        self.scaling = True
        # Two draws of the first prime tell most numbers that are none.
        if self._first > 1 and column[0] != column[1]:
            return None
        heads = column[self.first]
        return None if (heads[self.where] != column).any() else self._rational(heads, most)

    def _rational(self, heads: np.ndarray, most: int | None = None) -> Fraction | None:
        """The same of one residue for each prime."""
        if self.imaginary(heads):
            return None
        x, m = 0, 1
        for residue, (before, inverse, p) in zip(heads.tolist(), self._remainders, strict=True):
            x += before * ((residue - x) * inverse % p)
            m = before * p
        return rational_modulo(x, m, most or 1 << max(m.bit_length() - self.spare, 0) // 2)

    def normal(self, column: np.ndarray) -> tuple[bytes, np.ndarray]:
        """What columns have in common that differ by a constant of each prime; and the first residue of each prime.

        The first ones must not be zero.
        """
        key = column.tobytes()
        if key not in self._normal:
            heads = column[self.first]
            self._normal[key] = self.scaled(column, heads).tobytes(), heads
        return self._normal[key]

    def scaled(self, column: np.ndarray, heads: np.ndarray) -> np.ndarray:
        """A column, divided in the draws of each prime by one residue."""
        self.scaling = True
        return self._product(column, self._inverses_of(heads)[self.where], self.primes)

    def ratio(self, heads: np.ndarray, others: np.ndarray) -> Fraction | None:
        """The rational number by which the first residues of two columns differ."""
        self.scaling = True
        if heads is others:
            return Fraction(1)
        return self._rational(self._product(heads, self._inverses_of(others), np.array(self.distinct)))

    def _inverses_of(self, heads: np.ndarray) -> np.ndarray:
        """Of one residue for each prime: once."""
        key = heads.tobytes()
        if key not in self._of_heads:
            if self.imaginary(heads):
                made = list(map(_inverse_of, heads.tolist(), self.distinct))
            else:
                made = [int(one / head) for one, head in zip(self._ones, heads.tolist(), strict=True)]
            self._of_heads[key] = np.array(made, np.int64)
        return self._of_heads[key]


def _remainders(primes: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    product = 1
    for p in primes:
        yield product, pow(product, -1, p), p
        product *= p


def _inverses(x: np.ndarray, p: int) -> np.ndarray:
    """Modulo one prime; zero of zero."""
    if len(x) <= FEW:
        one = nmod(1, p)
        return np.array([int(one / value) if value else 0 for value in x.tolist()], np.int64)
    units = np.where(x == 0, 1, x)
    a, b = units[::2], np.append(units, 1)[1::2] if len(x) % 2 else units[1::2]
    both = _inverses(a * b % p, p)
    made = np.empty_like(x)
    made[::2], made[1::2] = both * b % p, (both * a % p)[: len(x) // 2]
    return np.where(x == 0, 0, made)


def _below(x: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Numbers from 0 to less than 2p, modulo p.

    That is the smaller one of x and x - p where bits are read without a sign: what is negative is large then.
    """
    found: np.ndarray = np.minimum(x.view(np.uint64), (x - p).view(np.uint64)).view(np.int64)
    return found


def _packed(re: np.ndarray, im: np.ndarray) -> np.ndarray:
    return re | im << BITS


def _inverse_of(x: int, p: int) -> int:
    re, im = x & LOW, x >> BITS
    if not im:
        return pow(re, -1, p)
    norm = pow(re * re + im * im, -1, p)
    return re * norm % p | (-im * norm % p) << BITS


def rational_modulo(x: int, m: int, most: int) -> Fraction | None:
    """The n/d that is x modulo m, with |n| and d at most `most`; there is one at most if 2 most^2 < m."""
    a, b, u, v = m, x % m, 0, 1
    while b > most:
        quotient = a // b
        a, b, u, v = b, a - quotient * b, v, u - quotient * v
    if v == 0 or abs(v) > most:
        return None
    found = Fraction(b, v)
    return found if found.denominator == abs(v) else None


def columns(x: Residues) -> np.ndarray:
    """The residues of each element: (worlds, elements, draws)."""
    return np.ascontiguousarray(x.reshape(*x.shape[:2], prod(x.shape[2:])).swapaxes(1, 2))


def from_columns(made: Sequence[np.ndarray] | np.ndarray, shape: tuple[int, ...]) -> Residues:
    """The inverse: from (elements, worlds, draws)."""
    stacked = np.asarray(made)
    return np.ascontiguousarray(np.moveaxis(stacked, 0, -1)).reshape(*stacked.shape[1:], *shape)

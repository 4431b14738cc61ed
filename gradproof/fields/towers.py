r"""Towers of prime fields, in which exp and log are exact.

A tower is a chain of primes $q_0, q_1, \dots$ with $q_{i+1} = k_i q_i + 1$, and for each $i$ an element $g_{i+1}$ of
order $q_i$ in $\mathbb{F}_{q_{i+1}}$. Then $v \mapsto g_{i+1}^v$ takes sums in $\mathbb{F}_{q_i}$ to products in
$\mathbb{F}_{q_{i+1}}$, as exp does, and the discrete logarithm takes products to sums.

The primes are small enough for discrete logarithms by baby steps and giant steps, and many towers are drawn, so that
no one prime matters. Every prime is 7 modulo 8, with cofactors 2 modulo 8: then the square roots of squares that are
squares themselves stand for the positive roots, and 2 has one. A circular tower, for sine and cosine, has primes
5 modulo 8 instead: each field has a root of -1, and fourth powers take the place of squares.
"""

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import flint
import numpy as np

from gradproof.errors import Undecided


def first_bits(levels: int) -> int:
    """The size of the prime at the bottom: as small as logarithms need it, as large as the number of towers does."""
    return 26 if levels <= 3 else 30


WIDE_BITS = 39
"""The same for values of very large degree: as large as `multiply` allows. Logarithms would take too long there."""

WIDE_LEVELS = 3
"""Higher towers would outgrow `multiply`."""

LIMIT = 2.0**31.5
"""Below it products fit 64 bits; above it `multiply` works with the rounded quotient, up to 2^50."""

LARGEST_ORDER = 2.0**40
"""Discrete logarithms in larger groups would take too long."""

COFACTORS = {False: (2, 10, 26, 34, 50, 58), True: (4, 20, 28, 44, 52, 68)}

BABY_STEPS = 1 << 19

MANY_DRAWS = 128
"""Above it numbers of several draws are inverted together."""


def is_prime(n: int) -> bool:
    """Decided, and not only probable."""
    return bool(flint.fmpz(n).is_prime())


@dataclass(frozen=True)
class Tower:
    """Primes from the bottom up, and an element of order `primes[i]` in the field of `primes[i + 1]`."""

    primes: tuple[int, ...]
    generators: tuple[int, ...]
    roots: tuple[int, ...]
    """A square root of -1 in each field; empty unless the tower is circular."""


def _climb(first: int, levels: int, circular: bool) -> list[int] | None:
    """Primes from the first one up, each the only child that its cofactors allow, so that towers never meet."""
    primes = [first]
    while len(primes) < levels:
        below = primes[-1]
        above = (k * below + 1 for k in COFACTORS[circular])
        prime = next((p for p in above if is_prime(p) and _parent(p, circular) == below), None)
        if prime is None or prime >> 50:
            return None
        primes.append(prime)
    return primes


def _parent(prime: int, circular: bool) -> int | None:
    """Of the primes that this one may be drawn above, the largest."""
    below = ((prime - 1) // k for k in COFACTORS[circular] if (prime - 1) % k == 0)
    return next((p for p in below if is_prime(p)), None)


def draw_tower(generator: np.random.Generator, levels: int, circular: bool, bits: int) -> Tower:
    """A tower whose first prime is uniform among those of `bits` bits that start one."""
    residue = 5 if circular else 7
    while True:
        first = int(generator.integers(1 << (bits - 1), 1 << bits)) // 8 * 8 + residue
        if first % 3 != 1 and is_prime(first) and (primes := _climb(first, levels, circular)):
            break
    generators = []
    for below, prime in itertools.pairwise(primes):
        g = 1
        while g == 1:
            g = pow(int(generator.integers(2, prime - 1)), (prime - 1) // below, prime)
        generators.append(g)
    roots = []
    if circular:
        for prime in primes:
            root = 1
            while root * root % prime != prime - 1:
                root = pow(int(generator.integers(2, prime - 1)), (prime - 1) // 4, prime)
            roots.append(root)
    return Tower(tuple(primes), tuple(generators), tuple(roots))


@cache
def entropy(levels: int, circular: bool, bits: int) -> float:
    """The base-2 logarithm of the number of towers, from a sample: two standard deviations below what was counted."""
    residue = 5 if circular else 7
    generator = np.random.default_rng(bits)
    good = tried = 0
    while good < 64 and tried < 40_000:
        first = int(generator.integers(1 << (bits - 1), 1 << bits)) // 8 * 8 + residue
        good += first % 3 != 1 and is_prime(first) and _climb(first, levels, circular) is not None
        tried += 1
    # Too few to be counted are as good as none.
    return math.log2((good - 2 * math.sqrt(good)) / tried) + bits - 4 if good > 8 else 0.0


class Towers:
    """Several towers, each serving `repeats` draws, as arrays with one row a draw."""

    def __init__(self, seed: int, count: int, repeats: int, levels: int, circular: bool, bits: int = 0):
        bits = bits or first_bits(levels)
        generator = np.random.default_rng([seed, levels, circular, bits])
        self.each = [draw_tower(generator, levels, circular, bits) for _ in range(count)]
        self.count, self.repeats, self.levels, self.circular = count, repeats, levels, circular
        self.draws = count * repeats
        self.tower_of = np.repeat(np.arange(count), repeats)
        """Of each draw."""
        self.primes = [self._rows([tower.primes[i] for tower in self.each]) for i in range(levels)]
        self.roots = [self._rows([tower.roots[i] for tower in self.each]) for i in range(levels)] if circular else []
        self.smallest = min(tower.primes[0] for tower in self.each)
        self.entropy = entropy(levels, circular, bits)
        self.seed, self.bits = seed, bits
        self.constants: dict[Any, tuple[Any, np.ndarray]] = {}
        """Known constants of programs, and the draws in which they exist; kept by who knows their form."""
        self._residues: dict[tuple[Fraction, ...], tuple[list[np.ndarray], np.ndarray]] = {}
        self._power_tables: dict[int, list[np.ndarray]] = {}
        self._logarithms: dict[tuple[int, int], Logarithm] = {}

    def _rows(self, values: list[int]) -> np.ndarray:
        return np.repeat(np.array(values, np.int64), self.repeats)

    def by_tower(self, alive: np.ndarray) -> np.ndarray:
        """How many draws of each tower are left."""
        return np.bincount(self.tower_of[alive], minlength=self.count)

    def residues(self, values: tuple[Fraction, ...]) -> tuple[list[np.ndarray], np.ndarray]:
        """Rational numbers at each level, one row a draw, and the draws in which all of them exist."""
        if values not in self._residues:
            exist = np.ones(self.draws, bool)
            levels = []
            for prime in self.primes:
                rows = np.zeros((self.draws, len(values)), np.int64)
                for start in range(0, self.draws, self.repeats):
                    p, turn = int(prime[start]), slice(start, start + self.repeats)
                    if any(value.denominator % p == 0 for value in values):
                        exist[turn] = False
                    else:
                        rows[turn] = [value.numerator * pow(value.denominator, -1, p) % p for value in values]
                levels.append(rows)
            self._residues[values] = levels, exist
        return self._residues[values]

    def power(self, level: int, exponent: np.ndarray) -> np.ndarray:
        """g^exponent in the field above `level`, by tables of the powers of 2^12."""
        digits, prime = self._powers(level), column(self.primes[level + 1], exponent)
        tower = column(self.tower_of, exponent)
        result = digits[0][tower, exponent & 4095]
        for place, digit in enumerate(digits[1:], 1):
            result = multiply(result, digit[tower, (exponent >> (12 * place)) & 4095], prime)
        return result

    def _powers(self, level: int) -> list[np.ndarray]:
        if level not in self._power_tables:
            longest = max(tower.primes[level] for tower in self.each).bit_length()
            self._power_tables[level] = [
                np.stack(
                    [
                        geometric(pow(t.generators[level], 1 << place, t.primes[level + 1]), t.primes[level + 1], 4096)
                        for t in self.each
                    ]
                )
                for place in range(0, longest, 12)
            ]
        return self._power_tables[level]

    def logarithm(self, level: int, power: np.ndarray) -> np.ndarray:
        """The exponents, below `primes[level]`, of elements of the subgroup that g generates in the field above."""
        if level == 0 and self.bits >= WIDE_BITS:
            raise Undecided("the degrees need primes so large that logarithms would take too long")
        tables = self._logarithms
        result = np.empty_like(power)
        for index, tower in enumerate(self.each):
            if (level, index) not in tables:
                tables[level, index] = Logarithm(tower.generators[level], tower.primes[level], tower.primes[level + 1])
            rows = slice(index * self.repeats, (index + 1) * self.repeats)
            result[rows] = tables[level, index](power[rows])
        return result


@dataclass(frozen=True)
class Plan:
    """The fields to draw from, and whether labels get their values one by one."""

    levels: int = 1
    towers: int = 10
    repeats: int = 4
    circular: bool = False
    enumerate_labels: bool = False
    wide: bool = False
    by_rank: bool = False
    """Whether exponents are counted, and not their terms."""
    logarithms: bool = False
    """Whether constants that are logarithms, or powers of e, are so, and not numbers of which nothing is known."""


@lru_cache(maxsize=4)
def towers_for(seed: int, plan: Plan) -> Towers:
    """The towers of a plan: a pure function, which takes longer than most checks."""
    bits = WIDE_BITS if plan.wide else 0
    return Towers(seed, plan.towers, plan.repeats, plan.levels, plan.circular, bits)


class Logarithm:
    """Discrete logarithms to one base, by baby steps and giant steps."""

    def __init__(self, base: int, order: int, prime: int):
        self.order, self.prime = order, prime
        self.steps = min(BABY_STEPS, 1 << (order.bit_length() // 2 + 3))
        powers = geometric(base, prime, self.steps)
        self.exponents = np.argsort(powers)
        self.powers = powers[self.exponents]
        self.mask = (1 << (self.steps.bit_length() + 3)) - 1
        # Most giant steps meet no baby step: this filter refuses them at the cost of one look.
        self.seen = np.zeros(self.mask + 1, bool)
        self.seen[powers & self.mask] = True
        self.giants = geometric(pow(base, -self.steps, prime), prime, -(-order // self.steps))

    def __call__(self, power: np.ndarray) -> np.ndarray:
        flat = power.ravel()
        result = np.full(flat.shape, -1, np.int64)
        for start in range(0, len(self.giants), 1024):
            giants = self.giants[start : start + 1024]
            candidates = multiply(flat[:, None], giants[None, :], np.array(self.prime))
            row, giant = np.nonzero(self.seen[candidates & self.mask])
            value = candidates[row, giant]
            place = np.minimum(np.searchsorted(self.powers, value), self.steps - 1)
            hit = self.powers[place] == value
            result[row[hit]] = (self.exponents[place[hit]] + (start + giant[hit]) * self.steps) % self.order
        return result.reshape(power.shape)


def geometric(base: int, prime: int, count: int) -> np.ndarray:
    """1, b, b^2, ..., of this many terms."""
    terms = np.ones(1, np.int64)
    factor = base % prime
    while len(terms) < count:
        terms = np.concatenate([terms, multiply(terms, np.array(factor), np.array(prime))])
        factor = factor * factor % prime
    return terms[:count]


def column(rows: np.ndarray, like: np.ndarray) -> np.ndarray:
    """One number a draw, shaped to meet an array whose first axis is the draws."""
    return rows.reshape((-1,) + (1,) * (like.ndim - 1))


def multiply(a: np.ndarray, b: np.ndarray, prime: np.ndarray) -> np.ndarray:
    """a b modulo primes below 2^50, for a and b already reduced."""
    if prime.max() < LIMIT:
        return a * b % prime
    quotient = (a.astype(np.float64) * b / prime).astype(np.int64)
    # Both products wrap modulo 2^64; their difference is small and exact.
    with np.errstate(over="ignore"):
        rest = a * b - quotient * prime
    rest = np.where(rest < 0, rest + prime, rest)
    return np.where(rest >= prime, rest - prime, rest)


def inverse(a: np.ndarray, prime: np.ndarray) -> np.ndarray:
    """1 / a modulo the prime of each draw, and 0 for 0; products are inverted, so that there is one number a draw."""
    prime = prime.reshape(-1, 1)
    found = _inverse(np.where(a == 0, 1, a).reshape(len(prime), -1), prime)
    return np.where(a == 0, 0, found.reshape(a.shape))


def _inverse(a: np.ndarray, prime: np.ndarray) -> np.ndarray:
    if a.shape[1] < 2:
        if len(a) > MANY_DRAWS and len(a) % 2 == 0 and (prime[::2] == prime[1::2]).all():
            return _inverse(a.reshape(-1, 2), prime[::2]).reshape(-1, 1)
        numbers = [[pow(x, -1, p) for x in row] for row, (p,) in zip(a.tolist(), prime.tolist(), strict=True)]
        return np.array(numbers, np.int64)
    half = a.shape[1] // 2
    left, right = a[:, :half], a[:, half : 2 * half]
    products = np.concatenate([multiply(left, right, prime), a[:, 2 * half :]], axis=1)
    above = _inverse(products, prime)
    pair = above[:, :half]
    return np.concatenate([multiply(pair, right, prime), multiply(pair, left, prime), above[:, half:]], axis=1)


def raise_to(a: np.ndarray, exponent: np.ndarray, prime: np.ndarray) -> np.ndarray:
    """a^exponent modulo prime, by squaring; the exponents are not negative and broadcast against a."""
    result = np.ones(np.broadcast_shapes(a.shape, exponent.shape), np.int64)
    square = a
    rest = np.broadcast_to(exponent, result.shape)
    while rest.any():
        result = np.where(rest & 1, multiply(result, square, prime), result)
        square = multiply(square, square, prime)
        rest = rest >> 1
    return result

"""The primes and random residues of a run: all of them made of a seed and of what they are drawn for."""

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from flint import fmpz

from gradproof.worlds.residues import BITS, SPARE, Field, Residues


@dataclass(frozen=True)
class Base:
    """Of a number of whose square a root may be taken.

    Arguments:
        degree, height: bounds on these.
        real: whether it is real whatever is compared.
        positive: whether it is positive whatever is compared.
        plain: whether it is zero on kinks at most, as it is not zero formally.
    """

    degree: float
    height: float
    real: bool
    positive: bool
    plain: bool = True


@dataclass(frozen=True)
class Plan:
    """How much is drawn.

    Arguments:
        entropy: what everything is drawn from.
        primes: how many.
        repeats: draws for each prime.
        witnesses: draws more for the first prime, by which relations between exponentials are found; none are if 0.
        order: fresh exponentials are powers of this order.
        combinations: sums that depend on more combinations of outcomes are of loosened terms.
        joint: a comparison is one atom, also where its numbers are others in each world.
        pairwise: the largest of several numbers is found by comparing two at a time.
        bases: numbers of which roots may be taken of the square, as they were met in a run with the same draws.
        origins: it is remembered what sums and products are made of.
        steps: it is remembered how all numbers are made.
        attempt: counted up where a draw was unlucky.
        bits: of each prime; fewer only to see how often draws that are few are wrong.
        spare: bits that primes have more together than a rational number that they determine.
    """

    entropy: bytes
    primes: int = 16
    repeats: int = 2
    witnesses: int = 0
    order: int = 1
    combinations: int = 64
    joint: bool = False
    pairwise: bool = False
    bases: tuple[tuple[bytes, Base], ...] = ()
    origins: bool = False
    steps: bool = False
    attempt: int = 0
    bits: int = BITS
    spare: int = SPARE

    def with_draws(self, *, order: int = 1, **changed: Any) -> "Plan":
        """With others, of which nothing is known yet."""
        return replace(self, order=order, bases=(), steps=False, **changed)


class Drawn(Field):
    """The fields of a run, and the residues that are drawn in them."""

    def __init__(self, plan: Plan):
        found = primes_for(plan.entropy, plan.primes, plan.bits)
        counts = [plan.repeats + (plan.witnesses if i == 0 else 0) for i in range(plan.primes)]
        super().__init__(np.repeat(np.array(found), counts), plan.spare)
        self.plan = plan
        self.witness = self.primes == found[0]
        """The draws of the prime by which relations are found; where some are for that, it is no evidence."""
        self._fresh: dict[tuple[str, bytes], np.ndarray] = {}

    def fresh(self, purpose: str, argument: bytes = b"") -> np.ndarray:
        """A residue for each draw, uniform but not zero: the same for the same purpose and argument."""
        if (purpose, argument) not in self._fresh:
            self._fresh[purpose, argument] = self._generator(b"fresh", purpose, argument).integers(1, self.primes)
        return self._fresh[purpose, argument].copy()

    def fresh_square(self, purpose: str, argument: bytes = b"") -> np.ndarray:
        """The square of one, for numbers that are positive: so that their roots are positive."""
        root = self.fresh(purpose, argument)[None]
        return self.multiply(root, root)[0]

    def fresh_array(self, purpose: str, shape: tuple[int, ...]) -> Residues:
        """Independent residues for all elements of an array."""
        generator = self._generator(b"array", purpose)
        primes = self.primes.reshape((-1,) + (1,) * len(shape))
        return np.asarray(generator.integers(1, np.broadcast_to(primes, (self.draws, *shape))))[None]

    def _generator(self, kind: bytes, purpose: str, argument: bytes = b"") -> np.random.Generator:
        digest = hashlib.blake2b(argument, person=kind, digest_size=32, key=self.plan.entropy[:64])
        digest.update(f"{purpose} {self.plan.attempt}".encode())
        return np.random.default_rng(int.from_bytes(digest.digest(), "big"))


@cache
def primes_for(entropy: bytes, count: int, bits: int = BITS) -> list[int]:
    """Primes of so many bits, uniform among those that are 3 modulo 4 and one more than no multiple of 3, 5 or 7."""
    generator = np.random.default_rng(int.from_bytes(hashlib.blake2b(entropy, person=b"primes").digest(), "big"))
    found: list[int] = []
    while len(found) < count:
        p = int(generator.integers(1 << (bits - 1), 1 << bits)) | 3
        if is_drawn_from(p) and p not in found:
            found.append(p)
    return found


def is_drawn_from(p: int) -> bool:
    """Whether it is one of those primes, of its size."""
    return p % 4 == 3 and p % 3 != 1 and p % 5 != 1 and p % 7 != 1 and fmpz(p).is_prime()


@cache
def how_many_primes(bits: int) -> int:
    """How many primes are drawn from. Of 31 bits they were counted once, with a sieve."""
    return 7_921_205 if bits == BITS else sum(map(is_drawn_from, range(1 << (bits - 1), 1 << bits)))

"""How many independent factors the exponentials of a program are made of, where their exponents have too many terms.

`Degree.exponential` counts each term of an exponent as a factor of its own. Of an exponent that is a large quotient
there are so many that no bound is left. Here exponents are counted as they are: those that no sum of earlier ones makes
up are the variables, and an exponential of another one is a product of powers of these. Which is which is found by
linear algebra over the field of one tower, and what is found there has to hold in all the others.
"""

from collections.abc import Sequence

import flint
import numpy as np

from gradproof.errors import Undecided
from gradproof.fields.degree import SMALL, Degree
from gradproof.fields.needs import NeedsDraws
from gradproof.fields.towers import Towers

TOO_FEW = "there are more independent exponents than draws of one tower"


class Exponents:
    """The exponents met so far at one point, at the level below the highest."""

    def __init__(self, towers: Towers):
        self.towers = towers
        self.level = towers.levels - 2
        self.basis: list[np.ndarray] = []
        """Those that are linearly independent: a residue for each draw."""
        self.witnesses: set[int] = set()
        """The towers in which relations were looked for, and which are no evidence of them."""
        self.largest = Degree(0.0)

    def degree(self, values: np.ndarray, bound: Degree, alive: np.ndarray) -> tuple[Degree, Degree]:
        """Of the exponentials of an array of exponents, and of what must not vanish by accident.

        Arguments:
            values: one row a draw.
            bound: of each exponent.
            alive: the draws that are left.
        """
        if bound.logarithms:
            raise Undecided("an exponent has logarithms in it, and too many terms for a bound")
        self.largest = self.largest.largest(bound)
        witness = int(self.towers.by_tower(alive).argmax())
        self.witnesses.add(witness)
        here = alive & (self.towers.tower_of == witness)
        prime = int(self.towers.primes[self.level][here.argmax()])
        known = len(self.basis)
        vectors = [*self.basis, *values.reshape(len(values), -1).T]
        found = relations(prime, [vector[here] for vector in vectors])
        if any(relation is not None for relation in found[:known]):
            raise NeedsDraws(TOO_FEW)
        above = below = 0
        terms = 0
        for vector, relation in zip(vectors[known:], found[known:], strict=True):
            if relation is None:
                self.basis.append(vector)
                above = max(above, 1)
                continue
            self.refuse_unless_general(relation, vector, alive & ~here, draws=int(here.sum()))
            above = max(above, sum(c for c in relation if c > 0))
            below = max(below, -sum(c for c in relation if c < 0))
            terms += 1 + sum(map(abs, relation))
        return Degree(float(above), float(below)), self.largest.times(terms)

    def refuse_unless_general(self, relation: list[int], vector: np.ndarray, others: np.ndarray, *, draws: int) -> None:
        """Hold a relation that one tower has against all the others."""
        prime = self.towers.primes[self.level][others]
        rest = vector[others]
        small = all(abs(c) <= SMALL for c in relation)
        if small:
            for c, known in zip(relation, self.basis, strict=True):
                rest = (rest - c * known[others]) % prime
        if not small or rest.any():
            if len(self.basis) >= draws:
                raise NeedsDraws(TOO_FEW)
            raise Undecided("exponents depend on each other, but not by small integers, so that no bound is known")


def relations(prime: int, vectors: Sequence[np.ndarray]) -> list[list[int] | None]:
    """Of each vector over a prime field the coefficients by which those before it make it up; None if they do not.

    The coefficients are those of the vectors before it that are independent, and as small as the prime allows.
    """
    if not vectors:
        return []
    matrix = np.stack(vectors, axis=1).tolist()
    echelon, rank = flint.nmod_mat(matrix, prime).rref()
    rows = np.array([[int(entry) for entry in row] for row in echelon.tolist()[:rank]], np.int64)
    found: list[list[int] | None] = []
    independent = 0
    for column in rows.reshape(rank, len(vectors)).T.tolist():
        if independent < rank and column[independent]:
            independent += 1
            found.append(None)
        else:
            found.append([c if 2 * c <= prime else c - prime for c in column[:independent]])
    return found

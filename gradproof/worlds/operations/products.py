"""What is made of logarithms and roots as a product is: which numbers must be positive for that, and where they are."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gradproof.worlds.atoms import Colours
from gradproof.worlds.draws import Plan
from gradproof.worlds.operations.largest import Largest
from gradproof.worlds.pairs import Terms
from gradproof.worlds.residues import Column, Residues
from gradproof.worlds.value import Value

Sized = tuple[Column, tuple[float, float]]
"""A number, and bounds on its degree and height."""


class Products(Largest):
    """Of negative numbers there are no logarithms and no roots, but of their products."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.positive_factors: set[bytes] = set()
        """Those that were found to be positive in all worlds."""

    def logarithms_in(self, used: Mapping[bytes, Terms], *, whole: bool) -> dict[bytes, list[Sized]]:
        """By exponents, the numbers of whose logarithms they are made, but for those of which there are even powers.

        Arguments:
            whole: real numbers of which there are whole powers, or all others.
        """
        found: dict[bytes, list[Sized]] = {}
        for key, terms in used.items():
            for number, power in terms:
                pair = self.pairs.table[number]
                # An even power of what is not real may be negative.
                rooted = pair.size.rooted
                if not pair.positive and (power % 2 or rooted) and whole == (power.denominator == 1 and not rooted):
                    found.setdefault(key, []).append((pair.power, self.degrees.whole_of(pair.size)))
                if not pair.drawn and power.denominator > 1 and not whole:
                    found.setdefault(key, []).extend(self.radicands_in(pair.power))
        return found

    def radicands_in(self, column: Column) -> list[Sized]:
        """The numbers of whose roots that of one is made."""
        return [(radicand, (self.degree, self.height)) for radicand in self.roots.made_of.get(column.tobytes(), ())]

    def signs_of_factors(
        self, a: Value, made_of: Mapping[bytes, Sequence[Sized]], skip: np.ndarray
    ) -> tuple[np.ndarray | None, np.ndarray]:
        """The atoms that functions of elements depend on, that are made of numbers; how many of these are negative.

        Arguments:
            made_of: the numbers, by the residues of elements.
            skip: the worlds in which the function has no value.
        """
        elements = list(self._worlds_of_columns(a, skip))
        support = np.zeros(len(elements), object)
        negative = np.zeros((self.atoms.worlds, len(elements)), int)
        for j, where in enumerate(elements):
            for key, here in where.items():
                for column, size in made_of.get(key, ()):
                    positive, atoms = self._positive_among(column, here, size)
                    negative[:, j] += here & ~positive
                    support[j] |= atoms
        self.atoms.need_all(support)
        return support.reshape(a.shape) if support.any() else None, negative.reshape(self.atoms.worlds, *a.shape)

    def with_signs(self, residues: Residues, negative: np.ndarray) -> Residues:
        """What is a product of numbers, as that of their absolute values: so many of them are negative."""
        odd = negative % 2 == 1
        return np.where(odd[:, None], self.field.negative(residues), residues) if odd.any() else residues

    def _positive_among(self, column: Column, worlds: np.ndarray, size: tuple[float, float]) -> tuple[np.ndarray, int]:
        """Where a number is positive, which is asked of some worlds, and the atoms that say so."""
        key = column.tobytes()
        if key in self.positive_factors:
            return np.ones(len(worlds), bool), 0
        outcome, support = self.sign_where_positive(column)
        if (outcome != 0)[worlds].all():
            if (outcome > 0).all() and not support:
                self.positive_factors.add(key)
            return outcome > 0, support
        outcome, atom = self.atom(column, None, 0, size)
        return outcome > 0, atom

    def _worlds_of_columns(self, a: Value, skip: np.ndarray) -> Iterator[dict[bytes, np.ndarray]]:
        """For each element in which worlds, of those in which it is not skipped, it has which residues."""
        wide, worlds = self.columns_of(a)[0], self.atoms.worlds
        skipped = np.broadcast_to(skip, (len(skip), *a.shape)).reshape(len(skip), -1)
        for j in range(wide.shape[1]):
            where: dict[bytes, np.ndarray] = {}
            for w in range(worlds):
                if not skipped[w % len(skipped), j]:
                    where.setdefault(wide[w % len(wide), j].tobytes(), np.zeros(worlds, bool))[w] = True
            yield where

    def learn_from_logarithms(
        self, a: Value, used: Mapping[bytes, Terms], support: np.ndarray | None, skip: np.ndarray
    ) -> None:
        """What is positive is a product of others: if these are, but for one, that one is, too."""
        supports = np.zeros(a.shape, object) if support is None else support
        for j, where in enumerate(self._worlds_of_columns(a, skip)):
            for key, here in where.items():
                terms = used.get(key, ())
                odd = [self.pairs.table[k] for k, n in terms if n % 2 and not self.pairs.table[k].positive]
                if len(odd) != 1 or any(n.denominator > 1 for _, n in terms):
                    continue
                column = np.frombuffer(key, np.int64)
                over = self.field.inverse(self.pairs.product(terms)[None])
                if (self.field.multiply(column[None], over) == 1).all():
                    self.learn_positive(odd[0].power, here, int(supports.ravel()[j]))

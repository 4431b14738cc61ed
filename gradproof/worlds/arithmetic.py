"""The arithmetic of every region at once; and which signs follow there from others: of products and exponentials."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from gradproof.worlds.atoms import Colours, Support, members
from gradproof.worlds.bound import powers
from gradproof.worlds.cases import Cases
from gradproof.worlds.draws import Base, Plan
from gradproof.worlds.operations import is_plain
from gradproof.worlds.pairs import Terms
from gradproof.worlds.residues import Column
from gradproof.worlds.sites import OUTCOMES
from gradproof.worlds.terms import Excluded, Recorded
from gradproof.worlds.value import NEGATIVE, Value

MOST_ATOMS = 8
MOST_POSITIVE = 16
MOST_BASES = 256
MOST_REGIONS = 16
"""Of so many, at most, in which an element of two sides differs, it is said where they are."""

MULTIPLES = [Fraction(n) for n in ("1", "-1", "2", "-2", "1/2", "-1/2")]


@dataclass(frozen=True)
class Implication:
    """The sign of the number that an atom is about is that of a product of others.

    Arguments:
        of: the atom.
        others: those of the product.
        sign: of what is left of the quotient of both, which never changes its sign.
        where: the outcomes for which this is so.
    """

    of: int
    others: tuple[int, ...]
    sign: int
    where: tuple[tuple[int, int], ...] = ()

    def holds(self, outcomes: Mapping[int, int]) -> bool:
        """Whether outcomes agree with it."""
        if any(outcomes.get(atom) != outcome for atom, outcome in self.where):
            return True
        return OUTCOMES[outcomes[self.of]] == self.sign * prod(OUTCOMES[outcomes[k]] for k in self.others)


class WorldArithmetic(Recorded):
    """Numbers with one residue for each world and draw.

    What is true of numbers that have values is asked where all have, or in worlds in which they were compared.
    """

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.implied: dict[Support, list[Implication]] = {}
        self.made_of: Excluded | None = None

    def lifted(self, value: Any) -> Value:
        """A number, or integers and truth values as numbers."""
        return self.constant(value) if isinstance(value, np.ndarray | Cases) else value

    def bases(self, outputs: Sequence[Value]) -> dict[bytes, Base]:
        """Each element of all outputs in each world, where all are numbers of which all relations are known."""
        found: dict[bytes, Base] = {}
        for value in filter(is_plain, outputs):
            degree, height = self.degrees.whole(value.degree)
            real, (wide, _) = not self.degrees.rooted(value.degree), self.columns_of(value)
            for w, j in np.ndindex(*wide.shape[:2]):
                positive = real and len(wide) == 1 and not value.signs.ravel()[j] & NEGATIVE
                found.setdefault(wide[w, j].tobytes(), Base(degree, height, real, bool(positive)))
        return found

    def contradicted(self, support: Support, outcomes: Mapping[int, int]) -> bool:
        """Whether these outcomes contradict each other in all worlds in which the atoms of a set have them."""
        atoms = self.atoms
        here = np.all([atoms.outcome(k) == outcomes[k] for k in members(support)], axis=0)
        return any(
            not each.holds(outcomes)
            and (self.valued or all(self._is_compared(k, here, support) for k in (each.of, *each.others)))
            for each in self.implications(support)
        )

    @property
    def can_exclude(self) -> bool:
        """Whether what is recorded holds at all inputs, of real numbers: all of them have values in all worlds."""
        return self.pairs.relations and self.valued and self.real

    def excluded(self, outcomes: Mapping[int, int]) -> bool:
        """Whether no inputs have these outcomes, by what the numbers are made of that atoms are about."""
        if not (self.plan.steps and self.can_exclude):
            return False
        if self.made_of is None:
            self.learn_sums()
            self.made_of = Excluded(self.field, self.steps, self.positive_columns, self.is_always_positive)
        return self.made_of.holds(self.conditions, outcomes)

    def existing(self, support: Support, worlds: np.ndarray) -> list[dict[int, int]]:
        """Some of these worlds that may have inputs: the outcomes in one are not known to contradict each other."""
        atoms, chosen = self.atoms, members(support)
        if not worlds.any():
            return []
        possible = self.possible(support) if chosen and self.plan.witnesses else None
        each = sorted({tuple(int(atoms.outcome(k)[w]) for k in chosen) for w in np.flatnonzero(worlds)})
        named = (dict(zip(chosen, outcomes, strict=True)) for outcomes in each)
        if possible is not None:
            named = (one for one in named if possible.together(one) and not self.contradicted(support, one))
            # Once there is one that may have inputs, the sides differ, and no more is asked.
            return list(itertools.islice(itertools.dropwhile(self.excluded, named), MOST_REGIONS))
        return list(itertools.islice(named, MOST_REGIONS))

    def again(self, outputs: Mapping[bytes, Base], compared: bool) -> Plan | None:
        """To run sides with the same draws that differ, perhaps for want of what can be known then.

        Arguments:
            outputs: what they came to.
            compared: whether they differ for outcomes of comparisons alone.
        """
        plan, roots = self.plan, self.roots_alike(self.roots.radicals)
        others = tuple(
            (key, base) for key, base in outputs.items() if self.alike(np.frombuffer(key, np.int64)) not in roots
        )
        if self.roots.base_of and not plan.bases and others:
            # What is a square of no known number may be that of what another side comes to, and is no root itself.
            return replace(plan, bases=others[:MOST_BASES])
        if not plan.steps:
            # That takes longest, and is done once relations are looked for.
            wanted = self.pairs.relations and ((compared and self.can_exclude) or self.roots.radicals)
            return replace(plan, steps=True) if wanted else None
        # Or that of any number that was met.
        known = dict(plan.bases)
        more = [(key, base) for key, base in self.squared_to(self.roots.radicals) if key not in known]
        return replace(plan, bases=(*plan.bases, *more)) if more else None

    def _is_compared(self, atom: int, here: np.ndarray, support: Support) -> bool:
        """Whether that is so in these worlds, and in all others in which the atoms of a set have the same outcomes."""
        if atom not in self.compared:
            return False
        where, by = self.compared[atom]
        return not by & ~support and bool(where[here].all())

    def implications(self, support: Support) -> list[Implication]:
        """Those between the atoms of a set."""
        if support not in self.implied:
            signs = {k: self.conditions[k].number for k in members(support) if k in self.conditions}
            known = {k: column for k, column in signs.items() if column is not None}
            self.implied[support] = list(self._implications(known)) if len(known) <= MOST_ATOMS else []
        return self.implied[support]

    def _implications(self, numbers: Mapping[int, Column]) -> Iterator[Implication]:
        self._count_tests(list(numbers))
        inverses = {k: self.field.inverse(column[None])[0] for k, column in numbers.items()}
        exponentials = {k: self._exponential_of(column) for k, column in numbers.items()}
        for k, column in numbers.items():
            others = [other for other in numbers if other != k]
            for chosen in (*itertools.combinations(others, 1), *itertools.combinations(others, 2)):
                rest = column[None]
                for other in chosen:
                    rest = self.field.multiply(rest, inverses[other][None])
                if sign := self._fixed_sign(rest[0], most=0 if len(chosen) > 1 else MOST_POSITIVE):
                    yield Implication(k, chosen, sign)
            for other in others:
                if (known := exponentials[other]) is not None and (sign := self._sign_as_exponential(column, known[0])):
                    yield Implication(k, (other,), sign, known[1])

    def _exponential_of(self, column: Column) -> tuple[Terms, tuple[tuple[int, int], ...]] | None:
        """What the exponential of a number is the product of, and the outcomes for which all of that is positive."""
        terms = self.pairs.exponents.relation(column)
        where = self._where_positive(terms) if terms else None
        return None if not terms or where is None else (terms, tuple(where))

    def _where_positive(self, terms: Terms) -> list[tuple[int, int]] | None:
        """The outcomes for which all E are positive, whose logarithms these are."""
        where = []
        for number, _ in terms:
            pair = self.pairs.table[number]
            if pair.positive:
                continue
            key, heads = self.field.normal(pair.power)
            if key not in self.known_atoms:
                return None
            atom, others, _ = self.known_atoms[key]
            if not (ratio := self.field.ratio(heads, others)):
                return None
            where.append((atom, OUTCOMES.index(1 if ratio > 0 else -1)))
        return where

    def _sign_as_exponential(self, column: Column, terms: Terms) -> int:
        """The sign of a number over that of an exponent, if it is one less than its exponential, times what has one."""
        one = np.ones((1, self.field.draws), np.int64)
        for multiple in MULTIPLES:
            powers = [(number, factor * multiple) for number, factor in terms]
            if any(power.denominator > 1 for _, power in powers):
                continue
            less_one = self.field.subtract(self.pairs.product(powers)[None], one)
            if (less_one == 0).any():
                continue
            sign = self._fixed_sign(self.field.multiply(column[None], self.field.inverse(less_one))[0])
            if sign:
                return sign if multiple > 0 else -sign
        return 0

    def _fixed_sign(self, column: Column, most: int = MOST_POSITIVE) -> int:
        """Of a number that is positive, or a product or quotient of two such; 0 of any other.

        Arguments:
            most: of how many a factor is looked for.
        """
        for each in self._over_positive(column, most):
            ratio = self.field.rational(each) or self.multiple_of_positive(each)
            if ratio:
                return 1 if ratio > 0 else -1
        return 0

    def _over_positive(self, column: Column, most: int) -> Iterator[Column]:
        """And times what is positive, or over that."""
        yield column
        for positive in self.positive_columns[:most]:
            for factor in (positive[None], self.field.inverse(positive[None])):
                yield self.field.multiply(column[None], factor)[0]

    def _count_tests(self, atoms: list[int]) -> None:
        """Each is of three numbers and one that is positive, or of one, an exponential, and that."""
        if not atoms:
            return
        degrees = sorted((self.conditions[k].degree for k in atoms), reverse=True)[:3]
        heights = sorted((self.conditions[k].height for k in atoms), reverse=True)[:3]
        used = [pair for pair in enumerate(self.pairs.table) if not pair[1].drawn]
        made = [powers.of_powers(self.degrees, self.pairs, [(k, Fraction(2))]) for k, _ in used]
        exponentials = list(map(self.degrees.whole_of, made))
        degree, height = (sum(each) for each in zip(*exponentials, strict=True)) if exponentials else (0.0, 0.0)
        self.degree += sum(degrees) + degree + 2 * self.pairs.largest
        self.height += sum(heights) + height + 1
        self.decisions += 2 * MOST_POSITIVE * len(atoms) ** 3 + 2 * MOST_POSITIVE * len(MULTIPLES) * len(atoms) ** 2

"""Comparisons whose outcome the inputs decide, as variables; worlds, in which all of them have one outcome.

An *atom* is such a comparison: of a number with zero, or of several numbers for the largest. Atoms that some decision
depends on together have different *colours*; the others may share one. A *world* is an outcome for each colour, and so
for each atom. In the worlds of a run every set of atoms that a decision depends on has every combination of outcomes;
where it turns out that one has not, colours are learnt and the run is repeated.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradproof.worlds.errors import NeedsColours, TooManyRegions

MOST_WORLDS = 512

Support = int
"""A set of atoms: the bit of each is its number, from 1 on."""

LOOSE: Support = 1
"""In a support: a value that is a polynomial in outcomes, and not one value for each world."""


@dataclass
class Colours:
    """What was learnt in earlier runs of which atoms are needed together. An atom is known by its residues."""

    together: set[frozenset[bytes]] = field(default_factory=set)
    outcomes: dict[bytes, int] = field(default_factory=dict)
    of: dict[bytes, int] = field(default_factory=dict)
    counts: list[int] = field(default_factory=lambda: [2])
    """How many outcomes the atoms of a colour have, at most."""
    decisions: int = 0
    degree: float = 0.0
    height: float = 0.0
    """What was decided in runs with the same draws by which this was learnt, and how large that was."""

    @property
    def worlds(self) -> int:
        return math.prod(self.counts)

    def forget(self) -> None:
        """Other draws have other residues, and nothing that was learnt may depend on those before."""
        vars(self).update(vars(Colours()))

    def learn(self, together: set[frozenset[bytes]], outcomes: dict[bytes, int]) -> None:
        """Colour anew, greedily: atoms with the most outcomes and the most rivals first."""
        self.together |= together
        self.outcomes |= outcomes
        rivals: dict[bytes, set[bytes]] = {key: set() for key in self.outcomes}
        for keys in self.together:
            for key in keys:
                rivals[key] |= keys
        self.of, self.counts = {}, []
        for key in sorted(rivals, key=lambda key: (-self.outcomes[key], -len(rivals[key]), key)):
            taken = {self.of[rival] for rival in rivals[key] if rival in self.of}
            colour = next(c for c in range(len(rivals) + 1) if c not in taken)
            self.of[key] = colour
            if colour == len(self.counts):
                self.counts.append(2)
            self.counts[colour] = max(self.counts[colour], self.outcomes[key])
        self.counts = self.counts or [2]
        if self.worlds > MOST_WORLDS:
            raise TooManyRegions(f"more than {MOST_WORLDS} regions must be told apart at once")


class Atoms:
    """The atoms of one run, in its worlds."""

    def __init__(self, colours: Colours):
        self.colours = colours
        self.worlds = colours.worlds
        self.digits = np.array(np.unravel_index(np.arange(self.worlds), colours.counts))
        """The outcome of each colour in each world."""
        self.keys: list[bytes] = [b""]
        self.colour: list[int] = [-1]
        self.outcomes: list[int] = [0]
        self.needed: set[Support] = set()

    def add(self, key: bytes, outcomes: int, beside: Support) -> int:
        """A new atom, of a number that depends on others."""
        if outcomes > MOST_WORLDS:
            raise TooManyRegions(f"more than {MOST_WORLDS} regions must be told apart at once")
        number = len(self.keys)
        colour = self.colours.of.get(key)
        if colour is None:
            taken = {self.colour[other] for other in members(beside)}
            colour = next((c for c in range(len(self.colours.counts)) if c not in taken), 0)
        if not self.colours.of and outcomes > self.worlds:
            # Nothing was learnt yet, and each world is an outcome of all atoms.
            self.colours.counts = [outcomes]
            raise NeedsColours
        self.keys.append(key)
        self.outcomes.append(outcomes)
        self.colour.append(colour)
        return number

    def outcome(self, atom: int) -> np.ndarray:
        """Its outcome in each world."""
        return self.digits[self.colour[atom]] % self.outcomes[atom]

    def need(self, support: Support) -> None:
        """Something was decided that depends on these atoms."""
        support &= ~LOOSE
        if support & (support - 1) and support not in self.needed:
            self.needed.add(support)
            self.require_few(support)

    def require_few(self, support: Support) -> None:
        """Raises `TooManyRegions` where these atoms have more outcomes together than are told apart."""
        if self.combinations(support) > MOST_WORLDS:
            raise TooManyRegions(f"more than {MOST_WORLDS} regions must be told apart at once")

    def need_all(self, supports: Any) -> None:
        for support in set(np.asarray(supports, object).ravel().tolist()):
            self.need(support)

    def settled(self, same: np.ndarray, support: np.ndarray | None) -> np.ndarray | None:
        """The supports of elements of which some are the same in all worlds, and so depend on no atom."""
        if support is None or not same.any():
            return support
        self.need_all(support[same])
        rest = np.asarray(np.where(same, support & LOOSE, support), object)
        return rest if np.asarray(rest, bool).any() else None

    def require_covered(self) -> None:
        """Raises `NeedsColours` where the atoms of a decision did not have all combinations of outcomes."""
        missing = [support for support in self.needed if not self.covered(support)]
        if missing or not all(self.covered(1 << atom) for atom in range(1, len(self.keys))):
            self.recolour(self.needed)

    def covered(self, support: Support) -> bool:
        """Whether these atoms have all combinations of outcomes."""
        atoms = members(support)
        colours = [self.colour[atom] for atom in atoms]
        counts = self.colours.counts
        return len(set(colours)) == len(colours) and all(self.outcomes[a] <= counts[self.colour[a]] for a in atoms)

    def recolour(self, needed: set[Support]) -> None:
        """Run again, with other colours."""
        together = {frozenset(self.keys[atom] for atom in members(support)) for support in needed}
        self.colours.learn(together, dict(zip(self.keys[1:], self.outcomes[1:], strict=True)))
        raise NeedsColours

    def combinations(self, support: Support) -> int:
        """How many outcomes these atoms have together."""
        return math.prod(self.outcomes[atom] for atom in members(support))


def members(support: Support) -> list[int]:
    """The atoms of a set."""
    found = []
    support &= ~LOOSE
    while support:
        low = support & -support
        found.append(low.bit_length() - 1)
        support ^= low
    return found


def gated(support: np.ndarray) -> np.ndarray:
    """Which elements depend on atoms, and have a value for each world."""
    return np.asarray(np.asarray(support, object) > LOOSE, bool)


def loose(support: np.ndarray | None) -> np.ndarray:
    """Which elements are polynomials in outcomes."""
    return np.asarray(False) if support is None else np.asarray(np.asarray(support, object) & LOOSE, bool)


def union(*supports: np.ndarray | None) -> np.ndarray | None:
    """Element by element."""
    known = [support for support in supports if support is not None]
    if not known:
        return None
    total = known[0]
    for support in known[1:]:
        total = np.bitwise_or(total, support)
    return np.asarray(total, object)


def one_union(support: np.ndarray | None) -> Support:
    """Of all elements."""
    total = 0
    if support is not None:
        for each in set(support.ravel().tolist()):
            total |= each
    return total


def filled(support: Support, shape: tuple[int, ...]) -> np.ndarray | None:
    """The same for all elements."""
    if not support:
        return None
    out = np.empty(shape, object)
    out.fill(support)
    return out

"""Where numbers are compared, and so what is known of the inputs for which atoms have some outcomes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

OUTCOMES = (-1, 1, 0)
"""The signs that the outcomes of an atom stand for; the last one where it may vanish."""

Place = tuple[int, int, int]
"""Where a number is compared with zero: the identity of an equation, how often it was run before, and the element."""


@dataclass(frozen=True)
class Label:
    """A part of the labels of a symbol, and what it is: an element, or a row."""

    name: str
    place: tuple[int, ...]
    value: np.ndarray


@dataclass(frozen=True)
class Region:
    """Some numbers with the signs that they have there, and labels."""

    signs: Mapping[Place, int]
    labels: Sequence[Label]


class Sites:
    """The equations of one run in which atoms were met first."""

    def __init__(self) -> None:
        self.places: dict[int, Place] = {}
        """Where the number was met whose sign an atom is."""
        self.labels: dict[int, Sequence[Label]] = {}
        """What the outcomes of atoms are that are labels."""
        self.element: int | None = None
        """The one whose sign is being asked for."""
        self._runs: Counter[int] = Counter()
        self._equation: Any = None

    def begin(self, equation: Any) -> None:
        """It is run once more."""
        self._equation = equation
        self._runs[id(equation)] += 1

    def note(self, atom: int) -> None:
        """A new atom, of the element whose sign is being asked for."""
        if self.element is not None:
            equation = id(self._equation)
            self.places[atom] = equation, self._runs[equation] - 1, self.element

    def region(self, outcomes: Mapping[int, int]) -> Region:
        """What is known of where atoms have these outcomes."""
        return Region(
            {self.places[k]: OUTCOMES[outcome] for k, outcome in outcomes.items() if k in self.places},
            [self.labels[k][outcome] for k, outcome in outcomes.items() if k in self.labels],
        )

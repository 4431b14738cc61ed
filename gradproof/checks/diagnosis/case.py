"""What a diagnosis is made from: both sides at generic inputs, and the arrays in which they differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import mpmath
import numpy as np

from gradproof.claims import Equality

PRECISION = 512
"""In bits, of the values."""

LOST = -150
"""Values are known to 200 bits; a change may lose 50 of these, as the base-2 logarithm."""

Arrays = Sequence[np.ndarray]

Point = Mapping[str, np.ndarray]

Rerun = Callable[[Mapping[str, int], Sequence[Point]], Sequence[Arrays | None]]
"""What is right at other inputs of the same sizes; None where that is not known."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Both sides at one point, in high precision."""

    sizes: Mapping[str, int]
    inputs: Mapping[str, np.ndarray]
    expected: tuple[np.ndarray, ...]
    given: tuple[np.ndarray, ...]

    @cached_property
    def numbers(self) -> dict[str, np.ndarray]:
        """The inputs as numbers of high precision, and what is expected under the numbers of its arrays."""
        inputs = {name: array_of(mpmath.mpf, np.asarray(x, float)) for name, x in self.inputs.items()}
        return inputs | {str(leaf): array for leaf, array in enumerate(self.expected)}

    @cached_property
    def table(self) -> dict[str, np.ndarray]:
        """The same, rounded."""
        return {name: rounded(x) for name, x in self.numbers.items()}

    @cached_property
    def floats(self) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
        """What is expected, what is given, and the difference given - expected, rounded; to look for what may fit."""
        pairs = zip(self.given, self.expected, strict=True)
        gaps = [np.asarray(a - b, object) if a.shape == b.shape else np.zeros(0) for a, b in pairs]
        return list(map(rounded, self.expected)), list(map(rounded, self.given)), list(map(rounded, gaps))

    def pairs(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """What is expected and what is given, array by array."""
        return zip(self.expected, self.given, strict=True)

    @cached_property
    def wrong(self) -> list[np.ndarray]:
        """Which entries differ."""
        return [~equal(a, b) for a, b in zip(self.expected, self.given, strict=True)]


def array_of(function: Callable[..., Any], *arrays: Any) -> np.ndarray:
    """A function of numbers, entry by entry; the array has axes even where numpy makes a bare number of it."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), object)


def rounded(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.frompyfunc(float, 1, 1)(x), float)


def equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Which entries are equal, to within what is not known of them."""
    if a.shape != b.shape or not a.size:
        return np.full(a.shape, a.shape == b.shape)
    scale = max(mpmath.mpf(1), *map(abs, a.ravel()), *map(abs, b.ravel()))
    error = mpmath.ldexp(scale, LOST)
    return np.asarray(array_of(lambda x, y: bool(abs(x - y) <= error), a, b), bool)


@dataclass(frozen=True)
class Subject:
    """Some of the arrays of a side, as the subject of a sentence."""

    names: tuple[str, ...] = ()
    """None for all of them."""

    @property
    def it(self) -> str:
        match self.names:
            case ():
                return "it"
            case (name,):
                return name
        texts = [name.removeprefix("the derivative by ") for name in self.names]
        kind = "the derivatives by" if all(name.startswith("the derivative by ") for name in self.names) else "of"
        return f"{kind} {', '.join(texts[:-1])} and {texts[-1]}"

    @property
    def within(self) -> str:
        return f" in {self.it}" if self.names else ""

    def verb(self, one: str, many: str) -> str:
        return many if len(self.names) > 1 else one

    @property
    def be(self) -> str:
        return self.verb("is", "are")

    @property
    def should(self) -> str:
        return self.verb("it should be", "they should be")


@dataclass(frozen=True)
class Explanation:
    """A mistake that there may be: how it is said, and what undoes or makes it.

    Arguments:
        said: the sentence, from the subject, which is the arrays that have it.
        change: the arrays in question, changed, from a sample: of what is given it makes what is right, or the other
            way round.
        of: what is changed.
    """

    said: Callable[..., str]
    change: Callable[..., Arrays]
    of: Literal["given", "expected"] = "given"


@dataclass(frozen=True, eq=False)
class Case:
    """The samples, and the arrays that a hypothesis is to explain.

    Arguments:
        leaves: the arrays that differ, by number; it may be some of these.
        names: of all arrays.
        rerun: what is right at other inputs, in high precision.
    """

    claim: Equality
    samples: Sequence[Sample]
    leaves: tuple[int, ...]
    names: Sequence[str] = ()
    rerun: Rerun | None = None

    def subject(self) -> Subject:
        """All arrays, or some of them by name."""
        count = len(self.samples[0].expected)
        return Subject() if len(self.leaves) == count else Subject(tuple(self.names[leaf] for leaf in self.leaves))

    @property
    def first(self) -> Sample:
        """A sample at which they differ."""
        return next(sample for sample in self.samples if self.differs(sample))

    def differs(self, sample: Sample) -> bool:
        return any(sample.wrong[leaf].any() for leaf in self.leaves)

    def expected(self, sample: Sample) -> list[np.ndarray]:
        return [sample.expected[leaf] for leaf in self.leaves]

    def given(self, sample: Sample) -> list[np.ndarray]:
        return [sample.given[leaf] for leaf in self.leaves]

    def explained_by(self, explanation: Explanation) -> bool:
        """Whether the change makes what is right of what is given, or the other way round, at every sample."""
        if sum(map(self.differs, self.samples)) < 2:
            return False
        with mpmath.workprec(PRECISION):
            return all(self._explained(explanation, sample) for sample in self.samples)

    def _explained(self, explanation: Explanation, sample: Sample) -> bool:
        try:
            made = explanation.change(sample)
        except (ValueError, ZeroDivisionError):
            # There it cannot be made.
            return False
        wanted = self.expected(sample) if explanation.of == "given" else self.given(sample)
        return len(made) == len(wanted) and all(
            np.shape(a) == b.shape and bool(equal(np.asarray(a, object), b).all())
            for a, b in zip(made, wanted, strict=True)
        )


Hypothesis = Callable[[Case], Iterator[Explanation]]

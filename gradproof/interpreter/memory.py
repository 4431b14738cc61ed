"""What each equation of a program made of its inputs, so that programs that share equations run these once.

A mutant is its origin, except for one equation and what depends on it. While the origin is run, what each of its
equations makes is noted for each arithmetic and each point. While its mutants are run, an equation that is one of these
and has the very same inputs is not run again; what the arithmetic noted then is noted again.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import is_
from typing import Any, TypeVar

import numpy as np

from gradproof.interpreter.arithmetic import Arithmetic

MOST_BYTES = 1 << 30
"""What does not fit is run again."""

_POINTER = 200
"""Bytes of a number that numpy only points at."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Step:
    """What was made of inputs, and what the arithmetic noted then."""

    what: Any
    inputs: Sequence[Any]
    condition: Any
    made: Any
    notes: Any


class Record:
    """One arithmetic at one point, or at several that are run together."""

    def __init__(self, memory: "Memory | None"):
        self.memory = memory
        self.arithmetic: Arithmetic | None = None
        self.steps: dict[int, Step] = {}

    def begin(self, arithmetic: Arithmetic) -> None:
        """Let an arithmetic go on where the one before it stopped."""
        if self.memory is None:
            return
        if self.arithmetic is not None:
            arithmetic.resume(self.arithmetic)
        if self.memory.notes:
            self.arithmetic = arithmetic

    def recall(self, arithmetic: Arithmetic, what: Any, inputs: Sequence[Any], make: Callable[[], Made]) -> Made:
        """What was made of these inputs before, or what is made of them now.

        Arguments:
            what: makes it; things are told apart by identity.
            inputs: all that it is made of, besides what the arithmetic says of its own condition.
        """
        if self.memory is None:
            return make()
        condition = arithmetic.condition()
        step = self.steps.get(id(what))
        if step is not None and step.condition == condition and all(map(is_, step.inputs, inputs)):
            arithmetic.note(step.notes)
            made: Made = step.made
            return made
        if not self.memory.notes:
            return make()
        before = arithmetic.noted()
        made = make()
        notes = arithmetic.noted()
        arithmetic.note(before)
        arithmetic.note(notes)
        self.memory.room -= _bytes(made)
        if self.memory.room > 0:
            self.steps[id(what)] = Step(what, inputs, condition, made, notes)
        return made


FORGETFUL = Record(None)


class Memory:
    """The records of one program at all points at which it was run. One that never notes anything costs nothing."""

    def __init__(self) -> None:
        self.records: dict[Hashable, Record] = {}
        self.room = MOST_BYTES
        self.notes = False
        """Whether the origin is being run."""

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what is run meanwhile; at other times it is recalled."""
        self.notes = True
        try:
            yield
        finally:
            self.notes = False

    def record(self, key: Callable[[], Hashable]) -> Record:
        """The record of this key."""
        if not (self.notes or self.records):
            return FORGETFUL
        found = key()
        if self.notes:
            return self.records.setdefault(found, Record(self))
        return self.records.get(found, FORGETFUL)

    @staticmethod
    def content(values: np.ndarray) -> Hashable:
        """A key for the values of an array."""
        flat = tuple(values.ravel().tolist()) if values.dtype == object else values.tobytes()
        return values.dtype, values.shape, flat


def _bytes(made: Any) -> int:
    """About how much memory something takes."""
    match made:
        case np.ndarray():
            return made.nbytes + (made.size * _POINTER if made.dtype == object else 0)
        case list() | tuple():
            return sum(map(_bytes, made))
        case dict():
            return sum(map(_bytes, made.values()))
    return sum(map(_bytes, vars(made).values())) if hasattr(made, "__dict__") else 0

"""Which claims are made while a module runs: one whose name is taken again is a claim all the same."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from gradproof.claims.claim import Claim


@dataclass(frozen=True)
class Made:
    """A claim, and the module that was being run when it was made."""

    claim: Claim
    module: str


AnyClaim = TypeVar("AnyClaim", bound=Claim)

_notes: ContextVar[list[Made] | None] = ContextVar("notes", default=None)


@contextmanager
def noted() -> Iterator[list[Made]]:
    """Note the claims that are made meanwhile, in order."""
    notes: list[Made] = []
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def note(claim: AnyClaim) -> AnyClaim:
    """The claim itself, which is noted if someone asked for it."""
    if (notes := _notes.get()) is not None:
        frame = sys._getframe()
        while frame.f_code.co_name != "<module>" and frame.f_back is not None:
            frame = frame.f_back
        notes.append(Made(claim, frame.f_globals.get("__name__", "")))
    return claim

"""The exit status of a run over claims, which is said here and nowhere else.

0: every verdict is the expected one, and no full report shows a fault.
1: some verdict is not, or a full report shows a fault.
2: the call is mistaken, a file cannot be written, or a claim failed: it was not examined to its end.
3: a bug of gradproof's was met, in a claim or elsewhere.
130 and 143: interrupted by Ctrl-C or by SIGTERM.
"""

from collections.abc import Iterable
from typing import Protocol

from gradproof.claims.verdict import Failure, Verdict
from gradproof.errors import EngineError, GradproofError


class Terminated(KeyboardInterrupt):
    """SIGTERM, which interrupts as Ctrl-C does."""


class Found(Protocol):
    """A verdict or its record."""

    @property
    def as_expected(self) -> bool: ...

    @property
    def failure(self) -> Failure | None: ...


def status(found: Iterable[Found], *, faultless: bool = True) -> int:
    """The exit status of a run that came to its end."""
    verdicts = list(found)
    failures = [verdict.failure for verdict in verdicts if verdict.failure is not None]
    if failures:
        return 3 if any(failure.cause == "bug" for failure in failures) else 2
    return 0 if faultless and all(verdict.as_expected for verdict in verdicts) else 1


def interrupted(interruption: KeyboardInterrupt) -> int:
    """The exit status of a run that did not."""
    return 143 if isinstance(interruption, Terminated) else 130


def require_examined(verdicts: Iterable[Verdict]) -> None:
    """Raise the error of a claim that failed, where nothing is worth saying without it."""
    for verdict in verdicts:
        if verdict.failure is not None:
            named = f"claim {verdict.claim.id!r}: {verdict.why.removeprefix(f'claim {verdict.claim.id!r}: ')}"
            raise EngineError(named) if verdict.failure.cause == "bug" else GradproofError(named)

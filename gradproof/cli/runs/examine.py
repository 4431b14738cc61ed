"""A verdict on each claim, whatever becomes of it: what it raises, or does to its process, is the verdict."""

import dataclasses
import signal
from collections.abc import Mapping
from typing import Any

from gradproof import verification
from gradproof.claims import Claim
from gradproof.claims.verdict import Cause, Failure, Verdict
from gradproof.cli.runs.supervisor import Lost
from gradproof.cli.runs.worker import Watch
from gradproof.errors import EngineError, GradproofError, place_of, raised_here
from gradproof.mutation import version


@dataclasses.dataclass(frozen=True)
class Examined:
    """A verdict without its claim, which cannot be sent to another process; None if it is known."""

    fields: Mapping[str, Any] | None
    program: str = ""
    """What changes with the claim's program; empty if nothing is to go on from it."""


def examined(
    claim: Claim, watch: Watch, *, seed: int, quick: bool, full: bool, known: Mapping[str, str] | None
) -> Examined:
    """Examine a claim, unless it is known.

    Arguments:
        known: of an earlier run, the programs of claims by their ids; None if there is no run to go on from.
    """
    try:
        program = "" if known is None else version(claim)
        if program and known is not None and known.get(claim.id) == program:
            return Examined(None, program)
    except (Exception, SystemExit):
        # Verifying it says what is wrong.
        program = ""
    verdict = attempted(claim, watch, seed=seed, quick=quick, full=full)
    fields = {f.name: getattr(verdict, f.name) for f in dataclasses.fields(verdict) if f.name != "claim"}
    return Examined(fields, program)


def attempted(claim: Claim, watch: Watch, *, seed: int, quick: bool, full: bool) -> Verdict:
    """The verdict; that it failed, if it raises anything."""
    try:
        return verification.verify(claim, seed=seed, quick=quick, full=full, watch=watch)
    except SystemExit as error:
        return _failed(claim, "exit", f"the claim calls sys.exit({error.code!r}), and must yield its sides", error)
    except EngineError as error:
        return _failed(claim, "bug", str(error), None)
    except GradproofError as error:
        return _failed(claim, "error", str(error), error)
    except Exception as error:
        if raised_here(error):
            return _failed(claim, "bug", str(EngineError.of(error, "making the verdict")), None)
        message = " ".join(str(error).split())[:400]
        return _failed(claim, "error", f"{type(error).__name__}: {message}".removesuffix(": "), error)


def _failed(claim: Claim, cause: Cause, why: str, error: BaseException | None) -> Verdict:
    where = (place_of(error, claim.file) if error is not None else None) or claim.place
    at = "" if where is None or cause == "bug" else f", at {where}"
    return Verdict(claim, "failed", f"{why}{at}", failure=Failure(cause, where))


def lost(claim: Claim, found: Lost, timeout: float | None) -> Verdict:
    """The verdict on a claim whose process did not come back."""
    where = found.where or claim.place
    at = f", at {where}" if where else ""
    if found.cause == "timeout":
        why = (
            f"no end within {timeout:g} s at {found.what}{at}; mend a loop that has none, or give it a longer --timeout"
        )
    else:
        why = f"its process {_ending(found.status)} at {found.what}{at}"
    return Verdict(claim, "failed", why, failure=Failure(found.cause, where), seconds=round(found.seconds, 3))


def _ending(status: int | None) -> str:
    if status is None or status >= 0:
        return f"ended with status {status}"
    name = signal.Signals(-status).name
    return f"was ended by {name}{', as where memory runs out,' if name == 'SIGKILL' else ''}"

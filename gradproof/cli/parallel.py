"""Work on many claims, in several processes: most of the time is spent in Python, which uses one core a process."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gradproof.checks import Study
from gradproof.claims import Claim, Equality
from gradproof.claims.verdict import Fate, Verdict
from gradproof.cli.document import Record
from gradproof.cli.runs.examine import examined, lost
from gradproof.cli.runs.supervisor import FEWEST, Lost, Supervisor, cores
from gradproof.cli.runs.worker import Watch
from gradproof.errors import GradproofError
from gradproof.mutation import fates as fates_of


@dataclass(frozen=True)
class Judged:
    """A claim and the verdict on it."""

    claim: Claim
    verdict: Verdict
    program: str = ""
    """What changes with the claim's program; empty if no later run is to go on from the verdict."""
    known: bool = False
    """Whether an earlier run found it."""


def verdicts(claims: Sequence[Claim], processes: Supervisor, known: Mapping[str, Record]) -> Iterator[Judged]:
    """The verdict on each claim as it comes.

    Arguments:
        processes: as `examining` makes them.
        known: the records of an earlier run.
    """
    for claim, found in processes.each(claims):
        if isinstance(found, Lost):
            yield Judged(claim, lost(claim, found, processes.timeout))
        elif found.fields is None:
            yield Judged(claim, known[claim.id].of_claim(claim), found.program, known=True)
        else:
            yield Judged(claim, Verdict(claim, **found.fields), found.program)


def examining(
    targets: Sequence[str],
    *,
    seed: int = 0,
    quick: bool = False,
    full: bool = False,
    known: Mapping[str, str] | None = None,
    backend: str | None,
    jobs: int,
    fewest: int = FEWEST,
    timeout: float | None = None,
) -> Supervisor:
    """The processes that verify claims.

    Arguments:
        known: of an earlier run, the programs of claims by their ids; None if no later run goes on from this one.
    """
    task = partial(examined, seed=seed, quick=quick, full=full, known=known)
    return Supervisor(task, targets, backend=backend, jobs=jobs, timeout=timeout, fewest=fewest)


def fates(
    claims: Sequence[Claim], targets: Sequence[str], *, seed: int, most: int, backend: str
) -> Iterator[tuple[Claim, list[Fate]]]:
    """What becomes of mistakes in each claim, as it comes."""
    task = partial(_planted, seed=seed, most=most)
    with Supervisor(task, targets, backend=backend, jobs=worthwhile(len(claims), 1, backend), fewest=1) as processes:
        for claim, found in processes.each(claims):
            if isinstance(found, Lost):
                raise GradproofError(f"claim {claim.id!r}: its process ended; is there memory enough?")
            yield claim, found


def worthwhile(claims: int, fewest: int, backend: str) -> int:
    """How many processes are worth starting from one that could do the work itself; none if it is to."""
    # Accelerators are not shared between processes.
    jobs = min(cores(), claims // fewest) if backend == "cpu" else 0
    return jobs if jobs > 1 else 0


def _planted(claim: Claim, watch: Watch, *, seed: int, most: int) -> list[Fate]:
    return list(fates_of(Study(claim, seed=seed, watch=watch), most=most)) if isinstance(claim, Equality) else []

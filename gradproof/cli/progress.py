"""Long runs over claims, with a progress bar if someone is looking."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gradproof.claims import Claim
from gradproof.claims.verdict import Fate, Verdict
from gradproof.cli import parallel
from gradproof.mutation import Results

Result = TypeVar("Result")


def verified(
    claims: Sequence[Claim],
    targets: Sequence[str],
    *,
    seed: int = 0,
    quick: bool = False,
    full: bool = False,
    backend: str,
) -> list[Verdict]:
    """Verify each claim, with a progress bar if someone is looking."""
    found = parallel.verdicts(claims, targets, seed=seed, quick=quick, full=full, backend=backend)
    return [verdict for _, verdict in _watched(claims, found)]


def planted(claims: Sequence[Claim], targets: Sequence[str], *, file: Results, backend: str) -> list[Fate]:
    """Plant mistakes in each claim that is not yet in the file, with a progress bar if someone is looking."""
    known = file.known(claims)
    left = [claim for claim in claims if claim.id not in known]
    found = parallel.fates(left, targets, seed=file.seed, most=file.most, backend=backend)
    for claim, fates in _watched(left, found):
        file.add(claim, fates)
        known[claim.id] = fates
    return [fate for claim in claims for fate in known[claim.id]]


def _watched(claims: Sequence[Claim], results: Iterable[Result]) -> Iterator[tuple[Claim, Result]]:
    """Each claim and its result, as they come."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=len(claims))
        for claim, result in zip(claims, results, strict=True):
            yield claim, result
            progress.update(task, advance=1, description=claim.id)

"""Long runs over claims, with a progress bar if someone is looking."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gradproof.claims import Claim
from gradproof.claims.verdict import Fate, Verdict
from gradproof.cli import parallel
from gradproof.cli.runs.supervisor import FEWEST, Running
from gradproof.cli.status import require_examined
from gradproof.mutation import Results

LONG = 3.0
"""Seconds after which a claim is said to be worked on."""

Item = TypeVar("Item")


class Bar:
    """How many claims are done, and which takes long, on the standard error if it is a terminal."""

    def __init__(self) -> None:
        columns = BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False)
        self.progress = Progress(
            *columns,
            console=Console(stderr=True),
            transient=True,
            # What is printed elsewhere stays there.
            redirect_stdout=sys.stdout.isatty(),
            disable=not sys.stderr.isatty(),
        )
        self.task = self.progress.add_task("", total=None)

    def watch(self, running: Sequence[Running]) -> None:
        """Name the claim that has taken longest."""
        slow = max(running, key=lambda one: one.seconds, default=None)
        named = slow is not None and slow.seconds > LONG
        text = f"{slow.claim.id}: {slow.what}, {slow.seconds:.0f} s" if slow is not None and named else ""
        self.progress.update(self.task, description=text)

    def over(self, total: int, items: Iterable[Item]) -> Iterator[Item]:
        """Each item, as it comes."""
        with self.progress:
            self.progress.update(self.task, total=total)
            for item in items:
                yield item
                self.progress.advance(self.task)


def verified(claims: Sequence[Claim], targets: Sequence[str], *, backend: str) -> list[Verdict]:
    """Verify each claim.

    Raises an error for a claim that failed.
    """
    jobs = parallel.worthwhile(len(claims), FEWEST, backend)
    with parallel.examining(targets, backend=backend, jobs=jobs) as processes:
        found = Bar().over(len(claims), parallel.verdicts(claims, processes, {}))
        verdicts = {judged.claim.id: judged.verdict for judged in found}
    require_examined(verdicts.values())
    return [verdicts[claim.id] for claim in claims]


def planted(claims: Sequence[Claim], targets: Sequence[str], *, file: Results, backend: str) -> list[Fate]:
    """Plant mistakes in each claim that is not yet in the file."""
    known = file.known(claims)
    left = [claim for claim in claims if claim.id not in known]
    found = parallel.fates(left, targets, seed=file.seed, most=file.most, backend=backend)
    for claim, fates in Bar().over(len(left), found):
        file.add(claim, fates)
        known[claim.id] = fates
    return [fate for claim in claims for fate in known[claim.id]]

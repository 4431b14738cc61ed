"""Work on many claims in several processes: most of the time is spent in Python, which uses one core a process."""

import dataclasses
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, TypeVar

from gradproof import verification
from gradproof.catalogue import select
from gradproof.checks import Study
from gradproof.claims import Claim, Equality
from gradproof.claims.verdict import Fate, Verdict
from gradproof.cli import setup
from gradproof.mutation import fates as fates_of

FEWEST = 8
"""Starting a process takes about as long as verifying this many claims."""

Result = TypeVar("Result")


def verdicts(
    claims: Sequence[Claim], targets: Sequence[str], *, seed: int, quick: bool, full: bool, backend: str
) -> Iterator[Verdict]:
    """The verdict on each claim, in order, whatever the number of processes."""
    task = partial(_found, seed=seed, quick=quick, full=full)
    fewest = 1 if full else FEWEST
    for claim, found in zip(claims, each(task, claims, targets, backend=backend, fewest=fewest), strict=True):
        yield Verdict(claim, **found)


def fates(
    claims: Sequence[Claim], targets: Sequence[str], *, seed: int, most: int, backend: str
) -> Iterator[list[Fate]]:
    """What becomes of mistakes in each claim, in order, whatever the number of processes."""
    return each(partial(_planted, seed=seed, most=most), claims, targets, backend=backend, fewest=1)


def each(
    task: Callable[[Claim], Result], claims: Sequence[Claim], targets: Sequence[str], *, backend: str, fewest: int
) -> Iterator[Result]:
    """The result of a task for each claim, in order, whatever the number of processes.

    Arguments:
        task: can be sent to another process, as can what it returns.
        targets: where the claims are found.
        fewest: so many claims are worth a process.
    """
    # Accelerators are not shared between processes.
    processes = min(os.cpu_count() or 1, len(claims) // fewest) if backend == "cpu" else 1
    if processes < 2:
        yield from map(task, claims)
        return
    context = multiprocessing.get_context("spawn")
    ids = [claim.id for claim in claims]
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(processes, context, _start, (backend,)) as pool:
        try:
            for part in [pool.submit(_done, task, tuple(targets), part) for part in _parts(ids, processes, fewest)]:
                yield from part.result()
        except BaseException:
            # The results under way are not wanted any more.
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise


def _start(backend: str) -> None:
    # The main process reports an interruption.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    setup.prepare(backend)


def _end_with_parent() -> None:
    """End if the main process is killed, which cannot stop its workers; they would wait for work forever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _parts(ids: Sequence[str], processes: int, fewest: int) -> Iterator[Sequence[str]]:
    """Neighbours together, which compile similar programs; the last parts are small, so that no process waits long."""
    start = 0
    while start < len(ids):
        stop = start + min(max((len(ids) - start) // (4 * processes), fewest // 2, 1), 2 * fewest)
        yield ids[start:stop]
        start = stop


def _done(task: Callable[[Claim], Result], targets: Sequence[str], ids: Sequence[str]) -> list[Result]:
    # Claims hold functions and cannot be sent to a process, so it finds them again.
    claims = {claim.id: claim for claim in select(targets)}
    return [task(claims[id]) for id in ids]


def _planted(claim: Claim, *, seed: int, most: int) -> list[Fate]:
    return list(fates_of(Study(claim, seed=seed), most=most)) if isinstance(claim, Equality) else []


def _found(claim: Claim, *, seed: int, quick: bool, full: bool) -> dict[str, Any]:
    """The verdict without its claim."""
    verdict = verification.verify(claim, seed=seed, quick=quick, full=full)
    return {field.name: getattr(verdict, field.name) for field in dataclasses.fields(verdict) if field.name != "claim"}

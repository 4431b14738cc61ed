"""Verifying many claims in several processes. Most of the time is spent in Python, which runs on one core a process."""

import dataclasses
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from gradproof import _collect, _setup, _verify
from gradproof._claim import Claim
from gradproof._verdict import Verdict

FEWEST = 8
"""A process takes about as long to start as this many claims to verify."""

_claims: list[Claim] = []


def verdicts(
    claims: Sequence[Claim], targets: Sequence[str], *, seed: int, quick: bool, backend: str
) -> Iterator[Verdict]:
    """The verdict on each claim, in order, whatever the number of processes."""
    # Accelerators are not shared between processes.
    processes = min(os.cpu_count() or 1, len(claims) // FEWEST) if backend == "cpu" else 1
    if processes < 2:
        yield from (_verify.verify(claim, seed=seed, quick=quick) for claim in claims)
        return
    # Claims hold functions and cannot be sent; each process finds them again, in the same order.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _start, (tuple(targets), backend)) as pool:
        # Neighbours compile much the same programs, so that they go to one process.
        count = len(claims)
        work = pool.map(_found, range(count), [seed] * count, [quick] * count, chunksize=FEWEST // 2)
        for claim, found in zip(claims, work, strict=True):
            yield Verdict(claim, **found)


def _start(targets: Sequence[str], backend: str) -> None:
    _setup.prepare(backend)
    _claims[:] = _collect.select(targets)


def _found(index: int, seed: int, quick: bool) -> dict[str, Any]:
    verdict = _verify.verify(_claims[index], seed=seed, quick=quick)
    return {field.name: getattr(verdict, field.name) for field in dataclasses.fields(verdict) if field.name != "claim"}

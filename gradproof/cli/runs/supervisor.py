"""Claims in several processes. Each is examined for itself: one that hangs, or ends its process, is lost alone."""

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Literal, Self

from gradproof.claims import Claim
from gradproof.cli.runs.worker import At, Done, Message, Ready, Refused, Task, work
from gradproof.errors import GradproofError

TICK = 0.5
"""Seconds between two looks at what takes long."""
STARTUP = 600.0
"""Seconds in which a process starts, which is mostly importing JAX and the claims."""
ANSWER = 2.0
"""Seconds in which a process says where it is; one that runs a loop of C without end never does."""
FEWEST = 8
"""Starting a process takes about as long as verifying this many claims."""


@dataclass(frozen=True)
class Lost:
    """A claim whose process did not come back."""

    cause: Literal["timeout", "killed"]
    what: str
    """What it was looking at."""
    where: str | None
    seconds: float
    status: int | None = None
    """With which its process ended; negative for a signal."""


@dataclass(frozen=True)
class Running:
    """A claim that is being worked on."""

    claim: Claim
    what: str
    seconds: float


@dataclass
class _Worker:
    process: BaseProcess
    tasks: Connection
    questions: Connection
    part: deque[Claim] = field(default_factory=deque)
    """The claims that it was given, of which the first is the one that it examines."""
    ready: bool = False
    what: str = "the start of its process"
    began: float = field(default_factory=time.monotonic)
    changed: float = field(default_factory=time.monotonic)

    def where(self) -> str | None:
        """The file and line at which it is, if it can say so."""
        try:
            self.questions.send(None)
            return self.questions.recv() if self.questions.poll(ANSWER) else None
        except (EOFError, OSError):
            return None

    def end(self) -> int | None:
        self.process.kill()
        self.process.join()
        self.tasks.close()
        self.questions.close()
        return self.process.exitcode


class Supervisor:
    """Hands claims to processes.

    Arguments:
        task: what is done with each claim.
        targets: where the claims are found.
        backend: where to run; by default where JAX would.
        jobs: the most processes. On an accelerator, which processes do not share, it is one. With none all is done
            here, as for a debugger, and a claim that hangs or ends its process takes the run with it.
        timeout: seconds for a claim, from each time that it looks at something else; None for any.
        fewest: so many claims are worth a process.
        watch: is told every now and then what is being worked on.
    """

    def __init__(
        self,
        task: Task,
        targets: Sequence[str],
        *,
        backend: str | None,
        jobs: int,
        timeout: float | None = None,
        fewest: int = FEWEST,
        watch: Callable[[Sequence[Running]], None] | None = None,
    ):
        self.task, self.targets, self.asked = task, tuple(targets), backend
        self.jobs, self.timeout, self.fewest, self.watch = jobs, timeout, fewest, watch
        self.backend = None if jobs else backend
        """Where the processes run, once it is known."""
        self.workers: list[_Worker] = []
        self.parts: deque[deque[Claim]] = deque()

    def __enter__(self) -> Self:
        """Start the first process: meanwhile the claims can be found here."""
        if self.jobs:
            self.workers.append(self.start())
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self.workers:
            worker.end()
        self.workers.clear()

    def each(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Any | Lost]]:
        """Each claim with what the task returned, as they come.

        Raises `GradproofError` if a process does not even start.
        """
        if not self.jobs:
            for claim in claims:
                with redirect_stdout(sys.stderr):
                    found = self.task(claim, lambda what: None)
                yield claim, found
            return
        wanted = max(1, min(self.jobs, len(claims) // self.fewest))
        self.parts = deque(map(deque, _parts(claims, wanted, self.fewest)))
        while self.parts or any(worker.part for worker in self.workers):
            known = wanted if self.backend == "cpu" else 1
            while len(self.workers) < min(known, len(self.parts) + sum(bool(w.part) for w in self.workers)):
                self.workers.append(self.start())
            wait([worker.tasks for worker in self.workers], TICK)
            for worker in list(self.workers):
                yield from self.heard(worker)
            if self.watch is not None:
                now = time.monotonic()
                self.watch([Running(w.part[0], w.what, now - w.began) for w in self.workers if w.part])

    def start(self) -> _Worker:
        """A process, which says when it is ready."""
        context = multiprocessing.get_context("spawn")
        (tasks, its_tasks), (questions, its_questions) = context.Pipe(), context.Pipe()
        arguments = its_tasks, its_questions, self.task, self.targets, self.asked
        process = context.Process(target=work, args=arguments)
        with _interruptions_held_back():
            process.start()
        its_tasks.close()
        its_questions.close()
        return _Worker(process, tasks, questions)

    def give(self, worker: _Worker) -> None:
        """The next claim of its part or of another one; without one the process ends."""
        if not worker.part and self.parts:
            worker.part = self.parts.popleft()
        if worker.part:
            worker.what, worker.began = "its first size", time.monotonic()
            worker.changed = worker.began
            try:
                worker.tasks.send(worker.part[0].id)
            except ConnectionError:
                # It ended between two claims, for which neither is to blame.
                self.workers.remove(worker)
                worker.end()
                self.parts.appendleft(worker.part)
        else:
            self.workers.remove(worker)
            worker.tasks.send(None)
            worker.process.join(ANSWER)
            worker.end()

    def heard(self, worker: _Worker) -> Iterator[tuple[Claim, Any | Lost]]:
        """What a process has to say, or that it says no more."""
        try:
            while worker in self.workers and worker.tasks.poll():
                message: Message = worker.tasks.recv()
                match message:
                    case Ready(backend):
                        self.backend, worker.ready = backend, True
                        self.give(worker)
                    case At(what):
                        worker.what, worker.changed = what, time.monotonic()
                    case Done(result):
                        yield worker.part.popleft(), result
                        self.give(worker)
                    case Refused(error):
                        raise error
        except (EOFError, ConnectionError):
            yield self.lost(worker, "killed", None)
            return
        allowed = self.timeout if worker.ready else STARTUP
        if allowed is not None and worker in self.workers and time.monotonic() - worker.changed > allowed:
            yield self.lost(worker, "timeout", worker.where())

    def lost(self, worker: _Worker, cause: Literal["timeout", "killed"], where: str | None) -> tuple[Claim, Lost]:
        """End a process, and let another one go on after the claim that it had."""
        self.workers.remove(worker)
        seconds = time.monotonic() - worker.began
        if cause == "killed":
            worker.process.join(ANSWER)
        status = worker.end()
        if not worker.part:
            raise GradproofError(
                f"a process ended with status {status} before it had imported the claims; "
                "`--jobs 0` imports them in this one"
            )
        claim = worker.part.popleft()
        if worker.part:
            self.parts.appendleft(worker.part)
        return claim, Lost(cause, worker.what, where, seconds, status)


@contextmanager
def _interruptions_held_back() -> Iterator[None]:
    """A process that starts meanwhile never hears Ctrl-C, which the main process answers for all."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Starting the tracker, which comes with the first process, would let interruptions through.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _parts(claims: Sequence[Claim], processes: int, fewest: int) -> Iterator[Sequence[Claim]]:
    """Neighbours together, which compile similar programs; the last parts are small, so that no process waits long."""
    start = 0
    while start < len(claims):
        stop = start + min(max((len(claims) - start) // (4 * processes), fewest // 2, 1), 2 * fewest)
        yield claims[start:stop]
        start = stop


def cores() -> int:
    """The most processes that are worth having."""
    return os.cpu_count() or 1

"""What a process that examines claims does: it finds them again, and takes those that it is sent, one at a time."""

import os
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from gradproof.catalogue import select
from gradproof.claims import Claim
from gradproof.cli import setup
from gradproof.errors import EngineError, GradproofError, place_among

Watch = Callable[[str], None]
Task = Callable[[Claim, Watch], Any]
"""What is done with a claim. It, and what it returns, can be sent to another process."""


@dataclass(frozen=True)
class Ready:
    """The process can be sent claims, which it runs on this backend."""

    backend: str


@dataclass(frozen=True)
class At:
    """What the process is looking at."""

    what: str


@dataclass(frozen=True)
class Done:
    result: Any


@dataclass(frozen=True)
class Refused:
    """An error that ends the whole run."""

    error: GradproofError | EngineError


Message = Ready | At | Done | Refused


def work(tasks: Connection, questions: Connection, task: Task, targets: Sequence[str], backend: str | None) -> None:
    """Take ids until there are no more.

    Arguments:
        tasks: ids come from here, None at the end, and messages go back.
        questions: asks where the process is, whatever it does, and is answered with a file and a line, or None.
        targets: where the claims are found: they hold functions, and cannot be sent to a process.
    """
    # What claims print is no part of the report.
    os.dup2(2, 1)
    current: list[Claim] = []
    main = threading.get_ident()
    threading.Thread(target=_answer, args=(questions, main, current), daemon=True).start()
    try:
        ready = Ready(setup.prepare(backend))
        claims = {claim.id: claim for claim in select(targets)}
        tasks.send(ready)
        while (id := tasks.recv()) is not None:
            current[:] = [claims[id]]
            tasks.send(Done(task(claims[id], lambda what: tasks.send(At(what)))))
    except (GradproofError, EngineError) as error:
        tasks.send(Refused(error))
    except EOFError:
        pass


def _answer(questions: Connection, main: int, current: Sequence[Claim]) -> None:
    """Say where the claim is; end with the main process, which cannot end its workers if it is killed."""
    while True:
        try:
            questions.recv()
            frames = traceback.extract_stack(sys._current_frames()[main])
            questions.send(place_among(frames, current[0].file if current else None))
        except (EOFError, OSError):
            os._exit(1)

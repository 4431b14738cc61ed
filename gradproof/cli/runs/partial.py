"""What a run has found so far, as JSON lines beside the document that it will write: from these the next run goes on.

The first line says how the run was begun, and each further one has the record of a claim, and a text that changes with
the claim's program. Lines are written whole, or not at all.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from gradproof.claims.words import plain
from gradproof.cli.document import Record
from gradproof.errors import GradproofError


@dataclass(frozen=True)
class Begun:
    """How a run was begun: another one goes on from it only if it is begun likewise."""

    gradproof: str
    jax: str
    python: str
    seed: int
    quick: bool
    full: bool
    shard: str | None
    backend: str | None = None
    claims: int = 0
    """How many there are."""


@dataclass(frozen=True)
class Line:
    """The record of a claim."""

    program: str
    claim: Record


class Partial:
    """The file beside a document.

    Arguments:
        document: the path of the document.
        begun: how this run is begun.
    """

    def __init__(self, document: Path, begun: Begun):
        self.path = document.with_name(f"{document.name}.partial")
        self.begun = begun

    def known(self) -> dict[str, Line]:
        """What an earlier run found, by the ids of the claims; what failed is tried again.

        Raises `GradproofError` for a file of another run, or of something else.
        """
        if not self.path.is_file():
            return {}
        self._drop_half_a_line()
        begun, lines = read(self.path)
        for name, value in asdict(self.begun).items():
            if name not in ("backend", "claims") and getattr(begun, name) != value:
                raise GradproofError(
                    f"{str(self.path)!r} is of a run with {name} {getattr(begun, name)!r}, and this one has {value!r}; "
                    "go on with that, or remove the file"
                )
        return {line.claim.id: line for line in lines if line.program and line.claim.failure is None}

    def add(self, record: Record, program: str, *, backend: str | None, claims: int) -> None:
        """Keep a record.

        Raises `GradproofError` where it cannot be written, as on a full disk; all before it stays.
        """
        lines = [plain({"program": program, "claim": record})]
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                size = os.fstat(descriptor).st_size
                if not size:
                    lines.insert(0, plain(replace(self.begun, backend=backend, claims=claims)))
                text = "".join(f"{json.dumps(line, ensure_ascii=False, allow_nan=False)}\n" for line in lines)
                try:
                    _write(descriptor, text.encode())
                except OSError:
                    os.ftruncate(descriptor, size)
                    raise
            finally:
                os.close(descriptor)
        except OSError as error:
            if self.path.is_file() and not self.path.stat().st_size:
                self.path.unlink()
            raise GradproofError(f"cannot write {str(self.path)!r}: {error.strerror}; {self.left}") from None

    @property
    def left(self) -> str:
        """What is left of the run if it stops."""
        if not self.path.is_file():
            return "no verdict was kept"
        return f"{self.path.name} has what was found, and the same command goes on from it"

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def _drop_half_a_line(self) -> None:
        """One that was being written when the machine stopped."""
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)


def read(path: Path) -> tuple[Begun, list[Line]]:
    """How a run was begun, and what it found; of two lines about a claim the later one counts.

    Raises `GradproofError` for a file of something else.
    """
    try:
        head, *lines = path.read_bytes().split(b"\n")[:-1]
        begun = msgspec.convert(json.loads(head), Begun)
        found = {line.claim.id: line for line in _lines(lines)}
    except OSError as error:
        raise GradproofError(f"cannot read {str(path)!r}: {error.strerror}; give another path") from None
    except (ValueError, msgspec.ValidationError):
        raise GradproofError(
            f"{str(path)!r} has no verdicts of `gradproof verify`; remove it, or give another path"
        ) from None
    return begun, list(found.values())


def _lines(lines: list[bytes]) -> Iterator[Line]:
    for line in lines:
        content: Mapping[str, Any] = json.loads(line)
        # Numbers that JSON lacks are text.
        yield msgspec.convert(content, Line, strict=False)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]

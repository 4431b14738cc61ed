"""The parts of a run that several machines made, put together."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from gradproof.claims.words import plain
from gradproof.cli.document import Document, Record
from gradproof.cli.report import document_text
from gradproof.cli.runs import partial
from gradproof.cli.runs.stored import commit, parsed
from gradproof.cli.status import status
from gradproof.cli.verdicts import Lines
from gradproof.errors import GradproofError
from gradproof.files import replacing

SAME = "gradproof", "jax", "python", "backend", "seed", "commit"
"""What parts of one run have in common."""


@dataclass(frozen=True)
class Merged:
    """One document, and how many claims of parts that did not come to their end are not in it."""

    document: Document
    missing: int


def merge(paths: Sequence[Path]) -> Merged:
    """The claims of all files, each once.

    Raises `GradproofError` for a file of something else, for files of different runs, for parts of which one is not
    given, and for a claim with two verdicts.
    """
    parts = [(path, *_read(path)) for path in paths]
    first_path, first, _ = parts[0]
    for path, document, _ in parts:
        for name in SAME:
            ours, theirs = getattr(first, name), getattr(document, name)
            if ours != theirs:
                raise GradproofError(
                    f"{str(path)!r} was made with {name} {theirs!r}, and {str(first_path)!r} with {ours!r}; "
                    "merge parts of one run"
                )
    _require_all([document.shard for _, document, _ in parts])
    found: dict[str, tuple[Path, Record]] = {}
    for path, document, _ in parts:
        for record in document.claims:
            where, known = found.setdefault(record.id, (path, record))
            if _said(known) != _said(record):
                raise GradproofError(f"claim {record.id!r} has other verdicts in {str(where)!r} and in {str(path)!r}")
    claims = tuple(record for _, record in found.values())
    return Merged(replace(first, shard=None, claims=claims), sum(missing for *_, missing in parts))


def write(paths: Sequence[Path], to: Path) -> int:
    """Merge files into one, say what is not as expected, and return the exit status."""
    merged = merge(paths)
    records, text = merged.document.claims, document_text(merged.document)
    if to == Path("-"):
        sys.stdout.write(text)
    else:
        with replacing(to) as file:
            file.write(text)
        lines = Lines()
        for record in records:
            if not record.as_expected:
                lines.print(record)
        lines.print_count(records, merged.missing)
    if merged.missing:
        print(
            f"gradproof: {merged.missing} claims are not in the files; let their runs come to an end", file=sys.stderr
        )
    return max(status(records), 1 if merged.missing else 0)


def _read(path: Path) -> tuple[Document, int]:
    """A document, or what a run that has not come to its end has of one, and how many claims are missing in it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GradproofError(f"cannot read {str(path)!r}: {error.strerror}; give another path") from None
    try:
        return parsed(content), 0
    except (ValueError, msgspec.ValidationError):
        begun, lines = partial.read(path)
    claims = tuple(line.claim for line in lines)
    begun_by = begun.gradproof, begun.jax, begun.python, begun.backend or "cpu", begun.seed, begun.shard
    document = Document(*begun_by, commit(), claims)
    return document, begun.claims - len(claims)


def _require_all(shards: Sequence[str | None]) -> None:
    """Refuse to leave out a part: its claims would be missed by nobody."""
    given = {shard for shard in shards if shard is not None}
    for count in sorted({shard.partition("/")[2] for shard in given}, key=int):
        for number in range(1, int(count) + 1):
            if f"{number}/{count}" not in given:
                raise GradproofError(f"part {number}/{count} is missing; give its file, too")


def _said(record: Record) -> Any:
    """The record without what differs from run to run."""
    return plain(replace(record, seconds=0.0))

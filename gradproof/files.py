"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from gradproof.errors import GradproofError


def require_writable(path: Path) -> None:
    """Raise `GradproofError` if `replacing` would; nothing is left there."""
    draft, _ = _opened(path)
    draft.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A new file that takes the place of `path` once it is complete.

    Raises `GradproofError` at once if it could not.
    """
    draft, target = _opened(path)
    try:
        with draft.open("w", encoding="utf-8") as file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _opened(path: Path) -> tuple[Path, Path]:
    """An empty file beside the one that it is to become."""
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.exists() and not (target.is_file() and os.access(target, os.W_OK)):
            raise FileExistsError(0, "it is there and no file that can be written")
        draft.open("x").close()
    except OSError as error:
        raise GradproofError(f"cannot write {str(path)!r}: {error.strerror}; give another path") from None
    return draft, target

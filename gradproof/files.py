"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from gradproof.errors import GradproofError


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A new file that takes the place of `path` once it is complete.

    Raises `GradproofError` at once if it could not.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.exists() and not (target.is_file() and os.access(target, os.W_OK)):
            raise FileExistsError(0, "it is there and no file that can be written")
        file = draft.open("x", encoding="utf-8")
    except OSError as error:
        raise GradproofError(f"cannot write {str(path)!r}: {error.strerror}; give another path") from None
    try:
        with file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)

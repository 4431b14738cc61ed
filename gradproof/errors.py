"""What can go wrong, said in one sentence: a mistake of the user's, a claim that stays open, a bug in gradproof."""

import sysconfig
import traceback
from collections.abc import Callable, Iterable
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, Self


class GradproofError(Exception):
    """A mistake in a claim or in a call: what was expected, what was given, what to do."""


class Undecided(Exception):
    """Why nothing can be said of a claim, and where in the user's code that is, if it is known."""

    def __init__(self, why: str, where: str | None = None):
        super().__init__(why, where)
        self.why, self.where = why, where

    def __str__(self) -> str:
        return self.why if self.where is None else f"{self.why}, at {self.where}"

    def at(self, where: str) -> Self:
        """The same, with its place."""
        return type(self)(self.why, where)


class NotCovered(Undecided):
    """No exact rule covers what a program does. What it computes can still be tried."""


class RoundedConstants(Undecided):
    """The sides differ by no more than the rounding of constants, at all inputs that were tried."""


class EngineError(Exception):
    """A bug in gradproof: no claim is to blame for it, and no verdict is given."""

    @classmethod
    def of(cls, error: Exception, doing: str) -> Self:
        """Of an error that nothing expects: the last line of gradproof that led there, and what it was doing."""
        lines = [
            f"{Path(frame.filename).relative_to(_HERE).as_posix()}:{frame.lineno}"
            for frame in _frames(error)
            if Path(frame.filename).is_relative_to(_HERE)
        ]
        message = " ".join(str(error).split())
        # The address of the project, which its metadata has if there is one.
        urls = metadata("gradproof").get_all("Project-URL") or [""]
        where = f" at {urls[0].rpartition(', ')[2]}" if urls[0] else ""
        return cls(
            f"a bug in gradproof, at {lines[-1]}, while {doing}: {type(error).__name__}: {message}; "
            f"please report it{where} with this claim"
        )


_HERE = Path(__file__).parent


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call what a user gave: what it raises is not ours, even if no line of the user's led there."""
    return function(*arguments)


def raised_here(error: Exception) -> bool:
    """Whether a line of gradproof raised an error, and nothing that it called."""
    frames = _frames(error)
    if not frames or (frames[-1].filename, frames[-1].name) == (__file__, call.__name__):
        return False
    return Path(frames[-1].filename).is_relative_to(_HERE)


def reason_of(error: Exception) -> str:
    """An error on one line; of JAX's pages on what it cannot trace, what to do."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & {"ConcretizationTypeError", "TracerArrayConversionError"}:
        return (
            f"{type(error).__name__}: it asks for the numbers in an array, as float(x), np.exp(x) and `if x > 0` do, "
            "and a claim is about all numbers; use jnp, such as jnp.exp and jnp.where"
        )
    return f"{type(error).__name__}: {' '.join(str(error).split())[:400]}".removesuffix(": ")


def place_of(error: BaseException, own: str | None = None) -> str | None:
    """The last line of the user's code that led to an error, such as `my_loss.py:12`."""
    return place_among(_frames(error), own) or place_among(traceback.extract_tb(error.__traceback__), own)


def place_among(frames: Iterable[traceback.FrameSummary], own: str | None = None) -> str | None:
    """The last of some frames that is the user's code: neither gradproof's, nor Python's, nor of what is installed.

    Arguments:
        own: a file that is the user's, even if it is installed.
    """
    found = None
    folders = [str(_HERE), *sysconfig.get_paths().values()]
    for frame in frames:
        path = Path(frame.filename)
        installed = any(path.is_relative_to(folder) for folder in folders)
        if frame.filename == own or not (installed or frame.filename.startswith("<")):
            found = f"{path.name}:{frame.lineno}"
    return found


def _frames(error: BaseException) -> traceback.StackSummary:
    """JAX keeps the whole stack in what it names as the cause."""
    return traceback.extract_tb((error.__cause__ or error).__traceback__)

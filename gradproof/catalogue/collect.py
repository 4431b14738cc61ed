"""Finding claims: those of installed packages, of a module or of a file, by id, glob or document."""

import difflib
import fnmatch
import hashlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

from gradproof.claims import Claim
from gradproof.errors import GradproofError

GROUP = "gradproof.claims"
"""The entry points by which a package declares its claims; the value of each is the name of the package."""

Found = tuple[Claim, str]
"""A claim, and the module or file in which it was found."""


def select(targets: Sequence[str] = ()) -> list[Claim]:
    """The claims of each target, in order, or all that are installed if there is no target.

    Arguments:
        targets: each a claim id, a glob over ids, the id of a statement that a claim covers, a document (its name, its
            stem or its leading number), a module or a `.py` file.

    Raises `GradproofError` if a target has no claim, and for two claims with one id.
    """
    # One file named twice is one file.
    named = dict.fromkeys(os.path.normpath(target) if target.endswith(".py") else target for target in targets)
    if named:
        known = [] if all(target.endswith(".py") for target in named) else list(_of_providers())
        return _unique(found for target in named for found in _of_target(target, known))
    claims = installed()
    if not claims:
        raise GradproofError("no claims are installed; name a .py file or a module that has some")
    return claims


def installed() -> list[Claim]:
    """The claims of every installed package that provides some, each once, in order of definition."""
    return _unique(_of_providers())


def from_file(path: Path) -> list[Claim]:
    """The claims of a Python file, which is run under a private name.

    Raises `GradproofError` if it does not run, with the line, and if it has no claim.
    """
    return _unique(_of_file(path))


def _unique(found: Iterable[Found]) -> list[Claim]:
    first: dict[str, Found] = {}
    for claim, place in found:
        other, elsewhere = first.setdefault(claim.id, (claim, place))
        if other is not claim:
            raise GradproofError(f"two claims have the id {claim.id!r}, in {elsewhere} and in {place}; rename one")
    return [claim for claim, _ in first.values()]


def providers() -> list[ModuleType]:
    """The packages that declare that they have claims."""
    return [imported(package) for package in sorted({entry.module for entry in entry_points(group=GROUP)})]


def _of_providers() -> Iterator[Found]:
    for package in providers():
        yield from _of_module(package)


def _of_module(module: ModuleType) -> Iterator[Found]:
    """The claims of a module and, of a package, those of its modules in alphabetical order."""
    yield from _attributes(module, module.__name__)
    for name in sorted(entry.name for entry in pkgutil.iter_modules(getattr(module, "__path__", ()))):
        if name != "__main__":
            yield from _of_module(imported(f"{module.__name__}.{name}"))


def _attributes(module: ModuleType, place: str) -> Iterator[Found]:
    return ((value, place) for value in list(vars(module).values()) if isinstance(value, Claim))


def _of_target(target: str, known: Sequence[Found]) -> list[Found]:
    """The claims of a target, where those of installed packages are known."""
    if target.endswith(".py"):
        return _of_file(Path(target))
    if any(character in target for character in "*?["):
        found = [item for item in known if fnmatch.fnmatchcase(item[0].id, target)]
    else:
        found = (
            [item for item in known if item[0].id == target]
            or [item for item in known if target in item[0].covers]
            or [item for item in known if target in _source_names(item[0])]
        )
    if found:
        return found
    if all(part.isidentifier() for part in target.split(".")):
        _importable(Path.cwd())
        with suppress(_Absent):
            return _some(_of_module(imported(target)), f"module {target!r}")
    names = dict.fromkeys(name for claim, _ in known for name in (claim.id, *claim.covers, *_source_names(claim)))
    nearest = difflib.get_close_matches(target, names, n=3)
    hint = f"the nearest are {', '.join(nearest)}" if nearest else "`gradproof list` shows what there is"
    raise GradproofError(f"{target!r} is no claim, statement, document, module or .py file; {hint}")


def document_names(document: str) -> tuple[str, ...]:
    """What a document may be called: its name, its stem or its leading number."""
    return document, Path(document).stem, document.split("_")[0]


def _source_names(claim: Claim) -> tuple[str, ...]:
    return () if claim.source is None else document_names(claim.source.document)


class _Absent(GradproofError):
    """There is no module of that name."""


def imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except (Exception, SystemExit) as error:
        broken = _broken(f"module {name!r}", error)
        absent = error.name if isinstance(error, ModuleNotFoundError) else None
        if absent is not None and f"{name}.".startswith(f"{absent}."):
            raise _Absent(str(broken)) from None
        raise broken from None


def _of_file(path: Path) -> list[Found]:
    if not path.is_file():
        raise GradproofError(f"there is no file {str(path)!r}; give the path of a .py file with claims")
    resolved = path.resolve()
    _importable(resolved.parent)
    # The name hides no other module, and is in sys.modules, where dataclasses and annotations look for it. The source
    # is compiled each time, since Python's cache cannot tell apart two versions written within one second.
    name = f"_gradproof_{path.stem}_{hashlib.sha256(os.fsencode(resolved)).hexdigest()[:8]}"
    loader = SourceFileLoader(name, str(resolved))
    spec = spec_from_loader(name, loader)
    assert spec is not None
    module = sys.modules[name] = module_from_spec(spec)
    try:
        exec(loader.source_to_code(loader.get_data(str(resolved)), str(resolved)), vars(module))
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _broken(str(path), error) from None
    return _some(_attributes(module, str(path)), str(path))


def _some(claims: Iterable[Found], what: str) -> list[Found]:
    found = list(claims)
    if not found:
        raise GradproofError(f"{what} has no claims; make some with gradproof.claim")
    return found


def _importable(folder: Path) -> None:
    """Let a file import its neighbours, as Python does for a script."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _broken(what: str, error: BaseException) -> GradproofError:
    """Why something does not import, with the last line that was reached in the file itself and not in a library."""
    if isinstance(error, SyntaxError):
        place = (error.filename, error.lineno)
        reason = f"{type(error).__name__}: {error.msg}"
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = next((frame.filename for frame in reversed(frames) if frame.name == "<module>"), None)
        place = (own, next((frame.lineno for frame in reversed(frames) if frame.filename == own), None))
        reason = str(error).strip().split("\n")[0]
        if not isinstance(error, GradproofError):
            reason = f"{type(error).__name__}: {reason}"
    where = f" ({Path(place[0]).name}, line {place[1]})" if place[0] and place[1] else ""
    return GradproofError(f"{what} does not import: {reason}{where}")

"""Finding claims: those of installed packages, of a module or of a file, by id, glob or document."""

import difflib
import fnmatch
import hashlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

from gradproof.catalogue.held import held, uncalled
from gradproof.claims import Claim, noted
from gradproof.errors import GradproofError

GROUP = "gradproof.claims"
"""The entry points by which a package declares its claims; the value of each is the name of the package."""

Found = tuple[Claim, str]
"""A claim, and the module or file in which it was found."""


def select(targets: Sequence[str] = ()) -> list[Claim]:
    """The claims of each target, in order, or all that are installed if there is no target.

    Arguments:
        targets: each a claim id, a glob over ids, the id of a statement that a claim covers, a document (its name, its
            stem or its leading number), a module, a `.py` file, or `FILE::ID` for those of a file with an id or a glob.

    Raises `GradproofError` if a target has no claim, and for two claims with one id.
    """
    # One file named twice is one file.
    named = dict.fromkeys(_normal(target) for target in targets)
    if named:
        known = [] if all(_file_and_id(target) for target in named) else list(_of_providers())
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
            first_place, second_place = (
                f"{where} ({each.place})" if each.place else where
                for each, where in ((other, elsewhere), (claim, place))
            )
            raise GradproofError(
                f"two claims have the id {claim.id!r}, in {first_place} and in {second_place}; rename one"
            )
    return [claim for claim, _ in first.values()]


def providers() -> list[ModuleType]:
    """The packages that declare that they have claims."""
    return [imported(package) for package in sorted({entry.module for entry in entry_points(group=GROUP)})]


def _of_providers() -> Iterator[Found]:
    for entry in sorted({entry.module for entry in entry_points(group=GROUP)}):
        yield from _of_module(entry)


def _of_module(name: str) -> Iterator[Found]:
    """The claims of a module and, of a package, those of its modules in alphabetical order."""
    with noted() as made:
        modules = list(_modules(imported(name)))
    for module in modules:
        theirs = [note.claim for note in made if note.module == module.__name__]
        yield from _claims(vars(module), module.__name__, module.__name__, theirs)


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for name in sorted(entry.name for entry in pkgutil.iter_modules(getattr(module, "__path__", ()))):
        if name != "__main__":
            yield from _modules(imported(f"{module.__name__}.{name}"))


def _claims(namespace: Mapping[str, Any], module: str, place: str, made: Iterable[Claim]) -> Iterator[Found]:
    """Those that a module holds, and those that it made and holds no more, as where a name is taken twice."""
    first = {id(claim): claim for _, claim in held(namespace, module)}
    return ((claim, place) for claim in (first | {id(claim): claim for claim in made}).values())


def _of_target(target: str, known: Sequence[Found]) -> list[Found]:
    """The claims of a target, where those of installed packages are known."""
    if (named := _file_and_id(target)) is not None:
        return _of_part(*named)
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
            return _some(_of_module(target), f"module {target!r}")
    names = dict.fromkeys(name for claim, _ in known for name in (claim.id, *claim.covers, *_source_names(claim)))
    raise GradproofError(f"{target!r} is no claim, statement, document, module or .py file; {_advice(target, names)}")


def _advice(target: str, names: Iterable[str]) -> str:
    """What to give instead of a target that is none."""
    if Path(target).is_dir():
        return f"name the .py files of the folder, or run `pytest --gradproof {target}`"
    if Path(target).is_file():
        return "claims stand in .py files"
    file, colon, id = target.partition(".py:")
    if colon:
        return f"a claim of a file is named {file}.py::{id}"
    if nearest := difflib.get_close_matches(target, names, n=3):
        return f"the nearest are {', '.join(nearest)}"
    return "`gradproof list` shows what there is, and a claim of a file is named FILE.py::ID"


def _file_and_id(target: str) -> tuple[Path, str | None] | None:
    """What `my_loss.py` or `my_loss.py::my_loss.gradient` says."""
    file, colons, id = target.partition("::")
    return (Path(file), id if colons else None) if file.endswith(".py") else None


def _normal(target: str) -> str:
    file, colons, id = target.partition("::")
    return f"{os.path.normpath(file)}{colons}{id}" if file.endswith(".py") else target


def _of_part(path: Path, id: str | None) -> list[Found]:
    """The claims of a file, or those with an id or a glob."""
    found = _of_file(path)
    chosen = [item for item in found if id is None or item[0].id == id or fnmatch.fnmatchcase(item[0].id, id)]
    if not chosen:
        ids = [claim.id for claim, _ in found]
        nearest = ", ".join(difflib.get_close_matches(str(id), ids, n=3) or ids[:3])
        raise GradproofError(f"{id!r} is no claim of {path}; the nearest are {nearest}")
    return chosen


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
    source = loader.get_data(str(resolved))
    try:
        with noted() as notes:
            exec(loader.source_to_code(source, str(resolved)), vars(module))
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _broken(str(path), error) from None
    made = [note.claim for note in notes]
    for function, line in uncalled(source, vars(module), made):
        raise GradproofError(
            f"{path}, line {line}: the claim is made inside {function}, which was not called; call it, and assign "
            "what it returns to a name"
        )
    theirs = [note.claim for note in notes if note.module == name]
    return _some(_claims(vars(module), name, str(path), theirs), str(path))


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

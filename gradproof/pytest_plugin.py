"""The pytest plugin: claims as test items, those of test modules and, with `--gradproof`, those of files and folders.

Every pytest run in an environment with gradproof loads this module, so nothing here imports JAX before there is a
claim.
"""

import ast
import sys
from collections.abc import Generator, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from gradproof.claims.verdict import Acceptable
from gradproof.errors import GradproofError

if TYPE_CHECKING:
    from gradproof.claims import Claim
    from gradproof.claims.verdict import Verdict


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradproof")
    group.addoption(
        "--gradproof",
        action="store_true",
        help="verify the claims of the given Python files, and of those in the given folders, other than test modules",
    )
    group.addoption(
        "--gradproof-accept",
        action="append",
        default=[],
        choices=get_args(Acceptable),
        help="take a verdict that is no proof for a pass; may be given again",
    )


class _NotAsExpected(Exception):
    def __init__(self, verdict: "Verdict") -> None:
        self.verdict = verdict


class ClaimItem(pytest.Item):
    """One claim. It passes if the verdict is the expected one."""

    def __init__(self, *, claim: "Claim", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.claim = claim

    def runtest(self) -> None:
        from gradproof.verification import verify

        verdict = verify(self.claim, accept=self.config.getoption("gradproof_accept"))
        if not verdict.as_expected:
            raise _NotAsExpected(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        match excinfo.value:
            case _NotAsExpected(verdict=verdict):
                from gradproof.claims.words import explain

                return explain(verdict)
            case GradproofError() as error:
                return str(error)
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = self.claim.line
        return self.path, None if line is None else line - 1, f"claim {self.claim.id}"


class ClaimFile(pytest.File):
    """A Python file that is run for its claims, as `gradproof verify` does."""

    def collect(self) -> Iterator[ClaimItem]:
        import jax

        from gradproof.catalogue import from_file

        with jax.enable_x64(True):
            claims = from_file(self.path)
        for claim in claims:
            yield _item(self, claim)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, GradproofError) else super().repr_failure(excinfo, *args)


def _item(parent: pytest.Collector, claim: "Claim", marks: Iterable[pytest.MarkDecorator] = ()) -> ClaimItem:
    """One claim, with the marks that stand above `@claim` and those that its function has."""
    item: ClaimItem = ClaimItem.from_parent(parent, name=claim.id, claim=claim)
    item.own_markers.extend(getattr(claim.function, "pytestmark", ()))
    item.own_markers.extend(mark.mark for mark in marks)
    item.keywords.update((mark.name, mark) for mark in item.own_markers)
    return item


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    collectors = yield
    if not parent.config.getoption("gradproof") or file_path.suffix != ".py":
        return collectors
    given = parent.session.isinitpath(file_path)
    # Not every file of a folder has claims, and some are not meant to be run.
    within = any(parent.session.isinitpath(folder) for folder in file_path.parents) and _makes_claims(file_path)
    tests = any(fnmatch(file_path.name, pattern) for pattern in parent.config.getini("python_files"))
    if tests or not (given or within):
        return collectors
    others = [collector for collector in collectors if not isinstance(collector, pytest.Module)]
    return [*others, ClaimFile.from_parent(parent, path=file_path)]


_MAKERS = {"claim", "definition", "demonstration"}


def _makes_claims(path: Path) -> bool:
    """Whether a file imports from gradproof what makes claims, and uses it."""
    source = path.read_bytes()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        # Running it says what is wrong with it.
        return b"gradproof" in source
    makers = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "gradproof"
        for alias in node.names
        if alias.name in _MAKERS
    }
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "gradproof"
    }
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in makers:
                return True
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules and name in _MAKERS:
                return True
    return False


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Refuse a test module with claims of its own that no name of it leads to."""
    if not isinstance(collector, pytest.Module):
        return (yield)
    from gradproof.catalogue import held
    from gradproof.claims import noted

    with noted() as made:
        report = yield
    if made and report.outcome == "passed":
        names = vars(collector.obj)
        kept = {id(claim) for _, claim in held(names, collector.obj.__name__)}
        for claim in (note.claim for note in made if note.claim.file == str(collector.path)):
            # What a function makes, or what is made of a function with a name, may stand in a decorator of a test.
            name = getattr(claim.function, "__qualname__", "")
            if id(claim) not in kept and name in names and names[name] is not claim.function:
                report.outcome, report.result = "failed", []
                report.longrepr = f"claim {claim.id!r} ({claim.place}) is lost: its name {name!r} is taken again"
    return report


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> list[pytest.Item] | None:
    """The claims that a name of a test module leads to, in a list, a mapping or a class, too."""
    module = collector.getparent(pytest.Module)
    if "gradproof.claims.claim" not in sys.modules or module is None:
        return None
    if isinstance(collector, pytest.Class):
        marked = _marked(obj)
        return None if marked is None else [_item(collector, *marked)]
    from gradproof.catalogue import held

    # A claim belongs to the module that wrote it, under the first of its names, and not to those that import it.
    own = module.obj.__name__
    found = [
        claim
        for first, claim in held(vars(module.obj), own)
        if first == name and getattr(claim.code, "__module__", None) == own
    ]
    if not found or (isinstance(obj, type) and module.classnamefilter(name)):
        return None
    marked = _marked(obj)
    return [_item(module, *marked)] if marked is not None else [_item(module, claim) for claim in found]


def _marked(obj: object) -> tuple["Claim", list[pytest.MarkDecorator]] | None:
    """A claim, and the marks above it: pytest hands a mark what it does not take for a function as an argument."""
    from gradproof.claims import Claim

    marks = []
    while isinstance(obj, pytest.MarkDecorator) and obj.args:
        *arguments, inner = obj.args
        mark = getattr(pytest.mark, obj.name)
        marks.append(mark.with_args(*arguments, **obj.kwargs) if arguments or obj.kwargs else mark)
        obj = inner
    return (obj, marks) if isinstance(obj, Claim) else None

"""The pytest plugin: claims as test items, those of test modules and, with `--gradproof`, those of any file given.

Every pytest run in an environment with gradproof loads this module, so nothing here imports JAX before there is a
claim.
"""

import sys
from collections.abc import Generator, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradproof.errors import GradproofError

if TYPE_CHECKING:
    from gradproof.claims import Claim
    from gradproof.claims.verdict import Verdict


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("gradproof").addoption(
        "--gradproof", action="store_true", help="verify the claims of the given Python files, other than test modules"
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

        verdict = verify(self.claim)
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
        code = getattr(self.claim.code, "__code__", None)
        return self.path, code.co_firstlineno - 1 if code else None, f"claim {self.claim.id}"


class ClaimFile(pytest.File):
    """A Python file that is run for its claims, as `gradproof verify` does."""

    def collect(self) -> Iterator[ClaimItem]:
        import jax

        from gradproof.catalogue import from_file

        with jax.enable_x64(True):
            claims = from_file(self.path)
        for claim in claims:
            yield ClaimItem.from_parent(self, name=claim.id, claim=claim)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, GradproofError) else super().repr_failure(excinfo, *args)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    collectors = yield
    given = parent.config.getoption("gradproof") and parent.session.isinitpath(file_path)
    tests = any(fnmatch(file_path.name, pattern) for pattern in parent.config.getini("python_files"))
    if not given or tests or file_path.suffix != ".py":
        return collectors
    others = [collector for collector in collectors if not isinstance(collector, pytest.Module)]
    return [*others, ClaimFile.from_parent(parent, path=file_path)]


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> ClaimItem | None:
    module = sys.modules.get("gradproof.claims.claim")
    if module is None or not isinstance(obj, module.Claim) or not isinstance(collector, pytest.Module):
        return None
    # A claim belongs to the module that wrote it, under the first of its names, and not to those that import it.
    first = next(key for key, value in vars(collector.obj).items() if value is obj)
    if name != first or getattr(obj.code, "__module__", None) != collector.obj.__name__:
        return None
    return ClaimItem.from_parent(collector, name=obj.id, claim=obj)

"""What `docs/checking.md` says of test suites and CI is what happens; its Python examples `test_docs.py` runs."""

import contextlib
import io
import json
import re
import sys
from pathlib import Path

import pytest

from gradproof.cli import main

PAGE = (Path(__file__).parents[1] / "docs" / "checking.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


PYTHON = blocks("python")
RULE, PRINTED, BY_HAND, CLAIM = PYTHON[0], PYTHON[1], PYTHON[2], PYTHON[-1]
HEAD = "import gradproof\nimport jax\nimport jax.numpy as jnp\n\n\n"


@pytest.fixture
def project(pytester, monkeypatch):
    """The project of the page: claims in a folder, and tests in another."""
    for folder in ("losses", "tests"):
        pytester.mkdir(folder)
    (pytester.path / "losses" / "hidden.py").write_text(HEAD + CLAIM)
    (pytester.path / "tests" / "test_loss.py").write_text(HEAD + BY_HAND)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    return pytester


def test_what_is_printed():
    found = io.StringIO()
    with contextlib.redirect_stdout(found):
        exec(RULE + PRINTED, {})
    assert found.getvalue() == blocks("console")[0]


def test_the_suite_runs_in_several_processes(project):
    (command,) = blocks("sh")
    program, *arguments = command.replace("-n auto", "-n 2").split()
    assert program == "pytest"
    project.runpytest_subprocess(*arguments).assert_outcomes(passed=2)


def test_the_matrix_finds_what_is_wrong(project, monkeypatch, capsys):
    page = project.path / "losses" / "hidden.py"
    page.write_text(page.read_text() + CLAIM.replace("hidden", "other").replace("outer(", "outer(2 * "))
    commands = re.findall(r"^ +- run: gradproof (.*)$", blocks("yaml")[0], re.MULTILINE)
    parts = json.loads(re.search(r"part: (.*)", blocks("yaml")[0])[1])
    verify, merge = commands

    def run(command):
        monkeypatch.setattr(sys, "argv", ["gradproof", *command.split()])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code

    # Here in one process, and there on four machines.
    statuses = [run(verify.replace("${{ matrix.part }}", str(part)) + " --jobs 0") for part in parts]
    assert sorted(statuses) == [0, 0, 0, 1]
    capsys.readouterr()
    assert run(merge) == 1
    assert capsys.readouterr().out.endswith("1 refuted, 1 proved; 1 not as expected\n")
    ids = [claim["id"] for claim in json.loads((project.path / "verdicts.json").read_text())["claims"]]
    assert sorted(ids) == ["hidden.gradient", "other.gradient"]

"""What the README shows is what happens."""

import contextlib
import doctest
import io
import re
import sys
from pathlib import Path
from typing import get_args

import jax
import numpy as np
import pytest

import gradproof
from gradproof.claims.verdict import Outcome
from gradproof.claims.words import MEANINGS
from gradproof.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


WRONG = blocks("python")[0]
REMOVED, ADDED = (re.search(rf"^{re.escape(sign)}(.*)$", blocks("diff")[0], re.MULTILINE)[1] for sign in "-+")
RIGHT = WRONG.replace(REMOVED, ADDED)


def masked(output: str) -> str:
    """Without what differs from one machine to another."""
    return re.sub(r"\d+\.\d\d s$", "#", output, flags=re.MULTILINE).strip()


@pytest.mark.parametrize(("text", "shown", "status"), [(WRONG, 0, 1), (RIGHT, 1, 0)], ids=["refuted", "proved"])
def test_the_example(tmp_path, monkeypatch, capsys, text, shown, status):
    (tmp_path / "my_loss.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    command, _, output = blocks("console")[shown].partition("\n")
    monkeypatch.setattr(sys, "argv", command.removeprefix("$ ").split())
    with pytest.raises(SystemExit) as caught:
        main()
    printed, errors = capsys.readouterr()
    assert (caught.value.code, errors) == (status, "")
    assert masked(printed) == masked(output)


def test_the_table_of_verdicts_is_that_of_the_help():
    rows = []
    for word, meaning in MEANINGS.items():
        accepted = f"`{meaning.accepted}`" if meaning.accepted else ""
        rows.append(" | ".join([f"| {word}", meaning.says, meaning.passes, meaning.status, f"{accepted} |\n"]))
    header = "| verdict | what it says | a pass | exit status | accepted with |\n|---|---|---|---|---|\n"
    assert f"{header}{''.join(rows)}\n" in README
    assert list(MEANINGS) == list(get_args(Outcome))


def test_the_example_is_short():
    assert len(WRONG.splitlines()) <= 30
    assert RIGHT != WRONG


def test_the_rest_of_the_examples():
    """They speak of the names of the first one, and of all that gradproof has."""
    names = {"w": np.zeros(3), "X": np.ones((4, 3)), "y": np.ones(4)}
    exec(f"from gradproof import *\n{RIGHT}", names)
    verdicts = []
    for block in blocks("python")[1:]:
        if "manual_grads" in block:
            continue
        exec(block, names)
        verdicts.append(names["verdict"] if "verdict" in block else gradproof.verify(list(names.values())[-1]))
    assert [verdict.verdict for verdict in verdicts] == ["proved", "proved"]


def test_the_examples_of_training():
    names = {}
    for block in blocks("python"):
        if "manual_grads" in block:
            exec(block, names)
    losses = np.asarray(names["run"].losses)
    assert losses[-1] < losses[0] / 2
    arguments = names["start"], names["images"], names["labels"]
    by_jax, by_hand = jax.grad(names["loss"])(*arguments), names["model"].gradient(*arguments)
    assert all(jax.tree.leaves(jax.tree.map(np.array_equal, by_jax, by_hand)))


def test_the_five_lines_are_five():
    (block,) = (block for block in blocks("python") if "training" in block)
    assert len(block.split("\n\n")[-1].strip().splitlines()) == 5


def test_the_session():
    (session,) = blocks("pycon")
    example = doctest.DocTestParser().get_doctest(session, {}, "README", None, None)
    found = io.StringIO()
    with contextlib.redirect_stdout(found):
        for step in example.examples:
            exec(step.source, example.globs)
    assert found.getvalue() == "".join(step.want for step in example.examples)

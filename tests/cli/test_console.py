"""Everything can be read at 80 columns: lines are folded between words, and what is in a file is whole."""

import re
import sys

import pytest

from gradproof.cli import main
from gradproof.cli.console import folded

LONG = "a.very." + "long." * 20 + "id"
CLAIMS = f"""
import jax.numpy as jnp
from gradproof import *


@claim("wrong.of_a_rather_long_name", r"{" + ".join(["x_i"] * 40)}", source=Source("a_document.txt", tuple(range(40))))
def wrong(x=Real("n"), y=Positive("n m")):
    yield derivative(lambda x: jnp.sum(jnp.sin(x)) + jnp.sum(y), x)
    yield jnp.cos(x) + jnp.where(jnp.arange(len(x)) > 0, 1.0, 0.0)


@claim("{LONG}")
def untraced(x=Real("n"), y=Real("m")):
    yield x @ y
    yield y @ x
"""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("short", ["short"]),
        ("", [""]),
        ("one two three four five", ["one two three", "four five"]),
        ("  one two three four", ["  one two", "  three four"]),
        ("name  one two three", ["name  one two", "      three"]),
        ("  name  one two three", ["  name  one", "    two three"]),
        ("a.name.too.long.to.fit and more", ["a.name.too.long.to.fit", "and more"]),
        ("\x1b[31mrefuted\x1b[0m  one two", ["\x1b[31mrefuted\x1b[0m  one", "    two"]),
    ],
)
def test_a_line_is_folded_between_words(line, found):
    assert list(folded(line, 14)) == found


@pytest.mark.parametrize("command", ["list", "verify --jobs 0 --quick", "show", "verify --help"])
@pytest.mark.parametrize("columns", ["80", None])
def test_what_is_printed(command, columns, tmp_path, monkeypatch, capsys):
    (tmp_path / "claims.py").write_text(CLAIMS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    if columns is None:
        monkeypatch.delenv("COLUMNS", raising=False)
    else:
        monkeypatch.setenv("COLUMNS", columns)
    what = [] if "help" in command else ["claims.py::wrong.of_a_rather_long_name" if command == "show" else "claims.py"]
    monkeypatch.setattr(sys, "argv", ["gradproof", *command.split(), *what])
    with pytest.raises(SystemExit):
        main()
    lines = capsys.readouterr().out.splitlines()
    wide = [line for line in lines if len(line) > 80]
    assert "help" in command or [line for line in lines if line != line.rstrip()] == []
    if columns is None:
        assert wide or "help" in command
    else:
        # A word is whole.
        assert [line for line in wide if not re.fullmatch(rf" *(proved|undecided)? *{re.escape(LONG)}", line)] == []

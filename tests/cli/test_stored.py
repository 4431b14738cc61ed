"""Verdicts that were written once are read again, and are marked where the claim has changed since."""

import json
import subprocess
import sys

import pytest

from gradproof import verification
from gradproof.cli import main
from gradproof.cli.runs.stored import commit

CLAIMS = """
from gradproof import Real, claim, definition, misprint


@claim("stored.square", r"x^2 = x x")
def square(x=Real({shape})):
    yield x**2
    yield x * x


@claim("stored.wrong", r"2 x", correction="3 x", covers={{"s.1": "misprint"}})
def wrong(x=Real()):
    yield {factor} * x
    yield misprint(printed=2 * x, correct=x + x + x)


word = definition("stored.word", "x")
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command in a folder of its own; what it prints, and its status."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())

    def called(*arguments):
        monkeypatch.setattr(sys, "argv", ["gradproof", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capsys.readouterr()
        return caught.value.code, out, err

    write(tmp_path)
    return called


def write(folder, shape='"n"', factor=3):
    (folder / "claims.py").write_text(CLAIMS.format(shape=shape, factor=factor))


@pytest.fixture
def stored(run, monkeypatch):
    """A document; from then on nothing is verified without being noticed."""
    assert run("verify", "claims.py", "--json", "all.json", "--jobs", "0")[0] == 0
    return run


def unable(*_, **__):
    raise AssertionError("it is verified again")


def test_a_stored_verdict_is_shown_and_not_verified_again(stored, monkeypatch):
    monkeypatch.setattr(verification, "verify", unable)
    status, out, _ = stored("show", "claims.py::stored.square", "--verdicts", "all.json")
    assert not status
    assert "stored.square: proved" in out
    assert "stored      verified before" in out


@pytest.mark.parametrize("change", [{"shape": '"m n"'}, {"shape": ""}], ids=["rank", "number"])
def test_a_claim_that_has_changed_is_marked(stored, tmp_path, change):
    write(tmp_path, **change)
    _, out, _ = stored("show", "claims.py::stored.square", "--verdicts", "all.json")
    assert "stale: verified before, and the claim has changed since; gradproof verify stored.square" in out
    _, out, _ = stored("list", "claims.py", "--verdicts", "all.json")
    assert "proved (stale)" in out


def test_what_is_not_stored_is_verified(stored, tmp_path):
    document = json.loads((tmp_path / "all.json").read_text())
    document["claims"] = [record for record in document["claims"] if record["id"] != "stored.square"]
    (tmp_path / "some.json").write_text(json.dumps(document))
    _, out, _ = stored("show", "claims.py::stored.square", "--verdicts", "some.json")
    assert "stored.square: proved" in out
    assert "verified before" not in out


def test_a_first_look_is_not_gone_on_from(run):
    assert run("verify", "claims.py", "--json", "quick.json", "--jobs", "0", "--quick")[0] == 0
    _, out, _ = run("show", "claims.py::stored.square", "--verdicts", "quick.json")
    assert "verified before" not in out


def test_verdicts_are_listed(stored):
    _, out, _ = stored("list", "claims.py", "--verdicts", "all.json")
    rows = [line.split() for line in out.splitlines() if line.strip().startswith("stored.")]
    assert [(row[0], row[3]) for row in rows] == [
        ("stored.square", "proved"),
        ("stored.wrong", "refuted"),
        ("stored.word", "definition"),
    ]


def test_errata_are_of_stored_verdicts_and_stale_ones_are_no_success(stored, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(verification, "verify", unable)
        status, out, _ = stored("errata", "claims.py", "--verdicts", "all.json", "--markdown", "page.md")
    assert (status, "stored.wrong: mathematics\n" in out) == (0, True)
    write(tmp_path, factor=4)
    status, out, _ = stored("errata", "claims.py", "--verdicts", "all.json", "--markdown", "page.md")
    assert (status, "stored.wrong: mathematics (stale)\n" in out) == (1, True)
    assert "(stale)" in (tmp_path / "page.md").read_text()


@pytest.mark.parametrize(("content", "why"), [("{}", "is no document of"), ("[", "is no document of"), (None, "read")])
def test_what_is_no_document_is_refused(run, tmp_path, content, why):
    if content is not None:
        (tmp_path / "bad.json").write_text(content)
    status, _, err = run("list", "claims.py", "--verdicts", "bad.json")
    assert (status, err.count("\n")) == (2, 1)
    assert why in err


def test_a_document_names_the_commit(stored, tmp_path):
    assert json.loads((tmp_path / "all.json").read_text())["commit"] is None
    who = ["-c", "user.name=A", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "claims.py"], [*who, "commit", "-qm", "claims"]):
        subprocess.run(["git", *command], check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert commit() == head
    (tmp_path / "claims.py").write_text("")
    assert commit() == f"{head}-changed"

"""`gradproof mutate`: the matrix, the file of results that a run goes on from, and mistakes in the call."""

import json
import os
import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from gradproof.checks import pipeline
from gradproof.cli import main, parallel
from gradproof.mutation.fate import Fate
from gradproof.programs import rewriting

FILE = """\
from gradproof import Real, claim


@claim("double")
def double(x=Real("n")):
    yield 2 * x
    yield x + x


@claim("product")
def product(a=Real(), b=Real()):
    yield a * b
    yield b * a + 0
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """The command line in an empty folder with FILE in it."""
    monkeypatch.setattr("gradproof.catalogue.collect.entry_points", lambda group: [])
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claims.py").write_text(FILE)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["gradproof", "mutate", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capsys.readouterr()
        return caught.value.code or 0, out, err

    return call


def test_matrix(run):
    status, out, err = run("claims.py")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "kind          shape  exact  kink  floating  equivalent  undecided  survivor  all",
        "operation         0      5     0         0           1          0         0    6",
        "term dropped      0      4     0         0           1          0         0    5",
        "sign              0      4     0         0           0          0         0    4",
        "constant          0      3     0         0           0          0         0    3",
        "ignored           0     10     0         0           0          0         0   10",
        "wire              0      2     0         0           0          0         0    2",
        "all               0     28     0         0           2          0         0   30",
        "",
        "30 mistakes in 2 claims: 28 refused, 2 equivalent, 0 undecided, 0 survived",
    ]


def planted(monkeypatch):
    """The claims in which mistakes are planted from now on."""
    ids = []
    original = parallel.fates_of

    def noted(study, **options):
        ids.append(study.claim.id)
        return original(study, **options)

    monkeypatch.setattr(parallel, "fates_of", noted)
    return ids


def test_what_is_known_is_not_run_again(run, tmp_path, monkeypatch):
    whole = run("claims.py", "--results", "a.jsonl", "--most", "3")
    ids = planted(monkeypatch)
    assert run("claims.py", "--results", "a.jsonl", "--most", "3") == whole
    assert ids == []
    (tmp_path / "claims.py").write_text(FILE.replace("b * a + 0", "b * a"))
    assert run("claims.py", "--results", "a.jsonl", "--most", "3")[0] == 0
    assert ids == ["product"]
    assert [json.loads(line)["claim"] for line in (tmp_path / "a.jsonl").read_text().splitlines()] == [
        "double",
        "product",
    ]


def test_half_a_line_is_written_anew(run, tmp_path, monkeypatch):
    whole = run("claims.py", "--results", "a.jsonl", "--most", "3")
    text = (tmp_path / "a.jsonl").read_bytes()
    (tmp_path / "a.jsonl").write_bytes(text[:-50])
    ids = planted(monkeypatch)
    assert run("claims.py", "--results", "a.jsonl", "--most", "3") == whole
    assert ids == ["product"]
    assert (tmp_path / "a.jsonl").read_bytes() == text


def test_a_run_that_is_interrupted_goes_on(run, tmp_path, monkeypatch):
    run("claims.py", "--results", "whole.jsonl", "--most", "3")
    original = parallel.fates_of

    def interrupted(study, **options):
        if study.claim.id == "product":
            raise KeyboardInterrupt
        return original(study, **options)

    with monkeypatch.context() as patch:
        patch.setattr(parallel, "fates_of", interrupted)
        message = "gradproof: interrupted; the same command goes on where it was\n"
        assert run("claims.py", "--results", "a.jsonl", "--most", "3") == (130, "", message)
        message = "gradproof: interrupted; with --results FILE it could go on\n"
        assert run("claims.py", "--most", "3") == (130, "", message)
    ids = planted(monkeypatch)
    assert run("claims.py", "--results", "a.jsonl", "--most", "3")[0] == 0
    assert ids == ["product"]
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_an_undecided_one_is_shown(run, monkeypatch):
    fate = Fate("double", "sign", "claims.py:7", "add x x -> neg (add x x)", "undecided", "the day is not a good one")
    monkeypatch.setattr(parallel, "fates_of", lambda study, **_: [replace(fate, claim=study.claim.id)])
    status, out, _ = run("claims.py")
    assert status == 1
    assert out.endswith("product: undecided\n\n  claims.py:7: add x x -> neg (add x x)\n  the day is not a good one\n")


def test_without_a_target_claims_about_documents_are_left_out(run, tmp_path, monkeypatch):
    package = tmp_path / "texts"
    package.mkdir()
    about = 'claim("product", source=Source("007_a.txt", (3,)))'
    (package / "__init__.py").write_text(
        FILE.replace('claim("product")', about).replace("import Real", "import Real, Source")
    )
    monkeypatch.setattr("gradproof.catalogue.collect.entry_points", lambda group: [SimpleNamespace(module="texts")])
    monkeypatch.syspath_prepend(tmp_path)
    ids = planted(monkeypatch)
    assert run()[0] == 0
    assert ids == ["double"]
    sys.modules.pop("texts")


def test_two_processes_write_what_one_does(run, tmp_path, monkeypatch):
    run("claims.py", "--results", "one.jsonl", "--most", "6")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert run("claims.py", "--results", "two.jsonl", "--most", "6")[0] == 0
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()


def test_survivors_are_shown(run, monkeypatch):
    monkeypatch.setattr(pipeline, "CHECKS", ())
    status, out, err = run("claims.py", "--most", "3")
    assert (status, err) == (1, "")
    assert out.splitlines()[4:12] == [
        "all               0      0     0         0           1          0         5    6",
        "",
        "6 mistakes in 2 claims: 0 refused, 1 equivalent, 0 undecided, 5 survived",
        "",
        "double: survivor",
        "",
        "  claims.py:7: add x x -> sub x x",
        "  0.0 and not -2.0462799072265625 at {'x': [-1.0231399536132812, -2.8907241821289062]}",
    ]


MISTAKES = [
    (
        ["nothing"],
        (
            "'nothing' is no claim, statement, document, module or .py file; `gradproof list` shows what there is, "
            "and a claim of a file is named FILE.py::ID"
        ),
    ),
    (["claims.py", "--most", "0"], "Invalid value for '--most': .*"),
    (
        ["claims.py", "--results", "a.jsonl", "--seed", "1"],
        "'a.jsonl' was begun with --seed 0 --most 3; go on with these, or give another path",
    ),
    (
        ["claims.py", "--results", "a.jsonl"],
        "'a.jsonl' was begun with --seed 0 --most 3; go on with these, or give another path",
    ),
    (
        ["claims.py", "--results", "claims.py"],
        "line 1 of 'claims.py' is not a result of `gradproof mutate`; give another path",
    ),
    (["claims.py", "--results", "no/a"], "cannot write 'no/a': No such file or directory; give another path"),
    (
        ["claims.py", "--results", "."],
        "cannot write '.': it is there and no file that can be written; give another path",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=[" ".join(arguments) for arguments, _ in MISTAKES])
def test_a_mistake_in_the_call_is_one_line(run, tmp_path, arguments, message):
    record = {"claim": "other", "seed": 0, "most": 3, "program": "", "fates": []}
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    line = re.escape(message).replace(r"\.\*", ".*")
    assert re.fullmatch(f"gradproof: {line}\n", err), err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


def test_a_check_that_is_added_has_its_column(run, monkeypatch):
    def refuses(study, found):
        program = study.exact
        last = program.part(program.sides[-1:])
        return found if rewriting.uses(last.jaxpr, "add") else found.refused("no sum", "side 1 has no sum")

    monkeypatch.setattr(pipeline, "CHECKS", (*pipeline.CHECKS, refuses))
    status, out, err = run("claims.py")
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == (
        "kind          shape  exact  kink  floating  no sum  equivalent  undecided  survivor  all"
    )
    assert out.splitlines()[7:] == [
        "all               0     28     0         0       2           0          0         0   30",
        "",
        "30 mistakes in 2 claims: 30 refused, 0 equivalent, 0 undecided, 0 survived",
    ]

"""The command line: what it prints, what it writes, and one line and status 2 for each mistake in its use."""

import json
import os
import re
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest

from gradproof import Counterexample, Exact, GradproofError, Kink, Verdict
from gradproof.claims.verdict import Code
from gradproof.cli import main
from gradproof.errors import EngineError
from gradproof.mutation.fate import MOST

LONG = "a.very." + "long." * 30 + "id"
FILE = f'''
from gradproof import Real, Source, claim, misprint


@claim("true", "x = x", source=Source("007_a.txt", (3, 5), "(2)"), hypotheses=["x is real"], covers=["007.3"])
def true(x=Real()):
    yield x
    yield x


@claim("false", "x = -x")
def false(x=Real()):
    yield x
    yield -x


@claim("unclear")
def unclear(x=Real()):
    yield x
    yield x


@claim(
    "printed", "x = 2x", correction="x = x", severity="index", same_as=["007.3"], source=Source("007_a.txt", (4,)),
    covers={{"007.4": "misprint"}},
)
def printed(x=Real()):
    yield x
    yield misprint(printed=2 * x, correct=x)


@claim("{LONG}")
def long(x=Real()):
    yield x
    yield x
'''


def engine(claim, *, seed, quick, full, watch):
    """An engine that knows its verdicts."""
    exact = Exact(-104.3, 3, ({"n": 2},), ("autodiff", "dual"))
    example = Counterexample({"n": 2}, {"x": np.array([1.0, 2.0])}, 1, "[0]", 1.0, -1.0, "wrong sign")
    match claim.id:
        case "false":
            code = Code("differs", {"float64": 2.0})
            return Verdict(claim, "refuted", "side 2 is not side 1", exact, code, counterexample=example)
        case "unclear":
            return Verdict(claim, "undecided", "no rule for the primitive 'foo'")
        case "printed":
            return Verdict(claim, "refuted", "false as printed", exact, counterexample=example, corrected=True)
        case "error":
            raise GradproofError("claim 'error': it does not trace")
    kinks = (Kink("f.py:3", "x < 0", ("<",), True),)
    return Verdict(claim, "proved", f"seed {seed}", exact, Code("accurate", {"float64": 0.5}), kinks)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """The command line in an empty folder with FILE in it, and an engine that knows its verdicts."""
    monkeypatch.setattr("gradproof.verification.verify", engine)
    monkeypatch.setattr("gradproof.catalogue.collect.entry_points", lambda group: [])
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claims.py").write_text(FILE)
    (tmp_path / "true.py").write_text(FILE.split("\n\n\n@claim")[0] + "\n\n\n@claim" + FILE.split("\n\n\n@claim")[1])

    def call(command: str = "", *arguments: str) -> tuple[int, str, str]:
        # The engine is not known to other processes.
        here = ["--jobs", "0"] if command == "verify" and "--jobs" not in arguments else []
        monkeypatch.setattr(sys, "argv", ["gradproof", *filter(None, [command]), *here, *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capsys.readouterr()
        return caught.value.code or 0, out, err

    return call


def test_all_as_expected(run):
    status, out, err = run("verify", "true.py")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "proved          true  bound 2^-104, 1 kink, accurate to 0.5 ulp, 0.00 s",
        "",
        "1 proved; all as expected",
    ]


def test_some_not_as_expected(run):
    status, out, err = run("verify", "claims.py")
    assert (status, err) == (1, "")
    assert re.search(
        r"^refuted         printed  bound 2\^-104, 0.00 s\n {16}misprint; correct is x = x$", out, re.MULTILINE
    )
    unclear = (
        r"^undecided       unclear  not as expected, claims.py:\d+, 0.00 s\n\n  no rule for the primitive 'foo'\n\n\w"
    )
    assert re.search(unclear, out, re.MULTILINE)
    assert out.endswith("2 proved, 2 refuted, 1 undecided; 2 not as expected\n")
    laid_out = out[out.index("refuted         false") : out.index("undecided       unclear")]
    rows = ["x = -x", "side 2 is not side 1", "sizes      n = 2", "x          [1.0, 2.0]"]
    rows += ["entry      [0]", "expected   1.0", "given      -1.0", "diagnosis  wrong sign"]
    assert [row for row in rows if f"  {row}\n" not in laid_out] == []


def test_ids_are_whole_in_a_narrow_file(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    _, out, _ = run("verify", "claims.py")
    assert re.search(rf"^proved\n +{re.escape(LONG)}\n +bound", out, re.MULTILINE)


def test_reports(run, tmp_path):
    status, _, _ = run("verify", "claims.py", "--json", "a.json", "--junit", "a.xml", "--seed", "5")
    assert status == 1
    found = json.loads((tmp_path / "a.json").read_text())
    assert (found["seed"], found["backend"], len(found["claims"])) == (5, "cpu", 5)
    assert found["claims"][0]["why"] == "seed 5"
    assert len(ElementTree.parse(tmp_path / "a.xml").findall(".//testcase")) == 5


def test_list(run):
    status, out, err = run("list", "claims.py")
    assert (status, err) == (0, "")
    assert re.search(r"^true +true +holds +007_a\.txt +3, 5$", out, re.MULTILINE)
    assert re.search(r"^printed +printed +misprint +007_a\.txt +4$", out, re.MULTILINE)


def test_show(run):
    status, out, _ = run("show", "true.py")
    assert status == 0
    rows = [
        "true: proved",
        "  x = x",
        "007_a.txt, lines 3, 5",
        "(2)",
        "007.3 (holds)",
        "x is real",
        "def true(x=Real()):",
    ]
    assert [row for row in [*rows, "2^-104, from 3 draws", "n = 2", "x < 0 (f.py:3)"] if row not in out] == []


def test_show_and_list_know_statements(run):
    """Those of packages; a file has the ids of its claims alone."""
    status, out, _ = run("list", "claims.py", "--same-as", "printed")
    assert status == 0
    assert re.findall(r"^(\w+) ", out, re.MULTILINE)[1:] == ["true", "printed"]


@pytest.fixture
def installed(run, tmp_path, monkeypatch):
    """The same, and a package of claims about a document of three statements, two of which are covered."""
    package = tmp_path / "texts"
    package.mkdir()
    (package / "__init__.py").write_text(FILE)
    statements = [{"id": f"007.{line}", "lines": [line]} for line in (3, 4, 5)]
    (package / "statements.json").write_text(json.dumps({"document": "007_a.txt", "statements": statements}))
    monkeypatch.setattr("gradproof.catalogue.collect.entry_points", lambda group: [SimpleNamespace(module="texts")])
    monkeypatch.syspath_prepend(tmp_path)
    yield run
    sys.modules.pop("texts", None)


def test_coverage(installed):
    status, out, err = installed("coverage")
    assert (status, err) == (1, "")
    assert out.splitlines() == [
        "document   statements  covered  missing  doubled  unknown",
        "007_a.txt           3        2        1        0        0",
        "",
        "007_a.txt, missing: 007.5",
    ]
    assert installed("coverage", "007")[1] == out


def test_coverage_that_is_whole(installed, tmp_path):
    statements = {
        "document": "007_a.txt",
        "statements": [{"id": "007.3", "lines": [3, 5]}, {"id": "007.4", "lines": [4]}],
    }
    (tmp_path / "texts" / "statements.json").write_text(json.dumps(statements))
    assert installed("coverage")[0] == 0


def test_a_statement_is_shown(installed):
    status, out, _ = installed("show", "007.3")
    assert status == 0
    assert out.startswith("true: proved")


def test_errata(installed, tmp_path):
    status, out, err = installed("errata", "texts", "--markdown", "ERRATA.md")
    assert (status, err) == (0, "")
    rows = ["printed, line 4: index", "  statement  007.4", "  printed    x = 2x", "  right      x = x"]
    shown = "  shown by   n = 2; x = [1.0, 2.0]; [0]: right is 1.0, printed is -1.0"
    assert out.splitlines() == [*rows, shown, "", "1 index"]
    page = (tmp_path / "ERRATA.md").read_text()
    assert "### printed, line 4: index\n\n- statement: 007.4\n- printed: x = 2x\n- right: x = x\n" in page


def test_no_errata(run):
    assert run("errata", "true.py") == (0, "nothing is printed wrong\n", "")


def test_help_and_version(run):
    assert run("--version") == (0, "gradproof 0.1.0\n", "")
    status, out, err = run("--help")
    assert (status, err) == (0, "")
    assert all(command in out for command in ("verify", "list", "show", "coverage", "errata"))
    assert all(
        option in run("verify", "--help")[1] for option in ("--json", "--junit", "--seed", "--backend", "--quick")
    )


def test_as_many_mistakes_are_planted_by_mutate_as_in_a_full_report(run):
    assert f"[default: {MOST}]" in " ".join(run("mutate", "--help")[1].split())


NO_CLAIM = "is no claim, statement, document, module or .py file; "
LISTED = "`gradproof list` shows what there is, and a claim of a file is named FILE.py::ID"
NOTHING = f"'nothing' {NO_CLAIM}{LISTED}"
MISTAKES = [
    (["verify"], "no claims are installed; name a .py file or a module that has some"),
    (["verify", "absent.py"], "there is no file 'absent.py'; give the path of a .py file with claims"),
    (["verify", "empty.py"], "empty.py has no claims; make some with gradproof.claim"),
    (["verify", "broken.py"], "broken.py does not import: NameError: name 'x' is not defined (broken.py, line 1)"),
    (["verify", "nothing"], NOTHING),
    (["list", "nothing"], NOTHING),
    (["show", "nothing"], NOTHING),
    (
        ["list", "true.py", "--same-as", "no"],
        "'no' is no claim and no statement that a claim covers; `gradproof list` .*",
    ),
    (["coverage"], "no document is installed; a package of claims lists its statements in a file statements.json"),
    (["errata", "nothing"], NOTHING),
    (
        ["errata", "true.py", "--markdown", "no/a.md"],
        "cannot write 'no/a.md': No such file or directory; give another path",
    ),
    (
        ["verify", "true.py", "--json", "no/a.json"],
        "cannot write 'no/a.json': No such file or directory; give another path",
    ),
    (
        ["verify", "true.py", "--junit", "no/a.xml"],
        "cannot write 'no/a.xml': No such file or directory; give another path",
    ),
    (
        ["verify", "true.py", "--json", "."],
        "cannot write '.': it is there and no file that can be written; give another path",
    ),
    (["verify", "true.py", "--quick", "--full"], "--quick and --full are opposites; give one of them"),
    (["verify", "true.py", "--json", "a", "--junit", "./a"], "--json and --junit are both 'a'; give each its own file"),
    (["verify", "true.py", "--seed", "x"], "Invalid value for '--seed': .*"),
    (["verify", "true.py", "--seed", "-1"], "Invalid value for '--seed': .*"),
    (["verify", "true.py", "--backend", "abacus"], "Invalid value for '--backend': .*"),
    (["verify", "true.py", "--jsn", "a"], "No such option.*"),
    ([], "Missing command."),
    (["prove"], "No such command 'prove'. See --help."),
    (["verfy", "true.py"], "No such command 'verfy'. Did you mean 'verify'?"),
    (["true.py"], "No such command 'true.py'. Did you mean 'gradproof verify true.py'?"),
    (["verify", "folder"], "module 'folder' has no claims; make some with gradproof.claim"),
    (
        ["verify", "folder/"],
        f"'folder/' {NO_CLAIM}name the .py files of the folder, or run `pytest --gradproof folder/`",
    ),
    (["verify", "notes.txt"], f"'notes.txt' {NO_CLAIM}claims stand in .py files"),
    (["verify", "true.py:true"], f"'true.py:true' {NO_CLAIM}a claim of a file is named true.py::true"),
    (["verify", "true.py::tru"], "'tru' is no claim of true.py; the nearest are true"),
    (["verify", "true.py", "--json"], "Option '--json' requires an argument."),
    (
        ["verify", "true.py", "--json", "true.py"],
        "--json writes verdicts, and 'true.py' is named as a Python file; give another",
    ),
    (["verify", "true.py", "--shard", "0/4"], "--shard is a part I/N, such as 1/4 for the first of four; given '0/4'"),
    (["verify", "true.py", "--exclude", "*"], "--exclude leaves no claim; take one of the globs out"),
    (
        ["verify", "true.py", "--exclude", "no"],
        "--exclude 'no' names none of the claims; `gradproof list` shows what there is",
    ),
    (["verify", "true.py", "--timeout", "1m"], "Invalid value for '--timeout': Input should be a valid number.*"),
    (["verify", "true.py", "--verbose"], "No such option: --verbose.*"),
    (["merge", "no.json"], "cannot read 'no.json': No such file or directory; give another path"),
    (["merge", "true.py"], "'true.py' has no verdicts of `gradproof verify`; remove it, or give another path"),
    (["show", "true.py", "false.py"], "Got unexpected extra argument(s) (false.py)"),
    (["show"], "Missing argument 'ID'.*"),
]


@pytest.mark.parametrize(
    ("arguments", "message"), MISTAKES, ids=[" ".join(["gradproof", *arguments]) for arguments, _ in MISTAKES]
)
def test_a_mistake_is_one_line_and_writes_nothing(run, tmp_path, arguments, message):
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "broken.py").write_text("x\n")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "error.py").write_text(FILE.replace('"true"', '"error"'))
    before = sorted(os.listdir(tmp_path))
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    line = re.escape(message).replace(r"\.\*", ".*")
    assert re.fullmatch(f"gradproof: {line}\n", err), err
    assert sorted(os.listdir(tmp_path)) == before


def test_an_output_that_cannot_be_written_is_known_before_the_run(run, monkeypatch):
    monkeypatch.setattr("gradproof.verification.verify", lambda *_, **__: pytest.fail("verified"))
    assert run("verify", "true.py", "--json", "no/a.json")[0] == 2


def test_a_bug_of_gradproof_is_its_message_and_writes_no_page(run, tmp_path, monkeypatch):
    def broken(claim, **_):
        raise EngineError("a bug in gradproof, at worlds/pairs.py:1; please report it")

    monkeypatch.setattr("gradproof.verification.verify", broken)
    before = sorted(os.listdir(tmp_path))
    message = "gradproof: claim 'printed': a bug in gradproof, at worlds/pairs.py:1; please report it\n"
    assert run("errata", "claims.py", "--markdown", "a.md") == (3, "", message)
    assert sorted(os.listdir(tmp_path)) == before


def test_a_file_that_does_not_come_to_its_end_is_one_line(run, tmp_path, monkeypatch):
    monkeypatch.setattr("gradproof.cli.runs.whole.IMPORT", 0.2)
    (tmp_path / "loops.py").write_text("x = 1\nwhile True:\n    x += 1\n")
    status, out, err = run("verify", "loops.py", "--timeout", "0.1")
    assert (status, out) == (2, "")
    reason = "no end within 0.2 s; mend a loop that has none, or give it a longer --timeout"
    assert re.fullmatch(rf"gradproof: loops\.py does not import: {reason} \(loops\.py, line [23]\)\n", err), err


def test_claims_are_listed_for_machines(run):
    status, out, err = run("list", "claims.py", "--json")
    assert (status, err) == (0, "")
    assert [claim["id"] for claim in json.loads(out)] == ["true", "false", "unclear", "printed", LONG]
    assert json.loads(out)[0] == {
        "id": "true",
        "title": "true",
        "expected": "holds",
        "where": "claims.py:5",
        "source": {"document": "007_a.txt", "lines": [3, 5], "equation": "(2)"},
        "covers": {"007.3": "holds"},
        "latex": "x = x",
        "same_as": [],
    }


def test_claims_are_left_out_and_parts_taken(run):
    def listed(*options):
        out = run("verify", "claims.py", "--json", "-", *options)[1]
        return [claim["id"] for claim in json.loads(out)["claims"]]

    assert listed("--exclude", "f*", "--exclude", "a.*") == ["true", "unclear", "printed"]
    parts = [listed("--shard", f"{number}/2") for number in (1, 2)]
    assert sorted(parts[0] + parts[1]) == sorted(listed())
    assert listed("--shard", "1/1000") == []


def test_a_document_on_the_standard_output_is_alone_there(run, tmp_path):
    (tmp_path / "true.py").write_text("print('imported')\n" + (tmp_path / "true.py").read_text())
    status, out, err = run("verify", "true.py", "--json", "-")
    assert (status, err) == (0, "imported\n")
    assert json.loads(out)["claims"][0]["verdict"] == "proved"
    assert sorted(os.listdir(tmp_path)) == ["claims.py", "true.py"]


def test_the_first_that_is_not_as_expected_is_the_last(run, tmp_path):
    status, out, _ = run("verify", "claims.py", "--fail-fast", "--json", "a.json")
    assert status == 1
    assert out.endswith("\n1 proved, 1 refuted; 1 not as expected; 3 not examined\n")
    assert [claim["id"] for claim in json.loads((tmp_path / "a.json").read_text())["claims"]] == ["true", "false"]

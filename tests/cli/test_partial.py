"""What a run found is kept as it goes, and another one goes on from it."""

import errno
import json
import math
import os
import sys

import numpy as np
import pytest

from gradproof import Counterexample, Exact, Kink, Verdict
from gradproof.claims.verdict import Code
from gradproof.cli import main
from gradproof.errors import EngineError, GradproofError

FILE = """
from gradproof import Real, claim, misprint


@claim("one")
def one(x=Real()):
    yield x
    yield x * 1.0


@claim("two", correction="x")
def two(x=Real()):
    yield x
    yield misprint(printed=-x, correct=x * 1.0)


@claim("three")
def three(x=Real()):
    yield x
    yield x + 0.0
"""


class Engine:
    """It knows its verdicts, and raises what it is told to at one claim."""

    def __init__(self):
        self.asked = []
        self.raises = {}

    def __call__(self, claim, **_):
        self.asked.append(claim.id)
        if claim.id in self.raises:
            raise self.raises[claim.id]
        exact = Exact(-104.3, 3, ({"n": 2},), ("evaluation",))
        if claim.id == "two":
            example = Counterexample({}, {"x": np.array([1.0, math.inf])}, 1, "[0]", math.nan, -1.0, None)
            return Verdict(claim, "refuted", "false as printed", exact, counterexample=example, corrected=True)
        kinks = (Kink("f.py:3", "x < 0", ("<",), True),)
        return Verdict(
            claim, "proved", "equal", exact, Code("has no value", {"float64": math.inf}), kinks, seconds=0.25
        )


@pytest.fixture
def engine(monkeypatch):
    made = Engine()
    monkeypatch.setattr("gradproof.verification.verify", made)
    return made


@pytest.fixture
def run(tmp_path, monkeypatch, capsys, engine):
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "claims.py").write_text(FILE)

    def call(*options: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["gradproof", "verify", "claims.py", "--jobs", "0", *options])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capsys.readouterr()
        return caught.value.code or 0, out, err

    return call


LEFT = "a.json.partial has what was found, and the same command goes on from it"
JSON = "--json", "a.json"


def test_a_run_that_is_interrupted_goes_on_and_ends_as_if_it_had_not_been(run, tmp_path, engine):
    status, lines, _ = run(*JSON)
    whole = (tmp_path / "a.json").read_bytes()
    assert (status, engine.asked, sorted(os.listdir(tmp_path))) == (0, ["one", "two", "three"], ["a.json", "claims.py"])
    engine.raises["three"] = KeyboardInterrupt()
    status, out, err = run(*JSON)
    assert (status, err) == (130, f"gradproof: interrupted, with 1 of 3 claims to go; {LEFT}\n")
    assert out.endswith("1 proved, 1 refuted; all as expected; 1 not examined\n")
    assert sorted(os.listdir(tmp_path)) == ["a.json", "a.json.partial", "claims.py"]
    engine.raises.clear()
    engine.asked.clear()
    (tmp_path / "a.json").unlink()
    assert run(*JSON) == (0, lines, "")
    assert engine.asked == ["three"]
    assert (tmp_path / "a.json").read_bytes() == whole
    assert sorted(os.listdir(tmp_path)) == ["a.json", "claims.py"]


def test_a_claim_that_was_changed_is_examined_again(run, tmp_path, engine):
    engine.raises["three"] = KeyboardInterrupt()
    run(*JSON)
    (tmp_path / "claims.py").write_text(FILE.replace('x * 1.0\n\n\n@claim("two"', 'x * 2.0 / 2.0\n\n\n@claim("two"'))
    engine.raises.clear()
    engine.asked.clear()
    assert run(*JSON)[0] == 0
    assert engine.asked == ["one", "three"]


def test_a_line_that_was_half_written_is_dropped(run, tmp_path, engine):
    engine.raises["three"] = KeyboardInterrupt()
    run(*JSON)
    partial = tmp_path / "a.json.partial"
    partial.write_bytes(partial.read_bytes()[:-30])
    engine.raises.clear()
    engine.asked.clear()
    assert run(*JSON)[0] == 0
    assert engine.asked == ["two", "three"]


@pytest.mark.parametrize(
    ("error", "status", "cause", "why"),
    [
        (GradproofError("claim 'two': it is wrong"), 2, "error", "claim 'two': it is wrong, at {}"),
        (ValueError("boom"), 2, "error", "ValueError: boom, at {}"),
        (MemoryError(), 2, "error", "MemoryError, at {}"),
        (SystemExit(0), 2, "exit", "the claim calls sys.exit(0), and must yield its sides, at {}"),
        (EngineError("a bug in gradproof, at x.py:1"), 3, "bug", "a bug in gradproof, at x.py:1"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_whatever_a_claim_raises_is_its_verdict(run, tmp_path, engine, error, status, cause, why):
    engine.raises["two"] = error
    found, out, err = run(*JSON, "--junit", "a.xml")
    assert (found, err, engine.asked) == (status, "", ["one", "two", "three"])
    records = {record["id"]: record for record in json.loads((tmp_path / "a.json").read_text())["claims"]}
    assert [record["verdict"] for record in records.values()] == ["proved", "failed", "proved"]
    # The engine stands for the claim's code here.
    where = f"test_partial.py:{Engine.__call__.__code__.co_firstlineno + 3}"
    why = why.format(where)
    assert records["two"]["why"] == why
    assert records["two"]["failure"] == {"cause": cause, "where": "claims.py:11" if cause == "bug" else where}
    assert f"failed          two  not as expected, a misprint, claims.py:11, 0.00 s\n\n  {why}\n\nproved" in out
    assert '<error message="' in (tmp_path / "a.xml").read_text()


def test_what_failed_is_tried_again(run, tmp_path, engine):
    engine.raises |= {"two": ValueError("boom"), "three": KeyboardInterrupt()}
    run(*JSON)
    engine.raises.clear()
    engine.asked.clear()
    assert run(*JSON)[0] == 0
    assert engine.asked == ["two", "three"]


def test_a_file_of_another_run_is_left_alone(run, tmp_path, engine):
    engine.raises["two"] = KeyboardInterrupt()
    run(*JSON)
    before = (tmp_path / "a.json.partial").read_bytes()
    message = "'a.json.partial' is of a run with seed 0, and this one has 3; go on with that, or remove the file"
    assert run(*JSON, "--seed", "3") == (2, "", f"gradproof: {message}\n")
    assert (tmp_path / "a.json.partial").read_bytes() == before
    (tmp_path / "a.json.partial").write_text("something else\n")
    message = "'a.json.partial' has no verdicts of `gradproof verify`; remove it, or give another path"
    assert run(*JSON) == (2, "", f"gradproof: {message}\n")


def test_without_a_document_nothing_is_kept(run, tmp_path, engine):
    engine.raises["two"] = KeyboardInterrupt()
    status, _, err = run()
    assert (status, os.listdir(tmp_path)) == (130, ["claims.py"])
    assert err == "gradproof: interrupted, with 2 of 3 claims to go; with --json FILE the same command could go on\n"


def test_before_the_first_verdict_nothing_is_kept(run, tmp_path, engine):
    engine.raises["one"] = KeyboardInterrupt()
    status, _, err = run(*JSON)
    assert (status, os.listdir(tmp_path)) == (130, ["claims.py"])
    assert err == "gradproof: interrupted, with 3 of 3 claims to go; no verdict was kept\n"


def test_an_interruption_leaves_a_document_on_the_standard_output(run, engine):
    engine.raises["three"] = KeyboardInterrupt()
    status, out, _ = run("--json", "-")
    assert (status, [record["id"] for record in json.loads(out)["claims"]]) == (130, ["one", "two"])


def full(monkeypatch, room):
    """A disk on which so many bytes can still be written."""
    written = os.write

    def write(descriptor, data):
        nonlocal room
        if room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = written(descriptor, data[:room])
        room -= count
        return count

    monkeypatch.setattr(os, "write", write)


@pytest.mark.parametrize(("lines", "left"), [(0, "no verdict was kept"), (2, LEFT)])
def test_a_full_disk_leaves_whole_lines(run, tmp_path, engine, monkeypatch, lines, left):
    engine.raises["three"] = KeyboardInterrupt()
    run(*JSON)
    partial = tmp_path / "a.json.partial"
    kept = partial.read_bytes().splitlines(keepends=True)[: 1 + (lines > 0)]
    room = sum(map(len, kept)) + 40
    partial.unlink()
    engine.raises.clear()
    with monkeypatch.context() as patch:
        full(patch, room)
        status, _, err = run(*JSON)
    assert (status, err) == (2, f"gradproof: cannot write 'a.json.partial': No space left on device; {left}\n")
    assert partial.exists() == (lines > 0)
    if lines:
        assert partial.read_bytes() == b"".join(kept)


def test_a_document_that_cannot_be_written_leaves_what_was_kept(run, tmp_path, monkeypatch):
    def full_disk(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("gradproof.cli.report.as_json", full_disk)
    status, _, err = run(*JSON)
    assert (status, err) == (2, f"gradproof: cannot write what was asked for: No space left on device; {LEFT}\n")
    assert sorted(os.listdir(tmp_path)) == ["a.json.partial", "claims.py"]


def parts(run, tmp_path):
    for number in (1, 2, 3):
        run("--shard", f"{number}/3", "--json", f"{number}.json")
    return [json.loads((tmp_path / f"{number}.json").read_text()) for number in (1, 2, 3)]


def merge(run, monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["gradproof", "merge", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    out, err = capsys.readouterr()
    return caught.value.code or 0, out, err


@pytest.fixture
def merged(run, monkeypatch, capsys):
    return lambda *arguments: merge(run, monkeypatch, capsys, *arguments)


def test_parts_make_the_whole(run, merged, tmp_path):
    sizes = [len(part["claims"]) for part in parts(run, tmp_path)]
    run("--json", "whole.json")
    whole = json.loads((tmp_path / "whole.json").read_text())
    assert sizes == [2, 1, 0]
    status, out, err = merged("1.json", "2.json", "3.json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert sorted(found["claims"], key=lambda claim: claim["id"]) == sorted(
        whole["claims"], key=lambda claim: claim["id"]
    )
    assert {**found, "claims": ()} == {**whole, "claims": ()}


def test_the_status_and_the_lines_of_parts_are_those_of_verify(run, merged, tmp_path, engine):
    engine.raises["two"] = ValueError("boom")
    parts(run, tmp_path)
    status, out, _ = merged("1.json", "2.json", "3.json", "--json", "all.json")
    assert status == 2
    assert out.startswith(
        "failed          two  not as expected, a misprint, claims.py:11, 0.00 s\n\n  ValueError: boom"
    )
    assert out.endswith(("2 proved, 1 failed; 1 not as expected\n", "1 failed, 2 proved; 1 not as expected\n"))
    assert len(json.loads((tmp_path / "all.json").read_text())["claims"]) == 3


def test_lines_of_a_run_that_did_not_come_to_its_end_are_merged_and_what_is_missing_said(run, merged, tmp_path, engine):
    engine.raises["three"] = KeyboardInterrupt()
    run(*JSON)
    status, out, err = merged("a.json.partial")
    assert (status, [claim["id"] for claim in json.loads(out)["claims"]]) == (1, ["one", "two"])
    assert err == "gradproof: 1 claims are not in the files; let their runs come to an end\n"


def test_parts_that_do_not_belong_together(run, merged, tmp_path, engine):
    parts(run, tmp_path)
    run("--seed", "1", "--json", "other.json")
    (tmp_path / "no.json").write_text("[]")

    def refused(*files):
        status, out, err = merged(*files)
        assert (status, out) == (2, "")
        return err.removeprefix("gradproof: ").removesuffix("\n")

    assert refused("3.json", "1.json") == "part 2/3 is missing; give its file, too"
    assert refused("1.json", "other.json") == (
        "'other.json' was made with seed 1, and '1.json' with 0; merge parts of one run"
    )
    assert refused("no.json") == "'no.json' has no verdicts of `gradproof verify`; remove it, or give another path"
    assert refused("absent.json") == "cannot read 'absent.json': No such file or directory; give another path"
    run("--json", "whole.json")
    text = (tmp_path / "whole.json").read_text()
    (tmp_path / "changed.json").write_text(text.replace('"equal"', '"otherwise"'))
    assert refused("whole.json", "changed.json") == (
        "claim 'one' has other verdicts in 'whole.json' and in 'changed.json'"
    )
    assert merged("whole.json", "whole.json")[0] == 0

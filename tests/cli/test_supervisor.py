"""Each claim is examined for itself: what one does takes no other with it, and what was found stays."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import jsonschema
import pytest

from gradproof import definition
from gradproof.cli import schema
from gradproof.cli.progress import Bar
from gradproof.cli.runs.supervisor import Running

HEAD = """
import os
import signal
import sys

import jax
from gradproof import Real, claim


def two(x=Real()):
    yield x + x
    yield 2 * x
"""
CLAIMS = (
    HEAD
    + """

first = claim("first")(two)


@claim("exits")
def exits(x=Real()):
    sys.exit(0)
    yield x


@claim("loops")
def loops(x=Real()):
    while True:
        pass
    yield x


@claim("loops in XLA")
def compiled(x=Real()):
    with jax.ensure_compile_time_eval():
        jax.lax.while_loop(lambda n: n < 1, lambda n: n * 0, 0)
    yield x


@claim("is killed")
def killed(x=Real()):
    print("noise")
    os.kill(os.getpid(), signal.SIGKILL)
    yield x


@claim("leaves")
def leaves(x=Real()):
    os._exit(0)
    yield x


last = claim("last")(two)
"""
)
RUN = "from gradproof.cli import main; main()"


def command(*arguments):
    return [sys.executable, "-c", RUN, *arguments]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """One process at a time examines claims that hang, exit and are killed, between two that are fine."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "claims.py").write_text(CLAIMS)
    options = "--jobs", "1", "--timeout", "2", "--json", "a.json", "--junit", "a.xml"
    run = subprocess.run(
        command("verify", "claims.py", *options), capture_output=True, text=True, cwd=folder, check=False
    )
    return run, folder


def line(name):
    return next(number for number, text in enumerate(CLAIMS.splitlines(), 1) if name in text)


FAILED = {
    "exits": ("exit", "the claim calls sys.exit(0), and must yield its sides, at claims.py:{}", "sys.exit(0)"),
    "loops": (
        "timeout",
        "no end within 2 s at its first size, at claims.py:{}; mend a loop that has none, or give it a",
        "while True",
    ),
    "loops in XLA": ("timeout", "no end within 2 s at its first size, at claims.py:{}; mend a loop", "while_loop"),
    "is killed": (
        "killed",
        "its process was ended by SIGKILL, as where memory runs out, at its first size, at claims.py:{}",
        "is k",
    ),
    "leaves": ("killed", "its process ended with status 0 at its first size, at claims.py:{}", '"leaves"'),
}


def test_the_others_are_examined(done):
    run, _ = done
    assert run.returncode == 2
    assert re.findall(r"^(\w+) +(.+?)  ", run.stdout, re.MULTILINE) == [
        ("proved", "first"),
        *(("failed", name) for name in FAILED),
        ("proved", "last"),
    ]
    assert run.stdout.endswith("2 proved, 5 failed; 5 not as expected\n")
    assert run.stderr == "noise\n"


@pytest.mark.parametrize("name", FAILED)
def test_the_reason_and_the_place_are_said(done, name):
    run, folder = done
    cause, why, text = FAILED[name]
    (found,) = (claim for claim in json.loads((folder / "a.json").read_text())["claims"] if claim["id"] == name)
    said = why.format(line(text))
    assert found["why"].startswith(said), found["why"]
    assert found["failure"] == {"cause": cause, "where": f"claims.py:{line(text)}"}
    assert f"\n\n  {said}" in run.stdout


def test_the_document_is_whole_and_nothing_else_is_left(done):
    _, folder = done
    jsonschema.validate(json.loads((folder / "a.json").read_text()), schema())
    assert sorted(path.name for path in folder.iterdir() if path.name != "__pycache__") == [
        "a.json",
        "a.xml",
        "claims.py",
    ]


def test_a_full_disk_is_one_sentence(tmp_path):
    (tmp_path / "claims.py").write_text(HEAD + "\n\nfirst = claim('first')(two)\n")
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            command("list", "claims.py"), stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False
        )
    message = "gradproof: cannot write to the standard output: No space left on device\n"
    assert (run.returncode, run.stderr) == (2, message)


def test_what_takes_long_is_named_for_who_is_looking():
    bar = Bar()

    def shown(*seconds):
        bar.watch([Running(definition("a"), f"n = {number}", took) for number, took in enumerate(seconds)])
        return bar.progress.tasks[0].description

    assert shown(0.5, 2.0) == ""
    assert shown(4.2, 12.3) == "a: n = 1, 12 s"
    assert shown() == ""


LOOP = (
    HEAD
    + """

first = claim("first")(two)


@claim("loops")
def loops(x=Real()):
    with open("pid", "w") as file:
        file.write(str(os.getpid()))
    while True:
        pass
    yield x
"""
)


@pytest.mark.parametrize(("by", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_what_was_found_stays_when_a_run_is_ended(tmp_path, by, status):
    (tmp_path / "claims.py").write_text(LOOP)
    arguments = command("verify", "claims.py", "--json", "a.json")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # What runs in the background may ignore Ctrl-C, and its processes would, too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    run = subprocess.Popen(arguments, cwd=tmp_path, text=True, start_new_session=True, **pipes)
    signal.signal(signal.SIGINT, before)
    assert run.stdout is not None
    try:
        # The line of a verdict comes through a pipe while the next claim is worked on.
        assert run.stdout.readline().startswith("proved          first")
        end = time.monotonic() + 120
        while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()) and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        # The whole group hears Ctrl-C, as in a terminal; a scheduler ends the main process alone.
        if by == signal.SIGINT:
            os.killpg(run.pid, by)
        else:
            run.send_signal(by)
    out, err = run.communicate()
    assert run.returncode == status
    assert out == "\n1 proved; all as expected; 1 not examined\n"
    assert err == (
        "gradproof: interrupted, with 1 of 2 claims to go; a.json.partial has what was found, and the same command "
        "goes on from it\n"
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "__pycache__") == [
        "a.json.partial",
        "claims.py",
        "pid",
    ]
    (tmp_path / "claims.py").write_text(LOOP.split("@claim")[0])
    again = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (again.returncode, again.stderr) == (0, "")
    assert [claim["id"] for claim in json.loads((tmp_path / "a.json").read_text())["claims"]] == ["first"]
    assert not (tmp_path / "a.json.partial").exists()

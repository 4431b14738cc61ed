"""The full report: what `verify --full` adds to a verdict, for machines and on the terminal."""

import json
from dataclasses import replace

import jax.numpy as jnp
import jsonschema
import pytest

from gradproof import GradproofError, Real, claim, derivative, verify
from gradproof.catalogue import from_file
from gradproof.claims.words import plain
from gradproof.cli import main, schema
from gradproof.errors import Undecided
from gradproof.measures import faults

FILE = """
import jax.numpy as jnp
from gradproof import Real, claim, derivative


@claim("hinge", convention="the derivative at 1 is 0")
def hinge(z=Real("3")):
    yield derivative(lambda z: jnp.sum(jnp.where(z < 1, 1 - z, 0.0)), z)
    yield jnp.where(z < 1, -jnp.ones_like(z), jnp.zeros_like(z))
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("full") / "full_claims.py"
    path.write_text(FILE)
    return path


@pytest.fixture(scope="module")
def verdict(path):
    (hinge,) = from_file(path)
    return verify(hinge, full=True)


@pytest.fixture
def run(monkeypatch, capsys):
    """The command line."""

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["gradproof", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code, capsys.readouterr()

    return call


def test_a_report_is_whole(verdict):
    full = verdict.full
    assert set(full.accuracy.formats) == {"float64", "float32", "bfloat16"}
    assert all(here.by_hand.worst == 0 and here.below_bound for here in full.accuracy.formats.values())
    assert set(full.limits) == {"float64", "float32"}
    assert full.limits["float64"].factor.worst < full.limits["float32"].factor.worst < 1e-6
    assert {fate.by for fate in full.fates} >= {"exact", "kink"}
    assert {fate.by for fate in full.fates} <= {"shape", "exact", "kink", "floating", "equivalent"}


def test_the_command_line_prints_it_and_writes_valid_json_that_is_the_same_each_time(verdict, path, run):
    file = path.with_suffix(".json")
    status, printed = run("verify", "--full", path, "--json", file)
    assert status == 0
    for part in ("bfloat16", "jax worst", "of bound", "kinks", "survivor", "0 undecided, 0 survived"):
        assert part in printed.out
    assert "0 undeclared jumps" in printed.out
    document = json.loads(file.read_text())
    jsonschema.validate(document, schema())
    full = document["claims"][0]["full"]
    assert full["fates"]
    assert full == plain(verdict.full)
    del full["accuracy"]["formats"]["float32"]["below_bound"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_an_undeclared_jump_is_printed_and_a_fault(verdict, path, run, monkeypatch):
    undeclared = verify(replace(verdict.claim, convention=None))
    assert [kink.finding for kink in undeclared.kinks] == ["undeclared"] * 2
    monkeypatch.setattr("gradproof.verification.verify", lambda *_, **__: replace(undeclared, full=verdict.full))
    status, printed = run("verify", "--full", "--jobs", "0", path)
    assert status == 1
    assert "2 undeclared jumps\nhinge: lt at full_claims.py:" in printed.out


def test_nothing_is_measured_of_what_is_not_proved():
    @claim("wrong")
    def wrong(z=Real("n")):
        yield derivative(lambda z: jnp.sum(z**2), z)
        yield z

    found = verify(wrong, full=True)
    assert (found.verdict, found.full) == ("refuted", None)


def test_what_cannot_be_measured_is_said_in_one_sentence(monkeypatch):
    def cannot(study):
        raise Undecided("a loop is too long")

    @claim("twice")
    def twice(z=Real("n")):
        yield z + z
        yield 2 * z

    monkeypatch.setattr("gradproof.measures.full.accuracy_of", cannot)
    with pytest.raises(GradproofError, match=r"^claim 'twice' is proved, and cannot be measured: a loop is too long;"):
        verify(twice, full=True)


def test_each_fault_is_one(verdict):
    full = verdict.full
    assert faults.faultless([verdict])
    for by in ("undecided", "survivor"):
        assert not faults.faultless([replace(verdict, full=replace(full, fates=(replace(full.fates[0], by=by),)))])
    assert not faults.faultless([replace(verdict, kinks=(replace(verdict.kinks[0], finding="undeclared"),))])
    measured = full.accuracy.formats["float32"]
    spoilt = replace(measured.by_hand, spoilt=1, spoilt_at=measured.by_hand.at)
    for wrong in (replace(measured, by_hand=spoilt), replace(measured, below_bound=False, bound_ratio_at=spoilt.at)):
        accuracy = replace(full.accuracy, formats={"float32": wrong})
        assert not faults.faultless([replace(verdict, full=replace(full, accuracy=accuracy))])
    low = replace(full.accuracy, low_precision=replace(full.accuracy.low_precision, ok=False))
    assert not faults.faultless([replace(verdict, full=replace(full, accuracy=low))])

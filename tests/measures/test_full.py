"""The full report: what `verify --full` adds to a verdict, for machines and on the terminal."""

import inspect
import json
from dataclasses import replace
from pathlib import Path

import jax.numpy as jnp
import jsonschema
import pytest

import gradproof
from gradproof import GradproofError, Real, claim, derivative, verify
from gradproof.cli.main import main, mutate
from gradproof.cli.report import as_json
from gradproof.cli.terminal_full import faultless
from gradproof.errors import Undecided
from gradproof.measures import full
from gradproof.mutation.fate import MOST

SCHEMA = json.loads((Path(gradproof.__file__).parent / "verdict.schema.json").read_text("utf-8"))


@claim("hinge", convention="the derivative at 1 is 0")
def hinge(z=Real("n")):
    yield derivative(lambda z: jnp.sum(jnp.where(z < 1, 1 - z, 0.0)), z)
    yield jnp.where(z < 1, -jnp.ones_like(z), jnp.zeros_like(z))


FILE = """
import jax.numpy as jnp
from gradproof import Real, claim, derivative


@claim("hinge"{convention})
def hinge(z=Real("n")):
    yield derivative(lambda z: jnp.sum(jnp.where(z < 1, 1 - z, 0.0)), z)
    yield jnp.where(z < 1, -1.0, 0.0)
"""


@pytest.fixture(scope="module")
def verdict():
    return verify(hinge, full=True)


def test_a_report_is_whole(verdict):
    full = verdict.full
    assert set(full.accuracy.formats) == {"float64", "float32", "bfloat16"}
    assert all(here.by_hand.worst == 0 and here.below_bound for here in full.accuracy.formats.values())
    assert set(full.limits) == {"float64", "float32"}
    assert full.limits["float64"].factor.worst < full.limits["float32"].factor.worst < 1e-6
    assert {fate.by for fate in full.fates} >= {"exact", "kink"}
    assert {fate.by for fate in full.fates} <= {"shape", "exact", "kink", "floating", "equivalent"}


def test_a_report_is_valid_json_and_the_same_each_time(verdict):
    document = json.loads(as_json([verdict], seed=0, backend="cpu"))
    jsonschema.validate(document, SCHEMA)
    assert document["claims"][0]["full"]["fates"]
    again = json.loads(as_json([verify(hinge, full=True)], seed=0, backend="cpu"))
    assert document["claims"][0]["full"] == again["claims"][0]["full"]
    del document["claims"][0]["full"]["accuracy"]["formats"]["float32"]["below_bound"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)


def test_nothing_is_measured_of_what_is_not_proved():
    @claim("wrong")
    def wrong(z=Real("n")):
        yield derivative(lambda z: jnp.sum(z**2), z)
        yield z

    assert verify(wrong, full=True).full is None
    assert verify(hinge).full is None


def test_what_cannot_be_measured_is_said_in_one_sentence(monkeypatch):
    def cannot(study):
        raise Undecided("a loop is too long")

    @claim("twice")
    def twice(z=Real("n")):
        yield z + z
        yield 2 * z

    monkeypatch.setattr(full, "accuracy", cannot)
    with pytest.raises(GradproofError, match=r"^claim 'twice' is proved, and cannot be measured: a loop is too long;"):
        verify(twice, full=True)


def run(capsys):
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code, capsys.readouterr()


@pytest.mark.parametrize("convention", ["", ', convention="the derivative at 1 is 0"'])
def test_the_terminal_shows_it(tmp_path, monkeypatch, capsys, convention):
    path = tmp_path / "full_claims.py"
    path.write_text(FILE.format(convention=convention))
    monkeypatch.setattr("sys.argv", ["gradproof", "verify", "--full", str(path)])
    status, printed = run(capsys)
    assert status == (0 if convention else 1)
    for part in ("bfloat16", "jax worst", "of bound", "kinks", "survivor", "0 undecided, 0 survived"):
        assert part in printed.out
    assert ("0 undeclared jumps" if convention else "2 undeclared jumps\nhinge: lt at full_claims.py:") in printed.out


def test_each_fault_is_one(verdict):
    full = verdict.full
    assert faultless([verdict])
    for by in ("undecided", "survivor"):
        assert not faultless([replace(verdict, full=replace(full, fates=(replace(full.fates[0], by=by),)))])
    assert not faultless([replace(verdict, kinks=(replace(verdict.kinks[0], finding="undeclared"),))])
    measured = full.accuracy.formats["float32"]
    spoilt = replace(measured.by_hand, spoilt=1, spoilt_at=measured.by_hand.at)
    for wrong in (replace(measured, by_hand=spoilt), replace(measured, below_bound=False, bound_ratio_at=spoilt.at)):
        accuracy = replace(full.accuracy, formats={"float32": wrong})
        assert not faultless([replace(verdict, full=replace(full, accuracy=accuracy))])
    low = replace(full.accuracy, low_precision=replace(full.accuracy.low_precision, ok=False))
    assert not faultless([replace(verdict, full=replace(full, accuracy=low))])


def test_quick_and_full_are_opposites(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["gradproof", "verify", "--quick", "--full"])
    status, printed = run(capsys)
    assert status == 2
    assert printed.err == "gradproof: --quick and --full are opposites; give one of them\n"


def test_as_many_mistakes_are_planted_as_by_mutate():
    assert inspect.signature(mutate).parameters["most"].default == MOST

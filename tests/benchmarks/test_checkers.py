"""`benchmarks/checkers.py`: each checker says what it should of plain cases, and the tables say what was found."""

import importlib
import json
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module("checkers")


@pytest.fixture(scope="module")
def cases(benchmark):
    """Compiled whole: the checkers run them as they are."""
    return [replace(case, loss=jax.jit(case.loss), gradient=jax.jit(case.gradient)) for case in benchmark.cases()]


@pytest.fixture(scope="module")
def tiny(benchmark):
    point = jnp.array([0.5, -1.5, 2.0])
    return benchmark.Case("cubes", jax.jit(lambda x: jnp.sum(x**3)), jax.jit(lambda x: 3 * x**2), (point,))


def test_a_right_gradient_is_accepted(benchmark, tiny):
    trial = benchmark.tried(tiny, "right")
    assert trial.fault == "none"
    assert trial.answers == dict.fromkeys([benchmark.OURS, *benchmark.installed()], "accepted")


def test_a_gradient_twice_too_large_is_refused(benchmark, tiny):
    trial = benchmark.tried(tiny.with_gradient(jax.jit(lambda x: 6 * x**2)), "factor 2")
    assert trial.fault == "function"
    assert trial.answers == dict.fromkeys([benchmark.OURS, *benchmark.installed()], "refused")


def test_the_right_gradients_are_accepted_at_the_points_chosen(benchmark, cases):
    answers = {(case.name, name): checker(case) for case in cases for name, checker in benchmark.installed().items()}
    assert {key: answer for key, answer in answers.items() if answer != "accepted"} == {
        ("gelu", "complex step"): "none"
    }


@pytest.fixture(scope="module")
def errors(benchmark, cases):
    return benchmark.region_errors(cases[0])


@pytest.mark.parametrize(
    ("error", "because"),
    [
        ("0.9 where |z| > 12", lambda why, z: "differs from side 0" in why and 12 < np.abs(z).max() < 100),
        ("e^z / (1 + e^z), which overflows", lambda why, z: "side 1 is nan" in why and z.max() > 709),
        ("0.4 where z = 0", lambda why, z: "the numbers of 'eq'" in why and (z == 0).any()),
    ],
    ids=["far away", "overflow", "one point"],
)
def test_errors_in_a_region_are_seen_by_ours_only(benchmark, errors, error, because):
    (found,) = (one for one in errors if one.error == error)
    assert found.answer == "refused"
    assert because(found.why, np.array(found.logits))
    assert found.accepted_by == tuple(benchmark.installed())


def test_torch_runs_where_it_is_installed_only(benchmark):
    assert ("torch gradcheck" in benchmark.installed()) == (find_spec("torch") is not None)


def run(benchmark, patch, *arguments, only):
    patch.setattr(sys, "argv", ["checkers.py", *map(str, arguments)])
    patch.setattr(benchmark, "cases", lambda: only)
    return benchmark.main()


def test_what_is_printed_is_written(benchmark, cases, errors, monkeypatch, tmp_path, capsys):
    # Without torch, whether it is installed or not.
    monkeypatch.setattr(sys.modules["_checkers"], "find_spec", lambda name: None)
    monkeypatch.setattr(benchmark, "region_errors", lambda case: errors)
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "found.json"
    assert run(benchmark, monkeypatch, "--most", 4, "--json", path, only=cases[:1]) == 0
    printed, found = capsys.readouterr().out, json.loads(path.read_text("utf-8"))
    assert "torch gradcheck: not installed; pip install 'gradproof[torch]'" in printed
    assert found["missing"] == {"torch gradcheck": "not installed; pip install 'gradproof[torch]'"}
    assert [row["checker"] for row in found["rows"]] == [benchmark.OURS, *benchmark.installed()]
    assert len(found["trials"]) == 1 + 4
    for row in found["rows"]:
        assert "{}/{}".format(*row["refused"]) in printed
        assert sum(row["refused"][1:] + row["right_refused"][1:]) == 1 + 4
    assert found["rows"][0]["rate"] == 100
    assert found["measured_on"] in printed
    assert f"jax {jax.__version__}" in printed


def test_what_ours_leaves_undecided_fails(benchmark, tiny, monkeypatch, capsys):
    monkeypatch.setattr(benchmark, "fault", lambda verdict: "undecided")
    monkeypatch.setattr(benchmark, "region_errors", lambda case: [])
    assert run(benchmark, monkeypatch, "--most", 2, only=[tiny]) == 1
    assert "cubes: right: undecided, all sides are equal; refused by none" in capsys.readouterr().out


def test_a_sample_has_each_kind_in_turn(benchmark, cases):
    mutants = cases[0].mutants()
    kinds = {mutant.kind for mutant in mutants}
    few = benchmark.sample(mutants, len(kinds))
    assert {mutant.kind for mutant in few} == kinds
    assert [mutant.change for mutant in benchmark.sample(cases[0].mutants(), len(kinds))] == [m.change for m in few]
    assert len(benchmark.sample(mutants, 10_000)) == len(mutants)

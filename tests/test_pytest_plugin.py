"""Claims as test items: those of a file, and those of test modules."""

import pytest

from gradproof import Verdict

FILE = """
from gradproof import Real, claim


@claim("logistic.gradient")
def gradient(x=Real()):
    yield x
    yield x


again = gradient


@claim("logistic.wrong", "x = -x")
def wrong(x=Real()):
    yield x
    yield -x
"""


@pytest.fixture(autouse=True)
def _engine(monkeypatch):
    def engine(claim, **_):
        if "wrong" in claim.id:
            return Verdict(claim, "refuted", "side 2 is not side 1")
        return Verdict(claim, "proved", "equal")

    monkeypatch.setattr("gradproof.verification.verify", engine)


def test_a_file(pytester):
    pytester.makepyfile(my_loss=FILE)
    result = pytester.runpytest("--gradproof", "my_loss.py", "-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["my_loss.py::logistic.gradient PASSED*", "my_loss.py::logistic.wrong FAILED*"])
    result.stdout.fnmatch_lines(["logistic.wrong: refuted", "*x = -x", "*side 2 is not side 1"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*_pytest.py*")


def test_one_claim_of_a_file(pytester):
    pytester.makepyfile(my_loss=FILE)
    pytester.runpytest("--gradproof", "my_loss.py::logistic.gradient").assert_outcomes(passed=1)
    pytester.runpytest("--gradproof", "my_loss.py", "-k", "wrong").assert_outcomes(failed=1, deselected=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import no_such", "*my_loss.py does not import: ModuleNotFoundError: No module named 'no_such'*line 1)"),
        ("x = 1", "*my_loss.py has no claims; make some with gradproof.claim"),
    ],
)
def test_a_file_that_has_no_claims_to_run(pytester, text, message):
    pytester.makepyfile(my_loss=text)
    result = pytester.runpytest("--gradproof", "my_loss.py")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_test_modules_stay_test_modules(pytester):
    pytester.makepyfile(test_it=FILE + "\n\ndef test_one():\n    pass\n", my_loss=FILE)
    result = pytester.runpytest("--gradproof", "my_loss.py", "test_it.py", "-v")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(["test_it.py::test_one PASSED*"])


def test_claims_of_a_test_module_are_items_of_the_module_that_wrote_them(pytester):
    pytester.makepyfile(test_a=FILE, test_b="from test_a import gradient, wrong\n\ndef test_b():\n    pass\n")
    result = pytester.runpytest("-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["test_a.py::logistic.gradient PASSED*", "test_a.py::logistic.wrong FAILED*"])


def test_a_mistake_found_by_the_engine_is_one_sentence(pytester, monkeypatch):
    from gradproof import GradproofError

    def engine(claim, **_):
        raise GradproofError("it does not trace")

    monkeypatch.setattr("gradproof.verification.verify", engine)
    pytester.makepyfile(my_loss=FILE)
    result = pytester.runpytest("--gradproof", "my_loss.py::logistic.gradient")
    result.stdout.fnmatch_lines(["it does not trace"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_run_without_claims_does_not_wait_for_jax(pytester):
    pytester.makepyfile("import sys\n\ndef test_it():\n    assert 'jax' not in sys.modules\n")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)

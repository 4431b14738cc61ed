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


KEPT = """
import pytest
from gradproof import Real, claim, definition


def two(x=Real()):
    yield x
    yield x


LIST = [claim("in.list")(two), [claim("in.list.wrong")(two)]]
MAPPING = {"a": claim("in.mapping")(two)}
again = LIST[0]


class TestLosses:
    @claim("in.class")
    def g(x=Real()):
        yield x
        yield x

    @pytest.mark.skip
    @claim("in.class.skipped")
    def h(x=Real()):
        yield x
        yield x

    def test_it(self):
        pass


class Losses:
    @claim("in.other.class")
    def g(x=Real()):
        yield x
        yield x
"""


def test_claims_of_a_test_module_are_items_wherever_they_are_kept(pytester):
    pytester.makepyfile(test_a=KEPT)
    result = pytester.runpytest("-v")
    result.assert_outcomes(passed=5, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "test_a.py::in.list PASSED*",
            "test_a.py::in.list.wrong FAILED*",
            "test_a.py::in.mapping PASSED*",
            "test_a.py::TestLosses::in.class PASSED*",
            "test_a.py::TestLosses::in.class.skipped SKIPPED*",
            "test_a.py::TestLosses::test_it PASSED*",
            "test_a.py::in.other.class PASSED*",
        ]
    )


def test_claims_that_a_test_module_imports_in_a_list_are_not_its_own(pytester):
    pytester.makepyfile(test_a=KEPT, test_b="from test_a import LIST\n\ndef test_b():\n    pass\n")
    pytester.runpytest("test_b.py").assert_outcomes(passed=1)


def test_a_claim_whose_name_is_taken_again_is_refused(pytester):
    pytester.makepyfile(test_a=FILE + FILE.replace("logistic", "other"))
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["claim 'logistic.* (test_a.py:*) is lost: its name '*' is taken again"])


@pytest.mark.parametrize(
    ("marks", "outcomes"),
    [
        (["pytest.mark.xfail"], {"xfailed": 1}),
        (["pytest.mark.xfail(reason='it is wrong')"], {"xfailed": 1}),
        (["pytest.mark.xfail(False, reason='not here')"], {"failed": 1}),
        (["pytest.mark.skip"], {"skipped": 1}),
        (["pytest.mark.skipif(True, reason='not here')"], {"skipped": 1}),
        (["pytest.mark.skipif(False, reason='not here')", "pytest.mark.xfail"], {"xfailed": 1}),
    ],
    ids=str,
)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_marks(pytester, marks, outcomes, above):
    lines = ["@" + mark for mark in marks]
    lines = [*lines, '@claim("wrong")'] if above else ['@claim("wrong")', *lines]
    text = "\n".join(["import pytest", "from gradproof import Real, claim", *lines, "def g(x=Real()):", "    yield x"])
    pytester.makepyfile(test_a=text, my_loss=text)
    pytester.runpytest("test_a.py").assert_outcomes(**outcomes)
    pytester.runpytest("test_a.py", "-m", "not xfail and not skip and not skipif").assert_outcomes(deselected=1)


def test_a_folder(pytester):
    folder = pytester.mkdir("losses")
    (folder / "inner").mkdir()
    (folder / "one.py").write_text(FILE)
    (folder / "inner" / "two.py").write_text("import gradproof as g\n\n@g.claim('two')\ndef two():\n    yield 1\n")
    (folder / "run.py").write_text("raise SystemExit('this was run')\n")
    (folder / "other.py").write_text("from gradproof import Real\nraise SystemExit('this was run')\n")
    (folder / "half.py").write_text("from gradproof import claim\nclaim(\n")
    (folder / "test_it.py").write_text("def test_it():\n    pass\n")
    result = pytester.runpytest("--gradproof", "losses", "-v")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*half.py does not import: SyntaxError: *(half.py, line 2)"])
    (folder / "half.py").unlink()
    result = pytester.runpytest("--gradproof", "losses", "-v")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["losses/one.py::logistic.gradient PASSED*"])


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


def test_an_assertion_of_a_verdict_is_explained(pytester):
    pytester.makepyfile(
        """
        import gradproof


        def test_gradient():
            assert gradproof.check(lambda x: x**2, lambda x: 3 * x, (1.0,), quick=True)


        def test_another():
            verdict = gradproof.check(lambda x: x**2, lambda x: 2 * x, (1.0,), quick=True)
            assert verdict
            assert verdict.verdict == "refuted"
        """
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*what gradproof found*", "*<lambda>: refuted", "*diagnosis*it is 3/2 times*"])
    assert result.stdout.str().count("what gradproof found") == 1

"""Claims are found by id, glob, document, module and file; what is not found is said in one sentence."""

import sys
from importlib.metadata import EntryPoint

import pytest

from gradproof import Claim, GradproofError
from gradproof.catalogue import from_file, installed, select

HEAD = "from gradproof import Real, Source, claim\n"
SQUARE = """
@claim("{0}", source=Source("{1}", (3,)))
def {0}(x=Real()):
    yield x**2
    yield x * x
"""


@pytest.fixture
def provider(tmp_path, monkeypatch):
    """A package with claims, which is the only one installed."""
    package = tmp_path / "provider"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "b.py").write_text(HEAD + SQUARE.format("second", "007_b.txt"))
    (package / "a.py").write_text(HEAD + "from provider.b import second\n" + SQUARE.format("first", "007_b.txt"))
    (package / "inner" / "__init__.py").write_text("")
    (package / "inner" / "c.py").write_text(HEAD + SQUARE.format("third", "008_c.txt") + "again = third\n")
    (package / "__main__.py").write_text("raise SystemExit('run')")
    monkeypatch.syspath_prepend(tmp_path)
    entries = [EntryPoint("it", "provider", "gradproof.claims"), EntryPoint("twice", "provider", "gradproof.claims")]
    monkeypatch.setattr("gradproof.catalogue.collect.entry_points", lambda group: entries)
    return package


def ids(claims: list[Claim]) -> list[str]:
    return [claim.id for claim in claims]


def test_installed_claims_come_once_in_order(provider):
    assert ids(installed()) == ["second", "first", "third"]
    assert ids(select()) == ids(installed())


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("second", ["second"]),
        ("*ir*", ["first", "third"]),
        ("[sf]*", ["first", "second"]),
        ("007_b.txt", ["first", "second"]),
        ("007_b", ["first", "second"]),
        ("008", ["third"]),
        ("provider.inner", ["third"]),
        ("provider.inner.c", ["third"]),
    ],
)
def test_a_target(provider, target, found):
    assert sorted(ids(select([target]))) == found


def test_targets_are_joined_and_each_claim_comes_once(provider):
    assert ids(select(["third", "007", "second"]))[0] == "third"
    assert len(select(["third", "007", "second"])) == 3


@pytest.mark.parametrize("target", ["secnd", "nothing.like.it", "1.5", "*zz*", "provider.absent", "src/"])
def test_an_unknown_target(provider, target):
    with pytest.raises(GradproofError, match=r"is no claim, statement, document, module or \.py file"):
        select([target])


def test_an_unknown_id_has_the_nearest_beside_it(provider):
    with pytest.raises(GradproofError, match=r"'secnd' .*; the nearest are second$"):
        select(["secnd"])


def test_nothing_installed(monkeypatch):
    monkeypatch.setattr("gradproof.catalogue.collect.entry_points", lambda group: [])
    with pytest.raises(GradproofError, match=r"no claims are installed; name a \.py file"):
        select()


def test_a_provider_that_is_not_there(monkeypatch):
    entry = EntryPoint("gone", "no_such_package", "gradproof.claims")
    monkeypatch.setattr("gradproof.catalogue.collect.entry_points", lambda group: [entry])
    with pytest.raises(GradproofError, match="module 'no_such_package' does not import: ModuleNotFoundError"):
        select()


def test_two_claims_with_one_id(provider):
    (provider / "inner" / "c.py").write_text(HEAD + SQUARE.format("first", "x"))
    with pytest.raises(
        GradproofError,
        match=r"id 'first', in provider\.a \(a\.py:4\) and in provider\.inner\.c \(c\.py:3\); rename one",
    ):
        installed()


def test_a_module_without_claims(provider):
    with pytest.raises(GradproofError, match="module 'json' has no claims"):
        select(["json"])


def test_a_module_that_does_not_import(provider):
    (provider / "b.py").write_text("x = 1\n\nx.y\n")
    with pytest.raises(GradproofError, match=r"does not import: AttributeError: .* \(b\.py, line 3\)$"):
        installed()


def test_a_file(tmp_path):
    path = tmp_path / "my_loss.py"
    path.write_text(HEAD + SQUARE.format("one", "x") + SQUARE.format("two", "x") + "again = one\n")
    assert ids(from_file(path)) == ["one", "two"]
    assert ids(select([str(path), f"{tmp_path}/./my_loss.py"])) == ["one", "two"]
    assert "my_loss" not in sys.modules


def test_a_file_imports_its_neighbours(tmp_path):
    (tmp_path / "neighbour.py").write_text(HEAD + SQUARE.format("one", "x"))
    (tmp_path / "my_loss.py").write_text("from neighbour import one\n")
    assert ids(from_file(tmp_path / "my_loss.py")) == ["one"]


def test_a_file_may_have_dataclasses(tmp_path):
    path = tmp_path / "my_loss.py"
    text = "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int\n"
    path.write_text(text + HEAD + SQUARE.format("one", "x"))
    assert ids(from_file(path)) == ["one"]


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "my_loss.py"
    for name in ("one", "two"):
        path.write_text(HEAD + SQUARE.format(name, "x"))
        assert ids(from_file(path)) == [name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import math\nimport no_such\n", "ModuleNotFoundError: No module named 'no_such' (my_loss.py, line 2)"),
        ("x = 1\nx = = 2\n", "SyntaxError: invalid syntax (my_loss.py, line 2)"),
        ("def f():\n    return 1 / 0\n\nf()\n", "ZeroDivisionError: division by zero (my_loss.py, line 2)"),
        (
            "import json\njson.loads('')\n",
            "JSONDecodeError: Expecting value: line 1 column 1 (char 0) (my_loss.py, line 2)",
        ),
        ("raise SystemExit('no')\n", "SystemExit: no (my_loss.py, line 1)"),
        ("raise ValueError('one\\ntwo')\n", "ValueError: one (my_loss.py, line 1)"),
        (
            HEAD + '@claim("c")\ndef c(x):\n    yield x\n',
            (
                """claim 'c': parameter 'x' needs a symbol as its default, such as x=Real("n"), """
                "or a tuple of symbols (my_loss.py, line 2)"
            ),
        ),
    ],
    ids=["import", "syntax", "raise", "inside a library", "exit", "many lines", "claim"],
)
def test_a_file_that_does_not_import(tmp_path, text, message):
    path = tmp_path / "my_loss.py"
    path.write_text(text)
    before = set(sys.modules)
    with pytest.raises(GradproofError) as caught:
        from_file(path)
    assert str(caught.value) == f"{path} does not import: {message}"
    assert not [name for name in set(sys.modules) - before if "my_loss" in name]


def test_a_file_without_claims(tmp_path):
    (tmp_path / "my_loss.py").write_text("x = 1\n")
    with pytest.raises(GradproofError, match=r"my_loss\.py has no claims; make some with gradproof\.claim"):
        from_file(tmp_path / "my_loss.py")


def test_no_file(tmp_path):
    with pytest.raises(GradproofError, match="there is no file"):
        from_file(tmp_path / "absent.py")

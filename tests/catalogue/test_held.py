"""No claim of a file is lost in silence, wherever it is kept."""

import re
from importlib.metadata import EntryPoint

import pytest

from gradproof import GradproofError
from gradproof.catalogue import from_file, installed, select, shard, without

HEAD = """import gradproof
from gradproof import Real, claim, definition


def two(x=Real()):
    yield x
    yield x
"""
MAKE = """
def make(id):
    @claim(id)
    def made(x=Real()):
        yield x
        yield x

    return made

"""


def found(folder, text):
    (folder / "my_loss.py").write_text(HEAD + text)
    return sorted(claim.id for claim in from_file(folder / "my_loss.py"))


TWICE = """
@claim("a")
def g(x=Real()):
    yield x
    yield x


@claim("b")
def g(x=Real()):
    yield x
    yield x
"""
CLASS = """
class Losses:
    @claim("a")
    def g(x=Real()):
        yield x

    @staticmethod
    @claim("b")
    def h(x=Real()):
        yield x
"""
PLACES = {
    "two of one name": TWICE,
    "a list": "claims = [claim('a')(two), claim('b')(two)]",
    "a tuple": "claims = claim('a')(two), (claim('b')(two),)",
    "a mapping": "claims = {'one': claim('a')(two), 'more': [claim('b')(two)]}",
    "a class": CLASS,
    "a name and no name": "one = claim('a')(two)\nclaim('b')(two)",
    "a loop": "for id in 'ab':\n    one = claim(id)(two)",
    "made by a function": MAKE + "one, other = make('a'), make('b')",
    "made by a function and dropped": MAKE + "make('a'), make('b')",
    "a generator that is run": MAKE + "all = [*map(make, 'ab')]",
    "definitions": "definition('a')\nb = definition('b')",
    "deleted": MAKE + "one = make('a')\ndel one\nmake('b')",
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_claims_are_collected_wherever_they_are_kept(tmp_path, text):
    assert found(tmp_path, text) == ["a", "b"]


def test_claims_of_a_package_are_collected_wherever_they_are_kept(tmp_path, monkeypatch):
    (tmp_path / "losses").mkdir()
    (tmp_path / "losses" / "__init__.py").write_text("from losses.inner import *\n")
    (tmp_path / "losses" / "inner.py").write_text(HEAD + TWICE + "claim('c')(two)")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("it", "losses", "gradproof.claims")
    monkeypatch.setattr("gradproof.catalogue.collect.entry_points", lambda group: [entry])
    assert sorted(claim.id for claim in installed()) == ["a", "b", "c"]


def test_claims_that_a_neighbour_makes_and_drops_are_the_neighbours(tmp_path):
    (tmp_path / "neighbour.py").write_text(HEAD + "claim('a')(two)")
    assert found(tmp_path, "import neighbour\none = claim('b')(two)") == ["b"]


@pytest.mark.parametrize("decorator", ["@claim('a')", "@gradproof.claim('a')"])
def test_a_function_that_is_not_called_makes_no_claim_in_silence(tmp_path, decorator):
    message = "my_loss.py, line 10: the claim is made inside make, which was not called; call it, and assign what it"
    with pytest.raises(GradproofError, match=re.escape(message)):
        found(tmp_path, MAKE.replace("@claim(id)", decorator) + "one = claim('b')(two)")


def test_what_a_test_makes_for_itself_is_left_to_it(tmp_path):
    assert found(tmp_path, MAKE.replace("def make(id)", "def test_it()") + "one = claim('b')(two)") == ["b"]


def test_a_decorator_without_a_call_is_refused_with_its_line(tmp_path):
    with pytest.raises(GradproofError, match=r"is it @claim without a name \(my_loss\.py, line 9\)"):
        found(tmp_path, "\n@claim\ndef g(x=Real()):\n    yield x\n")


def test_two_claims_with_one_id_in_a_file_name_both_lines(tmp_path):
    message = r"two claims have the id 'a', in .*my_loss.py \(my_loss.py:15\) and in .* \(my_loss.py:9\); rename one"
    with pytest.raises(GradproofError, match=message):
        found(tmp_path, TWICE.replace('"b"', '"a"'))


def test_some_of_a_file(tmp_path):
    (tmp_path / "my_loss.py").write_text(HEAD + "claims = [claim(id)(two) for id in ('a.x', 'a.y', 'b::c')]")
    file = str(tmp_path / "my_loss.py")

    def ids(*targets):
        return [claim.id for claim in select(targets)]

    assert ids(f"{file}::a.y") == ["a.y"]
    assert ids(f"{file}::a.*") == ["a.x", "a.y"]
    assert ids(f"{file}::b::c", f"{tmp_path}/./my_loss.py::a.x") == ["b::c", "a.x"]
    with pytest.raises(GradproofError, match=r"^'a\.z' is no claim of .*my_loss\.py; the nearest are a\.y, a\.x$"):
        ids(f"{file}::a.z")


@pytest.fixture
def claims(tmp_path):
    (tmp_path / "my_loss.py").write_text(HEAD + "claims = [claim(f'{n}.{n % 2}')(two) for n in range(40)]")
    return select([str(tmp_path / "my_loss.py")])


def test_some_are_left_out(claims):
    assert [claim.id for claim in without(claims, ["*.1", "1*", "2?.0"])] == [
        "0.0",
        "2.0",
        "4.0",
        "6.0",
        "8.0",
        *(f"3{n}.0" for n in (0, 2, 4, 6, 8)),
    ]
    with pytest.raises(GradproofError, match=r"--exclude 'no\*' names none of the claims"):
        without(claims, ["no*"])
    with pytest.raises(GradproofError, match="--exclude leaves no claim"):
        without(claims, ["*.0", "*.1"])


def test_parts_have_each_claim_once_wherever_they_are_taken(claims):
    parts = [[claim.id for claim in shard(claims, f"{number}/3")] for number in (1, 2, 3)]
    assert sorted(id for part in parts for id in part) == sorted(claim.id for claim in claims)
    assert all(5 < len(part) < 25 for part in parts)
    assert [claim.id for claim in shard(claims[::-1][:20], "2/3")] == [
        claim.id for claim in claims[::-1][:20] if claim.id in parts[1]
    ]


@pytest.mark.parametrize("part", ["0/3", "4/3", "1/0", "1", "a/b", "-1/3"])
def test_what_is_no_part(claims, part):
    with pytest.raises(
        GradproofError, match=re.escape(f"--shard is a part I/N, such as 1/4 for the first of four; given {part!r}")
    ):
        shard(claims, part)

"""Mistakes planted in a checkout: which there are, that each is put in its place, and that tests notice it or not."""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "planted.py"


@pytest.fixture(scope="module")
def planted():
    spec = importlib.util.spec_from_file_location("planted_mistakes", PATH)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SOURCE = '''"""A module."""

LARGEST = 3


def area(width: int, height: int = 2) -> int:
    """Of a rectangle: width * height."""
    return width * height  # élan


def sign(x):
    return -1 if x < 0 else 1
'''


@pytest.fixture
def checkout(tmp_path):
    for package in ("gradproof", "manual_grads"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "gradproof" / "area.py").write_text(SOURCE)
    return tmp_path


def test_mistakes_are_planted_in_the_code_of_functions(planted, checkout):
    found = {planted.of(place, checkout) for place in planted.places(checkout)}
    assert {(m.function, m.was, m.becomes) for m in found} == {
        ("area", "width * height", "(width / height)"),
        ("sign", "-1", "(1)"),
        ("sign", "1", "(2)"),
        ("sign", "x < 0", "(x <= 0)"),
        ("sign", "0", "(1)"),
    }


def test_a_mistake_is_put_in_its_place_and_nothing_else_changes(planted, checkout):
    (place,) = (p for p in planted.places(checkout) if ast.unparse(p.node) == "width * height")
    path, text = planted.planted(place, planted.of(place, checkout), checkout, checkout)
    assert text == SOURCE
    assert path.read_text() == SOURCE.replace("width * height  #", "(width / height)  #")


def test_a_mistake_is_found_again_where_lines_have_moved(planted, checkout, tmp_path):
    places = list(planted.places(checkout))
    mistakes = [planted.of(place, checkout) for place in places]
    other = tmp_path / "gradproof" / "shapes.py"
    (tmp_path / "gradproof" / "area.py").rename(other)
    other.write_text(
        "import math\n\n" + SOURCE.replace("return width * height", "size = width * height\n    return size")
    )
    known = list(planted.places(tmp_path))
    again = {m.was: planted.found_again(m, known) for m in mistakes}
    assert again["width * height"].path == other
    assert again["x < 0"].node.lineno == 15
    assert planted.found_again(planted.Mistake("", "area", "", "width - height", ""), known) is None


@pytest.mark.parametrize(("test", "said"), [("area(2, 3) == 6", "noticed"), ("area(1, 1) == 1", "not noticed")])
def test_what_the_tests_say_is_told(planted, checkout, monkeypatch, test, said):
    (checkout / "test_area.py").write_text(f"from gradproof.area import area\n\n\ndef test_it():\n    assert {test}\n")
    (place,) = (p for p in planted.places(checkout) if ast.unparse(p.node) == "width * height")
    planted.planted(place, planted.of(place, checkout), checkout, checkout)
    # The plugin of gradproof is not to be loaded: the package of that name is another one here.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    told = planted.fate(["test_area.py::test_it"], checkout)
    assert told.split(":")[0] == said
    assert said == "not noticed" or "test_area.py::test_it" in told
    assert planted.fate([], checkout) == "not run by any test"

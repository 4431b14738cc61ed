"""Claims pass type checkers, which see a symbol as the array that it stands for; the public names are found."""

import ast
import inspect
import json
import os
import pydoc
import re
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

import gradproof

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")

ANNOTATED = """
from collections.abc import Callable, Iterator

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from gradproof import Function, Functional, Index, Real, Verdict, assert_gradient, check, claim, derivative, verify


@claim("regression.gradient")
def regression(w: Array = Real("m"), X: Float[Array, "n m"] = Real("n m")) -> Iterator[Array]:
    yield derivative(lambda w: jnp.sum((X @ w) ** 2), w)
    yield 2 * X.T @ (X @ w)


@claim("layers")
def layers(
    layers: tuple[tuple[Array, Array], ...] = ((Real("m k"), Real("k")), (Real("k"), Real())),
    sigma: Callable[[Array], Array] = Function(),
    loss: Callable[..., Array] = Functional(),
    classes: Array = Index("m", below="k"),
) -> Iterator[Array]:
    reveal_type(classes)
    yield layers[0][0] + sigma(layers[0][1])
    yield loss(layers[0][0])


def loss(w: Array, x: Array) -> Array:
    return jnp.sum((w * x) ** 2)


def gradient(w: Array, x: Array) -> Array:
    return 2 * w * x**2


assert_gradient(loss, gradient, (jnp.ones(3), jnp.ones(3)), domains={"x": Real()})
verdict: Verdict = check(loss, gradient, (jnp.ones(3), jnp.ones(3)))
assert verdict and verify(regression)
"""

MISTAKEN = """
from collections.abc import Iterator

from jax import Array

import gradproof
from gradproof import Positive, Real, claim


@claim("mistaken")
def mistaken(w: Array = Real("m"), decay: float = Positive()) -> Iterator[Array]:
    yield w.summed()
    yield w


@claim("no generator")
def returned(w: Array = Real("m")) -> Array:
    return w


gradproof.check(lambda w: w, lambda w: w)
gradproof.prove(mistaken)
"""
MISTAKES = {"decay: float", "w.summed()", '@claim("no generator")', "gradproof.check(", "gradproof.prove("}
"""Where a type checker is to say something."""

AS_IN_README = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[0] + "    reveal_type(X)\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "annotated.py").write_text(ANNOTATED)
    (tmp_path / "mistaken.py").write_text(MISTAKEN)
    (tmp_path / "as_in_readme.py").write_text(AS_IN_README)
    return tmp_path


def places(lines):
    """The mistakes in which some lines, counted from 1, stand."""
    texts = [MISTAKEN.splitlines()[line - 1] for line in lines]
    return {mistake for mistake in MISTAKES if any(mistake in text for text in texts)}


def test_mypy(folder, request):
    # Strict refuses functions without annotations, whatever they are; what is inside them is checked all the same.
    untyped = "[mypy-as_in_readme]\ndisallow_untyped_defs = false\ndisallow_untyped_calls = false\n"
    (folder / "mypy.ini").write_text(f"[mypy]\nstrict = true\n{untyped}")
    cache = request.config.cache.mkdir("mypy")
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache), "--no-error-summary", "."]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout.splitlines()
    errors = [line for line in found if ": error: " in line]
    assert [line for line in errors if not line.startswith("mistaken.py")] == []
    assert places(int(line.split(":")[1]) for line in errors) == MISTAKES
    assert [line for line in found if 'Revealed type is "jax' in line and line.startswith("annotated.py")]


def test_pyright(folder):
    """By a build of it that comes whole, with nothing to be downloaded."""
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard"}))
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "--outputjson"]
    bare = {name: os.environ[name] for name in ("HOME", "PATH", "SYSTEMROOT") if name in os.environ}
    run = subprocess.run(command, cwd=folder, env=bare, capture_output=True, text=True, check=False)
    found = json.loads(run.stdout)["generalDiagnostics"]
    errors = [each for each in found if each["severity"] in ("error", "warning")]
    assert [each for each in errors if not each["file"].endswith("mistaken.py")] == []
    assert places(each["range"]["start"]["line"] + 1 for each in errors) == MISTAKES
    revealed = [each["message"] for each in found if each["severity"] == "information"]
    assert revealed == ['Type of "classes" is "Array"', 'Type of "X" is "Array"']


def test_the_types_of_symbols_are_those_of_their_classes():
    stubs = ast.parse((files("gradproof") / "typed.pyi").read_text("utf-8"))
    for stub in [node for node in stubs.body if isinstance(node, ast.FunctionDef)]:
        symbol = getattr(gradproof, stub.name)
        # What is left is there to be refused.
        parameters = [p.name for p in inspect.signature(symbol).parameters.values() if p.kind is not p.VAR_POSITIONAL]
        assert [each.arg for each in (*stub.args.args, *stub.args.kwonlyargs)] == parameters
        assert ast.get_docstring(stub) == inspect.getdoc(symbol).partition("\n")[0]
    symbols = {name for name in gradproof.__all__ if "claims.symbols." in str(getattr(gradproof, name))}
    assert symbols | {"Function", "Functional"} == {n.name for n in stubs.body if isinstance(n, ast.FunctionDef)}


def test_types_are_shipped():
    assert (files("gradproof") / "py.typed").is_file()


def public():
    """All that the package imports under a name of its own, lazily or not."""
    nodes = ast.walk(ast.parse(inspect.getsource(gradproof)))
    return {each.asname for node in nodes if isinstance(node, ast.ImportFrom) for each in node.names if each.asname}


def test_every_public_name_is_found():
    names = {}
    exec("from gradproof import *", names)
    page = pydoc.render_doc(gradproof, renderer=pydoc.plaintext)
    assert set(gradproof.__all__) == public() | {"__version__"}
    for name in gradproof.__all__:
        assert name in dir(gradproof)
        assert names[name] is getattr(gradproof, name)
        assert name == "__version__" or re.search(rf"^    (class )?{name}\b", page, re.MULTILINE)
    # Newer versions of Python give each parameter a line.
    assert re.search(r"^    check\(\s*loss: [^\"]*?The whole verdict on a loss and its gradient", page, re.MULTILINE)


def test_the_version_is_that_of_the_distribution():
    assert gradproof.__version__ == version("gradproof")


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="module 'gradproof' has no attribute 'prove'"):
        _ = gradproof.prove

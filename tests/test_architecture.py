"""The arrows between the packages, and the rule that nothing in `manual_grads` differentiates for us."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"manual_grads", "gradproof", "derivations"}
MAY_IMPORT = {
    "manual_grads": {"manual_grads"},
    "gradproof": {"gradproof"},
    "derivations": PACKAGES,
    "benchmarks": {"manual_grads", "gradproof"},
    "examples": {"manual_grads"},
}
FORMULAS_NEED = {"manual_grads", "jax", "jaxtyping", "optax", "rich"} | sys.stdlib_module_names


def imported(source: str) -> Iterator[str]:
    """The packages that a module imports by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def forbidden(package: str, source: str) -> set[str]:
    names = set(imported(source))
    refused = names & PACKAGES - MAY_IMPORT[package]
    return refused | (names - FORMULAS_NEED if package == "manual_grads" else set())


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_what_it_may(package):
    sources = sorted((ROOT / package).rglob("*.py"))
    assert {str(path): found for path in sources if (found := forbidden(package, path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    ("package", "source", "found"),
    [
        ("manual_grads", "import gradproof", {"gradproof"}),
        ("manual_grads", "def f():\n    from derivations.library import logistic", {"derivations"}),
        ("manual_grads", "import jax, scipy.special", {"scipy"}),
        ("gradproof", "import manual_grads.logistic as logistic", {"manual_grads"}),
        ("gradproof", "from derivations import deriving_backpropagation", {"derivations"}),
        ("benchmarks", "import derivations", {"derivations"}),
        ("derivations", "import gradproof, manual_grads", set()),
    ],
)
def test_a_planted_import_is_found(package, source, found):
    assert forbidden(package, source) == found


@pytest.mark.parametrize("path", sorted(ROOT.glob("[a-z]*/**/*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_check_is_suppressed_in_a_comment(path):
    words = ["no" + "qa", "type: " + "ignore", "pragma: " + "no cover"]
    assert [word for word in words if word in path.read_text("utf-8")] == []


def ruff(source: str, place: str) -> str:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--output-format=concise",
        "--stdin-filename",
        place,
    ]
    return subprocess.run([*command, "-"], input=source, capture_output=True, text=True, cwd=ROOT, check=False).stdout


@pytest.mark.parametrize(
    "source",
    [
        "import jax\n\njax.grad\n",
        "import jax as j\n\nj.value_and_grad\n",
        "from jax import jacfwd, jacrev, jvp, vjp\n",
        "from jax import hessian as curvature\n",
        "import jax\n\njax.linearize\n",
        "from jax import *\n",
        "from jax._src.api import grad\n",
        "from jax.experimental.jet import jet\n",
        "from jax.interpreters import ad\n",
    ],
)
def test_autodiff_is_refused_in_the_formulas(source):
    refused = ruff(source, "manual_grads/planted.py")
    assert "TID251" in refused or "F403" in refused


def test_autodiff_is_free_elsewhere():
    assert "TID251" not in ruff("import jax\n\njax.grad\n", "tests/planted.py")

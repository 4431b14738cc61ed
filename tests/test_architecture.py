"""The arrows between packages and rooms, the size of what stands in them, and that no formula differentiates."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "gradproof"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")

PACKAGES = {"manual_grads", "gradproof", "derivations"}
MAY_IMPORT = {
    "manual_grads": {"manual_grads"},
    "gradproof": {"gradproof"},
    "derivations": PACKAGES,
    "benchmarks": {"manual_grads", "gradproof"},
    "examples": {"manual_grads"},
}
FORMULAS_NEED = {"manual_grads", "jax", "jaxtyping", "optax", "rich"} | sys.stdlib_module_names

LONGEST_FILE, LONGEST_CLASS, MOST_MODULES, MOST_EXPORTS = 400, 250, 14, 8


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
        ("gradproof", "from derivations import library", {"derivations"}),
        ("benchmarks", "import derivations", {"derivations"}),
        ("derivations", "import gradproof, manual_grads", set()),
    ],
)
def test_a_planted_import_is_found(package, source, found):
    assert forbidden(package, source) == found


# The rooms of the engine


def table() -> dict[str, set[str]]:
    """Of the picture: each room, and the rooms that it may import."""
    return {room: set(rooms.split()) for room, rooms in re.findall(r"^(\w+) +<-(.*)$", PAGE, re.MULTILINE)}


def exported(folder: Path) -> set[str]:
    """The names that a folder exports as `X as X`, whatever they are imported from."""
    nodes = ast.walk(ast.parse((folder / "__init__.py").read_text("utf-8")))
    return {alias.asname for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names if alias.asname}


def refused_imports(room: str, source: str, may: Mapping[str, set[str]]) -> Iterator[str]:
    """What a file of a room imports from others that it may not: TYPE_CHECKING is no excuse."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("gradproof."))
            continue
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("gradproof"):
            continue
        _, *path = str(node.module).split(".")
        for alias in node.names:
            other, *inner = [*path, alias.name]
            if other == room:
                continue
            # A folder within a room has a face of its own.
            inside = len(inner) > 1 and (ENGINE / other / inner[0]).is_dir()
            if other not in may[room]:
                yield f"{room} imports {other}"
            elif inner and (ENGINE / other).is_dir() and not inside and inner[0] not in exported(ENGINE / other):
                yield f"{room} imports {'.'.join(inner)}, which {other} does not export"


FILES = [
    (path.relative_to(ENGINE).parts[0].removesuffix(".py"), path)
    for path in sorted(ENGINE.rglob("*.py"))
    if path != ENGINE / "__init__.py"
]


def test_every_room_is_in_the_picture():
    assert {room for room, _ in FILES} == set(table())


def test_the_picture_has_no_circle():
    rooms = list(table())
    assert all(rooms.index(other) < rooms.index(room) for room, others in table().items() for other in others)


def test_rooms_import_what_the_picture_says():
    may = table()
    found = [line for room, path in FILES for line in refused_imports(room, path.read_text("utf-8"), may)]
    assert found == []


def test_the_picture_says_no_more_than_what_is_imported():
    used: dict[str, set[str]] = {room: set() for room in table()}
    for room, path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gradproof"):
                path_of = str(node.module).split(".")[1:]
                used[room] |= {(path_of or [alias.name])[0] for alias in node.names} - {room}
    assert used == table()


@pytest.mark.parametrize(
    ("room", "source", "found"),
    [
        ("claims", "from gradproof.checks import Study", "claims imports checks"),
        (
            "claims",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from gradproof.measures import full_report",
            "claims imports measures",
        ),
        (
            "cli",
            "from gradproof.checks.study import Study",
            "cli imports study.Study, which checks does not export",
        ),
        ("cli", "def f():\n    from gradproof.worlds import compare", "cli imports worlds"),
        ("checks", "import gradproof.cli", "gradproof.cli"),
    ],
)
def test_a_planted_arrow_is_found(room, source, found):
    assert list(refused_imports(room, source, table())) == [found]


def hidden_imports(source: str) -> Iterator[str]:
    """Imports that the tests above cannot follow: relative, of everything, of the whole engine, or by a function."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(level=level) if level:
                yield "a relative import"
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                yield "an import of everything"
            case ast.Import(names=names) if any(alias.name == "gradproof" for alias in names):
                yield "an import of the whole engine"
            case ast.Name(id="__import__") | ast.Attribute(attr="import_module") | ast.alias(name="import_module"):
                yield "an import by a function"


OPEN_TO_NAMES = {ENGINE / "catalogue" / "collect.py", ENGINE / "__init__.py"}
"""Files that import what a user names."""


@pytest.mark.parametrize("package", ["gradproof", "manual_grads"])
def test_imports_are_in_the_open(package):
    sources = [path for path in sorted((ROOT / package).rglob("*.py")) if path not in OPEN_TO_NAMES]
    assert {str(path): found for path in sources if (found := list(hidden_imports(path.read_text("utf-8"))))} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    from ..checks import Study", "a relative import"),
        ("from gradproof.worlds import *", "an import of everything"),
        ("import gradproof", "an import of the whole engine"),
        ("import importlib\nimportlib.import_module('gradproof.checks')", "an import by a function"),
        ("from importlib import import_module", "an import by a function"),
        ("__import__('manual_grads')", "an import by a function"),
    ],
)
def test_a_planted_hidden_import_is_found(source, found):
    assert list(hidden_imports(source)) == [found]


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def circles(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """Chains of files that import each other."""
    found: list[list[str]] = []
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            found.append(path[path.index(name) :])
        elif name not in done:
            for other in sorted(imports.get(name, ())):
                visit(other, [*path, name])
            done.add(name)

    for name in sorted(imports):
        visit(name, [])
    return found


def test_no_files_import_each_other():
    modules = {module(path) for package in ("gradproof", "manual_grads") for path in (ROOT / package).rglob("*.py")}
    imports: dict[str, set[str]] = {}
    for package in ("gradproof", "manual_grads"):
        for path in (ROOT / package).rglob("*.py"):
            names = imports.setdefault(module(path), set())
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module in modules | {"gradproof", "manual_grads"}:
                    names |= {
                        f"{node.module}.{a.name}" if f"{node.module}.{a.name}" in modules else node.module
                        for a in node.names
                    } - {module(path)}
    assert circles(imports) == []


def test_a_planted_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == [["a", "b", "c"]]


SOURCES = [path for package in ("gradproof", "manual_grads", "derivations") for path in (ROOT / package).rglob("*.py")]


def test_no_file_is_long_and_no_class_is_large():
    written = [
        *SOURCES,
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / "benchmarks").rglob("*.py"),
        *(ROOT / "examples").rglob("*.py"),
    ]
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in written}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}
    classes = {
        f"{path}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    assert {name: length for name, length in classes.items() if length > LONGEST_CLASS} == {}


def test_no_folder_is_crowded():
    folders = {path.parent for path in SOURCES if "derivations" not in path.parts}
    crowded = {str(folder): len(list(folder.glob("*.py"))) for folder in folders}
    assert {folder: count for folder, count in crowded.items() if count > MOST_MODULES} == {}


@pytest.mark.parametrize("room", sorted(path.parent.name for path in ENGINE.glob("*/__init__.py")))
def test_a_room_says_what_lives_there_and_exports_few_names(room):
    text = (ENGINE / room / "__init__.py").read_text("utf-8")
    assert len((ast.get_docstring(ast.parse(text)) or "").splitlines()) >= 3
    assert 0 < len(exported(ENGINE / room)) <= MOST_EXPORTS


# The path of one claim

CLAIM = """
import jax
import jax.numpy as jnp
from gradproof import Real, claim, derivative


@claim("rectifier", convention="relu'(0) is 0")
def rectifier(z=Real("n")):
    yield derivative(lambda z: jnp.sum(jax.nn.relu(z)), z)
    yield jnp.where(z > 0, 1.0, 0.0) * jnp.ones_like(z)
"""


def test_a_claim_takes_the_path_that_the_page_tells(tmp_path, monkeypatch, capsys):
    from gradproof.cli import main

    (tmp_path / "rectifier.py").write_text(CLAIM)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setattr(sys, "argv", ["gradproof", "verify", "--jobs", "0", "rectifier.py"])
    told = re.findall(r"^\d+\. `([\w/.]+)` `(\w+)`", PAGE, re.MULTILINE)
    wanted = {(str(ENGINE / path), name): (path, name) for path, name in told}
    met: dict[tuple[str, str], None] = {}

    def note(frame, event, argument):
        code = frame.f_code
        if event == "call" and (step := wanted.get((code.co_filename, code.co_name))) is not None:
            met.setdefault(step)

    sys.setprofile(note)
    try:
        with pytest.raises(SystemExit) as caught:
            main()
    finally:
        sys.setprofile(None)
    assert caught.value.code == 0, capsys.readouterr()
    assert len(told) >= 15
    assert list(met) == told


# Suppressions, and autodiff


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

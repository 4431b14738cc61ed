"""Mistakes planted in our own code, each put to the tests that run it: `python benchmarks/planted.py`.

First the tests say what they run, once, which takes about twice as long as the tests themselves:

    pytest --cov=gradproof --cov=manual_grads --cov-context=test --cov-report=

Then a seeded sample of mistakes is planted, one at a time, in a copy of the checkout: an operator exchanged, a sign
turned, a number changed, a condition negated. Only the tests that run the changed line are run, those that run least
first, and the first failure ends it. With `--results FILE` an interrupted run goes on where it was; and the mistakes of
another checkout's file, found again by their text, are planted with `--same-as FILE`.
"""

import argparse
import ast
import copy
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from coverage import CoverageData

PACKAGES = ("gradproof", "manual_grads")

OPERATORS: Mapping[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}

MOST_TESTS = 400
"""No more tests are put to one mistake: those that run the line among least else."""

MOST_SECONDS = 900


@dataclass(frozen=True)
class Mistake:
    """One expression exchanged for another, on one line of one function."""

    path: str
    function: str
    line: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Place:
    """An expression in a file."""

    path: Path
    node: ast.expr
    function: str
    line: str


def places(root: Path) -> Iterator[Place]:
    """All expressions in which a mistake can be planted, but for annotations and defaults."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            text = path.read_text("utf-8")
            lines = text.splitlines()
            for function in ast.walk(ast.parse(text)):
                if not isinstance(function, ast.FunctionDef):
                    continue
                for statement in function.body:
                    for node in ast.walk(statement):
                        if isinstance(node, ast.expr) and node.lineno == node.end_lineno and variants(node):
                            yield Place(path, node, function.name, lines[node.lineno - 1].strip())


def variants(node: ast.expr) -> list[ast.expr]:
    """What the expression may become."""
    other = copy.deepcopy(node)
    match other:
        case ast.BinOp() | ast.BoolOp() if type(other.op) in OPERATORS:
            other.op = OPERATORS[type(other.op)]()
        case ast.Compare(ops=[op]) if type(op) in OPERATORS:
            other.ops = [OPERATORS[type(op)]()]
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            other = operand
        case ast.Constant(value=bool(value)):
            other.value = not value
        case ast.Constant(value=int(value) | float(value)):
            other.value = value + 1
        case _:
            return []
    return [other]


def of(place: Place, root: Path) -> Mistake:
    (becomes,) = variants(place.node)
    path = str(place.path.relative_to(root))
    return Mistake(path, place.function, place.line, ast.unparse(place.node), f"({ast.unparse(becomes)})")


def found_again(mistake: Mistake, known: list[Place]) -> Place | None:
    """Where a mistake of another checkout is in this one: the same expression on the same line, or in one function."""
    same = [place for place in known if ast.unparse(place.node) == mistake.was]
    for wanted in (
        [p for p in same if (p.function, p.line) == (mistake.function, mistake.line)],
        [p for p in same if p.line == mistake.line],
        [p for p in same if p.function == mistake.function],
    ):
        if len({(place.path, place.node.lineno, place.node.col_offset) for place in wanted}) == 1:
            return wanted[0]
    return None


def tests_of(place: Place, data: CoverageData, breadth: Mapping[str, int]) -> list[str]:
    """The tests that run a line, those that run least first."""
    contexts = data.contexts_by_lineno(str(place.path)).get(place.node.lineno, [])
    tests = {context.rpartition("|")[0] for context in contexts if "|" in context}
    return sorted(tests, key=lambda test: (breadth[test], test))[:MOST_TESTS]


def breadths(data: CoverageData) -> Mapping[str, int]:
    """How many lines each test runs."""
    found: Counter[str] = Counter()
    for path in data.measured_files():
        for contexts in data.contexts_by_lineno(path).values():
            found.update({context.rpartition("|")[0] for context in contexts})
    return found


def planted(place: Place, mistake: Mistake, copied: Path, root: Path) -> tuple[Path, str]:
    """The file of the copy with the mistake in it, and its text without."""
    path = copied / place.path.relative_to(root)
    text = path.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    node = place.node
    line = lines[node.lineno - 1].encode()
    lines[node.lineno - 1] = (line[: node.col_offset] + mistake.becomes.encode() + line[node.end_col_offset :]).decode()
    path.write_text("".join(lines), "utf-8")
    return path, text


def fate(tests: list[str], copied: Path) -> str:
    """What the tests say of the copy as it is."""
    if not tests:
        return "not run by any test"
    listed = copied / "tests.txt"
    listed.write_text("\n".join(tests), "utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", f"@{listed}"]
    environment = os.environ | {"PYTHONPATH": str(copied), "CI": "true", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copied, env=environment, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "noticed: the tests do not end"
    if done.returncode == 0:
        return "not noticed"
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return f"noticed: {failed[0][:160] if failed else done.stdout.strip()[-160:]}"


def sample(known: list[Place], data: CoverageData, count: int, seed: int) -> list[Place]:
    """As many of each package, of the lines that some test runs."""
    chosen: list[Place] = []
    for package in PACKAGES:
        run = [
            place
            for place in known
            if f"/{package}/" in str(place.path) and place.node.lineno in data.contexts_by_lineno(str(place.path))
        ]
        random.Random(f"{seed} {package}").shuffle(run)
        chosen += run[: count // len(PACKAGES)]
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--most", type=int, default=60, help="mistakes to plant")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="the checkout")
    parser.add_argument("--results", type=Path, help="a file of JSON lines, to go on with")
    parser.add_argument("--same-as", type=Path, help="the results of another checkout")
    options = parser.parse_args()
    root = options.root.resolve()
    data = CoverageData(str(root / ".coverage"))
    data.read()
    known, breadth = list(places(root)), breadths(data)
    if options.same_as is not None:
        others = [Mistake(**json.loads(line)["mistake"]) for line in options.same_as.read_text("utf-8").splitlines()]
        wanted = [(mistake, found_again(mistake, known)) for mistake in others]
    else:
        wanted = [(of(place, root), place) for place in sample(known, data, options.most, options.seed)]
    written = options.results.read_text("utf-8").splitlines() if options.results and options.results.is_file() else []
    done = {json.dumps(json.loads(line)["mistake"]) for line in written}
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "checkout"
        shutil.copytree(root, copied, ignore=shutil.ignore_patterns(".git", ".venv*", ".coverage", ".pytest_cache"))
        for mistake, place in wanted:
            if json.dumps(asdict(mistake)) in done:
                continue
            if place is None:
                said = "not found again"
            else:
                path, text = planted(place, mistake, copied, root)
                said = fate(tests_of(place, data, breadth), copied)
                path.write_text(text, "utf-8")
            print(f"{mistake.path}: {mistake.was} -> {mistake.becomes}: {said}", flush=True)
            if options.results is not None:
                with options.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"mistake": asdict(mistake), "said": said}) + "\n")


if __name__ == "__main__":
    main()

"""Programs, drawn by a generator: what a pair is made of depends on nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fuzzing.gates import GATES, SEVERAL
from fuzzing.missing import MISSING
from fuzzing.program import CUSTOM, LOOPS, OPERATIONS, Node, symbol
from fuzzing.smooth import DEEP

SHAPES: Mapping[str, str] = {
    "t": "",
    "p": "",
    "k": "",
    "x": "n",
    "r": "n",
    "q": "n",
    "y": "n",
    "s": "m",
    "v": "m",
    "w": "m",
    "A": "n m",
    "B": "n n",
}
"""Of each symbol: p and q are positive, y are labels 0 and 1, s signs, k is a class."""

REALS: Mapping[str, str] = {"": "tp", "n": "xrq", "m": "vw", "n m": "A", "n n": "B"}
"""What a derivative may be taken by."""

GATED = {"n": "y", "m": "s"}
"""Labels, by their shape: what a branch is chosen by, and no derivative taken by."""

FEWEST: Mapping[str, int] = {"gates": 4, "missing": 4, "deep": 4, "loops": 7, "custom": 6}
"""Nodes of the smallest programs of a theme, those of bodies among them."""

FACTORS = ("0.5", "-1.5", "2", "0.1", "3", "-0.25", "0.7")
THRESHOLDS = ("-2", "-1", "-0.4", "0.25", "0.5", "1", "3")

ENTRYWISE: Mapping[str, Sequence[str]] = {
    "ring": ("scale", "shift", "square", "cube", "add", "subtract", "multiply", "multiply", "ratio"),
    "deep": tuple(DEEP),
    "gates": tuple(GATES),
    "missing": tuple(MISSING),
}
COUNTS = dict.fromkeys(("add", "subtract", "multiply", "ratio", "quotient", "unless NaN", "if finite"), 2)
COUNTS |= dict.fromkeys(SEVERAL, 2) | {"choose": 3, "choose between": 3, "blend": 3}

THEMES: Mapping[str, frozenset[str]] = {
    "gates": frozenset(GATES) | {"largest", "smallest", "sorted", "at the largest"},
    "missing": frozenset(MISSING) | {"masked softmax"},
    "deep": frozenset(DEEP) | {"softmax", "log softmax", "logsumexp"},
    "loops": frozenset(LOOPS),
    "custom": frozenset(CUSTOM),
}
"""What is in every fifth program."""

SAME = ("softmax", "log softmax", "standardised", "unit", "centered")
ALONG = ("sorted", "running sum", "rolled", "masked softmax")
ARRAYS: Mapping[str, Sequence[tuple[str, ...]]] = {
    "": [
        *[(name, shape) for name in ("sum", "mean") for shape in ("n", "m", "n m")],
        *[(name, shape) for name in ("logsumexp", "largest", "smallest") for shape in ("n", "m")],
        ("dot", "n", "n"),
        ("dot", "m", "m"),
        ("at the largest", "m", "m"),
        ("picked", "n", "k"),
        ("product", "m"),
    ],
    "n": [
        ("sum of rows", "n m"),
        ("matrix times", "n m", "m"),
        ("square times", "n n", "n"),
        ("logsumexp", "n m"),
        ("largest", "n m"),
        ("smallest", "n m"),
        *[(name, "n") for name in SAME + ALONG],
    ],
    "m": [
        ("sum of columns", "n m"),
        ("times matrix", "n", "n m"),
        *[(name, "m") for name in SAME + ALONG],
    ],
    "n m": [
        ("outer", "n", "m"),
        ("matrices", "n n", "n m"),
        ("rows shifted", "n m", "m"),
        *[(name, "n m") for name in SAME],
    ],
    "n n": [("outer", "n", "n")],
}
TWICE = ("masked softmax",)

PASSING = {"choose", "choose between", "branch", "band", "either", *ENTRYWISE["ring"]} | {
    name for name, operation in OPERATIONS.items() if name in DEEP or name in ("sum", "mean", "dot", "sum of rows")
}
"""What may be given NaN: elsewhere the machine and mathematics need not agree on what comes of it."""


@dataclass(frozen=True)
class Scope:
    """What may be written at some place: symbols by shape, how deep, and what is left out."""

    leaves: Mapping[str, str | Sequence[str]]
    depth: int
    nested: int
    partial: bool = True
    loops: bool = True
    custom: bool = True

    def below(self, name: str) -> "Scope":
        """For the arguments of an operation."""
        operation = OPERATIONS[name]
        return Scope(
            self.leaves,
            self.depth - 1,
            self.nested - operation.transcendental,
            self.partial and name in PASSING,
            self.loops,
            self.custom,
        )


class Writer:
    """Draws programs with something of a theme in them."""

    def __init__(self, generator: np.random.Generator, theme: str):
        self.generator, self.theme = generator, theme

    def one_of(self, things: Sequence[str]) -> str:
        return things[int(self.generator.integers(len(things)))]

    def chance(self, share: float) -> bool:
        return bool(self.generator.random() < share)

    def loss(self, most: int) -> Node:
        """A program whose value is a number, of at most so many nodes: of all sizes alike."""
        size = int(self.generator.integers(FEWEST[self.theme], max(most, FEWEST[self.theme]) + 1))
        while True:
            nested = int(self.generator.integers(1, 4))
            depth = int(self.generator.integers(2, 5))
            scope = Scope(REALS, depth, nested, partial=self.theme == "missing" or self.chance(0.1))
            forms = [form for form in ARRAYS[""] if self._fits(form[0], scope)]
            node = self._made(forms[int(self.generator.integers(len(forms)))], scope)
            names = [part.name for _, part in node.nodes()]
            if size - 1 <= len(names) <= size and not THEMES[self.theme].isdisjoint(names):
                return node

    def tree(self, shape: str, scope: Scope) -> Node:
        leaves = scope.leaves.get(shape, "")
        if leaves and (scope.depth <= 0 or self.chance(0.2)):
            leaf = symbol(self.one_of(leaves))
            return Node("scale", (leaf,), (self.one_of(FACTORS),)) if self.chance(0.2) else leaf
        kinds = ["ring", "gates", "arrays"] + ["deep"] * 2 * (scope.nested > 0)
        kinds += ["missing"] * 2 * (scope.partial and scope.nested > 0)
        kinds += ["loops"] * 2 * (scope.loops and shape in ("", "n", "m")) + ["custom"] * scope.custom
        kind = self.one_of(kinds + [self.theme] * 2 * (self.theme in kinds))
        if kind == "loops":
            return self._loop(shape, scope)
        if kind == "custom":
            return self._custom(shape, scope)
        if kind != "arrays":
            return self._entrywise(self.one_of(ENTRYWISE[kind]), shape, scope)
        forms = [form for form in ARRAYS[shape] if self._fits(form[0], scope) and self._known(form[1:], scope)]
        if not forms:
            return self._entrywise(self.one_of(ENTRYWISE["ring"]), shape, scope)
        return self._made(forms[int(self.generator.integers(len(forms)))], scope)

    def _fits(self, name: str, scope: Scope) -> bool:
        operation = OPERATIONS[name]
        return (scope.nested > 0 or not operation.transcendental) and (scope.partial or not operation.partial)

    def _known(self, shapes: Sequence[str], scope: Scope) -> bool:
        """Whether there are symbols of all these shapes, or of the labels that are asked for."""
        return all(shape in scope.leaves or (shape == "k" and scope.leaves is REALS) for shape in shapes)

    def _made(self, form: Sequence[str], scope: Scope) -> Node:
        name, *shapes = form
        inner = scope.below(name)
        if name in TWICE:
            shapes = shapes * 2
        arguments = [symbol("k") if shape == "k" else self.tree(shape, inner) for shape in shapes]
        return Node(name, tuple(arguments), self._constants(name))

    def _entrywise(self, name: str, shape: str, scope: Scope) -> Node:
        if not self._fits(name, scope):
            name = "multiply"
        inner = scope.below(name)
        arguments = [self.tree(shape, inner) for _ in range(COUNTS.get(name, 1))]
        if scope.leaves is REALS and shape in GATED and name in ("choose", "add", "multiply") and self.chance(0.4):
            label = symbol(GATED[shape])
            if name == "choose" or shape == "m":
                arguments[0] = label
            else:
                name, arguments = "blend", [label, *arguments]
        return Node(name, tuple(arguments), self._constants(name))

    def _constants(self, name: str) -> tuple[str, ...]:
        count = OPERATIONS[name].constants
        if name in ("scale", "shift", "leaky relu", "standardised", "guarded log", "guarded inverse"):
            return tuple(self.one_of(FACTORS) for _ in range(count))
        return tuple(THRESHOLDS[place] for place in sorted(self.generator.choice(len(THRESHOLDS), count, False)))

    def _loop(self, shape: str, scope: Scope) -> Node:
        """One over the entries of a vector, or over the rows of a matrix, with something given to each turn."""
        inner = Scope(scope.leaves, min(scope.depth - 1, 1), scope.nested - 1, False, False, False)
        over = {"": ("n", "m"), "n": ("n n",), "m": ("n m",)}[shape]
        items = [name for name in over if name in scope.leaves]
        if not items:
            return self._entrywise("multiply", shape, scope)
        given = [self.tree(shape, inner) for _ in range(int(self.generator.integers(0, 2)))]
        names = [f"given{place}" for place in range(len(given))]
        leaves = {shape: ["state", "state", "item", *names]}
        body = Scope(leaves, 2, min(scope.nested, 1), False, False, self.chance(0.3))
        written = self._around("state", shape, body)
        arguments = (self.tree(shape, inner), *given, self.tree(self.one_of(items), inner))
        loop = Node(self.one_of(LOOPS), arguments, body=written)
        if loop.name != "while":
            return loop
        # JAX cannot pull back through it, so that a rule of its own goes with it.
        names = [f"given{place}" for place in range(len(arguments))]
        inside = Node("while", tuple(map(symbol, names)), body=written)
        return Node(self.one_of(CUSTOM), arguments, body=inside)

    def _around(self, name: str, shape: str, scope: Scope) -> Node:
        """A tree in which a symbol occurs."""
        while True:
            node = self.tree(shape, scope)
            if node.arguments and name in node.symbols():
                return node

    def _custom(self, shape: str, scope: Scope) -> Node:
        arguments = tuple(
            self.tree(shape, Scope(scope.leaves, scope.depth - 1, scope.nested - 1, False, scope.loops, scope.custom))
            for _ in range(int(self.generator.integers(1, 3)))
        )
        leaves = {shape: [f"given{place}" for place in range(len(arguments))]}
        body = Scope(leaves, 2, min(scope.nested, 2), False, False, False)
        return Node(self.one_of(CUSTOM), arguments, body=self._around("given0", shape, body))

"""Programs as trees, and their values: in JAX as a user would write them, and in any arithmetic."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax

from fuzzing.arrays import ARRAYS
from fuzzing.gates import GATES
from fuzzing.machine import Machine
from fuzzing.missing import MISSING
from fuzzing.operation import Operation
from fuzzing.smooth import SMOOTH

Array = Any
Environment = Mapping[str, Array]
Path = tuple[int, ...]

OPERATIONS: Mapping[str, Operation] = SMOOTH | GATES | MISSING | ARRAYS

BODY = -1
"""Where the body of a loop or of a custom function is among what a node is made of."""

LOOPS = ("scan", "fori", "while", "unrolled")
CUSTOM = ("custom vjp", "custom jvp")


@dataclass(frozen=True)
class Node:
    """A symbol, an operation, a loop or a function with a custom rule.

    The body of a loop knows `state`, `item` and what it is given, `given0` and so on; its arguments are the first
    state, what is given, and last what it takes an item of in each turn. The body of a custom function knows its
    arguments as `given0` and so on.
    """

    name: str
    arguments: tuple["Node", ...] = ()
    constants: tuple[str, ...] = ()
    body: "Node | None" = None

    @property
    def symbol(self) -> str | None:
        return self.constants[0] if self.name == "symbol" else None

    def at(self, path: Path) -> "Node":
        node = self
        for place in path:
            inner = node.body if place == BODY else node.arguments[place]
            assert inner is not None
            node = inner
        return node

    def nodes(self, path: Path = ()) -> list[tuple[Path, "Node"]]:
        """All of them, bodies too, by where they are."""
        found = [(path, self)]
        for place, argument in enumerate(self.arguments):
            found += argument.nodes((*path, place))
        return found + (self.body.nodes((*path, BODY)) if self.body is not None else [])

    def symbols(self) -> set[str]:
        """Those of the tree, but not of bodies, whose symbols are their own."""
        if self.symbol is not None:
            return {self.symbol}
        return set().union(*(argument.symbols() for argument in self.arguments))

    def __str__(self) -> str:
        if self.symbol is not None:
            return self.symbol
        constants = f"[{', '.join(self.constants)}]" if self.constants else ""
        body = f"{{{self.body}}}" if self.body is not None else ""
        return f"{self.name.replace(' ', '_')}{constants}{body}({', '.join(map(str, self.arguments))})"


def symbol(name: str) -> Node:
    return Node("symbol", constants=(name,))


def bound(node: Node, arguments: list[Array]) -> dict[str, Array]:
    """What the body of a custom function, or of a loop but for the state and the item, knows."""
    if node.name in CUSTOM:
        return {f"given{place}": x for place, x in enumerate(arguments)}
    return {f"given{place}": x for place, x in enumerate(arguments[1:-1])}


@dataclass(frozen=True)
class Rules:
    """What custom functions are given: of one, where it is, its arguments, and a cotangent or their slopes."""

    pull: Callable[[Node, Path, list[Array], Array], list[Array]]
    push: Callable[[Node, Path, list[Array], list[Array]], Array]


def in_jax(node: Node, environment: Environment, rules: Rules, path: Path = ()) -> Array:
    """The value, by the code that a user would write; its derivative is JAX's, but for custom rules."""
    if node.symbol is not None:
        return environment[node.symbol]
    xs = [in_jax(argument, environment, rules, (*path, place)) for place, argument in enumerate(node.arguments)]
    if node.name in LOOPS:
        return _loop(node, xs, rules, path)
    if node.name in CUSTOM:
        return _custom(node, xs, rules, path)
    operation = OPERATIONS[node.name]
    xp = Machine()
    c = [xp.number(text) for text in node.constants]
    return operation.value(xp, c, *xs) if operation.jax is None else operation.jax(c, *xs)


def _loop(node: Node, xs: list[Array], rules: Rules, path: Path) -> Array:
    assert node.body is not None
    body, given, items = node.body, bound(node, xs), xs[-1]
    count = items.shape[0]

    def turn(state: Array, item: Array) -> Array:
        return in_jax(body, {**given, "state": state, "item": item}, rules, (*path, BODY))

    if node.name == "scan":
        return jax.lax.scan(lambda state, item: (turn(state, item), None), xs[0], items)[0]
    if node.name == "fori":
        return jax.lax.fori_loop(0, count, lambda i, state: turn(state, items[i]), xs[0])
    if node.name == "while":
        return jax.lax.while_loop(
            lambda carry: carry[0] < count, lambda carry: (carry[0] + 1, turn(carry[1], items[carry[0]])), (0, xs[0])
        )[1]
    state = xs[0]
    for i in range(count):
        state = turn(state, items[i])
    return state


def _custom(node: Node, xs: list[Array], rules: Rules, path: Path) -> Array:
    assert node.body is not None
    body = node.body

    def value(*arguments: Array) -> Array:
        return in_jax(body, bound(node, list(arguments)), rules, (*path, BODY))

    if node.name == "custom vjp":
        by_vjp = jax.custom_vjp(value)
        by_vjp.defvjp(
            lambda *arguments: (value(*arguments), arguments),
            lambda arguments, t: tuple(rules.pull(node, path, list(arguments), t)),
        )
        return by_vjp(*xs)
    by_jvp = jax.custom_jvp(value)

    @by_jvp.defjvp
    def rule(primals: tuple[Array, ...], tangents: tuple[Array, ...]) -> tuple[Array, Array]:
        return value(*primals), rules.push(node, path, list(primals), list(tangents))

    return by_jvp(*xs)

"""Gradients by hand: slopes pushed forward through a program, or cotangents pulled back, by the rules of operations.

A `Mistake` is made at one node. What is right without it is the gradient that a claim states.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fuzzing.machine import Machine
from fuzzing.program import BODY, CUSTOM, LOOPS, OPERATIONS, Environment, Node, Path, Rules, bound, symbol

Array = Any


@dataclass(frozen=True)
class Mistake:
    """What is done wrong at one node.

    Arguments:
        kind: of mistake.
        path: of the node.
        place: of the argument, where it matters.
        name: of the wrong rule, or of a constant.
        numbers: constants, as text.
        in_rule: whether it is in the rule of a custom function, and not in the gradient by hand.
    """

    kind: str
    path: Path
    place: int = 0
    name: str = ""
    numbers: tuple[str, ...] = ()
    in_rule: bool = False

    def __str__(self) -> str:
        where = "rule" if self.in_rule else "hand"
        details = [part for part in (self.name, *self.numbers) if part]
        return f"{self.kind} ({where}, at {list(self.path)}, argument {self.place}) {' '.join(details)}".strip()


@dataclass(frozen=True)
class Run:
    """A node that was run: its value, and what it was made of."""

    node: Node
    path: Path
    value: Array
    parts: tuple["Run", ...] = ()
    c: Sequence[Any] = ()
    saved: Any = field(default=None)
    """The states before each turn of a loop; the run of the body of a custom function."""

    @property
    def xs(self) -> list[Array]:
        return [part.value for part in self.parts]


class Accumulation:
    """Values, slopes and cotangents in one arithmetic, perhaps with one mistake."""

    def __init__(self, xp: Any, mistake: Mistake | None = None):
        self.xp, self.mistake = xp, mistake

    # Values

    def run(self, node: Node, environment: Environment, path: Path = ()) -> Run:
        if node.symbol is not None:
            return Run(node, path, environment[node.symbol])
        parts = tuple(self.run(part, environment, (*path, place)) for place, part in enumerate(node.arguments))
        xs = [part.value for part in parts]
        if node.name in CUSTOM:
            assert node.body is not None
            inner = self.run(node.body, bound(node, xs), (*path, BODY))
            return Run(node, path, inner.value, parts, saved=inner)
        if node.name in LOOPS:
            final, (states,) = self.xp.scan(
                lambda state, items: (self._turn(node, path, xs, state, items[0]).value, (state,)), xs[0], (xs[-1],)
            )
            return Run(node, path, final, parts, saved=states)
        c = [self.xp.number(text) for text in node.constants]
        return Run(node, path, self.xp.array(OPERATIONS[node.name].value(self.xp, c, *xs)), parts, c)

    def _turn(self, node: Node, path: Path, xs: list[Array], state: Array, item: Array) -> Run:
        assert node.body is not None
        return self.run(node.body, {**bound(node, xs), "state": state, "item": item}, (*path, BODY))

    # Slopes

    def push(self, run: Run, slopes: Mapping[str, Array]) -> Array | None:
        """The slope of the value, of those of some symbols; None if it depends on none of them."""
        if run.node.symbol is not None:
            return slopes.get(run.node.symbol)
        ts = [self.push(part, slopes) for part in run.parts]
        if all(t is None for t in ts):
            return None
        if run.node.name in CUSTOM:
            given = {f"given{place}": t for place, t in enumerate(ts) if t is not None}
            inner = self.push(run.saved, given)
            return self._changed(run, 0, self.xp.zeros(run.value.shape) if inner is None else inner)
        if run.node.name in LOOPS:
            return self._push_loop(run, ts)
        operation, total = OPERATIONS[run.node.name], None
        for place, t in enumerate(ts):
            if t is None or place in operation.flat:
                continue
            push, _ = self._rules(run)
            c = self._constants(run)
            added = self._changed(run, place, push(self.xp, c, run.xs, run.value, place, t))
            total = added if total is None else self.xp.array(total + added)
        return self.xp.zeros(run.value.shape) if total is None else total

    def _push_loop(self, run: Run, ts: list[Array | None]) -> Array:
        xs = run.xs
        fixed = {f"given{place}": t for place, t in enumerate(ts[1:-1]) if t is not None}
        first = self.xp.zeros(xs[0].shape) if ts[0] is None else ts[0]
        slopes = self.xp.zeros(xs[-1].shape) if ts[-1] is None else ts[-1]

        def turn(carry: Any, items: Any) -> Any:
            state, slope = carry
            item, item_slope = items
            inner = self._turn(run.node, run.path, xs, state, item)
            out = self.push(inner, {**fixed, "state": slope, "item": item_slope})
            return (inner.value, self.xp.zeros(state.shape) if out is None else out), (slope,)

        items = (xs[-1], slopes)
        if self._made(run, "one turn less"):
            items = tuple(item[1:] for item in items)
        (_, final), _ = self.xp.scan(turn, (xs[0], first), items)
        return self._changed(run, 0, final)

    # Cotangents

    def pull(self, run: Run, t: Array) -> dict[str, Array]:
        """What a cotangent of the value is to each symbol."""
        found: dict[str, Array] = {}
        self._pull(run, t, found)
        return found

    def _pull(self, run: Run, t: Array, found: dict[str, Array]) -> None:
        if run.node.symbol is not None:
            name = run.node.symbol
            found[name] = self.xp.array(found[name] + t) if name in found else t
            return
        if self._made(run, "squared cotangent"):
            t = t * t
        for place, (part, cotangent) in enumerate(zip(run.parts, self._pulled(run, t), strict=True)):
            if cotangent is not None:
                self._pull(part, self._changed(run, place, cotangent), found)

    def _pulled(self, run: Run, t: Array) -> list[Array | None]:
        """What it is to each argument; None to one without a slope."""
        count = len(run.parts)
        if run.node.name in CUSTOM:
            inner = self.pull(run.saved, t)
            return [inner.get(f"given{place}") for place in range(count)]
        if run.node.name in LOOPS:
            return self._pull_loop(run, t)
        operation = OPERATIONS[run.node.name]
        _, pull = self._rules(run)
        c = self._constants(run)
        pulled = [
            None if place in operation.flat else pull(self.xp, c, run.xs, run.value, place, t) for place in range(count)
        ]
        return pulled[::-1] if self._made(run, "exchanged") else pulled

    def _pull_loop(self, run: Run, t: Array) -> list[Array | None]:
        xs, xp, states = run.xs, self.xp, run.saved
        names = [f"given{place}" for place in range(len(xs) - 2)]

        def turn(carry: Any, items: Any) -> Any:
            cotangent, sums = carry
            state, item = items
            inner = self.pull(self._turn(run.node, run.path, xs, state, item), cotangent)
            to_item = inner.get("item", xp.zeros(item.shape))
            sums = tuple(
                total + inner[name] if name in inner else total for total, name in zip(sums, names, strict=True)
            )
            return (inner.get("state", xp.zeros(state.shape)), sums), (to_item,)

        items = (states, xs[-1])
        if self._made(run, "states shifted"):
            items = (self._after(run), xs[-1])
        if self._made(run, "one turn less"):
            items = tuple(item[1:] for item in items)
        start = tuple(xp.zeros(x.shape) for x in xs[1:-1])
        (cotangent, sums), (to_items,) = xp.scan(turn, (t, start), items, reverse=True)
        if self._made(run, "one turn less"):
            to_items = xp.concatenate([xp.zeros(xs[-1][:1].shape), to_items])
        return [cotangent, *sums, to_items]

    def _after(self, run: Run) -> Array:
        """The states after each turn."""
        return self.xp.concatenate([run.saved[1:], run.value[None]])

    # Mistakes

    def _made(self, run: Run, kind: str) -> bool:
        return self.mistake is not None and self.mistake.path == run.path and self.mistake.kind == kind

    def _rules(self, run: Run) -> Any:
        operation = OPERATIONS[run.node.name]
        if self._made(run, "wrong rule"):
            assert self.mistake is not None
            return operation.wrong[self.mistake.name]
        return operation.push, operation.pull

    def _constants(self, run: Run) -> Sequence[Any]:
        """Those of the rule, which may be others than those of the value."""
        if not self._made(run, "constant"):
            return run.c
        assert self.mistake is not None
        factor = self.xp.number(self.mistake.numbers[0])
        return [c * factor if place == self.mistake.place else c for place, c in enumerate(run.c)]

    def _changed(self, run: Run, place: int, t: Array) -> Array:
        """What is passed on for one argument."""
        t, mistake = self.xp.array(t), self.mistake
        if mistake is None or mistake.path != run.path or mistake.place != place:
            return t
        if mistake.kind == "sign":
            return -t
        if mistake.kind == "dropped":
            return self.xp.zeros(t.shape)
        if mistake.kind == "factor":
            return self.xp.number(mistake.numbers[0]) * t
        if mistake.kind == "in a region":
            return self.xp.where(self._region(run, mistake.numbers), 2 * t, t)
        return t

    def _region(self, run: Run, numbers: Sequence[str]) -> Array:
        """Where the first entry of the first argument is above a number, and the last of the value below another."""
        first, last = run.xs[0], run.value
        low, high = (self.xp.number(text) for text in numbers)
        inside = self.xp.greater(first[(0,) * first.ndim], low)
        return self.xp.logical_and(inside, self.xp.greater(high, last[(-1,) * last.ndim]))


def rules(mistake: Mistake | None) -> Rules:
    """Those of custom functions, in JAX."""
    by_hand = Accumulation(Machine(), mistake)

    def run(node: Node, path: Path, xs: list[Array]) -> Run:
        parts = tuple(Run(symbol(f"given{place}"), (*path, place), x) for place, x in enumerate(xs))
        assert node.body is not None
        inner = by_hand.run(node.body, bound(node, xs), (*path, BODY))
        return Run(node, path, inner.value, parts, saved=inner)

    def pull(node: Node, path: Path, xs: list[Array], t: Array) -> list[Array]:
        found = by_hand.pull(run(node, path, xs), t)
        return [found.get(f"given{place}", by_hand.xp.zeros(x.shape)) for place, x in enumerate(xs)]

    def push(node: Node, path: Path, xs: list[Array], ts: list[Array]) -> Array:
        slope = by_hand.push(run(node, path, xs), {f"given{place}": t for place, t in enumerate(ts)})
        assert slope is not None
        return slope

    return Rules(pull, push)

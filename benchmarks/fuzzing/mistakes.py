"""The mistakes that can be made in the derivative of a program, or in the rule of a custom function in it."""

from collections.abc import Iterator
from itertools import pairwise

from fuzzing.accumulate import Mistake
from fuzzing.program import BODY, CUSTOM, LOOPS, OPERATIONS, Node, Path

FACTORS = ("2", "0.5", "1.000001")
CONSTANTS = ("1.000000000001", "1.1", "-1")
ENDS = ("-0.5", "0.5", "2", "12")
LABELS = ("k", "y", "s")


def live(program: Node, by: str) -> list[tuple[tuple[int, ...], Node]]:
    """The nodes through which a symbol has a slope, from the value down; all of the bodies on the way."""
    found = []

    def visit(node: Node, path: tuple[int, ...]) -> None:
        if by not in node.symbols():
            return
        found.append((path, node))
        flat = OPERATIONS[node.name].flat if node.name in OPERATIONS else ()
        for place, argument in enumerate(node.arguments):
            if place not in flat:
                visit(argument, (*path, place))
        if node.body is not None:
            found.extend(node.body.nodes((*path, BODY)))

    visit(program, ())
    return found


def mistakes(program: Node, by: str, *, forward: bool) -> dict[str, list[Mistake]]:
    """All that can be planted, by kind.

    Arguments:
        forward: whether the gradient by hand pushes slopes forward.
    """
    found: dict[str, list[Mistake]] = {}
    customs = {path: node.name for path, node in program.nodes() if node.name in CUSTOM}
    for path, node in live(program, by):
        if node.symbol is not None:
            continue
        for mistake in _at(node, path, forward=forward):
            found.setdefault(mistake.kind, []).append(mistake)
        above = [place for place in customs if path == place or path[: len(place) + 1] == (*place, BODY)]
        for mistake in _at(node, path, forward=customs[above[0]] == "custom jvp", in_rule=True) if above else ():
            found.setdefault(f"{mistake.kind} in a rule", []).append(mistake)
    return found


def _at(node: Node, path: Path, *, forward: bool, in_rule: bool = False) -> Iterator[Mistake]:
    """Those at one node."""
    operation = OPERATIONS.get(node.name)
    flat = () if operation is None else operation.flat
    places = [p for p, part in enumerate(node.arguments) if p not in flat and part.symbol not in LABELS]
    for place in places if operation is not None else places[:1]:
        yield Mistake("sign", path, place, in_rule=in_rule)
        for factor in FACTORS:
            yield Mistake("factor", path, place, numbers=(factor,), in_rule=in_rule)
        for ends in pairwise(ENDS):
            yield Mistake("in a region", path, place, numbers=ends, in_rule=in_rule)
        if len(places) > 1:
            yield Mistake("dropped", path, place, in_rule=in_rule)
    if operation is not None:
        right = operation.push if forward else operation.pull
        for name, (push, pull) in operation.wrong.items():
            if (push if forward else pull) is not right:
                yield Mistake("wrong rule", path, name=name, in_rule=in_rule)
        for place in range(operation.constants if node.name != "shift" else 0):
            for factor in CONSTANTS:
                yield Mistake("constant", path, place, numbers=(factor,), in_rule=in_rule)
        if node.name in ("multiply", "ratio", "maximum", "minimum") and not forward:
            yield Mistake("exchanged", path, in_rule=in_rule)
    if node.name in LOOPS:
        yield Mistake("one turn less", path, in_rule=in_rule)
        if not forward:
            yield Mistake("states shifted", path, in_rule=in_rule)
    if node.name == "custom vjp" and in_rule:
        yield Mistake("squared cotangent", path, in_rule=in_rule)

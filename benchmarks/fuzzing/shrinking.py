"""The smallest pair of which something still holds, for a person to read."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from fuzzing import referee
from fuzzing.high import High, Unclear
from fuzzing.pair import Pair
from fuzzing.program import BODY, Node, Path, symbol
from fuzzing.writer import SHAPES

MOST = 400
"""So many smaller pairs are tried."""


def shrunk(pair: Pair, holds: Callable[[Pair], bool]) -> Pair:
    """A pair that cannot be made smaller by one step, as far as was tried."""
    left, again = MOST, True
    while again:
        again = False
        for smaller in _smaller(pair):
            left -= 1
            if left < 0:
                return pair
            if _still(smaller, holds):
                pair, again = smaller, True
                break
    return pair


def _still(pair: Pair, holds: Callable[[Pair], bool]) -> bool:
    try:
        values = referee.point(pair, 1.0, np.random.default_rng(0))
        number = pair.by in pair.program.symbols() and not pair.value(High(), values).shape
        return number and holds(pair)
    except (Unclear, TypeError, ValueError, IndexError, KeyError, AttributeError):
        # What does not fit together is no program.
        return False


def _smaller(pair: Pair) -> Iterator[Pair]:
    for name, size in pair.sizes.items():
        if size > 1:
            yield replace(pair, sizes={**pair.sizes, name: size - 1})
    wrong = pair.mistake.path
    for path, node in sorted(pair.program.nodes(), key=lambda found: len(found[0])):
        if node.symbol is not None:
            continue
        for place, argument in enumerate(node.arguments):
            if wrong[: len(path) + 1] == (*path, place) or wrong[: len(path)] != path:
                inner = wrong[: len(path)] + wrong[len(path) + 1 :] if wrong[: len(path)] == path else wrong
                program = _with(pair.program, path, argument)
                yield replace(pair, program=program, mistake=replace(pair.mistake, path=inner))
        if wrong[: len(path)] != path:
            names = ["given0", "state", "item"] if BODY in path else list(SHAPES)
            for name in names:
                yield replace(pair, program=_with(pair.program, path, symbol(name)))


def _with(node: Node, path: Path, other: Node) -> Node:
    """The tree with another one at a place."""
    if not path:
        return other
    place, *rest = path
    if place == BODY:
        assert node.body is not None
        return replace(node, body=_with(node.body, tuple(rest), other))
    parts = list(node.arguments)
    parts[place] = _with(parts[place], tuple(rest), other)
    return replace(node, arguments=tuple(parts))

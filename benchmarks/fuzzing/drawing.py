"""The pair of a number: a program whose derivative is not zero, and a mistake that mostly makes a difference."""

import numpy as np

from fuzzing import referee
from fuzzing.accumulate import Mistake
from fuzzing.mistakes import mistakes
from fuzzing.pair import UNGUARDED, Pair
from fuzzing.program import LOOPS, OPERATIONS, Node
from fuzzing.writer import REALS, SHAPES, THEMES, Writer

WIDE = 0.25
"""The share of programs with vectors of three entries, in place of two: outcomes are many more."""

TRIES = 4
"""So many mistakes are drawn, until one makes a difference that is soon seen."""


def drawn(seed: int, number: int, most: int) -> Pair:
    """The pair of this number, with a program of at most so many nodes."""
    generator = np.random.default_rng([seed, number])
    writer = Writer(generator, list(THEMES)[number % len(THEMES)])
    while True:
        program = writer.loss(most)
        names = [name for name in SHAPES if name in program.symbols() and name in "".join(REALS.values())]
        by = names[int(generator.integers(len(names)))]
        # A loop has two turns or more, of which one can be forgotten.
        loops = any(node.name in LOOPS for _, node in program.nodes())
        sizes = {"n": 2 if loops else int(generator.integers(1, 3)), "m": 3 if writer.chance(WIDE) else 2}
        partial = _partial(program)
        # What is pulled back through what has no value is none, where its slope is right.
        forward = partial or bool(generator.random() < 0.3)
        kinds = mistakes(program, by, forward=forward)
        if partial:
            kinds[UNGUARDED] = [Mistake(UNGUARDED, ())]
        if not kinds:
            continue
        pairs = [Pair(program, by, forward, _chosen(kinds, generator), sizes) for _ in range(TRIES)]
        if referee.worthwhile(pairs[0], number):
            return next((pair for pair in pairs if referee.soon_differs(pair, number)), pairs[-1])


def _partial(program: Node) -> bool:
    nodes = [node for _, node in program.nodes()]
    return any(node.name in OPERATIONS and OPERATIONS[node.name].partial for node in nodes)


def _chosen(kinds: dict[str, list[Mistake]], generator: np.random.Generator) -> Mistake:
    """Each kind as often as any other."""
    kind = sorted(kinds)[int(generator.integers(len(kinds)))]
    return kinds[kind][int(generator.integers(len(kinds[kind])))]

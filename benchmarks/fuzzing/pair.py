"""A program, its gradient by hand, and a mistake in one of them: two claims, one of which is true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fuzzing.accumulate import Accumulation, Mistake, rules
from fuzzing.machine import Machine
from fuzzing.program import CUSTOM, Node, in_jax
from fuzzing.writer import SHAPES

Array = Any

UNGUARDED = "unguarded"
"""The mistake of pulling back through what has no value, where nothing depends on it."""


@dataclass(frozen=True)
class Pair:
    """A program, the symbol that the derivative is by, the way in which it is taken by hand, and a mistake."""

    program: Node
    by: str
    forward: bool
    mistake: Mistake
    sizes: Mapping[str, int]

    @property
    def way(self) -> str:
        return "forward" if self.forward else "back"

    @property
    def symbols(self) -> list[str]:
        """All that occur, in one order."""
        return [name for name in SHAPES if name in self.program.symbols()]

    def value(self, xp: Any, values: Mapping[str, Array]) -> Array:
        """The value of the program, in any arithmetic."""
        return Accumulation(xp).run(self.program, values).value

    def gradient(self, xp: Any, values: Mapping[str, Array], mistake: Mistake | None) -> Array:
        """By hand, in any arithmetic."""
        made = mistake is not None and mistake.kind == UNGUARDED
        return gradient(xp, self.program, values, self.by, mistake, forward=self.forward and not made)

    def sides(self, *, planted: bool) -> tuple[Callable[..., Array], Callable[..., Array]]:
        """The program as a function of the symbol and of the values of all, and its gradient as one of the values."""
        mistake = self.mistake if planted else None
        in_rule = mistake if mistake is not None and mistake.in_rule else None

        def loss(x: Array, values: Mapping[str, Array]) -> Array:
            return in_jax(self.program, {**values, self.by: x}, rules(in_rule))

        def by_hand(values: Mapping[str, Array]) -> Array:
            return self.gradient(Machine(), values, None if in_rule is not None else mistake)

        return loss, by_hand


def gradient(
    xp: Any, program: Node, values: Mapping[str, Array], by: str, mistake: Mistake | None, *, forward: bool
) -> Array:
    """The derivative of a program by a symbol, by hand."""
    accumulation = Accumulation(xp, mistake)
    run = accumulation.run(program, values)
    shape = values[by].shape
    if not forward:
        return accumulation.pull(run, xp.ones(())).get(by, xp.zeros(shape))

    def along(direction: Array) -> Array:
        slope = accumulation.push(run, {by: direction})
        return xp.zeros(()) if slope is None else slope

    return xp.directions(along, shape)


def by_push(pair: Pair) -> bool:
    """Whether what is wrong pushes slopes forward: the gradient by hand, or the rule of a custom function."""
    if not pair.mistake.in_rule:
        return pair.forward and pair.mistake.kind != UNGUARDED
    path = pair.mistake.path
    above = [pair.program.at(path[:end]).name for end in range(len(path) + 1)]
    return next(name for name in above if name in CUSTOM) == "custom jvp"

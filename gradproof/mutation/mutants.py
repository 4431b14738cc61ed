"""Programs with one mistake planted, to see whether the checks refuse them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jax.extend import core

from gradproof.errors import EngineError
from gradproof.mutation.mistakes import KINDS
from gradproof.mutation.numbering import Numbering
from gradproof.mutation.operations import Operation, Scope
from gradproof.programs import places, rewriting

Rebuild = Callable[[core.ClosedJaxpr], core.ClosedJaxpr]
"""The whole program with another body in it."""


@dataclass(frozen=True)
class Mutant:
    """A program with one mistake."""

    kind: str
    """One of `KINDS`."""
    where: str
    """The user's file and line."""
    change: str
    """The equation that is changed and what it becomes, its operands by name."""
    closed: core.ClosedJaxpr | None
    """None where the shapes do not fit; `why` says in which way."""
    why: str = ""


def mutants_of(closed: core.ClosedJaxpr, names: Sequence[str]) -> Iterator[Mutant]:
    """All mutants of a program, equation by equation, each of other operations than the others and than its origin.

    Arguments:
        closed: the program; of one without calls mutants share the equations.
        names: of its inputs.
    """
    origin = rewriting.inlined(closed)
    inputs = dict(zip(origin.jaxpr.invars, names, strict=True))
    numbering = Numbering()
    seen = {numbering.outputs(origin)}
    for mutant in _of_scope(Scope(origin, inputs, frozenset(inputs)), places.INSIDE, lambda whole: whole):
        if mutant.closed is not None:
            numbers = numbering.outputs(mutant.closed)
            if numbers in seen:
                continue
            seen.add(numbers)
        yield mutant


def _of_scope(scope: Scope, outer: str, whole: Rebuild) -> Iterator[Mutant]:
    """The mutants of a program, or of a body in one."""
    for at, equation in enumerate(scope.closed.jaxpr.eqns):
        here = places.place(equation)
        here = outer if here == places.INSIDE else here
        for kind, generator in KINDS.items():
            for edit in generator(Operation(scope, at)):
                try:
                    made = rewriting.live(whole(rewriting.edited(scope.closed, at, edit)))
                except (AttributeError, NameError) as error:
                    # No edit of a program is to blame for these.
                    raise EngineError.of(error, f"making a mutant of {equation.primitive.name!r}") from error
                except Exception as error:
                    lines = str(error).splitlines() or [""]
                    yield Mutant(kind, here, edit.change, None, f"{type(error).__name__}: {lines[0]}")
                else:
                    yield Mutant(kind, here, edit.change, made)
        for body, inner in scope.within(at):
            yield from _of_scope(inner, here, _around(whole, scope.closed, at, body))


def _around(whole: Rebuild, closed: core.ClosedJaxpr, at: int, body: rewriting.Body) -> Rebuild:
    return lambda other: whole(rewriting.with_body(closed, at, body, other))

"""From a claim to programs: one jaxpr for all of its sides, at given sizes, dtype and oracle."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core
from jax.interpreters import partial_eval

from gradproof.claims import Equality, Misprint
from gradproof.claims.words import assignments, kind_of
from gradproof.errors import EngineError, GradproofError, Undecided, place_of, raised_here, reason_of
from gradproof.programs import derivative, unknown
from gradproof.programs.derivative import Oracle
from gradproof.programs.fingerprint import Value, fingerprint
from gradproof.programs.forms import written
from gradproof.programs.narrowing import narrowed
from gradproof.programs.places import Site, sites_of
from gradproof.programs.rewriting import floats, joined, restricted

Role = Literal["side", "printed", "correct"]


MOST_SIDES = 64


@dataclass(frozen=True)
class Side:
    """One side of a claim: the step of the chain it stands at, and where its arrays are among the outputs."""

    step: int
    role: Role
    structure: Any
    first: int
    avals: tuple[jax.ShapeDtypeStruct, ...]

    @property
    def outputs(self) -> slice:
        return slice(self.first, self.first + len(self.avals))

    @property
    def form(self) -> tuple[Any, list[tuple[int, ...]]]:
        """The structure of the side, and the shapes of its arrays."""
        return self.structure, [aval.shape for aval in self.avals]

    def entry_name(self, leaf: int, index: Sequence[int]) -> str:
        """Where a number stands in the side, such as `[1][0, 2]`."""
        paths, _ = jax.tree.flatten_with_path(jax.tree.unflatten(self.structure, [0] * self.structure.num_leaves))
        return jax.tree_util.keystr(paths[leaf][0]) + (str(list(index)) if index else "") or "the value"

    @property
    def written(self) -> str:
        """The form of the side with its dtypes, such as `(float64[2,3], float64[3])`."""
        return written(self.structure, [f"{aval.dtype}[{','.join(map(str, aval.shape))}]" for aval in self.avals])


@dataclass(frozen=True, eq=False)
class Program:
    """All sides of a claim as one program."""

    closed: core.ClosedJaxpr
    sides: tuple[Side, ...]
    oracle: Oracle
    asks_derivative: bool
    """Whether any side is a derivative, so that the two oracles differ."""

    @cached_property
    def sites(self) -> dict[int, Site]:
        """Where in the user's code each equation stands, by identity."""
        return sites_of(self.closed.jaxpr)

    @cached_property
    def said(self) -> list[Value]:
        """What is known of each output, up to trivial rewriting."""
        return fingerprint(self.closed)

    @cached_property
    def first(self) -> core.ClosedJaxpr:
        """What the first side needs."""
        return self.part(self.sides[:1])

    def part(self, sides: Sequence[Side]) -> core.ClosedJaxpr:
        """What these sides need."""
        return restricted(
            self.closed, [place for side in sides for place in range(side.outputs.start, side.outputs.stop)]
        )

    def with_side(self, closed: core.ClosedJaxpr, structure: Any) -> "Program":
        """The same with one more side, the program of which has the same inputs."""
        last = self.sides[-1]
        avals = tuple(jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in closed.out_avals)
        side = Side(last.step + 1, "side", structure, last.outputs.stop, avals)
        return replace(self, closed=joined(self.closed, closed), sides=(*self.sides, side))

    def only_first(self) -> "Program":
        """The same without what only the other sides need."""
        return Program(self.first, self.sides[:1], self.oracle, self.asks_derivative)


def arguments(claim: Equality, sizes: Mapping[str, int], dtype: Any) -> dict[str, jax.ShapeDtypeStruct]:
    """Shapes and dtypes of the symbols that are arrays."""
    return {
        name: jax.ShapeDtypeStruct(symbol.shape(sizes), np.int32 if symbol.integer else dtype)
        for name, symbol in claim.arrays.items()
    }


def trace(
    claim: Equality, sizes: Mapping[str, int], oracle: Oracle, dtype: Any = np.float64, *, first_only: bool = False
) -> Program:
    """All sides, or the first one, with matrix products at full precision.

    Raises `Undecided` with the user's error where they do not trace.
    """
    found: list[Side] = []
    made = 0
    shapes = arguments(claim, sizes, dtype)

    def program(arrays: dict[str, Any]) -> list[Any]:
        nonlocal made
        outputs: list[Any] = []
        found.clear()
        made = 0
        for step, yielded in enumerate(islice(sides(claim, arrays), 1 if first_only else None)):
            if step == MOST_SIDES:
                raise Undecided(f"the claim yields more than {MOST_SIDES} sides; let its generator end", claim.place)
            parts: list[tuple[Role, Any]] = (
                [("printed", yielded.printed), ("correct", yielded.correct)]
                if isinstance(yielded, Misprint)
                else [("side", yielded)]
            )
            for role, value in parts:
                leaves, structure = jax.tree.flatten(value)
                leaves = [_array(leaf, claim.side(step)) for leaf in leaves]
                avals = tuple(jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in leaves)
                found.append(Side(step, role, structure, len(outputs), avals))
                outputs.extend(leaves)
            made = step + 1
        return outputs

    # Without 64 bits an array that the claim makes, such as jnp.eye(2), is as precise as where the formula is used.
    bits = jax.enable_x64(np.dtype(dtype) == np.float64)
    highest = jax.default_matmul_precision("highest")
    with derivative.using(oracle) as asked, highest, bits, warnings.catch_warnings():
        # One that it holds in 64 bits is cut to 32, which is meant.
        warnings.filterwarnings("ignore", "Explicitly requested dtype float64")
        try:
            closed = jax.make_jaxpr(program)(shapes)
        except Undecided:
            raise
        except Exception as error:
            mistaken = isinstance(error, GradproofError)
            if not mistaken and raised_here(error):
                raise EngineError.of(error, "tracing the sides") from error
            at = f" at {assignments(sizes)}" if sizes else ""
            where = place_of(error, claim.file) or claim.place
            why = str(error) if mistaken else f"{claim.side(made)} does not trace{at}: {reason_of(error)}"
            raise Untraceable(why, where) from error
    if any(isinstance(constant, jax.core.Tracer) for constant in closed.consts):
        raise Untraceable(
            "a side uses an array that was kept from an earlier call, as in a list outside of the function; "
            "hand it over as an argument, or compute it again",
            claim.place,
        )
    if not found:
        raise Undecided("a claim needs two sides, and this one yields none", claim.place)
    if np.dtype(dtype) != np.float64 and np.dtype(np.float64) in floats(closed):
        closed = narrowed(closed, dtype)
    live, _ = partial_eval.dce_jaxpr(closed.jaxpr, [True] * len(closed.jaxpr.outvars), instantiate=True)
    return Program(core.ClosedJaxpr(live, closed.consts), tuple(found), oracle, bool(asked))


class Untraceable(Undecided):
    """The user's code raised an error."""


def _array(value: Any, side: str) -> Any:
    """Raises `GradproofError` for what is no array of numbers."""
    try:
        return jnp.asarray(value)
    except TypeError:
        raise GradproofError(f"{side} is to be made of numbers and arrays, and has {kind_of(value)} in it") from None


def sides(claim: Equality, arrays: Mapping[str, Any]) -> Any:
    """Run the claim's generator on arrays, with unknown functions put in by name."""
    functions = {
        name: unknown.functional(name) if symbol.of_arrays else unknown.function(name)
        for name, symbol in claim.functions.items()
    }
    return claim.sides(**claim.arguments({**arrays, **functions}))

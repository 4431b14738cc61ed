"""The examination of one claim: the object that all checks are handed, and that owns what they share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol

import jax
import numpy as np
from jax.extend import core

from gradproof.checks.inputs import Point, as_inputs, inputs_of
from gradproof.checks.readings import readings
from gradproof.checks.stepwise import op_by_op
from gradproof.claims import Equality
from gradproof.claims.verdict import Constant
from gradproof.claims.words import assignments
from gradproof.errors import GradproofError, Undecided
from gradproof.interpreter import Memory
from gradproof.numerics import Input
from gradproof.programs import Program, derivative, keys, rewriting, trace


class Source(Protocol):
    """Where the programs of a study come from, if they are not traced."""

    def __call__(self, oracle: derivative.Oracle, dtype: str) -> Program:
        """All sides, at the sizes of the study."""


class Study:
    """One claim under examination.

    It owns the programs of the claim, each traced once; what is compiled of them; what was run before; the seed of all
    draws, and the backend. Checks read from it and hand their findings back.

    Arguments:
        claim: the equality to examine.
        seed: of all random draws.
        quick: one size and fewer inputs, for a first look.
        backend: where to run; the default one if None.
        sizes: the only ones to examine it at; by default the claim's grid.
        source: of programs that are put together at these sizes, in place of the claim's.
        memory: what was run before; by default nothing is kept.
        entropy: what the draws of the exact check begin with; by default they come from the seed and the programs.
        watch: is told what is being looked at, such as `n = 2, m = 3`, each time that it is something else.
    """

    def __init__(
        self,
        claim: Equality,
        *,
        seed: int = 0,
        quick: bool = False,
        backend: str | None = None,
        sizes: Mapping[str, int] | None = None,
        source: Source | None = None,
        memory: Memory | None = None,
        entropy: int | None = None,
        watch: Callable[[str], None] | None = None,
    ):
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise GradproofError(f"a seed is a whole number, and not negative; given {' '.join(repr(seed).split())}")
        self.claim, self.seed, self.quick, self.backend = claim, seed, quick, backend
        self.memory = Memory() if memory is None else memory
        self.grid = claim.size_grid() if sizes is None else [dict(sizes)]
        self.sizes = claim.size_grid(in_order=True)[0] if sizes is None else dict(sizes)
        """Those at which the sides run on the machine."""
        self.free_sizes = claim.size_names() if sizes is None else ()
        self._watch = watch
        self._source = source
        self._entropy = entropy
        self._programs: dict[Any, Program] = {}

    def part(self, claim: Equality, source: Source) -> "Study":
        """A study of a claim about something in this one, which has no sizes."""
        return Study(
            claim, seed=self.seed, quick=True, backend=self.backend, sizes={}, source=source, watch=self._watch
        )

    @contextmanager
    def settings(self) -> Iterator[None]:
        """Full precision, on the backend."""
        with jax.enable_x64(True):
            if self.backend is None:
                yield
            else:
                with jax.default_device(jax.devices(self.backend)[0]):
                    yield

    def at(self, what: str | Mapping[str, int]) -> None:
        """Tell whoever watches what is looked at now: sizes, or something with a name."""
        if self._watch is not None:
            self._watch(what if isinstance(what, str) else assignments(what) or "no sizes")

    # Programs

    def program(
        self, sizes: Mapping[str, int], oracle: derivative.Oracle, dtype: Any = "float64", *, first_only: bool = False
    ) -> Program:
        """All sides of the claim, or the first one, at these sizes and in this format.

        Raises `Undecided` with the user's error where they do not trace.
        """
        key = tuple(sorted(sizes.items())), oracle, str(np.dtype(dtype))
        if first_only and ((*key, False) in self._programs or self._source is not None):
            return self.program(sizes, oracle, dtype).only_first()
        if (*key, first_only) not in self._programs:
            self.at(sizes)
            self._programs[*key, first_only] = (
                trace(self.claim, sizes, oracle, np.dtype(dtype), first_only=first_only)
                if self._source is None
                else self._source(oracle, key[-1])
            )
        return self._programs[*key, first_only]

    def readings(self) -> tuple[tuple[Constant, ...], float | None]:
        """What the constants of the programs in float64 are read as, and the bound on the chance of that."""
        return readings(program.closed for (_, _, dtype, _), program in self._programs.items() if dtype == "float64")

    # Draws

    def entropy_at(self, sizes: Mapping[str, int]) -> int:
        """What draws at these sizes begin with: a hash of the seed and of the programs of all sides.

        Whoever makes a claim for certain draws changes its programs, and with them the draws. At the sizes of the grid
        it is the same, of all programs there.
        """
        if self._entropy is not None or sizes in self.grid or sizes == self.sizes:
            return self.entropy
        return _hashed(self.entropy, self._said(sizes, whole=False))

    @cached_property
    def entropy(self) -> int:
        """That of draws at the sizes of the grid."""
        if self._entropy is not None:
            return self._entropy
        return _hashed(self.seed, *self._all_said)

    @cached_property
    def _all_said(self) -> tuple[Any, ...]:
        """What the programs say at all sizes that are tried."""
        tried = self.grid[:1] if self.quick else self.grid
        at_sizes = [self._said(sizes, whole=number == 0) for number, sizes in enumerate(tried)]
        return at_sizes, self._said(self.sizes, whole=True)

    @cached_property
    def version(self) -> str:
        """A text that changes with what is claimed: the programs, the symbols, and what is said of kinks and code."""
        claim = self.claim
        said = claim.kinks, claim.convention, claim.stable, claim.correction, claim.place
        symbols = sorted((name, repr(symbol)) for name, symbol in claim.symbols.items())
        # What is said is the same up to trivial rewriting, and mistakes are planted in what is written.
        written = ""
        with suppress(Undecided):
            written = rewriting.written(rewriting.inlined(self.program(self.sizes, derivative.ORACLES[0]).closed))
        return f"{_hashed(self._all_said, symbols, said, written):064x}"[:16]

    def _said(self, sizes: Mapping[str, int], *, whole: bool) -> Any:
        """What the programs at these sizes say: by dual numbers the first side does, if all were heard elsewhere."""
        try:
            programs = [self.program(sizes, derivative.ORACLES[0])]
            if programs[0].asks_derivative:
                programs.append(self.program(sizes, derivative.ORACLES[1], first_only=not whole))
        except Undecided:
            return sorted(sizes.items()), "not traced"
        return sorted(sizes.items()), [[value.digest for value in program.said] for program in programs]

    @property
    def planted(self) -> bool:
        """Whether the programs are not the claim's own."""
        return self._source is not None

    @property
    def corrects(self) -> bool:
        """Whether the sides hold a misprint, and what is right in its place."""
        return self.claim.correction is not None and not self.planted

    @property
    def exact(self) -> Program:
        """The sides as the machine runs them, but with derivatives by dual numbers."""
        return self.program(self.sizes, "dual")

    # The machine

    @cached_property
    def points(self) -> list[Point]:
        """The inputs at which the sides run on the machine."""
        return inputs_of(self.claim, self.sizes, self.seed, quick=self.quick)

    def outputs(self, point: Point) -> list[np.ndarray]:
        """Those of all sides, in float64."""
        return [np.asarray(x) for x in self._compiled(*self.arguments("float64", point))]

    @cached_property
    def _compiled(self) -> Any:
        return jax.jit(core.jaxpr_as_fun(self.program(self.sizes, "autodiff").closed))

    def stepwise(self, dtype: str, closed: core.ClosedJaxpr, points: Sequence[Point]) -> list[np.ndarray]:
        """The outputs of a program with each operation compiled by itself; the first axis is the points."""
        closed = keys.drawn(closed)
        arguments = zip(*(self.arguments(dtype, point) for point in points), strict=True)
        return op_by_op(closed.jaxpr, closed.consts, [np.stack(values) for values in arguments], len(points))

    def arguments(self, dtype: str, point: Point) -> list[np.ndarray]:
        """The point for a program in this format."""
        symbols = self.claim.arrays
        return [
            np.asarray(point[name], np.int32 if symbols[name].integer else np.dtype(dtype))
            for name in self.claim.inputs
        ]

    def inputs(self, point: Point) -> list[Input]:
        """The point for an arithmetic."""
        return as_inputs(self.claim, point)


def _hashed(*parts: Any) -> int:
    """256 bits of what is plain data."""
    return int.from_bytes(sha256(repr(parts).encode()).digest(), "big")

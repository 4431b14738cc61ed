"""Inputs for the report on accuracy, from the whole domain of a claim: far tails, denormals, zeros, ties, corners.

Each input is a number of the formats in which it is run: of bfloat16 in bfloat16 and at large sizes, otherwise of
float32.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import jax.numpy as jnp
import numpy as np

from gradproof.checks import Study
from gradproof.checks.inputs import GENTLE, MODERATE, SWEEP, Point, drawn
from gradproof.claims import Equality
from gradproof.claims.symbols.magnitudes import Magnitudes
from gradproof.interpreter import rules
from gradproof.measures.entries import FEW, few_entries, gradients_at
from gradproof.measures.work import longest_loop, work
from gradproof.programs import rewriting

FULL = ("float64", "float32")
LOW = "bfloat16"
FORMATS = (*FULL, LOW)

LARGEST = {"K": 1_000, "n": 10_000}
"""The sizes that are taken large, one at a time: classes and examples."""

WORK = 1_000_000
"""The most operations on numbers that the reference makes at a large size; each costs microseconds."""

NUMBERS = 32
"""At least this many numbers are drawn of each kind."""

LOW_DRAWS = 8
"""Draws of moderate inputs in bfloat16, where the largest errors of two programs are compared."""

TAILS = (
    Magnitudes(40.0, 1e3, 1),
    Magnitudes(40.0, 1e3, -1),
    Magnitudes(1e-12, 1e-8),
    Magnitudes(0.25, 3.0, equal=True),
)


@dataclass(frozen=True)
class Sample:
    """Inputs, and the formats in which to run them."""

    kind: str
    sizes: Mapping[str, int]
    point: Point
    formats: tuple[str, ...]
    few: bool = False
    """Whether only a few entries of gradients are measured."""


def samples_of(study: Study) -> list[Sample]:
    """All inputs of a claim; moderate ones only for a formula of a textbook."""
    found: list[Sample] = []
    claim, small = study.claim, study.sizes
    count = sum(math.prod(symbol.shape(small)) for symbol in claim.arrays.values())
    draws = max(1, NUMBERS // max(count, 1))
    generator = np.random.default_rng([study.seed, 5])
    for kind, draw in _kinds(claim):
        for number in range(max(draws, LOW_DRAWS if kind == _name(MODERATE) else 1)):
            point = draw(small, generator)
            low = rounded(claim, point, generator) if kind != "corners" else point
            found += [Sample(kind, small, point, FULL)] if number < draws else []
            found.append(Sample(kind, small, low, (LOW,)))
    if not claim.textbook:
        for format in FORMATS:
            found += [
                Sample("denormal", small, _denormal(claim, small, format, generator), (format,)) for _ in range(draws)
            ]
    found = _of_few_classes(claim, found)
    for kind, sizes, few in _other_sizes(study):
        point = drawn(claim, sizes, MODERATE, generator)
        found.append(Sample(kind, sizes, rounded(claim, point, generator), FORMATS, few))
    return found


def _of_few_classes(claim: Equality, samples: list[Sample]) -> list[Sample]:
    """The same, with the integer labels of the first two samples in turn: different labels need separate runs."""
    names = [name for name, symbol in claim.arrays.items() if symbol.integer]
    labels = [{name: sample.point[name] for name in names} for sample in samples[:3:2]]
    return [replace(sample, point={**sample.point, **labels[i // 2 % 2]}) for i, sample in enumerate(samples)]


Draw = Callable[[Mapping[str, int], np.random.Generator], dict[str, np.ndarray]]


def _kinds(claim: Equality) -> Iterator[tuple[str, Draw]]:
    def of(kind: Magnitudes) -> Draw:
        return lambda sizes, generator: drawn(claim, sizes, kind, generator)

    if claim.textbook:
        yield from ((_name(kind), of(kind)) for kind in dict.fromkeys(GENTLE))
        return
    yield from ((_name(kind), of(kind)) for kind in (*SWEEP, *TAILS))
    reals = [name for name, symbol in claim.arrays.items() if symbol.unbounded]
    for zeros in (reals[:1], reals) if len(reals) > 1 else (reals,) if reals else ():

        def none(
            sizes: Mapping[str, int], generator: np.random.Generator, zeros: list[str] = zeros
        ) -> dict[str, np.ndarray]:
            point = drawn(claim, sizes, MODERATE, generator)
            return point | {name: np.zeros_like(point[name]) for name in zeros}

        yield f"{' '.join(zeros)} zero", none

    def ties(sizes: Mapping[str, int], generator: np.random.Generator) -> dict[str, np.ndarray]:
        point = drawn(claim, sizes, MODERATE, generator)
        return point | {name: generator.choice(point[name].ravel()[:2], point[name].shape) for name in reals}

    yield "ties", ties
    if any(symbol.has_corners for symbol in claim.arrays.values()):

        def corners(sizes: Mapping[str, int], generator: np.random.Generator) -> dict[str, np.ndarray]:
            point = rounded(claim, drawn(claim, sizes, MODERATE, generator), generator)
            ends = [name for name, symbol in claim.arrays.items() if symbol.has_corners]
            return point | {name: claim.arrays[name].corners(sizes, generator) for name in ends}

        yield "corners", corners


def _name(kind: Magnitudes) -> str:
    signs = {1: ", positive", -1: ", negative", 0: ""}[kind.signs]
    marks = [mark for mark in ("zeros", "equal", "huge") if getattr(kind, mark)]
    return ", ".join([f"{kind.low:g} to {kind.high:g}{signs}", *marks])


MODERATE_KINDS = frozenset(map(_name, GENTLE))


def rounded(claim: Equality, point: Point, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """The nearest numbers of bfloat16; rows of probabilities are drawn anew."""
    return {name: claim.arrays[name].rounded(values, jnp.bfloat16, generator) for name, values in point.items()}


def _denormal(
    claim: Equality, sizes: Mapping[str, int], format: str, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Moderate inputs, but denormal numbers of the format for one symbol, among them the smallest."""
    point = drawn(claim, sizes, MODERATE, generator)
    point = rounded(claim, point, generator) if format == LOW else point
    smallest = float(jnp.finfo(format).smallest_subnormal)
    names = [name for name, symbol in claim.arrays.items() if symbol.free and symbol.admits(smallest)]
    if names:
        name = names[int(generator.integers(len(names)))]
        info = jnp.finfo(format)
        units = np.floor(np.exp2(generator.uniform(0, info.nmant, point[name].shape)))
        units.flat[: units.size // 2] = 1.0
        point[name] = np.sign(point[name]) * units * smallest
    return point


def _other_sizes(study: Study) -> Iterator[tuple[str, dict[str, int], bool]]:
    if study.free_sizes:
        yield "all sizes one", {**dict.fromkeys(study.sizes, 1), **study.claim.sizes}, False
    for name in LARGEST:
        if name not in study.free_sizes:
            continue
        size = _affordable(study, name, few=False)
        at_few = _affordable(study, name, few=True) if size < LARGEST[name] else 0
        if largest := max(size, at_few):
            yield f"large {name}", _of_two(study, name, largest), at_few > size


def _of_two(study: Study, name: str, size: int) -> dict[str, int]:
    """All sizes are two but this one."""
    return {**dict.fromkeys(study.sizes, 2), **study.claim.sizes, name: size}


def _affordable(study: Study, name: str, *, few: bool) -> int:
    """The largest size at which the reference is not too much work, by its growth when a smaller one is doubled.

    It is 0 for a program that is written out for each example, which takes minutes to compile, and for a few entries of
    gradients that cannot be computed without the others.
    """
    # From here on a larger size does not add to the few entries.
    start = 2 * FEW if few else 4
    small, large = (_work_and_length(study, _of_two(study, name, size), few=few) for size in (start, 2 * start))
    if small is None or large is None:
        return 0
    (less, shorter), (more, longer) = small, large
    if longer > shorter or more > WORK:
        return 0
    degree = max(1, math.ceil(math.log2(more / less)))
    size = min(LARGEST[name], int(2 * start * (WORK / more) ** (1 / degree)))
    while _longest_loop(study, _of_two(study, name, size)) > rules.LONGEST_LOOP:
        size = 9 * size // 10
    return size


def _work_and_length(study: Study, sizes: Mapping[str, int], *, few: bool) -> tuple[int, int] | None:
    """The work and the length of the programs at these sizes; None if a few entries cannot be computed alone."""
    program = study.program(sizes, "dual")
    first, last = (program.part([side]) for side in (program.sides[0], program.sides[-1]))
    if few:
        entries = few_entries(first)
        # A derivative in the last side is run as JAX's own program, of all entries.
        if entries is None or rewriting.uses(last.jaxpr, "derivative"):
            return None
        first = gradients_at(first, entries)
    return 1 + work(first.jaxpr) + work(last.jaxpr), rewriting.length(first.jaxpr) + rewriting.length(last.jaxpr)


def _longest_loop(study: Study, sizes: Mapping[str, int]) -> int:
    return longest_loop(study.program(sizes, "dual").closed.jaxpr)

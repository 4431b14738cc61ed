"""The inputs at which a claim is run in floating point: numbers that float32 has exactly."""

from collections.abc import Mapping

import numpy as np

from gradproof.claims import Equality
from gradproof.claims.symbols.magnitudes import Magnitudes
from gradproof.numerics import Input

Point = Mapping[str, np.ndarray]
"""A value for each symbol that is an array."""

MODERATE = Magnitudes(0.25, 3.0)

GENTLE = (MODERATE, MODERATE, MODERATE, Magnitudes(1e-3, 1e-2), Magnitudes(0.25, 3.0, zeros=True))
"""Of a textbook formula."""

SWEEP = (
    MODERATE,
    Magnitudes(1e-3, 1e-2),
    Magnitudes(0.25, 3.0, zeros=True),
    Magnitudes(8.0, 40.0, 1),
    Magnitudes(8.0, 40.0, -1),
    Magnitudes(0.25, 3.0, huge=True),
    Magnitudes(1e-3, 1e4),
    Magnitudes(1e3, 1e4, 1),
    Magnitudes(1e3, 1e4, -1),
)

QUICK = (MODERATE, Magnitudes(40.0, 1e3, 1), Magnitudes(40.0, 1e3, -1), Magnitudes(1e-3, 1e4))

HUGE = 1e4
"""What one entry of one real symbol becomes where magnitudes ask for it."""


def drawn(
    claim: Equality, sizes: Mapping[str, int], magnitudes: Magnitudes, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Inputs of these magnitudes."""
    reals = [name for name, symbol in claim.arrays.items() if symbol.unbounded]
    point = {
        name: symbol.draw(sizes, magnitudes, generator, first=name in reals[:1])
        for name, symbol in claim.arrays.items()
    }
    if magnitudes.huge and reals:
        target = point[reals[int(generator.integers(len(reals)))]]
        if target.size:
            target.flat[int(generator.integers(target.size))] = HUGE
    return point


def inputs_of(claim: Equality, sizes: Mapping[str, int], seed: int, *, quick: bool) -> list[Point]:
    """The inputs at which the check in floating point runs a claim."""
    kinds = GENTLE if claim.textbook else QUICK if quick else SWEEP
    return [drawn(claim, sizes, kind, np.random.default_rng([seed, index])) for index, kind in enumerate(kinds)]


def as_inputs(claim: Equality, point: Point) -> list[Input]:
    """The point for an arithmetic that runs a program of the claim."""
    symbols = claim.arrays
    return [
        Input(point[name], continuous=not symbols[name].label, positive=symbols[name].positive) for name in claim.inputs
    ]

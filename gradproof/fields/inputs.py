"""The inputs of a claim in the fields, and the real point that they stand for."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradproof.claims import Equality
from gradproof.fields.arithmetic import FieldArithmetic

Point = Mapping[str, np.ndarray]


def real_point(
    claim: Equality, sizes: Mapping[str, int], generator: np.random.Generator, scale: float
) -> dict[str, np.ndarray]:
    """A value for each array; magnitudes spread over two orders around the scale."""
    return {name: symbol.near_scale(sizes, scale, generator) for name, symbol in claim.arrays.items()}


def field_inputs(claim: Equality, arithmetic: FieldArithmetic, point: Point, pattern: Point) -> list[Any]:
    """The inputs of the claim's program: uniform in the fields, with the point as their real values.

    Arguments:
        pattern: values of labels, which take the place of those at the point.
    """
    inputs: list[Any] = []
    for name in claim.inputs:
        symbol = claim.arrays[name]
        if symbol.integer:
            inputs.append(pattern[name])
        elif name in pattern:
            inputs.append(arithmetic.constant(pattern[name]))
        elif symbol.rows:
            free = arithmetic.symbol(point[name][..., :-1], label=symbol.label)
            inputs.append(arithmetic.rows_of_sum_one(free))
        else:
            inputs.append(arithmetic.symbol(point[name], positive=symbol.positive, label=symbol.label))
    return inputs

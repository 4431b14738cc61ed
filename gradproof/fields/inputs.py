"""The inputs of a claim in the fields, and the real point that they stand for."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from gradproof.claims import Equality
from gradproof.fields.arithmetic import FieldArithmetic
from gradproof.fields.draws import Draws
from gradproof.interpreter import Arithmetic

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
            inputs.append(_rows(arithmetic, point[name], label=symbol.label))
        else:
            inputs.append(arithmetic.symbol(point[name], positive=symbol.positive, label=symbol.label))
    return inputs


def _rows(arithmetic: FieldArithmetic, real: np.ndarray, *, label: bool) -> Draws:
    """Rows with sum one: all entries but the last are free."""
    shape = real.shape
    free = arithmetic.symbol(real[..., :-1], label=label)
    total = arithmetic.sum(free) if shape[-1] > 1 else arithmetic.filled(0.0, shape[:-1])
    last = arithmetic.subtract(arithmetic.filled(1.0, shape[:-1]), total)
    return joined(arithmetic, free, last, shape)


def joined(arithmetic: Arithmetic, free: Any, last: Any, shape: tuple[int, ...]) -> Any:
    """An array of the entries but the last of each row, and the last ones."""
    rows, width = math.prod(shape[:-1]), shape[-1]
    index = np.concatenate(
        [
            np.arange(rows * (width - 1)).reshape(rows, width - 1),
            rows * (width - 1) + np.arange(rows).reshape(rows, 1),
        ],
        axis=1,
    )
    return arithmetic.take([free, last], index.reshape(shape))

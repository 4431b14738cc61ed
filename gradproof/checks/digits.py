r"""How many digits of a result are right.

The error of an entry is counted in units in the last place of the largest entry of its output: for $2^e \le |v| <
2^{e + 1}$ and $b$ bits of the significand that unit is $2^{e - b + 1}$. The bits are those of the least precise format
that a side computes in. Where more than half of them are wrong, digits are lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jax.extend import core

from gradproof.checks.inputs import Point
from gradproof.checks.judgement import gap
from gradproof.numerics import Format, Value
from gradproof.programs import Side, rewriting


@dataclass(frozen=True)
class Error:
    """The largest error of a side that was met in a format, and the entry that has it."""

    dtype: str
    format: Format
    units: float
    side: Side
    point: Point
    leaf: int
    index: tuple[int, ...]
    value: Value
    """What the whole output should be."""
    given: float

    @property
    def loses_digits(self) -> bool:
        """Whether not even half of the digits are right."""
        return self.units > 2.0 ** ((self.format.bits - 1) / 2)

    @property
    def expected(self) -> float:
        return float(self.value.value[self.index])

    @property
    def entry(self) -> str:
        return self.side.entry_name(self.leaf, self.index)

    def of(self, result: np.ndarray) -> float:
        """The error that another result has in this entry."""
        errors = units(result, self.value, self.value.size < np.inf, self.format)
        return np.inf if errors is None else float(errors[self.index])


def units(result: np.ndarray, value: Value, known: np.ndarray, format: Format) -> np.ndarray | None:
    """The error of each entry of an output; -1 where the value is not known or too large for the format.

    None where the output has no entry whose last place has a unit, as of denormal numbers.
    """
    counted = known & (value.size < format.largest - 1)
    size = float(np.max(value.size, where=counted, initial=-np.inf))
    if size < format.smallest:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        errors = np.exp2(gap(result, value) - (np.floor(size) - format.bits + 1))
    return np.where(counted, errors, -1.0)


def format_of(dtype: str, jaxpr: core.Jaxpr) -> Format:
    """A format, with the bits of the least precise one that a program computes in."""
    formats = [Format.of(each) for each in (dtype, *rewriting.formats(jaxpr))]
    return replace(formats[0], bits=min(format.bits for format in formats))


def errors_of(
    dtype: str,
    format: Format,
    side: Side,
    point: Point,
    outputs: Sequence[Value],
    known: Sequence[np.ndarray],
    given: Sequence[Any],
) -> Iterator[Error]:
    """The largest error in each output of a side, among the results that are numbers."""
    for leaf, (value, where, result) in enumerate(zip(outputs, known, given, strict=True)):
        found = units(result, value, where & np.isfinite(result), format) if result.size else None
        if found is not None:
            index = tuple(map(int, np.unravel_index(int(np.argmax(found)), found.shape)))
            if found[index] >= 0:
                yield Error(dtype, format, float(found[index]), side, point, leaf, index, value, float(result[index]))


class Worst:
    """The largest error in each format."""

    def __init__(self) -> None:
        self.errors: dict[str, Error] = {}

    def note(self, error: Error) -> None:
        if error.dtype not in self.errors or error.units > self.errors[error.dtype].units:
            self.errors[error.dtype] = error

    @property
    def units(self) -> Mapping[str, float]:
        return {dtype: error.units for dtype, error in self.errors.items()}

    @property
    def lost(self) -> Error | None:
        """The first of these that loses digits."""
        return next((error for error in self.errors.values() if error.loses_digits), None)

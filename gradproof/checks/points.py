"""Inputs for a claim: real points at many scales, all patterns of labels, and their images in the fields."""

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gradproof.claims.claim import Claim, is_array_symbol
from gradproof.claims.symbols import Binary, Index, OneHot, Positive, Simplex, Symbol
from gradproof.fields.arithmetic import Draws, FieldArithmetic
from gradproof.interpreter.arithmetic import Arithmetic

MOST_PATTERNS = 16
"""More patterns of labels than this are not enumerated; the grid has sizes with fewer."""

Point = Mapping[str, np.ndarray]


def is_label(symbol: Symbol) -> bool:
    """Whether the symbol has finitely many values."""
    return isinstance(symbol, Binary | Index) or (isinstance(symbol, OneHot) and not isinstance(symbol, Simplex))


def real_point(claim: Claim, sizes: Mapping[str, int], generator: np.random.Generator, scale: float) -> dict[str, Any]:
    """Values for every array symbol; magnitudes spread over two orders around the scale."""
    point: dict[str, Any] = {}
    for name, symbol in claim.symbols.items():
        if not is_array_symbol(symbol):
            continue
        shape = symbol.shape(sizes)
        spread = scale * 10.0 ** generator.uniform(-1, 1, shape)
        match symbol:
            case Index():
                point[name] = generator.integers(0, symbol.below.at(sizes), shape).astype(np.int32)
            case Positive():
                point[name] = spread
            case Binary():
                point[name] = generator.uniform(0.1, 0.9, shape)
            case OneHot():
                point[name] = generator.dirichlet(np.full(shape[-1], min(1.0, 1 / scale)), shape[:-1]).reshape(shape)
            case _:
                point[name] = spread * generator.choice([-1.0, 1.0], shape)
    return point


def count_patterns(claim: Claim, sizes: Mapping[str, int], kinds: Any) -> int:
    """How many values the symbols of these kinds have together."""
    count = 1
    for symbol in claim.symbols.values():
        if is_label(symbol) and isinstance(symbol, kinds):
            shape = symbol.shape(sizes)
            match symbol:
                case Index():
                    count *= symbol.below.at(sizes) ** math.prod(shape)
                case OneHot():
                    count *= shape[-1] ** math.prod(shape[:-1])
                case _:
                    count *= 2 ** math.prod(shape)
    return count


def patterns(claim: Claim, sizes: Mapping[str, int], kinds: Any) -> Iterator[dict[str, np.ndarray]]:
    """Every value of the symbols of these kinds."""
    names, choices = [], []
    for name, symbol in claim.symbols.items():
        if is_label(symbol) and isinstance(symbol, kinds):
            names.append(name)
            choices.append(list(_values(symbol, symbol.shape(sizes), sizes)))
    for chosen in itertools.product(*choices):
        yield dict(zip(names, chosen, strict=True))


def _values(symbol: Symbol, shape: tuple[int, ...], sizes: Mapping[str, int]) -> Iterator[np.ndarray]:
    match symbol:
        case Index():
            for flat in itertools.product(range(symbol.below.at(sizes)), repeat=math.prod(shape)):
                yield np.array(flat, np.int32).reshape(shape)
        case OneHot():
            for flat in itertools.product(range(shape[-1]), repeat=math.prod(shape[:-1])):
                yield np.eye(shape[-1])[np.array(flat, int)].reshape(shape)
        case _:
            for bits in itertools.product((0.0, 1.0), repeat=math.prod(shape)):
                yield np.array(bits).reshape(shape)


def field_inputs(claim: Claim, arithmetic: FieldArithmetic, point: Point, pattern: Point) -> list[Any]:
    """The inputs of the claim's program: uniform in the fields, with the point as their real values."""
    inputs: list[Any] = []
    for name in sorted(name for name, symbol in claim.symbols.items() if is_array_symbol(symbol)):
        symbol = claim.symbols[name]
        if isinstance(symbol, Index):
            inputs.append(pattern[name])
        elif name in pattern:
            inputs.append(arithmetic.constant(pattern[name]))
        elif isinstance(symbol, OneHot):
            inputs.append(_rows(arithmetic, point[name], label=is_label(symbol)))
        else:
            inputs.append(arithmetic.symbol(point[name], positive=isinstance(symbol, Positive), label=is_label(symbol)))
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

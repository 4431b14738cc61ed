"""Mistakes in an input: what is given would be right if a symbol were another one, were shifted, or were not there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, permutations
from typing import Any

import numpy as np

from gradproof.checks.diagnosis.case import Arrays, Case, Explanation, Sample, rounded
from gradproof.checks.diagnosis.numbers import LOOK
from gradproof.claims.symbols import Sign
from gradproof.claims.symbols.base import ArraySymbol

MOST_WORK = 1 << 16
"""Other inputs are tried, the likelier first, until their number times the square of all entries is so much.

A derivative by dual numbers carries one number for each entry with each entry.
"""

MOST_AXES = 2
"""Along so many a symbol may be shifted or reversed."""


@dataclass(frozen=True)
class Substitute:
    """Other inputs, and what it means that what is right there is what is given here."""

    said: Callable[..., str]
    of: Callable[..., dict[str, Any]]
    """The symbols that are others, from all of them."""


def substituted(case: Case) -> Iterator[Explanation]:
    """What is given is what is right at other inputs."""
    entries = sum(np.size(x) for x in case.first.inputs.values())
    substitutes = list(islice(_substitutes(case), MOST_WORK // max(entries, 1) ** 2))
    given = [case.first.floats[1][leaf] for leaf in case.leaves]
    for substitute, arrays in zip(substitutes, _right(case, substitutes, case.first), strict=True):
        if arrays is not None and all(map(_near, arrays, given)):
            yield Explanation(
                substitute.said,
                lambda sample, substitute=substitute: _right(case, [substitute], sample)[0] or (),
                of="expected",
            )


def _near(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and bool((abs(rounded(a) - b) <= LOOK * (1 + abs(b))).all())


def _right(case: Case, substitutes: Sequence[Substitute], sample: Sample) -> list[Arrays | None]:
    """What is right at other inputs; those of other shapes are not asked for."""
    changed = [substitute.of(sample.inputs) for substitute in substitutes]
    fits = [all(np.shape(x) == np.shape(sample.inputs[name]) for name, x in each.items()) for each in changed]
    points = [{**sample.inputs, **each} for each, fit in zip(changed, fits, strict=True) if fit]
    found = iter(case.rerun(sample.sizes, points) if case.rerun is not None and points else ())
    arrays = [next(found, None) if fit else None for fit in fits]
    return [None if each is None else [each[leaf] for leaf in case.leaves] for each in arrays]


def _substitutes(case: Case) -> Iterator[Substitute]:
    symbols = case.claim.arrays
    for name, symbol in symbols.items():
        if not symbol.label and not symbol.rows:
            yield from _missing(name)
    for name, symbol in sorted(symbols.items(), key=lambda item: not (item[1].label or item[1].integer)):
        for text, change in (*_values(symbol), *_orders(case.first.inputs[name])):
            yield _instead(name, text.format(name), change)
    alike = {name: (type(symbol), tuple(map(str, symbol.dimensions))) for name, symbol in symbols.items()}
    for a, b in combinations(symbols, 2):
        if alike[a] == alike[b]:
            yield Substitute(
                lambda it, a=a, b=b: f"{it.it} {it.be} right with {a} and {b} exchanged",
                lambda point, a=a, b=b: {a: point[b], b: point[a]},
            )
    for a, b in permutations(symbols, 2):
        if alike[a] == alike[b]:
            yield Substitute(
                lambda it, a=a, b=b: f"{it.it} {it.verb('has', 'have')} {b} in the place of {a}",
                lambda point, a=a, b=b: {a: point[b]},
            )


def _missing(name: str) -> Iterator[Substitute]:
    yield Substitute(
        lambda it: f"{name} is not used{it.within}, as if it were 1",
        lambda point: {name: np.ones_like(point[name])},
    )
    yield Substitute(
        lambda it: f"{name} is left out{it.within}, as if it were 0",
        lambda point: {name: np.zeros_like(point[name])},
    )


def _instead(name: str, other: str, change: Callable[[Any], Any]) -> Substitute:
    return Substitute(
        lambda it: f"{it.it} {it.verb('has', 'have')} {other} in the place of {name}",
        lambda point: {name: change(point[name])},
    )


def _values(symbol: ArraySymbol) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Other values of a symbol."""
    low, high = symbol.bounds
    if symbol.integer:
        return
    if symbol.label:
        yield ("-{}", lambda y: -y) if isinstance(symbol, Sign) else ("1 - {}", lambda y: 1 - y)
        yield "2 {} - 1", lambda y: 2 * y - 1
        return
    if symbol.rows:
        return
    if low == -np.inf:
        yield "-{}", lambda x: -x
    if (low, high) == (0, 1):
        yield "1 - {}", lambda x: 1 - x
    yield "2 {}", lambda x: 2 * x
    yield "{}/2", lambda x: x / 2
    yield "{}^2", lambda x: x**2
    if symbol.positive:
        yield "sqrt({})", np.sqrt


def _orders(x: np.ndarray) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The entries of a symbol in another order."""
    for axis in range(np.ndim(x)):
        along = f" along axis {axis}" if np.ndim(x) > 1 else ""
        yield f"{{}} shifted by one{along}", lambda x, axis=axis: np.roll(x, 1, axis)
        yield f"{{}} shifted by one{along}", lambda x, axis=axis: np.roll(x, -1, axis)
        yield f"{{}} reversed{along}", lambda x, axis=axis: np.flip(x, axis)
        if axis + 1 == MOST_AXES:
            break
    if np.ndim(x) > 1:
        yield "{} transposed", lambda x: np.swapaxes(x, -1, -2)
    if np.ndim(x) > 2:
        yield "{} reversed along its last two axes", lambda x: np.flip(x, (-1, -2))

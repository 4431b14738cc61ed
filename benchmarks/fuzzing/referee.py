"""Who knows which derivatives are right: high precision, at points of many sizes and on both sides of gates.

The derivative by hand is believed where quotients of differences of the value confirm it. A planted one is wrong where
its ball and that of the right one have no number in common: that is so at a point off all gates, and so about it.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from flint import arb, ctx

from fuzzing.high import UNKNOWN, High, Special, Unclear
from fuzzing.pair import Pair, by_push, gradient
from fuzzing.writer import SHAPES

Values = Mapping[str, Any]

BITS = 320
STEPS = (2.0**-100, 2.0**-140)
CONFIRMED = 2.0**-40
"""The relative error of a quotient of differences that confirms a derivative."""

FIRST, MORE, CROSSINGS = 6, 80, 7
SCALES = (1.0, 0.3, 3.0, 1.0, 10.0, 0.1, 30.0)
HALVINGS = 44


@dataclass(frozen=True)
class Ruling:
    """What the referee says: how many points it could judge, and whether the planted derivative is another one."""

    points: int
    different: bool
    unconfirmed: bool
    """Whether the derivative by hand is not what differences say, somewhere: the fuzzer made a mistake of its own."""


def ruling(pair: Pair, seed: int) -> Ruling:
    """Judge a pair; more points are taken as long as nothing differs."""
    judged, different = 0, False
    with ctx.workprec(BITS):
        for number, values in enumerate(_points(pair, seed)):
            if number >= FIRST and different:
                break
            said = at(pair, values)
            if said == "unconfirmed":
                return Ruling(judged, different=False, unconfirmed=True)
            judged += said != "unclear"
            different |= said == "different"
    return Ruling(judged, different, unconfirmed=False)


def soon_differs(pair: Pair, seed: int) -> bool:
    """Whether the planted derivative is another one at one of the first points."""
    with ctx.workprec(BITS):
        return any(at(pair, values) == "different" for values in islice(_points(pair, seed), FIRST))


def worthwhile(pair: Pair, seed: int) -> bool:
    """Whether, of the first points, the program has at one a derivative that is not zero, and at none a wrong one."""
    with ctx.workprec(BITS):
        points = list(islice(_points(pair, seed), FIRST))
        moves = any(_moves(pair, values) for values in points)
        return moves and all(at(pair, values) != "unconfirmed" for values in points)


def _moves(pair: Pair, values: Values) -> bool:
    with suppress(Unclear):
        right = gradient(High(), pair.program, values, pair.by, None, forward=True)
        numbers = [pair.value(High(), values).item(), *right.ravel()]
        return all(map(_known, numbers)) and not all(arb(x).contains(0) for x in numbers[1:])
    return False


def at_inputs(pair: Pair, inputs: Mapping[str, Any] | None) -> str:
    """As `at`, of inputs that a check shows."""
    if inputs is None or not set(pair.symbols) <= set(inputs):
        return "unclear"
    with ctx.workprec(BITS):
        return at(pair, {name: as_values(name, inputs[name]) for name in pair.symbols})


def at(pair: Pair, values: Values) -> str:
    """`same`, `different`, `unconfirmed`, or `unclear` where there is no value to compare."""
    try:
        by_hand = pair.gradient(High(), values, None)
        if _lost(pair, values, by_hand):
            return "unconfirmed"
        right = gradient(High(), pair.program, values, pair.by, None, forward=True)
        if not all(map(_known, right.ravel())):
            return "unclear"
        confirmed = any(_confirmed(pair, values, right, step) for step in STEPS)
        if not confirmed or _others(right, by_hand):
            return "unconfirmed"
        planted = gradient(High(), pair.program, values, pair.by, pair.mistake, forward=by_push(pair))
        return "different" if _others(right, planted) else "same"
    except Unclear:
        return "unclear"


def _lost(pair: Pair, values: Values, by_hand: Any) -> bool:
    """Whether what is pushed forward has no value at some entry where what is pulled back has one, as JAX's does.

    So it is where a slope of zero meets a number that is none: of `log(a) @ b` by one entry of b.
    """
    if not pair.forward:
        return False
    back = gradient(High(), pair.program, values, pair.by, None, forward=False)
    return any(_known(x) and isinstance(y, Special) for x, y in zip(back.ravel(), by_hand.ravel(), strict=True))


def _known(x: Any) -> bool:
    return not isinstance(x, Special) and bool(arb(x).is_finite())


def _others(right: Any, given: Any) -> bool:
    """Whether some number is surely another one."""
    if any(y is UNKNOWN or (not isinstance(y, Special) and not _known(y)) for y in given.ravel()):
        raise Unclear
    return any(
        isinstance(y, Special) or not arb(x).overlaps(arb(y)) for x, y in zip(right.ravel(), given.ravel(), strict=True)
    )


def _confirmed(pair: Pair, values: Values, right: Any, step: float) -> bool:
    """Whether the slope along some direction is a quotient of differences, if they are known well enough."""
    x = values[pair.by]
    weights = np.array([arb(place % 3 + 1) for place in range(max(x.size, 1))], object).reshape(x.shape)
    ends = []
    for sign in (1, -1):
        moved = np.asarray(x + weights * arb(sign * step), object)
        ends.append(pair.value(High(), {**values, pair.by: moved}).item())
    if not all(map(_known, ends)):
        raise Unclear
    slope = (ends[0] - ends[1]) / arb(2 * step)
    expected = np.sum(np.asarray(right * weights, object))
    size = sum((abs(arb(one)) for one in right.ravel()), arb(1))
    if (error := abs(slope - expected)) < (most := size * arb(CONFIRMED)):
        return True
    if error > most:
        return False
    raise Unclear


def _points(pair: Pair, seed: int) -> Iterator[Values]:
    generator = np.random.default_rng([seed, 1])
    for number in range(FIRST + MORE):
        yield point(pair, SCALES[number % len(SCALES)], generator)
    for number in range(CROSSINGS):
        yield from _about_a_gate(pair, *(point(pair, SCALES[number], generator) for _ in range(2)))


def point(pair: Pair, scale: float, generator: np.random.Generator) -> Values:
    """Values of all symbols, about as large as the scale."""
    found = {}
    for name in pair.symbols:
        shape = tuple(pair.sizes[part] for part in SHAPES[name].split())
        drawn = scale * generator.normal(size=shape)
        labels = generator.integers(0, 2, size=shape)
        found[name] = as_values(
            name, {"k": labels % pair.sizes["n"], "y": labels, "s": 2 * labels - 1}.get(name, drawn)
        )
    return found


def as_values(name: str, numbers: Any) -> Any:
    """Numbers of the machine as values of a symbol."""
    numbers = np.asarray(numbers)
    if name == "k":
        return numbers.astype(int)
    numbers = np.abs(numbers) if name in "pq" else numbers
    return np.array([arb(float(x)) for x in numbers.ravel()], object).reshape(numbers.shape)


def _about_a_gate(pair: Pair, first: Values, second: Values) -> Iterator[Values]:
    """Points on both sides of a place between two points where some comparison changes, of either derivative."""

    def decisions(values: Values) -> list[int | None]:
        high = High()
        gradient(high, pair.program, values, pair.by, pair.mistake, forward=by_push(pair))
        gradient(high, pair.program, values, pair.by, None, forward=True)
        return high.decisions

    def between(share: Any) -> Values:
        return {
            name: first[name]
            if name in "kys"
            else np.asarray(first[name] + (second[name] - first[name]) * share, object)
            for name in first
        }

    with suppress(Unclear):
        low, high = arb(0), arb(1)
        start = decisions(between(low))
        if start == decisions(between(high)):
            return
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if decisions(between(middle)) == start else (low, middle)
        yield between(low)
        yield between(high)

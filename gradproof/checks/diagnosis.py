"""What the mistake may be, from how two sides differ at generic inputs: a hint, never a verdict."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from gradproof.claims import Equality

CLOSE = 1e-20
"""Values in high precision that agree to this are taken for equal."""


PRECISION = 512


@dataclass(frozen=True)
class Sample:
    """Both sides at one point, in high precision."""

    sizes: Mapping[str, int]
    inputs: Mapping[str, np.ndarray]
    expected: tuple[np.ndarray, ...]
    given: tuple[np.ndarray, ...]


def diagnose(claim: Equality, samples: Sequence[Sample]) -> str | None:
    """The first explanation that fits every sample."""
    if len(samples) < 2:
        return None
    with mpmath.workprec(PRECISION):
        for explain in (_factor, _rearranged, _term, _pattern):
            if (text := explain(claim, samples)) is not None:
                return text
    return None


def _same(a: Any, b: Any) -> bool:
    return bool(mpmath.isfinite(a) and mpmath.isfinite(b) and abs(a - b) <= CLOSE * (abs(a) + abs(b)))


def _all_same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and all(_same(x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True))


def _ratio(top: np.ndarray, bottom: np.ndarray) -> Any | None:
    """The number c with top = c bottom, if there is one."""
    pairs = [(x, y) for x, y in zip(top.ravel(), bottom.ravel(), strict=True) if y != 0]
    if not pairs:
        return None
    ratio = pairs[0][0] / pairs[0][1]
    return ratio if all(_same(x, ratio * y) for x, y in zip(top.ravel(), bottom.ravel(), strict=True)) else None


Factor = Callable[[Mapping[str, int]], Any]


def _constant(value: float) -> Factor:
    return lambda sizes: mpmath.mpf(value)


def _of_size(name: str, form: Callable[[Any], Any], sign: int) -> Factor:
    return lambda sizes: sign * form(mpmath.mpf(sizes[name]))


def _numbers(sizes: Mapping[str, int]) -> Iterator[tuple[str, Factor]]:
    """Factors that people lose: of a number, of a size."""
    yield "-1", _constant(-1)
    for sign, mark in ((1, ""), (-1, "-")):
        for text, value in (("2", 2), ("1/2", 0.5), ("3", 3), ("4", 4), ("1/4", 0.25)):
            yield mark + text, _constant(sign * value)
        for name in sizes:
            forms: list[tuple[str, Callable[[Any], Any]]] = [
                (name, lambda n: n),
                (f"1/{name}", lambda n: 1 / n),
                (f"2/{name}", lambda n: 2 / n),
                (f"{name}/2", lambda n: n / 2),
                (f"{name}/({name}-1)", lambda n: n / (n - 1) if n != 1 else mpmath.nan),
                (f"({name}-1)/{name}", lambda n: (n - 1) / n),
                (f"1/({name}-1)", lambda n: 1 / (n - 1) if n != 1 else mpmath.nan),
            ]
            for text, form in forms:
                yield mark + text, _of_size(name, form, sign)


def _factor(claim: Equality, samples: Sequence[Sample]) -> str | None:
    ratios = []
    for sample in samples:
        merged = [np.concatenate([x.ravel() for x in side]) for side in (sample.given, sample.expected)]
        ratio = _ratio(*merged)
        if ratio is None:
            return None
        ratios.append(ratio)
    if all(ratio == 0 for ratio in ratios):
        return "it is zero everywhere"
    if all(_same(ratio, 1) for ratio in ratios):
        return "it is right at ordinary inputs, and wrong in a region only"
    for text, value in _numbers(samples[0].sizes):
        if all(_same(ratio, value(sample.sizes)) for ratio, sample in zip(ratios, samples, strict=True)):
            return "the sign is wrong" if text == "-1" else f"it is {text} times what it should be"
    if all(_same(ratio, ratios[0]) for ratio in ratios):
        return f"it is {mpmath.nstr(ratios[0], 15)} times what it should be"
    return None


def _transposed(x: Any) -> Any:
    return np.swapaxes(x, -1, -2) if x.ndim > 1 else x


def _along(axis: int, change: Callable[[Any, int], Any]) -> Callable[[Any], Any]:
    return lambda x: change(x, axis) if x.ndim > axis else x


def _rearranged(claim: Equality, samples: Sequence[Sample]) -> str | None:
    changes: list[tuple[str, Callable[[Any], Any]]] = [("it is the transpose of what it should be", _transposed)]
    for axis in range(max(x.ndim for x in samples[0].expected)):
        changes.append((f"axis {axis} is reversed", _along(axis, np.flip)))
        changes.append((f"axis {axis} is shifted by one", _along(axis, lambda x, axis: np.roll(x, 1, axis))))
        changes.append((f"axis {axis} is shifted by one", _along(axis, lambda x, axis: np.roll(x, -1, axis))))
    # A transpose can only be seen where the sizes are equal, a shift where there are several entries.
    telling = [s for s in samples if any(x.size > 1 for x in s.expected)]
    square = [s for s in telling if all(x.ndim < 2 or x.shape[-1] == x.shape[-2] for x in s.expected)]
    for text, change in changes:
        chosen = square if "transpose" in text else telling
        if chosen and all(
            all(_all_same(change(a), b) for a, b in zip(sample.expected, sample.given, strict=True))
            for sample in chosen
        ):
            return text
    return None


def _term(claim: Equality, samples: Sequence[Sample]) -> str | None:
    """A symbol, times a number or a size, times a scalar symbol, that is missing or too many."""
    arrays = list(claim.arrays)
    scalars = [name for name in arrays if all(np.ndim(s.inputs[name]) == 0 for s in samples)]
    for name in arrays:
        for scalar in (None, *scalars):
            if scalar == name:
                continue
            coefficients = [_coefficient(sample, name, scalar) for sample in samples]
            first = coefficients[0]
            if first is None or any(c is None or c == 0 for c in coefficients):
                continue
            product = f"{scalar} {name}" if scalar else name
            for text, value in [("1", _constant(1)), *_numbers(samples[0].sizes)]:
                if all(_same(c, value(s.sizes)) for c, s in zip(coefficients, samples, strict=True)):
                    if text.startswith("-"):
                        return f"the term {_times(text[1:], product)} is missing"
                    return f"there is a term {_times(text, product)} too many"
            if all(_same(c, first) for c in coefficients):
                sign = "missing" if first < 0 else "too many"
                return f"a term {_times(mpmath.nstr(abs(first), 15), product)} is {sign}"
    return None


def _times(number: str, product: str) -> str:
    return product if number == "1" else f"{number} {product}"


def _coefficient(sample: Sample, name: str, scalar: str | None) -> Any | None:
    """c, where given - expected = c scalar symbol, in the arrays that have the symbol's shape, and 0 in others."""
    symbol = np.vectorize(mpmath.mpf, otypes=[object])(np.asarray(sample.inputs[name], float))
    found = None
    for expected, given in zip(sample.expected, sample.given, strict=True):
        gap = np.asarray(given - expected, object)
        close = all(_same(x, y) for x, y in zip(np.ravel(given), np.ravel(expected), strict=True))
        if close:
            continue
        if gap.shape != symbol.shape or found is not None:
            return None
        found = _ratio_of_gap(gap, symbol, np.asarray(expected))
    if found is None or scalar is None:
        return found
    divisor = mpmath.mpf(float(sample.inputs[scalar]))
    return found / divisor if divisor else None


def _ratio_of_gap(gap: np.ndarray, symbol: np.ndarray, expected: np.ndarray) -> Any | None:
    pairs = [(g, x) for g, x in zip(gap.ravel(), symbol.ravel(), strict=True) if x != 0]
    if not pairs:
        return None
    ratio = pairs[0][0] / pairs[0][1]
    scale = max((abs(x) for x in expected.ravel()), default=mpmath.mpf(0))
    fits = all(
        abs(g - ratio * x) <= CLOSE * (abs(g) + CLOSE * scale) for g, x in zip(gap.ravel(), symbol.ravel(), strict=True)
    )
    return ratio if fits else None


def _pattern(claim: Equality, samples: Sequence[Sample]) -> str | None:
    """Which entries are wrong, where that is telling."""
    wrong = [
        np.array([not _same(x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True)]).reshape(a.shape)
        for sample in samples
        for a, b in zip(sample.expected, sample.given, strict=True)
    ]
    if all(w.ndim == 2 and len(set(w.shape)) == 1 for w in wrong) and any(w.any() for w in wrong):
        if all((w == np.diag(np.diag(w))).all() for w in wrong):
            return "only the diagonal is wrong"
        if all(not np.diag(w).any() for w in wrong):
            return "only the entries off the diagonal are wrong"
    return None

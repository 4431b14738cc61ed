"""Factors that people lose or put in: of numbers, of sizes, and of symbols that are numbers."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import mpmath
import numpy as np

from gradproof.checks.diagnosis.case import Case, Sample

FEW = frozenset(Fraction(p, q) for p, q in [(1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (1, 3), (1, 4)])
FEWEST = frozenset(Fraction(p, q) for p, q in [(1, 1), (2, 1), (1, 2)])
ANY = frozenset(Fraction(p, q) for p in range(1, 13) for q in range(1, 13))

LOOK = 1e-9
"""Numbers that agree so far may be equal: what is found is tested in high precision."""


@dataclass(frozen=True)
class Form:
    """A factor without a number: what stands above and below the line, and its value."""

    above: tuple[str, ...]
    below: tuple[str, ...]
    value: Callable[..., Any]
    """From a sample."""
    numbers: frozenset[Fraction]
    """Those that it may be multiplied with."""
    difference: "tuple[Form, Form] | None" = None
    """Two forms of which it is the difference, if one is likely to be written in the place of the other."""


@dataclass(frozen=True)
class Ratio:
    """A number times a form, or a decimal."""

    number: Fraction
    form: Form
    decimal: Any = None

    def at(self, sample: Sample) -> Any:
        if self.decimal is not None:
            return self.decimal
        return mpmath.mpf(self.number.numerator) / self.number.denominator * self.form.value(sample)

    @property
    def negative(self) -> bool:
        return self.number < 0

    @property
    def absolute(self) -> "Ratio":
        return Ratio(abs(self.number), self.form, None if self.decimal is None else abs(self.decimal))

    def times(self, product: str) -> str:
        """The ratio and something that it multiplies, as a term is written."""
        if self.decimal is not None:
            return f"{mpmath.nstr(self.decimal, 15)} {product}".strip()
        number = abs(self.number)
        if self.form.below or not product:
            top = [*([str(number.numerator)] if number.numerator != 1 else []), *self.form.above]
            bottom = [*([str(number.denominator)] if number.denominator != 1 else []), *self.form.below]
            top += [product] if product else []
        else:
            top, bottom = [*([str(number)] if number != 1 else []), *self.form.above, product], []
        text = " ".join(top) or "1"
        if bottom:
            text += f"/{bottom[0]}" if len(bottom) == 1 else f"/({' '.join(bottom)})"
        return f"-{text}" if self.negative else text

    @property
    def text(self) -> str:
        return self.times("")


ONE = Form((), (), lambda sample: mpmath.mpf(1), FEW)


class Numbers:
    """The forms of a case, to look up ratios in."""

    def __init__(self, case: Case):
        self.samples = list(case.samples)
        self.claim = case.claim
        self.by = [case.names[leaf].removeprefix("the derivative by ") for leaf in case.leaves]

    @cached_property
    def forms(self) -> list[Form]:
        """The simplest first."""
        sizes = list(self.sizes())
        scalars = list(self.scalars())
        mixed = [_product(a, b) for a in scalars[: 4 * len(self.names)] for b in sizes]
        return [ONE, *sizes, Form((), (), ONE.value, ANY), *scalars, *mixed]

    @cached_property
    def names(self) -> list[str]:
        """The symbols that are numbers, and not labels; those that a derivative is by come last, as people write."""
        symbols = self.claim.arrays.items()
        found = [name for name, symbol in symbols if not symbol.dimensions and not symbol.label]
        return sorted(found, key=lambda name: name in self.by)

    def sizes(self) -> Iterator[Form]:
        names = list(self.samples[0].sizes)
        for name in names:
            for text, value in _POWERS:
                yield _raised(name, text, lambda s, name=name, value=value: value(mpmath.mpf(s.sizes[name])), FEW)
            for above, below, form in _SIZES:
                yield Form(
                    tuple(part.replace("n", name) for part in above),
                    tuple(part.replace("n", name) for part in below),
                    lambda s, name=name, form=form: form(mpmath.mpf(s.sizes[name])),
                    FEWEST,
                    _difference(above, below, name),
                )
        for a, b in itertools.combinations(names, 2):
            yield Form((a, b), (), lambda s, a=a, b=b: mpmath.mpf(s.sizes[a]) * s.sizes[b], FEWEST)
            yield Form((), (a, b), lambda s, a=a, b=b: 1 / (mpmath.mpf(s.sizes[a]) * s.sizes[b]), FEWEST)
        for a, b in itertools.permutations(names, 2):
            yield Form((a,), (b,), lambda s, a=a, b=b: mpmath.mpf(s.sizes[a]) / s.sizes[b], FEWEST)

    def scalars(self) -> Iterator[Form]:
        def number(name: str) -> Callable[[Sample], Any]:
            return lambda sample: sample.numbers[name][()]

        for text, power in _POWERS:
            for name in self.names:
                yield _raised(name, text, lambda s, name=name, power=power: power(number(name)(s)), FEW)
        for name in self.names:
            for above, below, form in _SCALARS:
                yield Form(
                    tuple(part.replace("c", name) for part in above),
                    tuple(part.replace("c", name) for part in below),
                    lambda s, name=name, form=form: form(number(name)(s)),
                    FEW,
                    _difference(above, below, name),
                )
        for a, b in itertools.combinations(self.names, 2):
            yield Form((a, b), (), lambda s, a=a, b=b: number(a)(s) * number(b)(s), FEW)
            yield Form((), (a, b), lambda s, a=a, b=b: 1 / (number(a)(s) * number(b)(s)), FEW)
        for a, b in itertools.permutations(self.names, 2):
            yield Form((a,), (b,), lambda s, a=a, b=b: number(a)(s) / number(b)(s), FEW)
            yield Form((a, f"{b}^2"), (), lambda s, a=a, b=b: number(a)(s) * number(b)(s) ** 2, FEW)

    @cached_property
    def _values(self) -> np.ndarray:
        """Of all forms at all samples, rounded; NaN where there is none."""
        return np.array([[_value(form, sample) for sample in self.samples] for form in self.forms])

    def named(self, ratios: Sequence[float], exact: Any = None) -> Iterator[Ratio]:
        """What a ratio may be, given its value at each sample; a decimal if nothing else, and it is the same at all.

        Arguments:
            ratios: NaN where it is not known.
            exact: the ratio at some sample in high precision.
        """
        known = ~np.isnan(np.asarray(ratios, float))
        if known.sum() < 2:
            return
        with np.errstate(all="ignore"):
            quotients = np.asarray(ratios, float)[known] / self._values[:, known]
            middle = quotients[:, :1]
            fits = np.isfinite(middle[:, 0]) & (abs(quotients - middle) <= LOOK * abs(middle)).all(axis=1)
        for place in np.flatnonzero(fits):
            number = float(middle[place, 0])
            nearest = Fraction(number).limit_denominator(12)
            if abs(nearest) in self.forms[place].numbers and abs(number - nearest) <= LOOK * abs(number):
                yield Ratio(nearest, self.forms[place])
        if fits[0] and exact is not None:
            yield Ratio(Fraction(1 if exact > 0 else -1), ONE, exact)


_POWERS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("{}", lambda c: c),
    ("1/{}", lambda c: 1 / c),
    ("{}^2", lambda c: c**2),
    ("1/{}^2", lambda c: 1 / c**2),
    ("sqrt({})", lambda c: mpmath.sqrt(c) if c > 0 else mpmath.nan),
    ("1/sqrt({})", lambda c: 1 / mpmath.sqrt(c) if c > 0 else mpmath.nan),
)

_Parts = tuple[tuple[str, ...], tuple[str, ...], Callable[[Any], Any]]

_SIZES: tuple[_Parts, ...] = (
    (("n",), ("(n-1)",), lambda n: n / (n - 1)),
    (("(n-1)",), ("n",), lambda n: (n - 1) / n),
    (("(n-1)",), (), lambda n: n - 1),
    (("(n+1)",), (), lambda n: n + 1),
    ((), ("(n-1)",), lambda n: 1 / (n - 1)),
)

_SCALARS: tuple[_Parts, ...] = (
    (("(1-c)",), (), lambda c: 1 - c),
    ((), ("(1-c)",), lambda c: 1 / (1 - c)),
    (("c", "(1-c)"), (), lambda c: c * (1 - c)),
    (("(1+c)",), (), lambda c: 1 + c),
    ((), ("(1+c)",), lambda c: 1 / (1 + c)),
    (("c",), ("(1-c)",), lambda c: c / (1 - c)),
    (("(1-c)",), ("c",), lambda c: (1 - c) / c),
    (("exp(c)",), (), lambda c: mpmath.exp(c)),
    (("exp(-c)",), (), lambda c: mpmath.exp(-c)),
    (("c^3",), (), lambda c: c**3),
    ((), ("c^3",), lambda c: 1 / c**3),
)


def _raised(name: str, text: str, value: Callable[..., Any], numbers: frozenset[Fraction]) -> Form:
    part = text.removeprefix("1/").format(name)
    return Form((), (part,), value, numbers) if text.startswith("1/") else Form((part,), (), value, numbers)


def _difference(above: tuple[str, ...], below: tuple[str, ...], name: str) -> tuple[Form, Form] | None:
    """Of n - 1, (n - 1)/n, 1 - c and c (1 - c): the two of which it is the difference."""
    here, square = Form((name,), (), ONE.value, ANY), Form((f"{name}^2",), (), ONE.value, ANY)
    match above, below:
        case ("(n-1)",), ():
            return here, ONE
        case ("(n-1)",), ("n",):
            return ONE, Form((), (name,), ONE.value, ANY)
        case ("(1-c)",), ():
            return ONE, here
        case ("c", "(1-c)"), ():
            return here, square
    return None


def _product(a: Form, b: Form) -> Form:
    differences = None if b.difference is None else (_product(a, b.difference[0]), _product(a, b.difference[1]))
    return Form((*a.above, *b.above), (*a.below, *b.below), lambda s: a.value(s) * b.value(s), FEWEST, differences)


def _value(form: Form, sample: Sample) -> float:
    try:
        return float(form.value(sample))
    except (ZeroDivisionError, OverflowError):
        return float("nan")

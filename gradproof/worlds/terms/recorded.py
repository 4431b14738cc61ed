"""How numbers are made of others, remembered in a run that is made for that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

import numpy as np

from gradproof.worlds.atoms import Colours, loose
from gradproof.worlds.draws import Base, Plan
from gradproof.worlds.operations import Definite
from gradproof.worlds.residues import Column, Field
from gradproof.worlds.value import Value, rational_root

MOST_STEPS = 20_000

PLAIN: Mapping[str, Callable[[Field, Sequence[Column]], Column]] = {
    "sum": lambda field, of: reduce(field.add, (each[None] for each in of))[0],
    "product": lambda field, of: reduce(field.multiply, (each[None] for each in of))[0],
}
"""What is made of residues."""


@dataclass(frozen=True)
class Step:
    """How a number was made.

    Arguments:
        rule: "sum", "product", "power", "exp" or "log", which is that of the absolute value.
        of: residues of what it was made of.
        exponent: that of a power.
    """

    rule: str
    of: tuple[bytes, ...]
    exponent: Fraction = Fraction(1)


class Recorded(Definite):
    """Each step says something of formal values, and so of real numbers wherever all that is met has a value."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.steps: dict[bytes, Step] = {}
        """By residues, the first way in which a number was made."""
        self.numbers: dict[bytes, Base] = {}
        """All numbers, by their residues."""
        self.real = True
        """Whether no number was made that is not real, as the exponential of i times an angle is not."""
        self.hidden = False
        """Whether numbers are made now that may not be real, which are not remembered."""

    def symbol(self, name: str, shape: tuple[int, ...], *, positive: bool = False) -> Value:
        made = super().symbol(name, shape, positive=positive)
        if self.plan.steps:
            for column in self.columns_of(made)[0][0]:
                # A label may be zero.
                self.numbers.setdefault(column.tobytes(), Base(1.0, 0.0, real=True, positive=False, plain=False))
        return made

    def add(self, a: Value, b: Value) -> Value:
        return self._recorded(super().add(a, b), "sum", [a, b])

    def multiply(self, a: Value, b: Value) -> Value:
        return self._recorded(super().multiply(a, b), "product", [a, b])

    def negative(self, a: Value) -> Value:
        made = super().negative(a)
        return self._recorded(made, "product", [a, self.filled(-1.0, a.shape)]) if self.plan.steps else made

    def reciprocal(self, a: Value) -> Value:
        return self._recorded(super().reciprocal(a), "power", [a], Fraction(-1))

    def power(self, a: Value, exponent: Fraction) -> Value:
        return self._recorded(super().power(a, exponent), "power", [a], exponent)

    def log(self, a: Value) -> Value:
        if self.plan.steps:
            self.remember(a)
        return self._recorded(super().log(a), "log", [a])

    def exp(self, a: Value) -> Value:
        made = super().exp(a)
        # A product of powers of numbers is an exponential where these are positive, but roots of them may be negative.
        used = ((self.pairs.table[number], power) for terms in self.pairs.used.values() for number, power in terms)
        real = all(pair.positive and (pair.drawn or power.denominator == 1) for pair, power in used)
        return self._recorded(made, "exp", [a]) if real else made

    def sum(self, x: Value) -> Value:
        made, count = super().sum(x), x.shape[-1]
        if self.plan.steps and made.rational is None and count:
            place = np.arange(count * int(np.prod(made.shape))).reshape(*made.shape, count)
            self._recorded(made, "sum", [self.take([x], place[..., k]) for k in range(count)])
        return made

    def sin(self, a: Value) -> Value:
        return self._of_complex(super().sin, a)

    def cos(self, a: Value) -> Value:
        return self._of_complex(super().cos, a)

    def _of_complex(self, function: Callable[[Value], Value], a: Value) -> Value:
        """A real number that is made of others, whose squares may be negative."""
        self.real, before, self.hidden = False, self.hidden, True
        try:
            made = function(a)
        finally:
            self.hidden = before
        if self.plan.steps and made.rational is None and not self.hidden:
            base = self._base(made)
            for column in (column for world in self.columns_of(made)[0] for column in world):
                self.numbers.setdefault(column.tobytes(), base)
        return made

    def _base(self, made: Value) -> Base:
        self.decide(made)
        real, plain = not self.degrees.rooted(made.degree), not (made.vague or loose(made.support).any())
        return Base(*self.degrees.whole(made.degree), real, positive=False, plain=plain)

    def _recorded(self, made: Value, rule: str, parts: Sequence[Value], exponent: Fraction = Fraction(1)) -> Value:
        if self.hidden or not self.plan.steps or made.rational is not None or len(self.steps) > MOST_STEPS:
            return made
        base = self._base(made)
        columns = [self.columns_of(each)[0] for each in (made, *parts)]
        for w in range(max(map(len, columns))):
            for j in range(columns[0].shape[1]):
                column, *of = (each[w % len(each), j] for each in columns)
                # What was loosened on the way is not made of what it was before.
                if rule in PLAIN and not (PLAIN[rule](self.field, of) == column).all():
                    continue
                self.steps.setdefault(column.tobytes(), Step(rule, tuple(each.tobytes() for each in of), exponent))
                self.numbers.setdefault(column.tobytes(), base)
        return made

    def squared_to(self, radicals: Sequence[tuple[Column, Column]]) -> Iterator[tuple[bytes, Base]]:
        """Numbers that were met, times rational ones, whose squares or inverses of squares these are, but no roots."""
        field = self.field
        either = (each for square, _ in radicals for each in (square, field.inverse(square[None])[0]))
        wanted = dict(map(field.normal, either))
        roots = self.roots_alike(radicals)
        for key, base in list(self.numbers.items()):
            column = np.frombuffer(key, np.int64)
            if (column == 0).any() or self.alike(column) in roots:
                continue
            alike, heads = field.normal(field.multiply(column[None], column[None])[0])
            ratio = field.ratio(wanted[alike], heads) if alike in wanted else None
            if ratio is not None and (times := rational_root(ratio)) is not None:
                number = field.multiply(column[None], field.constant(times)[None])[0]
                yield number.tobytes(), replace(base, positive=self.is_always_positive(number))

    def alike(self, column: Column) -> bytes:
        """What multiples of a number have in common; nothing where it is zero in some draw."""
        return self.field.normal(column)[0] if column.all() else b""

    def roots_alike(self, radicals: Sequence[tuple[Column, Column]]) -> set[bytes]:
        """The same of roots and their inverses."""
        roots = [root for _, root in radicals if root.all()]
        return {self.alike(each) for root in roots for each in (root, self.field.inverse(root[None])[0])}

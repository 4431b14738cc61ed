"""What is said of the size of fractions is true of them: of arrays of fractions of polynomials, in two worlds."""

import math
import random

import numpy as np
import pytest
from flint import fmpq, fmpq_poly, fmpz

from gradproof.worlds import WorldArithmetic
from gradproof.worlds.atoms import Colours
from gradproof.worlds.bound import degree
from gradproof.worlds.bound.degree import VARIABLE, Degree, Degrees
from gradproof.worlds.draws import Base, Plan

WORLDS, ELEMENTS = 2, 3


class Ratio:
    """A fraction of polynomials, in lowest terms."""

    def __init__(self, above, below=1):
        above, below = fmpq_poly(above), fmpq_poly(below)
        common = above.gcd(below) if above else below
        self.above, self.below = above // common, below // common

    def __add__(self, other):
        return Ratio(self.above * other.below + other.above * self.below, self.below * other.below)

    def __mul__(self, other):
        return Ratio(self.above * other.above, self.below * other.below)

    def __pow__(self, n):
        return Ratio(self.above**n, self.below**n) if n >= 0 else Ratio(self.below**-n, self.above**-n)


class Run:
    """Arrays of fractions and what is said of them, side by side; what names stand for in each world."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.degrees = Degrees()
        self.names = {}
        x = Ratio([0, 1])
        self.arrays = [
            ([[x] * ELEMENTS] * WORLDS, VARIABLE),
            ([[Ratio([fmpq(1, 3)])] * ELEMENTS] * WORLDS, self.degrees.which(Degree(integer=3))),
            (
                [[Ratio([k - w, 1]) for k in range(ELEMENTS)] for w in range(WORLDS)],
                self.degrees.which(Degree(1.0, height=2.0)),
            ),
        ]

    def numerator(self, value, x, world):
        """What is left of a value, but for names and integers below the bar."""
        rest = value * Ratio([x.integer])
        for name, power in x.powers.items():
            rest = rest * Ratio(self.names[name][world]) ** -power
        return rest

    def each(self, values, which):
        for w in range(WORLDS):
            for j in range(ELEMENTS):
                number = int(which if which.ndim == 0 else which[w % len(which), j])
                yield w, j, values[w][j], self.degrees.table[number]

    def require_true(self, values, which):
        for w, _, value, x in self.each(values, which):
            rest = self.numerator(value, x, w)
            assert rest.below.degree() <= 0
            polynomial = rest.above / rest.below[0]
            assert polynomial.denom() == 1
            assert polynomial.degree() <= x.numerator
            total = sum(abs(fmpz(c.p)) for c in polynomial.coeffs())
            assert not total or math.log2(int(total)) <= x.height + 1e-6

    def inverse(self, values, which):
        if any(not value.above for row in values for value in row):
            return None
        tops = [fmpq_poly([1])] * WORLDS
        for w, _, value, x in self.each(values, which):
            rest = self.numerator(value, x, w)
            tops[w] = tops[w] * rest.above / rest.below[0]
        worlds = 1 if all(str(row[j].__dict__) == str(values[0][j].__dict__) for row in values for j in range(3)) else 2
        made = self.degrees.inverse(which, ELEMENTS, worlds)
        self.names[len(self.degrees.named) - 1] = tops
        return [[value**-1 for value in row] for row in values], made

    def step(self):
        (a, x), (b, y) = self.random.choices(self.arrays, k=2)
        kind = self.random.choice(["sum", "product", "inverse", "inverse", "power", "taken", "chosen", "total"])
        if kind == "sum":
            made = zipped(a, b, lambda u, v: u + v), self.degrees.sum(x, y)
        elif kind == "product":
            made = zipped(a, b, lambda u, v: u * v), self.degrees.product(x, y)
        elif kind == "power":
            made = zipped(a, a, lambda u, _: u**2), self.degrees.power(x, 2)
        elif kind == "taken":
            places = [self.random.randrange(ELEMENTS) for _ in range(ELEMENTS)]
            made = [[row[k] for k in places] for row in a], x if x.ndim == 0 else self.degrees.settled(x[:, places])
        elif kind == "chosen":
            which = np.array([[self.random.randrange(2) for _ in range(ELEMENTS)] for _ in range(WORLDS)])
            values = [[(a, b)[which[w, j]][w][j] for j in range(ELEMENTS)] for w in range(WORLDS)]
            made = values, self.degrees.chosen(which, [x, y])
        elif kind == "total":
            total = self.degrees.total(x, ELEMENTS)
            rows = [[row[0] + row[1] + row[2]] * ELEMENTS for row in a]
            made = rows, total if total.ndim == 0 else np.repeat(total[:, None], ELEMENTS, axis=1)
        else:
            made = self.inverse(a, x)
        if made is not None and all(max(v.above.degree(), v.below.degree()) < 60 for row in made[0] for v in row):
            self.require_true(*made)
            self.arrays.append(made)


def zipped(a, b, rule):
    return [[rule(u, v) for u, v in zip(row, other, strict=True)] for row, other in zip(a, b, strict=True)]


def all_runs():
    for seed in range(6):
        run = Run(seed)
        for _ in range(60):
            run.step()
        assert len(run.names) > 4


def test_what_is_said_of_fractions_is_true_of_them():
    all_runs()


def product(numerator, powers):
    return lambda a, b: Degree(numerator(a, b), powers(a, b), a.height + b.height, a.integer * b.integer)


def added(a, b):
    return {k: a.powers.get(k, 0) + b.powers.get(k, 0) for k in {**a.powers, **b.powers}}


WRONG = {
    "the larger degree": ("product_of", product(lambda a, b: max(a.numerator, b.numerator), added)),
    "the other powers": (
        "product_of",
        product(lambda a, b: a.numerator + b.numerator, lambda a, b: {**a.powers, **b.powers}),
    ),
    "no height": ("longer", lambda a, count: a),
    "powers of the numerator": ("power_of", lambda a, n: Degree(a.numerator * n, a.powers, a.height * n, a.integer**n)),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_what_is_false_of_them_is_noticed(mistake, monkeypatch):
    monkeypatch.setattr(degree, *WRONG[mistake])
    with pytest.raises(AssertionError):
        all_runs()


def test_the_highest_common_power_is_of_both_sides_of_a_sum(monkeypatch):
    def highest(self, a, b):
        return Degree(max(a.numerator, b.numerator), {**a.powers, **b.powers}, max(a.height, b.height), 1)

    monkeypatch.setattr(Degrees, "either_of", highest)
    with pytest.raises(AssertionError):
        all_runs()


def test_elements_that_have_one_denominator_have_none_between_them():
    degrees = Degrees()
    below = degrees.inverse(VARIABLE, 1, 1)
    back = degrees.inverse(below, 1, 1)
    assert degrees.table[int(degrees.product(below, back))].powers == {1: -1}


def test_of_many_degrees_one_holds_for_all():
    degrees = Degrees()
    many = np.concatenate([degrees.inverse(VARIABLE, 1, 1)[None] for _ in range(degree.MOST + 1)])[None]
    assert degrees.settled(many[:, : degree.MOST]).ndim == 2
    assert degrees.settled(many).ndim == 0


def test_what_a_name_stands_for_is_told_apart_by_world():
    """Where a number of one world is met in another, names stand for what they do in its own."""
    degrees = Degrees()
    below = degrees.inverse(VARIABLE, 1, 2)
    here, there = degrees.at(below, 0, 0), degrees.at(below, 1, 0)
    assert set(here.powers).isdisjoint(there.powers)
    assert degrees.whole_of(degrees.either_of(here, there))[0] == 3


def test_of_a_root_what_is_below_the_bar_is_no_root():
    """The root of x^-40 is x^20 over x^40."""
    degrees = Degrees()
    made = degrees.table[int(degrees.root(degrees.inverse(degrees.power(VARIABLE, 40), 1, 1), 1, real=True))]
    assert (made.numerator, made.powers) == (40, {0: -1})


def test_squares_are_as_large_as_they_are_where_numbers_and_atoms_are_compared_with_them():
    base = Base(5.0, 7.0, real=True, positive=False)
    first = WorldArithmetic(Plan(b"seed"), Colours())
    column = np.ascontiguousarray(first.symbol("x", ()).residues[0])
    again = WorldArithmetic(Plan(b"seed", bases=((column.tobytes(), base),)), Colours())
    assert again.degree >= 3 * 2 * base.degree
    assert again.height >= 3 * 2 * base.height

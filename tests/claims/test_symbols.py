"""Symbols: what they are called, what they refuse, and that every way of drawing inputs stays in the domain."""

from fractions import Fraction

import jax.numpy as jnp
import numpy as np
import pytest

from gradproof import Binary, GradproofError, Index, Interval, OneHot, Positive, Real, Sign, Simplex
from gradproof.checks.inputs import GENTLE, QUICK, SWEEP
from gradproof.claims import symbols
from gradproof.claims.symbols.base import ArraySymbol
from gradproof.errors import Undecided
from gradproof.measures.inputs import TAILS

SIZES = {"n": 3, "K": 4}


def rows_of_one(values):
    return np.all(values >= 0) and np.allclose(values.sum(axis=-1), 1, rtol=0, atol=1e-12)


KINDS = {
    Binary: (Binary("n"), 'Binary("n")', lambda x: np.isin(x, (0.0, 1.0))),
    Index: (Index("n", below="K"), 'Index("n", below="K")', lambda x: np.isin(x, range(4)) & (x.dtype == np.int32)),
    Interval: (Interval("n", low=-0.5, high=3), 'Interval("n", low=-0.5, high=3)', lambda x: (x > -0.5) & (x < 3)),
    OneHot: (OneHot("n K"), 'OneHot("n K")', lambda x: np.isin(x, (0.0, 1.0)) & rows_of_one(x)),
    Positive: (Positive("n+1"), 'Positive("n+1")', lambda x: (x > 0) & np.isfinite(x)),
    Real: (Real("n 2"), 'Real("n 2")', np.isfinite),
    Sign: (Sign("n"), 'Sign("n")', lambda x: np.isin(x, (-1.0, 1.0))),
    Simplex: (Simplex("n K"), 'Simplex("n K")', lambda x: (x > 0) & rows_of_one(x)),
}
"""An example of each kind, how it is written, and its domain."""

INTERVALS = [
    Interval("n", low=0, high=1),
    Interval("n", low=-1e6, high=1e-6),
    Interval("n", low=1e-3, high=1.01e-3),
    Interval("n", low=-3e38, high=3e38),
    Interval("n", low=100.0, high=100.6),
    Interval("n", low=7.0, high=7.000001),
]

EXAMPLES = [*(symbol for symbol, _, _ in KINDS.values()), *INTERVALS, OneHot("K"), Simplex("1"), Real(), Sign()]


def domain(symbol):
    if isinstance(symbol, Interval):
        return lambda x: (x > symbol.low) & (x < symbol.high)
    return KINDS[type(symbol)][2]


def assert_in_domain(symbol, values, inside=None):
    assert values.shape == symbol.shape(SIZES)
    assert np.all((inside or domain(symbol))(values)), values


def test_every_kind_is_tested():
    exported = {kind for kind in vars(symbols).values() if isinstance(kind, type) and issubclass(kind, ArraySymbol)}
    assert set(KINDS) == exported - {ArraySymbol}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_symbol_is_written_as_it_was_made(kind):
    symbol, text, _ = KINDS[kind]
    assert repr(symbol) == text


@pytest.mark.parametrize("symbol", EXAMPLES, ids=repr)
def test_what_is_drawn_near_corners_is_in_the_domain(symbol):
    for seed in range(60):
        assert_in_domain(symbol, symbol.near_corners(SIZES, np.random.default_rng([seed, 1])))


@pytest.mark.parametrize("symbol", [symbol for symbol in EXAMPLES if symbol.free], ids=repr)
def test_the_nearest_values_are_in_the_domain(symbol):
    for seed, scale in enumerate([1e-9, 1e-3, 1.0, 100.0, 1e9, 1e30] * 10):
        values = scale * np.random.default_rng([seed, 1]).normal(size=symbol.shape(SIZES))
        assert_in_domain(symbol, symbol.nearest(values))


def test_rows_near_corners_have_a_sum_that_is_exact():
    rows = Simplex("n K").near_corners({"n": 1000, "K": 5}, np.random.default_rng(0))
    assert all(sum(map(Fraction, row)) == 1 for row in rows)
    assert rows.min() < 1e-15


@pytest.mark.parametrize("symbol", EXAMPLES, ids=repr)
def test_what_is_drawn_for_the_machine_is_in_the_domain_and_exact(symbol):
    for seed, magnitudes in enumerate([*GENTLE, *QUICK, *SWEEP, *TAILS] * 4):
        generator = np.random.default_rng([seed, 2])
        values = symbol.draw(SIZES, magnitudes, generator, first=bool(seed % 2))
        assert_in_domain(symbol, values)
        assert (values.astype(np.float32) == values).all()
        if symbol is INTERVALS[-1]:
            continue
        low = symbol.rounded(values, jnp.bfloat16, generator)
        assert_in_domain(symbol, low)
        assert (low.astype(jnp.bfloat16).astype(float) == low).all()


@pytest.mark.parametrize("symbol", EXAMPLES, ids=repr)
def test_what_is_shown_to_a_person_is_in_the_domain(symbol):
    generator = np.random.default_rng(3)
    draws = [
        np.zeros,
        np.ones,
        lambda shape: generator.integers(-200, 201, shape).astype(float),
        lambda shape: generator.normal(size=shape),
    ]
    for draw in draws:
        values = symbol.simple(SIZES, draw, generator)
        assert_in_domain(symbol, values)
        for place in np.ndindex(values.shape):
            for simpler in symbol.simpler(float(values[place])):
                changed = values.copy()
                changed[place] = simpler
                assert_in_domain(symbol, changed)


@pytest.mark.parametrize("symbol", [symbol for symbol in EXAMPLES if symbol.label], ids=repr)
def test_a_label_has_as_many_values_as_it_says(symbol):
    values = list(symbol.values(SIZES))
    assert len(values) == len({value.tobytes() for value in values}) == symbol.count(SIZES)
    for value in values:
        assert_in_domain(symbol, value)


def test_corners_are_ends_of_the_domain():
    (symbol,) = (symbol for symbol, _, _ in KINDS.values() if symbol.has_corners)
    assert_in_domain(symbol, symbol.corners(SIZES, np.random.default_rng(4)), domain(OneHot("n K")))


def test_numbers_of_free_entries_are_told_from_others():
    assert Real().admits(-1e300)
    assert Positive().admits(5e-324)
    assert not Positive().admits(0.0)
    assert Interval(low=0, high=1).admits(5e-324)
    assert not any(Interval(low=0, high=1).admits(x) for x in (0.0, 1.0, -0.5, float("nan")))
    assert Sign().admits(-1.0)
    assert not Sign().admits(0.0)
    assert not Binary().admits(-1.0)


def test_what_is_positive_says_so():
    assert [kind.__name__ for kind, (symbol, _, _) in KINDS.items() if symbol.positive] == ["Positive", "Simplex"]
    assert [interval.positive for interval in INTERVALS] == [True, False, True, False, True, True]


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (1, 0, "the first the smaller one; given low=1, high=0"),
        (0.5, 0.5, "given low=0.5, high=0.5"),
        (0, float("inf"), "in the range of float32.*given low=0, high=inf"),
        (float("-inf"), 0, "in the range of float32.*given low=-inf, high=0"),
        (float("nan"), 0, "in the range of float32.*given low=nan, high=0"),
        (1, 1 + 1e-9, "float32 has no number between"),
        (-1e308, 1, "in the range of float32.*given low=-1e\\+308, high=1"),
    ],
)
def test_an_interval_has_two_ends_and_numbers_between_them(low, high, message):
    with pytest.raises(GradproofError, match=f"^Interval needs .*{message}"):
        Interval("n", low=low, high=high)


def test_an_interval_without_numbers_of_a_format_is_not_measured_there():
    narrow = INTERVALS[-1]
    with pytest.raises(Undecided, match=r"bfloat16 has no number between 7 and 7\.000001"):
        narrow.rounded(np.array([narrow.middle]), jnp.bfloat16, np.random.default_rng(0))


def test_rows_have_an_axis():
    for kind in (OneHot, Simplex):
        with pytest.raises(GradproofError, match=f"^{kind.__name__} needs an axis of classes"):
            kind("")


def test_a_shape_that_is_a_number_is_refused_with_what_a_shape_is():
    with pytest.raises(GradproofError, match=r"^a shape is a text of names and numbers, such as .*; given 3$"):
        Real(3)

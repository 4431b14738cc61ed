"""Residues of all draws at once, in F_p and in F_p[i]."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from gradproof.worlds.draws import Drawn, Plan, primes_for
from gradproof.worlds.residues import BITS, LOW, Field, rational_modulo

PRIMES = primes_for(b"a test", 3)


@pytest.fixture
def field():
    made = Field(np.repeat(PRIMES, 2))
    made.complex = True
    return made


def pair(x):
    return int(x) & LOW, int(x) >> BITS


def drawn(field, seed, *, imaginary):
    generator = np.random.default_rng(seed)
    re, im = generator.integers(1, field.primes, (2, 2, 3, field.draws)).swapaxes(-1, -2)
    return re | (im << BITS if imaginary else 0)


@pytest.mark.parametrize("kinds", list(itertools.product([False, True], repeat=2)))
def test_products_and_sums_are_those_of_complex_numbers(field, kinds):
    a, b = (drawn(field, seed, imaginary=kind) for seed, kind in zip((1, 2), kinds, strict=True))
    product, total = field.multiply(a, b), field.add(a, b)
    for at in np.ndindex(a.shape):
        p = int(field.primes[at[1]])
        (u, x), (v, y) = pair(a[at]), pair(b[at])
        assert pair(product[at]) == ((u * v - x * y) % p, (u * y + x * v) % p)
        assert pair(total[at]) == ((u + v) % p, (x + y) % p)


@pytest.mark.parametrize("imaginary", [False, True])
def test_an_inverse_is_one(field, imaginary):
    a = drawn(field, 3, imaginary=imaginary)
    assert (field.multiply(a, field.inverse(a)) == 1).all()
    assert (field.add(a, field.negative(a)) == 0).all()
    alone = a[:1, :, :1]
    assert (field.multiply(alone, field.inverse(alone)) == 1).all()


@pytest.mark.parametrize("imaginary", [False, True])
def test_what_adds_up_to_the_prime_is_zero_and_so_is_the_negative_of_zero(field, imaginary):
    zero, one = np.zeros((1, field.draws, 1), np.int64), np.ones((1, field.draws, 1), np.int64)
    if imaginary:
        one = field.times_i(one)
    assert not field.negative(zero).any()
    both = field.negative(np.concatenate([one, field.times_i(one)], axis=-1))
    assert {part < p for row, p in zip(both[0], field.primes, strict=True) for x in row for part in pair(x)} == {True}
    assert not field.add(one, field.negative(one)).any()
    assert pair(field.negative(one)[0, 0, 0]) == ((0, PRIMES[0] - 1) if imaginary else (PRIMES[0] - 1, 0))


@pytest.mark.parametrize("imaginary", [False, True])
def test_powers_are_repeated_products_by_one_exponent_or_one_for_each_draw(field, imaginary):
    a = drawn(field, 5, imaginary=imaginary)
    for exponents in (0, 1, 6, np.array([0, 1, 2, 5, 8, 11])):
        each, total = np.broadcast_to(exponents, field.draws), np.ones_like(a)
        for turn in range(int(each.max())):
            total = np.where((turn < each)[:, None], field.multiply(total, a), total)
        assert (field.power(a, exponents) == total).all()


def test_i_is_a_root_of_minus_one(field):
    one = np.ones((1, field.draws, 2), np.int64)
    assert (field.times_i(field.times_i(one)) == field.negative(one)).all()


def test_a_rational_number_is_found_again(field):
    number = Fraction(-355, 113)
    column = field.constant(number)
    assert field.rational(column) == number
    assert field.rational(np.where(np.arange(field.draws) == 1, 1, column)) is None


def test_columns_that_differ_by_a_rational_factor_have_one_normal_form(field):
    column = drawn(field, 4, imaginary=False)[0, :, 0]
    scaled = field.multiply(column[None], field.constant(Fraction(-2, 7))[None])[0]
    (key, heads), (other, others) = field.normal(column), field.normal(scaled)
    assert key == other
    assert field.ratio(others, heads) == Fraction(-2, 7)


def test_only_small_fractions_are_read_modulo_a_number():
    assert rational_modulo(Fraction(22, 7).numerator * pow(7, -1, 10_007) % 10_007, 10_007, 50) == Fraction(22, 7)
    assert rational_modulo(1234, 10_007, 10) is None


def test_draws_are_those_of_what_they_are_drawn_from():
    same, other = (Drawn(Plan(entropy)).fresh("x", b"1") for entropy in (b"a", b"b"))
    assert (Drawn(Plan(b"a")).fresh("x", b"1") == same).all()
    assert (Drawn(Plan(b"a")).fresh("x", b"2") != same).any()
    once = Drawn(Plan(b"a"))
    kept = [once.fresh(*what) for what in (("x", b"1"), ("x", b"2"), ("y", b"1"), ("x", b"1"))]
    assert [(x == same).all() for x in kept] == [True, False, False, True]
    assert (Drawn(Plan(b"a", attempt=1)).fresh("x", b"1") != same).any()
    assert (other != same).any()
    assert all(p % 4 == 3 for p in PRIMES)
    assert all(p % q != 1 for p in PRIMES for q in (3, 5, 7))

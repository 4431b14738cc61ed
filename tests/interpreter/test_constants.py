"""Constants are read as what a person meant, by one rule, or not at all."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from gradproof.interpreter.constants import ULPS, chance_log2, distance, read, read_all, significand


@pytest.mark.parametrize(
    ("constant", "text"),
    [
        (1 / 3, "1/3"),
        (-1 / 3, "-1/3"),
        (1 / (784 * 128), "1/100352"),
        (0.1 + 0.2, "3/10"),
        (1 - 0.9, "1/10"),
        (math.sqrt(2 / math.pi), "sqrt(2/pi)"),
        (1 / math.sqrt(2 * math.pi), "1/sqrt(2 pi)"),
        (2.5066282746310002, "sqrt(2 pi)"),
        (2 / math.sqrt(math.pi), "2/sqrt(pi)"),
        (math.sqrt(math.pi) / 2, "sqrt(pi)/2"),
        (math.pi**2 / 6, "pi^2/6"),
        (math.pi / 180, "pi/180"),
        (math.sqrt(6 / (784 + 128)), "1/(2 sqrt(38))"),
        (2 ** (1 / 3), "2^(1/3)"),
        (math.log(2) / 3, "log(2)/3"),
        (math.log(10), "log(10)"),
        (-math.log(784), "-log(784)"),
        (1.4426950408889634, "1/log(2)"),
        (math.log(2) / math.log(10), "log(2)/log(10)"),
        (0.5 * math.log(2 * math.pi), "log(2 pi)/2"),
        (2 * math.sqrt(2 * math.log(2)), "2 sqrt(2 log(2))"),
        (math.e, "e"),
        (math.exp(-0.1), "exp(-1/10)"),
        (math.exp(-0.5) / math.sqrt(2 * math.pi), "exp(-1/2)/sqrt(2 pi)"),
        (0.044715 * math.sqrt(2 / math.pi), "8943/(100000 sqrt(2 pi))"),
        # These cancelled, so that they are further off than two units in their own last places.
        (1 - 0.999, "1/1000"),
        (-(1 - 0.99), "-1/100"),
        (1.1 - 1, "1/10"),
    ],
)
def test_what_a_person_meant(constant, text):
    reading = read(constant)
    assert reading.named
    assert str(reading.number) == text
    assert abs(float(reading.number) - constant) <= distance(reading, constant, 53)


@pytest.mark.parametrize("constant", [0.0, -0.0, 0.5, 1023 / 1024, 2.0**53, 2.0**52 + 1, 5e-324, np.finfo(float).max])
def test_what_is_exact_is_itself(constant):
    reading = read(float(constant))
    assert not reading.named
    assert not reading.unread
    assert reading.number.rational == float(constant)
    assert reading.error == 0


@pytest.mark.parametrize("text", ["0.1", "1e-5", "0.044715", "1e23", "-2.5e-300", "0.79788456", "0.319381530"])
def test_a_decimal_is_the_one_that_is_written(text):
    reading = read(float(text))
    assert not reading.named
    assert not reading.unread
    assert str(reading.number.rational) == str(type(reading.number.rational)(text))


def test_two_units_in_the_last_place_are_read_over_and_a_typo_is_not():
    exact = 1 / math.sqrt(2 * math.pi)
    for steps in (-1, 0, 1):
        assert str(read(exact + steps * math.ulp(exact)).number) == "1/sqrt(2 pi)"
    for steps in (-ULPS - 1, ULPS + 1, 10):
        assert read(exact + steps * math.ulp(exact)).unread
    # Wrong from the tenth digit on.
    assert not read(0.3989422805014327).named


def test_numbers_of_no_meaning_are_not_read():
    constants = np.random.default_rng(0).normal(size=300).tolist()
    readings = read_all(tuple(constants))
    assert all(reading.unread for reading in readings)
    assert [reading.number.rational for reading in readings] == constants


def test_constants_of_float32_are_read_as_such():
    for meant, text in ((1 / 3, "1/3"), (math.sqrt(2 / math.pi), "sqrt(2/pi)")):
        constant = float(np.float32(meant))
        assert str(read(constant, significand(np.dtype(np.float32))).number) == text
        # As float64 they are far from what they were.
        assert not read(constant).named
    assert read(float(np.float32(0.1)), 24).number.rational * 10 == 1


def test_no_more_are_read_by_coincidence_than_the_bound_allows():
    """In float32, where it is often enough to be counted. A bound a thousand times smaller is exceeded."""
    draw = np.random.default_rng(1)
    constants = {float(np.float32(x)) for x in draw.uniform(1, 2, 20_000) * 2.0 ** draw.integers(-8, 8, 20_000)}
    named = sum(reading.named for reading in read_all(tuple(constants), 24))
    assert 0 < named <= len(constants) * 2 ** chance_log2(24)
    assert named > len(constants) * 2 ** (chance_log2(24) - 10)
    assert chance_log2(53) < -22


@pytest.mark.parametrize("dtype", [jnp.float64, jnp.float32])
def test_no_two_readings_are_of_one_constant(dtype):
    """Constants further apart than twice the tolerance are never read as one number."""
    bits = significand(np.dtype(dtype))
    meant = [math.sqrt(2 / math.pi), 1 / 3, math.log(2)]
    for number in meant:
        near = float(dtype(number))
        far = near + 5 * math.ldexp(1, math.frexp(near)[1] - bits)
        assert str(read(near, bits).number) != str(read(far, bits).number)


def test_in_a_narrow_format_no_decimal_is_told_by_its_digits():
    """With eight bits of significand many numbers would be one decimal of no digits."""
    values = tuple((1 + np.arange(0, 128, 7) / 128).tolist())
    for value, reading in zip(values, read_all(values, 8), strict=True):
        assert abs(float(reading.number) - value) <= distance(reading, value, 8) <= ULPS / 128

"""Bounds on rounding errors: they hold on this machine, for every function, and say something."""

import math
from functools import cache, partial

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax import lax

from gradproof.numerics import Format, Input, RoundingArithmetic, certify, run_at
from gradproof.numerics.functions import ULPS
from gradproof.programs import unknown

DTYPES = [np.float64, np.float32]
ROUNDOFF = {np.float64: 2.0**-53, np.float32: 2.0**-24}


def traced(function, *arrays, dtype=np.float64):
    arrays = [np.asarray(array, dtype) for array in arrays]
    return jax.make_jaxpr(function)(*arrays), [Input(array.astype(float)) for array in arrays], arrays


def bounded(function, *arrays, dtype=np.float64):
    """The output with its bound, and the run that found it."""
    closed, inputs, _ = traced(function, *arrays, dtype=dtype)
    (found,) = run_at(partial(RoundingArithmetic, Format.of(dtype)), closed, [inputs])
    return found.outputs[0], found


def certified(function, *arrays):
    """The output with its enclosure, and where that is small enough."""
    closed, inputs, _ = traced(function, *arrays)
    (found,) = certify(closed, [inputs])
    return found.outputs[0], found.known[0]


def value(function, *arrays):
    output, known = certified(function, *arrays)
    return output.value, known


def assert_within(function, *arrays, dtype, result=None):
    """The machine's result, if none is given, lies within its bound of the mathematical value; returns the bounds."""
    closed, inputs, arrays = traced(function, *arrays, dtype=dtype)
    (found,) = run_at(partial(RoundingArithmetic, Format.of(dtype)), closed, [inputs])
    (output,) = found.outputs
    result = np.asarray(jax.jit(function)(*arrays) if result is None else result).astype(float)
    right, known = certified(function, *(item.values for item in inputs))
    assert known.all()
    gap = np.exp2(right.gap(np.where(np.isfinite(result), result, 0.0)))
    assert np.isfinite(result[np.isfinite(output.error)]).all()
    assert (gap <= output.error * (1 + 1e-9)).all(), (result, gap, output.error)
    return output.error


# Elementary functions: this is the measurement that the table of accuracies rests on.

WIDE = np.concatenate([np.linspace(-30, 30, 97), [0.0, 1e-4, -1e-4, 1e-7, -1e-7, 1e3, -1e3, 1e6, -1e6]])
BELOW = np.concatenate([np.linspace(-87, 87, 97), [0.0, 1e-4, -1e-4, 1e-7, -1e-7]])
ABOVE_ZERO = np.concatenate([np.linspace(0.01, 40, 97), 2.0 ** np.arange(-100, 100, 7), [1.0, 1 + 2**-20, 1 - 2**-20]])
GAMMA = np.concatenate([np.linspace(0.01, 40, 97), 2.0 ** np.arange(-20, 20, 3), np.linspace(1.9, 2.1, 9)])
UNIT = np.concatenate([np.linspace(-1, 1, 201), [1 - 2**-20, 2**-20 - 1, 1e-4, -1e-7]])
FUNCTIONS = {
    "exp": (jnp.exp, BELOW),
    "exp2": (jnp.exp2, BELOW),
    "expm1": (jnp.expm1, BELOW),
    "sinh": (jnp.sinh, BELOW),
    "cosh": (jnp.cosh, BELOW),
    "log": (jnp.log, ABOVE_ZERO),
    "log1p": (jnp.log1p, np.concatenate([ABOVE_ZERO, -np.linspace(0.01, 0.99, 50), [-1 + 2**-20]])),
    "sqrt": (jnp.sqrt, ABOVE_ZERO),
    "rsqrt": (lax.rsqrt, ABOVE_ZERO),
    "cbrt": (jnp.cbrt, WIDE[WIDE != 0]),
    "power": (lambda x: x**1.7, ABOVE_ZERO),
    "cube": (lambda x: x**3, WIDE),
    "inverse cube": (lambda x: x**-3, WIDE[WIDE != 0]),
    "reciprocal": (lambda x: 1 / x, WIDE[WIDE != 0]),
    "third": (lambda x: x / 3, WIDE),
    "tanh": (jnp.tanh, WIDE),
    "logistic": (lax.logistic, WIDE),
    "sin": (jnp.sin, WIDE),
    "cos": (jnp.cos, WIDE),
    "tan": (jnp.tan, WIDE),
    "atan": (jnp.arctan, WIDE),
    "atan2": (lambda x: jnp.arctan2(x, x[::-1] + 0.3), WIDE),
    "asin": (jnp.arcsin, UNIT),
    "acos": (jnp.arccos, UNIT),
    "asinh": (jnp.arcsinh, WIDE),
    "acosh": (jnp.arccosh, 1 + ABOVE_ZERO[ABOVE_ZERO > 1e-6]),
    "atanh": (jnp.arctanh, UNIT[np.abs(UNIT) < 1]),
    "erf_inv": (lax.erf_inv, UNIT[np.abs(UNIT) < 1]),
    "lgamma": (lax.lgamma, GAMMA),
    "digamma": (lax.digamma, GAMMA),
    "polygamma": (lambda x: lax.polygamma(jnp.full_like(x, 3), x), GAMMA),
    "floor": (jnp.floor, WIDE),
    "round": (lambda x: lax.round(x / 4), WIDE),
    "rem": (lambda x: jnp.fmod(x, 3), WIDE),
    "erf": (lax.erf, WIDE),
    "erfc": (lax.erfc, WIDE),
}


@cache
def results(dtype):
    """Of all functions, in one program."""
    points = {name: points.astype(np.float32).astype(dtype) for name, (_, points) in FUNCTIONS.items()}
    return jax.jit(lambda points: {name: FUNCTIONS[name][0](x) for name, x in points.items()})(points)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_as_accurate_as_assumed(name, dtype):
    function, points = FUNCTIONS[name]
    assert_within(function, points.astype(np.float32), dtype=dtype, result=results(dtype)[name])


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_assumption_that_does_not_hold_is_noticed(dtype, monkeypatch):
    monkeypatch.setitem(ULPS, "tanh", 0.01)
    with pytest.raises(AssertionError):
        test_functions_are_as_accurate_as_assumed("tanh", dtype)


def random_program(generator):
    """A composition of everything, of arguments of ordinary size."""
    unary = [jnp.tanh, jnp.sin, lax.logistic, lambda x: jnp.log1p(x * x), lambda x: jnp.exp(-jnp.abs(x)), jnp.square]
    unary += [jnp.arctan, jnp.arcsinh, lambda x: jnp.arcsin(x / (1 + x * x)), lambda x: jnp.arctan2(x, 1 + x * x)]
    unary += [lambda x: jnp.sqrt(1 + x * x), lambda x: x / (2 + jnp.cos(x)), lax.erf, jax.nn.softplus, jax.nn.softmax]
    binary = [jnp.add, jnp.subtract, jnp.multiply, jnp.maximum, lambda a, b: a / (1 + b * b), lambda a, b: a * (b @ b)]
    steps = [(generator.choice(2), generator.integers(100, size=3)) for _ in range(8)]

    def program(x, y):
        values = [x, y, x - 0.1 * y]
        for kind, (which, first, second) in steps:
            a, b = values[first % len(values)], values[-1 - second % 2]
            values.append(binary[which % len(binary)](a, b) if kind else unary[which % len(unary)](b))
        return jnp.stack(values[3:])

    return program


@pytest.mark.parametrize("seed", range(8))
def test_bounds_hold_for_random_programs(seed):
    generator = np.random.default_rng(seed)
    program = random_program(generator)
    x, y = generator.normal(size=(2, 5)).astype(np.float32)
    for dtype in DTYPES:
        error = assert_within(program, x, y, dtype=dtype)
        assert np.isfinite(error).all()
        # Eight steps of a few roundings each, with slopes of order one: far from saying nothing.
        right, _ = value(program, x, y)
        assert np.median(error / (1 + np.abs(right.astype(float)))) < 1000 * ROUNDOFF[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
def test_bounds_of_well_conditioned_programs_are_near_their_count_of_operations(dtype):
    x = np.linspace(1, 2, 20).astype(np.float32) + np.float32(1e-3)
    output, _ = bounded(lambda x: x @ x, x, dtype=dtype)
    # A rounding for each of 20 products and 19 sums, of positive numbers.
    assert output.error < 20 * 1.01 * ROUNDOFF[dtype] * float(output.value[()])
    output, _ = bounded(lambda x: jnp.exp(-x) / (1 + jnp.exp(-x)), x, dtype=dtype)
    # Four ulp for each exponential, a rounding of the sum and two of the quotient.
    assert (output.error < (2 * 8 + 3) * 1.01 * ROUNDOFF[dtype] * output.value.astype(float)).all()


def test_sums_are_bounded_in_any_order():
    generator = np.random.default_rng(0)
    x = (generator.normal(size=40) * 10.0 ** generator.uniform(-3, 3, 40)).astype(np.float32)
    output, _ = bounded(jnp.sum, x, dtype=np.float32)
    exact = math.fsum(x.tolist())
    for _ in range(200):
        total = np.float32(0)
        for term in generator.permutation(x):
            total += term
        assert abs(float(total) - exact) <= output.error


@pytest.mark.parametrize("dtype", DTYPES)
def test_rewritten_exponentials_stay_within_their_bounds(dtype):
    x = np.linspace(20, 80, 41).astype(np.float32)
    y = np.linspace(-79.3, 5.1, 41).astype(np.float32)
    assert_within(lambda x, y: jnp.exp(x) * jnp.exp(y), x, y, dtype=dtype)
    assert_within(lambda x, y: jnp.exp(y) / jnp.exp(x), x, y, dtype=dtype)
    assert_within(lambda x, y: jnp.exp(x) * jnp.exp(y) * jnp.exp(-x), x, y, dtype=dtype)


# What is exact, and what is unknown


def test_small_whole_numbers_are_exact():
    x, y = np.arange(-3.0, 4.0), np.arange(7.0)
    output, _ = bounded(lambda x, y: x @ y + x / 2 - jnp.sqrt(y * y) + x**3 + jnp.exp(0 * x), x, y, dtype=np.float32)
    assert (output.error == 0).all()
    assert bounded(lambda x: x + 2.0**-30, 1.0, dtype=np.float32)[0].error > 0
    assert bounded(lambda x: x + 2.0**-30, 1.0)[0].error == 0


def test_the_largest_of_some_numbers_is_one_of_them():
    def program(x):
        y = x / 3
        return jnp.where(y == jnp.max(y), y - jnp.max(y), 1.0)

    output, found = bounded(program, [1.1, 2.2, 3.3])
    assert output.value.tolist() == [1, 1, 0]
    assert output.error[2] == 0
    assert not found.ambiguous
    assert not found.tied


def test_a_comparison_that_rounding_may_decide_is_ambiguous():
    assert bounded(lambda x: jnp.where(x * 0.1 + x * 0.2 > x * 0.3, 1.0, 0.0), 1.5)[1].ambiguous
    assert not bounded(lambda x: jnp.where(x * 0.1 > x * 0.3, 1.0, 0.0), 1.5)[1].ambiguous
    assert bounded(lambda x: jnp.where(jnp.isfinite(jnp.exp(x)), 1.0, 0.0), 800.0)[1].ambiguous


def test_a_tie_of_different_numbers_is_noted():
    assert bounded(lambda x: jnp.where(x > 2, 1.0, 0.0), 2.0)[1].tied
    assert not bounded(lambda x: jnp.where(x != x, 1.0, 0.0), 2.0)[1].tied
    assert not bounded(lambda x: jnp.where(jnp.maximum(x, 0) == 0, 1.0, 0.0), -2.0)[1].tied


def test_maxima_err_by_no_more_than_their_arguments():
    output, found = bounded(lambda x: jnp.maximum(x * 0.1 + x * 0.2, x * 0.3), 1.5)
    assert output.error < 2e-16
    assert not found.ambiguous


def test_overflow_leaves_nothing_to_say_and_underflow_a_little():
    z = np.array([1.0, 800.0])
    output, _ = bounded(lambda z: jnp.exp(z) / (1 + jnp.exp(z)), z)
    assert np.isfinite(output.error).tolist() == [True, False]
    assert output.value[1] == 1
    assert np.isinf(bounded(jnp.exp, 90.0, dtype=np.float32)[0].error)
    assert 0 < bounded(jnp.exp, -800.0)[0].error < 1e-307


def test_infinite_constants_pass():
    x = np.array([1.5, 2.5])
    output, found = bounded(
        lambda x: jnp.exp(jnp.where(x > 2, x, -jnp.inf)) + jnp.minimum(x, jnp.inf) + jnp.max(x, initial=-jnp.inf), x
    )
    assert np.isfinite(output.error).all()
    assert output.value[0] == 4
    assert not found.ambiguous


def test_an_undefined_value_is_nan_with_an_infinite_bound():
    for function in (jnp.log, jnp.sqrt, lambda x: x / (x + 1), lambda x: x**-0.5):
        output, _ = bounded(function, -1.0)
        assert mpmath.isnan(output.value[()])
        assert np.isinf(output.error)


def test_an_argument_that_may_have_left_the_domain_leaves_nothing_to_say():
    output, _ = bounded(lambda x: jnp.log(x * 0.3 - x * 0.1 - x * 0.2 + 1e-17), 1.5)
    assert np.isinf(output.error)


def test_constants_stand_for_numbers_within_half_an_ulp():
    fifth, _ = bounded(lambda x: x * 0.2, 0.7)
    quarter, _ = bounded(lambda x: x * 0.25, 0.7)
    assert fifth.error > 1e-17
    assert quarter.error == 0


@pytest.mark.parametrize("event", [False, True])
def test_unknown_functions_stay_within_their_bounds(event):
    x = np.linspace(-3, 3, 4).astype(np.float32)

    def all_orders(x):
        found = [unknown.unknown_p.bind(x, name="f", order=order, event=event) for order in range(3)]
        return jnp.concatenate([part.ravel() for part in found])

    for dtype in DTYPES:
        assert_within(all_orders, x, dtype=dtype)


# Casts

CASTS = {
    "to float32": lambda x: x.astype(np.float32) * np.float32(0.1),
    "to float32 and back": lambda x: jnp.exp(x.astype(np.float32)).astype(x.dtype) * x,
    "to float16": lambda x: x.astype(np.float16) / 3,
    "to bfloat16": lambda x: x.astype(jnp.bfloat16) * x.astype(jnp.bfloat16),
    "to bfloat16 and back": lambda x: jnp.tanh(x.astype(jnp.bfloat16)).astype(np.float32) + x.astype(np.float32),
    "sum": lambda x: jnp.sum(x.astype(jnp.bfloat16)),
    "product with more bits": lambda x: jnp.matmul(
        x.astype(jnp.bfloat16), x.astype(jnp.bfloat16), preferred_element_type=np.float32
    ),
    "within a loop": lambda x: lax.scan(lambda s, a: (s + a, None), np.float16(0), x.astype(np.float16))[0],
    "without a new format": lambda x: lax.reduce_precision(x, 8, 7) * 3,
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASTS)
def test_a_cast_rounds_as_its_format_does(name, dtype):
    x = np.random.default_rng(0).normal(size=40).astype(np.float32)
    error = assert_within(CASTS[name], x, dtype=dtype)
    right, _ = value(CASTS[name], x)
    assert np.isfinite(error).all()
    # A few roundings of bfloat16, and of 40 terms where there is a sum.
    assert (error < 50 * 2.0**-8 * (1 + np.abs(right.astype(float)))).all()


def test_a_cast_of_what_the_format_has_is_exact_and_the_same_number():
    x = np.arange(-4.0, 5.0)
    for narrow in (np.float32, np.float16, jnp.bfloat16):
        output, found = bounded(lambda x, to=narrow: jnp.where(x.astype(to) == x, x.astype(to) * 3, 0.0), x)
        assert (output.error == 0).all()
        assert output.value.tolist() == (3 * x).tolist()
        assert not found.tied
        assert not found.ambiguous
    assert bounded(lambda x: x.astype(np.float32), 1 + 2.0**-24)[0].error == pytest.approx(2.0**-24, rel=1e-2)
    assert bounded(lambda x: x.astype(np.float32).astype(np.float64), 1 + 2.0**-23)[0].error == 0
    assert bounded(lambda x: jnp.where(x.astype(np.float32) == x, 1.0, 0.0), 1 + 2.0**-24)[1].ambiguous


def test_a_cast_out_of_the_range_leaves_nothing_to_say():
    output, _ = bounded(lambda x: x.astype(np.float16), [1.5, 65504.0, 65519.0, 1e9])
    assert np.isfinite(output.error).tolist() == [True, True, False, False]
    assert np.isfinite(bounded(lambda x: x.astype(jnp.bfloat16), 1e9)[0].error)

"""The reference: its enclosures contain the values that mpmath finds, and it says what it does not know."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from jax import lax

from gradproof.numerics import Input, certify, enclosures
from gradproof.numerics.balls import Balls, constants
from gradproof.numerics.magnitude import FARTHEST

ORACLE_BITS = 3000

FEWER_BITS = 800
"""Where mpmath takes long, and enclosures of 160 bits are all that is asked for."""

SLOW = frozenset({"erf_inv", "lgamma", "digamma", "polygamma"})


def certified(function, *arrays, **options):
    """The output with its enclosure, and where that is small enough."""
    arrays = [np.asarray(array, float) for array in arrays]
    with jax.enable_x64(True):
        closed = jax.make_jaxpr(function)(*arrays)
    (found,) = certify(closed, [[Input(array) for array in arrays]], **options)
    return found.outputs[0], found.known[0]


def value(function, *arrays):
    output, known = certified(function, *arrays)
    return output.value, known


# Beside mpmath, which shares no code with flint.


def magnitudes(seed, low, high, count=24):
    """Numbers between powers of ten, evenly over the orders."""
    return 10.0 ** np.random.default_rng(seed).uniform(low, high, count)


def signed(seed, low, high, count=24):
    return magnitudes(seed, low, high, count) * np.random.default_rng([seed, 1]).choice([-1.0, 1.0], count)


EVERYWHERE = np.concatenate([signed(0, -300, -8), signed(1, -8, 1), signed(2, 1, 6), [0.0]])
ANGLES = np.concatenate([EVERYWHERE, signed(3, 6, 300), np.pi / 2 * np.array([1, 2, 3, 10_001])])
ABOVE_ZERO = np.concatenate([magnitudes(4, -300, 300), magnitudes(5, -2, 2), 1 + signed(6, -15, -3), [1.0, 4.0]])
ABOVE_ONE_LESS = np.concatenate([signed(7, -300, -1), -1 + magnitudes(8, -15, -3), magnitudes(9, 0, 300), [0.0]])
NOT_ZERO = np.concatenate([signed(10, -300, 300), [3.0, -2.0]])

OFF_POLES = np.concatenate([magnitudes(19, -8, 4, 8), signed(20, -3, 1, 8), [1.0, 2.0, -0.5, 1.5]])
BELOW_ONE = np.concatenate([signed(17, -300, 0), 1 - magnitudes(18, -15, -1), [0.0, 1.0, -1.0, 0.5]])

FUNCTIONS = {
    "exp": (jnp.exp, mpmath.exp, EVERYWHERE),
    "expm1": (jnp.expm1, mpmath.expm1, EVERYWHERE),
    "log": (jnp.log, mpmath.log, ABOVE_ZERO),
    "log1p": (jnp.log1p, lambda x: mpmath.log(1 + x), ABOVE_ONE_LESS),
    "logistic": (lax.logistic, lambda x: 1 / (1 + mpmath.exp(-x)), EVERYWHERE),
    "tanh": (jnp.tanh, mpmath.tanh, EVERYWHERE),
    "sinh": (jnp.sinh, mpmath.sinh, EVERYWHERE),
    "cosh": (jnp.cosh, mpmath.cosh, EVERYWHERE),
    "sin": (jnp.sin, mpmath.sin, ANGLES),
    "cos": (jnp.cos, mpmath.cos, ANGLES),
    "tan": (jnp.tan, mpmath.tan, ANGLES),
    "atan": (jnp.arctan, mpmath.atan, np.concatenate([EVERYWHERE, signed(13, 6, 300)])),
    "atan2": (lambda x: jnp.arctan2(x, -2.0), lambda x: mpmath.atan2(x, -2), EVERYWHERE),
    "asin": (jnp.arcsin, mpmath.asin, BELOW_ONE),
    "acos": (jnp.arccos, mpmath.acos, BELOW_ONE),
    "asinh": (jnp.arcsinh, mpmath.asinh, EVERYWHERE),
    "acosh": (jnp.arccosh, mpmath.acosh, 1 + np.concatenate([magnitudes(16, -15, 300), [0.0]])),
    "atanh": (jnp.arctanh, mpmath.atanh, BELOW_ONE[np.abs(BELOW_ONE) < 1]),
    "erf_inv": (
        lax.erf_inv,
        mpmath.erfinv,
        np.concatenate([signed(21, -20, -1), 1 - magnitudes(22, -3, -1, 8), [0.0]]),
    ),
    "lgamma": (lax.lgamma, lambda x: mpmath.log(abs(mpmath.gamma(x))), OFF_POLES),
    "digamma": (lax.digamma, mpmath.digamma, OFF_POLES),
    "polygamma": (lambda x: lax.polygamma(jnp.full_like(x, 2), x), lambda x: mpmath.psi(2, x), OFF_POLES),
    "floor": (jnp.floor, mpmath.floor, np.concatenate([EVERYWHERE, np.arange(-3.0, 4.0)])),
    "ceil": (jnp.ceil, mpmath.ceil, np.concatenate([EVERYWHERE, np.arange(-3.0, 4.0)])),
    "round": (jnp.round, mpmath.nint, np.concatenate([EVERYWHERE, np.arange(-3.0, 4.0) / 2])),
    "rem": (lambda x: lax.rem(x, 3.0), lambda x: mpmath.sign(x) * mpmath.fmod(abs(x), 3), EVERYWHERE),
    "erf": (lax.erf, mpmath.erf, EVERYWHERE),
    "erfc": (lax.erfc, mpmath.erfc, np.concatenate([signed(11, -300, 3), [0.0]])),
    "sqrt": (jnp.sqrt, mpmath.sqrt, np.concatenate([ABOVE_ZERO, [0.0]])),
    "rsqrt": (lax.rsqrt, lambda x: 1 / mpmath.sqrt(x), ABOVE_ZERO),
    "cbrt": (jnp.cbrt, mpmath.cbrt, ABOVE_ZERO),
    "power": (lambda x: x**1.7, lambda x: x ** (mpmath.mpf(17) / 10), ABOVE_ZERO),
    "cube": (lambda x: x**3, lambda x: x**3, EVERYWHERE),
    "inverse cube": (lambda x: x**-3, lambda x: 1 / x**3, NOT_ZERO),
    "reciprocal": (lambda x: 1 / x, lambda x: 1 / x, NOT_ZERO),
    "difference": (lambda x: x - x**2 / 3, lambda x: x - x**2 / 3, EVERYWHERE),
    "general power": (lambda x: x ** (x / 3), lambda x: x ** (x / 3), magnitudes(12, -3, 3)),
}


def assert_encloses(name):
    function, oracle, points = FUNCTIONS[name]
    output, known = certified(function, points)
    assert known.all(), points[~known]
    bits = FEWER_BITS if name in SLOW else ORACLE_BITS
    with mpmath.workprec(bits):
        for x, found, bound in zip(points, output.value, output.bound, strict=True):
            right = oracle(mpmath.mpf(x))
            radius = mpmath.mpf(2) ** (bound + 2**-20) if np.isfinite(bound) else 0
            assert abs(right - mpmath.mpf(found)) <= radius + abs(right) * mpmath.mpf(2) ** (64 - bits), x


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_those_of_mpmath(name):
    assert_encloses(name)


def test_a_wrong_enclosure_is_noticed(monkeypatch):
    right = enclosures.exp
    monkeypatch.setattr(enclosures, "exp", lambda a: right(a) * (1 + arb(2) ** -120))
    with pytest.raises(AssertionError):
        assert_encloses("exp")


def test_a_precision_that_is_too_low_is_noticed():
    assert certified(jnp.exp, signed(1, -8, 1), precisions=(160,))[1].all()
    assert not certified(jnp.exp, signed(1, -8, 1), precisions=(80,))[1].any()


# Enclosures of wide balls

ELEMENTARY = ["exp", "expm1", "logistic", "tanh", "sinh", "cosh", "sin", "cos", "atan", "asinh", "erf", "erfc"]
LIMIT = 2.0**FARTHEST


def enclosed(name, middle, radius):
    """The enclosure of a function over a ball."""
    return getattr(enclosures, name)(Balls(np.array([arb(middle, radius)], object), np.ones(1, int)))[0]


@pytest.mark.parametrize("name", ELEMENTARY)
def test_an_enclosure_has_the_values_at_all_points_of_a_ball(name):
    generator = np.random.default_rng(13)
    for _ in range(40):
        middle, radius = generator.normal() * 10.0 ** generator.uniform(-3, 3), 10.0 ** generator.uniform(-6, 1)
        around = enclosed(name, middle, radius)
        for part in (-1, -0.5, 0.0, 0.25, 1):
            assert around.overlaps(enclosed(name, middle + part * radius, 0))


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("radius", [0.0, 1.0, 2.0**35])
@pytest.mark.parametrize("name", ["exp", "logistic", "erfc"])
def test_an_enclosure_beyond_the_farthest_argument_reaches_the_limit(name, radius, sign):
    around = enclosed(name, sign * 2 * LIMIT, radius)
    if name == "exp" and sign > 0:
        assert around.is_nan()
        return
    limit = {"exp": 0, "logistic": (1 + sign) // 2, "erfc": 1 - sign}[name]
    with ctx.workprec(200):
        nearest = getattr(enclosures, name)(Balls(constants(np.array([sign * LIMIT])), np.ones(1, int)))[0]
    assert around.contains(limit)
    assert around.overlaps(nearest)


def test_what_a_ball_may_leave_has_no_enclosure():
    beyond = [("asin", 0.5), ("acos", -0.5), ("acosh", 1.5), ("atanh", 0.5)]
    for name, middle in [("log", 0.5), ("log1p", -0.5), ("tan", 1.25), *beyond]:
        assert enclosed(name, middle, 0.25).is_finite()
        assert not enclosed(name, middle, 0.75).is_finite()


# What is known, and what is not


def test_the_reference_rises_until_nothing_cancels():
    right, known = value(lambda z: jnp.log(1 - jax.nn.sigmoid(z)), [40.0, 1000.0, 5000.0])
    assert known.all()
    assert abs(right[1] + 1000) < 1e-25
    assert abs(right[2] + 5000) < 1e-25


def test_the_reference_reads_constants_as_what_they_stand_for():
    right, _ = value(lambda x: x * 0.1 - x / 10 + x * np.sqrt(2 / np.pi), 3.0)
    with mpmath.workdps(40):
        assert abs(right[()] - 3 * mpmath.sqrt(2 / mpmath.pi)) < 1e-26


def test_the_reference_says_what_it_cannot_know():
    for function in (
        jnp.log,
        lambda x: jnp.exp(jnp.exp(-2000 * x)),
        lambda x: jnp.where(jnp.exp(x) / 3 > 1, x, -x) / 0,
    ):
        _, known = value(function, -5.0)
        assert not known.any()


def test_enormous_arguments_take_no_time():
    right, known = value(
        lambda x: jnp.stack([jnp.exp(-x), jnp.tanh(x), lax.erfc(x), lax.erf(-x), jax.nn.sigmoid(-x), jnp.log1p(x)]),
        1e30,
    )
    assert known.all()
    assert right[:5].astype(float).tolist() == [0, 1, 0, -1, 0]


def test_more_precision_is_taken_where_it_may_tell_more(monkeypatch):
    precisions = []
    log = enclosures.log
    monkeypatch.setattr(enclosures, "log", lambda a: (precisions.append(ctx.prec), log(a))[1])
    assert certified(jnp.log, [-1.0, 2.0])[1].tolist() == [False, True]
    assert precisions == [160]
    # Zero, as far as any precision tells.
    assert not certified(lambda x: jnp.log(x * 0.3 - x * 0.1 - x * 0.2), 1.5)[1].any()
    assert precisions[1:] == [160, 640, 2560, 16_384]


def outcome(function, x, zero=1):
    with jax.enable_x64(True):
        closed = jax.make_jaxpr(function)(np.float64(x))
    (run,) = certify(closed, [[Input(np.array(x))]], precisions=(200,), valueless=True, zero=zero)
    return None if run.ambiguous or run.unsure else float(run.outputs[0].value)


OF_NO_VALUE = {
    "less": (lambda x: jnp.where(jnp.log(x) <= 0, 1.0, 2.0), 2.0),
    "not less": (lambda x: jnp.where(~(jnp.log(x) > 0), 1.0, 2.0), 1.0),
    "another number": (lambda x: jnp.where(jnp.log(x) != 3, 1.0, 2.0), 1.0),
    "isnan": (lambda x: jnp.where(jnp.isnan(jnp.sqrt(x)), 1.0, 2.0), 1.0),
    "isfinite": (lambda x: jnp.where(jnp.isfinite(jnp.sqrt(x)), 1.0, 2.0), 2.0),
    "sorted": (lambda x: jnp.sort(jnp.stack([jnp.sqrt(x), x, 7 + x]))[1], 5.0),
    "place of the largest": (lambda x: 1.0 * jnp.argmax(jnp.stack([x, jnp.sqrt(x), 2 - x])), 1.0),
    "place of the smallest": (lambda x: 1.0 * jnp.argmin(jnp.stack([x, jnp.sqrt(x), x - 1])), 1.0),
}


@pytest.mark.parametrize("name", OF_NO_VALUE)
def test_what_has_no_value_is_compared_as_the_machine_does(name):
    function, expected = OF_NO_VALUE[name]
    assert outcome(function, -2.0) == expected == function(-2.0)


NOT_SURE = {
    "the inverses of two zeros": (lambda x: 1 / (x - 1) - 1 / (x**2 - 1), 1.0),
    "the inverse of a zero of any sign, twice": (lambda x: 1 / jnp.maximum(x, 0) - 2 / jnp.minimum(-x, 0), -1.0),
    "an inverse root": (lambda x: jnp.where(x**-0.5 > 0, 1.0, 2.0), 0.0),
    "an exponential that is too large": (lambda x: jnp.where(jnp.exp(x) > 0, 1.0, 2.0), 1e300),
}


@pytest.mark.parametrize("name", NOT_SURE)
def test_where_there_is_a_value_beyond_the_reference_nothing_is_sure(name):
    assert outcome(*NOT_SURE[name]) is None


INFINITE = {
    "the logarithm of zero": (jnp.log, 0.0, -math.inf),
    "the logarithm of one less one": (jnp.log1p, -1.0, -math.inf),
    "its exponential": (lambda x: jnp.exp(jnp.log(x)), 0.0, 0.0),
    "a comparison with it": (lambda x: jnp.where(jnp.log(x) < -1e300, 1.0, 2.0), 0.0, 1.0),
    "zero times it": (lambda x: x * jnp.log(x), 0.0, math.nan),
    "itself less itself": (lambda x: jnp.log(x) - jnp.log(x), 0.0, math.nan),
    "a quotient of two": (lambda x: jnp.log(x) / jnp.log1p(x - 1), 0.0, math.nan),
    "the larger one of it and none": (lambda x: jnp.maximum(jnp.log(x), jnp.sqrt(x - 1)), 0.0, math.nan),
    "a comparison with that": (lambda x: jnp.where(jnp.log(x) - jnp.log(x) <= 0, 1.0, 2.0), 0.0, 2.0),
    "a function of that": (lambda x: jnp.exp(jnp.log(x) - jnp.log(x)), 0.0, math.nan),
    "zero by zero": (lambda x: x / x, 0.0, math.nan),
    "an inverse": (lambda x: 3 / x, 0.0, math.inf),
    "its inverse": (lambda x: 1 / (3 / x), 0.0, 0.0),
}


@pytest.mark.parametrize("name", INFINITE)
def test_infinities_are_those_of_the_machine(name):
    function, x, expected = INFINITE[name]
    assert outcome(function, x) == pytest.approx(expected, nan_ok=True, abs=0)
    assert function(jnp.array(x)) == pytest.approx(expected, nan_ok=True, abs=0)


def test_an_inverse_has_the_sign_of_its_zero():
    for function in (lambda x: 3 / x, lambda x: 1 / -x, lambda x: -2 * x**-1):
        assert [outcome(function, 0.0, zero) for zero in (1, -1)] == [function(jnp.array(z)) for z in (0.0, -0.0)]

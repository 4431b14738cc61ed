"""False claims that were proved once, each by a mistake in the argument of its own."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_proved, check, proved
from jax.scipy.special import digamma, erfinv, gammaln

from gradproof import Binary, Function, Index, Positive, Real, derivative

X, XY = {"x": Real()}, {"x": Real(), "y": Real()}


def gate(one, other):
    """What is chosen by a number that is zero, as one of its signs: a third one is right, and none is chosen here."""

    def gap(x):
        return one(x) - other(x)

    return lambda x: jnp.where(gap(x) > 0, x, jnp.where(gap(x) < 0, x, 2 * x))


def nothing(x, value):
    """Zero, if the value is a number."""
    return x + value - value


FALSE = {
    # Atoms that are not needed together share a colour, and say nothing of each other.
    "absolute value behind another gate": (
        lambda x, y: (jax.nn.relu(y), jnp.abs(jnp.where(x > 0, y, 1.0))),
        lambda x, y: (jax.nn.relu(y), jnp.where(x > 0, y, 1.0)),
        XY,
    ),
    "divided by what is positive behind another gate": (
        lambda x, y: (_positive_whole(x), jax.nn.relu(y), 1 + 0 * x),
        lambda x, y: (_positive_whole(x), jax.nn.relu(y), _over_itself(jnp.where(y > 0, jnp.floor(x), 1.0))),
        XY,
    ),
    # Of infinity there is no residue.
    "one over infinity": (lambda x: 1 / x, lambda x: 1 / (jnp.inf + x), X),
    "one over infinity by a logarithm": (lambda x: 1 / x, lambda x: 1 / (x - jnp.log(x - x)), X),
    # Poles that are met formally.
    "gamma at zero": (
        lambda x: jnp.where(x > 9, jnp.exp(-gammaln(x - x)), x),
        lambda x: jnp.where(x > 9, 5.0, x),
        X,
    ),
    "gamma at a negative whole number": (lambda x: 1 * x, lambda x: nothing(x, gammaln(jnp.float64(-1.0))), X),
    "gamma at whole numbers": (lambda x: 2 * x, lambda x: x + nothing(x, gammaln(jnp.floor(x))), X),
    "digamma at a negative whole number": (lambda x: 1 * x, lambda x: x + 0 * digamma(jnp.float64(-2.0)), X),
    "the inverse of erf at one": (lambda x: 1 * x, lambda x: nothing(x, erfinv(x - x + 1)), X),
    # Powers of negative numbers, if the exponent is whole.
    "powers of a negative number": (
        lambda x: jnp.stack([2 * x, (-2.0) ** jnp.floor(x)]),
        lambda x: jnp.stack([x + x, 7.0]),
        X,
    ),
    "powers to what is rounded": (
        lambda x, y: x ** jnp.round(y),
        lambda x, y: jnp.where(x > 0, x ** jnp.round(y), 7.0),
        XY,
    ),
    "powers to what is whole in a region": (
        lambda x, y: x ** jnp.where(y > 0, 2.0, y),
        lambda x, y: jnp.where(x > 0, x ** jnp.where(y > 0, 2.0, y), 7.0),
        XY,
    ),
    "powers of minus infinity": (
        lambda x: jnp.where(x > 9, (-jnp.inf + 0 * x) ** -0.5, x),
        lambda x: jnp.where(x > 9, 7.0, x),
        X,
    ),
    "large powers": (lambda x: x**1001.0, lambda x: jnp.where(x > 0, x**1001.0, 7.0), X),
    "several powers": (
        lambda x: x ** jnp.array([17.0, 2.0]),
        lambda x: jnp.where(x > 0, x ** jnp.array([17.0, 2.0]), 7.0),
        X,
    ),
    "many powers": (
        lambda x: x ** jnp.arange(12.0),
        lambda x: jnp.where(x > 0, x ** jnp.arange(12.0), 7.0),
        X,
    ),
    "tanh of infinity": (
        lambda x: jnp.where(x > 9, jnp.tanh(-jnp.log(x - x)), x),
        lambda x: jnp.where(x > 9, jnp.inf, x),
        X,
    ),
    # Names of draws.
    "a function called gamma": (
        lambda gamma, x: gamma(x) + 0 * x,
        lambda gamma, x: digamma(x),
        {"gamma": Function(), **X},
    ),
    # Whole numbers have as many bits as they have.
    "a sum of eight bits": (
        lambda x: x * jnp.sum(jnp.array([100, 100], jnp.int8), dtype=jnp.int8),
        lambda x: 200 * x,
        X,
    ),
    "a cumulative sum": (
        lambda x: x * jnp.cumsum(jnp.full(4, 2**30, jnp.int32), dtype=jnp.int32)[3],
        lambda x: x * 2.0**32,
        X,
    ),
    "division by zero": (lambda x: x * jax.lax.div(jnp.int32(1), jnp.int32(0)), lambda x: 0 * x, X),
    "remainder by zero": (lambda x: x * jax.lax.rem(jnp.int32(3), jnp.int32(0)), lambda x: 0 * x, X),
    # What is left of a loosened sum is none of its terms.
    "a share of what is loosened": (
        lambda s, a, b: jnp.abs(jnp.sum(jnp.where(s > 0, a, b)) - b[0]),
        lambda s, a, b: jnp.sum(jnp.where(s > 0, a, b)) - b[0],
        {"s": Real("7"), "a": Positive("7"), "b": Positive("7")},
    ),
    # What is divided by and is zero, though not formally.
    "divided by what is zero in a region": (
        lambda x: 1 * x,
        lambda x: x * _quarter_less_angles(x) / _quarter_less_angles(x),
        X,
    ),
    "divided by a logarithm less its factors": (
        lambda x, y: x + y,
        lambda x, y: x + y * _less_factors(x, y) / _less_factors(x, y),
        XY,
    ),
    # What an element depends on.
    "an index that another one hides": (
        lambda x, y: _picked(jnp.where(x > 0, 1, 5), jnp.where(y > 0, 1, 0)) * x,
        lambda x, y: jnp.where(x > 0, 4.0, 0.0) * x,
        XY,
    ),
    "a table of whole numbers": (
        lambda x, y: jnp.array([[5, 7], [3, 3]])[jnp.where(x > 0, 0, 1), jnp.where(y > 0, 1, 0)] * x,
        lambda x, y: jnp.where(x > 0, 7, 3) * x,
        XY,
    ),
    "infinity times a number": (lambda x: x + 0 * x * x, lambda x: x + jnp.exp(jnp.inf * x), X),
    "a gate on infinity times a number": (lambda x: 2 + 0 * x, lambda x: jnp.where(jnp.inf * x > 0, 1.0, 2.0), X),
    "the factor of what is zero in a region": (
        lambda x: 2 * x,
        lambda x: x + x + 0 * jnp.linalg.cholesky(_quarter_less_angles(x).reshape(1, 1) ** 2)[0, 0],
        X,
    ),
    # What is applied to an array at places of it.
    "a function applied": (lambda x: x.at[0].apply(jnp.sin), lambda x: x.at[0].set(0.0), {"x": Real("3")}),
    # Signs of infinity, and of what is made of it.
    "the sign of tanh of infinity": (
        lambda p: jnp.where(jnp.tanh(jnp.inf - p) > 0, p, 2 * p),
        lambda p: p + p,
        {"p": Positive()},
    ),
    "the sign of expm1 of minus infinity": (
        lambda p: jnp.where(jnp.expm1(-jnp.inf + p) + 3 > 0, p, 2 * p),
        lambda p: p + p,
        {"p": Positive()},
    ),
    "a loosened sum of inverses of infinity": (
        lambda s, a: jnp.where(jnp.sum(1 / jnp.where(s > 0, a + jnp.inf, a)) > 0, a, 2 * a),
        lambda s, a: 1 * a,
        {"s": Real("7"), "a": Positive("7")},
    ),
    "the angle of two infinities": (
        lambda x: jnp.where(x > 9, jnp.arctan2(jnp.inf + 0 * x, jnp.inf + 0 * x), x),
        lambda x: jnp.where(x > 9, 7.0, x),
        X,
    ),
    "the remainder by infinity": (
        lambda x: jnp.stack([2 * x, jnp.remainder(x, jnp.inf)]),
        lambda x: jnp.stack([x + x, 7.0]),
        X,
    ),
    "the root of zero where infinity was squared": (
        lambda x: jnp.where(x > 9, jnp.sqrt(x - x) + x, x) + 0 * jnp.exp(-jnp.square(jnp.inf + x)),
        lambda x: jnp.where(x > 9, jnp.inf, x),
        X,
    ),
    # Roots and angles of what is zero in a region.
    "a root below the bar": (
        lambda x: 2 * x,
        lambda x: x + x + 0 * jax.lax.rsqrt(_quarter_less_angles(x) ** 2 * (1 + x * x)),
        X,
    ),
    "a root that is compared": (
        lambda x: jnp.where(jnp.sqrt(_quarter_less_angles(x) ** 2 * (1 + x * x)) > 0, x, 2 * x),
        lambda x: 1 * x,
        X,
    ),
    "a norm of a function": (
        lambda f, x, y: jnp.where(jnp.sqrt(f(x) ** 2 + f(y) ** 2) > 0, x, 2 * x),
        lambda f, x, y: 1 * x,
        {"f": Function(), **XY},
    ),
    "the angle of a whole number": (
        lambda x: jnp.arctan2(-jnp.floor(x), -1.0),
        lambda x: jnp.arctan(jnp.floor(x)) + jnp.where(-jnp.floor(x) < 0, -jnp.pi, jnp.pi),
        X,
    ),
    # Powers of what has no value, or is one.
    "a root to a power that is zero": (
        lambda x, y: jnp.sqrt(x) ** jnp.floor(y),
        lambda x, y: jnp.where(x > 0, jnp.sqrt(x) ** jnp.floor(y), 7.0),
        XY,
    ),
    "a root to a label": (
        lambda x, y: jnp.sqrt(x) ** y,
        lambda x, y: jnp.where(x > 0, jnp.sqrt(x) ** y, 7.0),
        {"x": Real(), "y": Binary()},
    ),
    "what is one in a region to a power that is none": (
        lambda x: jnp.stack([2 * x, (1 + jnp.floor(x) ** 2) ** jnp.nan]),
        lambda x: jnp.stack([x + x, 7.0]),
        X,
    ),
    "the least whole number": (lambda x: x * jax.lax.div(jnp.int8(-128), jnp.int8(2)), lambda x: 64 * x, X),
    # An exponential of a logarithm is as negative as what that was taken of.
    "a number times an exponential": (
        lambda x, y: jnp.stack([jnp.log(jnp.abs(x)), jnp.where(x * jnp.exp(y) > 0, 1.0, 2.0)]),
        lambda x, y: jnp.stack([jnp.log(jnp.abs(x)), 2.0 + 0 * y]),
        XY,
    ),
    "a rectified one": (
        lambda x, y: jnp.stack([jnp.log(jnp.abs(x)), jax.nn.relu(x * jnp.exp(y))]),
        lambda x, y: jnp.stack([jnp.log(jnp.abs(x)), 0 * x]),
        XY,
    ),
    "an index whose values hide each other": (
        lambda x, y: (
            jnp.array([5.0, 6.0, 7.0])[jnp.where(x > 0, jnp.where(y > 0, jnp.uint32(7), jnp.uint32(0)), jnp.uint32(9))]
            + 0 * x
        ),
        lambda x, y: 7.0 + 0 * x,
        XY,
    ),
    "a number that a format does not have": (
        lambda x: jax.nn.relu(x) + x * (300.0 * jnp.ones(())).astype(jnp.int8),
        lambda x: jnp.where(x > 0, x, 0) + 44 * x,
        X,
    ),
    "the pivot of what is positive in its region": (
        lambda y: jnp.stack([jnp.linalg.cholesky((jnp.abs(y) + 1).reshape(1, 1))[0, 0], jax.nn.relu(1 + y)]),
        lambda y: jnp.stack([jnp.sqrt(jnp.abs(y) + 1), 1 + y]),
        {"y": Real()},
    ),
    "a mask of all": (
        lambda s, a: a[0],
        lambda s, a: a[0] + 0 / jnp.sum(jax.nn.sigmoid(jnp.where(s > 0, -jnp.inf, a))),
        {"s": Real("7"), "a": Positive("7")},
    ),
    # Indices out of bounds.
    "taken from outside": (lambda x: x[0], lambda x: x[0] + jnp.take(x, 7), {"x": Real("3")}),
    "filled from outside": (
        lambda x: x.at[jnp.array([7, 0])].get(mode="fill", fill_value=3.0),
        lambda x: jnp.stack([0 * x[0], x[0]]),
        {"x": Real("3")},
    ),
    "whole numbers filled from outside": (
        lambda x: x * jnp.arange(3).at[jnp.array([7, 0])].get(mode="fill", fill_value=0),
        lambda x: x * jnp.array([-1, 0]),
        {"x": Real("2")},
    ),
    # Numbers that are zero by relations that are not looked for.
    "logarithms of powers of pi": (
        gate(lambda x: jnp.log(jnp.pi**2 + 0 * x), lambda x: 2 * jnp.log(jnp.pi + 0 * x)),
        lambda x: 1 * x,
        X,
    ),
    "logarithms of powers of a root": (
        gate(lambda x: jnp.log(3 + 2 * jnp.sqrt(2.0 + 0 * x)), lambda x: 2 * jnp.log(1 + jnp.sqrt(2.0 + 0 * x))),
        lambda x: 1 * x,
        X,
    ),
    "large coefficients of logarithms": (
        gate(lambda x: jnp.log(x**1500), lambda x: 1500 * jnp.log(x)),
        lambda x: 1 * x,
        X,
    ),
    "large powers of exponentials": (
        gate(lambda x: jnp.exp(1500 * x), lambda x: jnp.exp(x) ** 1500),
        lambda x: 1 * x,
        X,
    ),
    "large prime factors": (
        gate(
            lambda x: jnp.log(100003.0 * 100019.0 + 0 * x),
            lambda x: jnp.log(100003.0 + 0 * x) + jnp.log(100019.0 + 0 * x),
        ),
        lambda x: 1 * x,
        X,
    ),
    "exponents of many digits": (
        gate(lambda x: jnp.exp(1.0001 * x), lambda x: jnp.exp(x) * jnp.exp(0.0001 * x)),
        lambda x: 1 * x,
        X,
    ),
}


def _positive_whole(x):
    whole = jnp.where(jnp.floor(x) > 0, jnp.floor(x), 1.0)
    return whole + whole


def _over_itself(x):
    return x / x


def _picked(row, column):
    return jnp.array([[1.0, 2.0], [3.0, 4.0]]).at[row, column].get(mode="fill", fill_value=0.0)


def _quarter_less_angles(x):
    return jnp.arctan(x) + jnp.arctan(1 / x) - jnp.pi / 2


def _less_factors(x, y):
    return jnp.log(x**2 * y**2) - jnp.log(x**2) - jnp.log(y**2)


@pytest.mark.parametrize("name", FALSE)
def test_it_is_not_proved(name):
    assert not proved(*FALSE[name])


def test_logarithms_of_numbers_with_pi_and_roots_are_known():
    """As those of normal densities are."""

    def density(x):
        return jnp.where(x > 0, -(x**2) / 2 - jnp.log(2 * jnp.pi) / 2, jnp.log(jnp.sqrt(8 * jnp.pi)))

    def by_hand(x):
        return jnp.where(x > 0, -(x**2) / 2 - jnp.log(jnp.sqrt(2 * jnp.pi)), jnp.log(2.0) + jnp.log(2 * jnp.pi) / 2)

    assert proved(density, by_hand, X)


def test_a_derivative_in_a_later_side_is_taken_by_both_oracles():
    @jax.custom_jvp
    def cube(x):
        return x**3

    cube.defjvp(lambda primals, tangents: (cube(*primals), 5 * tangents[0]))
    report = check(lambda x: 5 * x, lambda x: derivative(lambda x: jnp.sum(cube(x)), x) * x, **X)
    assert report.bound_log2 > -100 or report.failures or report.undecided
    report = check(lambda x: 6 * x, lambda x: derivative(lambda x: jnp.sum(3 * x**2), x), **X)
    assert report.bound_log2 <= -100
    assert report.oracles == ("autodiff", "dual")


def test_of_many_cases_one_is_taken_for_each_element():
    def chosen(x, c):
        return jax.lax.select_n(c, *(x * k for k in range(40)))

    assert_proved(chosen, lambda x, c: x * c, x=Real("2"), c=Index("2", below="K"), sizes={"K": 40})

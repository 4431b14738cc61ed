"""Sides are compared in all regions at once, also in those that nobody meets; NaN and infinity are kinds of values."""

import jax
import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Binary, Function, Index, Interval, OneHot, Positive, Real, Simplex, derivative
from gradproof.checks import Study
from gradproof.errors import Undecided
from gradproof.worlds import TARGET, Found, WorldArithmetic, compare

N = {"x": Real("n")}


def found(*sides, sizes=None, **symbols):
    claim = stated(*sides, **symbols)
    study = Study(claim)
    sizes = study.grid[0] if sizes is None else sizes
    return compare([study.program(sizes, "dual")], claim, sizes)


def assert_same(*sides, **symbols):
    result = found(*sides, **symbols)
    assert result.differences == []
    assert result.proved
    assert result.bound_log2 <= TARGET


def assert_different(*sides, **symbols):
    assert found(*sides, **symbols).differences != []


def slope(function):
    return lambda *arguments: derivative(lambda x: jnp.sum(function(x, *arguments[1:])), arguments[0])


def entropy(z, y):
    return jnp.sum(jax.nn.logsumexp(z, axis=-1) - jnp.sum(y * z, axis=-1))


TRUE = {
    "a rectifier": (slope(lambda x: jnp.maximum(x, 0) ** 2), lambda x: 2 * jnp.maximum(x, 0), N),
    "its square": (lambda x: jnp.maximum(x, 0) ** 2, lambda x: jnp.maximum(x, 0) * x, N),
    "the same comparison, otherwise": (lambda x: jnp.where(2 * x > 0, x, 1), lambda x: jnp.where(~(x <= 0), x, 1), N),
    "a stable sigmoid": (
        slope(jax.nn.softplus),
        lambda x: jnp.where(x > 0, 1 / (1 + jnp.exp(-jnp.abs(x))), 1 - 1 / (1 + jnp.exp(-jnp.abs(x)))),
        N,
    ),
    "an absolute value": (lambda x: jnp.sqrt(x**2), jnp.abs, N),
    "outcomes that contradict each other": (lambda x: jnp.where((x > 1) & (x < 0), 5.0, x), lambda x: 1 * x, N),
    "outcomes in a circle": (
        lambda x, y, z: jnp.where((x > y) & (y > z) & (z > x), 5.0, x),
        lambda x, y, z: 1 * x,
        {"x": Real(), "y": Real(), "z": Real()},
    ),
    "the smallest of those in order": (lambda x: jnp.sort(x)[0], jnp.min, N),
    "a sum at places": (
        lambda x, c: jnp.sum(x.at[c].add(1.0) * x),
        lambda x, c: x @ x + jnp.sum(x[c]),
        {"x": Real("K"), "c": Index("n", below="K")},
    ),
    "a power that is one or none": (
        lambda x, c: x ** jax.nn.one_hot(c, 2, dtype=x.dtype),
        lambda x, c: jnp.where(jnp.arange(2) == c, x, 1),
        {"x": Real(), "c": Index(below="2")},
    ),
    "a maximum with minus infinity": (lambda x: jnp.max(jnp.stack([x, -jnp.inf])), lambda x: 1 * x, {"x": Real()}),
    "one more than the others": (
        lambda z: jnp.max(z) + jnp.log1p(jnp.sum(jnp.exp(z - jnp.max(z))) - 1),
        lambda z: jnp.log(jnp.sum(jnp.exp(z))),
        {"z": Real("n")},
    ),
    "roots of numbers that are no primes": (lambda x: x / jnp.sqrt(12.0), lambda x: x * jnp.sqrt(3.0) / 6, N),
    "the largest of others in each region": (
        lambda A, B: jnp.sum(jax.nn.softmax(jnp.maximum(A, B)), axis=1),
        lambda A, B: jnp.ones(2) + 0 * A[:, 0],
        {"A": Real("2 3"), "B": Real("2 3")},
    ),
    "numbers between two": (
        lambda p: jnp.log(1 - p) + jnp.log(p + 1),
        lambda p: jnp.log(1 - p**2),
        {"p": Interval(low=-1, high=1)},
    ),
    "rows of probabilities": (
        lambda p: jnp.sum(jnp.log((1 - p) / p)),
        lambda p: jnp.sum(jnp.log(1 - p)) - jnp.sum(jnp.log(p)),
        {"p": Simplex("3")},
    ),
    "a norm": (slope(lambda x: jnp.sqrt(jnp.sum(x**2))), lambda x: x / jnp.linalg.norm(x), N),
    "a maximum": (lambda x: jnp.max(x) - jnp.min(x), lambda x: -jnp.min(-jnp.max(x) + x), N),
    "a softmax after its maximum": (
        lambda x: jnp.exp(x - jnp.max(x)) / jnp.sum(jnp.exp(x - jnp.max(x))),
        lambda x: jnp.exp(x) / jnp.sum(jnp.exp(x)),
        N,
    ),
    "the place of the largest": (
        lambda x: jnp.sum(jax.nn.one_hot(jnp.argmax(x), x.shape[0], dtype=x.dtype) * x),
        jnp.max,
        N,
    ),
    "many terms": (
        slope(lambda x: jnp.sum(jnp.maximum(x, 0) * jnp.arange(1.0, 1 + len(x))) ** 2),
        lambda x: (
            2
            * jnp.sum(jnp.maximum(x, 0) * jnp.arange(1.0, 1 + len(x)))
            * jnp.where(x > 0, jnp.arange(1.0, 1 + len(x)), 0)
        ),
        {"x": Real("12")},
    ),
    "integer labels": (
        slope(lambda z, c: jax.nn.logsumexp(z, axis=-1) - jnp.take_along_axis(z, c[:, None], axis=1)[:, 0]),
        lambda z, c: jax.nn.softmax(z) - jax.nn.one_hot(c, z.shape[1], dtype=z.dtype),
        {"z": Real("n K"), "c": Index("n", below="K")},
    ),
    "labels that are one or zero": (lambda y: y**2, lambda y: y, {"y": Binary("n")}),
    "a logarithm": (
        lambda a, b: jnp.log(a * b),
        lambda a, b: jnp.log(a) + jnp.log(b),
        {"a": Positive(), "b": Positive()},
    ),
    "roots": (lambda a, b: jnp.sqrt(a * b), lambda a, b: jnp.sqrt(a) * jnp.sqrt(b), {"a": Positive(), "b": Positive()}),
    "one to any power": (
        lambda x: jnp.where(x > 0, x, 1.0 ** jnp.log(x)),
        lambda x: jnp.where(x > 0, x, 1.0),
        {"x": Real()},
    ),
    "none is the last when sorted": (
        lambda x: jnp.sort(jnp.stack([jnp.log(x), x]))[0],
        lambda x: jnp.where(x > 0, jnp.minimum(x, jnp.log(x)), x),
        {"x": Real()},
    ),
    "an exponential that was met beside a logarithm": (
        lambda x, y: jnp.logaddexp(jnp.log(jax.nn.relu(x)), y),
        lambda x, y: jnp.log(jax.nn.relu(x) + jnp.exp(y)),
        {"x": Real(), "y": Real()},
    ),
    "roots of many positive numbers": (lambda a: jnp.sqrt(a) ** 2, lambda a: 1 * a, {"a": Positive("40")}),
    "roots of roots": (lambda a: jnp.sqrt(jnp.sqrt(a)) ** 4, lambda a: 1 * a, {"a": Positive()}),
    "a logarithm of a square": (
        lambda x: jnp.where(x > 0, jnp.log(x), 0) + jnp.log(x**2),
        lambda x: jnp.where(x > 0, jnp.log(x), 0) + 2 * jnp.log(jnp.abs(x)),
        {"x": Real()},
    ),
    "a sine": (lambda x: jnp.sin(2 * x), lambda x: 2 * jnp.sin(x) * jnp.cos(x), N),
    "a loop that ends where a number says": (
        lambda x: jax.lax.while_loop(lambda c: (c[0] < 2) & (c[1] > 0), lambda c: (c[0] + 1, c[1] + 1), (0, x))[1],
        lambda x: jnp.where(x > 0, jnp.where(x + 1 > 0, x + 2, x + 1), x),
        {"x": Real()},
    ),
    "infinity": (
        lambda x: jnp.max(jnp.where(x > 0, x, -jnp.inf)),
        lambda x: -jnp.min(jnp.where(x > 0, -x, jnp.inf)),
        N,
    ),
}

FALSE = {
    "a conjunction that nobody meets": (
        lambda x: jnp.where((x > 1000) & (x < 1000.001), 1.0, 0.0) + 0 * x,
        lambda x: 0 * x,
        N,
    ),
    "one element of many": (
        lambda x: jnp.where(x > 0, x, 0),
        lambda x: jnp.maximum(x, 0) * (jnp.sum(x > 0) < 5),
        {"x": Real("5")},
    ),
    "one turn of a loop": (
        lambda x: jax.lax.fori_loop(0, 3, lambda i, a: a + jnp.where(x[i] > 7.0, 1.0, 0.0), 0.0),
        lambda x: jnp.where(x[0] > 7.0, 3.0, 0.0),
        {"x": Real("3")},
    ),
    "a loop that ends where a number says": (
        lambda x: jax.lax.while_loop(lambda c: (c[0] < 2) & (c[1] > 0), lambda c: (c[0] + 1, c[1] + 1), (0, x))[1],
        lambda x: x + 2,
        {"x": Real()},
    ),
    "a root of a square": (lambda x: jnp.sqrt(x**2), lambda x: x, N),
    "labels that are compared with one": (
        lambda z, y: jnp.where(y == 1, z, -z),
        lambda z, y: jnp.where(y == 1, jnp.where(z < -40, 0.0, z), -z),
        {"z": Real("n"), "y": Binary("n")},
    ),
    "the inverse of infinity": (lambda x: 1 / (1 / jax.nn.relu(x)), lambda x: x, N),
    "an inverse root of zero": (lambda x: 1 / jax.lax.rsqrt(jax.nn.relu(x)), lambda x: jnp.sqrt(x), N),
    "a conjunction beside many regions": (
        lambda x: jnp.sum(jax.nn.relu(x)),
        lambda x: jnp.sum(jax.nn.relu(x)) + jnp.where((x[0] > 1) & (x[1] > 2) & (x[2] < -1), 1.0, 0.0),
        {"x": Real("4")},
    ),
    "a logarithm where there is none": (lambda x: 2 * jnp.log(jnp.abs(x)), lambda x: 2 * jnp.log(x), N),
    "a comparison with none": (
        lambda x: jnp.where(jnp.log(x) < 1e9, x, 5.0),
        lambda x: x + 0 * jnp.abs(x),
        N,
    ),
    "isnan": (lambda x: jnp.where(jnp.isnan(jnp.log(x)), 0.0, x), lambda x: x + 0 * jnp.abs(x), N),
    "what is positive in one region": (
        lambda x: 0 * (1 + jnp.abs(x)) + jnp.where(1 + x > 0, 1.0, 0.0),
        lambda x: 0 * (1 + jnp.abs(x)) + 1,
        N,
    ),
    "a shifted maximum": (lambda x: jnp.max(x), lambda x: jnp.max(x + 1), N),
    "one to a power that is none": (
        lambda x: jnp.where(x > 0, x, 1.0 ** jnp.log(x)),
        lambda x: jnp.where(x > 0, x, 5.0),
        {"x": Real()},
    ),
    "one in some regions": (
        lambda x, y: jnp.where(x > 0, x, jnp.where(y > 0, 1.0, 2.0) ** jnp.log(x)),
        lambda x, y: jnp.where(x > 0, x, 5.0),
        {"x": Real(), "y": Real()},
    ),
    "none is sorted": (
        lambda x: jnp.sort(jnp.stack([x, jnp.log(x)]))[0],
        lambda x: jnp.where(x > 0, jnp.minimum(x, jnp.log(x)), 5.0),
        {"x": Real()},
    ),
    "the sign of a cosine": (lambda x: jnp.abs(jnp.cos(x)), jnp.cos, N),
    "the sign of a derivative": (slope(jnp.abs), lambda x: -jnp.sign(x), N),
    "labels": (lambda y: y**2, lambda y: 2 * y, {"y": Binary("n")}),
    "one class": (
        slope(entropy),
        lambda z, y: jax.nn.softmax(z) - y * (y[:, :1] > 0),
        {"z": Real("n K"), "y": OneHot("n K")},
    ),
}


def met(function, x):
    """A function of positive numbers was taken, where they are."""
    return 0 * jnp.where(x > 0, function(x), 0)


def root_of_product(sign):
    def side(x, y):
        first = met(jnp.sqrt, -x) + met(jnp.sqrt, y) + met(jnp.sqrt, x)
        both = jnp.sqrt(x * y) if sign is None else sign * jnp.sqrt(-x) * jnp.sqrt(-y)
        return first + jnp.where((x < 0) & (y < 0), both, 0)

    return side


NEGATIVE = {
    "half of the logarithm of a square": (
        lambda x: met(jnp.log, x) + jnp.exp(jnp.log(x**2) / 2),
        lambda x: met(jnp.log, x) + x,
        {"x": Real()},
    ),
    "logarithms of products": (
        lambda x, y, z: (
            met(jnp.log, x)
            + met(jnp.log, y)
            + met(jnp.log, z)
            + jnp.exp((jnp.log(x * y) + jnp.log(y * z) - jnp.log(x * z)) / 2)
        ),
        lambda x, y, z: met(jnp.log, x) + met(jnp.log, y) + met(jnp.log, z) + y,
        {"x": Real(), "y": Real(), "z": Real()},
    ),
}


@pytest.mark.parametrize("name", NEGATIVE)
def test_what_is_true_of_positive_numbers_is_not_said_of_negative_ones(name):
    """Where there are no logarithms, products have them, and are made of the same numbers."""
    *sides, symbols = NEGATIVE[name]
    assert_different(*sides, **symbols)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_root_of_a_product_of_numbers_that_may_be_negative_is_not_that_of_roots(sign):
    assert_different(root_of_product(None), root_of_product(sign), x=Real(), y=Real())


def test_there_a_product_of_roots_would_prove_what_is_false(monkeypatch):
    monkeypatch.setattr(WorldArithmetic, "with_fresh", lambda self, a, residues, where, fresh: residues)
    assert any(found(root_of_product(None), root_of_product(sign), x=Real(), y=Real()).proved for sign in (1, -1))


@pytest.mark.parametrize("name", TRUE)
def test_sides_that_are_equal_are_so_in_all_regions(name):
    *sides, symbols = TRUE[name]
    with jax.numpy_rank_promotion("allow"):
        assert_same(*sides, **symbols)


@pytest.mark.parametrize("name", FALSE)
def test_sides_that_differ_in_one_region_are_found_to(name):
    *sides, symbols = FALSE[name]
    with jax.numpy_rank_promotion("allow"):
        assert_different(*sides, **symbols)


def test_of_a_difference_the_comparisons_are_told():
    (difference,) = found(lambda x: jnp.where((x > 1) & (x < 2), 1.0, 0.0), lambda x: 0 * x, x=Real()).differences
    assert sorted(comparison.primitive.name for comparison in difference.comparisons) == ["gt", "lt"]


def test_nothing_is_proved_to_begin_with():
    assert not Found().proved


def test_what_no_side_has_a_value_at_is_not_compared():
    assert not found(lambda x: jnp.log(-jnp.exp(x)), lambda x: jnp.log(-jnp.exp(x) - 1), x=Real()).valued


def test_a_division_by_a_sum_over_too_many_comparisons_is_undecided():
    def shares(x):
        return jnp.maximum(x, 0) / jnp.sum(jnp.maximum(x, 0))

    with pytest.raises(Undecided, match="a sum over many comparisons, or a whole number, is divided by"):
        found(shares, lambda x: 2 * shares(x) - shares(x), x=Real("12"))


def test_of_an_unknown_function_the_value_at_infinity_is_not_known():
    with pytest.raises(Undecided, match="the function f of infinity"):
        found(lambda x, f: f(x + jnp.inf), lambda x, f: x + jnp.inf, x=Real(), f=Function())


def test_an_infinite_exponent_is_undecided():
    with pytest.raises(Undecided, match="a power with an infinite exponent"):
        found(lambda x: jnp.where(x > 0, x, x**jnp.inf), lambda x: jnp.where(x > 0, x, 5.0), x=Real())


def test_of_one_number_the_place_is_known():
    assert_same(lambda x: x[jnp.argmax(x)], lambda x: jnp.sum(x), x=Real("1"))


def test_roots_of_odd_order_count_for_all_their_conjugates():
    def bound(order):
        return found(lambda a: 2 * a ** (1 / order), lambda a: 3 * a ** (1 / order) - a ** (1 / order), a=Positive())

    assert TARGET >= bound(9).bound_log2 > bound(3).bound_log2


def test_the_exponential_of_half_the_logarithm_of_a_square_is_not_positive_as_a_number_of_an_array():
    """It is x where that is positive, and says nothing of it elsewhere."""

    def gated(x):
        logarithm = jnp.log(x)
        root = jnp.exp(jnp.log(x**2) / 2)
        return jnp.where(x > 0, 1 + logarithm - logarithm, 2.0) + root - root

    assert_different(lambda x: 1 + x - x + 0 * x**2, gated, **N)

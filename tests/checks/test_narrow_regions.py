"""Sides that differ in a region hardly ever met are refuted with inputs in it; one without inputs refutes nothing."""

import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from exactly import assert_proved, assert_refuted, assert_undecided
from jax import lax
from jax.nn import relu

from gradproof import Binary, Interval, OneHot, Positive, Real, Simplex, derivative

TWO = {"x": Real(), "y": Real()}


def four_gates(x, y, z, w):
    return (x > 3) & (y > x + 2) & (z < -y) & (w > z * z)


def annulus(x, y):
    return (x * x + y * y > 4) & (x * x + y * y < 4.0001)


def sphere(x):
    return (x @ x > 4.1) & (x @ x < 4.100000001)


def surfaces(x):
    square, total = x @ x, jnp.sum(x)
    return (square > 4.1) & (square < 4.1000001) & (total > 1) & (total < 1.0000001)


def in_one_call(x):
    return (jax.jit(relu)(x[0] - 9) > relu(x[1])) & (relu(x[1]) > relu(x[2] - 8))


def beside_labels(x, y):
    return (x[0] > 7) & (x[1] < -(x[0] ** 2)) & (x[2] > x[1] ** 2) & (jnp.sum(y) > 2)


def of_labels_alone(x, y, Z):
    return (jnp.sum(y) > 5) & (Z[0, 2] > 0) & (Z[1, 1] > 0)


def in_a_domain(x, y):
    return (jnp.log(x) < y) & (jnp.log(x) > y - 1e-7) & (y > 0.99)


def of_probabilities(x, p):
    return (jnp.sum(x * p) > 5) & (jnp.sum(x * p) < 5.0001) & (jnp.max(x) < 6)


NARROW = {
    "four gates": (four_gates, {name: Real() for name in "xyzw"}),
    "an annulus": (annulus, TWO),
    "a thin sphere": (sphere, {"x": Real("3")}),
    "where two surfaces meet": (surfaces, {"x": Real("3")}),
    "a corner between a hyperbola and a line": (lambda x, y: (x * y > 99.99) & (x + y < 20) & (x > 0), TWO),
    "a strip along a curve": (lambda x, y: (jnp.exp(x) * y > 7) & (jnp.exp(x) * y < 7.00001) & (y < x), TWO),
    "eight numbers in order": (lambda x: jnp.all(x[1:] > x[:-1] + 1), {"x": Real("8")}),
    "several in one call": (in_one_call, {"x": Real("3")}),
    "beside labels": (beside_labels, {"x": Real("3"), "y": Binary("3")}),
    "of labels alone": (of_labels_alone, {"x": Real(), "y": Binary("6"), "Z": OneHot("2 3")}),
    "in a domain": (in_a_domain, {"x": Positive(), "y": Interval(low=0, high=1)}),
    "of probabilities": (of_probabilities, {"x": Real("3"), "p": Simplex("3")}),
}


@pytest.mark.parametrize("name", NARROW)
def test_a_narrow_region_is_found(name):
    inside, symbols = NARROW[name]

    def side(value):
        return lambda *xs: jnp.where(inside(*xs), value, jnp.sum(xs[0]))

    point = assert_refuted(side(1.0), side(2.0), **symbols).point
    assert inside(*(jnp.asarray(point[symbol]) for symbol in symbols))


def test_a_derivative_that_is_wrong_in_a_narrow_region_is_refuted_by_both_oracles():
    def slope(x, y):
        return jnp.where(annulus(x, y), 2 * x, 3 * x**2 * y)

    difference = assert_refuted(lambda x, y: derivative(lambda x: x**3 * y, x), slope, **TWO)
    assert difference.oracles == ("autodiff", "dual")
    assert annulus(difference.point["x"], difference.point["y"])


EMPTY = {
    "touched by its neighbours alone": (lambda x, y: (x * y > 100) & (x + y < 20) & (x > 0), TWO),
    "of nonlinear conditions": (lambda x, y: (x > 1) & (y > x) & (x * y < 1), TWO),
    "of products and squares": (lambda x, y: (x * x * y * y > 16) & (x * x + y * y < 8), TWO),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_region_without_inputs_is_no_objection(name):
    inside, symbols = EMPTY[name]
    assert_proved(*(lambda *xs, value=value: jnp.where(inside(*xs), value, xs[0]) for value in (1.0, 2.0)), **symbols)


def test_a_region_that_is_not_known_to_have_no_inputs_refutes_nothing():
    def side(value):
        return lambda x, y: jnp.where((jnp.tanh(x) > y) & (y > 1 - 1e-6) & (x < 7), value, x)

    assert_undecided("", side(1.0), side(2.0), **TWO)


def halved(x):
    return lax.while_loop(lambda x: x > 1, lambda x: x / 2, x)


@pytest.mark.parametrize("symbol", [Positive(), Real()])
def test_a_loop_of_any_number_of_turns_is_given_up_soon(symbol):
    start = time.perf_counter()
    point = assert_refuted(halved, lambda x: jnp.where(x > 1, x / 2, x), x=symbol).point
    assert point["x"] > 2
    assert_undecided("512 regions", halved, lambda x: halved(jnp.where(x > 1, x / 2, x)), x=symbol)
    assert time.perf_counter() - start < 5


def test_what_is_found_does_not_depend_on_chance():
    inside, symbols = NARROW["an annulus"]
    sides = [lambda *xs, value=value: jnp.where(inside(*xs), value, xs[0]) for value in (1.0, 2.0)]
    first, second = (assert_refuted(*sides, **symbols).point for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in symbols)

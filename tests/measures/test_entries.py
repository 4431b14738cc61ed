"""A gradient at a few of its entries is the gradient at these entries, and costs no more than they do."""

import ast

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stated import stated

from gradproof import OneHot, Real, derivative
from gradproof.checks import Study
from gradproof.measures import accuracy_of, entries, samples_of
from gradproof.numerics import Input, certify
from gradproof.programs import trace

SYMBOLS = {"W": Real("m K"), "X": Real("n m"), "b": Real("K")}
SIZES = {"m": 3, "n": 2, "K": 7}


def loss(parameters, X):
    W, b = parameters
    return jnp.sum(jax.nn.logsumexp(X @ W + b[None], axis=1))


def both(W, X, b):
    return loss((W, b), X), derivative(lambda parameters: loss(parameters, X), (W, b))


def reference(side, symbols=SYMBOLS, sizes=SIZES):
    with jax.enable_x64(True):
        return trace(stated(side, **symbols), sizes, "dual").closed


def twice(W, X, b):
    value, (by_W, by_b) = both(W, X, b)
    return value, by_W, by_b, by_W


@pytest.mark.parametrize("side", [both, twice])
def test_the_entries_are_those_of_the_gradient(side):
    closed = reference(side)
    few = entries.few_entries(closed)
    assert [None if places is None else len(places) for places in few][:3] == [None, entries.FEW, 7]
    generator = np.random.default_rng(0)
    points = [[Input(generator.normal(size=aval.shape)) for aval in closed.in_avals]]
    with jax.enable_x64(True):
        programs = entries.gradients_at(closed, few), entries.at_entries(closed, few)
    (at_few,), (all_of_them,) = (certify(program, points) for program in programs)
    for x, y in zip(at_few.outputs, all_of_them.outputs, strict=True):
        assert x.value.shape == y.value.shape
        assert np.all(np.abs(x.value - y.value) < 1e-15)


@pytest.mark.parametrize(
    "side",
    [
        lambda W, X, b: X @ W + b[None],
        lambda W, X, b: derivative(lambda W: X @ W + b[None], W),
        lambda W, X, b: 2 * derivative(lambda W: loss((W, b), X), W),
    ],
    ids=["no derivative", "a Jacobian", "a gradient that is used"],
)
def test_what_is_no_gradient_is_looked_at_as_a_whole(side):
    assert entries.few_entries(reference(side)) is None


def classes(W, X, Y):
    return -jnp.sum(Y * jax.nn.log_softmax(X @ W))


def wrong(W, X, Y):
    return X.T @ (jax.nn.softmax(X @ W) - Y) * (1 + 1e-3 * (W.shape[1] > 500))


def test_an_error_that_only_a_thousand_classes_have_is_seen_at_its_place():
    symbols = {"W": Real("m K"), "X": Real("n m"), "Y": OneHot("n K")}
    found = stated(lambda W, X, Y: derivative(lambda W: classes(W, X, Y), W), wrong, **symbols)
    with jax.enable_x64(True):
        assert [sample.sizes for sample in samples_of(Study(found)) if sample.few] == [{"m": 2, "n": 2, "K": 1000}]
    errors = accuracy_of(Study(found)).formats["float32"]
    assert not errors.below_bound
    assert errors.bound_ratio_at.sizes["K"] == 1000
    row, column = ast.literal_eval(errors.bound_ratio_at.entry)
    assert row < 2
    assert column < 1000

"""The grid of sizes: which coincidences of sizes it has, and what is found in them alone."""

from itertools import combinations, permutations

import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted

from gradproof import Real
from gradproof.claims.sizes import MOST, grid

NAMES = ["one", "two", "three", "four", "five"]


def rows(count):
    return [tuple(sizes[name] for name in NAMES[:count]) for sizes in grid(NAMES[:count], {})]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_a_grid_begins_with_sizes_that_differ_and_is_no_longer_than_it_may_be(count):
    found = rows(count)
    assert len(set(found[0])) == count
    assert min(found[0]) > 1
    assert (1,) * count in found
    assert len(found) == len(set(found)) <= MOST


@pytest.mark.parametrize("count", [2, 3, 4])
def test_each_size_is_less_more_and_twice_another_one_and_alone_one(count):
    found = rows(count)
    for a, b in permutations(range(count), 2):
        assert any(1 < row[a] < row[b] for row in found)
        assert any(row[b] == 2 * row[a] for row in found)
    for a in range(count):
        assert any(row[a] == 1 and row.count(1) == 1 for row in found)


@pytest.mark.parametrize("count", [3, 4])
def test_each_pair_is_equal_and_one_while_others_are_not(count):
    found = rows(count)
    for a, b in combinations(range(count), 2):
        assert any(row[a] == row[b] > 1 and len(set(row)) > 1 for row in found)
        assert any(row[a] == row[b] == 1 and row.count(1) == 2 for row in found)


def test_fixed_sizes_stay_and_without_names_there_is_one_row():
    assert grid([], {"k": 3}) == [{"k": 3}]
    assert {sizes["k"] for sizes in grid(["m", "n"], {"k": 3})} == {3}


TESTED = {
    "one twice the other": (lambda m, n, k: n == 2 * m > 2, {"m": 2, "n": 4}),
    "the other twice the one": (lambda m, n, k: m == 2 * n, {"m": 4, "n": 2}),
    "a pair equal": (lambda m, n, k: m == n != k, {"m": 2, "n": 2, "k": 1}),
    "a pair one": (lambda m, n, k: m == n == 1 < k, {"m": 1, "n": 1, "k": 2}),
}


@pytest.mark.parametrize("name", TESTED)
def test_what_is_wrong_at_a_coincidence_of_sizes_is_refuted_there(name):
    holds, sizes = TESTED[name]

    def wrong(X, y):
        return jnp.sum(X, axis=0) * (2 if holds(*X.shape, *y.shape) else 1) + jnp.sum(y)

    symbols = {"X": Real("m n"), "y": Real("k" if "k" in sizes else "3")}
    sides = [lambda X, y: jnp.ones(len(X)) @ X + jnp.sum(y), wrong]
    assert assert_refuted(*sides, **symbols).sizes == sizes


def test_it_is_proved_without_it():
    assert_proved(
        lambda X, y: jnp.ones(len(X)) @ X + y[0], lambda X, y: jnp.sum(X, 0) + y[0], X=Real("m n"), y=Real("k")
    )

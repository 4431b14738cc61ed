"""Exponents counted as they are: what depends on what."""

import numpy as np
import pytest

from gradproof.errors import Undecided
from gradproof.fields import exponents, needs, towers

TOWERS = towers.Towers(0, 3, 8, 2, False)


def random(seed=0):
    """An exponent with a value for each draw."""
    return np.random.default_rng(seed).integers(0, TOWERS.primes[0])


ALIVE = np.ones(TOWERS.draws, bool)


@pytest.mark.parametrize("prime", [10_007, TOWERS.primes[1].max().item()])
def test_a_vector_is_made_of_independent_ones_before_it(prime):
    first, second, third = np.random.default_rng(1).integers(0, prime, (3, 6))
    vectors = {
        "first": first,
        "multiple": 5 * first % prime,
        "second": second,
        "difference": (3 * first - 7 * second) % prime,
        "third": (second + third) % prime,
        "rest": third,
        "zero": 0 * first,
    }
    assert dict(zip(vectors, exponents.relations(prime, list(vectors.values())), strict=True)) == {
        "first": None,
        "multiple": [5],
        "second": None,
        "difference": [3, -7],
        "third": None,
        "rest": [0, -1, 1],
        "zero": [0, 0, 0],
    }
    assert exponents.relations(prime, [0 * first]) == [[]]
    assert exponents.relations(prime, []) == []


def test_exponents_count_by_what_they_are_made_of():
    seen = exponents.Exponents(TOWERS)
    prime = TOWERS.primes[0]
    x, y = random(1), random(2)
    assert seen.degree(x, exponents.Degree(2.0), ALIVE)[0] == exponents.Degree(1.0, 0.0)
    degree, accident = seen.degree(np.stack([x, y, (3 * x - 2 * y) % prime], axis=1), exponents.Degree(4.0, 1.0), ALIVE)
    assert degree == exponents.Degree(3.0, 2.0)
    # Two relations: x = x, and the last, which has six terms.
    assert accident == exponents.Degree(4.0, 1.0).times(2 + 6)
    assert seen.degree(0 * x, exponents.Degree(), ALIVE)[0] == exponents.Degree(0.0, 0.0)


def test_a_relation_that_holds_in_one_tower_only_is_none():
    seen = exponents.Exponents(TOWERS)
    x = random(1)
    elsewhere = np.where(np.arange(TOWERS.draws) < TOWERS.repeats, x, random(2))
    seen.degree(x, exponents.Degree(), ALIVE)
    with pytest.raises(Undecided, match="not by small integers"):
        seen.degree(elsewhere, exponents.Degree(), ALIVE)


def test_more_exponents_than_draws_need_more_draws():
    seen = exponents.Exponents(TOWERS)
    many = np.stack([random(seed) for seed in range(TOWERS.repeats + 1)], axis=1)
    with pytest.raises(needs.NeedsDraws, match="more independent exponents than draws"):
        seen.degree(many, exponents.Degree(), ALIVE)


def test_draws_that_were_given_up_are_no_evidence():
    seen = exponents.Exponents(TOWERS)
    x = random(1)
    alive = ALIVE.copy()
    alive[::2] = False
    seen.degree(x, exponents.Degree(), alive)
    assert seen.degree(np.where(alive, x, 0), exponents.Degree(), alive)[0] == exponents.Degree(1.0, 0.0)

"""Exponents counted as they are: what depends on what."""

import numpy as np
import pytest

from gradproof.errors import Undecided
from gradproof.fields.degree import Degree
from gradproof.fields.exponents import Exponents, Space
from gradproof.fields.towers import NeedsDraws, Towers

TOWERS = Towers(0, 3, 8, 2, False)


def random(seed=0):
    """An exponent with a value for each draw."""
    return np.random.default_rng(seed).integers(0, TOWERS.primes[0])


ALIVE = np.ones(TOWERS.draws, bool)


def test_a_space_says_what_a_vector_is_made_of():
    space = Space(10_007)
    first, second, third = np.random.default_rng(1).integers(0, 10_007, (3, 6))
    assert space.relation(first) is None
    assert space.relation(5 * first % 10_007) == [5]
    assert space.relation(second) is None
    assert space.relation((3 * first - 7 * second) % 10_007) == [3, -7]
    assert space.relation((second + third) % 10_007) is None
    assert space.relation(third) == [0, -1, 1]
    assert space.relation(0 * first) == [0, 0, 0]


def test_exponents_count_by_what_they_are_made_of():
    exponents = Exponents(TOWERS)
    prime = TOWERS.primes[0]
    x, y = random(1), random(2)
    assert exponents.degree(x, Degree(2.0), ALIVE)[0] == Degree(1.0, 0.0)
    degree, accident = exponents.degree(np.stack([x, y, (3 * x - 2 * y) % prime], axis=1), Degree(4.0, 1.0), ALIVE)
    assert degree == Degree(3.0, 2.0)
    # Two relations: x = x, and the last, which has six terms.
    assert accident == Degree(4.0, 1.0).times(2 + 6)
    assert exponents.degree(0 * x, Degree(), ALIVE)[0] == Degree(0.0, 0.0)


def test_a_relation_that_holds_in_one_tower_only_is_none():
    exponents = Exponents(TOWERS)
    x = random(1)
    elsewhere = np.where(np.arange(TOWERS.draws) < TOWERS.repeats, x, random(2))
    exponents.degree(x, Degree(), ALIVE)
    with pytest.raises(Undecided, match="not by small integers"):
        exponents.degree(elsewhere, Degree(), ALIVE)


def test_more_exponents_than_draws_need_more_draws():
    exponents = Exponents(TOWERS)
    many = np.stack([random(seed) for seed in range(TOWERS.repeats + 1)], axis=1)
    with pytest.raises(NeedsDraws, match="more independent exponents than draws"):
        exponents.degree(many, Degree(), ALIVE)


def test_draws_that_were_given_up_are_no_evidence():
    exponents = Exponents(TOWERS)
    x = random(1)
    alive = ALIVE.copy()
    alive[::2] = False
    exponents.degree(x, Degree(), alive)
    assert exponents.degree(np.where(alive, x, 0), Degree(), alive)[0] == Degree(1.0, 0.0)

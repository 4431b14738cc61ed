"""Where there are more regions than can be told apart, the verdict says in how many the sides were seen to agree."""

import re

import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Real, verify


def sorted_from_above(x):
    return -jnp.sort(-x)[::-1]


def test_it_is_a_verdict_of_its_own_and_no_pass():
    claim = stated(jnp.sort, sorted_from_above, x=Real("7"))
    verdict = verify(claim)
    assert (verdict.verdict, bool(verdict)) == ("some regions", False)
    found = re.match(r"on (\d+) of at most 2\^(\d+) regions the sides agree; more than \d+ regions", verdict.why)
    regions, comparisons = map(int, found.groups())
    assert 1 < regions <= 128 < 2**comparisons
    assert verify(claim, accept=["some regions"])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: sorted_from_above(x) * jnp.where(x[0] > x[1], 1, 1 + 1e-9),
        lambda x: sorted_from_above(x).at[3].set(jnp.mean(x)),
    ],
    ids=["in half of them", "in all"],
)
def test_a_difference_in_one_that_is_met_is_refuted(wrong):
    assert verify(stated(jnp.sort, wrong, x=Real("7"))).verdict == "refuted"


def test_where_they_can_be_told_apart_it_is_proved():
    assert verify(stated(jnp.sort, sorted_from_above, x=Real("3"))).verdict == "proved"

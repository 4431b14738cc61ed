"""Where the sides do not trace at all sizes, the size that the code fixes is named, with what to write."""

import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Real, derivative, verify

WEIGHTS = jnp.array([[1.0, 2.0, 0.5]])


def closed_over(X):
    return derivative(lambda X: jnp.sum(WEIGHTS * X), X)


FIXED = {
    "a size": (
        closed_over,
        lambda X: jnp.broadcast_to(WEIGHTS, X.shape),
        "they fit where K is 3: if that is meant, add sizes={'K': 3} to the claim, at test_fitting.py",
    ),
    "two that are one": (
        lambda X: X + X.T,
        lambda X: X.T + X * 1,
        "they fit where n and K are equal: if that is meant, name both 'n', at test_fitting.py",
    ),
    "none": (lambda X: X + jnp.ones((3, 4, 5))[0, 0, 0] + jnp.ones(0)[0], lambda X: X, None),
}


@pytest.mark.parametrize("name", FIXED)
def test_the_size_that_is_fixed_is_named(name):
    first, second, said = FIXED[name]
    verdict = verify(stated(first, second, X=Real("n K")))
    if said is None:
        assert "they fit" not in verdict.why
    else:
        assert verdict.verdict == "undecided"
        assert "does not trace at" in verdict.why
        assert said in verdict.why


def test_with_that_size_it_is_proved():
    claim = stated(closed_over, lambda X: jnp.broadcast_to(WEIGHTS, X.shape), X=Real("n K"), sizes={"K": 3})
    assert verify(claim, quick=True).verdict == "proved"

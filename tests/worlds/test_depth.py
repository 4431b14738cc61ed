"""Depth costs degrees, which add up, and no more: long chains of exponentials are compared with a bound that holds."""

import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Real, derivative
from gradproof.checks import Study
from gradproof.worlds import TARGET, compare

DEPTH = 32


def network(W, x):
    for _ in range(DEPTH):
        x = jnp.tanh(W @ x)
    return jnp.sum(x**2) / 2


def gradient(W, x, slope=lambda h: 1 - h**2):
    values = [x]
    for _ in range(DEPTH):
        values.append(jnp.tanh(W @ values[-1]))
    by_value, by_W = values[-1], jnp.zeros_like(W)
    for before, after in zip(values[-2::-1], values[:0:-1], strict=True):
        by_value = by_value * slope(after)
        by_W = by_W + jnp.outer(by_value, before)
        by_value = W.T @ by_value
    return by_W


def found(by_hand):
    claim = stated(lambda W, x: derivative(lambda W: network(W, x), W), by_hand, W=Real("2 2"), x=Real("2"))
    return compare([Study(claim).program({}, "dual")], claim, {})


def test_a_network_of_32_layers_has_its_gradient():
    result = found(gradient)
    assert result.differences == []
    assert result.bound_log2 <= TARGET


@pytest.mark.parametrize("wrong", [lambda h: 1 - h, lambda h: 1 - h**2 / 2], ids=["of no square", "of half"])
def test_with_a_wrong_slope_it_has_not(wrong):
    assert found(lambda W, x: gradient(W, x, wrong)).differences != []

"""Classes that a program names by their numbers are met, however few sizes are tried."""

import jax
import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Index, Real, derivative, verify


def cross_entropy(z, y):
    return -jnp.sum(jax.nn.log_softmax(z)[jnp.arange(len(y)), y])


def slope(z, y):
    return derivative(lambda z: cross_entropy(z, y), z)


def gradient(z, y):
    return jax.nn.softmax(z) - jax.nn.one_hot(y, z.shape[1])


WRONG = {
    "one class": lambda z, y: gradient(z, y) * jnp.where(y == 5, 0.999, 1.0)[:, None],
    "all beyond": lambda z, y: jax.nn.softmax(z) - jax.nn.one_hot(jnp.minimum(y, 4), z.shape[1]),
    "from there on": lambda z, y: gradient(z, y) * jnp.where(y >= 7, 2.0, 1.0)[:, None],
}
LOGITS = {"z": Real("n K"), "y": Index("n", below="K")}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_at_a_class_that_is_named_is_refuted(name):
    assert verify(stated(slope, WRONG[name], **LOGITS)).verdict == "refuted"


def test_what_is_right_there_is_proved_there():
    same = stated(slope, lambda z, y: jnp.where((y == 5)[:, None], gradient(z, y), 1 * gradient(z, y)), **LOGITS)
    verdict = verify(same)
    assert verdict.verdict == "proved", verdict.why
    assert {"n": 1, "K": 7} in verdict.exact.sizes

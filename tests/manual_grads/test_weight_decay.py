"""`manual_grads.weight_decay` against sums of squares and JAX's derivative of them, on numbers that do not round."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from manual_grads import activations, logistic, losses, weight_decay
from manual_grads.network import Network

W, B, V = np.arange(6.0).reshape(3, 2) - 2, np.array([3.0, -5.0]), np.arange(4.0).reshape(2, 2)
DECAY = 0.5


def of(weights, bias):
    return jnp.sum(weights**2) * DECAY / 2


CASES = {
    "weights": (W, None, lambda w: of(w, None)),
    "vector": (B, None, lambda w: of(w, None)),
    "with a bias": ((W, B), None, lambda p: of(*p)),
    "layers": ([(W, B), V, (V, B)], None, lambda p: of(*p[0]) + of(p[1], None) + of(*p[2])),
    "a leading row": ([W, V], "leading", lambda p: of(p[0][1:], None) + of(p[1][1:], None)),
    "a trailing row": ([W, V], "trailing", lambda p: of(p[0][:-1], None) + of(p[1][:-1], None)),
}


def assert_same(actual, expected):
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for left, right in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(left, right, strict=True)


@pytest.mark.parametrize("name", CASES)
def test_the_penalty_and_its_gradient(name):
    parameters, ones, plain = CASES[name]

    @jax.jit
    def both(parameters):
        penalty, gradient = weight_decay.penalty, weight_decay.gradient
        by_hand = penalty(parameters, DECAY, ones=ones), gradient(parameters, DECAY, ones=ones)
        return by_hand, jax.value_and_grad(plain)(parameters)

    assert_same(*both(parameters))


def test_biases_do_not_decay():
    (_, first), _, (_, last) = weight_decay.gradient([(W, B), V, (V, B)], DECAY)
    leading, trailing = (weight_decay.gradient([W, V], DECAY, ones=row) for row in ("leading", "trailing"))
    for bias in first, last, *(np.asarray(part)[0] for part in leading), *(np.asarray(part)[-1] for part in trailing):
        assert not np.asarray(bias).any()


def test_added_to_a_model():
    inputs, labels = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([1, 0])
    start = (np.array([2.0, -4.0]), np.array(1.0))
    loss, slope = jax.tree.map(np.asarray, logistic.value_and_gradient(start, inputs, labels, reduction="mean"))
    value, total = weight_decay.regularised(logistic.value_and_gradient, DECAY)(start, inputs, labels, reduction="mean")
    assert_same(value, np.asarray(loss + DECAY * 10))
    assert_same(total, (slope[0] + DECAY * start[0], slope[1]))


def test_added_to_a_network_under_jit():
    model = Network((activations.relu, activations.identity), losses.squared_error)
    objective = weight_decay.regularised(model.value_and_gradient, DECAY)
    parameters, inputs, labels = [(W, B), (V, B)], np.ones((4, 3)), np.zeros((4, 2))

    def plain(parameters):
        hidden = jax.nn.relu(inputs @ parameters[0][0] + parameters[0][1][None])
        penalty = of(*parameters[0]) + of(*parameters[1])
        return jnp.sum((hidden @ parameters[1][0] + parameters[1][1][None]) ** 2) + penalty

    assert_same(jax.jit(objective)(parameters, inputs, labels), jax.jit(jax.value_and_grad(plain))(parameters))


def test_dtypes_are_those_of_the_weights():
    parameters = (W.astype("float32"), B.astype("float32"))
    for function in weight_decay.penalty, weight_decay.gradient:
        found = jax.eval_shape(function, parameters, np.float64(DECAY))
        assert {leaf.dtype.name for leaf in jax.tree.leaves(found)} == {"float32"}


def test_the_decay_may_be_traced():
    assert_same(jax.jit(weight_decay.gradient)(W, DECAY), DECAY * W)


@pytest.mark.parametrize(
    ("parameters", "decay", "ones", "error", "message"),
    [
        (W, -0.1, None, ValueError, "decay must be finite and at least 0, got -0.1"),
        (W, float("nan"), None, ValueError, "decay must be finite and at least 0, got nan"),
        (W, "much", None, TypeError, "decay must be a number, got 'much'"),
        (W, 0.1, "first", ValueError, 'ones must be "leading", "trailing" or None, got \'first\''),
        ([], 0.1, None, ValueError, "parameters must have at least one layer, got an empty list"),
        ((W, B, B), 0.1, None, TypeError, "each layer of parameters must be weights or a tuple (weights, bias), got a"),
        ([(W, B)], 0.1, "leading", TypeError, "each layer of parameters must be weights with a leading row of biases"),
        (W.astype(int), 0.1, None, TypeError, "parameters must be floating-point numbers, got dtype int"),
        ({"w": W}, 0.1, None, TypeError, "parameters must be an array, got dict"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(parameters, decay, ones, error, message):
    for function in (weight_decay.penalty, weight_decay.gradient):
        with pytest.raises(error, match=re.escape(message)):
            function(parameters, decay, ones=ones)


def test_a_negative_decay_is_refused_when_it_is_given():
    with pytest.raises(ValueError, match="decay must be finite and at least 0, got -1"):
        weight_decay.regularised(logistic.value_and_gradient, -1)

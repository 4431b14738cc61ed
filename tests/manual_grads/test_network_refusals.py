"""What networks refuse."""

import re
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from manual_grads import activations, losses
from manual_grads.network import Network

FLOAT = "float64" if jax.config.jax_enable_x64 else "float32"
INTEGER = (activations.relu, activations.identity, activations.LeakyRelu(0.5), activations.relu)
"""Activations of which values and slopes are exact."""


def integers(generator, *shape):
    return jnp.asarray(generator.integers(-2, 3, shape), FLOAT)


def whole_numbers(widths, n, ones, bias):
    generator = np.random.default_rng([*widths, n])
    shapes = [(before + bool(ones), after) for before, after in pairwise(widths)]
    weights = [integers(generator, *shape) for shape in shapes]
    parameters = [(w, integers(generator, w.shape[1])) for w in weights] if bias else weights
    return parameters, integers(generator, n, widths[0]), integers(generator, n, widths[-1])


PARAMETERS, X, Y = whole_numbers((3, 4, 2), 5, None, True)
LEADING, _, _ = whole_numbers((3, 4, 2), 5, "leading", False)


@pytest.mark.parametrize(
    ("parameters", "inputs", "labels", "error", "message"),
    [
        (
            PARAMETERS[:1],
            X,
            Y,
            ValueError,
            "the number of layers in parameters must be 2, as there are activations, got",
        ),
        (tuple(PARAMETERS), X, Y, TypeError, "parameters must be a list with an entry for each layer, got tuple"),
        (
            PARAMETERS[::-1],
            X,
            Y,
            ValueError,
            "layer 1 of parameters must have shape (inputs, outputs), where inputs = 3",
        ),
        ([PARAMETERS[0], (jnp.ones((5, 2)), jnp.ones(2))], X, Y, ValueError, "where inputs = 4 as in"),
        ([(PARAMETERS[0][0], Y), PARAMETERS[1]], X, Y, ValueError, "the bias of layer 1 of parameters must have shape"),
        (PARAMETERS, X[:, :2], Y, ValueError, "where inputs = 2 as in inputs of shape (5, 2), got shape (3, 4)"),
        (PARAMETERS, X[:0], Y[:0], ValueError, "inputs must not be empty"),
        (PARAMETERS, X, Y[:, :1], ValueError, "targets must have shape (5, 2) as predictions, got shape (5, 1)"),
        (PARAMETERS, X, Y[:3], ValueError, "targets must have shape (5, 2) as predictions, got shape (3, 2)"),
        (PARAMETERS, X.at[1, 2].set(jnp.nan), Y, ValueError, "inputs must be finite, got nan at index (1, 2)"),
        (PARAMETERS, X.astype(int), Y, TypeError, "inputs must be floating-point numbers, got dtype int"),
        (
            [{}, {}],
            X,
            Y,
            TypeError,
            "layer 1 of parameters must be an array of weights or a tuple (weights, bias), got",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(parameters, inputs, labels, error, message):
    model = Network((activations.relu, activations.identity), losses.squared_error)
    with pytest.raises(error, match=re.escape(message)) as refused:
        model.value_and_gradient(parameters, inputs, labels)
    assert "\n" not in str(refused.value)


def test_labels_are_looked_at_by_the_loss_that_is_given():
    model = Network((activations.relu, activations.softmax), losses.categorical_cross_entropy_with_integer_labels)
    with pytest.raises(ValueError, match="labels must lie between 0 and 1, got values from 0 to 2"):
        model.loss(PARAMETERS, X, jnp.array([0, 1, 2, 0, 1]))
    with pytest.raises(TypeError, match="labels must be integers"):
        model.loss(PARAMETERS, X, Y)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (((), losses.l2_loss), ValueError, "activations must be a tuple with one for each layer, got ()"),
        ((("relu",), losses.l2_loss), TypeError, "activations[0] must be an Activation, such as"),
        (((jax.nn.relu,), losses.l2_loss), TypeError, "activations[0] must be an Activation, such as"),
        (((activations.relu,), optax.l2_loss), TypeError, "criterion must be a Loss, such as"),
        (((activations.relu,), losses.l2_loss, "first"), ValueError, 'ones must be "leading", "trailing" or None'),
    ],
)
def test_what_makes_no_network_is_refused(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Network(*arguments)


@pytest.mark.parametrize(
    ("widths", "epsilon", "error", "message"),
    [
        ([3, 2, 1], 0.1, ValueError, "widths must be 2 numbers, those of the inputs and of the units of each layer"),
        ([3, 0], 0.1, ValueError, "widths must be positive, got [3, 0]"),
        ([3, 2], 0.0, ValueError, "epsilon must be finite and more than 0, got 0.0"),
        ([3, 2], "small", TypeError, "epsilon must be a number, got 'small'"),
    ],
)
def test_bad_widths_are_refused(widths, epsilon, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Network((activations.relu,), losses.l2_loss).initial(jax.random.key(0), widths, epsilon=epsilon)


def test_a_layer_with_an_absorbed_bias_is_no_tuple():
    model = Network((activations.relu, activations.identity), losses.squared_error, "leading")
    with pytest.raises(TypeError, match="in which the bias is the leading row, got a tuple"):
        model.loss(PARAMETERS, X, Y)
    with pytest.raises(ValueError, match=re.escape("where inputs = 4 as in inputs of shape (5, 3), and 1, got shape")):
        model.loss([layer[1:] for layer in LEADING], X, Y)

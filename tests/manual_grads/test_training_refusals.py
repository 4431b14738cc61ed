"""What `manual_grads.training` refuses."""

import re
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from manual_grads import logistic, training

KEY = jax.random.key(0)


def square(parameters, target):
    """Half the squared distance: with a learning rate of a power of two and few digits, no step is rounded."""
    return jnp.sum((parameters - target) ** 2) / 2, parameters - target


def mean_square(parameters, rows):
    away = parameters[None, :] - rows
    return jnp.mean(away**2), jnp.mean(away, axis=0)


def objective(parameters, inputs, labels):
    return logistic.loss(parameters, inputs, labels), logistic.gradient(parameters, inputs, labels)


def test_an_objective_refuses_bad_values_at_the_start():
    loss_and_gradient = partial(objective)
    with pytest.raises(ValueError, match="labels must lie between 0 and 1, got values from 0 to 2"):
        training.gradient_descent(
            loss_and_gradient, np.zeros(1), (np.ones((3, 1)), np.arange(3)), learning_rate=1, steps=1
        )


descend = partial(training.gradient_descent, learning_rate=0.1, steps=3)


stochastic = partial(training.stochastic_gradient_descent, key=KEY, learning_rate=0.1, epochs=1, batch_size=2)


to_newton = partial(training.newton, steps=3)


X, T = np.zeros(2), (np.ones(2),)


ROWS = (np.ones((4, 2)),)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: descend(square, X, T, learning_rate=0),
            ValueError,
            "learning_rate must be finite and more than 0, got 0",
        ),
        (
            lambda: descend(square, X, T, learning_rate=np.nan),
            ValueError,
            "learning_rate must be finite and more than 0",
        ),
        (lambda: descend(square, X, T, learning_rate=np.inf), ValueError, "finite and more than 0, got inf"),
        (lambda: descend(square, X, T, learning_rate="1"), TypeError, "learning_rate must be a number, got '1'"),
        (lambda: descend(square, X, T, learning_rate=True), TypeError, "learning_rate must be a number, got True"),
        (
            lambda: descend(square, X, T, learning_rate=np.ones(2)),
            TypeError,
            "learning_rate must be a number, got array",
        ),
        (lambda: descend(square, X, T, steps=0), ValueError, "steps must be at least 1, got 0"),
        (lambda: descend(square, X, T, steps=2.0), TypeError, "steps must be an integer, got 2.0"),
        (lambda: descend(square, X, T, steps=True), TypeError, "steps must be an integer, got True"),
        (
            lambda: descend(square, X, T, tolerance=-1e-9),
            ValueError,
            "tolerance must be finite and at least 0, got -1e-09",
        ),
        (lambda: descend(square, X, T[0]), TypeError, "data must be a tuple of arrays, got ndarray"),
        (lambda: descend(square, X, ([1.0],)), TypeError, "data[0] must be an array, got list"),
        (lambda: descend(square, X, (X[:0],)), ValueError, "data[0] must not be empty, got shape (0,)"),
        (lambda: descend(square, X * np.nan, T), ValueError, "parameters must be finite, got nan at index (0,)"),
        (
            lambda: descend(square, np.array([1, 2]), T),
            TypeError,
            "parameters must be floating-point numbers, got dtype",
        ),
        (lambda: descend(square, (), T), ValueError, "parameters must not be empty"),
        (lambda: descend(square, X[:0], T), ValueError, "must not be empty"),
        (
            lambda: descend(lambda x: x, X, ()),
            TypeError,
            "objective must return a tuple (loss, gradient), got ShapeDtypeStruct(shape=(2,)",
        ),
        (
            lambda: descend(lambda x: (x, x), X, ()),
            TypeError,
            "the loss of objective must be one floating-point number, got ShapeDtypeStruct(shape=(2,)",
        ),
        (
            lambda: descend(lambda x: (1, x), X, ()),
            TypeError,
            "the loss of objective must be one floating-point number",
        ),
        (
            lambda: descend(lambda x: (x[0], x[:1]), X, ()),
            ValueError,
            "the gradient of objective must have shape (2,) as in parameters, got shape (1,)",
        ),
        (
            lambda: descend(lambda x: (x[0], (x,)), X, ()),
            TypeError,
            "the gradient of objective must have the structure of parameters, PyTreeDef(*), got PyTreeDef((*,))",
        ),
        (
            lambda: descend(lambda x: (x[0], x > 0), X, ()),
            TypeError,
            "the gradient of objective must be floating-point numbers, got dtype bool",
        ),
        (lambda: stochastic(mean_square, X, ROWS, epochs=0), ValueError, "epochs must be at least 1, got 0"),
        (lambda: stochastic(mean_square, X, ROWS, batch_size=0), ValueError, "batch_size must be at least 1, got 0"),
        (
            lambda: stochastic(mean_square, X, ROWS, batch_size=5),
            ValueError,
            "batch_size must be at most the number of examples, 4, got 5",
        ),
        (
            lambda: stochastic(mean_square, X, ROWS, key=0),
            TypeError,
            "key must be one key as jax.random.key makes it, got",
        ),
        (
            lambda: stochastic(mean_square, X, ROWS, learning_rate=-1),
            ValueError,
            "learning_rate must be finite and more",
        ),
        (
            lambda: stochastic(mean_square, X, (*ROWS, X)),
            ValueError,
            "the arrays of data must have the same number of rows, got shapes [(4, 2), (2,)]",
        ),
        (
            lambda: stochastic(mean_square, X, ()),
            ValueError,
            "the arrays of data must have the same number of rows, got",
        ),
        (lambda: stochastic(mean_square, X, (1.0,)), ValueError, "must have the same number of rows, got shapes [()]"),
        (
            lambda: to_newton(square, square, X, T),
            TypeError,
            "the result of direction must have the structure of parameters",
        ),
        (lambda: to_newton(square, lambda x, _: x, X, T, steps=-1), ValueError, "steps must be at least 1, got -1"),
        (
            lambda: to_newton(square, lambda x, _: x, X, T, tolerance=np.inf),
            ValueError,
            "tolerance must be finite and at least 0, got inf",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()

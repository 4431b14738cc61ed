r"""Minimisation with gradients written by hand: gradient descent, its stochastic form, and Newton's method.

Each takes an objective: a function `(parameters, *data) -> (loss, gradient)` of any pytree of parameters, such as
`logistic.value_and_gradient`, whose `reduction` is chosen by `functools.partial`. The objective is compiled and never
differentiated. Parameters come back in their structure, and in the dtype of their gradient. Why a run ended is its
`status`; `Run` lists them.

A run is done in at most a hundred pieces. If it takes longer than a second and stderr is a terminal, a progress bar is
shown there between the pieces, which changes no result. These functions look at values, so they work only outside
`jax.jit`.
"""

from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax.typing import ArrayLike
from jaxtyping import Real

from manual_grads import _loops
from manual_grads._checks import (
    first,
    require_count,
    require_data,
    require_examples,
    require_key,
    require_like_parameters,
    require_scalar,
    require_size,
    require_start,
)
from manual_grads._loops import Direction as Direction
from manual_grads._loops import Objective as Objective
from manual_grads._loops import Run as Run
from manual_grads.linear import Fit as Fit

Size = Real[ArrayLike, ""]


def _start(objective: Objective, parameters: Any, data: tuple[Any, ...]) -> Any:
    """Check the objective's result. Returns the parameters as arrays of the dtype of their gradient."""
    require_start(parameters)
    result = jax.eval_shape(objective, parameters, *data)
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(f"objective must return a tuple (loss, gradient), got {result}")
    loss, gradient = result
    require_scalar("the loss of objective", loss)
    require_like_parameters("the gradient of objective", gradient, parameters)
    return jax.tree.map(lambda here, slope: jnp.asarray(here, slope.dtype), parameters, gradient)


def _check_descent(
    objective: Any, parameters: Any, data: Any, learning_rate: Any, steps: Any, tolerance: Any = 0.0
) -> None:
    require_data(data)
    require_size("learning_rate", learning_rate)
    require_count("steps", steps)
    require_size("tolerance", tolerance, zero=True)


def _check_batches(
    objective: Any, parameters: Any, data: Any, key: Any, learning_rate: Any, epochs: Any, batch_size: Any
) -> None:
    require_data(data)
    examples = require_examples(data)
    require_key(key)
    require_size("learning_rate", learning_rate)
    require_count("epochs", epochs)
    require_count("batch_size", batch_size)
    if batch_size > examples:
        raise ValueError(f"batch_size must be at most the number of examples, {examples}, got {batch_size}")


def _check_newton(
    objective: Any, direction: Any, parameters: Any, data: Any, steps: Any = 50, tolerance: Any = 0.0
) -> None:
    require_data(data)
    require_count("steps", steps)
    require_size("tolerance", tolerance, zero=True)


@first(_check_descent)
def gradient_descent(
    objective: Objective,
    parameters: Any,
    data: tuple[Any, ...],
    *,
    learning_rate: Size,
    steps: int,
    tolerance: Size = 0.0,
) -> Run:
    r"""Steps against the gradient, with one learning rate.

    $$\theta_{t+1} = \theta_t - \eta \, \nabla L(\theta_t)$$

    Arguments:
        objective: a function of `parameters` and `*data` that returns the loss, of shape (), and its gradient.
        parameters: where to start, a pytree of finite reals.
        data: a tuple of arrays, as many as the objective takes; it may be empty.
        learning_rate: $\eta > 0$. Each step lowers the loss if it is below 2 / (largest eigenvalue of the Hessian).
        steps: the number of steps at most, at least 1.
        tolerance: the run has converged when no entry of the gradient is larger; at least 0.

    Returns a `Run` with status "converged", "step limit" or "diverged". Its `losses` are those before each step and
    at the end, steps + 1 in all.

    Raises `ValueError` for a wrong value or shape and `TypeError` for a wrong type or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 5.41.

    >>> def objective(x, target):
    ...     return jnp.sum((x - target) ** 2), 2 * (x - target)
    >>> gradient_descent(objective, jnp.zeros(2), (jnp.array([1.0, 3.0]),), learning_rate=0.5, steps=9).losses.tolist()
    [10.0, 0.0]
    """
    data = tuple(map(jnp.asarray, data))
    start = _start(objective, parameters, data)
    return _loops.minimise(
        objective, optax.sgd, (learning_rate,), start, data, steps=steps, tolerance=tolerance, name="gradient descent"
    )


@first(_check_batches)
def stochastic_gradient_descent(
    objective: Objective,
    parameters: Any,
    data: tuple[Any, ...],
    *,
    key: Any,
    learning_rate: Size,
    epochs: int,
    batch_size: int,
) -> Run:
    r"""Steps against the gradients of mini-batches, each epoch in a new random order of the examples.

    $$\theta_{t+1} = \theta_t - \eta \, \nabla L_{B_t}(\theta_t)$$

    The batches $B_t$ of an epoch hold every example once; if `batch_size` does not divide their number, the last batch
    is smaller. If the objective is a sum and not a mean, its step is then smaller, too. Epoch e has the order that
    `jax.random.permutation` draws from `jax.random.fold_in(key, e)`: the same key gives the same run. In the compiled
    loop an objective cannot refuse a value, such as a label that is out of range: call it once on the data first.

    Arguments:
        objective: a function of `parameters` and of a batch of `*data` that returns the loss, of shape (), and its
            gradient.
        parameters: where to start, a pytree of finite reals.
        data: a tuple of arrays with an example in each row.
        key: a key as `jax.random.key` makes it.
        learning_rate: $\eta > 0$.
        epochs: how often to go through all examples, at least 1.
        batch_size: the number of examples in a mini-batch, from 1 to all of them.

    Returns a `Run` with status "step limit" or "diverged". Its `losses` are those of the mini-batches, each before its
    step, one for each step.

    Raises `ValueError` for a wrong value or shape and `TypeError` for a wrong type or structure.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 5.43.

    >>> def objective(x, rows):
    ...     return jnp.mean((x - rows) ** 2), 2 * jnp.mean(x - rows)
    >>> arguments = {"key": jax.random.key(0), "learning_rate": 0.5, "epochs": 2, "batch_size": 2}
    >>> stochastic_gradient_descent(objective, 0.0, (jnp.full(3, 7.0),), **arguments).losses.tolist()
    [49.0, 0.0, 0.0, 0.0]
    """
    data = tuple(map(jnp.asarray, data))
    start = _start(objective, parameters, tuple(array[:batch_size] for array in data))
    batches = _loops.Batches(key, epochs, batch_size)
    return _loops.minimise_by_batches(
        objective, optax.sgd, (learning_rate,), start, data, batches, name="stochastic gradient descent"
    )


@first(_check_newton)
def newton(
    objective: Objective,
    direction: Direction,
    parameters: Any,
    data: tuple[Any, ...],
    *,
    steps: int = 50,
    tolerance: Size = 0.0,
) -> Run:
    r"""Newton's method for a convex loss, damped so that it converges from every start.

    $$\theta_{t+1} = \theta_t - s_t d_t, \qquad d_t = (\nabla^2 L)^{-1} \nabla L, \qquad
    L(\theta_t - s_t d_t) \le L(\theta_t) - 10^{-4} \, s_t \, g_t^\top d_t$$

    The step $s_t$ is the first of 1, 1/2, 1/4, ... for which the inequality holds. Half the decrement $g^\top d$ is how
    far the minimum lies below the loss, to second order, in any units of the parameters. The run has converged when it
    is at most `tolerance`; or when it is below 8 roundings of 1 + |loss|, too small to be seen in the losses, and a
    whole step no longer halves it. So with no tolerance the parameters are exact to rounding.

    Arguments:
        objective: a function of `parameters` and `*data` that returns the loss, of shape (), and its gradient.
        direction: a function of the same that returns $d$, in the structure of the parameters.
        parameters: where to start, a pytree of finite reals.
        data: a tuple of arrays, as many as the objective takes; it may be empty.
        steps: the number of steps at most, at least 1.
        tolerance: how far the loss may lie above its minimum, to second order; at least 0.

    Returns a `Run`, with any of the statuses. Its `losses` are those before each step and at the end, steps + 1 in all.

    Raises `ValueError` for a wrong value or shape and `TypeError` for a wrong type or structure.

    Source: Boyd and Vandenberghe, Convex Optimization (2004), algorithm 9.5.

    >>> def objective(x):
    ...     return jnp.exp(x) - 2 * x, jnp.exp(x) - 2
    >>> run = newton(objective, lambda x: 1 - 2 * jnp.exp(-x), 9.0, ())
    >>> print(f"{run.status} at log {jnp.exp(run.parameters):.4f}")
    converged at log 2.0000
    """
    data = tuple(map(jnp.asarray, data))
    start = _start(objective, parameters, data)
    require_like_parameters("the result of direction", jax.eval_shape(direction, start, *data), start)
    return _loops.newton(objective, direction, start, data, steps=steps, tolerance=tolerance)

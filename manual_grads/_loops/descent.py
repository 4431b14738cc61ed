"""Minimisation by any of optax's transformations of gradients, on all the data at once or batch by batch.

An `optimizer` is a function that makes a transformation, such as `optax.sgd`. Its settings, such as a learning rate,
are separate arguments, so that another learning rate does not compile the loop again.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import lax
from jaxtyping import Array

from manual_grads._loops.progress import piece
from manual_grads._loops.run import (
    CONVERGED,
    DIVERGED,
    RUNNING,
    Objective,
    Run,
    finite,
    in_pieces,
    never,
    select,
    steps_until,
)

Optimizer = Callable[..., optax.GradientTransformation]


class _Point(NamedTuple):
    parameters: Any
    state: Any
    loss: Array
    gradient: Any
    code: Array


class _BatchPoint(NamedTuple):
    parameters: Any
    state: Any
    loss: Array  # of the last batch, at the parameters before the step
    code: Array


class Batches(NamedTuple):
    """Every epoch goes through all examples once, in an order of its own, `size` examples in each batch."""

    key: Any
    epochs: int
    size: int


def _largest(tree: Any) -> Array:
    return jnp.stack([jnp.max(jnp.abs(leaf)) for leaf in jax.tree.leaves(tree)]).max()


def _updated(optimizer: Optimizer, settings: Any, point: Any, gradient: Any) -> tuple[Any, Any]:
    """The parameters after one step, and the optimizer's state."""
    updates, state = optimizer(*settings).update(gradient, point.state, point.parameters)
    return optax.apply_updates(point.parameters, updates), state


@jax.jit
def _judged(parameters: Any, state: Any, loss: Any, gradient: Any, tolerance: Any) -> _Point:
    code = jnp.where(_largest(gradient) <= tolerance, CONVERGED, RUNNING)
    code = jnp.where(finite((parameters, loss, gradient)), code, DIVERGED)
    return _Point(parameters, state, jnp.asarray(loss), gradient, code)


@partial(jax.jit, static_argnames=("objective", "optimizer", "length"))
def _descend(
    objective: Objective,
    optimizer: Optimizer,
    length: int,
    start: _Point,
    data: Any,
    settings: Any,
    tolerance: Any,
    limit: Any,
) -> Any:
    def step(point: _Point) -> tuple[_Point, Array]:
        proposed, state = _updated(optimizer, settings, point, point.gradient)
        following = _judged(proposed, state, *objective(proposed, *data), tolerance)
        new = following.code != DIVERGED
        return select(new, following, point._replace(code=following.code)), new

    return steps_until(step, start, limit, length)


def minimise(
    objective: Objective,
    optimizer: Optimizer,
    settings: tuple[Any, ...],
    parameters: Any,
    data: tuple[Any, ...],
    *,
    steps: int,
    tolerance: Any,
    name: str,
    stop: Callable[[Any], bool] = never,
) -> Run:
    """Steps on all the data, until no entry of the gradient is larger than `tolerance`.

    The run also ends where `stop(parameters)` is true between two pieces.
    """
    # The first call is not compiled into the loop: here the objective sees the values, and can refuse them.
    state = optimizer(*settings).init(parameters)
    start = _judged(parameters, state, *objective(parameters, *data), tolerance)

    def advance(point: _Point, _: int, limit: int) -> Any:
        return _descend(objective, optimizer, piece(steps), point, data, settings, tolerance, limit)

    return in_pieces(advance, start, [start.loss.item()], steps, name, stop)


@partial(jax.jit, static_argnames=("objective", "optimizer", "batch_size", "length"))
def _epochs(
    objective: Objective,
    optimizer: Optimizer,
    batch_size: int,
    length: int,
    start: _BatchPoint,
    data: Any,
    key: Any,
    settings: Any,
    first: Any,
    limit: Any,
) -> Any:
    """The epochs from `first` on, `limit` of them, which is at most `length`."""
    examples = len(data[0])
    in_batches = examples - examples % batch_size

    def step(point: _BatchPoint, indices: Array) -> tuple[_BatchPoint, tuple[Array, Array]]:
        loss, gradient = objective(point.parameters, *(array[indices] for array in data))
        proposed, state = _updated(optimizer, settings, point, gradient)
        new = finite((loss, gradient, proposed))
        following = _BatchPoint(proposed, state, jnp.asarray(loss), jnp.asarray(RUNNING))
        point = select(new, following, point._replace(code=jnp.asarray(DIVERGED)))
        return point, (point.loss, new)

    def stay(point: _BatchPoint, _: Array) -> tuple[_BatchPoint, tuple[Array, Array]]:
        return point, (point.loss, jnp.asarray(False))

    def epoch(point: _BatchPoint, number: Array) -> tuple[_BatchPoint, Any]:
        order = jax.random.permutation(jax.random.fold_in(key, number), examples)

        def batch(point: _BatchPoint, indices: Array) -> Any:
            return lax.cond((point.code == RUNNING) & (number < first + limit), step, stay, point, indices)

        point, found = lax.scan(batch, point, order[:in_batches].reshape(-1, batch_size))
        if in_batches < examples:
            point, last = batch(point, order[in_batches:])
            found = jax.tree.map(jnp.append, found, last)
        return point, found

    point, (losses, taken) = lax.scan(epoch, start, first + jnp.arange(length))
    return point, losses, taken


def minimise_by_batches(
    objective: Objective,
    optimizer: Optimizer,
    settings: tuple[Any, ...],
    parameters: Any,
    data: tuple[Any, ...],
    batches: Batches,
    *,
    name: str,
) -> Run:
    """A step on each batch. The losses are those of the batches, each at the parameters before its step."""

    def advance(point: _BatchPoint, first: int, limit: int) -> Any:
        length = piece(batches.epochs)
        return _epochs(objective, optimizer, batches.size, length, point, data, batches.key, settings, first, limit)

    loss, _ = jax.eval_shape(objective, parameters, *(array[: batches.size] for array in data))
    state = optimizer(*settings).init(parameters)
    start = _BatchPoint(parameters, state, jnp.zeros((), loss.dtype), jnp.asarray(RUNNING))
    return in_pieces(advance, start, [], batches.epochs, name, never)

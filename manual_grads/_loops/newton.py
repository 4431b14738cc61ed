"""Newton's method, damped."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from manual_grads._loops.progress import piece
from manual_grads._loops.run import (
    ASCENT,
    CONVERGED,
    DIVERGED,
    RUNNING,
    SINGULAR,
    STALLED,
    Objective,
    Run,
    finite,
    in_pieces,
    never,
    select,
    steps_until,
)

Direction = Callable[..., Any]

SUFFICIENT = 1e-4  # the share of the decrease along the tangent that a step must reach (Armijo)
VISIBLE = 8  # a difference of two losses counts if it is more than so many roundings of 1 + |loss|


class _Point(NamedTuple):
    parameters: Any
    loss: Array
    gradient: Any
    code: Array
    direction: Any
    decrement: Array


def _product(left: Any, right: Any) -> Array:
    return jnp.stack(jax.tree.leaves(jax.tree.map(jnp.vdot, left, right))).sum()


def _moved(parameters: Any, size: Any, direction: Any) -> Any:
    return jax.tree.map(lambda here, way: here - (size * way).astype(here.dtype), parameters, direction)


def noise(loss: Array) -> Array:
    """What two losses near this one may differ by because of rounding alone."""
    return VISIBLE * jnp.finfo(loss.dtype).eps * (1 + jnp.abs(loss))


@partial(jax.jit, static_argnames="direction")
def _point(direction: Direction, parameters: Any, loss: Any, gradient: Any, data: Any, tolerance: Any) -> _Point:
    loss, way = jnp.asarray(loss), direction(parameters, *data)
    decrement = _product(gradient, way)
    code = jnp.where(decrement / 2 <= tolerance, CONVERGED, RUNNING)
    code = jnp.where(decrement < -2 * noise(loss), ASCENT, code)
    code = jnp.where(finite((way, decrement)), code, SINGULAR)
    code = jnp.where(finite((parameters, loss, gradient)), code, DIVERGED)
    return _Point(parameters, loss, gradient, code, way, decrement)


@partial(jax.jit, static_argnames=("objective", "direction", "length"))
def _newton(
    objective: Objective,
    direction: Direction,
    length: int,
    start: _Point,
    data: Any,
    tolerance: Any,
    limit: Any,
) -> Any:
    def step(point: _Point) -> tuple[_Point, Array]:
        unseen = 2 * noise(point.loss)
        visible = point.decrement > unseen

        def too_long(tried: Any) -> Array:
            size, (parameters, _, _), lower, _ = tried
            somewhere = jax.tree.map(lambda there, here: jnp.any(there != here), parameters, point.parameters)
            return (size > 1) | (visible & ~lower & jnp.stack(jax.tree.leaves(somewhere)).any())

        def half(tried: Any) -> Any:
            size, _, _, whole = tried
            size = size / 2
            parameters = _moved(point.parameters, size, point.direction)
            loss, gradient = objective(parameters, *data)
            found = parameters, loss, gradient
            # Strictly lower: once the step is lost in rounding, the losses are equal, and the inequality holds, too.
            lower = (loss < point.loss) & (loss <= point.loss - SUFFICIENT * size * point.decrement)
            return size, found, lower & finite(found), select(size == 1, found, whole)

        # The first half is the whole step, so that there is one place for the objective, which is long to compile.
        twice, nowhere = jnp.full((), 2.0, point.loss.dtype), point[:3]
        _, found, lower, whole = lax.while_loop(too_long, half, (twice, nowhere, jnp.asarray(False), nowhere))
        lower = visible & lower
        following = _point(direction, *select(lower, found, whole), data, tolerance)
        # Where losses differ by rounding alone, the decrement decides: near a minimum a whole step reduces it.
        new = lower | (finite(following[:3]) & (jnp.abs(following.decrement) < point.decrement / 2))
        at_rounding = jnp.maximum(point.decrement, jnp.abs(following.decrement)) <= unseen
        stuck = point._replace(code=jnp.where(at_rounding, CONVERGED, STALLED))
        return select(new, following, stuck), new

    return steps_until(step, start, limit, length)


def newton(
    objective: Objective,
    direction: Direction,
    parameters: Any,
    data: tuple[Any, ...],
    *,
    steps: int,
    tolerance: Any,
    stop: Callable[[Any], bool] = never,
) -> Run:
    """As `training.newton`, but the run also ends where `stop(parameters)` is true between two pieces."""
    start = _point(direction, parameters, *objective(parameters, *data), data, tolerance)

    def advance(point: _Point, _: int, limit: int) -> Any:
        return _newton(objective, direction, piece(steps), point, data, tolerance, limit)

    return in_pieces(advance, start, [start.loss.item()], steps, "Newton's method", stop)

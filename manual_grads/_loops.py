"""The loops behind `training`: compiled, and cut into pieces between which the host can show progress or stop.

A function that is handed in is a static argument, so that it is compiled once for all pieces, and for all later runs
of the same function. What a loop carries is a point: the parameters with all that was computed at them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from manual_grads._progress import piece, pieces

Objective = Callable[..., tuple[Any, Any]]
Direction = Callable[..., Any]
Status = Literal["step limit", "converged", "diverged", "singular", "not a descent direction", "stalled"]

# A point has the code of its status, and the loops go on while it is the first of these.
STATUSES: tuple[Status, ...] = (
    "step limit",
    "converged",
    "diverged",
    "singular",
    "not a descent direction",
    "stalled",
)
RUNNING, CONVERGED, DIVERGED, SINGULAR, ASCENT, STALLED = range(len(STATUSES))

SUFFICIENT = 1e-4  # the share of the decrease along the tangent that a step must reach (Armijo)
VISIBLE = 8  # the roundings of 1 + |loss| below which a difference of two losses is taken for noise


@dataclass(frozen=True, eq=False)
class Run:
    """What a minimisation found.

    Attributes:
        parameters: the last parameters, always finite.
        losses: the history of the loss, as the function that made the run describes it.
        steps: the number of steps that were taken.
        status: why the run ended, one of the following.

    | status | the run ended because |
    |---|---|
    | "converged" | the stopping rule was met |
    | "step limit" | all steps were taken that were allowed |
    | "diverged" | a loss, a gradient or a parameter was not finite; the parameters are the last before that |
    | "singular" | a Newton direction was not finite: the Hessian has no inverse, or none in floating point |
    | "not a descent direction" | the loss rises along it: the Hessian is not positive definite, or something is wrong |
    | "stalled" | no step along the direction lowers the loss: the gradient is wrong, or lost in rounding |
    """

    parameters: Any
    losses: Float[Array, " steps"]
    steps: int
    status: Status


class _Point(NamedTuple):
    parameters: Any
    loss: Array
    gradient: Any
    code: Array


class _NewtonPoint(NamedTuple):
    parameters: Any
    loss: Array
    gradient: Any
    code: Array
    direction: Any
    decrement: Array


class _BatchPoint(NamedTuple):
    parameters: Any
    loss: Array  # of the batch before, where the parameters were others
    code: Array


Point = TypeVar("Point", _Point, _NewtonPoint)


def never(_: Any) -> bool:
    return False


def _finite(tree: Any) -> Array:
    return jnp.stack([jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(tree)]).all()


def _largest(tree: Any) -> Array:
    return jnp.stack([jnp.max(jnp.abs(leaf)) for leaf in jax.tree.leaves(tree)]).max()


def _product(left: Any, right: Any) -> Array:
    return jnp.stack(jax.tree.leaves(jax.tree.map(jnp.vdot, left, right))).sum()


def _moved(parameters: Any, size: Any, direction: Any) -> Any:
    return jax.tree.map(lambda here, way: here - (size * way).astype(here.dtype), parameters, direction)


def _select(condition: Array, yes: Any, no: Any) -> Any:
    return jax.tree.map(partial(jnp.where, condition), yes, no)


def _steps(step: Callable[[Point], tuple[Point, Array]], start: Point, limit: Any, length: int) -> Any:
    """At most `limit` steps. Returns the last point, the losses after each step, and the number of steps.

    `step` returns a point and whether it is a new one; if it is not, its code says why.
    """

    def body(carry: tuple[Point, Array, Array]) -> tuple[Point, Array, Array]:
        point, losses, taken = carry
        point, new = step(point)
        return point, losses.at[taken].set(point.loss), taken + new

    def going(carry: tuple[Point, Array, Array]) -> Array:
        point, _, taken = carry
        return (point.code == RUNNING) & (taken < limit)

    return lax.while_loop(going, body, (start, jnp.zeros(length, start.loss.dtype), jnp.int32(0)))


def _in_pieces(
    advance: Callable[[Any, int, int], Any],
    point: Any,
    losses: list[float],
    total: int,
    name: str,
    stop: Callable[[Any], bool],
) -> Run:
    """Advance by one piece after the other, until the point ends it or `stop` does."""
    steps = 0
    for start, size in pieces(total, name):
        if point.code != RUNNING or stop(point.parameters):
            break
        point, history, taken = advance(point, start, size)
        losses += jax.device_get(history)[: int(taken)].tolist()
        steps += int(taken)
    return Run(point.parameters, jnp.asarray(losses, point.loss.dtype), steps, STATUSES[int(point.code)])


@jax.jit
def _judged(parameters: Any, loss: Any, gradient: Any, tolerance: Any) -> _Point:
    code = jnp.where(_largest(gradient) <= tolerance, CONVERGED, RUNNING)
    code = jnp.where(_finite((parameters, loss, gradient)), code, DIVERGED)
    return _Point(parameters, jnp.asarray(loss), gradient, code)


@partial(jax.jit, static_argnames=("objective", "length"))
def _descend(
    objective: Objective, length: int, start: _Point, data: Any, learning_rate: Any, tolerance: Any, limit: Any
) -> Any:
    def step(point: _Point) -> tuple[_Point, Array]:
        proposed = _moved(point.parameters, learning_rate, point.gradient)
        following = _judged(proposed, *objective(proposed, *data), tolerance)
        new = following.code != DIVERGED
        return _select(new, following, point._replace(code=following.code)), new

    return _steps(step, start, limit, length)


def gradient_descent(
    objective: Objective,
    parameters: Any,
    data: tuple[Any, ...],
    *,
    learning_rate: float,
    steps: int,
    tolerance: float,
    stop: Callable[[Any], bool] = never,
) -> Run:
    """As `training.gradient_descent`, which also ends where `stop(parameters)` says so between two pieces."""
    # The first call is not compiled into the loop: here the objective sees the values, and can refuse them.
    start = _judged(parameters, *objective(parameters, *data), tolerance)

    def advance(point: _Point, _: int, limit: int) -> Any:
        return _descend(objective, piece(steps), point, data, learning_rate, tolerance, limit)

    return _in_pieces(advance, start, [start.loss.item()], steps, "gradient descent", stop)


@partial(jax.jit, static_argnames=("objective", "batch_size", "length"))
def _epochs(
    objective: Objective,
    batch_size: int,
    length: int,
    start: _BatchPoint,
    data: Any,
    key: Any,
    learning_rate: Any,
    first: Any,
    limit: Any,
) -> Any:
    """The epochs from `first` on, `limit` of them and at most `length`."""
    examples = len(data[0])
    batches, rest = divmod(examples, batch_size)

    def step(carry: Any, indices: Array) -> Any:
        point, losses, taken = carry
        loss, gradient = objective(point.parameters, *(array[indices] for array in data))
        proposed = _moved(point.parameters, learning_rate, gradient)
        new = _finite((loss, gradient, proposed))
        parameters = _select(new, proposed, point.parameters)
        following = _BatchPoint(parameters, jnp.asarray(loss), jnp.where(new, RUNNING, DIVERGED))
        return following, losses.at[taken].set(loss), taken + new

    def going(carry: Any) -> Array:
        return carry[0].code == RUNNING

    def epoch(carry: Any) -> Any:
        number, carry = carry
        order = jax.random.permutation(jax.random.fold_in(key, number), examples)
        whole = order[: batches * batch_size].reshape(batches, batch_size)
        _, carry = lax.while_loop(
            lambda numbered: (numbered[0] < batches) & going(numbered[1]),
            lambda numbered: (numbered[0] + 1, step(numbered[1], whole[numbered[0]])),
            (jnp.int32(0), carry),
        )
        if rest:
            last = order[batches * batch_size :]
            carry = lax.cond(going(carry), lambda carry: step(carry, last), lambda carry: carry, carry)
        return number + 1, carry

    losses = jnp.zeros(length * (batches + (rest > 0)), start.loss.dtype)
    _, carry = lax.while_loop(
        lambda numbered: (numbered[0] < first + limit) & going(numbered[1]),
        epoch,
        (jnp.int32(first), (start, losses, jnp.int32(0))),
    )
    return carry


def stochastic_gradient_descent(
    objective: Objective,
    parameters: Any,
    data: tuple[Any, ...],
    *,
    key: Any,
    learning_rate: float,
    epochs: int,
    batch_size: int,
) -> Run:
    """As `training.stochastic_gradient_descent`."""

    def advance(point: _BatchPoint, first: int, limit: int) -> Any:
        return _epochs(objective, batch_size, piece(epochs), point, data, key, learning_rate, first, limit)

    loss, _ = jax.eval_shape(objective, parameters, *(array[:batch_size] for array in data))
    start = _BatchPoint(parameters, jnp.zeros((), loss.dtype), jnp.asarray(RUNNING))
    return _in_pieces(advance, start, [], epochs, "stochastic gradient descent", never)


def noise(loss: Array) -> Array:
    """What two losses near this one may differ by for no reason but rounding."""
    return VISIBLE * jnp.finfo(loss.dtype).eps * (1 + jnp.abs(loss))


@partial(jax.jit, static_argnames="direction")
def _newton_point(
    direction: Direction, parameters: Any, loss: Any, gradient: Any, data: Any, tolerance: Any
) -> _NewtonPoint:
    loss, way = jnp.asarray(loss), direction(parameters, *data)
    decrement = _product(gradient, way)
    code = jnp.where(decrement / 2 <= tolerance, CONVERGED, RUNNING)
    code = jnp.where(decrement < -2 * noise(loss), ASCENT, code)
    code = jnp.where(_finite((way, decrement)), code, SINGULAR)
    code = jnp.where(_finite((parameters, loss, gradient)), code, DIVERGED)
    return _NewtonPoint(parameters, loss, gradient, code, way, decrement)


@partial(jax.jit, static_argnames=("objective", "direction", "length"))
def _newton(
    objective: Objective,
    direction: Direction,
    length: int,
    start: _NewtonPoint,
    data: Any,
    tolerance: Any,
    limit: Any,
) -> Any:
    def step(point: _NewtonPoint) -> tuple[_NewtonPoint, Array]:
        unseen = 2 * noise(point.loss)
        visible = point.decrement > unseen

        def trial(size: Any) -> Any:
            parameters = _moved(point.parameters, size, point.direction)
            loss, gradient = objective(parameters, *data)
            # Strictly lower, for the inequality alone holds between equal losses once the step is lost in rounding.
            lower = (loss < point.loss) & (loss <= point.loss - SUFFICIENT * size * point.decrement)
            return size, (parameters, loss, gradient), lower & _finite((parameters, loss, gradient))

        def too_long(tried: Any) -> Array:
            _, (parameters, _, _), lower = tried
            somewhere = jax.tree.map(lambda there, here: jnp.any(there != here), parameters, point.parameters)
            return visible & ~lower & jnp.stack(jax.tree.leaves(somewhere)).any()

        whole = trial(jnp.ones((), point.loss.dtype))
        _, found, lower = lax.while_loop(too_long, lambda tried: trial(tried[0] / 2), whole)
        lower = visible & lower
        following = _newton_point(direction, *_select(lower, found, whole[1]), data, tolerance)
        # Where losses no longer tell, the decrement does: near a minimum a whole step takes it down to rounding.
        new = lower | (_finite(following[:3]) & (jnp.abs(following.decrement) < point.decrement / 2))
        at_rounding = jnp.maximum(point.decrement, jnp.abs(following.decrement)) <= unseen
        stuck = point._replace(code=jnp.where(at_rounding, CONVERGED, STALLED))
        return _select(new, following, stuck), new

    return _steps(step, start, limit, length)


def newton(
    objective: Objective,
    direction: Direction,
    parameters: Any,
    data: tuple[Any, ...],
    *,
    steps: int,
    tolerance: float,
    stop: Callable[[Any], bool] = never,
) -> Run:
    """As `training.newton`, which also ends where `stop(parameters)` says so between two pieces."""
    start = _newton_point(direction, parameters, *objective(parameters, *data), data, tolerance)

    def advance(point: _NewtonPoint, _: int, limit: int) -> Any:
        return _newton(objective, direction, piece(steps), point, data, tolerance, limit)

    return _in_pieces(advance, start, [start.loss.item()], steps, "Newton's method", stop)

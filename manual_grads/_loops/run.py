"""What a run returns, and what the loops share: the codes of a point, and the pieces of a run."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from manual_grads._loops.progress import pieces

Objective = Callable[..., tuple[Any, Any]]
Status = Literal["step limit", "converged", "diverged", "singular", "not a descent direction", "stalled"]

# The code of a point is the place of its status here. A loop runs while the code is the first one.
STATUSES: tuple[Status, ...] = (
    "step limit",
    "converged",
    "diverged",
    "singular",
    "not a descent direction",
    "stalled",
)
RUNNING, CONVERGED, DIVERGED, SINGULAR, ASCENT, STALLED = range(len(STATUSES))


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
    | "step limit" | all allowed steps were taken |
    | "diverged" | a loss, a gradient or a parameter was not finite; the parameters are the last ones before that |
    | "singular" | a Newton direction was not finite: the Hessian has no inverse, or none in floating point |
    | "not a descent direction" | the loss rises along it: the Hessian is not positive definite, or something is wrong |
    | "stalled" | no step along the direction lowers the loss: the gradient is wrong, or lost in rounding |
    """

    parameters: Any
    losses: Float[Array, " losses"]
    steps: int
    status: Status


def never(_: Any) -> bool:
    return False


def finite(tree: Any) -> Array:
    return jnp.stack([jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(tree)]).all()


def select(condition: Array, yes: Any, no: Any) -> Any:
    return jax.tree.map(partial(jnp.where, condition), yes, no)


def in_pieces(
    advance: Callable[[Any, int, int], Any],
    point: Any,
    losses: list[float],
    total: int,
    name: str,
    stop: Callable[[Any], bool],
) -> Run:
    """Advance piece by piece, until the code of the point says that the run has ended, or `stop` does.

    `advance` takes a point, the start of the piece and its size. It returns the last point, losses, and which of these
    belong to a step that was taken.
    """
    steps = 0
    for start, size in pieces(total, name):
        if point.code != RUNNING or stop(point.parameters):
            break
        point, history, taken = advance(point, start, size)
        history, taken = jax.device_get((history, taken))
        losses += history[taken].tolist()
        steps += int(taken.sum())
    return Run(point.parameters, jnp.asarray(losses, point.loss.dtype), steps, STATUSES[int(point.code)])


def steps_until(
    step: Callable[[Any], tuple[Any, Array]], start: Any, limit: Any, length: int
) -> tuple[Any, Array, Array]:
    """At most `limit` steps, of `length` at most. Returns the last point, losses, and which of these were reached.

    `step` returns a point and whether it is a new one; if it is not, its code says why.
    """

    def body(carry: tuple[Any, Array, Array]) -> tuple[Any, Array, Array]:
        point, losses, taken = carry
        point, new = step(point)
        return point, losses.at[taken].set(point.loss), taken + new

    def going(carry: tuple[Any, Array, Array]) -> Array:
        point, _, taken = carry
        return (point.code == RUNNING) & (taken < limit)

    carry = start, jnp.zeros(length, start.loss.dtype), jnp.int32(0)
    point, losses, taken = jax.lax.while_loop(going, body, carry)
    return point, losses, jnp.arange(length) < taken

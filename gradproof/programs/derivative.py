"""The derivative of a function at a point, as a side of a claim, by either of two oracles.

`autodiff` is JAX's own: what is compared is then its derivative program. `dual` leaves the derivative in the
trace as one `derivative` equation, whose meaning the exact engine gives by dual numbers, with no rule of JAX.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, TypeVar

import jax
import jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import batching

from gradproof.claims.words import kind_of
from gradproof.errors import GradproofError

Oracle = Literal["autodiff", "dual"]
ORACLES: tuple[Oracle, ...] = ("autodiff", "dual")
Point = TypeVar("Point")

_oracle: ContextVar[Oracle] = ContextVar("oracle", default="autodiff")
_asked: ContextVar[list[bool] | None] = ContextVar("asked", default=None)


@contextmanager
def using(oracle: Oracle) -> Iterator[list[bool]]:
    """Let `derivative` be taken by this oracle; the list yielded is non-empty once one was asked for."""
    asked: list[bool] = []
    tokens = _oracle.set(oracle), _asked.set(asked)
    try:
        yield asked
    finally:
        _oracle.reset(tokens[0])
        _asked.reset(tokens[1])


def derivative(function: Callable[[Point], Any], at: Point) -> Any:
    r"""The derivative of a function at a point, $\partial f / \partial x$.

    $$ D_{i j} = \frac{\partial f_i}{\partial x_j}(x) $$

    Arguments:
        function: of one array or pytree, with an array or pytree of reals as value; it may close over others.
        at: the point, an array or pytree of reals.

    Returns the Jacobian: for arrays, of shape `function(at).shape + at.shape`, so that the derivative of a scalar
    has the shape of `at`; for pytrees, the tree of `at` inside the tree of the value.

    In a claim it is taken both by JAX's autodiff and by dual numbers. Elsewhere it is that of autodiff.

    >>> import jax.numpy as jnp
    >>> derivative(lambda x: jnp.sum(x**2), jnp.array([1.0, 2.0]))
    Array([2., 4.], dtype=float32)
    """
    if not callable(function):
        raise GradproofError(
            f"derivative takes a function and a point, such as derivative(lambda w: loss(w, x), w); its first argument "
            f"is {kind_of(function)}"
        )
    if (asked := _asked.get()) is not None:
        asked.append(True)
    if _oracle.get() == "autodiff":
        return _by_autodiff(function, at)
    leaves, structure = jax.tree.flatten(at)
    closed, out = jax.make_jaxpr(function, return_shape=True)(at)
    columns = derivative_p.bind(
        *closed.consts, *map(jnp.asarray, leaves), jaxpr=closed.jaxpr, constants=len(closed.consts)
    )
    rows = [
        jax.tree.unflatten(structure, columns[start : start + len(leaves)])
        for start in range(0, len(columns), len(leaves))
    ]
    return jax.tree.unflatten(jax.tree.structure(out), rows)


def _by_autodiff(function: Callable[[Any], Any], at: Any) -> Any:
    """Of a scalar what `jax.grad` does, and else what `jax.jacrev` does, but tracing the function once."""
    value, pullback = jax.vjp(function, at)
    if not isinstance(value, jax.Array):
        return jax.jacrev(function)(at)
    if not value.shape:
        return pullback(jnp.ones_like(value))[0]
    (rows,) = jax.vmap(pullback)(jnp.eye(value.size, dtype=value.dtype).reshape(-1, *value.shape))
    return jax.tree.map(lambda row: row.reshape(*value.shape, *row.shape[1:]), rows)


derivative_p = Primitive("derivative")
derivative_p.multiple_results = True


def _shapes(*avals: Any, jaxpr: Any, constants: Any) -> Any:
    return [
        jax.core.ShapedArray(out.aval.shape + at.shape, out.aval.dtype)
        for out in jaxpr.outvars
        for at in avals[constants:]
    ]


def _batched(args: Any, axes: Any, *, jaxpr: Any, constants: Any) -> Any:
    """Under `vmap`: one equation for each member of the batch. Sizes in a claim are small."""
    (count,) = {arg.shape[axis] for arg, axis in zip(args, axes, strict=True) if axis is not None}
    members = [
        derivative_p.bind(
            *(arg if axis is None else jnp.take(arg, index, axis=axis) for arg, axis in zip(args, axes, strict=True)),
            jaxpr=jaxpr,
            constants=constants,
        )
        for index in range(count)
    ]
    stacked = [jnp.stack(outs) for outs in zip(*members, strict=True)]
    return stacked, [0] * len(stacked)


derivative_p.def_abstract_eval(_shapes)
batching.primitive_batchers[derivative_p] = _batched

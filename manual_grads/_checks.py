"""Refusals of bad input, each one sentence with the argument's name, what was expected and what was given.

Shapes and dtypes are known before anything runs, so they are checked on every call. Values are checked where there
are any: not in a program being traced by `jax.jit`, and once for each jax array, since such an array cannot change.
A training loop thus waits for no check after its first step.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, get_args
from weakref import WeakValueDictionary

import jax
import jax.numpy as jnp

P = ParamSpec("P")
R = TypeVar("R")
ARRAY_TYPES = get_args(jax.typing.ArrayLike)  # jax and NumPy arrays, and Python scalars
Known = dict[str, tuple[int, str]]  # the size of each named dimension, and the argument that fixed it

_accepted: WeakValueDictionary[tuple[Any, ...], jax.Array] = WeakValueDictionary()


def checked(check: Callable[..., None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a function, and run `check` on its arguments before each call."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        compiled: Callable[P, R] = jax.jit(function, static_argnames="reduction")

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            check(**signature.bind(*args, **kwargs).arguments)
            return compiled(*args, **kwargs)

        return call

    return decorate


def once(rule: Callable[..., None], array: Any, *arguments: Any) -> None:
    """Apply `rule` to the values of `array`, unless it is traced or has passed before."""
    if isinstance(array, jax.core.Tracer):
        return
    key = (rule, id(array), arguments)
    if _accepted.get(key) is array:
        return
    with jax.ensure_compile_time_eval():  # the array may be a constant of a function that is being traced
        rule(array, *arguments)
    if isinstance(array, jax.Array):
        _accepted[key] = array


def _dtype(name: str, array: Any) -> jnp.dtype:
    if not isinstance(array, ARRAY_TYPES):
        raise TypeError(f"{name} must be an array, got {type(array).__name__}")
    return array.dtype if hasattr(array, "dtype") else jnp.result_type(array)


def require_reals(name: str, array: Any) -> None:
    dtype = _dtype(name, array)
    if not jnp.issubdtype(dtype, jnp.floating):
        raise TypeError(f"{name} must be floating-point numbers, got dtype {dtype}")


def require_integers(name: str, array: Any) -> None:
    dtype = _dtype(name, array)
    if not jnp.issubdtype(dtype, jnp.integer):
        raise TypeError(f"{name} must be integers, got dtype {dtype}")


def require_numbers(name: str, array: Any) -> None:
    dtype = _dtype(name, array)
    if not any(jnp.issubdtype(dtype, kind) for kind in (jnp.floating, jnp.integer, jnp.bool_)):
        raise TypeError(f"{name} must be floating-point numbers, integers or booleans, got dtype {dtype}")


def require_shape(name: str, array: Any, dimensions: str, known: Known) -> None:
    """Match a shape with named dimensions, such as "n m"; those not yet in `known` are taken from it."""
    names, shape = dimensions.split(), jnp.shape(array)
    fits = len(names) == len(shape)
    if not fits or any(known.get(key, (size,))[0] != size for key, size in zip(names, shape, strict=True)):
        expected = f"({', '.join(names)}{',' * (len(names) == 1)})"
        sizes = " and ".join(f"{key} = {known[key][0]} as in {known[key][1]}" for key in names if key in known)
        raise ValueError(f"{name} must have shape {expected}{sizes and ', where ' + sizes}, got shape {shape}")
    for key, size in zip(names, shape, strict=True):
        if size == 0:
            raise ValueError(f"{name} must not be empty, but {key} is 0 in its shape {shape}")
        known.setdefault(key, (size, f"{name} of shape {shape}"))


def require_inputs(inputs: Any, known: Known) -> None:
    require_reals("inputs", inputs)
    require_shape("inputs", inputs, "n m", known)
    once(require_finite, inputs, "inputs")


def require_parameters(name: str, parameters: Any, weights: str, bias: str, known: Known) -> None:
    """Match an array `weights`, or a tuple `(weights, bias)`, with named dimensions."""
    if type(parameters) is tuple and len(parameters) == 2:
        pairs = [(f"the weights of {name}", parameters[0], weights), (f"the bias of {name}", parameters[1], bias)]
    elif isinstance(parameters, ARRAY_TYPES):
        pairs = [(name, parameters, weights)]
    else:
        given = f"a tuple of {len(parameters)}" if isinstance(parameters, tuple) else type(parameters).__name__
        raise TypeError(f"{name} must be an array of weights or a tuple (weights, bias), got {given}")
    for part, array, dimensions in pairs:
        require_reals(part, array)
        require_shape(part, array, dimensions, known)


def require_tangent(tangent: Any, parameters: Any) -> None:
    """Match a tangent with parameters that have been checked."""
    given, expected = str(jax.tree.structure(tangent)), str(jax.tree.structure(parameters))
    if given != expected:
        raise TypeError(f"tangent must have the structure of parameters, {expected}, got {given}")
    for part, like in zip(jax.tree.leaves(tangent), jax.tree.leaves(parameters), strict=True):
        require_reals("tangent", part)
        if jnp.shape(part) != jnp.shape(like):
            raise ValueError(f"tangent must have shape {jnp.shape(like)} as in parameters, got shape {jnp.shape(part)}")


def require_finite(array: Any, name: str) -> None:
    finite = jnp.isfinite(array)
    if not finite.all():
        index = tuple(jnp.argwhere(~finite)[0].tolist())
        raise ValueError(f"{name} must be finite, got {array[index]} at index {index}")


def require_range(array: Any, name: str, low: int, high: int) -> None:
    require_finite(array, name)
    least, most = jnp.min(array).item(), jnp.max(array).item()
    if not low <= least <= most <= high:
        raise ValueError(f"{name} must lie between {low} and {high}, got values from {least} to {most}")


def require_simplex(array: Any, name: str) -> None:
    """Refuse rows that are no probabilities: outside [0, 1], or with a sum other than one."""
    require_range(array, name, 0, 1)
    total = jnp.sum(array, axis=1)
    # Normalising K numbers in floating point, and adding them up here, each cost up to one rounding per number.
    floating = jnp.issubdtype(total.dtype, jnp.floating)
    slack = 2 * array.shape[1] * jnp.spacing(jnp.ones((), total.dtype)) if floating else 0
    row = int(jnp.argmax(jnp.abs(total - 1)))
    if jnp.abs(total[row] - 1) > slack:
        raise ValueError(f"each row of {name} must sum to 1, got {total[row]} in row {row}")

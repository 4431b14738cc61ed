"""Refusals of bad input, each one sentence with the argument's name, what was expected and what was given.

Shapes and dtypes are known before anything runs, so they are checked on every call. Values are checked where they are
known: not in a program that `jax.jit` is tracing, and only once for each jax array, since such an array cannot change.
So a training loop never waits for a check after its first step.
"""

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, ParamSpec, TypeVar, get_args
from weakref import WeakValueDictionary

import jax
import jax.numpy as jnp

P = ParamSpec("P")
R = TypeVar("R")
ARRAY_TYPES = get_args(jax.typing.ArrayLike)  # jax and NumPy arrays, and Python scalars
Known = dict[str, tuple[int, str]]  # the size of each named dimension, and the argument that fixed it

_accepted: WeakValueDictionary[tuple[Any, ...], jax.Array] = WeakValueDictionary()


def first(check: Callable[..., None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run `check` on all arguments of a function before each call."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            check(**signature.bind(*args, **kwargs).arguments)
            return function(*args, **kwargs)

        return call

    return decorate


def checked(check: Callable[..., None], *, static: str | Sequence[str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a function but for its static arguments, and run `check` on all of them before each call."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        compiled: Callable[P, R] = jax.jit(function, static_argnames=static)
        return first(check)(functools.wraps(function)(compiled))

    return decorate


def once(rule: Callable[..., None], array: Any, *arguments: Any) -> None:
    """Apply `rule` to the values of `array`, unless the array is traced or has passed before."""
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


def _values(array: Any) -> Any:
    """The numbers that JAX has; from a CPU they are copied, since nothing is compiled then to look at them."""
    array = jnp.asarray(array)
    if isinstance(array, jax.core.Tracer) or any(device.platform != "cpu" for device in array.devices()):
        return array
    return jax.device_get(array)


def _first(where: Any) -> tuple[int, ...]:
    """The place of the first truth."""
    return tuple(int(axis[0]) for axis in where.nonzero()) if where.ndim else ()


def require_finite(array: Any, name: str) -> None:
    array = _values(array)
    if not jnp.issubdtype(array.dtype, jnp.floating):
        return
    finite = abs(array) <= float(jnp.finfo(array.dtype).max)
    if not finite.all():
        index = _first(~finite)
        raise ValueError(f"{name} must be finite, got {array[index]} at index {index}")


def require_range(array: Any, name: str, low: int, high: int) -> None:
    require_finite(array, name)
    array = _values(array)
    least, most = array.min().item(), array.max().item()
    if not low <= least <= most <= high:
        raise ValueError(f"{name} must lie between {low} and {high}, got values from {least} to {most}")


def require_simplex(array: Any, name: str) -> None:
    """Refuse rows that are not probabilities: with entries outside [0, 1], or with a sum other than 1."""
    require_range(array, name, 0, 1)
    total = _values(array).sum(axis=-1)
    # Normalising K numbers in floating point, and adding them up here, each cost up to one rounding per number.
    floating = jnp.issubdtype(total.dtype, jnp.floating)
    slack = 2 * jnp.shape(array)[-1] * jnp.finfo(total.dtype).eps if floating else 0
    wrong = abs(total - 1) > float(slack)
    if wrong.any():
        row = _first(wrong)
        raise ValueError(f"each row of {name} must sum to 1, got {total[row]} in row {', '.join(map(str, row)) or 0}")


def require_axes(name: str, array: Any, count: int) -> None:
    """Refuse an array with fewer axes, or with nothing along one of the last `count`."""
    shape = jnp.shape(array)
    if len(shape) < count or 0 in shape[len(shape) - count :]:
        axes = "1 axis that is not empty" if count == 1 else f"{count} axes that are not empty"
        raise ValueError(f"{name} must have at least {axes}, got shape {shape}")


def require_shape_of(name: str, array: Any, like_name: str, like: Any) -> None:
    if jnp.shape(array) != jnp.shape(like):
        raise ValueError(f"{name} must have shape {jnp.shape(like)} as {like_name}, got shape {jnp.shape(array)}")


def require_count(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")


def require_size(name: str, value: Any, *, zero: bool = False) -> None:
    """Refuse everything but finite positive numbers; with `zero`, accept zero, too."""
    if not isinstance(value, ARRAY_TYPES) or isinstance(value, bool | complex) or jnp.shape(value) != ():
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not (value >= 0 if zero else value > 0) or not math.isfinite(value):
        raise ValueError(f"{name} must be finite and {'at least' if zero else 'more than'} 0, got {value}")


def require_key(key: Any) -> None:
    if not isinstance(key, jax.Array) or key.shape != () or not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        raise TypeError(f"key must be one key as jax.random.key makes it, got {key!r}")


def require_start(parameters: Any) -> None:
    """Refuse parameters that are not finite reals; they may have any structure."""
    leaves = jax.tree.leaves(parameters)
    for array in leaves:
        require_reals("parameters", array)
        require_finite(array, "parameters")
    if sum(map(jnp.size, leaves)) == 0:
        raise ValueError("parameters must not be empty")


def require_data(data: Any) -> None:
    if not isinstance(data, tuple):
        raise TypeError(f"data must be a tuple of arrays, got {type(data).__name__}")
    for index, array in enumerate(data):
        require_numbers(f"data[{index}]", array)
        if jnp.size(array) == 0:
            raise ValueError(f"data[{index}] must not be empty, got shape {jnp.shape(array)}")


def require_examples(data: tuple[Any, ...]) -> int:
    """Refuse arrays that differ in their number of rows. Returns that number."""
    shapes = [jnp.shape(array) for array in data]
    if not shapes or len({shape[:1] for shape in shapes}) > 1 or shapes[0] == ():
        raise ValueError(f"the arrays of data must have the same number of rows, got shapes {shapes}")
    return shapes[0][0]


def require_like_parameters(name: str, given: Any, parameters: Any) -> None:
    """Match the shapes and dtypes of a function's result with parameters."""
    structure, expected = str(jax.tree.structure(given)), str(jax.tree.structure(parameters))
    if structure != expected:
        raise TypeError(f"{name} must have the structure of parameters, {expected}, got {structure}")
    for part, like in zip(jax.tree.leaves(given), jax.tree.leaves(parameters), strict=True):
        if not jnp.issubdtype(part.dtype, jnp.floating):
            raise TypeError(f"{name} must be floating-point numbers, got dtype {part.dtype}")
        if part.shape != jnp.shape(like):
            raise ValueError(f"{name} must have shape {jnp.shape(like)} as in parameters, got shape {part.shape}")


def require_scalar(name: str, given: Any) -> None:
    """Match the shape and dtype of a function's result with those of one real number."""
    if (
        not isinstance(given, jax.ShapeDtypeStruct)
        or given.shape != ()
        or not jnp.issubdtype(given.dtype, jnp.floating)
    ):
        raise TypeError(f"{name} must be one floating-point number, got {given}")

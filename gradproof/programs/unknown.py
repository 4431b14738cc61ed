"""Unknown functions as JAX primitives: any activation, any loss, and all of their derivatives.

`unknown` with `event=False` is an element-wise f and its derivatives f', f'', ...; with `event=True` a real function
of a vector, whose derivative of order k is an array with k axes more, symmetric in them. JAX differentiates one
order into the next; the exact engine knows nothing of them but that equal arguments give equal values.

To run in floating point, each name stands for one concrete function, a sum of sines: every order of it is known,
bounded and unlike any other's.
"""

import hashlib
import math
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from gradproof.errors import GradproofError

TERMS = 2

unknown_p = Primitive("unknown")


@cache
def waves(name: str, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Amplitudes (T,), frequencies (T, count) and phases (T,) of the sines a name stands for."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    generator = np.random.default_rng(seed)
    amplitudes = generator.integers(4, 9, TERMS) / 8
    # No two terms have one frequency.
    columns = [generator.permutation(np.arange(3, 10))[:TERMS] / 8 for _ in range(max(count, 1))]
    frequencies = np.stack(columns, axis=1)
    return amplitudes, frequencies[:, :count] if count else frequencies[:, 0], generator.integers(1, 25, TERMS) / 8


def sines(sine: Any, x: Any, name: str, order: int, event: bool) -> Any:
    """The concrete function of a name, from a given `sine`; `x` is anything with numpy's operators."""
    count = x.shape[-1] if event else 0
    amplitudes, frequencies, phases = waves(name, count)
    total = None
    for amplitude, frequency, phase in zip(amplitudes, frequencies, phases, strict=True):
        angle = sum(x[..., k] * float(frequency[k]) for k in range(count)) if event else x * float(frequency)
        value = sine(angle + (float(phase) + order * math.pi / 2)) * float(amplitude)
        if event:
            for _ in range(order):
                value = value[..., None] * frequency.reshape((1,) * (value.ndim) + (count,)).astype(x.dtype)
        else:
            value = value * float(frequency) ** order
        total = value if total is None else total + value
    return total


def _shape(x: Any, *, name: Any, order: Any, event: Any) -> Any:
    shape = x.shape[:-1] + (x.shape[-1],) * order if event else x.shape
    return jax.core.ShapedArray(shape, x.dtype)


def _evaluate(x: Any, *, name: Any, order: Any, event: Any) -> Any:
    return sines(jnp.sin, x, name, order, event)


unknown_p.def_abstract_eval(_shape)
unknown_p.def_impl(jax.jit(_evaluate, static_argnames=("name", "order", "event")))
mlir.register_lowering(unknown_p, mlir.lower_fun(_evaluate, multiple_results=False))


def _jvp(primals: Any, tangents: Any, *, name: Any, order: Any, event: Any) -> Any:
    (x,), (direction,) = primals, tangents
    value = unknown_p.bind(x, name=name, order=order, event=event)
    if isinstance(direction, ad.Zero):
        return value, ad.zeros_like_aval(jax.typeof(value))
    slope = unknown_p.bind(x, name=name, order=order + 1, event=event)
    if not event:
        return value, slope * direction
    batch = tuple(range(x.ndim - 1))
    return value, jax.lax.dot_general(slope, direction, (((slope.ndim - 1,), (x.ndim - 1,)), (batch, batch)))


ad.primitive_jvps[unknown_p] = _jvp


def _batched(args: Any, axes: Any, **params: Any) -> Any:
    return unknown_p.bind(jnp.moveaxis(args[0], axes[0], 0), **params), 0


batching.primitive_batchers[unknown_p] = _batched


def function(name: str) -> Any:
    """An unknown element-wise function of this name."""

    def call(*arrays: Any) -> Any:
        if len(arrays) != 1:
            raise GradproofError(
                f"{name} stands for a function of one real, and is called with {len(arrays)} arguments; Functional() "
                "takes several"
            )
        return unknown_p.bind(jnp.asarray(arrays[0]), name=name, order=0, event=False)

    return call


def functional(name: str) -> Any:
    """An unknown real function of whole arrays of this name."""

    def call(*arrays: Any) -> Any:
        flat = jnp.concatenate([jnp.ravel(jnp.asarray(array)) for array in arrays])
        return unknown_p.bind(flat, name=name, order=0, event=True)

    return call

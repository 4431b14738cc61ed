"""What a rule may ask of the evaluator that runs it: programs to be run, and arrays of either kind to be rearranged.

Arrays are numbers of the arithmetic where a program has floats, and numpy's where it has integers or truth values.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from gradproof.errors import Undecided
from gradproof.interpreter.arithmetic import Arithmetic
from gradproof.interpreter.positions import Positions

_PLAIN = np.ndarray, np.generic, float, int, bool


class Running(ABC):
    """A program that is being run in one arithmetic."""

    def __init__(self, arithmetic: Arithmetic):
        self.arithmetic = arithmetic

    @abstractmethod
    def run(self, jaxpr: core.Jaxpr, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
        """The outputs of a jaxpr; constants and arguments are numpy arrays or numbers of the arithmetic."""

    @abstractmethod
    def within(self, arithmetic: Arithmetic) -> Self:
        """One that runs programs by the same rules in another arithmetic."""

    def run_closed(self, closed: core.ClosedJaxpr, arguments: Sequence[Any]) -> list[Any]:
        return self.run(closed.jaxpr, closed.consts, arguments)

    def known(self, value: Any) -> Any:
        """A constant of a program: a number if it is a float, numpy if not."""
        # Of keys of random numbers nothing is known; whichever primitive takes one is undecided.
        if not (isinstance(value, _PLAIN) or (isinstance(value, jax.Array) and not _is_extended(value.dtype))):
            return value
        array = np.asarray(value)
        if array.dtype.kind in "biu":
            return array
        if array.dtype.kind == "c":
            raise Undecided("complex numbers are not supported")
        return self.arithmetic.constant(array)

    def number(self, value: Any) -> Any:
        return self.arithmetic.constant(value) if is_whole(value) else value

    def numbers(self, values: Sequence[Any]) -> list[Any]:
        """Numbers of one shape: the rules of JAX's own primitives let axes of length one be spread."""
        shapes = {value.shape for value in values}
        shape = shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)
        return [self.spread(self.number(value), shape) for value in values]

    def spread(self, x: Any, shape: tuple[int, ...]) -> Any:
        """The same, repeated along axes that it does not have or that are of length one."""
        return x if x.shape == shape else self.moved(lambda a: np.broadcast_to(a, shape), x)

    def moved(self, rule: Callable[..., Any], *inputs: Any) -> Any:
        """Apply a rule that only moves elements, to positions in place of the numbers themselves."""
        if all(isinstance(value, np.ndarray) for value in inputs):
            whole = rule(*inputs)
            return list(map(np.asarray, whole)) if isinstance(whole, list | tuple) else np.asarray(whole)
        pool, arguments = self.positions(inputs)
        out = rule(*arguments)
        if isinstance(out, list | tuple):
            return [self.arithmetic.take(pool, index) for index in out]
        return self.arithmetic.take(pool, out)

    def positions(self, inputs: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The numbers among the inputs, and the inputs with positions in their place; integers and conditions stay."""
        pool: list[Any] = []
        arguments: list[Any] = []
        start = 0
        for place, value in enumerate(inputs):
            if is_whole(value) and (value.dtype.kind in "iu" or (place == 0 and value.dtype == bool)):
                arguments.append(value)
                continue
            number = self.number(value)
            size = math.prod(number.shape)
            arguments.append(np.arange(start, start + size).reshape(number.shape).view(Positions))
            pool.append(number)
            start += size
        return pool, arguments

    def last(self, x: Any, axes: Sequence[int]) -> Any:
        """Move axes to the end and merge them into one."""
        rest = [axis for axis in range(len(x.shape)) if axis not in axes]
        shape = [x.shape[axis] for axis in rest] + [math.prod(x.shape[axis] for axis in axes)]
        return self.moved(lambda a: a.transpose([*rest, *axes]).reshape(shape), x)


def is_whole(value: Any) -> bool:
    """Whether a value is an array of integers or truth values: NumPy's, or one that NumPy's functions apply to."""
    return isinstance(value, np.generic) or hasattr(value, "__array_ufunc__")


def is_real(aval: Any) -> bool:
    """Whether a value is of numbers of the arithmetic."""
    # JAX's own types, as that of keys of random numbers, are none of NumPy's.
    return isinstance(aval.dtype, np.dtype) and aval.dtype.kind not in "biu"


def _is_extended(dtype: Any) -> bool:
    return bool(jnp.issubdtype(dtype, jax.dtypes.extended))


def is_true(holds: Any) -> bool:
    """Whether something holds everywhere: in all elements and, where it may differ, in all regions."""
    return isinstance(holds, np.ndarray | np.generic) and bool(np.all(holds))

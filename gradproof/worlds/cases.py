"""Integers and truth values that are not the same in every world.

They are arrays to NumPy: a function of NumPy is applied in each world, and an element of the result depends on the
atoms that the elements of the arguments do.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from gradproof.worlds.atoms import Atoms, filled, one_union, union

Whole = Any
"""A NumPy array, or `Cases`."""


ELEMENTWISE = frozenset({np.where, np.clip, np.nan_to_num, np.copy})
MOVING = frozenset({np.broadcast_to, np.concatenate, np.stack, np.expand_dims, np.transpose, np.flip, np.ravel})
REDUCING = frozenset({np.sum, np.prod, np.max, np.min, np.all, np.any, np.argmax, np.argmin})


class Cases(NDArrayOperatorsMixin):
    """An array for each world.

    Arguments:
        values: of shape (worlds, *shape).
        support: the atoms that each element depends on.
    """

    def __init__(self, atoms: Atoms, values: np.ndarray, support: np.ndarray):
        self.atoms, self.values, self.support = atoms, values, support

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape[1:]

    @property
    def ndim(self) -> int:
        return self.values.ndim - 1

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.values.dtype

    def __bool__(self) -> bool:
        raise TypeError("what differs from world to world is neither true nor false")

    def astype(self, dtype: Any) -> Whole:
        return made(self.atoms, self.values.astype(dtype), self.support)

    def reshape(self, *shape: Any) -> Whole:
        return self.rearranged(lambda x: x.reshape(*shape))

    def ravel(self) -> Whole:
        return self.rearranged(np.ravel)

    def transpose(self, *axes: Any) -> Whole:
        return self.rearranged(lambda x: x.transpose(*axes))

    def __getitem__(self, index: Any) -> Whole:
        return self.rearranged(lambda x: x[index])

    def in_front_of(self, rank: int) -> np.ndarray:
        """The values, with the worlds in front of as many axes."""
        return self.values.reshape(len(self.values), *(1,) * (rank - self.ndim), *self.shape)

    def rearranged(self, function: Callable[[np.ndarray], Any]) -> Whole:
        """What moves elements, and makes none."""
        values = np.stack([np.asarray(function(value)) for value in self.values])
        support = np.empty(values.shape[1:], object)
        support[...] = function(self.support)
        return made(self.atoms, values, support)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Whole:
        if method != "__call__" or kwargs.get("out") is not None or ufunc.signature is not None:
            return NotImplemented
        shape = _shape(inputs)
        support = union(*(np.broadcast_to(x.support, shape) for x in inputs if isinstance(x, Cases)))
        # In all worlds at once: they are one more axis in front.
        found = ufunc(*(x.in_front_of(len(shape)) if isinstance(x, Cases) else x for x in inputs), **kwargs)
        return [made(self.atoms, x, support) for x in found] if ufunc.nout > 1 else made(self.atoms, found, support)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Whole:
        """Where it is not known which elements make which, all do."""
        if function in ELEMENTWISE:
            shape = _shape(args)
            support = union(*(np.broadcast_to(x.support, shape) for x in args if isinstance(x, Cases)))
            return self._each_world(function, args, kwargs, support)
        if function in MOVING:
            support = np.asarray(function(*_supports(args), **kwargs), object)
            return self._each_world(function, args, kwargs, support)
        if function in REDUCING and isinstance(args[0], Cases):
            axis = kwargs.get("axis", args[1] if len(args) > 1 else None)
            axes = tuple(range(self.ndim)) if axis is None else axis
            support = np.asarray(np.bitwise_or.reduce(args[0].support, axis=axes), object)
            return self._each_world(function, args, kwargs, support)
        total = 0
        for x in _cases(args):
            total |= one_union(x.support)
        return self._each_world(function, args, kwargs, total)

    def _each_world(self, function: Any, args: Any, kwargs: Mapping[str, Any], support: Any) -> Whole:
        results = [function(*_in_world(args, w), **_in_world(kwargs, w)) for w in range(self.atoms.worlds)]
        if isinstance(results[0], list | tuple):
            return [self._joined(parts, support) for parts in zip(*results, strict=True)]
        return self._joined(results, support)

    def _joined(self, results: Sequence[Any], support: Any) -> Whole:
        values = np.stack([np.asarray(result) for result in results])
        if not isinstance(support, np.ndarray):
            support = filled(support, values.shape[1:])
        return made(self.atoms, values, support)


def made(atoms: Atoms, values: np.ndarray, support: np.ndarray | None) -> Whole:
    """An array of NumPy where it is the same in every world."""
    if support is None or len(values) == 1:
        return np.asarray(values[0])
    same = (values == values[:1]) | ((values != values) & (values[:1] != values[:1]))
    rest = atoms.settled(np.asarray(same.all(axis=0)), support)
    return np.asarray(values[0]) if rest is None else Cases(atoms, values, rest)


def worlds_of(x: Whole) -> np.ndarray:
    """The array of each world: a single one where all are the same."""
    return x.values if isinstance(x, Cases) else np.asarray(x)[None]


def support_of(x: Whole) -> np.ndarray | None:
    return x.support if isinstance(x, Cases) else None


def _shape(inputs: Sequence[Any]) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(x) if not isinstance(x, Cases) else x.shape for x in inputs))


def _supports(x: Any) -> Any:
    """In place of arrays; what is no array stays."""
    if isinstance(x, Cases):
        return x.support
    if isinstance(x, np.ndarray):
        return np.zeros(x.shape, object)
    return type(x)(map(_supports, x)) if isinstance(x, list | tuple) else x


def _cases(x: Any) -> list[Cases]:
    if isinstance(x, Cases):
        return [x]
    if isinstance(x, Mapping):
        x = list(x.values())
    return [case for item in x for case in _cases(item)] if isinstance(x, list | tuple) else []


def _in_world(x: Any, world: int) -> Any:
    if isinstance(x, Cases):
        return x.values[world]
    if isinstance(x, Mapping):
        return {key: _in_world(item, world) for key, item in x.items()}
    if isinstance(x, list | tuple):
        return type(x)(_in_world(item, world) for item in x)
    return x
